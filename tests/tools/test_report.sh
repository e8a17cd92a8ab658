#!/usr/bin/env bash
# ame report: what it says of recordings of known content.
. "$(dirname "$0")/check.sh"
places=$2 stripped=$3

line() { grep -n "LINE-$1" "$here/places.c" | cut -d: -f1; }
narrow() { awk 'length > 80 { exit 1 }' out || fail "wider than 80 columns: $(cat out)"; }

run 0 "$ame" record "$places"
run 0 "$ame" report
narrow
has out "2 committed, 7 attempts aborted" "1 thread with blocks"
has out "worker (bank.c:40)"
# A block without a file is named by its function's declaration.
pay=$(($(line pay) + 1))
has out "in block pay (" "places.c:$pay)"
# Both places, their inlined chains, and the source text.
has out "take (" "places.c:$(line take))" "inlined in" "transfer (" "places.c:$(line transfer))" \
    "places.c:$(line call))" "const void *place = barrier(); /* LINE-take */"
has out "sum_up (" "places.c:$(line sum))"
# Seen from either side it is one pair, 3 aborts and 2; the other is not known.
has out "in 5 aborts and 1 wait, read-write" "in 1 abort, in hardware" \
    "at places that are not known"
[ "$(sed -n '/^Conflicts/,$p' out | grep -cE '^ *[0-9]+\. ')" = 2 ] || fail "not two pairs: $(cat out)"
has out "too large for the hardware"
has_not out "Serial path"
grep -A1 '^Conflicts' out | grep -q 'in 6 aborts and 1 wait' || fail "sum of conflicts: $(cat out)"

# Time is conserved: the parts add up to the total, and to 100 %.
awk '/^Time of/ { on = 1; next }
     on && $1 == "total" { total = $2; on = 0 }
     on { sum += $2; share += $4; parts++ }
     END { d = sum - total; s = share - 100
           exit !(parts == 4 && total > 0 && d < .003 && d > -.003 && s < .3 && s > -.3) }' out ||
    fail "time is not conserved: $(cat out)"

run 0 "$ame" report --top 1
has out "1 more pair"
run 0 "$ame" report --percent-limit 100
has out "2 more pairs" "below the limit"
run 0 "$ame" report --by site
narrow
has out "Conflicts by source line" "sum_up (" "take ("
has_not out "read-write"
grep -qE "^ +[0-9.]+ s +[0-9.]+ % +5 +1 +1  sum_up" out || fail "no sum of the line: $(cat out)"
run 0 "$ame" report --by site --top 1
has out "2 more"
run 0 "$ame" report --sort aborts -i ame.data
has out "Conflicts, by number of aborts"
run 0 bash -c '"$0" report -i - <ame.data' "$ame"
has out "in 5 aborts and 1 wait, read-write"

run 0 "$ame" record "$places" one
run 0 "$ame" report
has out "No conflicts were recorded." "1 committed, 0 attempts aborted"
has_not out "note:"

run 0 "$ame" record "$places" serial
run 0 "$ame" report
narrow
has out "Serial path" "log (bank.c:90)" "4 commits" "printf, print_out (" \
    "places.c:$(line print))" "no transactional version" "the block asked to run alone"
# Who waited for the block that prints, and whose commit for another, is told as a cost of theirs.
tr -s ' \n' ' ' <out >joined
has joined "places.c:$(line print)) printf -> move the output out" \
    "worker (bank.c:40) commits of others -> move long computations out of the block"
sed -n '/^What to change first/,/^$/p' out | grep -q '^  1\. .*print_out' || fail "printf is not the first"

# What two blocks accessed: the same bytes, others of the line, another line with the same record.
run 0 "$ame" record "$places" neighbours
run 0 "$ame" report
narrow
tr -s ' \n' ' ' <out >joined
has joined "first_account.number (long), " "first_account.money (long), " "threads 0, 5" \
    "first_account.number, first_account.money, conflict 1 -> mark what is only read ame_immutable" \
    "false sharing: different bytes of one 64-byte line" \
    "-> move one of them: to another place in its object" \
    "collision: lines of memory that share an ownership record"
cp out pairs
run 0 "$ame" report --by field
has out "first_account.number" "first_account.money"
run 0 "$ame" report --by type
grep -qE " 3 +0 +3  struct account$" out || fail "not one type: $(cat out)"
cp pairs out
[ "$(grep -c "false sharing: diff\|collision: " out)" = 2 ] || fail "a true conflict is none: $(cat out)"

# Without debug information and symbols: less detail.
run 0 "$ame" record "$stripped"
run 0 "$ame" report
narrow
has out "in 5 aborts and 1 wait, read-write" "$(basename "$stripped")+0x"
# With the debug information in a file of its own, where a debugger looks for it.
if command -v objcopy >/dev/null; then
    mkdir apart
    objcopy --only-keep-debug "$places" apart/places.debug
    objcopy --strip-all "$places" apart/places
    (cd apart && objcopy --add-gnu-debuglink=places.debug places)
    run 0 "$ame" record apart/places
    run 0 "$ame" report
    has out "places.c:$(line take))" "inlined in"
    rm apart/places.debug
    run 0 "$ame" report
    has out "places+0x"
fi
# A program that is gone, or is another one now.
cp "$places" moving
run 0 "$ame" record ./moving
mv moving moved
run 0 "$ame" report
has out "is not there" "moving+0x"
cp /bin/true moving
run 0 "$ame" report
has out "has changed since the recording"

run 1 "$ame" report -i nothing
one_message
has err "nothing" "ame record"
run 1 "$ame" report -i .
one_message
echo "some text that is no recording at all, and long enough for a header of one" >text
run 1 "$ame" report -i text
one_message
has err "not a recording"
: >empty
run 1 "$ame" report -i empty
one_message
{ head -c 8 ame.data; printf '\377\0\0\0'; tail -c +13 ame.data; } >newer
run 1 "$ame" report -i newer
one_message
has err "version 255"
# A kind of chunk that is new is passed over.
{ head -c 56 ame.data; printf '\231\0\0\0\003\0\0\0abc'; tail -c +57 ame.data; } >unknown
run 0 "$ame" report -i unknown
has out "in 5 aborts and 1 wait, read-write"
head -c $(($(wc -c <ame.data) - 1)) ame.data >cut
run 0 "$ame" report -i cut
has out "has no end" "_exit()" "in 5 aborts and 1 wait, read-write"
AME_RECORD_MAX=0 run 0 "$ame" record "$places"
run 0 "$ame" report
has out "note: 9 events" "No conflicts were recorded"

# Colours, and a line that says how far it is, only on a terminal.
bold=$(printf '\033[1m')
run 0 "$ame" record "$places"
run 0 "$ame" report
has_not out "$bold"
run 0 script -qec "'$ame' report" /dev/null
has out "$bold"
NO_COLOR=1 run 0 script -qec "'$ame' report" /dev/null
has_not out "$bold"
slowly="{ head -c 2000 ame.data; sleep 1; tail -c +2001 ame.data; } | '$ame' report -i -"
run 0 script -qec "$slowly" /dev/null
has out "ame: reading: " "in 5 aborts and 1 wait, read-write"
run 0 bash -c "$slowly"
has_not err "reading"

for bad in --what --by=colour --sort=colour --percent-limit=x --percent-limit=101 --top=-1 extra -i; do
    run 2 "$ame" report $bad
    one_message
done
finish
