/* What committed blocks have freed: M2 and M4 of memory/memory.h. */
#include "../stm/block.h"
#include "core/tx.h"

#include <stdatomic.h>
#include <unistd.h>

TestSuite(limbo, .init = software_only);

#define TWIN(result, name, ...) result twin_##name(__VA_ARGS__) __asm__("ame_twin." #name)
TWIN(void, free, void *);

/* ---- a reader that stays in its block, and is behind all that commits meanwhile ---- */

static _Alignas(64) uint64_t cell;

struct reader {
    bool answers;
    const uint64_t *memory; /* that it reads at its end, or NULL */
    atomic_int is_in, may_go;
    pthread_t thread;
};

static void read_and_stay(void *argument) {
    struct reader *reader = argument;
    ame_abi_read_u64(&cell);
    reader->is_in = 1;
    while (!reader->may_go) {
        usleep(100);
        if (reader->answers)
            ame_abi_read_u64(&cell);
    }
    if (reader->memory) /* AddressSanitizer ends the test if it was freed */
        cr_assert_eq(*(const volatile uint64_t *)reader->memory, 42);
}

static void *read_in_block(void *reader) {
    run_block(read_and_stay, reader);
    return NULL;
}

static void start(struct reader *reader) {
    reader->is_in = reader->may_go = 0;
    cr_assert_eq(pthread_create(&reader->thread, NULL, read_in_block, reader), 0);
    while (!reader->is_in)
        ;
}

static void end(struct reader *reader) {
    reader->may_go = 1;
    cr_assert_eq(pthread_join(reader->thread, NULL), 0);
}

/* ---- frees, each in a block of its own ---- */

static void free_it(void *memory) {
    twin_free(memory);
}

static void free_some(int count, size_t size) {
    for (int i = 0; i < count; i++)
        run_block(free_it, malloc(size));
}

static size_t in_limbo(void) {
    return ame__tx_self()->limbo.count;
}

enum { SOME = 200 };

Test(limbo, is_not_left_while_a_block_can_read_the_memory) {
    uint64_t *memory = malloc(64);
    struct reader reader = {.memory = memory};
    *memory = 42;
    start(&reader);
    run_block(free_it, memory); /* does not wait: the reader is still there */
    free_some(SOME, 64);
    cr_assert_eq(in_limbo(), SOME + 1);
    end(&reader);
    free_some(2 * SOME, 64);
    cr_assert_lt(in_limbo(), SOME);
}

Test(limbo, is_left_after_some_frees) {
    struct reader reader = {0};
    free_some(1000, 64);
    cr_assert_lt(in_limbo(), 100);
    start(&reader);
    end(&reader);
    free_some(1000, 64);
    cr_assert_lt(in_limbo(), 100, "a block that has ended is behind");
}

Test(limbo, does_not_wait_for_blocks_that_began_later) {
    struct reader first = {0}, second = {0};
    start(&first);
    free_some(SOME, 64);
    cr_assert_eq(in_limbo(), SOME);
    start(&second);
    end(&first);
    free_some(2 * SOME, 64);
    cr_assert_geq(in_limbo(), 2 * SOME); /* which it could still read */
    cr_assert_lt(in_limbo(), 3 * SOME - 100);
    end(&second);
}

Test(limbo, is_left_by_much_memory) {
    free_some(20, 1 << 19);
    cr_assert_lt(in_limbo(), 5);
    cr_assert_lt(ame__self->limbo_bytes, 3 << 20);
}

/* A block that answers, but would not move on by itself. */
Test(limbo, is_bounded_in_entries) {
    struct reader reader = {.answers = true};
    start(&reader);
    free_some(20000, 16);
    cr_assert_lt(in_limbo(), 5000);
    end(&reader);
}

Test(limbo, is_bounded_in_bytes) {
    struct reader reader = {.answers = true};
    start(&reader);
    free_some(100, 1 << 20);
    cr_assert_lt(in_limbo(), 20);
    cr_assert_lt(ame__self->limbo_bytes, 20 << 20);
    end(&reader);
}

/* ---- blocks that write, too ---- */

static void write_and_free(void *memory) {
    ame_abi_write_u64(&cell, 1);
    twin_free(memory);
}

Test(limbo, holds_the_frees_of_writers) {
    for (int i = 0; i < 1000; i++)
        run_block(write_and_free, malloc(64));
    cr_assert_lt(in_limbo(), 100);
    cr_assert_gt(in_limbo(), 0);
}

/* ---- the end of a thread ---- */

static struct ame_tx *of_thread;

static void *free_in_thread(void *unused) {
    free_some(10, 64);
    of_thread = ame__self;
    return unused;
}

static void run_thread(void) {
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, free_in_thread, NULL), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
}

Test(limbo, of_a_thread_that_ended_is_empty) {
    run_thread();
    cr_assert_eq(of_thread->limbo.count, 0);
    cr_assert_eq(of_thread->limbo_bytes, 0);
}

Test(limbo, of_a_thread_that_ended_is_the_next_ones) {
    struct reader reader = {0};
    start(&reader);
    run_thread();
    struct ame_tx *first = of_thread;
    cr_assert_eq(first->limbo.count, 10);
    run_thread();
    cr_assert_eq(of_thread, first);
    cr_assert_eq(first->limbo.count, 20);
    end(&reader);
    for (int i = 0; i < 2; i++) /* it or the reader's is taken over first */
        run_thread();
    cr_assert_eq(of_thread->limbo.count, 0);
}
