/* cell.h - the kinds of cells, and a block's log of changes to them. Inside count/.
 *
 * A cell is what blocks change without conflicting. Its first word tells whether it has
 * changed: that is what blocks validate and what watchers sleep on. An entry of tx->deltas
 * is a cell, with its kind in the low bits of the address, and an operand. For each kind
 * it is the same to merge two operands one after the other, or combined into one; and
 * the order in which blocks merge makes no difference, journals apart, where it becomes
 * the order of the entries. */
#ifndef AME_COUNT_CELL_H
#define AME_COUNT_CELL_H

#include "count/count.h"
#include "memory/fresh.h"
#include <ame/merge.h>

enum ame__kind {
    AME__SUM,        /* ame_counter: the operand is added */
    AME__REFERENCES, /* ame_ref: so many are taken; what is given back has a log of its own */
    AME__LARGEST,    /* ame_max, ame_min: the larger one stays, of unsigned words */
    AME__VALUE,      /* ame_merged: the operand is an index in tx->operands */
    AME__APPEND, /* ame_journal: the address of a circle's last node, which leads to the first */
    AME__KINDS,
};

static inline uint64_t ame__cell_of(const void *cell, enum ame__kind kind) {
    return (uint64_t)cell | kind;
}
static inline void *ame__cell_address(uint64_t cell) {
    return (void *)(cell & ~(uint64_t)7);
}
static inline enum ame__kind ame__cell_kind(uint64_t cell) {
    return (enum ame__kind)(cell & 7);
}

/* An entry of a journal; `order` counts in its block. */
struct ame__journal_node {
    struct ame__journal_node *next;
    size_t size;
    uint64_t order;
    char bytes[];
};

/* Wraps around. */
static inline int64_t ame__sum(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* Entries older than this must stay as they are: a cancelled block goes back to them. */
static inline size_t ame__older_changes(const struct ame_tx *tx) {
    return tx->savepoint ? tx->savepoint->deltas : 0;
}

/* Makes `earlier` the change that both are, one after the other. */
void ame__combine_changes(struct ame_tx *tx, struct ame__delta_entry *earlier,
                          const struct ame__delta_entry *later);

/* Sums up the entries from `first` on, so that each cell is there once. */
void ame__sum_up_changes(struct ame_tx *tx, size_t first);

/* Room for one more entry, or the block starts again. */
void ame__make_room_for_change(struct ame_tx *tx);

static inline void ame__log_change(struct ame_tx *tx, const void *address, enum ame__kind kind,
                                   uint64_t operand) {
    struct ame__delta_entry entry = {ame__cell_of(address, kind), operand};
    if (tx->deltas.count > ame__older_changes(tx)) {
        struct ame__delta_entry *last = &tx->deltas.entries[tx->deltas.count - 1];
        if (last->cell == entry.cell) {
            if (kind == AME__SUM || kind == AME__REFERENCES)
                last->operand += operand;
            else
                ame__combine_changes(tx, last, &entry);
            return;
        }
    }
    if (AME__UNLIKELY(tx->deltas.count == tx->deltas.capacity))
        ame__make_room_for_change(tx);
    ame__fresh_count(tx, address);
    tx->deltas.entries[tx->deltas.count++] = entry;
}

/* Where the functions as written run in a hardware block. */
static inline bool ame__in_hardware(void) {
    return ame__self && ame__self->way == AME__HTM;
}

/* What the block has changed, on top of `value`. */
int64_t ame__own_sum(const struct ame_tx *tx, const int64_t *count, enum ame__kind kind,
                     int64_t value);
uint64_t ame__own_largest(const struct ame_tx *tx, const uint64_t *stored, uint64_t value);
void ame__own_value(const struct ame_tx *tx, const ame_merged *merged, void *value);

/* Merge into a cell: the first at any time, the others in state ADDING only. */
void ame__merge_largest(uint64_t *stored, uint64_t value);
void ame__merge_value(ame_merged *merged, const uint64_t *value);
void ame__merge_nodes(ame_journal *journal, struct ame__journal_node *last);

/* State ADDING for a change outside blocks or on the serial path, and its end. Wakes who
 * watches the cell. */
struct ame_tx *ame__merge_alone_begin(void);
void ame__merge_alone_end(struct ame_tx *tx, const void *cell);

/* Reads words of a cell as of a moment when nobody merged, outside blocks or in whatever way
 * the block runs. In software the first word joins what the block validates. */
void ame__read_cell_words(struct ame_tx *tx, const void *cell, uint64_t *to, size_t words,
                          const void *place);

#endif
