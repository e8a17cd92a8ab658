#include "index.h"

#include "util.h"

#include <stdlib.h>
#include <string.h>

uint64_t hash_word(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

uint64_t hash_text(uint64_t hash, const char *text) {
    for (; *text; text++)
        hash = hash_word(hash, (unsigned char)*text);
    return hash_word(hash, 256);
}

size_t index_find(const struct index *index, uint64_t hash, index_equal *equal,
                  const void *context) {
    if (!index->capacity)
        return INDEX_ABSENT;
    for (size_t i = hash;; i++) {
        const struct index_slot *slot = &index->slots[i & (index->capacity - 1)];
        if (!slot->position)
            return INDEX_ABSENT;
        if (slot->hash == hash && equal(context, slot->position - 1))
            return slot->position - 1;
    }
}

static void place(struct index *index, struct index_slot slot) {
    size_t i = slot.hash;
    while (index->slots[i & (index->capacity - 1)].position)
        i++;
    index->slots[i & (index->capacity - 1)] = slot;
}

static void grow(struct index *index) {
    struct index old = *index;
    index->capacity = old.capacity ? 2 * old.capacity : 64;
    index->slots = must_resize(NULL, index->capacity, sizeof *index->slots);
    memset(index->slots, 0, index->capacity * sizeof *index->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].position)
            place(index, old.slots[i]);
    free(old.slots);
}

void index_add(struct index *index, uint64_t hash, size_t position) {
    if (index->count * 2 >= index->capacity)
        grow(index);
    place(index, (struct index_slot){hash, position + 1});
    index->count++;
}

void index_free(struct index *index) {
    free(index->slots);
    *index = (struct index){0};
}
