/* merge.c - merging at commit, validation, and the end of counted objects. */
#include "base/diag.h"
#include "base/wait.h"
#include "count/count.h"
#include "stm/stm.h"

#include <string.h>

/* ---- the states of tx->merging ---- */

static inline uint64_t state_of(uint64_t merging) { return merging % AME__MERGING_STATES; }

static void end_merging(struct ame_tx *tx) {
    uint64_t merging = ame__load_relaxed(&tx->merging);
    /* Release: who sees the word quiet sees all that was merged (C1). */
    if (state_of(merging) != AME__QUIET)
        ame__store_release(&tx->merging, merging - state_of(merging) + AME__MERGING_STATES);
}

void ame__count_merge_begin(struct ame_tx *tx) {
    /* Nothing may fail after the commit, so there is room for all that may die. */
    while (tx->dying.capacity < tx->dying.count + tx->releases.count)
        if (!ame__log_grow((void **)&tx->dying.entries, &tx->dying.capacity,
                           sizeof *tx->dying.entries))
            ame__count_no_memory(tx);
    /* Full fence: the state is visible before the validation's loads. A block
     * that locks a record after this one validated it sees the state (C3). */
    ame__store_full(&tx->merging, ame__load_relaxed(&tx->merging) + AME__ADDING);
}

static void add_all(struct ame_tx *tx) {
    enum { AHEAD = 8 }; /* atomic additions do not overlap, but fetching their lines does */
    const struct ame__delta_entry *entries = tx->deltas.entries;
    size_t count = tx->deltas.count;
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count)
            __builtin_prefetch(entries[i + AHEAD].count, 1);
        ame__add_full((ame__word *)entries[i].count, (uint64_t)entries[i].delta);
    }
}

void ame__count_release_now(struct ame_tx *tx, ame_ref *ref, ame_destroy_fn *destroy) {
    if (!AME__LOG_RESERVE(&tx->dying))
        ame__die("out of memory for the objects that wait to be destroyed");
    int64_t before = (int64_t)ame__add_full((ame__word *)&ref->count, (uint64_t)-1);
    if (before < 1)
        ame__die("ame_ref_release: the object at %p was released more often than retained",
                 (void *)ref);
    if (before == 1)
        tx->dying.entries[tx->dying.count++] = (struct ame__release_entry){ref, destroy};
}

static void release_all(struct ame_tx *tx) {
    uint64_t merging = ame__load_relaxed(&tx->merging);
    /* Full fence: the state is left before the others' are looked at. */
    ame__store_full(&tx->merging, merging - state_of(merging) + AME__RELEASING);
    for (struct ame_tx *other = ame__tx_first(); other; other = other->next) {
        uint64_t seen = ame__load_acquire(&other->merging);
        unsigned steps = 0;
        /* Till it has merged what it was merging: a new round is of a later
         * block (C3). */
        while (other != tx && state_of(seen) == AME__ADDING &&
               ame__load_acquire(&other->merging) == seen)
            ame__wait_step(&steps);
    }
    for (size_t i = 0; i < tx->releases.count; i++)
        ame__count_release_now(tx, tx->releases.entries[i].ref, tx->releases.entries[i].destroy);
}

void ame__count_merge(struct ame_tx *tx) {
    add_all(tx);
    if (tx->releases.count)
        release_all(tx);
    end_merging(tx);
    tx->statistics.counts_merged += tx->deltas.count + tx->releases.count;
    tx->deltas.count = 0;
    tx->releases.count = 0;
}

void ame__count_abort(struct ame_tx *tx) {
    end_merging(tx);
    tx->deltas.count = 0;
    tx->releases.count = 0;
}

/* ---- reading (C2) ---- */

/* Waits until no other thread merges; the sum of their words changes with each
 * merge. False if this thread merges itself and the others take long (C4). */
static bool quiet(const struct ame_tx *tx, uint64_t *merges) {
    enum { PATIENCE = 1000 };
    bool patient = state_of(ame__load_relaxed(&tx->merging)) == AME__QUIET;
    unsigned steps = 0;
    *merges = 0;
    for (struct ame_tx *other = ame__tx_first(); other; other = other->next) {
        uint64_t merging;
        while (other != tx && state_of(merging = ame__load_acquire(&other->merging))) {
            if (!patient && steps > PATIENCE)
                return false;
            ame__wait_step(&steps);
        }
        if (other != tx)
            *merges += merging;
    }
    return true;
}

int64_t ame__count_load(struct ame_tx *tx, int64_t *count, uint64_t *merges) {
    uint64_t after;
    int64_t value;
    do {
        quiet(tx, merges);
        value = (int64_t)ame__load_acquire((ame__word *)count);
        quiet(tx, &after);
    } while (after != *merges);
    return value;
}

static bool reads_hold(struct ame_tx *tx) {
    for (size_t i = 0; i < tx->count_reads.count; i++) {
        const struct ame__count_read_entry *read = &tx->count_reads.entries[i];
        if ((int64_t)ame__load_acquire((const ame__word *)read->count) == read->seen)
            continue;
        tx->conflict = (struct ame__conflict){.address = read->count, .my_place = read->place};
        return false;
    }
    return true;
}

bool ame__count_validate(struct ame_tx *tx) {
    uint64_t before, after;
    do
        if (!quiet(tx, &before) || !reads_hold(tx) || !quiet(tx, &after))
            return false;
    while (before != after);
    tx->merges_seen = before;
    return true;
}

/* ---- destruction ---- */

void ame__count_destroy_dying(struct ame_tx *tx) {
    if (tx->destroying)
        return; /* called from a destroy function: the loop below goes on with it */
    tx->destroying = 1;
    while (tx->dying.count) {
        /* What these release comes behind them, and needs a wait of its own. */
        size_t batch = tx->dying.count;
        ame__stm_quiesce(tx);
        for (size_t i = 0; i < batch; i++) {
            struct ame__release_entry dead = tx->dying.entries[i];
            dead.destroy(dead.ref);
        }
        tx->dying.count -= batch;
        memmove(tx->dying.entries, tx->dying.entries + batch,
                tx->dying.count * sizeof *tx->dying.entries);
    }
    tx->destroying = 0;
}
