#!/usr/bin/env bash
# More aborts than there is time to record: most are merely counted. All counts are those of the
# runtime, time adds up, what is rare is there, and the report says how many it knows one by one.
. "$(dirname "$0")/check.sh"
json_check=$2
flags=${3-} # those that the runtime was built with (sanitizers)

line() { grep -n "LINE-$1" "$here/counted.c" | cut -d: -f1; }

# sum MEMBER: over all lines of the JSON that have it.
sum() { sed -nE "s/^ *\"$1\": *([0-9]+),?$/\\1/p" out | awk '{ sum += $1 } END { printf "%d", sum }'; }

# shellcheck disable=SC2086
run 0 "$ame" cc $flags -g -O2 -Wall -Werror "$here/counted.c" -o counted
# One thread, of whose attempts in hardware half are aborted.
AME_MODE=simulated AME_SIMULATED=7,50,0,0 run 0 "$ame" record ./counted
read -r hardware software alone aborts <out
[ "$aborts" -gt 50000 ] || fail "only $aborts aborts"

run 0 "$ame" export
"$json_check" out /threads/0/commits_hardware "$hardware" /threads/0/commits_software "$software" \
    /threads/0/commits_alone "$alone" /threads/0/left_hardware "$software" /threads/0/aborts "$aborts" /advice/0/advice record-in-software \
    /advice/0/place "null" || fail "the totals are not $hardware, $software, $alone, $aborts"
sed -nE '/"blocks": *\[/,/^  "advice"/p' out >blocks
awk -F'[:,]' '/"count":/ { count += $2 } /"recorded":/ { recorded += $2 } END { print count, recorded }' blocks >sums
read -r count recorded <sums
[ "$count" = "$aborts" ] || fail "$count of $aborts aborts have a reason"
[ "$recorded" -ge 16 ] && [ "$recorded" -lt $((aborts / 2)) ] || fail "$recorded of $aborts aborts were recorded"
has blocks "\"line\": $(line often)" "\"line\": $(line rarely)"

run 0 "$ame" report
tr -s ' \n' ' ' <out >joined
has joined "aborts and waits were recorded one by one, the rest counted"
awk '/^What to change first/ { getline; print }' out | grep -q "counted.c:$(line often))" ||
    fail "the first entry is of another line: $(cat out)"
awk 'length > 80 { exit 1 }' out || fail "wider than 80 columns: $(cat out)"
awk '/^Threads/ { on = 1; getline; next } /^$/ { on = 0 }
     on { threads++; sum = $(NF - 1); if (sum < 99.9 || sum > 100.1) exit 1 }
     END { exit threads != 1 }' out || fail "time is not conserved: $(cat out)"

# Each tick is in one stack, though what was counted lost about so much.
run 0 "$ame" export
total=$(sed -nE 's/^ *"all_threads_s": *([0-9.e-]+),?$/\1/p' out)
run 0 "$ame" export -f folded
awk -v total="$total" '{ sum += $NF } END { d = sum / 1e6 - total; exit !(d < 1e-4 && d > -1e-4) }' out ||
    fail "the stacks do not add up to $total s: $(cat out)"
# In the timeline are those of which the moment is known.
run 0 "$ame" export -f chrome
grep -q '"stands_for"' out || fail "nothing stands for others"
[ "$(grep -c '"cat":"wasted"' out)" -le "$recorded" ] || fail "more slices than records"
finish
