/* ame_journal: what is appended, in which order, and what a walk sees. */
#include "death.h"
#include "merging.h"
#include <ame/error.h>

#include <stdatomic.h>
#include <string.h>

enum { THREADS = 4, BLOCKS = 3000, TOGETHER = 5, MANY = 6000 };

struct entry {
    uintptr_t thread;
    int64_t block, part;
};

static ame_journal journal, other;
static ame_counter count;
static atomic_int appending;
static int attempts;

static void append(ame_journal *to, int64_t number) {
    cr_assert_eq(ame_journal_append(to, &number, sizeof number), AME_OK);
}

static int64_t entries_of(ame_journal *of) {
    ame_journal_iterator iterator;
    int64_t entries = 0;
    ame_journal_iterate(of, &iterator);
    while (ame_journal_next(&iterator, NULL, NULL))
        entries++;
    return entries;
}

static void clear_both(void) {
    ame_journal_clear(&journal);
    ame_journal_clear(&other);
}

Test(journal, zero_initialised_memory_is_empty) {
    cr_assert_eq(entries_of(&journal), 0);
    ame_journal_clear(&journal);
}

Test(journal, outside_blocks_entries_are_in_order_and_of_any_size) {
    static const char *const texts[] = {"", "one", "a longer text than that"};
    ame_journal_iterator iterator;
    const void *bytes;
    size_t size;
    for (int i = 0; i < 3; i++)
        cr_assert_eq(ame_journal_append(&journal, texts[i], strlen(texts[i])), AME_OK);
    ame_journal_iterate(&journal, &iterator);
    append(&journal, 4); /* after the walk began */
    for (int i = 0; i < 3; i++) {
        cr_assert(ame_journal_next(&iterator, &bytes, &size));
        cr_assert(size == strlen(texts[i]) && !memcmp(bytes, texts[i], size));
        cr_assert_eq((uintptr_t)bytes % 8, 0);
    }
    cr_assert_not(ame_journal_next(&iterator, &bytes, &size));
    cr_assert_eq(entries_of(&journal), 4);
    clear_both();
    cr_assert_eq(entries_of(&journal), 0);
    append(&journal, 1);
    cr_assert_eq(entries_of(&journal), 1, "it is used again");
    clear_both();
}

Test(journal, an_entry_for_which_no_memory_can_be_is_refused) {
    if (AME__ASAN) /* whose malloc ends the program instead */
        return;
    cr_assert_eq(ame_journal_append(&journal, "", SIZE_MAX - 4), AME_ENOMEM);
    cr_assert_eq(entries_of(&journal), 0);
}

/* ---- the order ---- */

static void appends_some(void *args, const struct calls *c) {
    struct entry *entry = args;
    for (int part = 0; part < TOGETHER; part++) {
        entry->part = part;
        require(!merges_of(c)->append(&journal, entry, sizeof *entry));
        if (part % 2) /* so that the journals take turns in the log */
            require(!merges_of(c)->append(&other, entry, sizeof *entry));
    }
    c->add(&count, TOGETHER);
}
BLOCK(appends_some)

static void *appends_often(void *unused) {
    (void)unused;
    for (int64_t block = 0; block < BLOCKS; block++) {
        struct entry entry = {(uintptr_t)pthread_self(), block, 0};
        run_appends_some(&entry);
    }
    appending--;
    return NULL;
}

static void check_order(ame_journal *of, int64_t together, int64_t first, int64_t step) {
    ame_journal_iterator iterator;
    const void *bytes;
    struct entry before = {0};
    int64_t entries = 0;
    size_t size;
    ame_journal_iterate(of, &iterator);
    for (; ame_journal_next(&iterator, &bytes, &size); entries++) {
        const struct entry *entry = bytes;
        int64_t nth = entries % together;
        cr_assert_eq(size, sizeof *entry);
        cr_assert_eq(entry->part, first + step * nth);
        if (nth)
            cr_assert(entry->thread == before.thread && entry->block == before.block);
        before = *entry;
    }
    cr_assert_eq(entries, THREADS * BLOCKS * together);
}

TEST_BOTH_WAYS(journal, a_blocks_entries_stay_together) {
    by_all(THREADS, appends_often, NULL);
    check_order(&journal, TOGETHER, 0, 1);
    check_order(&other, TOGETHER / 2, 1, 2);
    clear_both();
}

Test(journal, blocks_that_only_append_do_not_abort, .init = software_only) {
    by_all(THREADS, appends_often, NULL);
    cr_assert_eq(statistics_now().aborts_conflict, 0);
    clear_both();
}

/* ---- reading in blocks ---- */

static void reads_all(void *args, const struct calls *c) {
    (void)args;
    const struct merges *m = merges_of(c);
    ame_journal_iterator iterator;
    int64_t entries = 0;
    m->iterate(&journal, &iterator);
    while (m->next(&iterator, NULL, NULL))
        entries++;
    require(entries == c->read(&count));
}
BLOCK(reads_all)

static void *reads_until_the_end(void *unused) {
    (void)unused;
    while (appending)
        run_reads_all(NULL);
    return NULL;
}

TEST_BOTH_WAYS(journal, a_block_sees_all_entries_of_the_blocks_before_it) {
    appending = 2;
    pthread_t threads[] = {start(appends_often, NULL), start(appends_often, NULL),
                           start(reads_until_the_end, NULL)};
    for (int i = 0; i < 3; i++)
        join(threads[i]);
    cr_assert_eq(entries_of(&journal), 2 * BLOCKS * TOGETHER);
    clear_both();
}

static void walks_and_appends(void *args, const struct calls *c) {
    (void)args;
    const struct merges *m = merges_of(c);
    ame_journal_iterator iterator;
    const void *bytes;
    for (int64_t i = 2; i < 5; i++)
        require(!m->append(&journal, &i, sizeof i));
    m->iterate(&journal, &iterator);
    for (int64_t i = 1; i <= 8; i++) {
        require(m->next(&iterator, &bytes, NULL) && *(const int64_t *)bytes == i);
        int64_t more = i + 4;
        if (i < 5) { /* during the walk, and with others in between */
            require(!m->append(&other, &i, sizeof i));
            require(!m->append(&journal, &more, sizeof more));
        }
    }
    require(!m->next(&iterator, &bytes, NULL));
}
BLOCK(walks_and_appends)

Test(journal, a_walk_ends_with_the_blocks_own_entries, .init = software_only) {
    append(&journal, 1);
    run_walks_and_appends(NULL);
    cr_assert_eq(entries_of(&journal), 8);
    cr_assert_eq(entries_of(&other), 4);
    clear_both();
}

static void appends_very_many(void *args, const struct calls *c) {
    (void)args;
    for (int64_t i = 0; i < 3 * MANY; i++) {
        require(!merges_of(c)->append(i % 3 ? &journal : &other, &i, sizeof i));
        c->add(&count, 1);
    }
}
BLOCK(appends_very_many)

TEST_BOTH_WAYS(journal, a_long_log_is_summed_up_in_order) {
    run_appends_very_many(NULL);
    ame_journal_iterator iterator;
    const void *bytes;
    ame_journal_iterate(&journal, &iterator);
    for (int64_t i = 0; i < 3 * MANY; i++)
        if (i % 3)
            cr_assert(ame_journal_next(&iterator, &bytes, NULL) && *(const int64_t *)bytes == i);
    cr_assert_eq(entries_of(&other), MANY);
    cr_assert_eq(ame_counter_read(&count), 3 * MANY);
    cr_assert_leq(ame__tx_self()->deltas.capacity, 8192, "of few cells");
    clear_both();
}

static void aborts_at_first(void *args, const struct calls *c) {
    (void)args;
    int64_t number = ++attempts;
    require(!merges_of(c)->append(&journal, &number, sizeof number));
    if (attempts == 1)
        abort_attempt();
}
BLOCK(aborts_at_first)

Test(journal, an_aborted_attempts_entries_never_show, .init = software_only) {
    run_aborts_at_first(NULL);
    cr_assert_eq(attempts, 2);
    cr_assert_eq(entries_of(&journal), 1);
    clear_both();
}

static void *appends_one(void *unused) {
    append(&journal, 1);
    return unused;
}

static void reads_and_counts(void *args, const struct calls *c) {
    (void)args;
    ame_journal_iterator iterator;
    int64_t entries = 0;
    merges_of(c)->iterate(&journal, &iterator);
    while (merges_of(c)->next(&iterator, NULL, NULL))
        entries++;
    if (++attempts == 1)
        elsewhere(appends_one, NULL);
    c->add(&count, entries);
}
BLOCK(reads_and_counts)

Test(journal, a_reader_runs_again_if_there_are_more, .init = software_only) {
    run_reads_and_counts(NULL);
    cr_assert_eq(attempts, 2);
    cr_assert_eq(ame_counter_read(&count), 1);
    clear_both();
}

/* ---- clearing in a block ---- */

static void clears(void *args, const struct calls *c) {
    (void)args;
    (void)c;
    ame_journal_clear(&journal);
}
BLOCK(clears)

static void clears_in_a_block(void) {
    run_clears(NULL);
}

TEST_BOTH_WAYS(journal, clearing_it_in_a_block_ends_the_program) {
    check_death(clears_in_a_block, "ame_journal_clear: called in an atomic block");
}
