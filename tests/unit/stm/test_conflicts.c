/* Two threads in each other's way, step by step. */
#include "block.h"
#include "core/tx.h"
#include "stm/readers.h"
#include "stm/stm.h"

#include <stdatomic.h>
#include <unistd.h>

static struct {
    _Alignas(64) uint64_t value;
} cell[4];

static void writes_cell(void *args) {
    uint64_t *p = args;
    ame_abi_write_u64(p, ame_abi_read_u64(p) + 1);
}

static void *commits_a_write(void *cell_value) {
    run_block(writes_cell, cell_value);
    return NULL;
}

/* In a thread of its own that does not touch this thread's transaction. */
static void elsewhere(void *(*f)(void *), void *argument) {
    pthread_t thread;
    pthread_create(&thread, NULL, f, argument);
    pthread_join(thread, NULL);
}

/* A writer must wait for this block before it returns, so it can't be joined here. */
static pthread_t start(void *(*f)(void *), void *argument) {
    pthread_t thread;
    pthread_create(&thread, NULL, f, argument);
    return thread;
}

static int attempts;
static pthread_t writer;

static void reads_twice_around_a_foreign_write(void *args) {
    (void)args;
    uint64_t first = ame_abi_read_u64(&cell[0].value);
    if (++attempts == 1) {
        writer = start(commits_a_write, &cell[0].value);
        while (ame__load_acquire(&ame__orecs[ame__orec_index(&cell[0].value)]) ==
               0) /* till it is locked or committed */
            ;
    }
    uint64_t second = ame_abi_read_u64(&cell[0].value);
    cr_assert_eq(first, second, "one block saw two states");
}

Test(conflicts, a_block_never_sees_a_write_that_came_after_its_snapshot, .init = software_only) {
    run_block(reads_twice_around_a_foreign_write, NULL);
    pthread_join(writer, NULL);
    cr_assert_eq(cell[0].value, 1);
}

static void reads_new_version_of_untouched_cell(void *args) {
    (void)args;
    attempts++;
    ame_abi_read_u64(&cell[0].value);
    if (attempts == 1) {
        writer = start(commits_a_write, &cell[1].value);
        while (ame__load_acquire(&ame__orecs[ame__orec_index(&cell[1].value)]) ==
               0) /* till it is locked or committed */
            ;
    }
    cr_assert_eq(ame_abi_read_u64(&cell[1].value), 1);
}

/* The reader's block is the older one only by chance, so it may wound the writer:
 * both outcomes end with the write made once and the block committed. */
Test(conflicts, extension_saves_a_block_whose_reads_still_hold, .init = software_only) {
    run_block(reads_new_version_of_untouched_cell, NULL);
    pthread_join(writer, NULL);
    cr_assert_eq(cell[1].value, 1);
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    cr_assert_geq(statistics.extensions, 1);
}

static void increments_two(void *args) {
    uint64_t **cells = args;
    for (int i = 0; i < 2; i++)
        ame_abi_write_u64(cells[i], ame_abi_read_u64(cells[i]) + 1);
}

static void increments_two_alone(void *args) {
    uint64_t **cells = args;
    for (int i = 0; i < 2; i++)
        ++*cells[i];
}

static void *increments_often(void *cells) {
    struct ame_abi_block block = {.plain = increments_two_alone, .twin = increments_two};
    for (int i = 0; i < 20000; i++)
        ame_abi_run(&block, cells);
    return NULL;
}

Test(conflicts, opposite_lock_orders_neither_deadlock_nor_lose_updates, .init = software_only,
     .timeout = 60) {
    uint64_t *forth[] = {&cell[0].value, &cell[1].value};
    uint64_t *back[] = {&cell[1].value, &cell[0].value};
    cell[0].value = cell[1].value = 0;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = start(increments_often, i % 2 ? forth : back);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(cell[0].value, 80000);
    cr_assert_eq(cell[1].value, 80000);
}

static atomic_int reader_inside, writer_returned;

static void reads_and_stays(void *args) {
    (void)args;
    ame_abi_read_u64(&cell[0].value);
    if (++attempts > 1)
        return;
    reader_inside = 1;
    /* No barrier here: the block can't notice, so the writer has to wait. */
    usleep(50000);
    cr_assert_eq(writer_returned, 0, "a writer returned while a block still ran on the old state");
}

static void *reads_cell(void *args) {
    run_block(reads_and_stays, args);
    return NULL;
}

Test(conflicts, a_writer_waits_for_blocks_that_may_act_on_the_old_state, .init = software_only) {
    attempts = reader_inside = writer_returned = 0;
    pthread_t reader = start(reads_cell, NULL);
    while (!reader_inside)
        ;
    run_block(writes_cell, &cell[0].value);
    writer_returned = 1;
    pthread_join(reader, NULL);
}

static void reads_only(void *args) {
    ame_abi_read_u64(args);
}

/* Between two readers' looks; nobody sees the versions in between. */
Test(conflicts, versions_grow_with_each_reader, .init = software_only) {
    uint64_t last = 0;
    run_block(reads_only, &cell[2].value); /* or the writer would use this thread's descriptor */
    for (int i = 0; i < 100; i++) {
        elsewhere(commits_a_write, &cell[2].value);
        uint64_t version = ame__load_acquire(&ame__orecs[ame__orec_index(&cell[2].value)]);
        cr_assert_not(ame__orec_locked(version));
        cr_assert_gt(version, last);
        last = version;
        run_block(reads_only, &cell[2].value);
    }
}

/* ---- the read limit (L1 of core/tx.h) ---- */

static void is_asked_to_extend(void *args) {
    (void)args;
    struct ame_tx *tx = ame__self;
    ame_abi_read_u64(&cell[1].value);
    cr_assert_eq(ame__load_relaxed(&tx->read_limit), ame__load_relaxed(&tx->snapshot) + 1);
    if (++attempts > 1)
        return;
    writer = start(commits_a_write, &cell[1].value);
    while (ame__load_relaxed(&tx->read_limit))
        ;
    cr_assert(ame__load_acquire(&tx->signal) & (AME__SIGNAL_FENCE | AME__SIGNAL_EXTEND));
    ame__store_relaxed(&tx->read_limit, 1); /* as if a store of this thread had come late */
    for (;;) { /* till it is found to have read the cell, and asked to extend */
        while (ame__load_relaxed(&tx->read_limit))
            ;
        ame_abi_read_u64(&cell[2].value); /* the answer, which at last is that it has to abort */
    }
}

Test(conflicts, a_signal_stops_reads_until_it_is_answered, .init = software_only) {
    run_block(is_asked_to_extend, NULL);
    pthread_join(writer, NULL);
    cr_assert_eq(attempts, 2);
}

static void meets_a_late_zero(void *args) {
    (void)args;
    ame__store_relaxed(&ame__self->read_limit, 0);
    ame_abi_read_u64(&cell[2].value);
    cr_assert_eq(ame__load_relaxed(&ame__self->read_limit),
                 ame__load_relaxed(&ame__self->snapshot) + 1);
}

Test(conflicts, a_zero_meant_for_the_last_block_does_not_slow_this_one, .init = software_only) {
    run_block(meets_a_late_zero, NULL);
}
