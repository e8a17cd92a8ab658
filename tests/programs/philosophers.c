/* Dining philosophers: each takes both forks at once, or the one pair that is free of two tables'
 * (atomic_either), or sleeps. A cyclic barrier, of retry too, keeps them together. */
#include "check.h"

enum { PHILOSOPHERS = 5, TABLES = 2, ROUND = 10 };

static struct {
    _Alignas(64) bool taken;
} forks[TABLES][PHILOSOPHERS];
static int eating_with[TABLES][PHILOSOPHERS]; /* plain memory of who holds the fork */
static long meals[PHILOSOPHERS];
static long waiting, generation;

static void take(int table, int seat) {
    int next = (seat + 1) % PHILOSOPHERS;
    if (forks[table][seat].taken || forks[table][next].taken)
        atomic_retry();
    forks[table][seat].taken = forks[table][next].taken = true;
}

static int sit_down(int seat) {
    int table = 0;
    atomic_either {
        take(0, seat);
        table = 0;
    }
    atomic_or_else {
        take(1, seat);
        table = 1;
    }
    return table;
}

static void eat(int table, int seat) {
    int next = (seat + 1) % PHILOSOPHERS;
    CHECK(eating_with[table][seat]++ == 0 && eating_with[table][next]++ == 0);
    linger((uint64_t)meals[seat]);
    eating_with[table][seat]--;
    eating_with[table][next]--;
    meals[seat]++;
}

static void leave(int table, int seat) {
    atomic {
        forks[table][seat].taken = forks[table][(seat + 1) % PHILOSOPHERS].taken = false;
    }
}

static void wait_for_the_others(void) {
    long mine;
    atomic {
        mine = generation;
        if (++waiting == PHILOSOPHERS) {
            waiting = 0;
            generation++;
        }
    }
    atomic {
        if (generation == mine)
            atomic_retry();
    }
}

static void work(int seat) {
    for (int i = 1; i <= STEPS(2000); i++) {
        int table = sit_down(seat);
        eat(table, seat);
        leave(table, seat);
        if (i % ROUND == 0) {
            wait_for_the_others();
            CHECK(meals[(seat + 1) % PHILOSOPHERS] >= i);
        }
    }
}

int main(void) {
    run_threads(PHILOSOPHERS, work);
    for (int i = 0; i < PHILOSOPHERS; i++)
        CHECK(meals[i] == STEPS(2000));
    return finish(0);
}
