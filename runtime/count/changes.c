/* changes.c - a block's log of changes, and what it sees of its own. */
#include "base/compiler.h"
#include "base/diag.h"
#include "count/cell.h"
#include "count/count.h"
#include "htm/htm.h"

#include <stdlib.h>
#include <string.h>

/* A log this long is sorted and summed up before it may grow further, so that
 * its length is bounded by the number of different cells, not of changes. */
enum { ENTRIES_BEFORE_SUMMING_UP = 1 << 12 };

static struct ame__journal_node *last_node(const struct ame__delta_entry *entry) {
    return (struct ame__journal_node *)entry->operand;
}

/* ---- two changes of one cell ---- */

static void combine_values(struct ame_tx *tx, struct ame__delta_entry *earlier,
                           const struct ame__delta_entry *later) {
    const ame_merged *merged = ame__cell_address(earlier->cell);
    struct ame__operand *operands = tx->operands.entries;
    merged->how->merge(operands[earlier->operand].words, operands[later->operand].words);
    if (later->operand == tx->operands.count - 1)
        tx->operands.count--; /* else it goes when all is summed up */
}

static void combine_circles(struct ame__delta_entry *earlier,
                            const struct ame__delta_entry *later) {
    struct ame__journal_node *first = last_node(earlier)->next;
    last_node(earlier)->next = last_node(later)->next;
    last_node(later)->next = first;
    earlier->operand = later->operand;
}

void ame__combine_changes(struct ame_tx *tx, struct ame__delta_entry *earlier,
                          const struct ame__delta_entry *later) {
    switch (ame__cell_kind(earlier->cell)) {
    case AME__LARGEST:
        if (earlier->operand < later->operand)
            earlier->operand = later->operand;
        break;
    case AME__VALUE:
        combine_values(tx, earlier, later);
        break;
    case AME__APPEND:
        combine_circles(earlier, later);
        break;
    default:
        earlier->operand += later->operand;
    }
}

/* ---- summing up ---- */

/* The entries of a journal in the order in which the block appended. */
static int by_cell(const void *a, const void *b) {
    const struct ame__delta_entry *left = a, *right = b;
    if (left->cell != right->cell)
        return left->cell < right->cell ? -1 : 1;
    if (ame__cell_kind(left->cell) != AME__APPEND)
        return 0;
    return last_node(left)->order < last_node(right)->order ? -1 : 1;
}

static bool has_operand(const struct ame__delta_entry *entry) {
    return ame__cell_kind(entry->cell) == AME__VALUE;
}

/* Those with an operand first, in the order of these. */
static int by_operand(const void *a, const void *b) {
    const struct ame__delta_entry *left = a, *right = b;
    if (has_operand(left) != has_operand(right))
        return has_operand(left) ? -1 : 1;
    return (left->operand > right->operand) - (left->operand < right->operand);
}

/* Moves the operands that are still used to the front. */
static void pack_operands(struct ame_tx *tx, size_t first) {
    size_t kept = tx->savepoint && first ? tx->savepoint->operands : 0;
    if (tx->operands.count == kept)
        return;
    struct ame__delta_entry *entries = tx->deltas.entries + first;
    size_t count = tx->deltas.count - first;
    qsort(entries, count, sizeof *entries, by_operand);
    for (size_t i = 0; i < count && has_operand(&entries[i]); i++) {
        tx->operands.entries[kept] = tx->operands.entries[entries[i].operand];
        entries[i].operand = kept++;
    }
    tx->operands.count = kept;
}

void ame__sum_up_changes(struct ame_tx *tx, size_t first) {
    size_t count = tx->deltas.count - first, kept = 0;
    struct ame__delta_entry *entries = tx->deltas.entries + first;
    if (!count)
        return;
    qsort(entries, count, sizeof *entries, by_cell);
    for (size_t i = 1; i < count; i++)
        if (entries[i].cell == entries[kept].cell)
            ame__combine_changes(tx, &entries[kept], &entries[i]);
        else
            entries[++kept] = entries[i];
    tx->deltas.count = first + kept + 1;
    pack_operands(tx, first);
}

/* The serial path needs no log for changes. */
AME__COLD _Noreturn void ame__count_no_memory(struct ame_tx *tx) {
    if (tx->way == AME__HTM)
        ame__htm_abort_now();
    if (tx->way == AME__STM || tx->way == AME__HYBRID)
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    ame__die("out of memory for the references that a block on the serial path gives back");
}

AME__NOINLINE void ame__make_room_for_change(struct ame_tx *tx) {
    size_t older = ame__older_changes(tx);
    if (tx->deltas.count - older >= ENTRIES_BEFORE_SUMMING_UP)
        ame__sum_up_changes(tx, older);
    /* Summing up again soon would cost more than a longer log. */
    if (tx->deltas.count > tx->deltas.capacity / 2 || !tx->deltas.capacity) {
        size_t count = tx->deltas.count;
        tx->deltas.count = tx->deltas.capacity;
        bool grown = AME__LOG_RESERVE(&tx->deltas);
        tx->deltas.count = count;
        if (!grown && count == tx->deltas.capacity)
            ame__count_no_memory(tx);
    }
}

/* ---- what a block sees of its own ---- */

int64_t ame__own_sum(const struct ame_tx *tx, const int64_t *count, enum ame__kind kind,
                     int64_t value) {
    uint64_t cell = ame__cell_of(count, kind);
    for (size_t i = 0; i < tx->deltas.count; i++)
        if (tx->deltas.entries[i].cell == cell)
            value = ame__sum(value, (int64_t)tx->deltas.entries[i].operand);
    for (size_t i = 0; kind == AME__REFERENCES && i < tx->releases.count; i++)
        if (&tx->releases.entries[i].ref->count == count)
            value = ame__sum(value, -1);
    return value;
}

uint64_t ame__own_largest(const struct ame_tx *tx, const uint64_t *stored, uint64_t value) {
    uint64_t cell = ame__cell_of(stored, AME__LARGEST);
    for (size_t i = 0; i < tx->deltas.count; i++)
        if (tx->deltas.entries[i].cell == cell && tx->deltas.entries[i].operand > value)
            value = tx->deltas.entries[i].operand;
    return value;
}

void ame__own_value(const struct ame_tx *tx, const ame_merged *merged, void *value) {
    uint64_t cell = ame__cell_of(merged, AME__VALUE);
    for (size_t i = 0; i < tx->deltas.count; i++)
        if (tx->deltas.entries[i].cell == cell)
            merged->how->merge(value, tx->operands.entries[tx->deltas.entries[i].operand].words);
}
