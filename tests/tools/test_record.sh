#!/usr/bin/env bash
# ame record: the file, the program's status, and what goes wrong.
. "$(dirname "$0")/check.sh"
places=$2

run 0 "$ame" record "$places" one
one_message
has err "1 commits and 0 aborts recorded in ame.data" "ame report"
[ -s ame.data ] || fail "no ame.data"
run 7 "$ame" record -o other.data -- "$places" conflicts 7
has err "7 aborts recorded in other.data" "ame report -i other.data"
run 0 "$ame" record "$places" conflicts
has err "7 aborts" # the older recording was replaced

run 137 "$ame" record "$places" killed
has err "signal 9"
has err "ame.data"

run 3 "$ame" record "$places" nothing 3
one_message
has err "ran no atomic block" "ame cc"
[ ! -e ame.data ] || fail "a file without a recording is left behind"

# In software only, if that is asked for.
run 0 "$ame" record sh -c 'echo "mode $AME_MODE"; exec "$0" one' "$places"
has out "mode"
has_not out "mode stm"
run 0 "$ame" record --software sh -c 'echo "mode $AME_MODE"; exec "$0" one' "$places"
has out "mode stm"

# The program's options are its own.
run 0 "$ame" record sh -c 'echo "$0" "$@"' -o -x
has out "-o -x"
# It may change its directory.
mkdir deeper
run 0 "$ame" record -o moved.data sh -c 'cd deeper && exec "$0" one' "$places"
[ -s moved.data ] || fail "the recording did not stay where it was asked for"
# Programs that follow one another do not overwrite each other's.
run 0 "$ame" record -o two.data sh -c '"$0" one; "$0" one' "$places"
[ "$(ls two.data two.data.[0-9]* | wc -l)" = 2 ] || fail "not two recordings: $(ls)"
has err "further processes recorded to $(ls two.data.[0-9]*)"
touch -d yesterday two.data.[0-9]*
cp two.data two.data.7old # none of them
run 0 "$ame" record -o two.data "$places" one
has_not err "further"

run 127 "$ame" record ./not-there
one_message
has err "./not-there" "No such file"
touch plain
run 126 "$ame" record ./plain
one_message
echo precious >precious
run 1 "$ame" record -o precious "$places" one
one_message
has err "not a recording"
[ "$(cat precious)" = precious ] || fail "a file was overwritten"
run 1 "$ame" record -o /nowhere/ame.data "$places" one
one_message
run 1 "$ame" record -o . "$places" one
one_message
run 2 "$ame" record
one_message
run 2 "$ame" record -o
one_message
run 2 "$ame" record --what "$places"
one_message
finish
