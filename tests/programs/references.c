/* Objects that live by their reference count: replaced in shared cells by some
 * threads while others hold them. None is read after its end, and each ends once. */
#include "check.h"

enum { THREADS = 4, CELLS = 8 };
static const uint64_t ALIVE = UINT64_C(0xA11FEA11FEA11FE5);

struct object {
    ame_ref references;
    uint64_t alive;
    struct object *child; /* owns a reference, or NULL */
};

static struct object *cells[CELLS]; /* each owns a reference */
static ame_counter made, destroyed;

static void destroy(ame_ref *references) {
    struct object *object = (struct object *)references; /* its first member */
    CHECK(object->alive == ALIVE);
    CHECK(!ame_in_block());
    object->alive = 0;
    if (object->child)
        ame_ref_release(&object->child->references, destroy);
    ame_counter_add(&destroyed, 1);
    free(object);
}

static struct object *make(struct object *child) {
    struct object *object = malloc(sizeof *object);
    CHECK(object);
    ame_ref_init(&object->references);
    object->alive = ALIVE;
    object->child = child;
    ame_counter_add(&made, 1);
    return object;
}

static void replace(uint64_t r) {
    struct object **from = &cells[r % CELLS], **to = &cells[r / CELLS % CELLS];
    atomic {
        /* Chains stay short: every other object has no child. */
        struct object *child = r & 1024 ? *from : NULL;
        if (child && child->child)
            child = NULL;
        if (child)
            ame_ref_retain(&child->references);
        struct object *object = make(child), *old = *to;
        *to = object;
        if (old)
            ame_ref_release(&old->references, destroy);
    }
}

/* Takes a reference in a block, uses the object outside, gives it back. */
static void hold(uint64_t r) {
    struct object *object;
    atomic {
        object = cells[r % CELLS];
        if (object) {
            CHECK(object->alive == ALIVE);
            ame_ref_retain(&object->references);
        }
    }
    if (!object)
        return;
    CHECK(object->alive == ALIVE);
    CHECK(!object->child || object->child->alive == ALIVE);
    CHECK(ame_ref_read(&object->references) >= 1);
    if (r & 1024)
        ame_ref_release(&object->references, destroy);
    else
        atomic {
            ame_ref_release(&object->references, destroy);
        }
}

static void work(int number) {
    uint64_t random = (uint64_t)number + 77;
    for (int i = 0; i < STEPS(40000); i++) {
        uint64_t r = next_random(&random);
        if (i % 3)
            hold(r);
        else
            replace(r);
    }
}

int main(void) {
    run_threads(THREADS, work);
    for (int i = 0; i < CELLS; i++)
        if (cells[i])
            ame_ref_release(&cells[i]->references, destroy);
    CHECK(ame_counter_read(&made) == THREADS * (int64_t)((STEPS(40000) + 2) / 3));
    CHECK(ame_counter_read(&destroyed) == ame_counter_read(&made));
    return finish(0);
}
