/* merge.c - merging at commit, and validation. */
#include "base/diag.h"
#include "base/wait.h"
#include "count/cell.h"
#include "count/count.h"
#include "htm/htm.h"
#include "stm/stm.h"
#include "watch/watch.h"

#include <string.h>

/* On a line of its own: all hardware blocks read it. */
AME__ALIGNED_LINE ame__word ame__counts_in_hardware;

/* ---- the states of tx->merging ---- */

static inline uint64_t state_of(uint64_t merging) {
    return merging % AME__MERGING_STATES;
}

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
    if (tx->appended > 1)
        ame__sum_up_changes(tx, 0); /* C6 */
    /* Full fence: the state is visible before the validation's loads. A block
     * that locks a record after this one validated it sees the state (C3). */
    ame__store_full(&tx->merging, ame__load_relaxed(&tx->merging) + AME__ADDING);
}

/* Of a block's changes only those that it takes are here. */
static void merge_references(ame_ref *ref, uint64_t taken) {
    uint64_t before = ame__add_full((ame__word *)&ref->count, taken);
    if (AME__UNLIKELY((int64_t)(before + taken) < 0))
        ame__count_overflow(ref, NULL);
}

static void merge_change(const struct ame_tx *tx, const struct ame__delta_entry *change) {
    void *cell = ame__cell_address(change->cell);
    switch (ame__cell_kind(change->cell)) {
    case AME__LARGEST:
        ame__merge_largest(cell, change->operand);
        break;
    case AME__VALUE:
        ame__merge_value(cell, tx->operands.entries[change->operand].words);
        break;
    case AME__APPEND:
        ame__merge_nodes(cell, (struct ame__journal_node *)change->operand);
        break;
    case AME__REFERENCES:
        merge_references(cell, change->operand);
        break;
    default:
        ame__add_full((ame__word *)cell, change->operand);
    }
}

static void merge_all(const struct ame_tx *tx) {
    enum { AHEAD = 8 }; /* atomic additions do not overlap, but fetching their lines does */
    const struct ame__delta_entry *entries = tx->deltas.entries;
    size_t count = tx->deltas.count;
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count)
            __builtin_prefetch(ame__cell_address(entries[i + AHEAD].cell), 1);
        merge_change(tx, &entries[i]);
    }
}

struct ame_tx *ame__merge_alone_begin(void) {
    struct ame_tx *tx = ame__tx_self();
    /* Full fence: the state is visible before the change (C1). */
    ame__store_full(&tx->merging, ame__load_relaxed(&tx->merging) + AME__ADDING);
    return tx;
}

void ame__merge_alone_end(struct ame_tx *tx, const void *cell) {
    end_merging(tx);
    ame__fence_full();
    if (ame__anybody_watches()) /* R1 */
        ame__wake(ame__key_of_count(cell));
}

void ame__count_wait_for_additions(struct ame_tx *tx) {
    /* Full fence: what the caller unlinked is unlinked before the looks. */
    ame__fence_full();
    ame__count_wait_for_additions_after_fence(tx);
}

void ame__count_wait_for_additions_after_fence(struct ame_tx *tx) {
    struct ame_tx *other;
    AME__EACH_DESCRIPTOR (other) {
        uint64_t seen = ame__load_acquire(&other->merging);
        unsigned steps = 0;
        /* Till it has merged what it was merging: a new round is of a later block. */
        while (other != tx && state_of(seen) == AME__ADDING &&
               ame__load_acquire(&other->merging) == seen)
            ame__wait_step(&steps);
    }
}

/* What a block in line has unlinked is private at once (C5). */
void ame_abi_await_additions(void) {
    ame__count_wait_for_additions(ame__self);
}

void ame__count_release_now(struct ame_tx *tx, ame_ref *ref, ame_destroy_fn *destroy,
                            const void *place) {
    if (!AME__LOG_RESERVE(&tx->dying))
        ame__die("out of memory for the objects that wait to be destroyed");
    bool waited = false;
    uint64_t before;
    do {
        before = ame__load_relaxed((ame__word *)&ref->count);
        if ((int64_t)before < 1)
            ame__count_misuse("ame_ref_release", ref, "was released more often than retained",
                              place);
        if (before == 1 && !waited) { /* it seems to be the last one (C3) */
            ame__count_wait_for_additions(tx);
            waited = true;
            before = 0; /* look again */
        }
    } while (!before || !ame__cas_full((ame__word *)&ref->count, before, before - 1));
    if (ame__anybody_watches()) /* R1 */
        ame__wake(ame__key_of_count(&ref->count));
    if (before == 1)
        tx->dying.entries[tx->dying.count++] = (struct ame__release_entry){ref, destroy};
}

static void release_all(struct ame_tx *tx) {
    uint64_t merging = ame__load_relaxed(&tx->merging);
    /* Release: all that was added is there. */
    ame__store_release(&tx->merging, merging - state_of(merging) + AME__RELEASING);
    for (size_t i = 0; i < tx->releases.count; i++)
        ame__count_release_now(tx, tx->releases.entries[i].ref, tx->releases.entries[i].destroy,
                               NULL);
}

static void clear_logs(struct ame_tx *tx) {
    AME__LOG_CLEAR(&tx->deltas);
    AME__LOG_CLEAR(&tx->operands);
    AME__LOG_CLEAR(&tx->releases);
    tx->appended = 0;
}

void ame__count_merge(struct ame_tx *tx) {
    merge_all(tx);
    if (tx->releases.count)
        release_all(tx);
    end_merging(tx);
    if (ame__anybody_watches()) /* R1 */
        for (size_t i = 0; i < tx->deltas.count; i++)
            ame__wake(ame__key_of_count(ame__cell_address(tx->deltas.entries[i].cell)));
    tx->statistics.counts_merged += tx->deltas.count + tx->releases.count;
    clear_logs(tx);
}

void ame__count_abort(struct ame_tx *tx) {
    end_merging(tx);
    clear_logs(tx);
}

/* ---- reading (C2) ---- */

/* Waits until no other thread merges; the sum of their words changes with each
 * merge. False if this thread merges itself and the others take long (C4). */
static bool quiet(const struct ame_tx *tx, uint64_t *merges) {
    enum { PATIENCE = 1000 };
    bool patient = state_of(ame__load_relaxed(&tx->merging)) == AME__QUIET;
    unsigned steps = 0;
    *merges = 0;
    struct ame_tx *other;
    AME__EACH_DESCRIPTOR (other) {
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

static void copy_words(const uint64_t *from, uint64_t *to, size_t words) {
    for (size_t i = 0; i < words; i++)
        to[i] = ame__load_acquire((const ame__word *)&from[i]);
}

/* `merges` changes with each merge. */
static void copy_when_quiet(struct ame_tx *tx, const uint64_t *from, uint64_t *to, size_t words,
                            uint64_t *merges) {
    uint64_t after;
    do {
        if (AME__UNLIKELY(tx->way == AME__STM && !ame__load_relaxed(&tx->read_limit)))
            ame__stm_answer(tx);
        quiet(tx, merges);
        copy_words(from, to, words);
        quiet(tx, &after);
    } while (after != *merges);
}

/* All words and the cell join the read set: a thread that begins to merge after this look
 * aborts the block. */
static void copy_in_hardware(const uint64_t *from, uint64_t *to, size_t words) {
    struct ame_tx *tx;
    AME__EACH_DESCRIPTOR (tx)
        if (state_of(ame__load_relaxed(&tx->merging)) != AME__QUIET)
            ame__htm_abort_now();
    copy_words(from, to, words);
}

void ame__read_cell_words(struct ame_tx *tx, const void *cell, uint64_t *to, size_t words,
                          const void *place) {
    uint64_t merges;
    if (tx->way == AME__HTM || tx->way == AME__HYBRID) {
        copy_in_hardware(cell, to, words);
        return;
    }
    if (tx->way != AME__STM) {
        copy_when_quiet(tx, cell, to, words, &merges);
        return;
    }
    if (!AME__LOG_RESERVE(&tx->count_reads))
        ame__count_no_memory(tx);
    ame__fresh_count(tx, cell);
    ame__stm_end_shown_phase(tx); /* traces are of stripes only */
    copy_when_quiet(tx, cell, to, words, &merges);
    tx->count_reads.entries[tx->count_reads.count++] =
        (struct ame__count_read_entry){cell, to[0], place};
    /* A merge since this thread last validated cells, perhaps after the snapshot:
     * what was read before must still hold together with this. */
    if (merges != tx->merges_seen)
        ame__stm_extend(tx, 0);
}

static bool reads_hold(struct ame_tx *tx) {
    for (size_t i = 0; i < tx->count_reads.count; i++) {
        const struct ame__count_read_entry *read = &tx->count_reads.entries[i];
        if (ame__load_acquire((const ame__word *)read->count) == read->seen)
            continue;
        tx->attempt.conflict =
            (struct ame__conflict){.address = read->count, .my_place = read->place};
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
