#!/bin/bash
# Programs from csmith against themselves in atomic blocks, see csmith/seed.sh:
#   fuzz.sh BUILD FIRST COUNT   these seeds
#   fuzz.sh BUILD SECONDS       new seeds for so long, in as many processes as there are processors
# Prints the failed seeds, and counts; fails if one failed, or too many could not be used.
set -u
[ $# = 2 ] || [ $# = 3 ] || { echo "usage: $0 BUILD (FIRST COUNT | SECONDS)" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd) || exit 2
results=$(mktemp)
trap 'rm -f "$results"' EXIT

if [ $# = 3 ]; then
    first=$2 last=$(($2 + $3 - 1)) jobs=1 end=
else
    first=$(($(date +%s) % 1000000 * 2000)) last=$((first + 1000000)) jobs=$(nproc)
    end=$(($(date +%s) + $2))
    echo "fuzz: seeds from $first"
fi
# 255 makes xargs stop.
seq "$first" "$last" | xargs -P "$jobs" -I{} bash -c '
    [ -z "$3" ] || [ "$(date +%s)" -lt "$3" ] || exit 255
    bash "$0" "$1" "$2"
    exit 0' "$here/csmith/seed.sh" "$build" {} "$end" 2>/dev/null | tee "$results" | grep -Ev '^(ok|skipped) '

ok=$(grep -c '^ok ' "$results") skipped=$(grep -c '^skipped ' "$results")
failed=$(grep -c '^FAILED ' "$results")
echo "fuzz: $ok the same, $skipped skipped, $failed failed"
[ -n "$end" ] || [ $((ok + skipped + failed)) = "$3" ] || { echo "fuzz: some seeds came to nothing"; exit 1; }
((failed == 0 && ok > 0 && skipped * 10 < 3 * (ok + skipped)))
