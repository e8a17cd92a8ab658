/* count.c - the calls of include/ame/count.h, outside blocks and in them. */
#include "count/count.h"
#include "base/diag.h"
#include "base/wait.h"
#include "htm/htm.h"
#include "memory/fresh.h"
#include "stm/stm.h"
#include "watch/watch.h"
#include <ame/count.h>

#include <stdlib.h>

/* A log this long is sorted and summed up before it may grow further, so that
 * its length is bounded by the number of different counts, not of additions. */
enum { ENTRIES_BEFORE_SUMMING_UP = 1 << 12 };

static int by_address(const void *a, const void *b) {
    const struct ame__delta_entry *left = a, *right = b;
    return ((uintptr_t)left->count > (uintptr_t)right->count) -
           ((uintptr_t)left->count < (uintptr_t)right->count);
}

/* Wraps around. */
static inline int64_t sum(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* Entries older than this must stay as they are: a cancelled block goes back to them. */
static size_t older_entries(const struct ame_tx *tx) {
    return tx->savepoint ? tx->savepoint->deltas : 0;
}

static void sum_up(struct ame_tx *tx) {
    size_t older = older_entries(tx), count = tx->deltas.count - older;
    struct ame__delta_entry *entries = tx->deltas.entries + older;
    size_t kept = 0;
    qsort(entries, count, sizeof *entries, by_address);
    for (size_t i = 1; i < count; i++)
        if (entries[i].count == entries[kept].count)
            entries[kept].delta = sum(entries[kept].delta, entries[i].delta);
        else
            entries[++kept] = entries[i];
    tx->deltas.count = older + kept + 1;
}

/* The serial path needs no log for additions. */
AME__COLD _Noreturn void ame__count_no_memory(struct ame_tx *tx) {
    if (tx->way == AME__HTM)
        ame__htm_abort_now();
    if (tx->way == AME__STM || tx->way == AME__HYBRID)
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    ame__die("out of memory for the references that a block on the serial path gives back");
}

static AME__NOINLINE void make_room_for_delta(struct ame_tx *tx) {
    if (tx->deltas.count - older_entries(tx) >= ENTRIES_BEFORE_SUMMING_UP)
        sum_up(tx);
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

static inline void log_delta(struct ame_tx *tx, int64_t *count, int64_t delta) {
    if (tx->deltas.count > older_entries(tx)) {
        struct ame__delta_entry *last = &tx->deltas.entries[tx->deltas.count - 1];
        if (last->count == count) {
            last->delta = sum(last->delta, delta);
            return;
        }
    }
    if (AME__UNLIKELY(tx->deltas.count == tx->deltas.capacity))
        make_room_for_delta(tx);
    ame__fresh_count(tx, count);
    tx->deltas.entries[tx->deltas.count++] = (struct ame__delta_entry){count, delta};
}

static void log_release(struct ame_tx *tx, ame_ref *ref, ame_destroy_fn *destroy) {
    if (!AME__LOG_RESERVE(&tx->releases))
        ame__count_no_memory(tx);
    ame__fresh_count(tx, &ref->count);
    tx->releases.entries[tx->releases.count++] = (struct ame__release_entry){ref, destroy};
}

static int64_t own_changes(const struct ame_tx *tx, const int64_t *count) {
    int64_t changes = 0;
    for (size_t i = 0; i < tx->deltas.count; i++)
        if (tx->deltas.entries[i].count == count)
            changes = sum(changes, tx->deltas.entries[i].delta);
    for (size_t i = 0; i < tx->releases.count; i++)
        if (&tx->releases.entries[i].ref->count == count)
            changes = sum(changes, -1);
    return changes;
}

static inline bool in_hardware(void) {
    return ame__self && ame__self->way == AME__HTM;
}

/* ---- outside blocks, on the serial path and in hardware ---- */

static int64_t add_at_once(int64_t *count, int64_t delta) {
    int64_t before = (int64_t)ame__add_full((ame__word *)count, (uint64_t)delta);
    if (ame__anybody_watches()) /* R1 */
        ame__wake(ame__key_of_count(count));
    return before;
}

/* In hardware all words and the count join the read set: a thread that begins to
 * merge after this look aborts the block (C2). */
static int64_t read_in_place(int64_t *count) {
    struct ame_tx *self = ame__self;
    if (self && (self->way == AME__HTM || self->way == AME__HYBRID))
        for (struct ame_tx *tx = ame__tx_first(); tx; tx = tx->next)
            if (ame__load_relaxed(&tx->merging) % AME__MERGING_STATES != AME__QUIET)
                ame__htm_abort_now();
    int64_t value = (int64_t)ame__load_acquire((ame__word *)count);
    /* A block on the serial path gives references back at its end. */
    return self ? sum(value, own_changes(self, count)) : value;
}

void ame_counter_add(ame_counter *counter, int64_t delta) {
    if (in_hardware())
        log_delta(ame__self, &counter->value, delta);
    else
        add_at_once(&counter->value, delta);
}

int64_t ame_counter_read(ame_counter *counter) {
    return read_in_place(&counter->value);
}

void ame_ref_init(ame_ref *ref) {
    ref->count = 1;
}

void ame_ref_retain(ame_ref *ref) {
    if (in_hardware())
        log_delta(ame__self, &ref->count, 1);
    else if (add_at_once(&ref->count, 1) < 1)
        ame__die("ame_ref_retain: the object at %p is dead; only who holds a reference, or "
                 "reached the object in the same block, may take one more",
                 (void *)ref);
}

void ame_ref_release(ame_ref *ref, ame_destroy_fn *destroy) {
    struct ame_tx *tx = ame__tx_self();
    /* On the serial path too, where the block may still take a reference. */
    if (tx->way != AME__OUTSIDE) {
        log_release(tx, ref, destroy);
        return;
    }
    ame__count_release_now(tx, ref, destroy);
    ame__count_destroy_dying(tx);
}

int64_t ame_ref_read(ame_ref *ref) {
    return read_in_place(&ref->count);
}

/* ---- in software blocks ---- */

void ame__twin_counter_add(ame_counter *, int64_t) AME__TWIN("ame_counter_add");
int64_t ame__twin_counter_read(ame_counter *) AME__TWIN("ame_counter_read");
void ame__twin_ref_init(ame_ref *) AME__TWIN("ame_ref_init");
void ame__twin_ref_retain(ame_ref *) AME__TWIN("ame_ref_retain");
void ame__twin_ref_release(ame_ref *, ame_destroy_fn *) AME__TWIN("ame_ref_release");
int64_t ame__twin_ref_read(ame_ref *) AME__TWIN("ame_ref_read");

static int64_t read_in_block(int64_t *count, const void *place) {
    struct ame_tx *tx = ame__self;
    if (tx->way == AME__HYBRID)
        return read_in_place(count);
    if (!AME__LOG_RESERVE(&tx->count_reads))
        ame__count_no_memory(tx);
    ame__fresh_count(tx, count);
    uint64_t merges;
    int64_t seen = ame__count_load(tx, count, &merges);
    tx->count_reads.entries[tx->count_reads.count++] =
        (struct ame__count_read_entry){count, seen, place};
    /* A merge since this thread last validated counts, perhaps after the snapshot:
     * what was read before must still hold together with this. */
    if (merges != tx->merges_seen)
        ame__stm_extend(tx, 0);
    return sum(seen, own_changes(tx, count));
}

void ame__twin_counter_add(ame_counter *counter, int64_t delta) {
    log_delta(ame__self, &counter->value, delta);
}

int64_t ame__twin_counter_read(ame_counter *counter) {
    return read_in_block(&counter->value, __builtin_return_address(0));
}

/* The object is not shared yet, so nobody else looks, and an abort frees it. */
void ame__twin_ref_init(ame_ref *ref) {
    ref->count = 1;
}

void ame__twin_ref_retain(ame_ref *ref) {
    log_delta(ame__self, &ref->count, 1);
}

void ame__twin_ref_release(ame_ref *ref, ame_destroy_fn *destroy) {
    log_release(ame__self, ref, destroy);
}

int64_t ame__twin_ref_read(ame_ref *ref) {
    return read_in_block(&ref->count, __builtin_return_address(0));
}
