#!/usr/bin/env bash
# ame export: JSON by its schema, collapsed stacks, the timeline.
. "$(dirname "$0")/check.sh"
places=$2 json_check=$3

line() { grep -n "LINE-$1" "$here/places.c" | cut -d: -f1; }
json() { "$json_check" out "$@" || fail "JSON: $*"; }

run 0 "$ame" record "$places"
run 0 "$ame" export
json /format ame-report /version 1 /process/pid "*" /process/program "$places" \
    /process/started_unix_s "*" /process/lasted_s "*" /process/whole true /process/damaged_at_byte null \
    /all_threads_s "*" /threads/0/thread 0 /threads/0/wall_s "*" /threads/0/committed_s "*" \
    /threads/0/wasted_s "*" /threads/0/waiting_s "*" /threads/0/outside_s "*" \
    /threads/0/events_dropped 0 /threads/0/commits_hardware 1 /threads/0/commits_software 1 \
    /threads/0/commits_alone 0 /threads/0/alone_s "*" /threads/0/aborts 7 \
    /blocks/0/name "worker (bank.c:40)" /blocks/0/file bank.c /blocks/0/line 40 \
    /blocks/0/no_transactional_version false /blocks/0/events/0/reason read-changed \
    /blocks/0/events/0/count 3 /blocks/0/events/0/lost_s "*" \
    /blocks/0/events/0/place/line "$(line sum)" /blocks/0/events/0/other_block/name "*" \
    /blocks/0/events/0/call null /conflicts/0/number 1 /conflicts/0/kind read-write \
    /conflicts/0/aborts 5 /conflicts/0/waits 1 /conflicts/0/lost_share "*" \
    /conflicts/0/threads_modulo_64/0 0 /conflicts/0/sides/0/access writes \
    /conflicts/0/sides/0/place/inlined_in/0/function transfer \
    /conflicts/0/sides/1/block/name "worker (bank.c:40)" \
    /advice/0/advice split-or-shorten-block /advice/0/do "*" /advice/0/because "*" \
    /advice/0/conflicts/0 1 /advice/0/place/file "$here/places.c" /advice/0/lost_s "*"
run 0 "$ame" record "$places" neighbours
run 0 "$ame" export -f json -i ame.data
json /conflicts/0/overlap false-sharing /conflicts/1/overlap record-collision \
    /conflicts/2/overlap true-conflict /conflicts/0/sides/0/data/0/name first_account.money \
    /conflicts/0/sides/0/data/0/type long /conflicts/0/sides/0/data/0/static true \
    /advice/0/advice mark-immutable /advice/0/data "first_account.number, first_account.money"

# Each tick once: the lines add up to the time of all threads.
run 0 "$ame" record "$places"
run 0 "$ame" export
total=$(sed -n 's/.*"all_threads_s": *\([0-9.]*\).*/\1/p' out)
run 0 "$ame" export -f folded
awk -v total="$total" '{ sum += $NF } END { d = sum / 1e6 - total; exit !(d < 1e-4 && d > -1e-4) }' out ||
    fail "the stacks do not add up to $total s: $(cat out)"
grep -qE "^pay \(.*\);pay \(.*\);transfer \(.*\);take \(.*\);\[wounded\] [0-9]+$" out ||
    fail "no stack with its inlined calls: $(cat out)"
has out "worker (bank.c:40);[committed] " "outside of blocks;[outside] "

run 0 "$ame" export -f chrome
json /traceEvents/0/ph M /traceEvents/0/args/name "thread 0" /traceEvents/1/ph C \
    /traceEvents/1/args/outside "*"
grep -m1 '"ph":"X"' out | sed 's/,$//' >slice
"$json_check" slice /name read-changed /cat wasted /ts "*" /dur "*" /args/block "worker (bank.c:40)" \
    /args/place/line "$(line sum)" /args/other_place/line "$(line take)" || fail "a slice of the timeline"
has out '"name":"long-commit"' '"cat":"committed"'
[ "$(grep -c '"ph":"X"' out)" = 9 ] || fail "not each event: $(cat out)"

run 1 "$ame" export -i nothing
one_message
run 2 "$ame" export -f yaml
one_message
run 2 "$ame" export extra
one_message
run 2 "$ame" export --what
one_message
finish
