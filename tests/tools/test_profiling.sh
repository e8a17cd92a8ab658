#!/usr/bin/env bash
# docs/profiling.md: each report names the line and the advice that the page shows.
. "$(dirname "$0")/check.sh"
flags=${2-} # those that the runtime was built with (sanitizers)
source=$(cd "$here/../.." && pwd)
page=$source/docs/profiling.md

# step NUMBER LINE ADVICE: a line of samples/orders.c, by its text.
step() {
    local line
    line=$(grep -nF -- "$2" "$source/samples/orders.c" | head -n 1 | cut -d: -f1)
    # shellcheck disable=SC2086
    run 0 "$ame" cc $flags -g -O2 -Wall -Wextra -Werror -DSTEP="$1" "$source/samples/orders.c" -o orders
    run 0 "$ame" record --software ./orders
    run 0 "$ame" report
    sed -n '/^What to change first/,/^$/p' out | sed -n '2,4p' >first
    has first "(${3}orders.c:$line)" "$4"
    # The page has the same line and the same words.
    has "$page" "(samples/orders.c:$line)" "$4"
}

step 0 'printf("order %ld\n", order);' "$source/samples/" "-> move the output out of the block: behind it, or into a function given to"
step 1 'served++;' "$source/samples/" "-> make the count commutative: ame_counter, or ame_ref if it counts"
step 2 'shop->sold++;' "$source/samples/" "-> pad or split the struct: a line for each (_Alignas(64))"
step 3 'sale->next = *list;' "$source/samples/" "-> give each thread a list of its own, and join them when they are read"
# shellcheck disable=SC2086
run 0 "$ame" cc $flags -g -O2 -DSTEP=4 "$source/samples/orders.c" -o orders
run 0 "$ame" record --software ./orders
run 0 "$ame" report
has out "No conflicts were recorded."
finish
