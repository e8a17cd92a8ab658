/* rows.h - allocations side by side, which need not enter the set of fresh memory (fresh.h). */
#ifndef AME_MEMORY_ROWS_H
#define AME_MEMORY_ROWS_H

#include "memory/fresh.h"

static inline bool ame__in_row(const struct ame__fresh_row *row, uintptr_t address) {
    return address - row->begin < row->extent;
}

static inline uintptr_t ame__row_end(const struct ame__fresh_row *row) {
    return row->begin + row->extent;
}

static inline struct ame__fresh_row *ame__row_of(struct ame_tx *tx, uintptr_t address) {
    for (int i = 0; i < AME__FRESH_ROWS; i++)
        if (ame__in_row(&tx->fresh_rows[i], address))
            return &tx->fresh_rows[i];
    return NULL;
}

static inline void ame__forget_row(struct ame__fresh_row *row) {
    *row = (struct ame__fresh_row){0};
}

static inline void ame__row_drop_first(struct ame__fresh_row *row) {
    if (row->extent == row->size) {
        ame__forget_row(row);
        return;
    }
    row->begin += row->size + row->gap;
    row->extent -= row->size + row->gap;
}

/* Whole words: allocators align to at least that. */
static inline uintptr_t ame__fresh_range_end(const void *memory, size_t size) {
    uintptr_t word = 1 << AME__FRESH_WORD_BITS;
    return ((uintptr_t)memory + (size ? size : 1) + word - 1) & -word;
}

/* ---- of the set: fresh.c ---- */

/* False: out of memory, and then nothing has changed. */
bool ame__fresh_enter_set(struct ame_tx *tx, uintptr_t begin, uintptr_t end);

/* What has entered it; perhaps not up to that end. */
void ame__fresh_leave_set(struct ame_tx *tx, uintptr_t begin, uintptr_t end);

bool ame__fresh_begins_in_set(struct ame_tx *tx, uintptr_t address);

#endif
