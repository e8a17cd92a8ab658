/* What the blocks touch lies a quarter of a gigabyte apart, where lines share ownership records. */
#include "threads.h"

enum { LINE = 64, PARTS = THREADS + 1 };
static const size_t APART = (size_t)1 << 28;

static char memory[((size_t)1 << 28) * (THREADS - 1) + PARTS * 2 * LINE]
    __attribute__((aligned(64)));

static long *part(int thread) {
    size_t line = mended ? (size_t)thread * 2 : 0;
    return (long *)(void *)(memory + (size_t)thread * APART + line * LINE);
}

static void work(int thread) {
    long *mine = part(thread);
    for (int i = 0; i < 300; i++)
        atomic {
            *mine = i + 1; /* LINE-conflict */
            think();
        }
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    mended = count > 1;
    return *part(0) + *part(THREADS - 1) != 600;
}
