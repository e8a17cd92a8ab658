#!/usr/bin/env bash
# ame cc: which command it makes, and that it passes all else through.
. "$(dirname "$0")/check.sh"

show() { run 0 "$ame" cc --show "$@"; }
links() { has out "libame.a -lpthread"; }
links_not() { has_not out "libame.a"; }

show a.c -o a
links
has out "-fpass-plugin=" "libame-pass.so" "-fplugin=" "libame-clang.so" "-I" "a.c -o a"
[ "$(wc -l <out)" = 1 ] || fail "--show prints more than a line"
# What it prints is what runs: each path in it is there.
for file in $(tr ' ' '\n' <out | sed -n 's/^-fpass-plugin=//p; s/^-fplugin=//p; s/^-I//p; /\.a$/p'); do
    [ -e "$file" ] || fail "$file is not there"
done

for argument in -c -S -E -fsyntax-only -M -MM -shared --version -print-search-dirs; do
    show "$argument" a.c
    links_not
done
show a.o b.o -L dir -lm
links
show -o a
links_not # nothing to link: clang says so
show -MF a.d -MMD a.c
links
show -x c a.c
has out "-x none " # else the library would be read as C

show "a b.c" "it's" '$HOME' '*' ''
has out "'a b.c' 'it'\\''s' '\$HOME' '*' ''"

# It really runs: outputs, diagnostics and statuses are clang's.
cat >empty.c <<'C'
int answer(void) { return 42; }
C
echo 'int broken(void) { return nothing; }' >broken.c
run 0 "$ame" cc -E -DNAME=1 empty.c
has out "int answer(void)"
run 1 "$ame" cc -fsyntax-only broken.c
has err "broken.c:1" "nothing"

AME_CC=/nowhere/clang run 1 "$ame" cc -c empty.c
one_message
has err "AME_CC=/nowhere/clang"
AME_CC=/bin/true run 1 "$ame" cc -c empty.c
one_message
has err "not clang 19"
AME_CC=clang-19 run 0 "$ame" cc -E empty.c

# An executable elsewhere, with nothing beside it, says what it misses.
cp "$ame" lonely
run 1 ./lonely cc -c empty.c
one_message
has err "libame-pass.so"
finish
