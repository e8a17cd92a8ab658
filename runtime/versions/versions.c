#include "versions/versions.h"
#include "base/atomics.h"
#include "base/compiler.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    STEP = 256,    /* nodes freed by a release; about 20 microseconds */
    FAMILIES = 64, /* locks */
};

enum state { HELD, WAITING, LEAVING };

static struct AME__ALIGNED_LINE family {
    pthread_mutex_t lock;
} families[FAMILIES] = {[0 ... FAMILIES - 1] = {PTHREAD_MUTEX_INITIALIZER}};

static void lock_family(const struct ame__links *version) {
    pthread_mutex_lock(&families[version->family % FAMILIES].lock);
}

static void unlock_family(uint32_t family) {
    pthread_mutex_unlock(&families[family % FAMILIES].lock);
}

/* ---- what waits to be freed ---- */

struct leaving {
    struct leaving *next;
    struct ame__links *version;
    _Alignas(16) char walk[AME__WALK_BYTES];
};

static struct leaving *queue; /* newest first */
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;

static void put_off(struct leaving *leaving) {
    pthread_mutex_lock(&queue_lock);
    leaving->next = queue;
    /* Release: looks without the lock see a queue that is there or not. */
    ame__store_release((ame__word *)&queue, (uint64_t)leaving);
    pthread_mutex_unlock(&queue_lock);
}

static struct leaving *take_up(void) {
    if (!ame__load_relaxed((ame__word *)&queue))
        return NULL;
    pthread_mutex_lock(&queue_lock);
    struct leaving *leaving = queue;
    if (leaving)
        ame__store_release((ame__word *)&queue, (uint64_t)leaving->next);
    pthread_mutex_unlock(&queue_lock);
    return leaving;
}

/* ---- the tree ---- */

static bool may_leave(const struct ame__links *version) {
    const struct ame__links *parent = version->parent, *child = version->first_child;
    return version->state == WAITING && !(child && child->next_child) &&
           !(parent && parent->state == LEAVING) && !(child && child->state == LEAVING);
}

static struct ame__links *first_to_leave(struct ame__links *one, struct ame__links *other) {
    struct ame__links *version = one && may_leave(one)       ? one
                                 : other && may_leave(other) ? other
                                                             : NULL;
    if (version)
        version->state = LEAVING;
    return version;
}

static void insert_child(struct ame__links *parent, struct ame__links *version) {
    version->parent = parent;
    version->previous_child = NULL;
    version->next_child = NULL;
    if (!parent)
        return;
    version->next_child = parent->first_child;
    if (parent->first_child)
        parent->first_child->previous_child = version;
    parent->first_child = version;
}

static void remove_child(struct ame__links *version) {
    if (version->next_child)
        version->next_child->previous_child = version->previous_child;
    if (version->previous_child)
        version->previous_child->next_child = version->next_child;
    else if (version->parent)
        version->parent->first_child = version->next_child;
}

/* The version has freed what was its own. Returns a neighbour that waited for it. */
static struct ame__links *leave_tree(struct ame__links *version) {
    uint32_t family = version->family;
    lock_family(version);
    struct ame__links *parent = version->parent, *child = version->first_child;
    remove_child(version);
    if (child) {
        insert_child(parent, child);
        child->one_edit = false;
    }
    struct ame__links *next = first_to_leave(parent, child);
    unlock_family(family);
    free(ame__version_of(version));
    return next;
}

static void *memory_of(const struct ame__links *links) {
    return links ? ame__version_of(links) : NULL;
}

/* False: it is not done, and waits. */
static bool leave_by_steps(struct ame__links *version, size_t *budget) {
    const struct ame__walker *walker = version->walker;
    struct leaving *later, now;
    walker->begin(now.walk, memory_of(version), memory_of(version->parent),
                  memory_of(version->first_child));
    if (walker->go_on(now.walk, budget))
        return true;
    later = malloc(sizeof *later);
    if (later) {
        *later = now;
        later->version = version;
        put_off(later);
        return false;
    }
    size_t all = SIZE_MAX; /* no memory to remember the rest by */
    return walker->go_on(now.walk, &all);
}

/* A version that leaves, and the neighbours that may leave after it. Its own neighbours
 * stay as they are until it has left (V4), and it gets no new ones. */
static void leave(struct ame__links *version, size_t *budget) {
    while (version) {
        const struct ame__walker *walker = version->walker;
        const struct ame__links *child = version->first_child;
        bool one_edit = child ? child->one_edit : version->parent && version->one_edit;
        bool done = one_edit && walker->leave_way &&
                    walker->leave_way(memory_of(version), memory_of(version->parent),
                                      memory_of(child), budget);
        if (!done && !leave_by_steps(version, budget))
            return;
        version = leave_tree(version);
    }
}

static void do_step(size_t *budget) {
    struct leaving *leaving;
    while (*budget && (leaving = take_up())) {
        if (!leaving->version->walker->go_on(leaving->walk, budget)) {
            put_off(leaving);
            break;
        }
        struct ame__links *next = leave_tree(leaving->version);
        free(leaving);
        leave(next, budget);
    }
}

/* glibc sets small pieces of freed memory aside, and joins them all when it is next asked for a
 * larger one: after a map of a million entries that takes ten milliseconds, in whatever call it
 * happens. So it is asked after each step, while they are few. */
static void join_freed_memory(size_t nodes) {
    enum { FEW_NODES = 64, LARGE = 2048 };
    if (nodes < FEW_NODES)
        return;
    void *volatile memory = malloc(LARGE);
    free(memory);
}

size_t ame__reclaim(size_t nodes) {
    size_t freed = 0, step;
    do {
        size_t budget = nodes - freed < STEP ? nodes - freed : STEP;
        step = budget;
        do_step(&budget);
        step -= budget;
        join_freed_memory(step);
        freed += step;
    } while (step == STEP);
    return freed;
}

void ame__links_fill(void *version, void *parent, const struct ame__walker *walker, bool one_edit) {
    struct ame__links *above = parent ? ame__links_of(parent) : NULL;
    *ame__links_of(version) = (struct ame__links){
        .walker = walker,
        .family = above ? above->family : (uint32_t)((uintptr_t)version >> 7),
        .state = HELD,
        .one_edit = one_edit,
        .parent = above,
    };
}

static void link(struct ame__links *version) {
    lock_family(version);
    insert_child(version->parent, version);
    unlock_family(version->family);
}

void ame__link(void *version) {
    link(ame__links_of(version));
}

void ame__link_after_block(void *argument) {
    struct ame__links *version = ame__links_of(argument), *parent = version->parent;
    link(version);
    ame_ref_release(&ame__version_of(parent)->references, ame__destroy_version);
    ame_ref_release(&ame__version_of(version)->references, ame__destroy_version);
}

void ame__destroy_version(ame_ref *references) {
    _Static_assert(offsetof(struct ame__version, references) == 0, "the count comes first");
    struct ame__version *memory = (struct ame__version *)references;
    struct ame__links *version = ame__links_of(memory);
    size_t budget = STEP;
    lock_family(version);
    memory->seal = AME__GIVEN_UP;
    version->state = WAITING;
    struct ame__links *leaver = first_to_leave(version, NULL);
    unlock_family(version->family);
    leave(leaver, &budget);
    do_step(&budget);
    join_freed_memory(STEP - budget);
}
