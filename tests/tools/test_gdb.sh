#!/usr/bin/env bash
# The gdb script: blocks, what they have read and written, and for whom they wait.
. "$(dirname "$0")/check.sh"
flags=${2-} # those that the runtime was built with (sanitizers)
script=$here/../../tools/gdb/ame.py

line() { grep -n "LINE-$1" "$here/waiting.c" | cut -d: -f1; }
# debug STATUS ARGUMENTS...
debug() {
    local status=$1
    shift
    # LeakSanitizer does not work under ptrace.
    ASAN_OPTIONS=detect_leaks=0 AME_MODE=stm run "$status" timeout 100 gdb -q -nx -batch -ex "set width 0" \
        -ex "set style enabled off" -ex "source $script" "$@"
}

# shellcheck disable=SC2086
run 0 "$ame" cc $flags -g -O2 "$here/waiting.c" -o waiting
debug 0 -ex "break stop_here" -ex run -ex "ame blocks" -ex continue ./waiting
has out "block in holder (" "in software; 1 lines read, 1 locked" "<seen>, at $here/waiting.c:$(line write)" \
    "<held>, 8 bytes" "block in waiter (" "waiting.c:$(line block))" "0 lines read, 0 locked"
grep -qE "waits   for (thread 2|another thread) at 0x[0-9a-f]+ <held>, at $here/waiting.c:$(line wait)$" out || fail "the second does not wait: $(cat out)"
has out "held 7" # the program went on to its end
debug 1 -ex "ame blocks" ./waiting
has err "the program does not run"
debug 1 -ex "ame blocks" /bin/true
has err "no debug information of ame's runtime"
finish
