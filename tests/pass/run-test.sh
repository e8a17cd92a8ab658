#!/usr/bin/env bash
# Runs the "RUN:" lines of one test; each is a shell command that must succeed.
#   run-test.sh TEST SCRATCH_DIRECTORY
# with CLANG, OPT, FILECHECK, PLUGIN, CLANG_PLUGIN, COUNTING (the object file of the counting
# runtime) and INCLUDE in the environment. In a line
#   %s      the test, %S its directory, %t a scratch file of its own, %T the tests' directory
#   %clang  the compiler with the plugin, %plain without, %opt LLVM's opt with the plugin
#   %checked the compiler with the plugin for clang too
#   %gnutm  the compiler with both plugins and GCC's transactions, without -std
#   %counting the counting runtime
#   %level  makes the line run once for each optimization level
# A test with the line "REQUIRES: option" is skipped (exit code 77) if clang can't link with it.
set -u
export AME_VERIFY=1
test_file=$(realpath "$1")
scratch=$2
mkdir -p "$scratch"
name=$(basename "$test_file")
tests=$(dirname "$(realpath "$0")")
plain="$CLANG -std=c11 -Wall -Wextra -I$INCLUDE -I$tests"
gnutm="$CLANG -Wall -Wextra -Wshadow -I$INCLUDE -fpass-plugin=$PLUGIN -fplugin=$CLANG_PLUGIN"
gnutm+=" -fplugin-arg-ame-gnu-tm -include ame/gnu_tm.h"

expand() {
    local line=$1
    line=${line//%clang/$plain -fpass-plugin=$PLUGIN}
    line=${line//%checked/$plain -fpass-plugin=$PLUGIN -fplugin=$CLANG_PLUGIN}
    line=${line//%plain/$plain}
    line=${line//%gnutm/$gnutm}
    line=${line//%opt/$OPT -load-pass-plugin=$PLUGIN}
    line=${line//%FileCheck/$FILECHECK}
    line=${line//%counting/$COUNTING}
    line=${line//%level/$2}
    line=${line//%s/$test_file}
    line=${line//%S/$(dirname "$test_file")}
    line=${line//%T/$tests}
    line=${line//%t/$scratch/$name$2}
    printf '%s' "$line"
}

ran=0
run() {
    local command
    command=$(expand "$1" "$2")
    ran=$((ran + 1))
    if ! bash -o pipefail -c "$command"; then
        echo "failed: $command" >&2
        exit 1
    fi
}

while IFS= read -r option; do
    if ! echo 'int main(void) { return 0; }' |
        $CLANG $option -x c - -o "$scratch/$name.probe" 2>/dev/null; then
        echo "skipped: clang can't link with $option"
        exit 77
    fi
done < <(sed -n 's/.*REQUIRES: //p' "$test_file")

while IFS= read -r line; do
    if [[ $line == *%level* ]]; then
        for level in -O0 -O1 -O2 -O3 -Os; do
            run "$line" $level
        done
    else
        run "$line" ""
    fi
done < <(sed -n 's/.*RUN: //p' "$test_file")

if [[ $ran == 0 ]]; then
    echo "$1 has no RUN line" >&2
    exit 1
fi
