#include "base/diag.h"
#include "map/leave.h"

#include <stdlib.h>
#include <string.h>

ame_key ame__public_key(enum ame_key_type type, uint64_t key) {
    if (type == AME_KEY_TYPED)
        return (ame_key){.pointer = ame__typed_key(key)};
    if (type == AME_KEY_STRING)
        return (ame_key){.string = ame__text_of(key)};
    return (ame_key){.integer = (int64_t)key};
}

uint64_t ame__typed_box_fill(struct ame__box *box, uint64_t hash,
                             const struct ame_key_functions *functions, void *pointer) {
    box->hash = hash;
    box->length = (uint64_t)functions;
    memcpy(box->content, &pointer, sizeof pointer);
    return ame__key_of_box(box, hash);
}

void ame__free_typed_box(void *argument) {
    struct ame__box *box = argument;
    const struct ame_key_functions *functions = (const void *)box->length;
    if (functions->release)
        functions->release(ame__typed_key((uint64_t)box));
    free(box);
}

void ame__free_box(enum ame_key_type type, uint64_t key) {
    if (type == AME_KEY_TYPED)
        ame__free_typed_box(ame__box_of(key));
    else
        free(ame__box_of(key));
}

void ame__header_fill(ame_map *version, ame_map *parent, const uint64_t *edited,
                      struct ame__keys keys, size_t size, struct ame__cell root) {
    version->seal = AME__LIVE;
    version->size = size;
    version->root = root;
    version->keys = keys;
    version->edited = edited ? *edited : 0;
    version->replaced = (struct ame__replaced){NULL, 0};
    ame__links_fill(version, parent, &ame__map_walker, edited);
}

size_t ame__size_of(const ame_map *map) {
    return map->size;
}

enum ame_key_type ame__type_of(const struct ame__keys *keys) {
    return keys->type;
}

const struct ame_key_functions *ame__functions_of(const struct ame__keys *keys) {
    return keys->functions;
}

bool ame__of_sets(const struct ame__keys *keys) {
    return keys->set;
}

void ame__fetch_below(struct ame__cell node) {
    const struct ame__cell *child = ame__cells(node);
    for (uint32_t left = ame__popcount(ame__nodes(node)); left; left--, child++) {
        const char *cells = (const char *)ame__cells(*child);
        __builtin_prefetch(cells);
        if (__builtin_popcountll(child->value) > 4) /* beyond a line */
            __builtin_prefetch(cells + 64);
    }
}

AME__COLD void ame__not_a_map(const ame_map *map, const char *function) {
    if (!map)
        ame__die("%s: the map is NULL; ame_map_new makes an empty one", function);
    ame__die("%s: %p is no map, or one that was released; keep a reference while it is used",
             function, (const void *)map);
}

AME__COLD void ame__not_a_set(const void *set, const char *function) {
    if (!set)
        ame__die("%s: the set is NULL; ame_set_new makes an empty one", function);
    ame__die("%s: %p is no set, or one that was released; keep a reference while it is used",
             function, set);
}

AME__COLD void ame__not_a_key(const char *function) {
    ame__die("%s: the key is NULL where keys are strings", function);
}
