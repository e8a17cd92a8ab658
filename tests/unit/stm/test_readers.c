/* What writers can tell about the reads of running blocks (stm/readers.h). */
#include "block.h"
#include "serial/gate.h"
#include "stm/readers.h"
#include "stm/stm.h"

#include <stdatomic.h>
#include <unistd.h>

typedef struct {
    _Alignas(64) uint64_t value;
} cell;

enum { CELLS = 1024, MANY_READS = 600 };
static cell cells[CELLS], elsewhere;

static void increments(void *args) {
    uint64_t *p = args;
    ame_abi_write_u64(p, ame_abi_read_u64(p) + 1);
}

static void writes(void *args) {
    ame_abi_write_u64(args, 7);
}

static atomic_int returned;
static atomic_bool started;

static void *increments_once(void *cell_value) {
    started = true;
    run_block(increments, cell_value);
    returned++;
    return NULL;
}

static pthread_t start_writer(cell *what) {
    pthread_t thread;
    started = false;
    pthread_create(&thread, NULL, increments_once, &what->value);
    while (!started)
        usleep(100);
    return thread;
}

static bool returns_within(unsigned milliseconds) {
    for (; milliseconds && !returned; milliseconds--)
        usleep(1000);
    return returned;
}

static void read_cells(int count) {
    for (int i = 0; i < count; i++)
        ame_abi_read_u64(&cells[i].value);
}

static uint64_t traces(void) {
    return ame__load_relaxed(&ame__self->traces);
}

static pthread_t writer;
static int attempts;

static void prepare(void) {
    software_only();
    run_block(increments, &elsewhere.value); /* this thread's descriptor is not the writer's */
    ame__self->blocks_to_name = 1000;        /* as if it had been asked */
    ame__self->blocks_with_full_filter = 256;
}

/* ---- named ---- */

static void names_and_stays(void *args) {
    (void)args;
    read_cells(AME__NAMED_READS);
    cr_assert_eq(traces(), AME__NAMED);
    writer = start_writer(&cells[AME__NAMED_READS]);
    cr_assert(returns_within(5000), "it waits for a block that has not read what it wrote");
}

Test(readers, a_writer_does_not_wait_for_who_names_other_stripes, .init = prepare) {
    run_block(names_and_stays, NULL);
    pthread_join(writer, NULL);
}

static void names_it_and_stays(void *cell_to_write) {
    if (++attempts > 1)
        return;
    read_cells(AME__NAMED_READS);
    writer = start_writer(cell_to_write);
    cr_assert_not(returns_within(50), "it does not wait for a block that acts on the old state");
    ame_abi_read_u64(&elsewhere.value); /* the conflict ends this attempt */
    cr_assert(false);
}

Test(readers, a_writer_waits_for_whoever_names_its_stripe, .init = prepare) {
    for (int i = 0; i < AME__NAMED_READS; i++) {
        returned = attempts = 0;
        run_block(names_it_and_stays, &cells[i]);
        pthread_join(writer, NULL);
        cr_assert_eq(attempts, 2);
    }
}

Test(readers, nothing_is_named_after_the_end, .init = prepare) {
    run_block(names_and_stays, NULL);
    pthread_join(writer, NULL);
    for (int i = 0; i < AME__NAMED_WORDS; i++)
        cr_assert_eq(ame__load_relaxed(&ame__self->named[i]), 0);
}

/* ---- hidden and shown ---- */

static void hides_and_is_asked(void *args) {
    (void)args;
    read_cells(MANY_READS);
    cr_assert_eq(traces(), AME__HIDDEN);
    writer = start_writer(&cells[CELLS - 1]);
    cr_assert(returns_within(5000), "by a fence it learns what this block has not read (V4)");
    pthread_join(writer, NULL);
    read_cells(1); /* answers that it was asked */
    cr_assert_eq(traces(), AME__SHOWN);
    cr_assert_eq(ame__load_relaxed(&ame__shown_blocks), 1);

    returned = 0;
    writer = start_writer(&cells[CELLS - 2]);
    cr_assert(returns_within(5000), "now it can");
    pthread_join(writer, NULL);

    returned = 0;
    read_cells(MANY_READS + 1); /* one more, in the open */
    writer = start_writer(&cells[MANY_READS]);
    cr_assert_not(returns_within(50), "it overtakes an older block that is shown");
    read_cells(MANY_READS + 1);
}

Test(readers, a_block_that_was_asked_is_shown_and_not_overtaken, .init = prepare) {
    run_block(hides_and_is_asked, NULL);
    pthread_join(writer, NULL);
    cr_assert_eq(cells[MANY_READS].value, 1);
    cr_assert_eq(traces(), AME__NAMED);
    cr_assert_eq(ame__load_relaxed(&ame__shown_blocks), 0);
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    cr_assert_eq(statistics.commits_stm, 5, "no attempt was in vain");
}

static void hides_and_has_read_other_cells(void *args) {
    (void)args;
    struct ame_tx *tx = ame__self;
    read_cells(AME__NAMED_READS + 1);
    uint64_t snapshot = ame__load_relaxed(&tx->snapshot), extensions = tx->statistics.extensions;
    writer = start_writer(&cells[CELLS - 1]);
    while (ame__load_relaxed(&tx->read_limit))
        ;
    cr_assert_eq(ame__load_acquire(&tx->signal), AME__SIGNAL_FENCE);
    read_cells(1); /* the answer */
    cr_assert_eq(ame__load_relaxed(&tx->signal), 0);
    cr_assert(returns_within(5000));
    cr_assert_eq(ame__load_relaxed(&tx->snapshot), snapshot, "a fence is all that is asked for");
    cr_assert_eq(tx->statistics.extensions, extensions);
}

Test(readers, who_has_read_other_stripes_need_not_validate, .init = prepare) {
    run_block(hides_and_has_read_other_cells, NULL);
    pthread_join(writer, NULL);
}

/* ---- for hardware blocks ---- */

static void asks_to_show(void) {
    ame__stm_ask_to_show();
    cr_assert_eq(ame__load_relaxed(&ame__self->signal), AME__SIGNAL_SHOW);
}

static void is_asked_to_show(void *args) {
    (void)args;
    read_cells(2);
    asks_to_show();
    read_cells(3);
    cr_assert_neq(traces(), AME__SHOWN, "it may end soon");
    asks_to_show();
    read_cells(4);
    cr_assert_eq(traces(), AME__SHOWN);
    for (int i = 0; i < 4; i++)
        cr_assert(ame__in_read_set(ame__self, ame__orec_index(&cells[i])));
    cr_assert_eq(ame__phase_shows(ame__phase), ame__self);
}

Test(readers, a_block_that_was_asked_twice_shows_its_reads_to_hardware, .init = prepare) {
    run_block(is_asked_to_show, NULL);
    cr_assert_eq(traces(), AME__NAMED);
    cr_assert_eq(ame__phase, AME__PHASE_SOFTWARE, "its end ends the phase");
    cr_assert_eq(ame__load_relaxed(&ame__shown_blocks), 0);
}

/* ---- the filter ---- */

static bool in_filter(const cell *what) {
    struct ame__lock_entry lock = {.orec = ame__orec_index(what)};
    struct ame_tx some_writer = {.locks = {.entries = &lock, .count = 1}};
    return ame__stm_in_filter(ame__self, &some_writer);
}

static void reads_one(void *args) {
    ame_abi_read_u64(args);
}

Test(readers, the_filter_keeps_its_bits_and_starts_again_when_it_was_full, .init = prepare) {
    static cell many[1000];
    run_block(reads_one, &many[0].value);
    run_block(reads_one, &many[1].value);
    cr_assert(in_filter(&many[0]) && in_filter(&many[1]));
    int foreign = 0;
    for (int i = 2; i < 1000; i++)
        foreign += in_filter(&many[i]);
    cr_assert_lt(foreign, 100, "it tells stripes apart");
    for (int i = 0; i < 200; i++)
        run_block(reads_one, &many[i].value);
    for (int i = 0; i < 1000; i++)
        cr_assert(in_filter(&many[i]), "full");
    for (int i = 0; i < 300; i++)
        run_block(reads_one, &many[0].value);
    cr_assert(in_filter(&many[0]));
    foreign = 0;
    for (int i = 1; i < 1000; i++)
        foreign += in_filter(&many[i]);
    cr_assert_lt(foreign, 100, "it has started again");
}

Test(readers, blocks_that_leave_no_traces_empty_the_filter, .init = prepare) {
    ame__self->blocks_to_name = 0;
    run_block(reads_one, &elsewhere.value);
    cr_assert(in_filter(&cells[0]), "full, as what it reads is hidden");
    for (int i = 0; i < AME__BLOCKS_WITHOUT_TRACES - 1; i++)
        run_block(writes, &cells[1].value);
    run_block(reads_one, &elsewhere.value);
    for (int i = 0; i < AME__BLOCKS_WITHOUT_TRACES - 1; i++)
        run_block(writes, &cells[1].value);
    cr_assert(in_filter(&cells[0]), "not so many in a row");
    run_block(writes, &cells[1].value);
    cr_assert_not(in_filter(&cells[0]));
    run_block(reads_one, &elsewhere.value);
    cr_assert(in_filter(&cells[0]));
}

/* ---- the clock (S2 of stm.h) ---- */

Test(readers, who_stays_with_its_own_data_seldom_moves_the_clock, .init = prepare) {
    uint64_t time = ame__clock_time();
    struct ame_statistics before, after;
    int moves = 0;
    ame_get_statistics(&before);
    for (int i = 0; i < 1000; i++) {
        run_block(increments, &cells[i % 4].value);
        moves += ame__clock_time() != time;
        time = ame__clock_time();
    }
    ame_get_statistics(&after);
    cr_assert_lt(moves, 1000 / 20);
    cr_assert_eq(after.extensions, before.extensions);
    cr_assert_eq(cells[0].value, 250);
}

static void reads_all_often(void *args) {
    (void)args;
    for (int i = 0; i < 10; i++)
        read_cells(CELLS);
}

Test(readers, many_own_versions_move_the_snapshot_beyond_them, .init = prepare) {
    struct ame_statistics before, after;
    for (int i = 0; i < CELLS; i++)
        run_block(increments, &cells[i].value);
    ame_get_statistics(&before);
    run_block(reads_all_often, NULL);
    ame_get_statistics(&after);
    cr_assert_eq(after.extensions, before.extensions + 1);
}

Test(readers, who_meets_data_of_others_moves_the_clock_to_it, .init = prepare) {
    uint64_t time = ame__clock_time();
    pthread_join(start_writer(&cells[0]), NULL);
    run_block(increments, &cells[0].value);
    cr_assert_gt(ame__clock_time(), time);
    cr_assert_eq(cells[0].value, 2);
}

static void *reads_elsewhere(void *what) {
    run_block(reads_one, what);
    return NULL;
}

Test(readers, blocks_begin_where_somebody_has_moved_the_clock, .init = prepare) {
    struct ame_statistics before, after;
    for (int i = 0; i < 2; i++)
        pthread_join(start_writer(&cells[i]), NULL);
    ame_get_statistics(&before);
    run_block(reads_one, &cells[0].value);
    ame_get_statistics(&after);
    cr_assert_eq(after.extensions, before.extensions + 1);

    uint64_t time = ame__clock_time();
    pthread_t other;
    cr_assert_not(pthread_create(&other, NULL, reads_elsewhere, &cells[1].value));
    pthread_join(other, NULL);
    ame_get_statistics(&after);
    cr_assert_eq(after.extensions, before.extensions + 1);
    cr_assert_eq(ame__clock_time(), time);
}

static void reads_and_writes(void *args) {
    ame_abi_read_u64(&elsewhere.value);
    writes(args);
}

static uint64_t version_of(const cell *what) {
    return ame__load_relaxed(&ame__orecs[ame__orec_index(what)]);
}

Test(readers, who_only_writes_data_of_others_does_not_move_the_clock, .init = prepare) {
    struct ame_statistics before, after;
    for (int i = 0; i < 10; i++)
        pthread_join(start_writer(&cells[0]), NULL);
    uint64_t time = ame__clock_time(), version = version_of(&cells[0]);
    cr_assert_gt(version, time);
    ame_get_statistics(&before);
    run_block(writes, &cells[0].value);
    ame_get_statistics(&after);
    cr_assert_eq(after.extensions, before.extensions);
    cr_assert_eq(ame__clock_time(), time);
    cr_assert_gt(version_of(&cells[0]), version, "O2");

    pthread_join(start_writer(&cells[0]), NULL);
    ame_get_statistics(&before);
    run_block(reads_and_writes, &cells[0].value);
    ame_get_statistics(&after);
    cr_assert_eq(after.extensions, before.extensions + 1, "what it has read must be of that time");
}

Test(readers, each_commit_to_the_same_data_makes_its_thread_younger, .init = prepare) {
    struct ame_tx *mine = ame__self;
    run_block(writes, &cells[0].value);
    ame__stm_set_age(mine);
    uint64_t age = ame__load_relaxed(&mine->age);
    for (int i = 0; i < 10; i++) {
        run_block(writes, &cells[0].value);
        ame__stm_set_age(mine);
        cr_assert_gt(ame__load_relaxed(&mine->age), age);
        age = ame__load_relaxed(&mine->age);
    }
}
