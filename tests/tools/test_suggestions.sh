#!/usr/bin/env bash
# Programs with one known conflict each: the report names its line first and says what to do, and
# that done, the conflict is gone.
. "$(dirname "$0")/check.sh"
flags=${2-} # those that the runtime was built with (sanitizers)

# program NAME ADVICE: records it, checks the first entry.
program() {
    local name=$1 advice=$2 source=$here/suggestions/$1.c line
    # shellcheck disable=SC2086
    run 0 "$ame" cc $flags -g -O2 -Wall -Werror "$source" -o "$name"
    run 0 "$ame" record -o "$name.data" "./$name"
    run 0 "$ame" report -i "$name.data"
    awk 'length > 80 { exit 1 }' out || fail "wider than 80 columns: $(cat out)"
    awk '/^What to change first/ { on = 1; next } /^$/ || / 2\. / { on = 0 } on' out | tr -s ' \n' ' ' |
        sed -E 's/, conflicts? [0-9][0-9, .]*/ /' >first # their numbers vary
    for line in $(grep -n LINE-conflict "$source" | cut -d: -f1); do
        grep -qE "$name\.c:$line\)" first && break
    done || fail "$name: the first entry is of another line: $(cat out)"
    has first "$advice"
}

# lost FILE: seconds of all threads in aborted attempts and waits.
lost() {
    "$ame" report -i "$1" | awk '/^  (wasted|waiting) / { sum += $2 } END { printf "%.3f", sum }'
}

# mended NAME: the conflict costs nothing to speak of any more, and what is lost in all is less than
# half; at the second or third try, if other programs have had the processors.
mended() {
    local line before after
    for _ in 1 2 3; do
        run 0 "$ame" record -o "$1.mended" "./$1" mended
        before=$(lost "$1.data") after=$(lost "$1.mended")
        awk -v before="$before" -v after="$after" 'BEGIN { exit !(after < before / 2) }' && break
        run 0 "$ame" record -o "$1.data" "./$1"
    done
    awk -v before="$before" -v after="$after" 'BEGIN { exit !(after < before / 2) }' ||
        fail "$1: $before s were lost, and $after s when it is mended"
    run 0 "$ame" report -i "$1.mended" --percent-limit 5
    for line in $(grep -n LINE-conflict "$here/suggestions/$1.c" | cut -d: -f1); do
        has_not out "$1.c:$line)"
    done
}

# The parts of each thread's time are measured apart, and add up.
conserved() {
    awk '/^Threads/ { on = 1; getline; next } /^$/ { on = 0 }
         on { threads++; sum = $(NF - 1); if (sum < 99.5 || sum > 100.5) exit 1 }
         END { exit threads != 4 }' out || fail "time is not conserved: $(cat out)"
}

export AME_MODE=stm
program shared_count "served -> make the count commutative: ame_counter"
conserved
mended shared_count
program size_field "struct set.size -> make the count commutative: ame_counter"
has out "allocated     main (" "size_field.c:$(grep -n LINE-allocated "$here/suggestions/size_field.c" | cut -d: -f1))"
has out "struct set.size (long), as self->size" "threads       1, 2, 3, 4"
mended size_field
program list_head "made -> give each thread a list of its own"
has out "made (struct node *), " "list_head.c:$(grep -n "^static struct node \*made" "$here/suggestions/list_head.c" | cut -d: -f1)"
mended list_head
program allocator "shared.next -> give each thread scratch memory of its own"
mended allocator
program false_sharing "-> pad or split the struct: a line for each"
has first "struct done.read" "struct done.sent" "false sharing"
has out "false sharing: different bytes of one 64-byte line"
mended false_sharing
program hash_resize "-> split the block: do the long part before"
if [ -z "$flags" ]; then # sanitizers have an allocator of their own
    for _ in 1 2 3 4 5 6 7 8; do # not each run has conflicts before the table first grows
        grep -q "allocated     main (" out && break
        program hash_resize "-> split the block: do the long part before"
    done
    has out "allocated     main (" "table.slots = calloc("
fi
mended hash_resize
program hidden_output "dprintf -> move the output out of the block: behind it, or into a function given to ame_on_commit()"
mended hidden_output
program order_of_output "ame__output_order -> print in a function given to ame_on_commit(), if the order of the blocks does not matter"
mended order_of_output
program flag "changed -> check before writing"
mended flag
program immutable_field "struct item.number, struct item.uses -> mark what is only read ame_immutable"
mended immutable_field
program unknown_call "getppid -> move the call out of the block"
mended unknown_call
program slow_reader "commits of others -> move long computations out of the block"
mended slow_reader
program read_count "served.value -> read the count outside the block, or seldom"
has out "changes a count at a place that is not known"
mended read_count
program collision "memory[] -> move one of them: to another place in its object"
has out "collision: lines of memory that share an ownership record"
mended collision
program long_reader "-> split or shorten the block"
has first "accounts[].money" "times as long as those that it conflicts with"
mended long_reader

export AME_MODE=auto
if "$ame" info | grep -q '^hardware *works'; then
    program capacity "capacity of the hardware -> split the block, or let it touch less memory"
    run 0 "$ame" record -o capacity.data ./capacity mended
    run 0 "$ame" report -i capacity.data
    awk '/work \(/ && $7 + 0 > 1000 { found = 1 } END { exit !found }' out ||
        fail "the smaller blocks do not run in hardware: $(cat out)"
else
    echo "no hardware transactions here: capacity is not tested"
fi
finish
