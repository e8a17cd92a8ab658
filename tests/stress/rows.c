/* Arrays in chunks: rows of words are written, copied and changed as wholes, in loops and by
 * memcpy, by blocks of which some are cancelled; who reads a row finds it whole. Between two rows
 * lies a word that belongs to a thread, which changes it outside blocks: no block, and no undo, may
 * touch it, though it shares a stripe with both rows. */
#include "stress.h"

#include <string.h>

enum { MOST_ROWS = 12, LONGEST = 1200 };

static _Alignas(64) uint64_t memory[MOST_ROWS * (LONGEST + 1)];
static _Alignas(64) uint64_t all_texts; /* of all rows, combined by XOR */

static struct {
    uint32_t rows, threads;
    long length;
    bool sums; /* all_texts is kept */
    int steps;
    uint64_t random;
} chosen;

static inline uint64_t *row_of(uint64_t random) {
    return &memory[(long)(random % chosen.rows) * (chosen.length + 1)];
}

static inline uint64_t word_of(uint64_t text, long i) {
    return text ^ (uint64_t)i * UINT64_C(0x9E3779B97F4A7C15);
}

static void changes(uint64_t before, uint64_t after) {
    if (chosen.sums)
        all_texts ^= before ^ after;
}

/* ---- what blocks do with rows ---- */

static void check_row(const uint64_t *row, long n) {
    uint64_t text = row[0], wrong = 0;
    for (long i = 0; i < n; i++)
        wrong |= row[i] ^ word_of(text, i);
    CHECK(!wrong);
}

static void write_row(uint64_t *row, long n, uint64_t text) {
    changes(row[0], text);
    for (long i = 0; i < n; i++)
        row[i] = word_of(text, i);
}

static void change_row(uint64_t *row, long n, uint64_t by) {
    changes(row[0], row[0] ^ by);
    for (long i = 0; i < n; i++)
        row[i] ^= by;
}

static void change_backwards(uint64_t *row, long n, uint64_t by) {
    changes(row[0], row[0] ^ by);
    for (long i = n; i--;)
        row[i] ^= by;
}

static void derive_row(uint64_t *to, const uint64_t *from, long n, uint64_t by) {
    changes(to[0], from[0] ^ by);
    for (long i = 0; i < n; i++)
        to[i] = from[i] ^ by;
}

static void exchange_rows(uint64_t *one, uint64_t *other, long n) {
    for (long i = 0; i < n; i++) {
        uint64_t word = one[i];
        one[i] = other[i];
        other[i] = word;
    }
}

static void copy_row(uint64_t *to, const uint64_t *from, long n) {
    changes(to[0], from[0]);
    memmove(to, from, (size_t)n * sizeof *to);
}

static void change_some_row(uint64_t random, uint64_t kind) {
    uint64_t *row = row_of(random >> 8), *other = row_of(random >> 16);
    long n = chosen.length;
    switch (kind % 6) {
    case 0:
        write_row(row, n, random);
        break;
    case 1:
        change_row(row, n, random);
        break;
    case 2:
        change_backwards(row, n, random);
        break;
    case 3:
        derive_row(row, other, n, random);
        break;
    case 4:
        exchange_rows(row, other, n);
        break;
    default:
        copy_row(row, other, n);
    }
}

static void check_all(void) {
    uint64_t texts = 0;
    for (uint32_t i = 0; i < chosen.rows; i++) {
        check_row(row_of(i), chosen.length);
        texts ^= *row_of(i);
    }
    CHECK(!chosen.sums || texts == all_texts);
}

/* ---- the words in between ---- */

static void change_between(int number, uint64_t random, uint64_t *expected) {
    for (uint32_t i = (uint32_t)number; i < chosen.rows; i += chosen.threads) {
        uint64_t *word = row_of(i) + chosen.length;
        CHECK(*word == expected[i]);
        expected[i] = *word = random + i;
    }
}

/* ---- the run ---- */

static void step(uint64_t random, uint64_t kind) {
    switch (kind % 8) {
    case 0:
        atomic {
            check_all();
        }
        break;
    case 1:
        atomic {
            check_row(row_of(random), chosen.length);
        }
        break;
    case 2:
        atomic {
            change_some_row(random, kind >> 8);
            change_some_row(random >> 8, kind >> 16);
            atomic {
                change_some_row(random >> 16, kind >> 24);
                check_row(row_of(random >> 24), chosen.length);
                atomic_cancel();
            }
            check_row(row_of(random >> 24), chosen.length);
        }
        break;
    default:
        atomic {
            change_some_row(random, kind >> 8);
            check_row(row_of(random >> 8), chosen.length);
        }
    }
}

static void work(int number) {
    uint64_t random = chosen.random + (uint64_t)number, between[MOST_ROWS] = {0};
    next_random(&random);
    for (int i = 0; i < chosen.steps; i++) {
        uint64_t r = next_random(&random);
        step(r, next_random(&random));
        change_between(number, r, between);
    }
}

void stress_run(struct stress *run) {
    chosen.rows = 1 + (uint32_t)(next_random(&run->random) % MOST_ROWS);
    chosen.length =
        1 + (long)(next_random(&run->random) % (next_random(&run->random) % 2 ? 40 : LONGEST));
    chosen.sums = next_random(&run->random) % 2;
    chosen.threads = (uint32_t)run->threads;
    chosen.steps = stress_steps(run, (int)(200000 / (chosen.length + 25)));
    chosen.random = next_random(&run->random);
    for (uint32_t i = 0; i < chosen.rows; i++)
        for (long w = 0; w < chosen.length; w++)
            row_of(i)[w] = word_of(0, w);
    stress_threads(run, work);
    check_all();
}
