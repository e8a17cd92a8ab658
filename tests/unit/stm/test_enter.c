/* How a block enters: not for one read, and then by its second access, if the first still holds. */
#include "block.h"
#include "core/tx.h"
#include "stm/stm.h"

static struct {
    _Alignas(64) uint64_t value;
} cell[3];

static int attempts;
static uint64_t changes;

static bool has_entered(void) {
    return ame__load_relaxed(&ame__self->snapshot) != AME__INACTIVE;
}

static void reads_one(void *args) {
    ame_abi_read_u64(args);
    cr_assert_not(has_entered());
    ame_abi_read_u64(&cell[1].value);
    cr_assert(has_entered());
}

static void reads(void *args) {
    ame_abi_read_u64(args);
}

/* The thread has its log of reads from here on, and no other takes over its descriptor. */
static void begin(void) {
    software_only();
    run_block(reads, &cell[2].value);
}

Test(enter, by_the_second_read, .init = begin) {
    run_block(reads_one, &cell[0].value);
    cr_assert_not(has_entered());
    cr_assert(!ame__self->reads.count && !ame__load_relaxed(&ame__self->read_limit));
}

static void writes_one(void *args) {
    ame_abi_write_u64(args, ++changes);
    cr_assert(has_entered());
}

static void *writes_in_a_block(void *args) {
    run_block(writes_one, args);
    return NULL;
}

static void serially(void *args) {
    *(uint64_t *)args += 1;
}

static void *runs_alone(void *args) {
    struct ame_abi_block block = {.plain = serially, .twin = NULL, .function = "test"};
    ame_abi_run(&block, args);
    return NULL;
}

static void elsewhere(void *(*function)(void *), void *args) {
    pthread_t thread;
    pthread_create(&thread, NULL, function, args);
    pthread_join(thread, NULL);
}

enum second { READS, WRITES, READS_BYTES, WRITES_FIRST_CELL, SECONDS };

static struct {
    void *(*meanwhile)(void *);
    enum second second;
} chosen;

static void reads_and_is_overtaken(void *args) {
    uint64_t bytes[16], first = ame_abi_read_u64(args);
    if (!attempts++)
        elsewhere(chosen.meanwhile, args);
    if (chosen.second == READS)
        ame_abi_read_u64(&cell[1].value);
    else if (chosen.second == READS_BYTES)
        ame_abi_read(bytes, &cell[1].value, sizeof bytes);
    else
        ame_abi_write_u64(chosen.second == WRITES ? &cell[1].value : &cell[0].value, first);
    cr_assert_eq(first, cell[0].value, "it goes on with what is no longer so");
}

/* Nobody waits for a block that has not entered, and it learns of the change before its second
 * access. */
Test(enter, a_first_read_that_does_not_hold_aborts, .init = begin) {
    void *(*const others[])(void *) = {writes_in_a_block, runs_alone};
    for (int i = 0; i < 2; i++)
        for (int second = 0; second < SECONDS; second++) {
            chosen.meanwhile = others[i];
            chosen.second = (enum second)second;
            attempts = 0;
            run_block(reads, &cell[0].value); /* what is new it reads as one that has entered */
            run_block(reads_and_is_overtaken, &cell[0].value);
            cr_assert_eq(attempts, 2);
        }
}

/* A thread that nobody's time stands in the way of draws the same version again (E1). */
Test(enter, a_version_that_comes_again_is_noticed, .init = begin) {
    chosen.meanwhile = writes_in_a_block;
    chosen.second = READS;
    for (int i = 0; i < 10; i++) {
        attempts = 0;
        elsewhere(writes_in_a_block, &cell[0].value);
        run_block(reads, &cell[0].value);
        run_block(reads_and_is_overtaken, &cell[0].value);
        cr_assert_leq(attempts, 2);
        cr_assert_eq(cell[0].value, changes);
    }
}
