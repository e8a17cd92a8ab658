#!/usr/bin/env bash
# One runtime in a process, of the version that compiled the blocks; libraries that come and go; and
# definitions that several files share.
. "$(dirname "$0")/build.sh"
# A library's copy of the runtime has the program's names, which is what this is about.
export ASAN_OPTIONS=detect_odr_violation=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
runtime=$("$ame" cc --show x.c | tr ' ' '\n' | grep 'libame\.a$')

# Runs the blocks with pace of each library, one library after the other, or all loaded if "together".
cat >loads.c <<'C'
#include "count.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
__attribute__((visibility("hidden"))) long step(long x) { return x; } /* not called */
int main(int count, char **arguments) {
    int together = !strcmp(arguments[1], "together");
    for (int i = 1 + together; i < count; i++) {
        void *library = dlopen(arguments[i], RTLD_NOW | RTLD_LOCAL);
        if (!library)
            return puts(dlerror()) < 0 ? 1 : 2;
        call_blocks((long (*)(long))dlsym(library, "pace"));
        if (!together)
            dlclose(library);
    }
    return report();
}
C
# Needs nothing of the program, and has a block before any other constructor.
cat >own.c <<'C'
#include "count.h"
#include <ame/ame.h>
#include <stdio.h>
static long own;
long pace(long x);
long pace(long x) {
    atomic {
        own += x;
    }
    return x + 1;
}
__attribute__((constructor(101))) static void starts(void) {
    pace(1);
    fputs("a block has run\n", stderr);
}
C
echo '#include "count.h"
long pace(long x);
long pace(long x) { shared += x; return x + 1; }' >pace.c
with -fPIE -c blocks.c
with -fPIE -c loads.c
for file in step pace own; do
    with -fPIC -c $file.c -o $file.pic.o
done
base="loads.o blocks.o"

# ---- two runtimes ----
# refused LIBRARY PROGRAM...: with one line that names the library, before any block has run.
refused() {
    local library=$1
    shift
    run 1 "$@"
    one_message
    has err "ame: $library brings a second runtime; link shared libraries without libame.a" -rdynamic
}
with -shared own.pic.o "$runtime" -o own.so
with -shared own.pic.o "$runtime" -Wl,-Bsymbolic -o symbolic.so
with -shared step.pic.o "$runtime" -o step.so
with -shared pace.pic.o "$runtime" -o pace.so
for link in -pie -no-pie "-pie -fuse-ld=lld -Wl,--gc-sections -s" "-pie -Wl,--gc-sections -s"; do
    # shellcheck disable=SC2086
    with $link loads.c blocks.c -o p && refused ./own.so ./p ./own.so
done
with -shared own.pic.o "$runtime" -fuse-ld=lld -Wl,--gc-sections -s -o stripped.so
refused ./stripped.so ./p ./stripped.so
with -rdynamic $base -o p && refused ./symbolic.so ./p ./symbolic.so
in_software ./p ./pace.so # the program's runtime, since it is exported
echo 'int main(void) { return 0; }' >empty.c
with main.c blocks.c step.so -Wl,-rpath,"$PWD" -o p && in_software ./p # exported for the library
# All of it: the library's own statistics would not know of the blocks that the program's runtime ran.
cat >one.c <<'C'
#include <ame/ame.h>
#include <dlfcn.h>
#include <stdio.h>
static long blocks;
int main(int count, char **libraries) {
    void *library = dlopen(libraries[count - 1], RTLD_NOW);
    if (!library)
        return puts(dlerror()) < 0 ? 3 : 2;
    atomic {
        blocks++;
    }
    return ((int (*)(void))dlsym(library, "committed"))();
}
C
cat >committed.c <<'C'
#include <ame/ame.h>
int committed(void);
int committed(void) {
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    return (int)statistics.commits_stm;
}
C
with -rdynamic one.c -o p
with -fPIC -shared committed.c -o committed.so && AME_MODE=stm run 1 ./p ./committed.so
with -fPIC -shared committed.c "$runtime" -o committed.so && AME_MODE=stm run 1 ./p ./committed.so
# The library's constructors run before the program's.
with main.c blocks.c step.c -Wl,--no-as-needed symbolic.so -Wl,-rpath,"$PWD" -o p
refused "$PWD/symbolic.so" ./p

# A program without a runtime may load one, but not two; loaded together with it they share the first.
sed 's/call_blocks(.*)/((long (*)(long))dlsym(library, "pace"))(1)/; s/report()/0/' loads.c >plain.c
cp own.so other.so
without plain.c -o p
# What a runtime has allocated stays when it is unloaded.
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run 0 ./p ./own.so ./other.so
has err "a block has run"
run 1 ./p together ./own.so ./other.so
has err "ame: ./other.so brings a second runtime"
without empty.c -Wl,--no-as-needed own.so other.so -Wl,-rpath,"$PWD" -o p && run 0 ./p

# Notes that are said to be where no memory is are not read (but by AddressSanitizer itself).
without -shared -fPIC empty.c -Wl,--build-id -o notes.so
place=$(readelf -lW notes.so | awk '/^  [A-Z]/ && $1 != "Type" { if ($1 == "NOTE") print 64 + 56 * n + 16; n++ }')
[ -n "$place" ] || fail "notes.so has no notes"
for at in $place; do
    printf '\0\0\0\0\0\020' | dd of=notes.so bs=1 seek="$at" conv=notrunc 2>err
done
with main.c blocks.c step.c -Wl,--no-as-needed notes.so -Wl,-rpath,"$PWD" -o p
case $flags in
*sanitize*) ;;
*) in_software ./p ;;
esac

# ---- libraries that come and go ----
with -shared pace.pic.o -o pace.so
without -shared -fPIC pace.c -o plain.so
expect_blocks() {
    local total=$1 software=$2
    shift 2
    AME_MODE=stm run 0 "$@"
    has out "shared $((total * 55 / 10)) software $software alone $((total - software))"
}
with -rdynamic $base -o p
expect_blocks 30 30 ./p ./pace.so ./pace.so ./pace.so
expect_blocks 20 10 ./p ./pace.so ./plain.so # at the address of the one before
# A library's function has the name of one of the program's that has no twin, and brings it none.
sed 's/return x + 1/return x + 1000/' pace.c >wrong.c && with -shared -fPIC wrong.c -o wrong.so
cat >same.c <<'C'
#include "count.h"
#include <dlfcn.h>
long pace(long x);
long step(long x) { return x; }
int main(int count, char **libraries) {
    if (!dlopen(libraries[count - 1], RTLD_NOW))
        return 2;
    call_blocks(pace);
    return report();
}
C
without -fPIE -c pace.c
with -rdynamic same.c blocks.o pace.o -o p && alone ./p ./wrong.so
# Where both have twins, each keeps its own.
with -rdynamic same.c blocks.o pace.c -o p && in_software ./p ./wrong.so
# What has been unloaded has no twin: a block that asks for it runs alone.
cat >forgets.c <<'C'
#include <ame/abi.h>
#include <dlfcn.h>
#include <stdio.h>
static const void *function, *twin;
static void plain(void *unused) { (void)unused; twin = 0; }
static void software(void *unused) { (void)unused; twin = ame_abi_twin_of(function); }
static struct ame_abi_block block = {.plain = plain, .twin = software, .function = "finds"};
static int finds(void) {
    block.history = 0; /* of runs alone */
    return ame_abi_run(&block, 0), twin != 0;
}
int main(int count, char **libraries) {
    for (int i = 0; i < 2 * count; i++) {
        void *library = dlopen(libraries[1], RTLD_NOW);
        function = dlsym(library, "pace");
        int loaded = finds(), own_twin = twin == dlsym(library, "ame_twin.pace");
        dlclose(library);
        printf("%d%d%d ", loaded, own_twin, finds());
    }
    return 0;
}
long shared;
C
include=$("$ame" cc --show -c x.c | tr ' ' '\n' | grep '^-I')
without "$include" -rdynamic forgets.c "$runtime" -lpthread -o p
AME_MODE=stm run 0 ./p ./pace.so
has out "110 110 110 110 "

# ---- another version ----
version=$(nm pace.pic.o | grep -o 'ame_abi_version_[0-9]*$')
objcopy --redefine-sym "$version=ame_abi_version_1" pace.pic.o old.o
run 1 "$ame" cc $flags main.c blocks.c step.c old.o -o p
has err ame_abi_version_1
with -shared old.o -o old.so
with -rdynamic $base -o p
run 2 ./p ./old.so
has out "undefined symbol: ame_abi_version_1"
# It brings the runtime that it fits, whose other names are those of the program's.
with -shared pace.pic.o "$runtime" -o old.so
objcopy --dump-section .note.ame=note old.so
head -c 24 note >old.note && printf '\1\0\0\0' >>old.note
objcopy --update-section .note.ame=old.note old.so
refused ./old.so ./p ./old.so

# ---- one definition for several files ----
cat >several.h <<'C'
#include "count.h"
long shared, calls; /* with -fcommon one variable */
inline long add(long x) { calls++; return shared += x; }
static inline long count(long x) { calls++; return x + 1; }
long next(long x);
C
echo '#include "several.h"
extern inline long add(long x);
long step(long x) { add(x); return next(x); }' >first.c
echo '#include "several.h"
long next(long x) { shared -= x; add(x); return count(x); }' >second.c
echo '#include "several.h"
#include <stdio.h>
int main(void) { call_blocks(0); printf("calls %ld\n", calls); return report(); }' >third.c
for level in -O0 -O2; do
    with -fcommon $level blocks.c first.c second.c third.c -o p && in_software ./p
    has out "calls 30"
done
finish
