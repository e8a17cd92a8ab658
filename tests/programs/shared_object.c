/* A shared object with blocks, loaded while the program runs: it uses the
 * program's runtime, its functions run in the program's blocks and call back. */
#include "shared_object.h"
#include "check.h"

#include <dlfcn.h>

enum { THREADS = 4 };

static const struct shared_object *object;
static long from, to, reported; /* from + to is 0 and reported is to, after every block */

static void report(long amount) {
    reported += amount;
}

static void work(int number) {
    for (int i = 0; i < STEPS(30000); i++) {
        if (i % 2)
            object->move(&from, &to, number, report);
        else
            atomic {
                object->add(&from, -2);
                object->add(&to, 2);
                report(2);
            }
        atomic {
            CHECK(from + to == 0 && reported == to);
        }
    }
}

int main(void) {
    void *handle = dlopen(PLUGIN, RTLD_NOW);
    if (!handle)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(handle);
    object = dlsym(handle, "shared_object");
    CHECK(object);
    run_threads(THREADS, work);
    CHECK(to == THREADS * (long)STEPS(30000) + (0 + 1 + 2 + 3) * (long)STEPS(30000) / 2);
    CHECK(from + to == 0);
    CHECK(!dlclose(handle));
    atomic {
        from += to;
    }
    CHECK(from == 0);
    return finish(0);
}
