/* Bodies that have a twin, registered by hand as the plugin's code would do: they
 * run in software, at the same time, and conflicts do not show in the result. */
#include "loop/blocks.h"
#include <ame/ame.h>

#include <criterion/criterion.h>
#include <stdlib.h>

enum { SHARED = 16, BODIES = 20000 };

static uint64_t shared[SHARED];

static int add_plain(int64_t index, void *context) {
    (void)context;
    shared[index % SHARED] += 1;
    shared[0] += 1;
    return index == -1;
}

static int add_twin(int64_t index, void *context) {
    (void)context;
    uint64_t *mine = &shared[index % SHARED];
    ame_abi_write_u64(mine, ame_abi_read_u64(mine) + 1);
    ame_abi_write_u64(shared, ame_abi_read_u64(shared) + 1);
    return index == -1;
}

static int stop_plain(int64_t index, void *context) {
    (void)context;
    shared[0] = (uint64_t)index + 1;
    return (int)index + 40;
}

static int stop_twin(int64_t index, void *context) {
    (void)context;
    ame_abi_write_u64(shared, (uint64_t)index + 1);
    return (int)index + 40;
}

static const struct ame_abi_twin twins[] = {
    {(const void *)add_plain, (const void *)add_twin},
    {(const void *)stop_plain, (const void *)stop_twin},
};

/* The way to run is chosen once in a process, and each test has its own. */
static void software_only(void) {
    setenv("AME_MODE", "stm", 1);
    ame_abi_register(twins, sizeof twins / sizeof *twins);
}

Test(loop_twins, run_in_software, .init = software_only) {
    struct ame_statistics statistics;
    cr_assert_eq(
        ame_for_each_in_range(0, BODIES, add_plain, NULL, &(struct ame_loop_options){4, 3}), 0);
    cr_assert_eq(shared[0], BODIES + BODIES / SHARED);
    for (int i = 1; i < SHARED; i++)
        cr_assert_eq(shared[i], BODIES / SHARED);
    ame_get_statistics(&statistics);
    cr_assert_geq(statistics.commits_stm, BODIES / 2, "a body may run serially to get through");
    cr_assert_eq(statistics.commits_stm + statistics.commits_serial, BODIES);
}

Test(loop_twins, the_block_of_a_body_that_stops_commits, .init = software_only) {
    cr_assert_eq(ame_for_each_in_range(2, 3, stop_plain, NULL, NULL), 42);
    cr_assert_eq(shared[0], 3);
    cr_assert_eq(ame_for_each_in_range(5, 5000, stop_plain, NULL, &(struct ame_loop_options){1, 0}),
                 45);
    cr_assert_eq(shared[0], 6);
}

static void plain_trampoline(void *args) {
    (void)args;
}
static void twin_trampoline(void *args) {
    (void)args;
}

/* Recordings refer to blocks for as long as the process lives. */
Test(loop_twins, a_body_keeps_its_block, .init = software_only) {
    static const struct ame__trampolines a = {plain_trampoline, twin_trampoline};
    static const struct ame__trampolines b = {plain_trampoline, twin_trampoline};
    const void *twin;
    struct ame_abi_block *block = ame__loop_block((const void *)add_plain, &a, &twin);
    cr_assert_eq(twin, (const void *)add_twin);
    cr_assert_eq(block->place, (const void *)add_plain);
    cr_assert_eq(block->plain, plain_trampoline);
    cr_assert_eq(block->twin, twin_trampoline);
    cr_assert_eq(ame__loop_block((const void *)add_plain, &a, &twin), block);
    cr_assert_neq(ame__loop_block((const void *)add_plain, &b, &twin), block);
    cr_assert_neq(ame__loop_block((const void *)stop_plain, &a, &twin), block);
    struct ame_abi_block *alone = ame__loop_block((const void *)abort, &a, &twin);
    cr_assert_null(twin);
    cr_assert_null(alone->twin);
    ame_abi_unregister(twins, sizeof twins / sizeof *twins);
    cr_assert_neq(ame__loop_block((const void *)add_plain, &a, &twin), block,
                  "another function at the same address is another body");
}
