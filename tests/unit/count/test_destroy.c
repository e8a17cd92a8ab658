/* Where and when counted objects are destroyed: outside blocks, without nesting, and
 * once no running block can read them. */
#include "core/tx.h"
#include "counting.h"

#include <limits.h>
#include <stdatomic.h>
#include <unistd.h>

struct node {
    ame_ref ref;
    struct node *next;
};

static ame_ref object;
static atomic_int destroyed, deepest;
static int depth;
static ame_counter deaths;

static void gives_back(void *args, const struct calls *c) {
    ame_destroy_fn *destroy = args;
    c->release(&object, destroy);
}
BLOCK(gives_back)

/* ---- outside blocks ---- */

static void counts_a_death(void *args, const struct calls *c) {
    (void)args;
    c->add(&deaths, 1);
}
BLOCK(counts_a_death)

static void destroy_with_a_block(ame_ref *ref) {
    require(ref == &object && !ame_in_block());
    run_counts_a_death(NULL);
    destroyed++;
}

TEST_BOTH_WAYS(destroy, a_destroy_function_runs_outside_blocks_and_may_run_its_own) {
    ame_ref_init(&object);
    run_gives_back(destroy_with_a_block);
    cr_assert_eq(destroyed, 1);
    ame_ref_init(&object);
    ame_ref_release(&object, destroy_with_a_block);
    cr_assert_eq(destroyed, 2);
    cr_assert_eq(ame_counter_read(&deaths), 2);
}

/* ---- chains ---- */

enum { LENGTH = AME__ASAN ? 1000000 : 10000000, STACK = 64 * 1024 };

static void destroy_node(ame_ref *ref);

static void gives_back_next(void *args, const struct calls *c) {
    c->release(args, destroy_node);
}
BLOCK(gives_back_next)

/* Every other one in a block of its own. */
static void destroy_node(ame_ref *ref) {
    struct node *node = (struct node *)ref;
    if (++depth > deepest)
        deepest = depth;
    require(!ame_in_block() && ame_ref_read(ref) == 0);
    destroyed++;
    if (node->next && destroyed % 2)
        run_gives_back_next(&node->next->ref);
    else if (node->next)
        ame_ref_release(&node->next->ref, destroy_node);
    depth--;
}

static void *gives_back_a_chain(void *in_block) {
    struct node *chain = calloc(LENGTH, sizeof *chain);
    require(chain != NULL);
    for (int i = 0; i < LENGTH; i++) {
        ame_ref_init(&chain[i].ref);
        chain[i].next = i + 1 < LENGTH ? &chain[i + 1] : NULL;
    }
    if (in_block)
        run_gives_back_next(&chain[0].ref);
    else
        ame_ref_release(&chain[0].ref, destroy_node);
    require(destroyed == LENGTH);
    free(chain);
    return NULL;
}

static void on_a_small_stack(void *(*f)(void *), void *argument) {
    pthread_attr_t small;
    pthread_t thread;
    pthread_attr_init(&small);
    require(pthread_attr_setstacksize(&small, STACK + (size_t)PTHREAD_STACK_MIN) == 0);
    require(pthread_create(&thread, &small, f, argument) == 0);
    join(thread);
    pthread_attr_destroy(&small);
}

TEST_BOTH_WAYS(destroy, a_long_chain_needs_no_stack) {
    on_a_small_stack(gives_back_a_chain, &object);
    cr_assert_eq(destroyed, LENGTH);
    cr_assert_eq(deepest, 1, "destroy functions were nested");
    cr_assert_leq(ame__descriptors[ame__descriptor_count - 1]->dying.capacity, 64,
                  "the dead were kept in the queue");
}

Test(destroy, a_long_chain_given_back_outside_blocks_needs_no_stack) {
    on_a_small_stack(gives_back_a_chain, NULL);
    cr_assert_eq(destroyed, LENGTH);
    cr_assert_eq(deepest, 1, "destroy functions were nested");
}

/* ---- in steps ---- */

enum { SHORT = 10000, A_STEP = 100 };

static struct node *short_chain(void) {
    struct node *chain = calloc(SHORT, sizeof *chain);
    for (int i = 0; i < SHORT; i++) {
        ame_ref_init(&chain[i].ref);
        chain[i].next = i + 1 < SHORT ? &chain[i + 1] : NULL;
    }
    return chain;
}

/* Outside blocks, so that nothing but the releases does a step. */
static void destroy_plainly(ame_ref *ref) {
    struct node *node = (struct node *)ref;
    destroyed++;
    if (node->next)
        ame_ref_release(&node->next->ref, destroy_plainly);
}

Test(destroy, in_steps_each_release_does_a_part) {
    struct node *chain = short_chain(), single = {.next = NULL};
    ame_ref_destroy_in_steps(A_STEP);
    ame_ref_release(&chain->ref, destroy_plainly);
    cr_assert_eq(destroyed, A_STEP);
    for (int steps = 2; steps <= 10; steps++) {
        ame_ref_init(&single.ref);
        ame_ref_release(&single.ref, destroy_plainly);
        cr_assert_eq(destroyed, steps * A_STEP);
    }
    cr_assert_eq(ame_ref_destroy_waiting(50), 50u);
    cr_assert_eq(destroyed, 10 * A_STEP + 50);
    ame_ref_destroy_in_steps(0);
    ame_ref_init(&single.ref);
    ame_ref_release(&single.ref, destroy_plainly);
    cr_assert_eq(destroyed, SHORT + 10);
    cr_assert_eq(ame_ref_destroy_waiting(SIZE_MAX), 0u);
    free(chain);
}

static void *in_the_background(void *unused) {
    require(ame_ref_destroy_waiting(SIZE_MAX) == SHORT - A_STEP);
    return unused;
}

Test(destroy, another_thread_takes_over_what_waits) {
    pthread_t thread;
    struct node *chain = short_chain();
    ame_ref_destroy_in_steps(A_STEP);
    ame_ref_release(&chain->ref, destroy_plainly);
    cr_assert_eq(destroyed, A_STEP);
    require(pthread_create(&thread, NULL, in_the_background, NULL) == 0);
    join(thread);
    cr_assert_eq(destroyed, SHORT);
    free(chain);
}

static void *releases_and_ends(void *chain) {
    ame_ref_release(chain, destroy_plainly);
    return NULL;
}

Test(destroy, what_waits_outlives_its_thread) {
    pthread_t thread;
    struct node *chain = short_chain();
    ame_ref_destroy_in_steps(A_STEP);
    require(pthread_create(&thread, NULL, releases_and_ends, chain) == 0);
    join(thread);
    size_t rest = SHORT - (size_t)destroyed;
    cr_assert(destroyed >= A_STEP && destroyed <= 2 * A_STEP);
    cr_assert_eq(ame_ref_destroy_waiting(SIZE_MAX), rest);
    cr_assert_eq(destroyed, SHORT);
    free(chain);
}

/* ---- trees: each destroys two, which share their leaves ---- */

enum { WIDTH = 512 };

static ame_ref tree[2 * WIDTH];

static void destroy_in_tree(ame_ref *ref) {
    size_t i = (size_t)(ref - tree);
    destroyed++;
    if (i < WIDTH) {
        ame_ref_release(&tree[2 * i], destroy_in_tree);
        ame_ref_release(&tree[2 * i + 1], destroy_in_tree);
    }
}

static void gives_back_tree(void *args, const struct calls *c) {
    (void)args;
    c->release(&tree[1], destroy_in_tree);
}
BLOCK(gives_back_tree)

TEST_BOTH_WAYS(destroy, a_tree_is_destroyed_whole_and_what_is_held_stays) {
    for (int i = 1; i < 2 * WIDTH; i++)
        ame_ref_init(&tree[i]);
    ame_ref_retain(&tree[5]);
    ame_ref_retain(&tree[2 * WIDTH - 1]);
    run_gives_back_tree(NULL);
    int below_five = 2 * WIDTH / 4 - 1;
    cr_assert_eq(destroyed, 2 * WIDTH - 1 - below_five - 1);
    ame_ref_release(&tree[2 * WIDTH - 1], destroy_in_tree);
    ame_ref_release(&tree[5], destroy_in_tree);
    cr_assert_eq(destroyed, 2 * WIDTH - 1);
}

/* ---- not before running blocks are done ---- */

static uint64_t anything[8];
static atomic_int reader_inside, reader_done;

static void reads_and_stays(void *args, const struct calls *c) {
    (void)args;
    c->load(anything);
    reader_inside = 1;
    usleep(60000); /* no barrier: the block can't notice anything */
    require(destroyed == 0);
    reader_done = 1;
}
BLOCK(reads_and_stays)

static void *reader(void *args) {
    run_reads_and_stays(args);
    return NULL;
}

static void destroy_after_reader(ame_ref *ref) {
    require(ref == &object && reader_done);
    destroyed++;
}

/* The block that gives back writes nothing, so its commit alone does not wait. */
static void check_wait(int in_block) {
    ame_ref_init(&object);
    pthread_t thread = start(reader, NULL);
    while (!reader_inside)
        ;
    if (in_block)
        run_gives_back(destroy_after_reader);
    else
        ame_ref_release(&object, destroy_after_reader);
    cr_assert_eq(destroyed, 1);
    join(thread);
}

Test(destroy, waits_for_running_blocks_after_a_block, .init = software_only, .timeout = 20) {
    check_wait(1);
}

Test(destroy, waits_for_running_blocks_outside_blocks, .init = software_only, .timeout = 20) {
    check_wait(0);
}

static void destroy_and_let_read(ame_ref *ref) {
    if (ref == &object) {
        pthread_t thread = start(reader, NULL);
        pthread_detach(thread);
        while (!reader_inside)
            ;
        ame_ref_release(&tree[1], destroy_and_let_read);
    } else {
        require(ref == &tree[1] && reader_done);
        destroyed++;
    }
}

Test(destroy, waits_anew_for_what_a_destroy_function_gives_back, .init = software_only,
     .timeout = 20) {
    ame_ref_init(&object);
    ame_ref_init(&tree[1]);
    run_gives_back(destroy_and_let_read);
    cr_assert_eq(destroyed, 1);
}
