/* merged.c - ame_merged: values that a user's function merges. */
#include "base/diag.h"
#include "base/wait.h"
#include "count/cell.h"
#include "htm/htm.h"
#include "stm/stm.h"
#include <ame/error.h>

#include <string.h>

enum { WORDS = AME_MERGED_BYTES / sizeof(uint64_t), CELL_WORDS = 2 + WORDS };

_Static_assert(sizeof(ame_merged) == CELL_WORDS * sizeof(uint64_t) &&
                   offsetof(ame_merged, value) == 2 * sizeof(uint64_t),
               "a cell is read word by word");

/* Odd while a thread merges. */
static uint64_t lock(ame_merged *merged) {
    ame__word *word = (ame__word *)&merged->changes;
    unsigned steps = 0;
    for (;;) {
        uint64_t changes = ame__load_relaxed(word);
        if (changes % 2 == 0 && ame__cas_full(word, changes, changes + 1))
            return changes;
        ame__wait_step(&steps); /* C4 */
    }
}

void ame__merge_value(ame_merged *merged, const uint64_t *value) {
    uint64_t before[WORDS], after[WORDS];
    uint64_t changes = lock(merged);
    for (size_t i = 0; i < WORDS; i++)
        before[i] = ame__load_relaxed((ame__word *)&merged->value[i]);
    memcpy(after, before, sizeof after);
    merged->how->merge(after, value);
    for (size_t i = 0; i < WORDS; i++)
        if (after[i] != before[i])
            ame__store_relaxed((ame__word *)&merged->value[i], after[i]);
    /* Release: who sees the new number sees the value. */
    bool changed = memcmp(after, before, sizeof after) != 0;
    ame__store_release((ame__word *)&merged->changes, changes + (changed ? 2 : 0));
}

static AME__COLD void not_set_up(const ame_merged *merged) {
    if (ame__self && (ame__self->way == AME__HTM || ame__self->way == AME__HYBRID))
        ame__htm_abort_now(); /* the message could not be seen */
    ame__die("the ame_merged at %p is not set up; call ame_merged_init first",
             (const void *)merged);
}

static const struct ame_merge *how_of(const ame_merged *merged) {
    if (AME__UNLIKELY(!merged->how))
        not_set_up(merged);
    return merged->how;
}

static uint64_t push_operand(struct ame_tx *tx, const struct ame__operand *operand) {
    /* First, since summing up drops operands that no entry has. */
    if (tx->deltas.count == tx->deltas.capacity)
        ame__make_room_for_change(tx);
    if (!AME__LOG_RESERVE(&tx->operands))
        ame__count_no_memory(tx);
    tx->operands.entries[tx->operands.count] = *operand;
    return tx->operands.count++;
}

static void read_merged(struct ame_tx *tx, ame_merged *merged, uint64_t *value, const void *place) {
    uint64_t cell[CELL_WORDS];
    ame__read_cell_words(tx, merged, cell, CELL_WORDS, place);
    memcpy(value, cell + 2, AME_MERGED_BYTES);
    if (tx->way != AME__OUTSIDE)
        ame__own_value(tx, merged, value);
}

int ame_merged_init(ame_merged *merged, const struct ame_merge *how, const void *value) {
    if (!how || !how->merge || !how->size || how->size > AME_MERGED_BYTES)
        return AME_EINVAL;
    *merged = (ame_merged){.how = how};
    memcpy(merged->value, value, how->size);
    return AME_OK;
}

void ame_merged_add(ame_merged *merged, const void *value) {
    struct ame__operand operand = {{0}};
    memcpy(operand.words, value, how_of(merged)->size);
    if (ame__in_hardware()) {
        ame__log_change(ame__self, merged, AME__VALUE, push_operand(ame__self, &operand));
        return;
    }
    struct ame_tx *tx = ame__merge_alone_begin();
    ame__merge_value(merged, operand.words);
    ame__merge_alone_end(tx, merged);
}

void ame_merged_read(ame_merged *merged, void *value) {
    uint64_t words[WORDS];
    size_t size = how_of(merged)->size;
    read_merged(ame__tx_self(), merged, words, NULL);
    memcpy(value, words, size);
}

/* ---- in software and hybrid blocks ---- */

int ame__twin_merged_init(ame_merged *, const struct ame_merge *, const void *)
    AME__TWIN("ame_merged_init");
void ame__twin_merged_add(ame_merged *, const void *) AME__TWIN("ame_merged_add");
void ame__twin_merged_read(ame_merged *, void *) AME__TWIN("ame_merged_read");

/* It is not shared yet, so nobody else looks, and an abort frees it. */
int ame__twin_merged_init(ame_merged *merged, const struct ame_merge *how, const void *value) {
    uint64_t words[WORDS] = {0};
    if (how && how->size <= sizeof words)
        ame__stm_read(ame__self, words, value, how->size, __builtin_return_address(0));
    return ame_merged_init(merged, how, words);
}

void ame__twin_merged_add(ame_merged *merged, const void *value) {
    struct ame_tx *tx = ame__self;
    struct ame__operand operand = {{0}};
    ame__stm_read(tx, operand.words, value, how_of(merged)->size, __builtin_return_address(0));
    ame__log_change(tx, merged, AME__VALUE, push_operand(tx, &operand));
}

void ame__twin_merged_read(ame_merged *merged, void *value) {
    struct ame_tx *tx = ame__self;
    uint64_t words[WORDS];
    size_t size = how_of(merged)->size;
    read_merged(tx, merged, words, __builtin_return_address(0));
    ame__stm_write(tx, value, words, size, __builtin_return_address(0));
}
