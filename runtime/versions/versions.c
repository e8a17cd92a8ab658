#include "versions/versions.h"
#include "base/arch.h"
#include "base/atomics.h"
#include "base/compiler.h"
#include "base/forks.h"
#include "nodes/lock.h"
#include "nodes/nodes.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    STEP = 256,    /* nodes freed by a release; about 20 microseconds */
    FAMILIES = 64, /* locks */
};

enum state { HELD, WAITING, LEAVING };

/* Held for some ten nanoseconds, and asked for twice by each change of a map. */
static struct AME__ALIGNED_LINE {
    ame__word locked;
} families[FAMILIES];

static void lock_family(const struct ame__version *version) {
    ame__lock(&families[version->links.family % FAMILIES].locked);
}

static void unlock_family(uint32_t family) {
    ame__unlock(&families[family % FAMILIES].locked);
}

/* ---- what waits to be freed ---- */

struct leaving {
    struct leaving *next;
    const void *thread; /* that gave the version up */
    struct ame__version *version;
    _Alignas(16) char walk[AME__WALK_BYTES];
};

static struct leaving *queue; /* newest first */
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static __thread char this_thread __attribute__((tls_model("initial-exec"))); /* its address */

static void put_off(struct leaving *leaving) {
    pthread_mutex_lock(&queue_lock);
    leaving->next = queue;
    /* Release: looks without the lock see a queue that is there or not. */
    ame__store_release((ame__word *)&queue, (uint64_t)leaving);
    pthread_mutex_unlock(&queue_lock);
}

/* Where one hangs that this thread gave up, if it is among the newest, else the newest: threads
 * that all free what they have made find it in their caches. */
static struct leaving **own_or_newest(void) {
    enum { LOOKED_AT = 16 };
    struct leaving **at = &queue;
    for (int i = 0; *at && i < LOOKED_AT; i++, at = &(*at)->next)
        if ((*at)->thread == &this_thread)
            return at;
    return &queue;
}

static struct leaving *take_up(void) {
    if (!ame__load_relaxed((ame__word *)&queue))
        return NULL;
    pthread_mutex_lock(&queue_lock);
    struct leaving **at = own_or_newest(), *leaving = *at;
    if (leaving)
        ame__store_release((ame__word *)at, (uint64_t)leaving->next);
    pthread_mutex_unlock(&queue_lock);
    return leaving;
}

/* ---- forks ---- */

static void hold_all(void) {
    for (size_t i = 0; i < FAMILIES; i++)
        ame__lock(&families[i].locked);
    pthread_mutex_lock(&queue_lock);
}

static void let_go_of_all(void) {
    pthread_mutex_unlock(&queue_lock);
    for (size_t i = 0; i < FAMILIES; i++)
        unlock_family((uint32_t)i);
}

__attribute__((constructor)) static void know_forks(void) {
    ame__hold_at_forks(hold_all, let_go_of_all);
}

/* ---- the tree ---- */

/* The only child, or NULL. Of a version that nobody holds. */
static struct ame__version *only_child(const struct ame__version *version) {
    bool one = ame__load_relaxed(&version->links.children) == 1;
    return one ? (struct ame__version *)ame__load_relaxed(&version->links.sum_of_children) : NULL;
}

static bool may_leave(const struct ame__version *version) {
    if (version->links.state != WAITING || ame__load_relaxed(&version->links.children) > 1)
        return false;
    const struct ame__version *parent = version->links.parent, *child = only_child(version);
    return !(parent && parent->links.state == LEAVING) && !(child && child->links.state == LEAVING);
}

static struct ame__version *first_to_leave(struct ame__version *one, struct ame__version *other) {
    struct ame__version *version = one && may_leave(one)       ? one
                                   : other && may_leave(other) ? other
                                                               : NULL;
    if (version)
        version->links.state = LEAVING;
    return version;
}

/* Full, as there is no weaker one; relaxed is enough: who looks holds the lock, and has seen the
 * last reference given back by who added children. */
static void change_children(struct ame__version *parent, uint64_t more, uint64_t sum) {
    if (!parent)
        return;
    if (more)
        ame__add_full(&parent->links.children, more);
    ame__add_full(&parent->links.sum_of_children, sum);
}

/* The version has freed what was its own. Returns a neighbour that waited for it. */
static struct ame__version *leave_tree(struct ame__version *version) {
    uint32_t family = version->links.family;
    lock_family(version);
    struct ame__version *parent = version->links.parent, *child = only_child(version);
    if (child) {
        change_children(parent, 0, (uint64_t)child - (uint64_t)version);
        child->links.parent = parent;
        child->links.one_edit = false;
    } else {
        change_children(parent, (uint64_t)-1, -(uint64_t)version);
    }
    struct ame__version *next = first_to_leave(parent, child);
    unlock_family(family);
    ame__give_node(version, ame__lasting_of(version)->walker->header_words);
    return next;
}

/* False: it is not done, and waits. */
static bool leave_by_steps(struct ame__version *version, size_t *budget) {
    const struct ame__walker *walker = ame__lasting_of(version)->walker;
    struct leaving *later, now;
    walker->begin(now.walk, version, version->links.parent, only_child(version));
    if (walker->go_on(now.walk, budget))
        return true;
    later = malloc(sizeof *later);
    if (later) {
        *later = now;
        later->version = version;
        later->thread = &this_thread;
        put_off(later);
        return false;
    }
    size_t all = SIZE_MAX; /* no memory to remember the rest by */
    return walker->go_on(now.walk, &all);
}

/* A version that leaves, and the neighbours that may leave after it. Its own neighbours
 * stay as they are until it has left (V4), and it gets no new ones. */
static void leave(struct ame__version *version, size_t *budget) {
    while (version) {
        const struct ame__walker *walker = ame__lasting_of(version)->walker;
        const struct ame__version *child = only_child(version);
        bool one_edit =
            child ? child->links.one_edit : version->links.parent && version->links.one_edit;
        bool done = one_edit && walker->leave_way &&
                    walker->leave_way(version, version->links.parent, child, budget);
        if (!done && !leave_by_steps(version, budget))
            return;
        version = leave_tree(version);
    }
}

static void do_step(size_t *budget) {
    struct leaving *leaving;
    while (*budget && (leaving = take_up())) {
        if (!ame__lasting_of(leaving->version)->walker->go_on(leaving->walk, budget)) {
            put_off(leaving);
            break;
        }
        struct ame__version *next = leave_tree(leaving->version);
        free(leaving);
        leave(next, budget);
    }
}

size_t ame__reclaim(size_t nodes) {
    size_t freed = 0, step;
    do {
        size_t budget = nodes - freed < STEP ? nodes - freed : STEP;
        step = budget;
        do_step(&budget);
        step -= budget;
        freed += step;
    } while (step == STEP);
    if (nodes == SIZE_MAX)
        ame__free_kept_nodes();
    return freed;
}

void ame__links_fill(struct ame__version *version, struct ame__version *parent,
                     const struct ame__walker *walker, uint64_t seal, bool one_edit) {
    *ame__lasting_of(version) = (struct ame__lasting){seal, walker};
    version->links = (struct ame__links){
        .family = parent ? parent->links.family : (uint32_t)((uintptr_t)version >> 7),
        .state = HELD,
        .one_edit = one_edit,
        .parent = parent,
    };
}

void ame__expect_child(const struct ame__version *parent) {
    ame__prefetch_to_write(&parent->links.children);
}

void ame__link(struct ame__version *version) {
    change_children(version->links.parent, 1, (uint64_t)version);
}

void ame__link_after_block(void *argument) {
    struct ame__version *version = argument, *parent = version->links.parent;
    ame__link(version);
    ame_ref_release(&parent->references, ame__destroy_version);
    ame_ref_release(&version->references, ame__destroy_version);
}

void ame__destroy_version(ame_ref *references) {
    _Static_assert(offsetof(struct ame__version, references) == 0, "the count comes first");
    struct ame__version *version = (struct ame__version *)references;
    size_t budget = STEP;
    lock_family(version);
    ame__lasting_of(version)->seal = AME__GIVEN_UP;
    version->links.state = WAITING;
    struct ame__version *leaver = first_to_leave(version, NULL);
    unlock_family(version->links.family);
    leave(leaver, &budget);
    do_step(&budget);
}
