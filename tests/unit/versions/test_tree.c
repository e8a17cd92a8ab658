/* Versions come and go in many threads at once: each is freed once, and none beside a neighbour
 * that is being freed (V4, V5 of versions/versions.h). */
#include "nodes/nodes.h"
#include "versions/versions.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { THREADS = 4, SLOTS = 24, STEPS = AME__ASAN ? 100000 : 2000000, LINE = 64 };

/* Has no nodes of its own. */
struct empty {
    struct ame__version version;
    char rest[AME__LASTING_AT - sizeof(struct ame__version)];
    struct ame__lasting lasting;
    atomic_uint leaves;
    unsigned pauses; /* while it leaves */
};
enum { WORDS = sizeof(struct empty) / sizeof(uint64_t), LIVES = 0x11, HAS_LEFT = 0x22 };

static atomic_long made, freed;

struct walk {
    struct empty *version, *parent, *child;
};

static void neighbour_lives(struct empty *neighbour) {
    if (neighbour)
        cr_assert_eq(neighbour->leaves, LIVES);
}

static void begin(void *memory, void *version, const void *parent, void *child) {
    struct walk *walk = memory;
    *walk = (struct walk){version, (struct empty *)parent, child};
    neighbour_lives(walk->parent);
    neighbour_lives(walk->child);
    cr_assert_eq(atomic_exchange(&walk->version->leaves, HAS_LEFT), LIVES);
}

static bool go_on(void *memory, size_t *budget) {
    struct walk *walk = memory;
    while (walk->version->pauses) {
        neighbour_lives(walk->parent);
        neighbour_lives(walk->child);
        if (!*budget)
            return false;
        *budget -= *budget < 100 ? *budget : 100; /* so some wait in the queue */
        walk->version->pauses--;
        sched_yield();
    }
    freed++;
    return true;
}

static const struct ame__walker walker = {.begin = begin, .go_on = go_on, .header_words = WORDS};

static struct empty *new_version(struct empty *parent, unsigned pauses) {
    struct empty *version = ame__take_node(WORDS);
    cr_assert(version);
    ame__links_fill(&version->version, parent ? &parent->version : NULL, &walker, 1, false);
    ame_ref_init(&version->version.references);
    version->leaves = LIVES;
    version->pauses = pauses;
    made++;
    if (parent)
        ame__link(&version->version);
    return version;
}

static void release(struct empty *version) {
    if (version)
        ame_ref_release(&version->version.references, ame__destroy_version);
}

static struct empty *slots[SLOTS];
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;

static struct empty *take(unsigned slot) {
    pthread_mutex_lock(&slots_lock);
    struct empty *version = slots[slot];
    if (version)
        ame_ref_retain(&version->version.references);
    pthread_mutex_unlock(&slots_lock);
    return version;
}

static void put(unsigned slot, struct empty *version) {
    pthread_mutex_lock(&slots_lock);
    struct empty *before = slots[slot];
    slots[slot] = version;
    pthread_mutex_unlock(&slots_lock);
    release(before);
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13; /* xorshift (Marsaglia 2003) */
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 8;
}

/* Chains, and bushes where slots are taken from that others have not replaced yet. */
static void *changes_versions(void *number) {
    uint64_t random = (uint64_t)(uintptr_t)number * UINT64_C(0x9E3779B97F4A7C15) | 1;
    for (int i = 0; i < STEPS; i++) {
        uint64_t r = next_random(&random);
        unsigned from = r % SLOTS, to = (r >> 8) % 4 ? from : (r >> 16) % SLOTS;
        struct empty *parent = r >> 32 & 255 ? take(from) : NULL;
        put(to, (r >> 40) % 8 ? new_version(parent, (r >> 48) % 16 ? 0 : (r >> 52) % 5) : NULL);
        release(parent);
    }
    return NULL;
}

Test(tree, each_version_is_freed_once_and_not_beside_one_that_leaves, .timeout = 100) {
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, changes_versions, (void *)(i + 1));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned slot = 0; slot < SLOTS; slot++)
        put(slot, NULL);
    ame__reclaim(SIZE_MAX);
    cr_assert_gt(made, STEPS);
    cr_assert_eq(freed, made);
}
