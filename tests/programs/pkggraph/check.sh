#!/usr/bin/env bash
# check.sh PKGGRAPH DIRECTORY [CASE] - tests of the pkggraph sample; without CASE all.
#   golden     the report on small.index is the expected one
#   modes      blocks give what plain C gives: every mode, thread count and count kind
#   status     the same on the package index of this system
#   malformed  damaged input: one clear message, the right exit status, no crash
#   truncated  small.index cut off anywhere: no crash
#   usage      wrong options are refused
set -u
program=$(realpath "$1")
here=$(realpath "$2")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

# same_everywhere INDEX: every way to run prints what --serial prints.
same_everywhere() {
    local index=$1 mode threads count runs=0
    if ! "$program" --serial "$index" >"$scratch/serial" 2>"$scratch/messages"; then
        fail "--serial $index: $(head -n 3 "$scratch/messages")"
        return
    fi
    for mode in auto htm hybrid simulated stm serial; do
        for threads in 1 2 4 16; do
            for count in plain commutative; do
                AME_MODE=$mode "$program" --threads $threads --count $count "$index" \
                    >"$scratch/blocks" 2>"$scratch/messages" ||
                    fail "$mode, $threads threads, $count: exit status $?:" \
                        "$(head -n 3 "$scratch/messages")"
                cmp -s "$scratch/serial" "$scratch/blocks" ||
                    fail "$mode, $threads threads, $count: not the report of --serial:" \
                        "$(diff "$scratch/serial" "$scratch/blocks" | head -n 5)"
                runs=$((runs + 1))
            done
        done
    done
    echo "$index: $runs runs compared"
}

# expect STATUS PATTERN ARGUMENT...: PATTERN is a basic regular expression for a line
# of stderr (empty: stderr says nothing). The report is left in $scratch/out.
expect() {
    local wanted=$1 pattern=$2 status
    shift 2
    "$program" "$@" >"$scratch/out" 2>"$scratch/messages"
    status=$?
    [ $status -eq "$wanted" ] ||
        fail "$*: exit status $status, not $wanted: $(head -c 2000 "$scratch/messages")"
    if [ -z "$pattern" ]; then
        [ ! -s "$scratch/messages" ] || fail "$*: said $(head -n 3 "$scratch/messages")"
    else
        grep -q -- "$pattern" "$scratch/messages" ||
            fail "$*: no line like '$pattern' in: $(head -c 2000 "$scratch/messages")"
    fi
}

# expect_input STATUS PATTERN: the same for the index on standard input.
expect_input() {
    cat >"$scratch/index"
    expect "$1" "$2" --serial "$scratch/index"
}

# packages NUMBER: so many packages are in the report of the last run.
packages() {
    grep -q "^ *$1 packages in" "$scratch/out" ||
        fail "not $1 packages: $(head -n 1 "$scratch/out")"
}

golden() {
    local way
    for way in --serial "--threads 1" "--threads 2 --count plain" "--threads 2 --repeat 3"; do
        # shellcheck disable=SC2086  # the words of $way are arguments
        expect 0 "" $way "$here/small.index"
        diff "$here/small.expected" "$scratch/out" || fail "golden: $way"
    done
    "$program" --serial - <"$here/small.index" >"$scratch/out" || fail "golden: standard input"
    cmp -s "$here/small.expected" "$scratch/out" || fail "golden: standard input differs"
    # A pipe says no size in advance and delivers its text in pieces.
    { head -n 7; sleep 0.1; cat; } <"$here/small.index" | "$program" --serial - >"$scratch/out"
    cmp -s "$here/small.expected" "$scratch/out" || fail "golden: a pipe differs"
    sed 's/$/\r/' "$here/small.index" >"$scratch/index"
    expect 0 "" --serial "$scratch/index"
    cmp -s "$here/small.expected" "$scratch/out" || fail "golden: CR LF line ends differ"
}

modes() {
    same_everywhere "$here/small.index"
}

status() {
    if [ -s /var/lib/dpkg/status ]; then
        same_everywhere /var/lib/dpkg/status
    else
        echo "no /var/lib/dpkg/status here: nothing to compare"
    fi
}

malformed_files() {
    expect 1 "^pkggraph: $scratch/none: cannot be opened: .*; give " --serial "$scratch/none"
    expect 1 "^pkggraph: $scratch: cannot be read: .*; give " --serial "$scratch"
    expect_input 1 ":1: no installed or available package.*; give a Debian" </dev/null
    printf '\n\n\n' | expect_input 1 ":4: no installed or available package"
    # Binary noise: the program itself, which holds NUL bytes and no stanza.
    expect 1 "no installed or available package" --serial "$program"
    expect 1 ":1: line with a NUL byte" --serial "$program"
}

malformed_lines() {
    printf 'Package: a\nno colon here\nSection: x\n' |
        expect_input 0 "^pkggraph: $scratch/index:2: line without a colon, skipped; write"
    packages 1
    grep -q ' x  *a$' "$scratch/out" || fail "the field after a bad line was lost"
    printf ' floating\nPackage: a\n' | expect_input 0 ":1: continuation line without a field"
    packages 1
    printf 'Package: a\n: b\n' | expect_input 0 ":2: no field name before the colon"
    printf 'Package: a\n#x: b\n' | expect_input 0 ":2: no field name before the colon"
    printf 'Package: a\nDepends: b\0, a\n\nPackage: b\n' | expect_input 0 ":2: line with a NUL byte"
    packages 2
    printf 'Package: a\nDepends:\n b,\n\0,\n c\n\nPackage: c\n' |
        expect_input 0 ":5: continuation line without a field"
    grep -q '^ *1 dependencies' "$scratch/out" || fail "a value ran across a NUL byte"
    printf 'Package: a\nPackage: b\n' | expect_input 0 ":2: field given twice in a stanza"
    packages 1
    printf 'x\nx\nx\nx\nx\nx\nx\nPackage: a\n' | expect_input 0 "7 problems in all.*first 5"
    [ "$(wc -l <"$scratch/messages")" -eq 6 ] || fail "not five problems and their sum"
}

malformed_values() {
    printf 'Section: x\nDepends: a\n\nPackage: a\n' |
        expect_input 0 ":1: stanza without a Package field"
    packages 1
    printf 'Package: a b\n\nPackage: a\n' | expect_input 0 ":1: Package is not a package name"
    packages 1
    printf 'Package:\n\nPackage: a\n' | expect_input 0 ":1: Package is not a package name"
    printf 'Package: \033[2Ja\n\nPackage: b\n' | expect_input 0 ":1: Package is not a package name"
    printf 'Package: a\nSection: \033[2J\n' | expect_input 0 ":2: Section is not a name"
    local size
    for size in abc -5 1.5 "7 8" 1000000000001 99999999999999999999999 ""; do
        printf 'Package: a\nInstalled-Size: %s\n' "$size" |
            expect_input 0 ":2: Installed-Size is not a number"
        grep -q '^ *0\.0 MiB  a' "$scratch/out" || fail "Installed-Size: $size is not taken as 0"
    done
    printf 'Package: a\nInstalled-Size: 1000000000000\n' | expect_input 0 ""
    grep -q '^ *976562500\.0 MiB  a' "$scratch/out" || fail "the largest size is not taken"
    printf 'Package: a\nDepends: ,, | ,(, (>= 1, [x], |a|,\n' | expect_input 0 ""
    packages 1
}

# A line of 10 MB in each kind of place.
malformed_long() {
    head -c 10000000 /dev/zero | tr '\0' x >"$scratch/long"
    { printf 'Package: a\nNote: '; cat "$scratch/long"; echo; } | expect_input 0 ""
    packages 1
    { printf 'Package: '; cat "$scratch/long"; printf '\n\nPackage: a\n'; } |
        expect_input 0 ":1: Package is not a package name"
    packages 1
    { cat "$scratch/long"; printf '\nPackage: a\n'; } | expect_input 0 ":1: line without a colon"
    { printf 'Package: a\nDepends: '; cat "$scratch/long"; echo; } | expect_input 0 ""
    grep -q '^ *1 dependencies, 1 of' "$scratch/out" || fail "a dependency of 10 MB"
    { printf 'Package: a\nDepends: '; tr x '|' <"$scratch/long"; echo; } | expect_input 0 ""
    grep -q '^ *0 dependencies' "$scratch/out" || fail "ten million empty alternatives"
    { printf 'Package: a\nDepends: '; tr x , <"$scratch/long"; echo; } | expect_input 0 ""
    grep -q '^ *0 dependencies' "$scratch/out" || fail "ten million empty groups"
}

malformed_end() {
    printf 'Package: a\n\nPackage: b\nSection: x' |
        expect_input 0 "^pkggraph: $scratch/index:4: the file ends inside a line.*; fetch it"
    packages 2
    printf 'Package: a\n\nPackage: b\n' | expect_input 0 ""
    packages 2
}

malformed() {
    malformed_files
    malformed_lines
    malformed_values
    malformed_long
    malformed_end
    # What it says about output that cannot be written.
    "$program" --serial "$here/small.index" >/dev/full 2>"$scratch/messages"
    [ $? -eq 1 ] || fail "a full standard output: exit status"
    grep -q "^pkggraph: standard output: .*; make room there" "$scratch/messages" ||
        fail "a full standard output: $(cat "$scratch/messages")"
}

# 0: something was readable; 1: nothing was. All else is a crash.
truncated() {
    local length size
    size=$(wc -c <"$here/small.index")
    for ((length = 0; length < size; length += 7)); do
        head -c $length "$here/small.index" >"$scratch/index"
        "$program" --threads 2 "$scratch/index" >"$scratch/out" 2>"$scratch/messages"
        [ $? -le 1 ] || fail "cut off after $length bytes: $(head -c 2000 "$scratch/messages")"
        [ $length -eq 0 ] || [ -s "$scratch/out" ] || [ -s "$scratch/messages" ] ||
            fail "cut off after $length bytes: says nothing"
    done
}

usage() {
    expect 2 "^pkggraph: --threads 0: not a number from 1 to" --threads 0
    expect 2 "^pkggraph: --threads 2x: not a number" --threads 2x
    expect 2 "^pkggraph: --threads -1: not a number" --threads=-1
    expect 2 "^pkggraph: --threads 99999999999999999999: not" --threads 99999999999999999999
    expect 2 "^pkggraph: --repeat 0: not a number" --repeat 0
    expect 2 "^pkggraph: --count fast: give plain or commutative" --count fast
    expect 2 "^pkggraph: --serial runs no blocks; leave" --serial --threads 2
    expect 2 "^pkggraph: --serial runs no blocks; leave" --serial --count=plain
    expect 2 "^pkggraph: b: one index at a time" a b
    expect 2 "pkggraph --help" --no-such-option
    expect 0 "" --help
    grep -q '^usage: pkggraph' "$scratch/out" || fail "--help does not help"
    expect 0 "^loop: [0-9.]* s$" --time --repeat 3 "$here/small.index"
    cmp -s "$here/small.expected" "$scratch/out" || fail "--time changes the report"
}

case ${3:-all} in
all) for part in golden modes status malformed truncated usage; do $part; done ;;
golden | modes | status | malformed | truncated | usage) "$3" ;;
*) fail "no case $3: see the list at the top of $0" ;;
esac
[ $failures -eq 0 ] || exit 1
echo "ok: ${3:-all}"
