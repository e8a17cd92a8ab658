#include "loop/blocks.h"
#include "tx/twins.h"

#include <pthread.h>
#include <stdlib.h>

struct known_body {
    struct ame_abi_block block;
    const struct ame__trampolines *trampolines;
    const void *twin;
    struct known_body *next;
};

/* A program has few loop bodies and a loop looks one up once: a list will do. */
static struct known_body *known_bodies;
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;

/* The twin is part of the key: after dlclose another function may have the
 * address of an old body. */
static struct known_body *find(const void *body, const struct ame__trampolines *trampolines,
                               const void *twin) {
    struct known_body *known = known_bodies;
    while (known &&
           (known->block.place != body || known->trampolines != trampolines || known->twin != twin))
        known = known->next;
    return known;
}

static struct known_body *add(const void *body, const struct ame__trampolines *trampolines,
                              const void *twin) {
    struct known_body *known = calloc(1, sizeof *known);
    if (!known)
        return NULL;
    known->block.plain = trampolines->plain;
    known->block.twin = twin ? trampolines->twin : NULL;
    known->block.place = body;
    known->trampolines = trampolines;
    known->twin = twin;
    known->next = known_bodies;
    known_bodies = known;
    return known;
}

struct ame_abi_block *ame__loop_block(const void *body, const struct ame__trampolines *trampolines,
                                      const void **twin) {
    *twin = ame__twin_lookup(body);
    pthread_mutex_lock(&registry);
    struct known_body *known = find(body, trampolines, *twin);
    if (!known)
        known = add(body, trampolines, *twin);
    pthread_mutex_unlock(&registry);
    return known ? &known->block : NULL;
}
