/* Threads that end in the middle, and hardware blocks that have committed but not
 * merged yet, as another thread sees them. */
#include "core/tx.h"
#include "count/count.h"
#include "counting.h"

#include <stdatomic.h>
#include <unistd.h>

static ame_ref object;
static atomic_int destroyed;

static void destroy(ame_ref *ref) {
    (void)ref;
    destroyed++;
}

/* ---- the thread ends ---- */

static void release_and_exit(void *args, const struct calls *call) {
    (void)args;
    call->release(&object, destroy);
    pthread_exit(NULL);
}
BLOCK(release_and_exit)

static void *in_thread(void *args) {
    run_release_and_exit(args);
    return NULL;
}

/* The serial path undoes nothing: the block ends there. */
Test(endings, thread_that_exits_in_a_serial_block, .init = serial_only) {
    ame_ref_init(&object);
    elsewhere(in_thread, NULL);
    cr_assert_eq(ame_ref_read(&object), 0);
    cr_assert_eq(destroyed, 1);
}

static void destroy_and_exit(ame_ref *ref) {
    destroy(ref);
    pthread_exit(NULL);
}

static void *release_two(void *unused) {
    static ame_ref other;
    (void)unused;
    ame_ref_init(&other);
    ame_ref_init(&object);
    struct ame_tx *tx = ame__tx_self();
    tx->destroying = true; /* so that both are in one batch */
    ame_ref_release(&object, destroy_and_exit);
    ame_ref_release(&other, destroy);
    tx->destroying = false;
    ame__count_destroy_dying(tx);
    return NULL;
}

Test(endings, thread_that_exits_in_a_destroy_function, .init = software_only) {
    elsewhere(release_two, NULL);
    cr_assert_eq(destroyed, 2, "each once, the rest of the batch by the ending thread");
    elsewhere(release_two, NULL);
    cr_assert_eq(destroyed, 4, "the descriptor's next thread too");
}

/* ---- hardware ---- */

static atomic_int merging, merged;

/* A hardware block that has added 1 and committed, before its merge. */
static void *committed_in_hardware(void *unused) {
    (void)unused;
    struct ame_tx *tx = ame__tx_self();
    cr_assert(AME__LOG_RESERVE(&tx->deltas));
    tx->deltas.entries[tx->deltas.count++] = (struct ame__delta_entry){(uint64_t)&object.count, 1};
    ame__store_relaxed(&ame__counts_in_hardware, 1);
    ame__count_merge_begin(tx);
    merging = 1;
    usleep(50 * 1000);
    merged = 1;
    ame__count_merge(tx);
    return NULL;
}

static pthread_t start_hardware(void) {
    ame_ref_init(&object);
    pthread_t thread = start(committed_in_hardware, NULL);
    while (!merging)
        ;
    return thread;
}

Test(endings, last_release_waits_for_earlier_additions, .init = software_only) {
    pthread_t thread = start_hardware();
    ame_ref_release(&object, destroy);
    cr_assert_eq(destroyed, 0, "a committed block has taken a reference");
    join(thread);
    cr_assert_eq(ame_ref_read(&object), 1);
}

static void unlink_it(void *cell, const struct calls *call) {
    call->store(cell, 0);
}
BLOCK(unlink_it)

Test(endings, who_unlinks_waits_for_earlier_additions, .init = software_only) {
    static uint64_t cell[8] = {1};
    pthread_t thread = start_hardware();
    run_unlink_it(cell);
    cr_assert_eq(merged, 1, "the count's memory may be freed now");
    join(thread);
}
