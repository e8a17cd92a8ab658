#include "base/diag.h"
#include "map/leave.h"

ame_key ame__public_key(enum ame_key_type type, const uint64_t *key) {
    if (type == AME_KEY_TYPED)
        return (ame_key){.pointer = ame__typed_key(*key)};
    if (type == AME_KEY_STRING)
        return (ame_key){.string = ame__text_of(key)};
    return (ame_key){.integer = (int64_t)*key};
}

void ame__typed_key_fill(struct ame__entry *entry, struct ame__box *box, uint64_t hash,
                         const struct ame_key_functions *functions, void *pointer) {
    *box = (struct ame__box){hash, functions, pointer};
    entry->words[0] = (uint64_t)box | ame__tag(hash);
}

void *ame__outside_of(enum ame_key_type type, const struct ame__entry *entry) {
    return ame__outside(type, entry->words);
}

void ame__word_key_fill(struct ame__entry *entry, uint64_t key) {
    entry->words[0] = key;
}

void ame__key_copy(struct ame__entry *entry, const struct ame__keys *keys, const uint64_t *other) {
    for (uint32_t i = 0; i < ame__key_words(keys->type); i++)
        entry->words[i] = other[i];
}

void ame__value_fill(struct ame__entry *entry, const struct ame__keys *keys, uint64_t value) {
    entry->words[ame__key_words(keys->type)] = value;
}

void ame__free_typed_box(void *argument) {
    struct ame__box *box = argument;
    if (box->functions->release)
        box->functions->release(box->pointer);
    ame__drop_node(box);
}

void ame__free_outside(enum ame_key_type type, void *outside) {
    if (type == AME_KEY_TYPED)
        ame__free_typed_box(outside);
    else
        ame__drop_node(outside);
}

void ame__header_fill(ame_map *version, ame_map *parent, const uint64_t *edited,
                      struct ame__keys keys, size_t size, struct ame__cell root) {
    version->size = size;
    version->root = root;
    version->keys = keys;
    version->edited = edited ? *edited : 0;
    version->replaced = (struct ame__replaced){NULL, 0};
    ame__links_fill(&version->version, parent ? &parent->version : NULL, &ame__map_walker,
                    AME__LIVE, edited);
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
        if (ame__words_of_node(*child) > 8) /* beyond a line */
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
