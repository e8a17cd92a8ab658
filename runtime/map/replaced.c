#include "map/replaced.h"

#include <stdlib.h>

void ame__forget_replaced(struct ame__replacing *replacing) {
    free(replacing->list.nodes);
    *replacing = (struct ame__replacing){.incomplete = true};
}

static bool grow(struct ame__replacing *replacing) {
    size_t capacity = replacing->capacity ? 2 * replacing->capacity : 64;
    uint64_t *nodes = malloc(capacity * sizeof *nodes);
    if (!nodes)
        return false;
    for (size_t i = 0; i < replacing->list.count; i++)
        nodes[i] = replacing->list.nodes[i];
    free(replacing->list.nodes);
    replacing->list.nodes = nodes;
    replacing->capacity = capacity;
    return true;
}

/* An address has 56 bits at most. Above it stand the words, if they are few; else 0: it is
 * malloc's. */
enum { WORDS_AT = 56 };
_Static_assert(AME__MOST_NODE_WORDS < 1 << (64 - WORDS_AT), "they fit there");

static uint64_t noted(const struct ame__cell *node, size_t words) {
    return (uint64_t)node | (uint64_t)(words > AME__MOST_NODE_WORDS ? 0 : words) << WORDS_AT;
}

static void *address_of(uint64_t node) {
    return (void *)(node & ((UINT64_C(1) << WORDS_AT) - 1));
}

static void free_noted(uint64_t node) {
    if (node >> WORDS_AT)
        ame__give_node(address_of(node), node >> WORDS_AT);
    else
        ame__drop_node(address_of(node));
}

void ame__note_replaced(struct ame__replacing *replacing, struct ame__cell *node, size_t words) {
    if (replacing->incomplete)
        return;
    if (replacing->list.count == replacing->capacity && !grow(replacing)) {
        ame__forget_replaced(replacing);
        return;
    }
    replacing->list.nodes[replacing->list.count++] = noted(node, words);
}

bool ame__free_replaced(struct ame__replaced *replaced, size_t *budget) {
    while (replaced->count && *budget) {
        free_noted(replaced->nodes[--replaced->count]);
        --*budget;
    }
    if (replaced->count)
        return false;
    free(replaced->nodes);
    return true;
}
