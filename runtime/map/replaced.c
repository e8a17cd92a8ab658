#include "map/replaced.h"

#include <stdlib.h>

void ame__forget_replaced(struct ame__replacing *replacing) {
    free(replacing->list.nodes);
    *replacing = (struct ame__replacing){.incomplete = true};
}

static bool grow(struct ame__replacing *replacing) {
    size_t capacity = replacing->capacity ? 2 * replacing->capacity : 64;
    struct ame__cell **nodes = malloc(capacity * sizeof *nodes);
    if (!nodes)
        return false;
    for (size_t i = 0; i < replacing->list.count; i++)
        nodes[i] = replacing->list.nodes[i];
    free(replacing->list.nodes);
    replacing->list.nodes = nodes;
    replacing->capacity = capacity;
    return true;
}

void ame__note_replaced(struct ame__replacing *replacing, struct ame__cell *node) {
    if (replacing->incomplete)
        return;
    if (replacing->list.count == replacing->capacity && !grow(replacing)) {
        ame__forget_replaced(replacing);
        return;
    }
    replacing->list.nodes[replacing->list.count++] = node;
}

bool ame__free_replaced(struct ame__replaced *replaced, size_t *budget) {
    enum { AHEAD = 8 };
    while (replaced->count && *budget) {
        size_t next = --replaced->count;
        if (next >= AHEAD) /* what malloc keeps in front of it */
            __builtin_prefetch((char *)replaced->nodes[next - AHEAD] - sizeof(size_t));
        free(replaced->nodes[next]);
        --*budget;
    }
    if (replaced->count)
        return false;
    free(replaced->nodes);
    return true;
}
