/* No memory for a log: the block runs on the serial path instead. This program has
 * its own base/log.c, whose logs can be kept from growing. */
#include "base/log.h"
#include "core/tx.h"
#include "counting.h"
#include "death.h"
#include "merging.h"

#include <stdatomic.h>

enum { MANY = 4096 };

static void **kept_small; /* the log that finds no memory, or NULL */
static ame_counter counters[MANY];
static ame_ref objects[MANY];
static atomic_int destroyed;

bool ame__log_grow(void **entries, size_t *capacity, size_t entry_size) {
    size_t larger = *capacity ? *capacity * 2 : 64;
    void *moved = entries == kept_small ? NULL : realloc(*entries, larger * entry_size);
    if (!moved)
        return false;
    *entries = moved;
    *capacity = larger;
    return true;
}

void ame__log_free(void **entries, size_t *capacity) {
    free(*entries);
    *entries = NULL;
    *capacity = 0;
}

static void destroy(ame_ref *ref) {
    require(ref->count == 0);
    destroyed++;
}

static void check_ways(uint64_t without_memory, uint64_t serial) {
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    cr_assert_eq(statistics.aborts_memory, without_memory);
    cr_assert_eq(statistics.commits_serial, serial);
}

static void adds_to_all(void *args, const struct calls *c) {
    (void)args;
    for (int i = 0; i < MANY; i++)
        c->add(&counters[i], 1);
}
BLOCK(adds_to_all)

Test(memory, none_for_additions, .init = software_only) {
    kept_small = (void **)&ame__tx_self()->deltas.entries;
    run_adds_to_all(NULL);
    for (int i = 0; i < MANY; i++)
        cr_assert_eq(ame_counter_read(&counters[i]), 1);
    check_ways(1, 1);
}

/* A log that can't grow is summed up, again and again while that makes room. */
static void adds_in_turn(void *args, const struct calls *c) {
    (void)args;
    for (int i = 0; i < 5 * MANY; i++)
        c->add(&counters[i % (MANY / 4 * 3)], 1);
}
BLOCK(adds_in_turn)

Test(memory, none_needed_where_summing_up_makes_room, .init = software_only) {
    run_adds_to_all(NULL); /* the log has grown for these */
    cr_assert_eq(ame__tx_self()->deltas.capacity, MANY);
    kept_small = (void **)&ame__tx_self()->deltas.entries;
    run_adds_in_turn(NULL);
    cr_assert_eq(ame_counter_read(&counters[0]), 8);
    cr_assert_eq(ame_counter_read(&counters[MANY - 1]), 1);
    check_ways(0, 0);
}

/* ---- values ---- */

static void add_words(void *into, const void *from) {
    *(int64_t *)into += *(const int64_t *)from;
}

static const struct ame_merge words = {sizeof(int64_t), add_words};
static ame_merged merged[MANY];

static void merges_into_all(void *args, const struct calls *c) {
    int64_t one = 1;
    (void)args;
    for (int i = 0; i < MANY; i++)
        merges_of(c)->merged_add(&merged[i], &one);
}
BLOCK(merges_into_all)

Test(memory, none_for_values, .init = software_only) {
    int64_t value = 0;
    for (int i = 0; i < MANY; i++)
        ame_merged_init(&merged[i], &words, &value);
    kept_small = (void **)&ame__tx_self()->operands.entries;
    run_merges_into_all(NULL);
    for (int i = 0; i < MANY; i++) {
        ame_merged_read(&merged[i], &value);
        cr_assert_eq(value, 1);
    }
    check_ways(1, 1);
}

/* ---- reading ---- */

static void reads_all(void *args, const struct calls *c) {
    (void)args;
    for (int i = 0; i < MANY; i++)
        require(c->read(&counters[i]) == 0);
}
BLOCK(reads_all)

Test(memory, none_for_counts_read, .init = software_only) {
    kept_small = (void **)&ame__tx_self()->count_reads.entries;
    run_reads_all(NULL);
    check_ways(1, 1);
}

static void gives_all_back(void *args, const struct calls *c) {
    (void)args;
    for (int i = 0; i < MANY; i++)
        c->release(&objects[i], destroy);
}
BLOCK(gives_all_back)

static void start_objects(void) {
    for (int i = 0; i < MANY; i++)
        ame_ref_init(&objects[i]);
}

/* The serial path needs the log too, and nothing can be undone there. */
static void gives_back_without_memory(void) {
    start_objects();
    kept_small = (void **)&ame__tx_self()->releases.entries;
    run_gives_all_back(NULL);
}

TEST_BOTH_WAYS(memory, none_for_references_given_back_ends_the_program) {
    check_death(gives_back_without_memory, "out of memory for the references");
}

/* What may have to be destroyed has its room before the block commits, so the first
 * attempt is undone; on the serial path nothing can be. */
static void destroys_without_memory(void) {
    start_objects();
    kept_small = (void **)&ame__tx_self()->dying.entries;
    run_gives_all_back(NULL);
}

TEST_BOTH_WAYS(memory, none_for_the_dead_ends_the_program) {
    check_death(destroys_without_memory, "out of memory for the objects that wait");
}

static int serial_attempts;

static void gives_back_and_finds_memory(void *args, const struct calls *c) {
    if (c == &in_place) {
        kept_small = NULL;
        serial_attempts++;
        require(destroyed == 0);
    }
    gives_all_back(args, c);
}
BLOCK(gives_back_and_finds_memory)

Test(memory, none_for_the_dead_undoes_the_block_before_it_commits, .init = software_only) {
    start_objects();
    kept_small = (void **)&ame__tx_self()->dying.entries;
    run_gives_back_and_finds_memory(NULL);
    cr_assert_eq(serial_attempts, 1);
    cr_assert_eq(destroyed, MANY);
    check_ways(1, 1);
}
