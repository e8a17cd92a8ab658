/* The hardware path on any processor: rtm.c compiled against pretended hardware, which
 * begins, aborts and ends as a script says. It isolates and undoes nothing, so a body
 * here runs alone and gives up, if it does, before it writes. What only real hardware
 * shows, isolation, is for tests/programs in mode htm where there is RTM. */
#include <cpuid.h>
#include <immintrin.h>
#include <setjmp.h>
#include <stdint.h>

/* In place of htm/instructions.h. */
#define AME_HTM_INSTRUCTIONS_H
#define AME__XBEGIN_STARTED (~UINT32_C(0))

static jmp_buf begin;
static const unsigned *script; /* what the next attempts meet; 0 ends it: they start */

static uint32_t meet(void) {
    return script && *script ? *script++ : AME__XBEGIN_STARTED;
}

static _Noreturn void give_up(unsigned code) {
    longjmp(begin, (int)(code << 24 | _XABORT_EXPLICIT));
}

static unsigned has_rtm(unsigned leaf, unsigned subleaf, unsigned *a, unsigned *b, unsigned *c,
                        unsigned *d) {
    (void)leaf, (void)subleaf;
    *a = *c = *d = 0;
    *b = bit_RTM;
    return 1;
}

#define ame__xbegin()                                                                              \
    __extension__({                                                                                \
        uint32_t met = meet();                                                                     \
        int given_up = met == AME__XBEGIN_STARTED ? setjmp(begin) : 0;                             \
        given_up ? (uint32_t)given_up : met;                                                       \
    })
#define ame__xabort(code) give_up(code)
#define ame__xend() ((void)0)
#define __get_cpuid_count(...) has_rtm(__VA_ARGS__)

#include "htm/rtm.c"
#include "stm/readers.h"
#include "stm/stm.h"

#include <ame/abi.h>
#include <ame/ame.h>
#include <criterion/criterion.h>

static int in_plain, in_twin;
static ame_counter counter;

static void plain(void *args) {
    (void)args;
    in_plain++;
}

/* A block enters the software phase with its first access. */
static void twin(void *args) {
    static uint64_t cell;
    (void)args;
    ame_abi_read_u64(&cell);
    in_twin++;
}

static struct ame_abi_block block = {.plain = plain, .twin = twin, .function = "test"};

static struct ame_statistics run(struct ame_abi_block *what) {
    struct ame_statistics statistics;
    /* Attempts that are made at once stand in the runtime's own code, and are real. */
    struct ame_tx *tx = ame__tx_self();
    ame__at_once &= ~(uint64_t)AME__HARDWARE_AT_ONCE;
    ame__store_relaxed(&tx->at_once, ame__at_once);
    ame_abi_run(what, NULL);
    ame_get_statistics(&statistics);
    return statistics;
}

Test(rtm, block_commits_in_hardware) {
    struct ame_statistics statistics = run(&block);
    cr_assert_eq(statistics.commits_htm, 1);
    cr_assert_eq(in_plain, 1);
    cr_assert_eq(in_twin, 0);
    bool usable;
    cr_assert_str_eq(ame_hardware_status(&usable), "RTM works");
    cr_assert(usable);
}

Test(rtm, conflicts_are_tried_again) {
    struct ame_statistics statistics = run(&block);
    static const unsigned conflicts[] = {_XABORT_CONFLICT | _XABORT_RETRY, _XABORT_CONFLICT, 0};
    script = conflicts;
    statistics = run(&block);
    cr_assert_eq(statistics.commits_htm, 2);
    cr_assert_eq(statistics.aborts_htm, 2);
    cr_assert_eq(in_plain, 2, "aborted attempts did not get to the body");
}

/* What the block has taken when it left hardware. */
static void take(uint64_t ticks) {
    struct ame_tx *tx = ame__tx_self();
    for (int i = 0; i < AME__LEFT_SLOTS; i++)
        tx->left_hardware[i] = (struct ame__left_hardware){&block, ticks};
}

static const unsigned capacity_twice[] = {_XABORT_CAPACITY, _XABORT_CAPACITY, 0};

Test(rtm, too_large_goes_to_software) {
    run(&block);
    script = capacity_twice;
    struct ame_statistics statistics = run(&block);
    cr_assert_eq(statistics.aborts_htm, 2, "once may be by chance");
    cr_assert_eq(statistics.commits_stm, 1);
    cr_assert_eq(in_twin, 1);
    take(UINT64_MAX);
    script = capacity_twice + 1;
    statistics = run(&block);
    cr_assert_eq(statistics.aborts_htm, 3, "it is known now");
    cr_assert_eq(statistics.commits_stm, 2);
}

Test(rtm, short_and_too_large_runs_alone) {
    run(&block);
    take(1);
    script = capacity_twice;
    struct ame_statistics statistics = run(&block);
    cr_assert_eq(statistics.commits_serial, 1);
    cr_assert_eq(statistics.commits_stm, 0);
}

Test(rtm, short_and_too_large_goes_to_software_where_threads_are_many) {
    static struct ame_tx others[4];
    run(&block);
    for (int i = 0; i < 4; i++) {
        others[i].snapshot = AME__INACTIVE;
        ame__descriptors[ame__descriptor_count++] = &others[i];
    }
    take(1);
    script = capacity_twice;
    struct ame_statistics statistics = run(&block);
    cr_assert_eq(statistics.commits_stm, 1);
    cr_assert_eq(statistics.commits_serial, 0);
}

/* Nobody else runs blocks: alone, as written, is fastest. */
Test(rtm, short_and_too_large_runs_alone_where_there_is_one_thread) {
    unsigned capacity[100];
    struct ame_statistics statistics;
    for (int i = 0; i < 100; i++)
        capacity[i] = i < 99 ? _XABORT_CAPACITY : 0;
    run(&block);
    script = capacity;
    for (int i = 0; i < 20; i++)
        statistics = run(&block);
    cr_assert_gt(statistics.commits_stm, 0);
    cr_assert_gt(statistics.commits_serial, 10);
}

/* A page that was never touched aborts every time, with status 0 on real hardware. */
Test(rtm, what_hardware_cannot_do_is_done_in_software) {
    struct ame_statistics statistics = run(&block);
    enum { NESTED = 1 << 5 };
    static const unsigned other[] = {NESTED, NESTED, NESTED, NESTED, 0};
    script = other;
    statistics = run(&block);
    cr_assert_eq(statistics.commits_stm, 1);
    cr_assert_leq(statistics.aborts_htm, 4);
}

Test(rtm, processor_that_aborts_everything_is_not_used) {
    static unsigned always[4096];
    for (int i = 0; i < 4095; i++)
        always[i] = _XABORT_CONFLICT;
    script = always;
    struct ame_statistics statistics = run(&block);
    cr_assert_eq(statistics.commits_stm, 1);
    cr_assert_eq(statistics.aborts_htm, 0);
    bool usable = true;
    cr_assert(strstr(ame_hardware_status(&usable), "aborts every transaction"));
    cr_assert_not(usable);
}

/* ---- blocks that may be undone alone, and retry ---- */

static struct ame_abi_block closed = {.plain = plain,
                                      .twin = twin,
                                      .function = "test",
                                      .kind = AME_ABI_BLOCK_CANCELS | AME_ABI_BLOCK_EITHER};

static void with_closed(void *args) {
    ame_abi_run(&closed, args);
    cr_assert_eq(ame_abi_entrance(), 1);
}

Test(rtm, blocks_that_may_be_cancelled_run_in_hardware) {
    struct ame_abi_block outer = {.plain = with_closed, .twin = twin, .function = "test"};
    run(&closed);
    struct ame_statistics statistics = run(&outer);
    cr_assert_eq(statistics.commits_htm, 2);
    cr_assert_eq(in_plain, 2);
    cr_assert_eq(in_twin, 0);
}

static void plain_cancels(void *args) {
    (void)args;
    ame_abi_cancel();
}

static void plain_retries(void *args) {
    (void)args;
    ame_retry();
}

static void plain_asks_for_abort(void *args) {
    ame_on_abort(plain, args);
    in_plain++;
}

Test(rtm, what_needs_a_log_goes_to_software_at_once) {
    void (*const bodies[])(void *) = {plain_cancels, plain_retries, plain_asks_for_abort};
    for (int i = 0; i < 3; i++) {
        struct ame_abi_block block_i = {.plain = bodies[i], .twin = twin, .function = "test"};
        run(&block);
        for (int j = 0; j < 200; j++) /* back to the hardware phase */
            run(&block);
        struct ame_statistics before = run(&block), after = run(&block_i);
        cr_assert_eq(after.aborts_htm, before.aborts_htm + 1);
        cr_assert_eq(after.commits_stm, before.commits_stm + 1);
        cr_assert_eq(after.retries, 0);
    }
}

/* ---- phases ---- */

Test(rtm, hardware_comes_back_after_software) {
    static const unsigned capacity[] = {_XABORT_CAPACITY, _XABORT_CAPACITY, 0};
    run(&block);
    script = capacity;
    run(&block);
    cr_assert_eq(ame__load_relaxed(&ame__phase), AME__PHASE_SOFTWARE);
    struct ame_statistics statistics = run(&block);
    cr_assert_eq(statistics.commits_htm, 2, "at once, since nobody else runs");
    cr_assert_eq(ame__load_relaxed(&ame__phase), AME__PHASE_HARDWARE);
}

static void *one_block(void *descriptor) {
    run(&block);
    *(struct ame_tx **)descriptor = ame__self;
    return NULL;
}

Test(rtm, hardware_runs_twins_beside_a_long_software_block) {
    struct ame_tx *other;
    pthread_t thread;
    run(&block); /* or this thread would use that one's descriptor */
    pthread_create(&thread, NULL, one_block, &other);
    pthread_join(thread, NULL);
    ame__store_relaxed(&ame__phase, AME__PHASE_SOFTWARE);
    ame__tx_wakes_up(other);
    ame__store_relaxed(&other->snapshot, ame__clock_time()); /* it runs, and runs */
    struct ame_statistics before = run(&block), after = before;
    in_plain = in_twin = 0;
    for (int i = 0; i < 1000; i++)
        after = run(&block);
    cr_assert_eq(after.commits_htm, before.commits_htm + 1000);
    cr_assert_eq(in_twin, 1000);
    ame__store_relaxed(&other->snapshot, AME__INACTIVE);
    for (int i = 0; i < 1000; i++)
        after = run(&block);
    cr_assert_eq(ame__load_relaxed(&ame__phase), AME__PHASE_HARDWARE);
    cr_assert_gt(in_plain, 400);
}

/* The phase changes between the look at it and the transaction's begin. */
Test(rtm, block_gives_up_outside_its_phase) {
    run(&block);
    ame__store_relaxed(&ame__phase, AME__PHASE_SOFTWARE);
    cr_assert_eq(ame__htm_attempt(ame__tx_self(), plain, NULL, AME__PHASE_HARDWARE),
                 AME__ABORT_HTM_CONFLICT);
    cr_assert_eq(in_plain, 1);
    cr_assert_eq(ame__tx_self()->way, AME__OUTSIDE);
}

/* Ten conflicts: no other block may run, and it commits in hardware. */
Test(rtm, many_conflicts_close_the_gate_for_once) {
    static const unsigned conflicts[] = {2 | 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0};
    _Static_assert(_XABORT_CONFLICT == 4 && _XABORT_RETRY == 2, "as in the script");
    run(&block);
    script = conflicts;
    struct ame_statistics statistics = run(&block);
    cr_assert_eq(statistics.aborts_htm, 10);
    cr_assert_eq(statistics.commits_htm, 2);
    cr_assert_eq(in_plain, 2);
    cr_assert_eq(ame__load_relaxed(&ame__phase), AME__PHASE_HARDWARE);
}

/* What the plugin puts in line ends so when it aborts: it was the first attempt. */
Test(rtm, attempt_in_line_counts_as_the_first) {
    run(&block);
    script = (const unsigned[]){_XABORT_CONFLICT, 0};
    ame_abi_run_after(&block, NULL, _XABORT_CONFLICT | _XABORT_RETRY);
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    cr_assert_eq(statistics.aborts_htm, 2);
    cr_assert_eq(statistics.commits_htm, 2);
    ame_abi_run_after(&block, NULL, _XABORT_CAPACITY);
    ame_abi_run_after(&block, NULL, _XABORT_CAPACITY);
    ame_get_statistics(&statistics);
    cr_assert_eq(statistics.aborts_htm, 4);
    ame__self->watching.counters[AME__HTM] += 10; /* in line */
    ame_get_statistics(&statistics);
    cr_assert_eq(statistics.commits_htm + statistics.commits_stm, 14);
}

/* ---- beside software blocks ---- */

static uint64_t cells[2][32]; /* on different stripes */
static unsigned records_locked;

static bool is_locked(const uint64_t *cell) {
    return ame__orec_locked(ame__load_relaxed(&ame__orecs[ame__orec_index(cell)]));
}

static void move_one(void *args) {
    (void)args;
    ame_abi_write_u64(cells[0], ame_abi_read_u64(cells[0]) - 1);
    ame_abi_write_u64(cells[1], ame_abi_read_for_write_u64(cells[1]) + 1);
    records_locked = is_locked(cells[0]) + is_locked(cells[1]);
}

static struct ame_abi_block moves = {.plain = plain, .twin = move_one, .function = "moves"};

/* In the mode of that name they always run so. */
static struct ame_statistics run_beside(struct ame_abi_block *what) {
    setenv("AME_MODE", "hybrid", 1);
    return run(what);
}

Test(rtm, hybrid_block_locks_what_it_writes_and_records_no_reads) {
    uint64_t before[2];
    run_beside(&block);
    for (int i = 0; i < 2; i++)
        before[i] = ame__load_relaxed(&ame__orecs[ame__orec_index(cells[i])]);
    struct ame_statistics statistics = run_beside(&moves);
    cr_assert_eq(statistics.commits_htm, 2);
    cr_assert_eq(statistics.reads_recorded, 0);
    cr_assert_eq(statistics.writes_locked, 2);
    cr_assert_eq(records_locked, 2);
    cr_assert_eq(cells[1][0], 1);
    cr_assert_eq(ame__tx_self()->undo.count, 0);
    for (int i = 0; i < 2; i++) {
        uint64_t after = ame__load_relaxed(&ame__orecs[ame__orec_index(cells[i])]);
        cr_assert_not(ame__orec_locked(after));
        cr_assert_gt(after, before[i], "software blocks must see that it has changed");
    }
}

/* One hybrid attempt beside a block in another thread that is shown, and has read all. */
static enum ame__abort_reason move_beside_shown(uint64_t age_of_reader) {
    static struct ame_tx reader;
    run_beside(&block);
    struct ame_tx *tx = ame__tx_self();
    ame__store_relaxed(&reader.snapshot, ame__clock_time());
    ame__store_relaxed(&reader.traces, AME__SHOWN);
    ame__store_relaxed(&reader.age, age_of_reader);
    memset(reader.filter, 0xff, sizeof reader.filter);
    memset(reader.read_bits, 0xff, sizeof reader.read_bits);
    reader.number = (uint32_t)ame__descriptor_count;
    ame__descriptors[ame__descriptor_count++] = &reader;
    ame__shown_blocks = 1;
    ame__tx_wakes_up(&reader);
    ame__store_relaxed(&tx->age, 100);
    tx->stack_base = (uintptr_t)__builtin_frame_address(0);
    ame__stm_prepare_hardware(tx, true);
    enum ame__abort_reason reason = ame__htm_attempt_twin(tx, move_one, NULL);
    ame__tx_falls_asleep(&reader); /* so that nobody waits for it */
    ame__stm_finish_hardware(tx, reason == AME__ABORT_NONE);
    return reason;
}

Test(rtm, hybrid_block_gives_way_to_an_older_block_that_is_shown) {
    cr_assert_eq(move_beside_shown(99), AME__ABORT_HTM_CONFLICT);
}

Test(rtm, hybrid_block_overtakes_a_younger_block_that_is_shown) {
    cr_assert_eq(move_beside_shown(101), AME__ABORT_NONE);
}

static void read_second(void *args) {
    (void)args;
    ame_abi_read_u64(cells[1]);
}

Test(rtm, hybrid_block_waits_for_no_lock) {
    void (*const twins[])(void *) = {move_one, read_second};
    run_beside(&block);
    struct ame_tx *tx = ame__tx_self();
    ame__word *orec = &ame__orecs[ame__orec_index(cells[1])];
    tx->stack_base = (uintptr_t)__builtin_frame_address(0);
    ame__store_relaxed(orec, AME__LOCKED | 64); /* another's */
    for (int i = 0; i < 2; i++) {
        ame__stm_prepare_hardware(tx, true);
        cr_assert_eq(ame__htm_attempt_twin(tx, twins[i], NULL), AME__ABORT_HTM_CONFLICT);
        ame__stm_finish_hardware(tx, false);
        for (; tx->locks.count; tx->locks.count--) /* what hardware would do */
            ame__store_relaxed(&ame__orecs[tx->locks.entries[tx->locks.count - 1].orec], 0);
    }
}

/* ---- beside one that shows what it reads ---- */

static struct ame_tx shown;
static uint64_t records_before[2];

static void begin_phase_shown(void) {
    run_beside(&block);
    for (int i = 0; i < 2; i++)
        records_before[i] = ame__load_relaxed(&ame__orecs[ame__orec_index(cells[i])]);
    ame__store_relaxed(&shown.age, 99);
    ame__self->stack_base = (uintptr_t)__builtin_frame_address(0);
    ame__store_relaxed(&ame__phase, ame__phase_that_shows(&shown));
}

static enum ame__abort_reason move_unseen(void) {
    struct ame_tx *tx = ame__self;
    ame__stm_prepare_hardware(tx, true);
    enum ame__abort_reason reason = ame__htm_attempt_twin(tx, move_one, NULL);
    ame__stm_finish_hardware(tx, reason == AME__ABORT_NONE);
    return reason;
}

Test(rtm, hybrid_block_leaves_no_trace, .init = begin_phase_shown) {
    ame__store_relaxed(&ame__self->age, 1);
    cr_assert_eq(move_unseen(), AME__ABORT_NONE);
    cr_assert_eq(cells[1][0], 1);
    cr_assert_eq(records_locked, 0);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(ame__load_relaxed(&ame__orecs[ame__orec_index(cells[i])]), records_before[i]);
    cr_assert_gt(ame__load_relaxed(&ame__self->age), ame__load_relaxed(&shown.age));
    cr_assert_null(ame__self->minds);
}

Test(rtm, hybrid_block_writes_nothing_that_is_shown, .init = begin_phase_shown) {
    uint32_t orec = ame__orec_index(cells[0]);
    ame__store_relaxed(&shown.read_bits[orec / 64], UINT64_C(1) << orec % 64);
    cr_assert_eq(move_unseen(), AME__ABORT_HTM_CONFLICT);
    cr_assert_eq(cells[0][0], 0);
    ame__store_relaxed(&shown.read_bits[orec / 64], UINT64_C(1) << (orec ^ 1) % 64); /* beside it */
    cr_assert_eq(move_unseen(), AME__ABORT_NONE);
}

Test(rtm, hybrid_block_writes_nothing_that_is_locked, .init = begin_phase_shown) {
    ame__word *orec = &ame__orecs[ame__orec_index(cells[1])];
    ame__store_relaxed(orec, (uint64_t)&shown | AME__LOCKED);
    cr_assert_eq(move_unseen(), AME__ABORT_HTM_CONFLICT);
    cr_assert_eq(cells[1][0], 0);
}

Test(rtm, hybrid_block_gives_up_in_another_phase_than_it_was_prepared_for,
     .init = begin_phase_shown) {
    struct ame_tx *tx = ame__self;
    ame__stm_prepare_hardware(tx, true);
    ame__store_relaxed(&ame__phase, AME__PHASE_SOFTWARE);
    cr_assert_eq(ame__htm_attempt_twin(tx, move_one, NULL), AME__ABORT_HTM_CONFLICT);
    ame__stm_finish_hardware(tx, false);
    ame__stm_prepare_hardware(tx, true);
    ame__store_relaxed(&ame__phase, ame__phase_that_shows(&shown));
    cr_assert_eq(ame__htm_attempt_twin(tx, move_one, NULL), AME__ABORT_HTM_CONFLICT);
}

Test(rtm, hybrid_block_gives_up_while_a_block_runs_alone) {
    run_beside(&block);
    ame__store_relaxed(&ame__phase, AME__PHASE_CLOSED);
    cr_assert_eq(ame__htm_attempt_twin(ame__tx_self(), twin, NULL), AME__ABORT_HTM_CONFLICT);
}

/* ---- counts ---- */

static int64_t memory_in_block, seen_in_block;

static void count(void *args) {
    (void)args;
    ame_counter_add(&counter, 2);
    memory_in_block = counter.value;
    seen_in_block = ame_counter_read(&counter);
}

Test(rtm, additions_are_merged_after_the_commit) {
    static struct ame_abi_block counts = {.plain = count, .twin = twin, .function = "count"};
    run(&counts);
    cr_assert_eq(memory_in_block, 0, "the count's line stays out of the transaction");
    cr_assert_eq(seen_in_block, 2);
    cr_assert_eq(counter.value, 2);
    run(&counts);
    cr_assert_eq(counter.value, 4);
}

static ame_ref object;
static int destroyed;

static void destroy(ame_ref *ref) {
    cr_assert_eq(ref, &object);
    cr_assert_not(ame_in_block());
    destroyed++;
}

static void take_and_give(void *args) {
    (void)args;
    ame_ref_release(&object, destroy);
    ame_ref_retain(&object);
}

static void give(void *args) {
    (void)args;
    ame_ref_release(&object, destroy);
}

Test(rtm, objects_are_destroyed_after_the_commit) {
    static struct ame_abi_block both = {.plain = take_and_give, .twin = twin};
    static struct ame_abi_block last = {.plain = give, .twin = twin};
    ame_ref_init(&object);
    run(&both);
    cr_assert_eq(destroyed, 0);
    cr_assert_eq(ame_ref_read(&object), 1);
    struct ame_statistics statistics = run(&last);
    cr_assert_eq(destroyed, 1);
    cr_assert_eq(statistics.commits_htm, 2);
}

/* While another thread merges, a count can't be read in hardware (C2). */
static void read_count(void *args) {
    (void)args;
    in_plain++;
    seen_in_block = ame_counter_read(&counter);
}

Test(rtm, no_count_is_read_while_another_thread_merges) {
    run(&block);
    static struct ame_tx other;
    static struct ame_abi_block reads = {.plain = read_count, .twin = twin};
    other.snapshot = AME__INACTIVE;
    other.merging = 1;
    ame__descriptors[ame__descriptor_count++] = &other;
    cr_assert_eq(ame__htm_attempt(ame__tx_self(), read_count, NULL, AME__PHASE_HARDWARE),
                 AME__ABORT_HTM_EXPLICIT);
    other.merging = 4;
    cr_assert_eq(ame__htm_attempt(ame__tx_self(), reads.plain, NULL, AME__PHASE_HARDWARE),
                 AME__ABORT_NONE);
}

/* ---- asking for the serial path ---- */

static void irrevocable(void *args) {
    (void)args;
    ame_irrevocable();
    in_plain++;
}

static void irrevocable_twin(void *args) {
    (void)args;
    ame_abi_serial("test");
    in_twin++;
}

Test(rtm, irrevocable_block_runs_alone_and_once) {
    static struct ame_abi_block alone = {.plain = irrevocable, .twin = irrevocable_twin};
    struct ame_statistics statistics = run(&alone);
    cr_assert_eq(in_plain, 1);
    cr_assert_eq(in_twin, 0);
    cr_assert_eq(statistics.commits_serial, 1);
}
