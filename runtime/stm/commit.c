/* commit.c - the two ends of an attempt. */
#include "count/count.h"
#include "events/recorder.h"
#include "memory/memory.h"
#include "output/output.h"
#include "stm/readers.h"
#include "stm/stm.h"
#include "watch/watch.h"

#include <string.h>

static inline void clear_read_set(struct ame_tx *tx) {
    AME__EACH_READ (tx, read) {
        /* The records of 64 stripes share a word. */
        uint32_t stripe = ame__stripe(read->address), word = stripe / 64;
        ame__store_release(&tx->read_bits[word], 0); /* V2 of readers.h */
        if (AME__UNLIKELY(read->more))
            for (uint32_t last = (stripe + (uint32_t)read->more) / 64; word++ < last;)
                ame__store_release(&tx->read_bits[word], 0);
    }
    size_t stripes = ame__stripes_read(tx);
    if (AME__UNLIKELY(stripes >= tx->much))
        tx->read_much = (uint32_t)stripes;
    ame__read_set_forget(tx);
    if (AME__UNLIKELY(tx->count_reads.count | tx->jumps.count)) {
        AME__LOG_CLEAR(&tx->count_reads);
        AME__LOG_CLEAR(&tx->jumps);
    }
}

static inline void clear_write_set(struct ame_tx *tx) {
    AME__LOG_CLEAR(&tx->locks);
    AME__LOG_CLEAR(&tx->undo);
    AME__LOG_CLEAR(&tx->undo_wide);
}

static void clear_logs(struct ame_tx *tx) {
    clear_read_set(tx);
    clear_write_set(tx);
}

static void release_records(struct ame_tx *tx, uint64_t version) {
    /* Release: the stripe's contents are there before its record is free. */
    for (size_t i = 0; i < tx->locks.count; i++)
        ame__store_release(&ame__orecs[tx->locks.entries[i].orec], version);
}

/* Full fence since the locks were taken: R1 of watch/watch.h. */
static AME__COLD void wake_watchers(const struct ame_tx *tx) {
    for (size_t i = 0; i < tx->locks.count; i++)
        ame__wake(ame__key_of_record(tx->locks.entries[i].orec));
}

/* All records are locked, so the version drawn now is above every snapshot that does not know of
 * the locks (S2), and above what each record had before (O2). */
static uint64_t draw_version(struct ame_tx *tx) {
    uint64_t latest = ame__clock_time();
    for (size_t i = 0; i < tx->locks.count; i++)
        if (tx->locks.entries[i].previous > latest)
            latest = tx->locks.entries[i].previous;
    return tx->last_version = ame__time_of(latest) + 1 + tx->tag;
}

/* The first look for readers of what is locked (V1). */
static inline bool may_be_read(const struct ame_tx *tx) {
    const struct ame_tx *other;
    AME__EACH_AWAKE (other)
        if (other != tx && ame__stm_in_filter(other, tx))
            return true;
    return false;
}

static void end_without_writes(struct ame_tx *tx) {
    if (AME__UNLIKELY(tx->fresh_extent | tx->frees.count))
        ame__memory_commit(tx, tx->frees.count ? draw_version(tx) : 0);
    if (ame__has_read(tx) | tx->count_reads.count | tx->jumps.count)
        clear_read_set(tx);
}

/* For the profiler, while the records are held: who writes there, and which bytes others will find
 * changed; that in the undo log, so not of a hybrid block. Now and then, if it is much. Returns of
 * how many records. */
static AME__COLD size_t note_writes(struct ame_tx *tx, bool commits) {
    size_t cost = tx->locks.count + tx->undo.count;
    if (cost > tx->notes_left)
        return 0;
    tx->notes_left -= cost;
    for (size_t i = 0; i < tx->locks.count; i++) {
        const struct ame__lock_entry *lock = &tx->locks.entries[i];
        ame__recorder_writes(lock->orec, lock->place, tx->block, tx->recorded_thread,
                             commits && tx->undo.count);
    }
    for (size_t i = 0; i < tx->undo.count; i++) {
        const struct ame__undo_entry *undo = &tx->undo.entries[i];
        ame__recorder_wrote(ame__orec_index(undo->address), undo->address,
                            ame__undo_bytes(tx, undo), undo->size);
    }
    return tx->locks.count;
}

/* From now on what was noted counts. */
static AME__COLD void sign_notes(const struct ame_tx *tx, size_t noted, uint64_t version) {
    for (size_t i = 0; i < noted; i++)
        ame__recorder_wrote_as(tx->locks.entries[i].orec, version);
}

/* The block's last act but for its logs: what it wrote is everybody's. */
AME__ALWAYS_INLINE void release_when_unread(struct ame_tx *tx, uint64_t version) {
    if (AME__UNLIKELY(may_be_read(tx)))
        ame__stm_wait_for_snapshots(tx, version, AME__READERS_OF_LOCKED); /* S3 */
    if (AME__UNLIKELY(ame__load_relaxed(&ame__counts_in_hardware)) && tx->locks.count)
        ame__count_wait_for_additions(tx); /* C5: of a hardware phase before */
    release_records(tx, version);
    if (AME__UNLIKELY(ame__anybody_watches()))
        wake_watchers(tx);
    tx->statistics.writes_locked += tx->locks.count;
}

/* The block has committed: lets others see what it wrote. */
AME__ALWAYS_INLINE void publish(struct ame_tx *tx, uint64_t version, bool watched) {
    if (watched && tx->locks.count && !tx->alone)
        sign_notes(tx, note_writes(tx, true), version);
    if (ame__count_changes(tx))
        ame__count_merge(tx);
    /* It reads and undoes nothing any more, so others need not wait for it, and
     * two blocks that commit never wait for each other. */
    if (ame__load_relaxed(&tx->snapshot) != AME__INACTIVE) /* a hybrid block has never entered */
        ame__stm_leave(tx);
    release_when_unread(tx, version);
    if (AME__UNLIKELY(tx->fresh_extent || tx->frees.count))
        ame__memory_commit(tx, version);
    clear_logs(tx);
}

/* P1 of output/output.h. */
static AME__COLD void lock_output_order(struct ame_tx *tx) {
    ame__word none = 0;
    ame__stm_write(tx, &ame__output_order, &none, sizeof none, tx->output.place);
}

AME__ALWAYS_INLINE void commit_writes(struct ame_tx *tx, bool watched) {
    tx->statistics.reads_recorded += ame__stripes_read(tx);
    if (AME__UNLIKELY(ame__output_is_kept(tx)))
        lock_output_order(tx);
    if (AME__UNLIKELY(ame__load_relaxed(&tx->snapshot) == AME__INACTIVE))
        ame__stm_answer(tx); /* enters: it has accessed nothing but counts */
    if (ame__count_changes(tx))
        ame__count_merge_begin(tx); /* before the version is drawn: C1 of count/count.h */
    uint64_t version = draw_version(tx);
    enum ame__abort_reason reason;
    if ((ame__has_read(tx) | tx->count_reads.count) &&
        AME__UNLIKELY(!ame__stm_validate(tx, &reason)))
        ame__tx_abort(tx, reason);
    if (AME__UNLIKELY(ame__output_is_kept(tx)))
        ame__output_print(tx); /* P2 */
    publish(tx, version, watched);
}

static AME__NOINLINE void commit_unwatched_writes(struct ame_tx *tx) {
    commit_writes(tx, false);
}

static AME__NOINLINE void commit_watched_writes(struct ame_tx *tx) {
    commit_writes(tx, true);
}

/* What it only read is all as of its snapshot: it ran then (S1). What it frees was unlinked by an
 * earlier commit, so at a time that is not above that of the version drawn now. */
static inline void commit_without_writes(struct ame_tx *tx) {
    tx->statistics.reads_recorded += ame__stripes_read(tx);
    if (ame__load_relaxed(&tx->snapshot) != AME__INACTIVE)
        ame__stm_leave(tx);
    end_without_writes(tx);
}

static inline bool has_written(const struct ame_tx *tx) {
    return tx->locks.count | tx->deltas.count | tx->releases.count | tx->output.size;
}

/* A small block that has read nothing but what it writes, and done nothing else: commit_writes and
 * publish without what it has no need of. */
static inline bool has_only_written(const struct ame_tx *tx) {
    return !(tx->deltas.count | tx->releases.count | ame__has_read(tx) | tx->count_reads.count |
             tx->jumps.count | tx->fresh_extent | tx->frees.count | tx->output.size) &&
           !ame__stm_has_traces(tx);
}

static AME__NOINLINE void commit_only_writes(struct ame_tx *tx) {
    uint64_t version = draw_version(tx);
    ame__stm_leave_without_traces(tx);
    release_when_unread(tx, version);
    clear_write_set(tx);
}

/* Apart, since those need registers that must be saved. */
void ame__stm_commit(struct ame_tx *tx) {
    if (!has_written(tx))
        commit_without_writes(tx);
    else if (has_only_written(tx))
        commit_only_writes(tx);
    else
        commit_unwatched_writes(tx);
}

void ame__stm_commit_watched(struct ame_tx *tx) {
    if (has_written(tx))
        commit_watched_writes(tx);
    else
        commit_without_writes(tx);
}

AME__ALWAYS_INLINE void commit_hardware(struct ame_tx *tx, bool watched) {
    if (!tx->locks.count && !ame__count_changes(tx)) {
        end_without_writes(tx);
        return;
    }
    publish(tx, draw_version(tx), watched);
}

void ame__stm_commit_hardware(struct ame_tx *tx) {
    commit_hardware(tx, false);
}

void ame__stm_commit_hardware_watched(struct ame_tx *tx) {
    commit_hardware(tx, true);
}

/* Last write first, so that the first value logged is the one that stays. */
static void undo_down_to(struct ame_tx *tx, size_t count) {
    while (tx->undo.count > count) {
        const struct ame__undo_entry *entry = &tx->undo.entries[--tx->undo.count];
        memcpy(entry->address, ame__undo_bytes(tx, entry), entry->size);
        if (entry->size > sizeof entry->old)
            tx->undo_wide.count = entry->old;
    }
}

void ame__stm_rollback_to(struct ame_tx *tx, const struct ame__savepoint *savepoint) {
    undo_down_to(tx, savepoint->undo);
    ame__memory_rollback_to(tx, savepoint);
    tx->deltas.count = savepoint->deltas;
    tx->operands.count = savepoint->operands;
    tx->releases.count = savepoint->releases;
    tx->jumps.count = savepoint->jumps;
    ame__output_forget(tx, savepoint->output);
}

void ame__stm_forget_frames(struct ame_tx *tx, const struct ame__savepoint *savepoint) {
    size_t kept = savepoint->undo;
    for (size_t i = kept; i < tx->undo.count; i++) {
        uintptr_t address = (uintptr_t)tx->undo.entries[i].address;
        if (address - savepoint->frame >= savepoint->stack_base - savepoint->frame)
            tx->undo.entries[kept++] = tx->undo.entries[i];
    }
    tx->undo.count = kept;
}

void ame__stm_rollback(struct ame_tx *tx) {
    size_t noted = AME__UNLIKELY(ame__recording) && !tx->alone ? note_writes(tx, false) : 0;
    undo_down_to(tx, 0);
    /* A new version, though the values are the old ones: a reader that loaded
     * what is undone now must find the record changed (O2). */
    if (tx->locks.count) {
        uint64_t version = draw_version(tx);
        if (noted)
            sign_notes(tx, noted, version);
        release_records(tx, version);
    }
    ame__output_forget(tx, 0);
    ame__count_abort(tx);
    ame__memory_abort(tx); /* after the undo, which may have written there */
    clear_logs(tx);
    ame__stm_leave(tx); /* a writer that waits for this block (S3) goes on when all is undone */
}
