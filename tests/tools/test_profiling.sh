#!/usr/bin/env bash
# docs/profiling.md: each report names the line and the advice that the page shows.
. "$(dirname "$0")/check.sh"
flags=${2-} # those that the runtime was built with (sanitizers)
source=$(cd "$here/../.." && pwd)
page=$source/docs/profiling.md

# Without what differs from run to run: numbers, and how many of them.
plain() {
    sed -E 's/[-+]?[0-9]+(\.[0-9]+)?/N/g; s/conflicts? N(, N)*/conflict/g; s/ +/ /g; s/ $//'
}

# as_printed TITLE: each line of the first report under the title of the page is in `out`.
as_printed() {
    local text count=0
    plain <out >lines
    while IFS= read -r text; do
        grep -qxF -- "$text" lines || fail "the page has \"$text\", but the tool prints: $(cat out)"
        count=$((count + 1))
    done < <(awk -v title="$1" 'index($0, title) == 1 { on = 1; next }
             on && /^    / { print substr($0, 5); any = 1; next } /^./ && any { exit }' "$page" |
        grep -vE '^$|^ *\.\.\.$| waits?, ' | plain)
    [ "$count" -ge 5 ] || fail "only $count lines of a report under $1"
}

# step NUMBER LINE ADVICE: a line of samples/orders.c, by its text.
step() {
    local line
    line=$(grep -nF -- "$2" "$source/samples/orders.c" | head -n 1 | cut -d: -f1)
    # shellcheck disable=SC2086
    run 0 "$ame" cc $flags -g -O2 -Wall -Wextra -Werror -DSTEP="$1" "$source/samples/orders.c" -o orders
    run 0 "$ame" record -o "step$1.data" --software ./orders
    run 0 bash -c 'cd "$0" && "$1" report -i "$2"' "$source" "$ame" "$work/step$1.data"
    as_printed "## $(($1 + 1))."
    sed -n '/^What to change first/,/^$/p' out | sed -n '2,4p' >first
    has first "(samples/orders.c:$line)" "$3"
    # The page has the same line and the same words.
    has "$page" "(samples/orders.c:$line)" "$3"
}

step 0 'dprintf(STDOUT_FILENO, "order %ld\n", order);' "-> move the output out of the block: behind it, or into a function given to"
step 1 'served++;' "-> make the count commutative: ame_counter, or ame_ref if it counts"
step 2 'shop->sold++;' "-> pad or split the struct: a line for each (_Alignas(64))"
step 3 'sale->next = *list;' "-> give each thread a list of its own, and join them when they are read"
# shellcheck disable=SC2086
run 0 "$ame" cc $flags -g -O2 -DSTEP=4 "$source/samples/orders.c" -o orders
run 0 "$ame" record -o step4.data --software ./orders
run 0 "$ame" report -i step4.data
has out "No conflicts were recorded."
run 0 "$ame" diff step0.data step4.data
as_printed "## What is left"
finish
