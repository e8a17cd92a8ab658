/* read_set.h - which stripes the running block has read: a bit for each record, and a log.
 *
 * The bit says that a stripe is in the log already, so a stripe is there once, and the read set is
 * bounded by the table of records, however much is read: to 64 MB. Entries that one access makes as
 * it walks through memory become one. Reads in line (llvm-pass/Barriers.cpp) only append; their
 * entries are joined when the log is full.
 *
 * While tx->reads_in_line is NULL all first reads of a stripe call their barrier: between blocks,
 * and where each must leave a trace (readers.h). */
#ifndef AME_STM_READ_SET_H
#define AME_STM_READ_SET_H

#include "core/tx.h"

enum { AME__MOST_READ_MORE = (1 << 17) - 1 };

/* Makes room for `entries` more; false when out of memory, and then the log is as it was. */
bool ame__read_set_grow(struct ame_tx *tx, size_t entries);

/* The log is empty; gives its memory back if it grew large. */
void ame__read_set_forget(struct ame_tx *tx);

static inline bool ame__has_read(const struct ame_tx *tx) {
    return tx->reads_next != tx->reads;
}

/* How many stripes. */
static inline size_t ame__stripes_read(const struct ame_tx *tx) {
    return (size_t)(tx->reads_next - tx->reads) + tx->reads_more;
}

#define AME__EACH_READ(tx, read)                                                                   \
    for (const struct ame__read_entry *read = (tx)->reads; read != (tx)->reads_next; read++)

static inline bool ame__read_set_has_room(const struct ame_tx *tx, size_t entries) {
    return (size_t)(tx->reads_end - tx->reads_next) >= entries;
}

static inline bool ame__read_set_reserve(struct ame_tx *tx, size_t entries) {
    return AME__LIKELY(ame__read_set_has_room(tx, entries)) || ame__read_set_grow(tx, entries);
}

/* After a change of tx->traces or tx->reads_end. */
static inline void ame__read_set_follow_traces(struct ame_tx *tx) {
    tx->reads_in_line = ame__load_relaxed(&tx->traces) == AME__HIDDEN ? tx->reads_end : NULL;
}

static inline bool ame__in_read_set(const struct ame_tx *tx, uint32_t orec) {
    return tx->read_bits[orec / 64] >> orec % 64 & 1;
}

/* The owner alone writes them; others look while the block is shown, or has executed a fence. */
static inline void ame__add_read_bits(ame__word *word, uint64_t bits) {
    ame__store_relaxed(word, ame__load_relaxed(word) | bits);
}

/* Of stripes whose read did not come about. */
static inline void ame__drop_read_bits(ame__word *word, uint64_t bits) {
    ame__store_relaxed(word, ame__load_relaxed(word) & ~bits);
}

static inline bool ame__continues(const struct ame__read_entry *last, const void *address,
                                  uint64_t place, uint32_t count) {
    return ame__stripe(last->address) + last->more + 1 == ame__stripe(address) &&
           last->place == place && last->more + count <= AME__MOST_READ_MORE;
}

/* Enters `count` stripes from that of `address` on in the log, all on one side of the table's end;
 * their bits are the caller's. False if there is no room for a new entry. */
AME__ALWAYS_INLINE bool ame__enter_run(struct ame_tx *tx, const void *address, uint32_t count,
                                       const void *place) {
    struct ame__read_entry entry = {address, (uintptr_t)place, count - 1};
    struct ame__read_entry *next = tx->reads_next;
    if (next != tx->reads && ame__continues(next - 1, address, entry.place, count)) {
        next[-1].more += count;
        tx->reads_more += count;
        return true;
    }
    if (AME__UNLIKELY(next == tx->reads_end))
        return false;
    *next = entry;
    tx->reads_next = next + 1;
    tx->reads_more += count - 1;
    return true;
}

#endif
