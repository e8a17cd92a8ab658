/* long_read.c - a block that reads ten million words and writes a thousand of them. Beside it, a
 * thread whose short blocks write a table of its own and once in a million times two of the words
 * (rarely), or two of the words each time (always). All words sum to 0. */
#include "harness.h"

enum {
    WORDS = 10000000,
    WORDS_QUICK = 100000,
    WRITES = 1000,
    TABLE = 4096,
    UPDATES = 1000,
    RARELY = 1000000,
    RARELY_QUICK = 10000,
};

static long *words;
static alignas(64) long table[TABLE]; /* in stripes of its own */
static long word_count, until_conflict;

static void block(void) {
    long sum = 0;
    ATOMIC {
        bench_try();
        sum = 0;
        for (long i = 0; i < word_count; i++)
            sum += words[i];
        for (long i = 0; i < WRITES; i++)
            words[word_count / WRITES * i] += i % 2 ? 1 : -1;
    }
    CHECK(sum == 0);
}

static void move(long *from, long *to) {
    ATOMIC {
        --*from;
        ++*to;
    }
}

static long *random_word(struct worker *self) {
    return &words[random_below(&self->random, word_count)];
}

static long update_always(struct worker *self) {
    for (int i = 0; i < UPDATES; i++)
        move(random_word(self), random_word(self));
    return UPDATES;
}

static long update_rarely(struct worker *self) {
    for (int i = 0; i < UPDATES; i++)
        if (--until_conflict < 0) {
            until_conflict = bench_quick ? RARELY_QUICK : RARELY;
            move(random_word(self), random_word(self));
        } else {
            move(&table[random_below(&self->random, TABLE)],
                 &table[random_below(&self->random, TABLE)]);
        }
    return UPDATES;
}

static void set_up(void) {
    word_count = bench_quick ? WORDS_QUICK : WORDS;
    words = malloc((size_t)word_count * sizeof *words);
    CHECK(words);
    for (long i = 0; i < word_count; i++)
        words[i] = i % 2 ? 1 : -1;
    memset(table, 0, sizeof table);
}

static void check(void) {
    long sum = 0;
    for (long i = 0; i < word_count; i++)
        sum += words[i];
    CHECK(sum == 0);
    for (int i = 0; i < TABLE; i++)
        sum += table[i];
    CHECK(sum == 0);
    free(words);
}

static const struct bench_long_case cases[] = {
    {"long_read_rarely", set_up, block, update_rarely, check},
    {"long_read_always", set_up, block, update_always, check},
};
BENCH_LONG_CASES(cases)
