#!/usr/bin/env bash
# The command itself: help, version, mistakes, info.
. "$(dirname "$0")/check.sh"

run 0 "$ame" help
has out "usage: ame COMMAND" cc record report stat annotate diff timeline export info
run 0 "$ame" --help
has out "usage: ame COMMAND"
for command in cc record report stat annotate diff timeline export info; do
    run 0 "$ame" help $command
    has out "usage: ame $command"
    awk 'length > 80 { exit 1 }' out || fail "help $command is wider than 80 columns"
    run 0 "$ame" $command --help
    has out "usage: ame $command"
done
run 0 "$ame" --version
grep -Eqx 'ame [0-9]+\.[0-9]+\.[0-9]+' out || fail "version: $(cat out)"

run 2 "$ame"
one_message
run 2 "$ame" explode
one_message
has err "explode" "ame help"
run 2 "$ame" help explode
one_message

run 0 "$ame" info
has out "AME_MODE" "hardware" "64 bytes" "clang" "libame-pass.so" "libame-clang.so" "libame.a" "headers"
AME_MODE=serial run 0 "$ame" info
has out "serial (AME_MODE)"
run 2 "$ame" info more
one_message

run 1 bash -c '"$0" help >/dev/full' "$ame"
one_message
finish
