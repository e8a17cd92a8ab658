#!/usr/bin/env bash
# A few seconds of fuzzing, from the corpus. To go on for longer:
#   tests/tools/ame-tool-fuzz -close_fd_mask=3 NEW_CORPUS tests/tools/fuzz/corpus
. "$(dirname "$0")/check.sh"
fuzz=$2 seeds=$3

# libFuzzer itself writes to standard error; the reader's messages go nowhere.
mkdir grown
run 0 "$seeds" "$work/grown"
[ "$(ls grown | wc -l)" = 4 ] || fail "no seeds"
header() { head -c 12 "$1" | base64; } # with the version
same=0
for file in "$here"/fuzz/corpus/*; do
    [ "$(header "$file")" = "$(header grown/whole)" ] && same=$((same + 1))
done
[ $same -gt 20 ] || fail "the corpus is of another version: all but $same are refused at once"
status=0
"$fuzz" -close_fd_mask=3 -max_total_time="${AME_FUZZ_SECONDS:-5}" -timeout=20 -artifact_prefix="$work/" \
    grown "$here/fuzz/corpus" >log 2>&1 </dev/null || status=$?
[ $status = 0 ] || {
    fail "status $status; the input in base64:"
    tail -60 log
    base64 "$work"/crash-* "$work"/leak-* "$work"/timeout-* "$work"/oom-* 2>/dev/null
}
finish
