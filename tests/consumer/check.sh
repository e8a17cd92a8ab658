#!/usr/bin/env bash
# check.sh BUILD WORK PROJECT COMPILER [FLAG]...: whether an installed ame can be used, by
# CMake and by its own command, from another place than where it was built.
set -eu
build=$1 work=$2 project=$3 compiler=$4
flags=${*:5}

rm -rf "$work"
mkdir -p "$work"
"$CMAKE" --install "$build" --prefix "$work/installed" >/dev/null
# Nothing may remember where it was installed.
mv "$work/installed" "$work/moved"

"$CMAKE" -G Ninja -S "$project" -B "$work/project" -DCMAKE_C_COMPILER="$compiler" \
    -DCMAKE_C_FLAGS="$flags" -DCMAKE_PREFIX_PATH="$work/moved"
"$CMAKE" --build "$work/project"
expected="0 1000 in 1000 blocks"
result=$("$work/project/consumer")
[ "$result" = "$expected" ] || {
    echo "CMake's program printed \"$result\", not \"$expected\""
    exit 1
}

cd "$project"
# shellcheck disable=SC2086
"$work/moved/bin/ame" cc $flags -O2 account.c main.c -o "$work/by-command"
result=$("$work/by-command")
[ "$result" = "$expected" ] || {
    echo "the program of ame cc printed \"$result\", not \"$expected\""
    exit 1
}

# Another compiler (pretended, since none may be here) is refused with a reason.
if "$CMAKE" -G Ninja -S "$project" -B "$work/refused" -DCMAKE_PREFIX_PATH="$work/moved" \
    -DCMAKE_C_COMPILER="$compiler" -DCMAKE_C_COMPILER_FORCED=ON -DCMAKE_C_COMPILER_ID_RUN=ON \
    -DCMAKE_C_COMPILER_ID=GNU -DCMAKE_C_COMPILER_VERSION=12.2 >"$work/refused.log" 2>&1 ||
    ! tr -s ' \n' ' ' <"$work/refused.log" | grep -q 'for clang 19, not for GNU 12.2'; then
    echo "a compiler that is not clang 19 was not refused as it should be:"
    cat "$work/refused.log"
    exit 1
fi
