#include "events/names.h"

#include <stdint.h>
#include <stdlib.h>

/* The slot that holds `address`, or the free one where it belongs. */
static size_t find_slot(const void *const *slots, size_t capacity, const void *address) {
    /* Fibonacci hashing (Knuth, volume 3, section 6.4). */
    size_t slot = (size_t)(((uint64_t)address * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
    for (;; slot++) {
        slot &= capacity - 1;
        if (!slots[slot] || slots[slot] == address)
            return slot;
    }
}

bool ame__names_contain(const struct ame__names *names, const void *address) {
    return names->capacity && names->slots[find_slot(names->slots, names->capacity, address)];
}

static bool grow(struct ame__names *names) {
    size_t capacity = names->capacity ? names->capacity * 2 : 64;
    const void **slots = calloc(capacity, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < names->capacity; i++)
        if (names->slots[i])
            slots[find_slot(slots, capacity, names->slots[i])] = names->slots[i];
    free(names->slots);
    names->slots = slots;
    names->capacity = capacity;
    return true;
}

void ame__names_add(struct ame__names *names, const void *address) {
    if (names->count * 2 >= names->capacity && !grow(names))
        return;
    size_t slot = find_slot(names->slots, names->capacity, address);
    names->count += !names->slots[slot];
    names->slots[slot] = address;
}

void ame__names_clear(struct ame__names *names) {
    free(names->slots);
    *names = (struct ame__names){0};
}
