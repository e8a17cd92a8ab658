/* limbo.c - memory that committed blocks have freed, until no block can read it (M2). */
#include "memory/memory.h"
#include "nodes/nodes.h"
#include "stm/stm.h"

enum {
    /* A look reads a line of each thread, so it is shared by some frees. */
    ENTRIES_BETWEEN_LOOKS = 64,
    BYTES_BETWEEN_LOOKS = 1 << 20,
    /* M4 */
    MOST_ENTRIES = 1 << 12,
    MOST_BYTES = 1 << 24,
};

/* Frees what was unlinked up to that version. */
static void free_up_to(struct ame_tx *tx, uint64_t version) {
    size_t kept = 0;
    for (size_t i = 0; i < tx->limbo.count; i++) {
        struct ame__limbo_entry entry = tx->limbo.entries[i];
        if (entry.version > version) {
            tx->limbo.entries[kept++] = entry;
            continue;
        }
        tx->limbo_bytes -= ame__usable_size(entry.memory);
        ame__drop_node(entry.memory);
    }
    tx->limbo.count = kept;
    if (!kept)
        AME__LOG_CLEAR(&tx->limbo);
}

static uint64_t newest_version(const struct ame_tx *tx) {
    uint64_t newest = 0;
    for (size_t i = 0; i < tx->limbo.count; i++)
        if (tx->limbo.entries[i].version > newest)
            newest = tx->limbo.entries[i].version;
    return newest;
}

static void look(struct ame_tx *tx) {
    uint64_t newest = newest_version(tx);
    free_up_to(tx, ame__stm_oldest_snapshot(tx, newest));
    if (tx->limbo.count >= MOST_ENTRIES || tx->limbo_bytes >= MOST_BYTES) {
        ame__stm_wait_for_snapshots(tx, newest, AME__READERS_ALL);
        free_up_to(tx, newest);
    }
    /* The more a look leaves, the later the next one: what is left is gone through each time. */
    tx->limbo_next_look = tx->limbo.count + tx->limbo.count / 2 + ENTRIES_BETWEEN_LOOKS;
    if (tx->limbo_next_look > MOST_ENTRIES)
        tx->limbo_next_look = MOST_ENTRIES;
}

void ame__memory_free_later(struct ame_tx *tx, uint64_t version) {
    size_t bytes = tx->limbo_bytes;
    for (size_t i = 0; i < tx->frees.count; i++) {
        void *memory = tx->frees.entries[i];
        if (AME__UNLIKELY(!AME__LOG_RESERVE(&tx->limbo))) {
            ame__stm_wait_for_snapshots(tx, version, AME__READERS_ALL);
            ame__drop_node(memory);
            continue;
        }
        tx->limbo.entries[tx->limbo.count++] = (struct ame__limbo_entry){memory, version};
        tx->limbo_bytes += ame__usable_size(memory);
    }
    if (tx->limbo.count >= tx->limbo_next_look ||
        tx->limbo_bytes / BYTES_BETWEEN_LOOKS > bytes / BYTES_BETWEEN_LOOKS)
        look(tx);
}

void ame__memory_thread_ends(struct ame_tx *tx) {
    if (tx->limbo.count)
        look(tx);
}
