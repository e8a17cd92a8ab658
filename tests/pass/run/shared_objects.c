/* Blocks and twins in a shared object that is loaded, used and unloaded; link time optimization. */
// RUN: %clang -g %level -fPIC -shared -DLIBRARY %s -o %t.so
// RUN: %clang -g %level -fPIE -pie %s %counting -rdynamic -ldl -o %t && %t %t.so
// RUN: %clang -g -O2 -flto=full -fuse-ld=lld -fPIC -shared -DLIBRARY %s -o %t.so
// RUN: %clang -g -O2 -flto=thin -fuse-ld=lld %s %counting -rdynamic -ldl -o %t && %t %t.so
#include "counting.h"
#include <ame/atomic.h>
#include <dlfcn.h>

#ifdef LIBRARY
int helper(int x);
int helper(int x) {
    return x * 2;
}
int library_block(int *p);
int library_block(int *p) {
    int result;
    atomic {
        result = *p = helper(*p);
    }
    return result;
}
static int pointee(int x) {
    return helper(x) + 1;
}
int (*library_pointer(void))(int);
int (*library_pointer(void))(int) {
    return pointee;
}
#else
__attribute__((noinline)) static int call(int (*function)(int), int *p) {
    int result;
    atomic {
        result = function(*p);
    }
    return result;
}

int main(int argc, char **argv) {
    int *data = shared(sizeof *data);
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (!library)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(library);
    int (*block)(int *) = (int (*)(int *))dlsym(library, "library_block");
    int (*(*pointer)(void))(int) = (int (*(*)(void))(int))dlsym(library, "library_pointer");
    CHECK(block && pointer);
    *data = 4;
    CHECK_EQUAL(block(data), 8);
    CHECK_EQUAL(*data, 8);
    CHECK_EQUAL(counts.serial, 0);
    CHECK_EQUAL(call(pointer(), data), 17);
    CHECK_EQUAL(counts.twins_found, 1);
    CHECK_EQUAL(counts.serial, 0);
    CHECK_EQUAL(dlclose(library), 0);
    return 0;
}
#endif
