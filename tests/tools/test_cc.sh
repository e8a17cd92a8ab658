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
show -rdynamic a.o # all of the runtime, for libraries that the program loads
has out "-Wl,--whole-archive " "libame.a -Wl,--no-whole-archive -lpthread"
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

# -fgnu-tm is not clang's: it stands for the dialect's header and the plugin's own argument.
show -c -fgnu-tm a.c -fgnu-tm
has out "-fplugin-arg-ame-gnu-tm -include " "/ame/gnu_tm.h"
has_not out " -fgnu-tm"
[ "$(grep -o -- -include out | wc -l)" = 1 ] || fail "the header is included twice"
[ -e "$(sed -n 's/.*-include \([^ ]*\).*/\1/p' out)" ] || fail "gnu_tm.h is not there"
show -c a.c
has_not out "-include"
# In preprocessed files the transactions are still there; the header brings no names of C's library.
cat >transaction.c <<'C'
typedef struct { int a; } uint32_t;
static int number, atomic;
int answer(void) {
    __transaction_atomic { number++; }
    return __transaction_atomic (atomic + number);
}
C
run 0 "$ame" cc -fgnu-tm -std=c89 -pedantic -Wall -Wextra -Werror -fsyntax-only transaction.c empty.c
run 1 "$ame" cc -fsyntax-only transaction.c
run 0 "$ame" cc -fgnu-tm -E transaction.c -o transaction.i
run 0 "$ame" cc -fgnu-tm -S -emit-llvm -Xclang -disable-llvm-passes transaction.i -o transaction.ll
[ "$(grep -c 'call .*@ame_region_begin_' transaction.ll)" = 2 ] || fail "not two transactions"
run 0 "$ame" cc -fgnu-tm -Werror -c empty.c
run 0 "$ame" cc -fgnu-tm -Werror -shared empty.o -o empty.so

# An executable elsewhere, with nothing beside it, says what it misses.
cp "$ame" lonely
run 1 ./lonely cc -c empty.c
one_message
has err "libame-pass.so"
finish
