/* Every block sets a flag, which is nearly always set already. */
#include "threads.h"

static struct {
    _Alignas(64) long value;
} parts[THREADS];
static _Alignas(64) bool changed;

static __attribute__((noinline)) void note_change(void) {
    changed = true; /* LINE-conflict */
}

static __attribute__((noinline)) void note_new_change(void) {
    if (!changed)
        changed = true;
}

static void set(int part, long value) {
    parts[part].value = value;
    if (mended)
        note_new_change();
    else
        note_change();
    think();
}

static void work(int thread) {
    for (int i = 0; i < 300; i++)
        atomic {
            set(thread, i);
        }
}

int main(int count, char **arguments) {
    changed = count > 1; /* while it is not, blocks may set it together */
    run_threads(count, arguments);
    return !changed;
}
