/* items.h - keys to be set in a map, sorted by their places level by level, as build.c needs it. */
#ifndef AME_MAP_ITEMS_H
#define AME_MAP_ITEMS_H

#include "map/node.h"

#include <string.h>

/* A key to be set is an item, some words in a row: what is left of its hash on this level, and the
 * entry that it makes. Items stand side by side and are counted in words. A long text of the
 * caller's has this bit beside its length until it is copied, as it is only if the map has no such
 * key. */
enum { AME__HASH_WORDS = 1 };
#define AME__BORROWED (UINT64_C(1) << 62)

struct ame__items {
    uint64_t *items, *spare; /* room for as many */
    size_t words;
};

/* Functions with `texts` are compiled once for maps of texts and once for those of words: it is a
 * constant wherever they are called. */
static inline uint32_t ame__width_if(bool texts) {
    return (texts ? AME__TEXT_WORDS : 1) + 1;
}

static inline uint32_t ame__item_words_if(bool texts) {
    return AME__HASH_WORDS + ame__width_if(texts);
}

static inline bool ame__same_long_text(const uint64_t *one, const uint64_t *other) {
    uint64_t length = one[2] & ~(AME__LONG | AME__BORROWED);
    return ame__is_long(one) && ame__is_long(other) && one[1] == other[1] &&
           length == (other[2] & ~(AME__LONG | AME__BORROWED)) &&
           !memcmp((const char *)one[0], (const char *)other[0], length);
}

AME__ALWAYS_INLINE bool ame__same_item_key(const uint64_t *one, const uint64_t *other, bool texts) {
    if (!texts)
        return *one == *other;
    return ame__same_words(one, other) || ame__same_long_text(one, other);
}

/* Sorts the items by their place into the spare room; ends[p] is where those of place p end, if
 * there are any. */
AME__ALWAYS_INLINE uint32_t ame__distribute(struct ame__items all, size_t ends[32], bool texts) {
    uint32_t item_words = ame__item_words_if(texts);
    size_t sizes[32] = {0}, next[32], sum = 0;
    uint32_t used = 0;
    for (size_t i = 0; i < all.words; i += item_words) {
        uint64_t place = all.items[i] & 31;
        sizes[place] += item_words;
        used |= ame__bit((uint32_t)place);
    }
    for (uint32_t left = used; left; left &= left - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(left);
        next[place] = sum;
        ends[place] = sum += sizes[place];
    }
    for (size_t i = 0; i < all.words; i += item_words) {
        const uint64_t *from = all.items + i;
        uint64_t *to = all.spare + next[*from & 31];
        next[*from & 31] += item_words;
        to[0] = from[0] >> AME__LEVEL_BITS;
        for (uint32_t w = AME__HASH_WORDS; w < item_words; w++)
            to[w] = from[w];
    }
    return used;
}

/* Those of one place, when all have been sorted. */
static inline struct ame__items ame__items_at(uint32_t place, uint32_t used, const size_t ends[32],
                                              struct ame__items all) {
    uint32_t before = used & (ame__bit(place) - 1);
    size_t begin = before ? ends[31 - (uint32_t)__builtin_clz(before)] : 0;
    return (struct ame__items){all.spare + begin, all.items + begin, ends[place] - begin};
}

/* Of equal keys the last one counts: the order was kept. */
AME__ALWAYS_INLINE const uint64_t *ame__last_item(struct ame__items here, bool texts) {
    return here.items + here.words - ame__width_if(texts);
}

#endif
