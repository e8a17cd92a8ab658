#include "stm/read_set.h"
#include "base/heap.h"

#include <stdlib.h>

enum { FIRST_ENTRIES = 64 };

/* Joins the entries of what was read in line, one stripe after the other. */
static void join_neighbours(struct ame_tx *tx) {
    struct ame__read_entry *last = tx->reads;
    for (const struct ame__read_entry *read = last + 1; read < tx->reads_next; read++) {
        uint32_t count = (uint32_t)read->more + 1;
        if (ame__continues(last, read->address, read->place, count)) {
            last->more += count;
            tx->reads_more++;
        } else {
            *++last = *read;
        }
    }
    tx->reads_next = last + 1;
}

/* It doubles, unless joining has made half of it free: so an entry is joined, or moved, twice on
 * average. */
bool ame__read_set_grow(struct ame_tx *tx, size_t entries) {
    if (ame__has_read(tx))
        join_neighbours(tx);
    size_t used = (size_t)(tx->reads_next - tx->reads), room = (size_t)(tx->reads_end - tx->reads);
    if (used + entries <= room / 2)
        return true;
    room = room ? room * 2 : FIRST_ENTRIES;
    struct ame__read_entry *moved = ame__realloc(tx->reads, room * sizeof *moved);
    if (!moved)
        return false;
    tx->reads = moved;
    tx->reads_next = moved + used;
    tx->reads_end = moved + room;
    ame__read_set_follow_traces(tx);
    return true;
}

void ame__read_set_forget(struct ame_tx *tx) {
    tx->reads_next = tx->reads;
    tx->reads_more = 0;
    if (AME__LIKELY((size_t)(tx->reads_end - tx->reads) <= AME__LOG_KEEPS / sizeof *tx->reads))
        return;
    free(tx->reads);
    tx->reads = tx->reads_next = tx->reads_end = NULL;
    ame__read_set_follow_traces(tx);
}
