/* Blocks call a function of which nobody knows what it does. */
#include "threads.h"

static struct {
    _Alignas(64) long parent;
} parts[THREADS];

static void note(int part, long parent) {
    parts[part].parent = parent;
    think();
}

static void work(int thread) {
    for (int i = 0; i < 300; i++) {
        if (mended) {
            long parent = getppid();
            atomic {
                note(thread, parent);
            }
        } else {
            atomic {
                note(thread, getppid()); /* LINE-conflict */
            }
        }
    }
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    return parts[0].parent != getppid();
}
