/* S3, step by step: while a block may still act on the state before, the block that
 * changed it has not ended, and nobody sees its change. */
#include "block.h"

#include <stdatomic.h>
#include <unistd.h>

static _Alignas(64) uint64_t list = 1;
static _Alignas(64) uint64_t node;

static atomic_int walker_is_in, unlinked, seen_by_third;
static int unlinked_too_early, seen_too_early;

/* Reads the list, and dawdles without a barrier before it writes the node. */
static void walk(void *args) {
    uint64_t found = ame_abi_read_u64(&list);
    (void)args;
    if (found && !walker_is_in) {
        walker_is_in = 1;
        usleep(100 * 1000);
        unlinked_too_early = unlinked;
        seen_too_early = seen_by_third;
    }
    if (found)
        ame_abi_write_u64(&node, 77);
}

static void unlink_node(void *args) {
    (void)args;
    ame_abi_write_u64(&list, 0);
}

static void look(void *result) {
    *(uint64_t *)result = ame_abi_read_u64(&list);
}

static void *walker(void *unused) {
    run_block(walk, unused);
    return unused;
}

static void *third(void *unused) {
    uint64_t found = 1;
    while (!walker_is_in)
        ;
    do
        run_block(look, &found);
    while (found);
    seen_by_third = 1;
    return unused;
}

static void run_with_walker(void *(*other)(void *)) {
    pthread_t threads[2];
    cr_assert_eq(pthread_create(&threads[0], NULL, walker, NULL), 0);
    if (other)
        cr_assert_eq(pthread_create(&threads[1], NULL, other, NULL), 0);
    while (!walker_is_in)
        ;
    run_block(unlink_node, NULL);
    unlinked = 1;
    uint64_t mine = node; /* nobody else's from here on */
    usleep(1000);
    cr_assert_eq(node, mine);
    pthread_join(threads[0], NULL);
    if (other)
        pthread_join(threads[1], NULL);
    cr_assert_eq(node, mine);
}

Test(privatization, who_unlinks_waits_for_who_may_still_write, .init = software_only) {
    run_with_walker(NULL);
    cr_assert_not(unlinked_too_early);
    cr_assert_eq(node, 0, "the walker began again and found the list empty");
}

/* By another's hand: who sees the node unlinked may use it alone, too. */
Test(privatization, nobody_sees_the_change_before_it_is_safe, .init = software_only) {
    run_with_walker(third);
    cr_assert_not(seen_too_early);
}
