#include "versions/versions.h"
#include "base/arch.h"
#include "base/atomics.h"
#include "base/compiler.h"
#include "base/forks.h"
#include "nodes/lock.h"
#include "nodes/nodes.h"
#include "versions/grace.h"

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

/* A bit for each family that is to be locked. */
typedef uint64_t family_set;
_Static_assert(FAMILIES == 64, "as many as bits");

/* Always in this order, so there is no circle of threads that wait. */
static void lock_families(family_set set) {
    for (; set; set &= set - 1)
        ame__lock(&families[__builtin_ctzll(set)].locked);
}

static void unlock_families(family_set set) {
    for (; set; set &= set - 1)
        ame__unlock(&families[__builtin_ctzll(set)].locked);
}

/* The versions that a thread makes are a family: who changes its own maps asks for no lock that
 * others ask for. */
static uint32_t family_of_thread(void) {
    static ame__word threads;
    static __thread uint32_t family __attribute__((tls_model("initial-exec"))); /* from 1 */
    if (AME__UNLIKELY(!family))
        family = 1 + (uint32_t)(ame__add_full(&threads, 1) % FAMILIES);
    return family - 1;
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
    lock_families(~(family_set)0);
    pthread_mutex_lock(&queue_lock);
}

static void let_go_of_all(void) {
    pthread_mutex_unlock(&queue_lock);
    unlock_families(~(family_set)0);
}

__attribute__((constructor)) static void know_forks(void) {
    ame__hold_at_forks(hold_all, let_go_of_all);
}

/* ---- the tree ---- */

/* How parents know a child: by its address, of which programs have 47 bits, and, so that it can be
 * locked before it is looked at, its family. */
enum { FAMILY_SHIFT = 48 };

static uint64_t name_of(const struct ame__version *child) {
    return (uint64_t)child | (uint64_t)child->links.family << FAMILY_SHIFT;
}

static struct ame__version *child_of_name(uint64_t name) {
    return (struct ame__version *)(name & ((UINT64_C(1) << FAMILY_SHIFT) - 1));
}

static family_set family_of_name(uint64_t name) {
    return (family_set)1 << (name >> FAMILY_SHIFT) % FAMILIES;
}

static family_set family_of(const struct ame__version *version) {
    return (family_set)1 << version->links.family;
}

/* Of a version that nobody holds: its only child's name, or 0. Without the version's lock it may be
 * any by now, or none at all. */
static uint64_t only_name(const struct ame__version *version) {
    bool one = ame__load_relaxed(&version->links.children) == 1;
    return one ? ame__load_relaxed(&version->links.names_of_children) : 0;
}

static struct ame__version *only_child(const struct ame__version *version) {
    return child_of_name(only_name(version));
}

/* V5: what has to be locked before it leaves. */
static family_set to_leave(const struct ame__version *version) {
    uint64_t name = only_name(version);
    return family_of(version) | (name ? family_of_name(name) : 0);
}

static uint32_t state_of(const struct ame__version *version) {
    return (uint32_t)ame__load_acquire(&version->links.state);
}

static bool may_leave(const struct ame__version *version) {
    if (state_of(version) != WAITING || ame__load_relaxed(&version->links.children) > 1)
        return false;
    const struct ame__version *parent = version->links.parent, *child = only_child(version);
    return !(parent && state_of(parent) == LEAVING) && !(child && state_of(child) == LEAVING);
}

static struct ame__version *first_to_leave(struct ame__version *one, struct ame__version *other) {
    struct ame__version *version = one && may_leave(one)       ? one
                                   : other && may_leave(other) ? other
                                                               : NULL;
    if (version)
        ame__store_release(&version->links.state, LEAVING);
    return version;
}

/* Full, as there is no weaker one; relaxed is enough: who looks holds the lock, and has seen the
 * last reference given back by who added children. */
static void change_children(struct ame__version *parent, uint64_t more, uint64_t names) {
    if (!parent)
        return;
    if (more)
        ame__add_full(&parent->links.children, more);
    ame__add_full(&parent->links.names_of_children, names);
}

static void replace_child(struct ame__version *version, struct ame__version *child) {
    struct ame__version *parent = version->links.parent;
    if (child) {
        change_children(parent, 0, name_of(child) - name_of(version));
        child->links.parent = parent;
        child->links.one_edit = false;
    } else {
        change_children(parent, (uint64_t)-1, -name_of(version));
    }
}

/* What has to be locked before `version` goes, and a neighbour that waits follows it at once. */
static family_set to_go(const struct ame__version *version, const struct ame__version *child) {
    const struct ame__version *parent = version->links.parent;
    family_set set = family_of(version) | (child ? family_of(child) : 0);
    if (child && state_of(child) == WAITING)
        set |= to_leave(child);
    bool parent_waits = parent && state_of(parent) == WAITING;
    if (parent_waits || (parent && !child))
        set |= family_of(parent);
    if (parent_waits && !child && ame__load_relaxed(&parent->links.children) == 2)
        set |= family_of_name(ame__load_relaxed(&parent->links.names_of_children) -
                              name_of(version)); /* of the other one */
    return set;
}

/* The version has freed what was its own. Returns a neighbour that waited for it. */
static struct ame__version *leave_tree(struct ame__version *version) {
    struct ame__version *parent = version->links.parent, *child = only_child(version);
    family_set set = family_of(version) | (child ? family_of(child) : 0), needed;
    for (lock_families(set); (needed = to_go(version, child)) & ~set; lock_families(set)) {
        unlock_families(set);
        set = needed;
    }
    replace_child(version, child);
    /* One that may has not come to that just now (V5), so it is locked. */
    struct ame__version *next = first_to_leave(parent, child);
    unlock_families(set);
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
    if (nodes == SIZE_MAX)
        ame__release_what_waits();
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
        .family = family_of_thread(),
        .state = HELD,
        .one_edit = one_edit,
        .parent = parent,
    };
}

void ame__expect_child(const struct ame__version *parent) {
    ame__prefetch_to_write(&parent->links.children);
}

void ame__link(struct ame__version *version) {
    change_children(version->links.parent, 1, name_of(version));
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
    family_set set = to_leave(version);
    for (lock_families(set); to_leave(version) & ~set; lock_families(set)) {
        unlock_families(set);
        set = to_leave(version);
    }
    ame__lasting_of(version)->seal = AME__GIVEN_UP;
    ame__store_release(&version->links.state, WAITING);
    struct ame__version *leaver = first_to_leave(version, NULL);
    unlock_families(set);
    leave(leaver, &budget);
    do_step(&budget);
}
