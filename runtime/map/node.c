#include "map/node.h"

#include <stdlib.h>

struct ame__contents ame__contents(const struct ame__node *node) {
    return (struct ame__contents){ame__children(node), ame__slots(node), ame__child_count(node),
                                  ame__entry_count(node)};
}

/* Destruction runs after the block that released the last reference, outside any
 * block. What an object holds is released, not destroyed here: the runtime queues
 * it, so a deep trie or a long chain of maps needs no stack. */

static void destroy_text_key(ame_ref *references) {
    _Static_assert(offsetof(struct ame__text_key, references) == 0, "the count comes first");
    free((struct ame__text_key *)references);
}

static void destroy_int_node(ame_ref *references) {
    _Static_assert(offsetof(struct ame__node, references) == 0, "the count comes first");
    struct ame__node *node = (struct ame__node *)references;
    uint32_t children = ame__child_count(node);
    for (uint32_t i = 0; i < children; i++)
        ame_ref_release(&ame__children(node)[i].node->references, destroy_int_node);
    free(node);
}

static void destroy_string_node(ame_ref *references) {
    struct ame__node *node = (struct ame__node *)references;
    struct ame__contents contents = ame__contents(node);
    for (uint32_t i = 0; i < contents.entry_count; i++)
        ame_ref_release(&ame__text_key_of(contents.slots[i].key)->references, destroy_text_key);
    for (uint32_t i = 0; i < contents.child_count; i++)
        ame_ref_release(&contents.children[i].node->references, destroy_string_node);
    free(node);
}

void ame__destroy_map(ame_ref *references) {
    _Static_assert(offsetof(struct ame_map, references) == 0, "the count comes first");
    struct ame_map *map = (struct ame_map *)references;
    if (map->root)
        ame_ref_release(&map->root->references,
                        map->keys == AME_KEY_INT ? destroy_int_node : destroy_string_node);
    free(map);
}
