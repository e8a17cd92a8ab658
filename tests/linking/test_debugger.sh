#!/usr/bin/env bash
# gdb: a breakpoint on a line of a block stops in the body that runs, be it the twin or the original;
# backtraces, variables and steps are those of the source.
. "$(dirname "$0")/../tools/check.sh"
flags=${2-} # those that the runtime was built with (sanitizers)
source=$here/debugged.c

line() { grep -n "/\* $1 \*/" "$source" | cut -d: -f1; }

# debug MODE COMMAND...: out is what gdb says.
debug() {
    local mode=$1 command
    local arguments=(-q -nx -batch -ex "set style enabled off" -ex "set width 0"
        -ex "skip -rfu ^ame_" -ex "set environment AME_MODE $mode")
    shift
    for command; do
        arguments+=(-ex "$command")
    done
    # LeakSanitizer does not work under ptrace.
    ASAN_OPTIONS=detect_leaks=0 run 0 timeout 60 gdb "${arguments[@]}" ./debugged
    has out "result 19"
}

check() {
    local mode=$1
    debug "$mode" "break $(line 'in block')" run backtrace "print inside" "info locals" next \
        "print shared" step "print amount" backtrace finish next continue
    has out "(2 locations)" "work.ame_body () at $source:$(line 'in block')" "main () at $source" \
        "work (parameter=" "\$1 = 7" "inside = 7" "$(line 'next in block')"$'\t' "\$2 = 12" \
        "helper (amount=7) at $source:" "\$3 = 7" \
        "Value returned is \$4 = 19" "$(line 'after the call')"$'\t'
    [ "$(grep -c '^Breakpoint 1\.[0-9]*, ' out)" = 1 ] || fail "stopped not once: $(cat out)"
    grep '^Breakpoint 1\.' out | cut -d' ' -f2 >>places
    debug "$mode" "break helper" run "info locals" next next "print before" continue
    has out "helper (amount=7)" "$(line 'next in helper')"$'\t'
}

for level in -O0 -Og; do
    # shellcheck disable=SC2086
    run 0 "$ame" cc $flags $level -g "$source" -o debugged
    rm -f places
    check stm
    check serial
    [ "$(sort -u places | wc -l)" = 2 ] || fail "twin and original stop at the same place"
done

# Optimized, what is left of the variables is shown.
# shellcheck disable=SC2086
run 0 "$ame" cc $flags -O2 -g "$source" -o debugged
for mode in stm serial; do
    debug $mode "break $(line 'in block')" run backtrace continue
    has out "work.ame_body () at $source:$(line 'in block')" "main () at $source"
done
finish
