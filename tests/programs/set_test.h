/* set_test.h - one test for all kinds of sets. The including file defines
 *   bool set_insert(long key);   false: was there already
 *   bool set_remove(long key);   false: was not there
 *   bool set_contains(long key);
 *   void set_check(const bool *present, long keys);   outside blocks
 * each without blocks of its own, and calls set_test.
 *
 * Each key belongs to one thread at a time in turn: a thread that works on its
 * own keys knows what each call must return, whatever the others do to the
 * structure. All threads also move tokens between keys that all share: a token
 * that is removed here is inserted there in the same block, so their number
 * stays. */
#ifndef SET_TEST_H
#define SET_TEST_H

#include "check.h"

enum { SET_THREADS = 4, OWN_KEYS = 256, SHARED_KEYS = 128, TOKENS = SHARED_KEYS / 2 };
enum { KEYS = SET_THREADS * OWN_KEYS + SHARED_KEYS };

static bool set_insert(long key);
static bool set_remove(long key);
static bool set_contains(long key);
static void set_check(const bool *present, long keys);

static bool model[KEYS]; /* each element is its owner's alone */
static int set_steps;

/* Own and shared keys lie between each other all over the range. */
static long own_key(int thread, uint64_t r) {
    return (long)(r % OWN_KEYS) * SET_THREADS + thread;
}
static long shared_key(uint64_t r) {
    return SET_THREADS * OWN_KEYS + (long)(r % SHARED_KEYS);
}

/* Keys spread out, so that neighbours in the structure have different owners. */
static long spread(long key) {
    return key * 7919 % KEYS;
}

static void move_token(uint64_t r) {
    long from = spread(shared_key(r)), to = spread(shared_key(r >> 16));
    atomic {
        if (set_contains(from) && !set_contains(to)) {
            CHECK(set_remove(from));
            CHECK(set_insert(to));
            CHECK(!set_contains(from));
        }
    }
}

static void count_tokens(void) {
    int tokens;
    atomic {
        tokens = 0;
        for (uint64_t i = 0; i < SHARED_KEYS; i++)
            tokens += set_contains(spread(shared_key(i)));
        CHECK(tokens == TOKENS);
    }
    CHECK(tokens == TOKENS);
}

static void change_own(int number, uint64_t r) {
    long key = own_key(number, r);
    bool expected = model[key], result;
    switch (r >> 32 & 3) {
    case 0:
        atomic {
            result = set_contains(spread(key));
        }
        CHECK(result == expected);
        break;
    case 1:
        atomic {
            result = set_remove(spread(key));
        }
        CHECK(result == expected);
        model[key] = false;
        break;
    default:
        atomic {
            result = set_insert(spread(key));
        }
        CHECK(result == !expected);
        model[key] = true;
    }
}

static void set_work(int number) {
    uint64_t random = (uint64_t)number * 1000;
    for (int i = 0; i < set_steps; i++) {
        uint64_t r = next_random(&random);
        if (i % 64 == 0)
            count_tokens();
        else if (i % 3 == 0)
            move_token(r);
        else
            change_own(number, r);
    }
}

static int set_test(int steps) {
    set_steps = steps;
    for (uint64_t i = 0; i < TOKENS; i++)
        CHECK(set_insert(spread(shared_key(i))));
    run_threads(SET_THREADS, set_work);

    bool present[KEYS];
    int tokens = 0;
    for (long key = 0; key < KEYS; key++) {
        if (key >= SET_THREADS * OWN_KEYS)
            tokens += model[key] = set_contains(spread(key));
        CHECK(set_contains(spread(key)) == model[key]);
        present[spread(key)] = model[key];
    }
    CHECK(tokens == TOKENS);
    set_check(present, KEYS);
    return finish(0);
}

#endif
