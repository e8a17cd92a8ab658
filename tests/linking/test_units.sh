#!/usr/bin/env bash
# Twins across objects, archives, shared objects and every kind of symbol.
. "$(dirname "$0")/build.sh"

echo '#include "count.h"
long add(long x, long y);
long step(long x) { shared = add(shared, x); return x + 1; }' >calls_add.c
echo 'long add(long x, long y); long add(long x, long y) { return x + y; }' >add.c
for file in blocks main step calls_add add; do
    with -fPIE -c $file.c
    with -fPIC -c $file.c -o $file.pic.o
done
without -fPIC -c step.c -o step.plain.o
base="main.o blocks.o"

# ---- objects, archives, partial links ----
with $base step.o -o p && in_software ./p
with $base step.plain.o -o p && alone ./p
with -pie $base step.o -o p && in_software ./p
with -no-pie $base step.o -o p && in_software ./p
strip p && in_software ./p
ar rcs libtwo.a add.o calls_add.o step.plain.o 2>err
with $base -L. -Wl,--as-needed -ltwo -o p && in_software ./p # a member for step, one for its call
ld -r $base -o both.o && ld -r both.o step.o -o all.o
with all.o -o p && in_software ./p
with -ffunction-sections -fdata-sections -c calls_add.c -o sections.o
with $base sections.o add.o -Wl,--gc-sections -o p && in_software ./p
case $flags in
*sanitize*) ;;
*) with -static $base step.o -o p && in_software ./p ;;
esac

# ---- shared objects ----
with -shared step.pic.o -o libstep.so
# Other libraries take its place below, which may call other barriers.
with $base -L. -lstep -Wl,-rpath,"$PWD" "-Wl,--export-dynamic-symbol=ame_abi_*" -o p && in_software ./p
sed 's/(0)/(step)/' main.c >pointer.c
with pointer.c blocks.c -L. -lstep -Wl,-rpath,"$PWD" -o q && in_software ./q
# The address of its own that a program which is not PIC has for the library's function has no twin.
with -fno-pie -no-pie pointer.c blocks.c -L. -lstep -Wl,-rpath,"$PWD" -o q && alone ./q
with -shared calls_add.pic.o add.pic.o -Wl,-Bsymbolic -o libstep.so && in_software ./p
without -shared step.plain.o -o libstep.so && alone ./p
echo 'V1 { global: step; "ame_twin.step"; local: *; };' >map
with -shared step.pic.o -Wl,--version-script=map -o libstep.so && in_software ./p
echo 'V1 { global: step; local: *; };' >map # the twin is hidden, but its address is registered
with -shared step.pic.o -Wl,--version-script=map -o libstep.so && in_software ./p
for visibility in protected default; do
    with -fPIC -shared -DSHARED "-Dstep=__attribute__((visibility(\"$visibility\"))) step" step.c -o libstep.so
    in_software ./p
done

# ---- kinds of symbols ----
define() { echo "#include \"count.h\"
$1" >symbol.c; }
define "__attribute__((weak)) $step"
with -c symbol.c && with $base symbol.o -o p && in_software ./p
with $base symbol.o calls_add.o add.o -o p && in_software ./p
with $base symbol.o step.plain.o -o p && alone ./p # the definition chosen has no twin
without -c symbol.c -o weak.plain.o
with $base weak.plain.o step.o -o p && in_software ./p
define "${step/step/real}
long step(long x) __attribute__((alias(\"real\")));"
with -c symbol.c && with $base symbol.o -o p && in_software ./p
define "${step/step/real}
long step(long x) __attribute__((weak, alias(\"real\")));"
with -c symbol.c && with $base symbol.o -o p && in_software ./p
define "__attribute__((visibility(\"hidden\"))) $step"
with -c symbol.c && with $base symbol.o -o p && in_software ./p
define "static ${step/step/real}
static void *choose(void) { return real; }
long step(long x) __attribute__((ifunc(\"choose\")));"
with -fPIC -c symbol.c && with $base symbol.o -o p && in_software ./p
define "long step(long x) __asm__(\"step\");
inline $step
extern inline long step(long x);"
with -c symbol.c && with $base symbol.o -o p && in_software ./p

# ---- link time optimization, of all files and of some ----
for lto in -flto=thin -flto=full; do
    with $lto -O2 -c step.c -o step.lto.o
    with $lto -O2 -c calls_add.c -o calls_add.lto.o
    with $lto -O2 -c main.c -o main.lto.o
    with $lto -O2 -c blocks.c -o blocks.lto.o
    with $lto -O2 -fuse-ld=lld main.lto.o blocks.lto.o calls_add.lto.o add.o -o p && in_software ./p
    with $lto -O2 -fuse-ld=lld main.o blocks.o step.lto.o -o p && in_software ./p
    with $lto -O2 -fuse-ld=lld main.lto.o blocks.lto.o step.plain.o -o p && alone ./p
done

# ---- code built without the plugin in between, pointers from it, and C++ ----
cat >middle.c <<'C'
#include "count.h"
static long plain(long x) { shared += x; return x + 1; }
long step(long x) { return twice(x); }
long (*from_plain(int own))(long);
long (*from_plain(int own))(long) { return own ? plain : twice; }
C
echo '#include "count.h"
long twice(long x) { shared += x; return x + 1; }' >twice.c
with -c twice.c && without -c middle.c
with $base middle.o twice.o -o p && alone ./p # a call of plain code that calls back
cat >pointers.c <<'C'
#include "count.h"
long (*from_plain(int own))(long);
int main(int count, char **arguments) {
    (void)arguments;
    call_blocks(from_plain(count > 1));
    return report();
}
C
with pointers.c blocks.o middle.o twice.o -o p && in_software ./p && alone ./p own
sed 's/(void)/()/' main.c >main.cc
without -x c++ -c main.cc -o main.cxx.o
with main.cxx.o blocks.o step.o -o p && in_software ./p
finish
