/* Every way out of a block commits it, and what is after the block runs once. */
#include "check.h"

enum { THREADS = 4, LENGTH = 50 };

static long array[LENGTH]; /* a permutation of 0 .. LENGTH - 1 */
static long visits[6];     /* one for each way out */

static void swap(long *a, long *b) {
    long old = *a;
    *a = *b;
    *b = old;
}

/* return out of a loop in the block, with a value of the block. */
static long find(long value) {
    atomic {
        for (long i = 0; i < LENGTH; i++)
            if (array[i] == value) {
                visits[0]++;
                return i;
            }
        CHECK(!"a permutation holds every value");
    }
    return -1;
}

/* goto out of the block, forwards and backwards. */
static int jump(uint64_t r) {
    int rounds = 0;
again:
    rounds++;
    atomic {
        visits[1]++;
        if (rounds < 3)
            goto again;
        swap(&array[r % LENGTH], &array[(r >> 8) % LENGTH]);
        if (r >> 63)
            goto out;
        visits[2]++;
    }
    return rounds;
out:
    return -rounds;
}

/* break and continue end the block, not the loop around it. */
static int leave(uint64_t r) {
    int after = 0;
    for (int i = 0; i < 4; i++) {
        atomic {
            visits[3]++;
            if ((r >> i) % 2)
                continue;
            if ((r >> i) % 3)
                break;
            swap(&array[i], &array[(r >> 8) % LENGTH]);
        }
        after++;
    }
    return after;
}

/* A switch around the block and one in it. */
static long choose(int way) {
    switch (way) {
    case 0:
        atomic {
            return ++visits[4];
        }
        break;
    case 1:
        atomic {
            switch (visits[4] % 2) {
            case 0:
                return -++visits[5];
            default:
                visits[5]++;
            }
        }
    }
    return 0;
}

static ame_counter jumps_forward;

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(5000); i++) {
        uint64_t r = next_random(&random);
        long at = find((long)(r % LENGTH));
        CHECK(at >= 0 && at < LENGTH);
        int rounds = jump(r);
        CHECK(rounds == (r >> 63 ? -3 : 3));
        ame_counter_add(&jumps_forward, rounds < 0);
        CHECK(leave(r) == 4);
        CHECK(choose(0) > 0);
        CHECK(choose(1) <= 0);
    }
}

int main(void) {
    for (long i = 0; i < LENGTH; i++)
        array[i] = i;
    run_threads(THREADS, work);
    bool there[LENGTH] = {false};
    for (int i = 0; i < LENGTH; i++)
        there[array[i]] = true;
    for (int i = 0; i < LENGTH; i++)
        CHECK(there[i]);
    long steps = (long)THREADS * STEPS(5000);
    CHECK(visits[0] == steps && visits[1] == 3 * steps && visits[3] == 4 * steps);
    CHECK(visits[2] == steps - ame_counter_read(&jumps_forward));
    CHECK(visits[4] == steps && visits[5] == steps);
    return finish(0);
}
