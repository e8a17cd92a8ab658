#!/usr/bin/env bash
# readme.sh SOURCE TRANSFER: the README's program is the sample, and prints what it says.
set -u
source=$1 program=$2
shown=$(sed -n '/^```c$/,/^```$/p' "$source/README.md" | sed '1d;$d')
[ "$shown" = "$(cat "$source/samples/transfer.c")" ] ||
    { echo "README.md does not show samples/transfer.c as it is"; exit 1; }
said=$(sed -n '/\.\/transfer$/{n;s/^ *//;p;q}' "$source/README.md")
printed=$("$program") || exit 1
[ "$printed" = "$said" ] || { echo "README.md says '$said', the program prints '$printed'"; exit 1; }
