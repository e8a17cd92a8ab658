#include "map/key.h"

uint64_t ame__hash_first_chunk(struct ame__probe *probe, uint64_t round) {
    size_t length = probe->length;
    if (length > AME__SHORT)
        return ame__hash_chunk(probe->first_chunk, ame__chunk_size(length, 0), round);
    ame__short_words(probe->words, probe->first_chunk, length);
    return ame__hash_short(probe->words[0], probe->words[1], probe->words[2], round);
}

static bool same_start(const struct ame__probe *probe, const uint64_t *entry) {
    size_t length = probe->length;
    if (length <= AME__SHORT)
        return ame__same_words(entry, probe->words);
    return ame__may_be_long(entry, probe->hashes.round[0], length) &&
           !memcmp((const char *)entry[0], probe->first_chunk, ame__chunk_size(length, 0));
}

const uint64_t *ame__match_start(struct ame__candidates candidates, const uint64_t *previous,
                                 const struct ame__probe *probe) {
    uint64_t i = previous ? (uint64_t)(previous - candidates.entries) + candidates.width : 0;
    for (; i < (uint64_t)candidates.count * candidates.width; i += candidates.width)
        if (same_start(probe, candidates.entries + i))
            return candidates.entries + i;
    return NULL;
}

bool ame__same_chunk(const uint64_t *entry, size_t offset, const char *chunk, size_t size) {
    return !memcmp((const char *)entry[0] + offset, chunk, size);
}

void ame__short_key_fill(struct ame__entry *entry, const struct ame__probe *probe) {
    memcpy(entry->words, probe->words, sizeof probe->words);
}

void ame__long_key_fill(struct ame__entry *entry, const struct ame__probe *probe, char *copy) {
    entry->words[0] = (uint64_t)copy;
    entry->words[1] = probe->hashes.round[0];
    entry->words[2] = probe->length | AME__LONG;
    memcpy(copy, probe->first_chunk, ame__chunk_size(probe->length, 0));
}

void ame__copy_add(char *copy, size_t offset, const char *chunk, size_t size) {
    memcpy(copy + offset, chunk, size);
}
