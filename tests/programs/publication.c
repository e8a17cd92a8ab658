/* Publication: data is made outside blocks, as plain memory, and a block makes it
 * known. Whoever reads in a block that it is there must find it complete, and a
 * block that finds it not there may not look at it before. */
#include "check.h"

enum { SLOTS = 64, WORDS = 24 };

struct slot {
    _Alignas(64) long data[WORDS]; /* plain stores of the publisher */
    _Alignas(64) long round;       /* 0: not published */
};

static struct slot slots[SLOTS];
static int done; /* outside the runtime's sight */

static void publish(void) {
    for (long round = 1; round <= STEPS(800); round++)
        for (int i = 0; i < SLOTS; i++) {
            struct slot *slot = &slots[i];
            atomic {
                slot->round = 0;
            } /* private again */
            for (int w = 0; w < WORDS; w++)
                slot->data[w] = round;
            atomic {
                slot->round = round;
            }
        }
}

/* Returns whether the slot was published. */
static bool look_at(struct slot *slot) {
    long round = 0, sum = 0;
    atomic {
        round = slot->round;
        if (round)
            for (int w = 0; w < WORDS; w++) {
                CHECK(slot->data[w] == round);
                sum += slot->data[w];
            }
    }
    CHECK(sum == round * WORDS);
    return round;
}

static void look(int number) {
    uint64_t random = (uint64_t)number;
    while (!__atomic_load_n(&done, __ATOMIC_RELAXED))
        look_at(&slots[next_random(&random) % SLOTS]);
}

static void work(int number) {
    if (number == 0) {
        publish();
        __atomic_store_n(&done, 1, __ATOMIC_RELAXED);
    } else {
        look(number);
    }
}

int main(void) {
    run_threads(4, work);
    for (int i = 0; i < SLOTS; i++) {
        CHECK(look_at(&slots[i]));
        CHECK(slots[i].round == STEPS(800));
    }
    return finish(0);
}
