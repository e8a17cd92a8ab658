/* leave.c - what a version that leaves its tree has alone (V3 of versions/versions.h): its nodes
 * that no neighbour has at the same position (T2). */
#include "vector/node.h"

struct level {
    uint64_t *node;
    const uint64_t *beside[2]; /* what the neighbours have here, or NULL */
    size_t k;
    uint32_t next, children;
};

struct walk {
    uint32_t depth; /* the present level; 0: done */
    uint32_t height;
    size_t leaves;
    struct ame__content beside[2];
    struct level levels[AME__VECTOR_LEVELS + 1];
};

static void enter(struct walk *walk, uint32_t level, uint64_t *node, size_t k,
                  const uint64_t *one_beside, const uint64_t *other_beside) {
    walk->depth = level;
    walk->levels[level] = (struct level){
        node, {one_beside, other_beside}, k, 0, ame__children(walk->leaves, level, k)};
}

static void walk_begin(struct walk *walk, const struct ame__content *content,
                       const struct ame__content *one, const struct ame__content *other) {
    static const struct ame__content none;
    size_t leaves = ame__leaves(content);
    uint32_t height = ame__height(leaves);
    walk->depth = 0;
    walk->height = height;
    walk->leaves = leaves;
    walk->beside[0] = one ? *one : none;
    walk->beside[1] = other ? *other : none;
    if (content->tail && content->tail != ame__vector_node(&walk->beside[0], 0, leaves) &&
        content->tail != ame__vector_node(&walk->beside[1], 0, leaves))
        ame__drop_node(content->tail);
    if (!height)
        return;
    const uint64_t *beside[2];
    for (int i = 0; i < 2; i++)
        beside[i] = ame__vector_node(&walk->beside[i], height, 0);
    if (content->root != beside[0] && content->root != beside[1])
        enter(walk, height, content->root, 0, beside[0], beside[1]);
}

/* Frees up to `*budget` nodes, from the leaves up. True: all are free. */
static bool walk_on(struct walk *walk, size_t *budget) {
    while (walk->depth) {
        uint32_t depth = walk->depth;
        struct level *here = &walk->levels[depth];
        uint64_t *freed = here->node;
        if (here->next < here->children) {
            uint32_t i = here->next++;
            uint64_t *child = (uint64_t *)here->node[i];
            size_t k = here->k * AME__VECTOR_WIDTH + i;
            const uint64_t *one =
                ame__vector_node_below(&walk->beside[0], here->beside[0], depth - 1, k);
            const uint64_t *other =
                ame__vector_node_below(&walk->beside[1], here->beside[1], depth - 1, k);
            if (child == one || child == other)
                continue;
            if (depth > 1) {
                enter(walk, depth - 1, child, k, one, other);
                continue;
            }
            freed = child;
        } else {
            walk->depth = depth == walk->height ? 0 : depth + 1;
        }
        ame__drop_node(freed);
        if (!*budget || !--*budget)
            break;
    }
    return !walk->depth;
}

static void begin(void *memory, void *leaver, const void *above, void *below) {
    _Static_assert(sizeof(struct walk) <= AME__WALK_BYTES, "a walk fits in its room");
    const ame_vector *vector = leaver, *parent = above, *child = below;
    walk_begin(memory, &vector->content, parent ? &parent->content : NULL,
               child ? &child->content : NULL);
}

static bool go_on(void *walk, size_t *budget) {
    return walk_on(walk, budget);
}

const struct ame__walker ame__vector_walker = {NULL, begin, go_on, AME__VECTOR_HEADER_WORDS};

void ame__vector_free_only_in(const struct ame__content *content, const struct ame__content *base) {
    struct walk walk;
    size_t budget = SIZE_MAX;
    walk_begin(&walk, content, base, NULL);
    walk_on(&walk, &budget);
}
