#include "map/key.h"

static bool same_start(const struct ame__probe *probe, const struct ame__text_key *key) {
    return key->hash == probe->hash && key->length == probe->length &&
           !memcmp(key->text, probe->first_chunk, ame__chunk_size(probe->length, 0));
}

const struct ame__slot *ame__match_start(struct ame__candidates candidates,
                                         const struct ame__slot *previous,
                                         const struct ame__probe *probe) {
    uint64_t i = previous ? (uint64_t)(previous - candidates.slots) + 1 : 0;
    for (; i < candidates.count; i++)
        if (same_start(probe, ame__text_key_of(candidates.slots[i].key)))
            return &candidates.slots[i];
    return NULL;
}

bool ame__same_chunk(const struct ame__slot *slot, size_t offset, const char *chunk, size_t size) {
    return !memcmp(ame__text_key_of(slot->key)->text + offset, chunk, size);
}
