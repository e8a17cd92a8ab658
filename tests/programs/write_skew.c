/* Blocks that read more than they write: of two blocks that each read what the
 * other one writes, only one may find things as they were before both. */
#include "check.h"

enum { THREADS = 4 };

/* At most one is 1 after any block: each thread sets and clears its own only. */
static struct {
    _Alignas(128) long taken;
} places[THREADS];

/* Numbers handed out, without a common counter: the greatest one known and one
 * more. No two are the same. */
static struct {
    _Alignas(128) long number;
} tickets[THREADS];
static char handed_out[1 << 20];

static bool take(int number, uint64_t random) {
    bool taken = false;
    atomic {
        long others = 0;
        for (int i = 0; i < THREADS; i++)
            others += places[i].taken;
        CHECK(others <= 1);
        taken = others == 0;
        linger(random);
        if (taken)
            places[number].taken = 1;
    }
    return taken;
}

static void draw_ticket(int number, uint64_t random) {
    long ticket = 0;
    atomic {
        ticket = 0;
        for (int i = 0; i < THREADS; i++)
            if (tickets[i].number > ticket)
                ticket = tickets[i].number;
        linger(random);
        tickets[number].number = ++ticket;
    }
    CHECK(!__atomic_test_and_set(&handed_out[ticket], __ATOMIC_RELAXED));
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(10000); i++) {
        draw_ticket(number, next_random(&random));
        if (take(number, next_random(&random)))
            atomic {
                CHECK(places[number].taken);
                places[number].taken = 0;
            }
    }
}

int main(void) {
    _Static_assert(THREADS * 10000 < sizeof handed_out, "one byte for each ticket");
    run_threads(THREADS, work);
    for (long ticket = 1; ticket <= THREADS * (long)STEPS(10000); ticket++)
        CHECK(handed_out[ticket]);
    return finish(0);
}
