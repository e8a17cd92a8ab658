/* Privatization by proxy: one thread's block takes the buffer away from all
 * others, another thread's block, which only reads, learns of it and uses the
 * buffer outside blocks. So a block that only reads can privatize too. */
#include "check.h"

#include <sched.h>

enum { SLOTS = 2, WORDS = 32 };

struct buffer {
    long words[WORDS]; /* all equal after every block */
};

static struct buffer buffers[SLOTS];
static _Alignas(128) long is_public[SLOTS]; /* else private to the reader */
static _Alignas(128) long handed_over[SLOTS];
static int done; /* outside the runtime's sight */

/* Changes public buffers. */
static bool change(uint64_t random) {
    struct buffer *buffer = &buffers[random % SLOTS];
    bool may;
    atomic {
        may = is_public[random % SLOTS];
        if (may)
            for (int i = 0; i < WORDS; i++) {
                buffer->words[i]++;
                if (i == WORDS / 2)
                    linger(random >> 32);
            }
    }
    return may;
}

/* Makes a public buffer private. */
static bool take_away(uint64_t random) {
    bool may;
    atomic {
        may = is_public[random % SLOTS];
        if (may) {
            is_public[random % SLOTS] = 0;
            handed_over[random % SLOTS] = 1;
        }
    }
    return may;
}

/* Finds a buffer private, by reading alone, and then owns it. */
static bool use(uint64_t random) {
    struct buffer *buffer = &buffers[random % SLOTS];
    bool mine;
    atomic {
        mine = handed_over[random % SLOTS];
    }
    if (!mine)
        return false;
    long first = buffer->words[0];
    for (int round = 0; round < 4; round++)
        for (int i = 0; i < WORDS; i++) {
            CHECK(buffer->words[i] == first + round);
            buffer->words[i]++;
        }
    atomic {
        handed_over[random % SLOTS] = 0;
        is_public[random % SLOTS] = 1;
    }
    return true;
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    if (number == 0) {
        for (int uses = 0; uses < STEPS(10000);)
            if (use(next_random(&random)))
                uses++;
            else
                sched_yield(); /* it is the others' turn; else all would wait for time slices to end
                                */
        __atomic_store_n(&done, 1, __ATOMIC_RELAXED);
    }
    while (!__atomic_load_n(&done, __ATOMIC_RELAXED))
        if (!(number == 1 ? take_away : change)(next_random(&random)))
            sched_yield();
}

int main(void) {
    for (int i = 0; i < SLOTS; i++)
        is_public[i] = 1;
    run_threads(4, work);
    for (int slot = 0; slot < SLOTS; slot++)
        for (int i = 0; i < WORDS; i++)
            CHECK(buffers[slot].words[i] == buffers[slot].words[0]);
    return finish(0);
}
