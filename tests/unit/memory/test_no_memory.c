/* No memory for a log: the block runs on the serial path instead, and what it had allocated is
 * freed (AddressSanitizer tells). This program has its own base/log.c, whose logs can be kept from
 * growing. */
#include "../stm/block.h"
#include "base/log.h"
#include "core/tx.h"

TestSuite(no_memory, .init = software_only);

#define TWIN(result, name, ...) result twin_##name(__VA_ARGS__) __asm__("ame_twin." #name)
TWIN(void *, malloc, size_t);
TWIN(void, free, void *);

static void **kept_small; /* the log that finds no memory beyond the limit, or NULL */
static size_t limit;

bool ame__log_grow(void **entries, size_t *capacity, size_t entry_size) {
    size_t larger = *capacity ? *capacity * 2 : 64;
    void *moved =
        entries == kept_small && larger > limit ? NULL : realloc(*entries, larger * entry_size);
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

enum { MANY = 1000 };
static void *memory[MANY];
static bool ran_alone;

static void alone(void *unused) {
    (void)unused;
    ran_alone = true;
}

static void run(void (*twin)(void *)) {
    struct ame_statistics statistics;
    struct ame_abi_block block = {.plain = alone, .twin = twin, .function = "test"};
    ame_abi_run(&block, NULL);
    cr_assert(ran_alone);
    ame_get_statistics(&statistics);
    cr_assert_eq(statistics.aborts_memory, 1);
}

/* No row, which stays out of the set. */
static void *allocate_one(size_t i) {
    return twin_malloc(1000 + i % 2 * 16);
}

static void allocate(void *unused) {
    (void)unused;
    for (size_t i = 0; i < MANY; i++)
        memory[i] = allocate_one(i);
}

static void allocate_large(void *unused) {
    (void)unused;
    for (size_t i = 0; ame__self->fresh.count < 63; i++)
        allocate_one(i);
    twin_malloc(10 << 20);
}

Test(no_memory, for_the_set_of_what_is_fresh) {
    kept_small = (void **)&ame__tx_self()->fresh.entries;
    run(allocate);
}

Test(no_memory, for_more_of_that_set) {
    kept_small = (void **)&ame__tx_self()->fresh.entries;
    limit = 64;
    run(allocate);
}

static void allocate_rows(void *unused) {
    (void)unused;
    for (size_t row = 0; row < 10; row++)
        for (size_t i = 0; i < MANY; i++)
            twin_malloc(1000 + row * 16);
}

/* Of three rows one goes to the set. */
Test(no_memory, for_a_row_in_that_set) {
    kept_small = (void **)&ame__tx_self()->fresh.entries;
    limit = 64;
    run(allocate_rows);
}

/* A row is freed from its midst, and stays: what is freed goes the way of other memory. */
static void free_from_the_midst(void *unused) {
    struct ame_tx *tx = ame__self;
    (void)unused;
    for (int i = 0; i < MANY; i++)
        memory[i] = twin_malloc(1000);
    twin_free(memory[MANY / 2]);
    cr_assert_eq(tx->frees.count, 1);
    cr_assert_eq(tx->frees.entries[0], memory[MANY / 2]);
    for (int i = 0; i < MANY; i++)
        if (i != MANY / 2)
            twin_free(memory[i]);
}

Test(no_memory, for_the_midst_of_a_row) {
    struct ame_abi_block block = {
        .plain = must_not_run, .twin = free_from_the_midst, .function = "test"};
    if (AME__ASAN)
        return; /* its allocations make no rows */
    kept_small = (void **)&ame__tx_self()->fresh.entries;
    limit = 64;
    ame_abi_run(&block, NULL);
}

/* It lies in regions of several levels: some are there when there is no room for the next. */
Test(no_memory, for_a_large_allocation_in_that_set) {
    kept_small = (void **)&ame__tx_self()->fresh.entries;
    limit = 64;
    run(allocate_large);
}

static void free_all(void *unused) {
    (void)unused;
    for (int i = 0; i < MANY; i++)
        twin_free(memory[i]);
}

Test(no_memory, for_the_list_of_frees) {
    for (int i = 0; i < MANY; i++)
        memory[i] = malloc(10);
    kept_small = (void **)&ame__tx_self()->frees.entries;
    run(free_all);
    for (int i = 0; i < MANY; i++)
        free(memory[i]);
}

static void free_one(void *unused) {
    (void)unused;
    twin_free(memory[0]);
}

Test(no_memory, for_the_limbo) {
    struct ame_abi_block block = {.plain = must_not_run, .twin = free_one, .function = "test"};
    kept_small = (void **)&ame__tx_self()->limbo.entries;
    for (int i = 0; i < 10; i++) {
        memory[0] = malloc(10);
        ame_abi_run(&block, NULL);
    }
    cr_assert_eq(ame__self->limbo.count, 0);
}
