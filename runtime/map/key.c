#include "map/key.h"

static bool same_start(const struct ame__probe *probe, uint64_t key) {
    const struct ame__box *box = ame__may_be(key, probe->hashes.round[0]);
    return box && box->length == probe->length &&
           !memcmp(box->content, probe->first_chunk, ame__chunk_size(probe->length, 0));
}

const struct ame__cell *ame__match_start(struct ame__candidates candidates,
                                         const struct ame__cell *previous,
                                         const struct ame__probe *probe) {
    uint64_t i = previous ? (uint64_t)(previous - candidates.cells) + 1 : 0;
    for (; i < candidates.count; i++)
        if (same_start(probe, candidates.cells[i].key))
            return &candidates.cells[i];
    return NULL;
}

bool ame__same_chunk(const struct ame__cell *cell, size_t offset, const char *chunk, size_t size) {
    return !memcmp(ame__box_of(cell->key)->content + offset, chunk, size);
}

uint64_t ame__box_fill(struct ame__box *box, uint64_t hash, size_t length, const char *text) {
    box->hash = hash;
    box->length = length;
    memcpy(box->content, text, ame__chunk_size(length, 0));
    return ame__key_of_box(box, hash);
}

void ame__box_add(uint64_t key, size_t offset, const char *chunk, size_t size) {
    memcpy(ame__box_of(key)->content + offset, chunk, size);
}
