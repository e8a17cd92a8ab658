/* Shared cells that own a reference to an object: blocks take references through a
 * cell while others replace what it holds. The objects' canaries tell whether one was
 * destroyed twice or while somebody held it. */
#include "counting.h"

#include <sched.h>
#include <stdatomic.h>

enum { ALIVE = 0x600d, DEAD = 0xdead, CELLS = 2, MORE = 3000, SWAPS = 3000, TAKERS = 2 };

struct object {
    ame_ref ref;
    atomic_int canary;
    struct object *next; /* made before: the graveyard, so that memory stays valid */
};

static struct {
    _Alignas(64) uint64_t object; /* owns one reference */
} cell[CELLS];

static ame_counter more[MORE];
static atomic_int made, destroyed, swapping;
static _Atomic(struct object *) graveyard;

static struct object *make(void) {
    struct object *object = malloc(sizeof *object);
    require(object != NULL);
    ame_ref_init(&object->ref);
    object->canary = ALIVE;
    object->next = graveyard;
    while (!atomic_compare_exchange_weak(&graveyard, &object->next, object))
        ;
    made++;
    return object;
}

static void destroy(ame_ref *ref) {
    struct object *object = (struct object *)ref;
    require(!ame_in_block());
    require(atomic_exchange(&object->canary, DEAD) == ALIVE);
    destroyed++;
}

static void clean_up(void) {
    for (struct object *object = graveyard, *next; object; object = next) {
        next = object->next;
        free(object);
    }
}

struct task {
    unsigned cell;
    int additions; /* before the reference is taken: the longer, the later it is merged */
    struct object *object;
};

static void takes(void *args, const struct calls *c) {
    struct task *task = args;
    struct object *object = (struct object *)c->load(&cell[task->cell].object);
    for (int i = 0; i < task->additions; i++)
        c->add(&more[i], 1);
    c->retain(&object->ref);
    task->object = object;
}
BLOCK(takes)

/* Holds what it took for a while, then gives it back in one way or the other. */
static void gives_back(void *args, const struct calls *c) {
    struct task *task = args;
    c->release(&task->object->ref, destroy);
}
BLOCK(gives_back)

static void *takes_until_the_end(void *args) {
    (void)args;
    for (unsigned i = 0; swapping; i++) {
        struct task task = {.cell = i % CELLS, .additions = i % 3 ? MORE : 1};
        run_takes(&task);
        require(task.object->canary == ALIVE);
        if (i % 4 == 0)
            sched_yield();
        require(task.object->canary == ALIVE);
        if (i % 2)
            run_gives_back(&task);
        else
            ame_ref_release(&task.object->ref, destroy);
    }
    return NULL;
}

/* Unlinks what the cell holds and gives the cell's reference back, all in the block. */
static void replaces(void *args, const struct calls *c) {
    struct task *task = args;
    struct object *old = (struct object *)c->load(&cell[task->cell].object);
    c->store(&cell[task->cell].object, (uint64_t)task->object);
    c->release(&old->ref, destroy);
}
BLOCK(replaces)

/* Only unlinks: the caller gives the reference back, outside. */
static void exchanges(void *args, const struct calls *c) {
    struct task *task = args;
    struct object *old = (struct object *)c->load(&cell[task->cell].object);
    c->store(&cell[task->cell].object, (uint64_t)task->object);
    task->object = old;
}
BLOCK(exchanges)

/* Makes both cells hold one object, which needs a reference more. */
static void copies(void *args, const struct calls *c) {
    struct task *task = args;
    struct object *from = (struct object *)c->load(&cell[task->cell].object);
    struct object *old = (struct object *)c->load(&cell[1 - task->cell].object);
    c->release(&old->ref, destroy); /* perhaps the very one that it takes */
    c->store(&cell[1 - task->cell].object, (uint64_t)from);
    c->retain(&from->ref);
}
BLOCK(copies)

enum { REPLACE = 1, EXCHANGE = 2, COPY = 4 };

static void *swaps(void *how) {
    int kinds = *(int *)how;
    for (unsigned i = 0; i < SWAPS; i++) {
        struct task task = {.cell = i / 3 % CELLS};
        if (i % 3 == 0 && kinds & REPLACE) {
            task.object = make();
            run_replaces(&task);
        } else if (i % 3 == 1 && kinds & EXCHANGE) {
            task.object = make();
            run_exchanges(&task);
            ame_ref_release(&task.object->ref, destroy);
        } else if (kinds & COPY) {
            run_copies(&task);
        }
    }
    return NULL;
}

static void empties(void *args, const struct calls *c) {
    (void)args;
    for (int i = 0; i < CELLS; i++) {
        c->release(&((struct object *)c->load(&cell[i].object))->ref, destroy);
        c->store(&cell[i].object, 0);
    }
}
BLOCK(empties)

static void race(int swappers, int kinds) {
    pthread_t takers[TAKERS];
    for (int i = 0; i < CELLS; i++)
        cell[i].object = (uint64_t)make();
    swapping = 1;
    for (int i = 0; i < TAKERS; i++)
        takers[i] = start(takes_until_the_end, NULL);
    by_all(swappers, swaps, &kinds);
    swapping = 0;
    for (int i = 0; i < TAKERS; i++)
        join(takers[i]);
    run_empties(NULL);
    cr_assert_eq(destroyed, made, "%d of %d objects were destroyed", destroyed, made);
    clean_up();
}

TEST_BOTH_WAYS(cells, replaced_objects_live_while_somebody_takes_a_reference) {
    race(1, REPLACE);
}

TEST_BOTH_WAYS(cells, unlinked_objects_may_be_given_back_outside) {
    race(1, EXCHANGE);
}

TEST_BOTH_WAYS(cells, references_move_between_cells) {
    race(2, REPLACE | EXCHANGE | COPY);
}
