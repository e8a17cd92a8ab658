/* The memory of nodes: kept by threads, traded, bounded, and in the end of slabs or of malloc. */
#define AME_TEST_KEEPS_NODES
#include "../map/live.h"
#include "nodes/slabs.h"

#include <ame/map.h>
#include <criterion/criterion.h>
#include <malloc.h>
#include <pthread.h>
#include <string.h>

enum { MANY = 33 * 30 /* full magazines */, THREADS = 3, ROUNDS = 20000, SHARED = 64 };

static void *nodes[MANY];

static void run(void *(*f)(void *), void *argument) {
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, f, argument), 0);
    pthread_join(thread, NULL);
}

Test(nodes, have_room_for_their_words) {
    for (size_t round = 0; round < 2; round++)
        for (size_t words = 1; words < 3 * AME__MOST_NODE_WORDS; words++) {
            char *node = ame__take_node(words);
            cr_assert_geq(ame__usable_size(node), words * sizeof(uint64_t));
            memset(node, 1, words * sizeof(uint64_t));
            ame__give_node(node, words);
        }
}

Test(nodes, the_last_one_given_is_taken_first) {
    void *one = ame__take_node(7), *other = ame__take_node(7);
    ame__give_node(one, 7);
    ame__give_node(other, 8);
    if (AME__ASAN)
        return;
    cr_assert_eq(ame__take_node(7), other);
    cr_assert_eq(ame__take_node(8), one);
}

static void *give_all(void *unused) {
    for (int i = 0; i < MANY; i++)
        ame__give_node(nodes[i], 16);
    return unused;
}

static void *give_some(void *unused) {
    for (int i = 0; i < 4 * 30; i++)
        ame__give_node(nodes[i], 16);
    return unused;
}

static bool was_given(const void *node) {
    for (int i = 0; i < MANY; i++)
        if (nodes[i] == node)
            return true;
    return false;
}

Test(nodes, are_traded) {
    for (int i = 0; i < MANY; i++)
        nodes[i] = ame__take_node(16);
    run(give_all, NULL);
    for (int i = 0; i < MANY / 2 && !AME__ASAN; i++)
        cr_assert(was_given(ame__take_node(16)), "%d", i);
}

Test(nodes, come_back_to_the_thread_that_gave_them) {
    enum { MINE = 150 };
    void *mine[MINE];
    for (int i = 0; i < MINE; i++)
        mine[i] = ame__take_node(16);
    for (int i = 0; i < MANY; i++)
        nodes[i] = malloc(16 * sizeof(uint64_t));
    for (int i = 0; i < MINE; i++)
        ame__give_node(mine[i], 16);
    run(give_some, NULL);
    for (int i = 0; i < MINE && !AME__ASAN; i++)
        cr_assert_not(was_given(ame__take_node(16)), "%d", i);
}

/* N2. Two magazines of thirty of a size for a thread. */
Test(nodes, that_are_kept_are_bounded) {
    enum { WORDS = 128, BYTES = WORDS * 8, MOST = AME__TRADED_BYTES / BYTES + 2 * 30 };
    static void *large[3 * MOST];
    for (int i = 0; i < 3 * MOST; i++)
        large[i] = ame__take_node(WORDS);
    for (int i = 0; i < 3 * MOST; i++)
        ame__give_node(large[i], WORDS);
    if (AME__ASAN)
        return;
    cr_assert_geq(ame__slab_bytes(), MOST / 2 * BYTES);
    cr_assert_leq(ame__slab_bytes(), MOST * BYTES);
}

Test(nodes, go_back_when_asked_for) {
    static void *many[MANY];
    counting = true;
    for (int i = 0; i < MANY; i++)
        many[i] = i % 2 ? ame__take_node(16) : malloc(128); /* N1 */
    for (int i = 0; i < MANY; i++)
        ame__give_node(many[i], 16);
    ame_map_reclaim(SIZE_MAX);
    counting = false;
    cr_assert_leq((int64_t)live, MANY / 30 + 2, "magazines without nodes");
    cr_assert_eq(ame__slab_bytes(), 0);
}

static void *take_and_give(void *unused) {
    counting = true;
    for (int i = 0; i < 20; i++)
        nodes[i] = ame__take_node(32);
    for (int i = 1; i < 20; i++)
        ame__give_node(nodes[i], 32);
    return unused;
}

/* N3 */
Test(nodes, of_a_thread_that_ends_go_back) {
    run(take_and_give, NULL);
    cr_assert_leq((int64_t)live, 3, "magazines without nodes, and under AddressSanitizer a node");
    cr_assert(AME__ASAN || ame__slab_bytes() == 32 * sizeof(uint64_t), "the one not given");
    ame__give_node(nodes[0], 32);
}

/* Without magazines each node comes from a slab, and goes back there. */
Test(nodes, do_without_magazines) {
    counting = true;
    allocations_left = 0;
    for (int i = 0; i < MANY; i++)
        nodes[i] = ame__take_node(24);
    cr_assert(AME__ASAN || ame__slab_bytes() == MANY * 24 * sizeof(uint64_t));
    for (int i = 0; i < MANY; i++)
        ame__give_node(nodes[i], 24);
    counting = false;
    cr_assert_eq(ame__slab_bytes(), 0);
}

Test(nodes, whose_words_are_not_at_hand) {
    for (size_t words = 1; words < 2 * AME__MOST_NODE_WORDS; words++) {
        void *node = ame__take_node(words);
        ame__drop_node(node);
        if (!AME__ASAN && words <= AME__MOST_NODE_WORDS)
            cr_assert_eq(ame__take_node(words), node);
    }
    ame__drop_node(malloc(100));
    ame__drop_node(NULL);
}

/* ---- several threads ---- */

static struct place {
    pthread_mutex_t lock;
    uint64_t *node;
    size_t words;
} shared[SHARED] = {[0 ... SHARED - 1] = {PTHREAD_MUTEX_INITIALIZER, NULL, 0}};

static void check(const uint64_t *node, size_t words) {
    for (size_t i = 0; i < words; i++)
        if (node[i] != (uint64_t)node + words)
            abort();
}

/* Each gives what another has taken. */
static void *change_places(void *seed) {
    uint64_t random = (uint64_t)seed;
    for (int i = 0; i < ROUNDS; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        size_t words = (random >> 40) % 40 + 1;
        uint64_t *node = ame__take_node(words);
        for (size_t w = 0; w < words; w++)
            node[w] = (uint64_t)node + words;
        struct place *place = &shared[(random >> 50) % SHARED];
        pthread_mutex_lock(&place->lock);
        uint64_t *old = place->node;
        size_t old_words = place->words;
        place->node = node;
        place->words = words;
        pthread_mutex_unlock(&place->lock);
        if (!old)
            continue;
        check(old, old_words);
        ame__give_node(old, old_words);
    }
    return NULL;
}

Test(nodes, of_several_threads, .timeout = 60) {
    pthread_t threads[THREADS];
    for (uintptr_t t = 0; t < THREADS; t++)
        cr_assert_eq(pthread_create(&threads[t], NULL, change_places, (void *)(t + 1)), 0);
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (int i = 0; i < SHARED; i++)
        if (shared[i].node) {
            check(shared[i].node, shared[i].words);
            ame__give_node(shared[i].node, shared[i].words);
        }
}
