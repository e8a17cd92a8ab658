#!/usr/bin/env bash
# What is recorded beyond conflicts: sleeps in atomic_retry() and who ended them, merges of counts,
# allocations; in each mode, in which each thread's time adds up, too.
. "$(dirname "$0")/check.sh"
json_check=$2
flags=${3-} # those that the runtime was built with (sanitizers)

line() { grep -n "LINE-$1" "$here/events.c" | cut -d: -f1; }
# shellcheck disable=SC2086
run 0 "$ame" cc $flags -g -O2 -Wall -Werror "$here/events.c" -o events
for mode in stm auto hybrid simulated; do
    AME_MODE=$mode run 0 "$ame" record ./events
    run 0 "$ame" report
    awk 'length > 80 { exit 1 }' out || fail "wider than 80 columns: $(cat out)"
    tr -s ' \n' ' ' <out >joined
    has joined "Retries: blocks that slept until something changed" "take (" "events.c:$(line retry))" "asleep; woken" \
        "blocks 100 committed"
    awk '/^Threads/ { on = 1; getline; next } /^$/ { on = 0 }
         on { threads++; sum = $(NF - 1); if (sum < 99.5 || sum > 100.5) exit 1 }
         END { exit threads != 2 }' out || fail "$mode: time is not conserved: $(cat out)"
    # All but a moment of the consumer's time is the sleep.
    awk '/ asleep; woken / { for (i = 1; i < NF; i++) if ($(i + 1) == "s" && $(i + 2) == "asleep;") s += $i }
         END { exit !(s > .05 && s < 5) }' out || fail "$mode: slept otherwise: $(cat out)"
    [ $mode = stm ] || continue
    has joined "woken by produce (" "events.c:$(line put))"
    run 0 "$ame" stat -i ame.data
    tr -s ' \n' ' ' <out >joined
    has joined "merged 1.0 counts each commit" "slept in atomic_retry(), woken"
    grep -qE "allocated +4[0-9]{3}  bytes each commit, at most 4[0-9]{3}" out ||
        fail "what a block allocates: $(cat out)"
    [ "$(grep -c allocated out)" = 1 ] || fail "another block has allocated nothing: $(cat out)"
    run 0 "$ame" export
    "$json_check" out /by_site "*" /by_field "*" /by_type "*" /blocks/0/bytes_allocated_most "*" \
        /blocks/0/counts_merged_in_timed 50 /blocks/0/left_hardware 0 /blocks/0/commits_timed 50 ||
        fail "the JSON of it"
    has out '"reason": "retried"'
done

# Hardware says why it gave up.
if [ -z "$flags" ] && "$ame" info | grep -q '^hardware *works'; then
    AME_MODE=htm run 0 "$ame" record ./events
    run 0 "$ame" export
    grep -qE '"hardware_code": *[1-9]' out || fail "no abort code of the processor: $(cat out)"
fi
finish
