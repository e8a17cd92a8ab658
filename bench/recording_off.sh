#!/usr/bin/env bash
# What the recorder costs when nothing is recorded: instructions of a block in software, as it is and
# with all tests of whether something is recorded compiled out of the runtime (by valgrind).
#   recording_off.sh [BUILD]
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-build/release}" && pwd) || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "recording_off.sh: $*" >&2
    exit 2
}

command -v valgrind >/dev/null || fail "no valgrind here, which counts: apt-get install valgrind"
[ -x "$build/tools/ame" ] || fail "no $build/tools/ame; build first: cmake --build --preset release"

# runtime NAME OPTIONS...: compiles it, and the program with it.
runtime() {
    local name=$1 source
    shift
    mkdir "$work/$name"
    for source in "$here"/../runtime/*/*.c; do
        printf '%s\0%s\0' "$source" \
            "$work/$name/$(basename "$(dirname "$source")")-$(basename "$source").o"
    done | xargs -0 -n 2 -P "$(nproc)" clang-19 -std=gnu11 -O2 -fPIC -fvisibility=hidden \
        -I"$here/../include" -I"$here/../runtime" "$@" -c -o /dev/null 2>/dev/null
}
