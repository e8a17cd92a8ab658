/* What is counted, whether or not something is recorded. */
#include <ame/abi.h>
#include <ame/error.h>
#include <ame/record.h>
#include <ame/runtime.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCKS = 50000 };

static void nothing(void *args) {
    (void)args;
}

static void run_blocks(void) {
    static struct ame_abi_block block = {.plain = nothing, .twin = nothing, .function = "test"};
    for (int i = 0; i < BLOCKS; i++)
        ame_abi_run(&block, NULL);
}

/* Most of those in a recording go by unwatched, and are counted elsewhere. */
Test(statistics, count_all_commits_while_something_is_recorded) {
    struct ame_statistics statistics;
    char directory[] = "/tmp/ame-statistics-XXXXXX", path[64];
    setenv("AME_MODE", "stm", 1);
    cr_assert(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/recording", directory);
    run_blocks();
    for (uint64_t recordings = 1; recordings <= 2; recordings++) {
        cr_assert_eq(ame_record_start(path), AME_OK);
        run_blocks();
        ame_get_statistics(&statistics);
        cr_assert_eq(statistics.commits_stm, 2 * recordings * BLOCKS);
        cr_assert_eq(ame_record_stop(), AME_OK);
        unlink(path);
        run_blocks();
    }
    ame_get_statistics(&statistics);
    cr_assert_eq(statistics.commits_stm, 5 * BLOCKS);
    rmdir(directory);
}
