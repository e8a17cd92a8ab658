#include "memory/rows.h"
#include "base/arch.h"

static inline void drop_last(struct ame__fresh_row *row) {
    if (row->extent == row->size)
        ame__forget_row(row);
    else
        row->extent -= row->size + row->gap;
}

/* The next one, most likely: it will be written, and the allocator's lock then waits for the lines
 * that are not there yet. */
static inline void prefetch_next(const struct ame__fresh_row *row) {
    enum { MOST = 256 }; /* the processor goes on by itself, if it is written at all */
    uintptr_t next = ame__row_end(row) + row->gap,
              end = next + (row->size < MOST ? row->size : MOST);
    for (; next < end; next += AME__CACHE_LINE)
        ame__prefetch_to_write((const void *)next);
}

static inline bool add_behind(struct ame__fresh_row *row, uintptr_t begin, size_t size) {
    if (size != row->size || begin - ame__row_end(row) != row->gap)
        return false;
    row->extent += row->gap + size;
    return true;
}

/* To the set goes what lies below `limit`. */
static AME__NOINLINE bool settle_below(struct ame_tx *tx, struct ame__fresh_row *row,
                                       uintptr_t limit) {
    for (; row->extent && row->begin < limit; ame__row_drop_first(row))
        if (!ame__fresh_enter_set(tx, row->begin, row->begin + row->size))
            return false;
    return true;
}

static AME__NOINLINE bool settle_above(struct ame_tx *tx, struct ame__fresh_row *row,
                                       uintptr_t limit) {
    for (; row->extent && ame__row_end(row) > limit; drop_last(row))
        if (!ame__fresh_enter_set(tx, ame__row_end(row) - row->size, ame__row_end(row)))
            return false;
    return true;
}

static bool settle(struct ame_tx *tx, struct ame__fresh_row *row) {
    return settle_below(tx, row, UINTPTR_MAX);
}

/* From the midst of it, by way of its end that is nearer. */
static AME__NOINLINE bool take_from_midst(struct ame_tx *tx, struct ame__fresh_row *row,
                                          uintptr_t begin) {
    uintptr_t end = begin + row->size;
    if (begin - row->begin < ame__row_end(row) - end) {
        if (!settle_below(tx, row, begin))
            return false;
        ame__row_drop_first(row);
    } else {
        if (!settle_above(tx, row, end))
            return false;
        drop_last(row);
    }
    return true;
}

/* Its turn comes soon, most likely. All reads come from one instruction in the barrier, so the
 * processor does not see the step from one to the next. */
static inline void prefetch_to_free(const struct ame__fresh_row *row, uintptr_t begin) {
    ame__prefetch_to_write((const void *)begin);
    ame__prefetch_to_write((const void *)(begin + row->size - 1));
}

static inline bool take_from_row(struct ame_tx *tx, struct ame__fresh_row *row, uintptr_t begin) {
    enum { AHEAD = 3 };
    size_t ahead = AHEAD * (row->size + row->gap);
    if (begin + row->size == ame__row_end(row)) {
        prefetch_to_free(row, begin - ahead);
        drop_last(row);
    } else if (begin == row->begin) {
        prefetch_to_free(row, begin + ahead);
        ame__row_drop_first(row);
    } else {
        return take_from_midst(tx, row, begin);
    }
    return true;
}

void ame__fresh_settle(struct ame_tx *tx) {
    for (int i = 0; i < AME__FRESH_ROWS; i++)
        if (!settle(tx, &tx->fresh_rows[i]))
            ame__tx_abort(tx, AME__ABORT_MEMORY);
}

/* ---- the hot range ---- */

static void extend_bounds(struct ame_tx *tx, uintptr_t begin, uintptr_t end) {
    uintptr_t highest = tx->fresh_lowest + tx->fresh_extent;
    if (!tx->fresh_extent || begin < tx->fresh_lowest)
        tx->fresh_lowest = begin;
    if (!tx->fresh_extent || end > highest)
        highest = end;
    tx->fresh_extent = highest - tx->fresh_lowest;
}

/* Grows by memory next to it: what a block allocates often is. */
static inline void heat(struct ame_tx *tx, uintptr_t begin, uintptr_t end) {
    uintptr_t hot = tx->fresh_hot, hot_end = hot + tx->fresh_hot_extent;
    if (tx->fresh_hot_extent && begin - hot_end <= tx->fresh_gap)
        begin = hot;
    else if (tx->fresh_hot_extent && hot - end <= tx->fresh_gap)
        end = hot_end;
    tx->fresh_hot = begin;
    tx->fresh_hot_extent = end - begin;
}

/* What lies there is no longer fresh, nor are the gaps around it. The larger part that is left of
 * the hot range stays hot. */
static inline void cut(struct ame_tx *tx, uintptr_t begin, uintptr_t end) {
    uintptr_t hot = tx->fresh_hot, hot_end = hot + tx->fresh_hot_extent;
    begin -= tx->fresh_gap;
    end += tx->fresh_gap;
    if (begin >= hot_end || end <= hot)
        return;
    size_t below = begin > hot ? begin - hot : 0, above = end < hot_end ? hot_end - end : 0;
    tx->fresh_hot = below > above ? hot : end;
    tx->fresh_hot_extent = below > above ? below : above;
}

/* ---- allocations ---- */

/* Two of the same size side by side: the second one begins a row. The longest one stays, beside
 * the latest. */
static AME__NOINLINE bool begin_row(struct ame_tx *tx, uintptr_t begin, size_t size, size_t gap) {
    struct ame__fresh_row *rows = tx->fresh_rows;
    if (!settle(tx, rows[0].extent < rows[1].extent ? &rows[0] : &rows[1]))
        return false;
    if (rows[0].extent)
        rows[1] = rows[0];
    rows[0] = (struct ame__fresh_row){begin, size, size, gap};
    return true;
}

static inline bool add_elsewhere(struct ame_tx *tx, uintptr_t begin, uintptr_t end) {
    size_t gap = begin - tx->fresh_last_end, size = end - begin;
    bool beside_last = size == tx->fresh_last_size && gap <= tx->fresh_gap;
    tx->fresh_last_end = end;
    tx->fresh_last_size = size;
    return beside_last ? begin_row(tx, begin, size, gap) : ame__fresh_enter_set(tx, begin, end);
}

bool ame__fresh_add(struct ame_tx *tx, const void *memory, size_t size) {
    uintptr_t begin = (uintptr_t)memory, end = ame__fresh_range_end(memory, size);
    if (add_behind(&tx->fresh_rows[0], begin, end - begin))
        prefetch_next(&tx->fresh_rows[0]);
    else if (!add_elsewhere(tx, begin, end))
        return false;
    heat(tx, begin, end);
    extend_bounds(tx, begin, end);
    return true;
}

bool ame__fresh_begins(struct ame_tx *tx, const void *memory) {
    uintptr_t address = (uintptr_t)memory;
    const struct ame__fresh_row *row = ame__row_of(tx, address);
    if (!row)
        return ame__fresh_begins_in_set(tx, address);
    return address == row->begin || address + row->size == ame__row_end(row) ||
           (address - row->begin) % (row->size + row->gap) == 0;
}

bool ame__fresh_remove(struct ame_tx *tx, const void *memory, size_t size) {
    uintptr_t begin = (uintptr_t)memory, end = ame__fresh_range_end(memory, size);
    struct ame__fresh_row *row = ame__row_of(tx, begin);
    if (!row)
        ame__fresh_leave_set(tx, begin, end);
    else if (!take_from_row(tx, row, begin))
        return false;
    cut(tx, begin, end);
    return true;
}
