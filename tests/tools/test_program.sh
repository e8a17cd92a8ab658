#!/usr/bin/env bash
# From source to report: ame cc, ame record, ame report on a real program.
. "$(dirname "$0")/check.sh"
flags=${2-} # those that the runtime was built with (sanitizers)

line() { grep -n "LINE-$1" "$here/hot.c" | cut -d: -f1; }

# In one step, and in two.
# shellcheck disable=SC2086
run 0 "$ame" cc $flags -g -O2 -Wall -Werror "$here/hot.c" -o hot
run 0 "$ame" cc $flags -g -O2 -c "$here/hot.c" -o hot.o
run 0 "$ame" cc $flags hot.o -o hot-linked
run 0 ./hot-linked
has out 200

AME_MODE=stm run 0 "$ame" record ./hot
has out 200
run 0 "$ame" report
has out "Conflicts, by time lost" "read-write" "hot.c:$(line read))" "hot.c:$(line write))" \
    "int value = hot;" "in block count (" "Serial path" \
    "hot.c:$(line print))" "commits in"
awk 'length > 80 { exit 1 }' out || fail "wider than 80 columns: $(cat out)"
grep -q 'blocks    201 committed' out || fail "not 201 blocks: $(cat out)"

# With the debug information in files of its own, where the compiler leaves it.
# shellcheck disable=SC2086
run 0 "$ame" cc $flags -g -gsplit-dwarf -O2 -c "$here/hot.c" -o split.o
run 0 "$ame" cc $flags split.o -o split
[ -s split.dwo ] || fail "the debug information is not split"
AME_MODE=stm run 0 "$ame" record ./split
run 0 "$ame" report
has out "hot.c:$(line read))" "hot.c:$(line write))" "int value = hot;" "data          hot (int), "
rm split.dwo
run 0 "$ame" report
has out "count+0x"

# Not recorded, the program writes no file.
rm -f ame.data*
AME_RECORD= run 0 ./hot
[ -z "$(ls ame.data* 2>/dev/null)" ] || fail "a recording that nobody asked for"
finish
