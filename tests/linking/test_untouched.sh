#!/usr/bin/env bash
# What is not transactional is compiled as without the plugin: each section that an object has
# without it is there with it, byte for byte and with the same relocations.
. "$(dirname "$0")/../tools/check.sh"
source=$(cd "$here/../.." && pwd)

# Sections that may grow at their end by ame's texts, and by constants of twins.
mergeable='^\.rodata\.(str|cst)'

sections() { objdump -h "$1" | awk '$1 ~ /^[0-9]+$/ { print $2 }' | grep -Ev '^\.(debug|comment|note|eh_frame|llvm_)'; }

dump() { objdump -s -r -j "$1" "$2" | tail -n +4; }

same_section() {
    local section=$1 name=$2
    if [[ $section =~ $mergeable ]]; then
        for object in plain ame; do
            objcopy -O binary -j "$section" $object.o $object.bytes
        done
        cmp -s -n "$(stat -c %s plain.bytes)" plain.bytes ame.bytes
    else
        dump "$section" plain.o >plain.dump
        dump "$section" ame.o >ame.dump
        cmp -s plain.dump ame.dump
    fi || fail "$name: $section is not the same: $(diff plain.dump ame.dump | head -20)"
}

# compare FILE FLAGS...
compare() {
    local section name=$*
    run 0 "$clang" -DPLAIN "$@" -c -o plain.o
    run 0 "$ame" cc -DPLAIN "$@" -c -o ame.o
    for section in $(sections plain.o); do
        same_section "$section" "$name"
    done
    nm ame.o | grep -q ' ame_twin\.' || fail "$name: no twins, so nothing is tested"
    # What is new has a section whose name says so, or is the table of twins.
    for section in $(comm -13 <(sections plain.o | sort -u) <(sections ame.o | sort -u)); do
        [[ $section =~ ^\.text\.ame|^\.data\.rel\.ro\.ame$|^\.(init|fini)_array|$mergeable ]] ||
            fail "$name: new section $section"
    done
}

clang=$("$ame" cc --show -c x.c | cut -d' ' -f1)
awk -v lines=1500 -v regions=0 -v seed=3 -f "$source/bench/program.awk" >large.c
for level in -O0 -O1 -O2 -O3 -Os; do
    compare "$here/untouched.c" $level
done
compare large.c -O0 -g
compare large.c -O2 -g
compare "$here/untouched.c" -O2 -fPIC -ffunction-sections -fdata-sections
compare "$here/untouched.c" -Oz -fno-pic -g
compare "$source/samples/pkggraph/text.c" -O2
finish
