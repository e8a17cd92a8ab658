/* How a block enters, and when it need not. */
#include "block.h"
#include "core/tx.h"
#include "serial/gate.h"
#include "stm/readers.h"
#include "stm/stm.h"

static struct {
    _Alignas(64) uint64_t value;
} cell[2];

static bool has_entered(void) {
    return ame__load_relaxed(&ame__self->snapshot) != AME__INACTIVE;
}

static void run_single_read(void (*twin)(void *)) {
    struct ame_abi_block block = {
        .plain = must_not_run, .twin = twin, .function = "test", .kind = AME_ABI_BLOCK_READS_ONE};
    ame_abi_run(&block, NULL);
}

static void reads(void *args) {
    (void)args;
    cr_assert_not(has_entered());
    cr_assert_eq(ame_abi_read_u64(&cell[0].value), cell[0].value);
    cr_assert(has_entered());
}

Test(enter, by_a_read, .init = software_only) {
    run_block(reads, NULL);
    cr_assert_not(has_entered());
}

static void writes(void *args) {
    (void)args;
    cr_assert_not(has_entered());
    ame_abi_write_u64(&cell[0].value, 7);
    cr_assert(has_entered());
    cr_assert(ame__orec_locked(ame__load_relaxed(&ame__orecs[ame__orec_index(&cell[0].value)])));
}

Test(enter, by_a_write, .init = software_only) {
    run_block(writes, NULL);
    cr_assert_eq(cell[0].value, 7);
    cr_assert_not(has_entered());
}

/* What speaks against entering by the lock itself; the block enters all the same. */
enum obstacle { HARDWARE_PHASE, SHOWN_BLOCK, SIGNAL, OWN_VERSIONS, NO_ROOM };

static void make(enum obstacle obstacle) {
    struct ame_tx *tx = ame__self;
    if (obstacle == HARDWARE_PHASE)
        ame__store_relaxed(&ame__phase, AME__PHASE_HARDWARE);
    if (obstacle == SHOWN_BLOCK)
        ame__store_relaxed(&ame__shown_blocks, 1);
    if (obstacle == SIGNAL)
        ame__store_relaxed(&tx->signal, AME__SIGNAL_NOTHING);
    if (obstacle == OWN_VERSIONS)
        tx->own_versions_met = AME__MANY_OWN_VERSIONS;
    if (obstacle == NO_ROOM)
        tx->locks.capacity = 0;
}

static void writes_beside_obstacle(void *args) {
    make(*(const enum obstacle *)args);
    ame_abi_write_u32((char *)&cell[0] + 4, 11);
    cr_assert(has_entered());
    cr_assert(ame__owned(ame__self, ame__load_relaxed(&ame__orecs[ame__orec_index(&cell[0])])));
    cr_assert_eq(ame__self->locks.count, 1);
    cr_assert_eq(ame__self->undo.count, 1);
    cr_assert_eq(ame__load_relaxed(&ame__phase), AME__PHASE_SOFTWARE);
    cr_assert_eq(ame__load_relaxed(&ame__self->signal), 0);
    cr_assert_lt(ame__self->own_versions_met, AME__MANY_OWN_VERSIONS);
}

static void reads_to_write_beside_obstacle(void *args) {
    make(*(const enum obstacle *)args);
    cr_assert_eq(ame_abi_read_for_write_u32((char *)&cell[0] + 4), 12);
    cr_assert(has_entered());
    cr_assert(ame__owned(ame__self, ame__load_relaxed(&ame__orecs[ame__orec_index(&cell[0])])));
    cr_assert_eq(ame__self->locks.count, 1);
    cr_assert_eq(ame__self->undo.count, 0);
    cr_assert_eq(ame__load_relaxed(&ame__phase), AME__PHASE_SOFTWARE);
}

Test(enter, by_a_write_that_something_speaks_against, .init = software_only) {
    static const enum obstacle all[] = {HARDWARE_PHASE, SHOWN_BLOCK, SIGNAL, OWN_VERSIONS, NO_ROOM};
    run_block(writes, NULL);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        cell[0].value = 0;
        run_block(writes_beside_obstacle, (void *)&all[i]);
        cr_assert_eq(cell[0].value, UINT64_C(11) << 32);
        cell[0].value = UINT64_C(12) << 32;
        run_block(reads_to_write_beside_obstacle, (void *)&all[i]);
        ame__store_relaxed(&ame__shown_blocks, 0);
        cr_assert_not(has_entered());
        cr_assert_not(ame__orec_locked(ame__load_relaxed(&ame__orecs[ame__orec_index(&cell[0])])));
    }
}

static void reads_nothing_else(void *args) {
    (void)args;
    cr_assert_eq(ame_abi_read_u64(&cell[0].value), 9);
    cr_assert_not(has_entered());
    cr_assert_not(ame__has_read(ame__self));
}

Test(enter, not_for_a_single_read, .init = software_only) {
    cell[0].value = 9;
    run_single_read(reads_nothing_else);
    cr_assert_eq(ame__load_relaxed(&ame__self->read_limit), 0);
}

static void reads_and_enters(void *args) {
    (void)args;
    ame_abi_read_u64(&cell[0].value);
    cr_assert(has_entered());
}

/* Of other kinds is the block around it, or the phase. */
static void runs_single_read(void *args) {
    struct ame_abi_block block = {.plain = must_not_run,
                                  .twin = reads_and_enters,
                                  .function = "test",
                                  .kind = AME_ABI_BLOCK_READS_ONE};
    ame_abi_run(&block, args);
}

Test(enter, for_a_single_read_inside_another_block, .init = software_only) {
    run_block(runs_single_read, NULL);
}

static void reads_in_hardware_phase(void *args) {
    (void)args;
    ame__store_relaxed(&ame__phase, AME__PHASE_HARDWARE);
    ame_abi_read_u64(&cell[0].value);
    cr_assert_eq(ame__load_relaxed(&ame__phase), AME__PHASE_SOFTWARE);
}

Test(enter, for_a_single_read_while_code_without_barriers_runs, .init = software_only) {
    run_single_read(reads_in_hardware_phase);
}

static ame__word stop;

static void *writes_halves(void *args) {
    for (uint64_t n = 1; !ame__load_relaxed(&stop); n++) {
        struct ame_abi_block alone = {.plain = args, .twin = NULL, .function = "test"};
        ame_abi_run(&alone, &n);
    }
    return NULL;
}

/* Not what others should see: an odd value, before the block has ended. */
static void adds_two(void *args) {
    (void)args;
    volatile uint64_t *p = &cell[1].value;
    *p += 1;
    for (volatile int i = 0; i < 100; i++)
        ;
    *p += 1;
}

static void reads_second(void *args) {
    (void)args;
    cr_assert_eq(ame_abi_read_u64(&cell[1].value) % 2, 0);
}

Test(enter, a_single_read_sees_no_half_of_a_block_that_runs_alone, .init = software_only) {
    pthread_t thread;
    pthread_create(&thread, NULL, writes_halves, (void *)adds_two);
    for (int i = 0; i < 100000; i++)
        run_single_read(reads_second);
    ame__store_relaxed(&stop, 1);
    pthread_join(thread, NULL);
}
