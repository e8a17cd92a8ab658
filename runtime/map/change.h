/* change.h - what changes of a version and of a transient have in common.
 *
 * All in line, in functions that have the target and the edit as locals: so the plugin
 * knows them for memory of the frame. Memory is allocated here, as part of a block that
 * may run; what is in it is read and written by pure code. */
#ifndef AME_MAP_CHANGE_H
#define AME_MAP_CHANGE_H

#include "map/edit.h"
#include "map/key.h"
#include "map/leave.h"
#include <ame/runtime.h>

/* Where a key that the caller gave belongs. */
struct ame__target {
    struct ame__probe probe; /* other keys than texts have their hashes here, too */
    struct ame__path path;
    const uint64_t *found; /* the entry with the key, or NULL */
};

AME__ALWAYS_INLINE void ame__aim(struct ame__target *target, const struct ame__cell *root,
                                 const struct ame__keys *keys, enum ame_key_type type,
                                 ame_key key) {
    struct ame__probe *probe = &target->probe;
    if (type == AME_KEY_STRING) {
        ame__probe_text(probe, key.string);
        ame__find_path(root, &probe->hashes, &target->path);
        if (target->path.candidates.count == AME__NEEDS_ROUND_1) {
            ame__probe_complete(probe);
            ame__find_path(root, &probe->hashes, &target->path);
        }
        target->found = ame__match_text(target->path.candidates, probe);
    } else if (type == AME_KEY_TYPED) {
        target->found = ame__find_typed_path(root, ame__functions_of(keys), key.pointer,
                                             &probe->hashes, &target->path);
    } else {
        target->found =
            ame__find_word_path(root, (uint64_t)key.integer, &probe->hashes, &target->path);
    }
}

/* A look for a key that is no word, here because sets need it, too. */
ame_safe const uint64_t *ame__find_other(const ame_map *map, ame_key key, const char *function);

/* A new map without entries, or NULL. */
ame_safe ame_map *ame__new_empty(struct ame__keys keys);

/* The entry with a new key. False: out of memory. */
AME__ALWAYS_INLINE bool ame__new_key(const struct ame__target *target, const struct ame__keys *keys,
                                     enum ame_key_type type, ame_key key,
                                     struct ame__entry *entry) {
    if (type == AME_KEY_STRING)
        return ame__text_key_new(&target->probe, entry);
    if (type == AME_KEY_TYPED) {
        struct ame__box *box = ame__take_node(ame__words_for(sizeof *box));
        if (!box)
            return false;
        ame__typed_key_fill(entry, box, target->probe.hashes.round[0], ame__functions_of(keys),
                            key.pointer);
    } else {
        ame__word_key_fill(entry, (uint64_t)key.integer);
    }
    return true;
}

/* What was made for a change for which no memory was left. */
AME__ALWAYS_INLINE void ame__forget_key(enum ame_key_type type, const struct ame__entry *entry) {
    ame__drop_node(ame__outside_of(type, entry));
}

/* The change is done: it has the key for good. */
AME__ALWAYS_INLINE void ame__retain_key(const struct ame__keys *keys, enum ame_key_type type,
                                        ame_key key) {
    if (type != AME_KEY_TYPED)
        return;
    const struct ame_key_functions *functions = ame__functions_of(keys);
    ame_safe void (*retain)(void *) = functions->retain;
    if (retain)
        retain(key.pointer);
}

AME__ALWAYS_INLINE bool ame__allocate_nodes(struct ame__edit *edit) {
    for (uint32_t i = edit->first; i < edit->count; i++) {
        size_t words = edit->changes[i].fresh_words;
        edit->fresh[i] = words ? ame__take_node(words) : NULL;
        if (words && !edit->fresh[i]) {
            while (i-- > edit->first)
                if (edit->fresh[i])
                    ame__give_node(edit->fresh[i], edit->changes[i].fresh_words);
            return false;
        }
    }
    return true;
}

#endif
