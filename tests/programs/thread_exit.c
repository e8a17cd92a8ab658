/* A thread that ends inside a block: the state is that before the block, and the
 * others go on. */
#include "check.h"

enum { ROUNDS = 100 };

static long x, y; /* equal after every block */
static long blocks_of_others;

/* The plugin knows nothing of it: called in a block as it is. */
ame_pure __attribute__((noinline)) static void end_thread(void) {
    pthread_exit(NULL);
}

static void *leave_in_block(void *leave) {
    atomic {
        x += 1000;
        if (leave)
            end_thread();
        y += 1000;
    }
    return NULL;
}

static void *others(void *unused) {
    (void)unused;
    for (int i = 0; i < STEPS(2000); i++)
        atomic {
            CHECK(x == y);
            x++;
            y++;
            blocks_of_others++;
        }
    return NULL;
}

int main(void) {
    bool serial = !strcmp(ame_mode_name(), "serial");
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t leaving, other;
        /* A serial block can't be undone; it must only not stop the others. */
        CHECK(!pthread_create(&leaving, NULL, leave_in_block, serial ? NULL : &x));
        CHECK(!pthread_create(&other, NULL, others, NULL));
        CHECK(!pthread_join(leaving, NULL) && !pthread_join(other, NULL));
        CHECK(x == y);
    }
    CHECK(blocks_of_others == ROUNDS * (long)STEPS(2000));
    CHECK(x == blocks_of_others + (serial ? 1000 * ROUNDS : 0));
    return finish(0);
}
