/* index.h - a hash index over an array: from a key to the position of its item. */
#ifndef AME_TOOLS_INDEX_H
#define AME_TOOLS_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index {
    struct index_slot {
        uint64_t hash;
        size_t position; /* plus 1; 0: the slot is free */
    } *slots;
    size_t capacity; /* 0 or a power of two */
    size_t count;
};

#define INDEX_ABSENT SIZE_MAX

/* Whether the item at `position` has the key that is looked for. */
typedef bool index_equal(const void *context, size_t position);

/* The position of the item with the key, or INDEX_ABSENT. */
size_t index_find(const struct index *index, uint64_t hash, index_equal *equal,
                  const void *context);
void index_add(struct index *index, uint64_t hash, size_t position);
void index_free(struct index *index);

/* Hashes to combine: start with 0, or with what is there already. */
uint64_t hash_word(uint64_t hash, uint64_t word);
uint64_t hash_text(uint64_t hash, const char *text);

#endif
