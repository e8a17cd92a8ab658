/* stm.h - software transactions: optimistic reads, in-place writes, undo log.
 *
 * The algorithm is of the time-based family of LSA and TinySTM (Riegel, Felber,
 * Fetzer, "A Lazy Snapshot Algorithm", DISC 2006), with a clock that commits only read
 * (core/clock.h), and wound-wait between writers (Rosenkrantz,
 * Stearns, Lewis, 1978). runtime/README.md follows one block through it.
 *
 * Invariants, besides O1 and O2 of core/orec.h:
 *   S1  Everything in the read set was in memory, together, at the time tx->snapshot,
 *       and still was when it was read; so were, then, the stripes that the block has locked,
 *       as it found them. No read returns a value that breaks this (opacity).
 *   S2  A version is drawn above the clock, after all the block's records are locked, with a full
 *       fence in between. A snapshot is a time that the clock had before the reads, or the
 *       validation, for which it stands. So whatever a block reads whose snapshot is not below a
 *       version, it reads, or validates, after that version's locks were there.
 *       A thread's own versions may be above its snapshot: what it left there itself, and
 *       nobody has touched since, is as of any snapshot that it takes later. So threads that
 *       do not meet each other's data write no word that others look at.
 *   S3  A committed block keeps its records locked until no running block that may
 *       have read what it changed has a snapshot below its commit version. So nobody
 *       sees its writes while somebody may still act on the state before:
 *       privatization is safe, by the block itself and by any block that reads its
 *       writes. readers.h says how it knows. A block that another one has followed in its thread
 *       (tx->entries) has ended; the new one entered, with a full fence, when the locks were
 *       there, so it can't have read that state, however old its snapshot is.
 *       A block that has written nothing parks while it waits for a record: its
 *       snapshot then lies below no version, and it validates before it goes on.
 *   S4  A block waits only for an older one, wounds a younger one before it waits
 *       for it, and while it waits answers wounds and requests to extend. So no
 *       circle of waits lasts. Who was wounded lets the older block get what it
 *       wants before he begins again, be it the next block: so none starves.
 *   S5  A hybrid block runs its barriers inside a hardware transaction. It has no snapshot, and
 *       needs no read set: each record that it looks at is in the hardware's, and free, or
 *       the block's own, up to the moment at which the hardware commits all at once. Of that
 *       moment are its reads, its writes and the locks on their records; from there on it is
 *       like a software block that has validated (S2, S3). Its undo log is the hardware.
 *   S6  Beside a block that a phase SHOWN names (G6 of serial/gate.h) a hybrid block locks nothing
 *       and changes no version. It writes only stripes that nobody has locked and that block has
 *       not read, up to the moment at which the hardware commits, since it has looked at records
 *       and traces inside the transaction. So what that block has read since it showed its reads,
 *       or validated in the phase, stays as it is until its end: whatever it reads next is of the
 *       same moment, that is now, though records say that it is older.
 *   E1  A block that reads but one word, once, and writes nothing (AME_ABI_BLOCK_READS_ONE)
 *       does not enter: nobody sees that it runs, and no memory is kept for it. The value is
 *       that of one moment: by its record, before and after, that of a committed block, and
 *       no code without barriers has run meanwhile (G5). */
#ifndef AME_STM_STM_H
#define AME_STM_STM_H

#include "core/clock.h"
#include "core/orec.h"
#include "core/tx.h"

/* An attempt begins with its first access to shared memory: tx->read_limit is 0 until then, so the
 * barrier comes to enter.c, which publishes the snapshot. */

/* Commits, or aborts through ame__tx_abort. When it returns, the block is done; the
 * caller destroys the counted objects that died (count/). */
void ame__stm_commit(struct ame_tx *tx);
void ame__stm_commit_watched(struct ame_tx *tx); /* and notes its writes, for the profiler */

/* Before any hybrid block. False: no memory for them. */
bool ame__stm_start_hardware(void);

/* Before a hardware transaction that runs the block's twin, its first attempt or not, and after it:
 * to end the block if it has committed (S5). */
void ame__stm_prepare_hardware(struct ame_tx *tx, bool first);
void ame__stm_finish_hardware(struct ame_tx *tx, bool committed);
void ame__stm_finish_hardware_watched(struct ame_tx *tx, bool committed);

/* Before a block's first attempt. Its age is the time, or the version that the thread has drawn
 * last, if that is later. Who commits draws a version above the clock, and those of all
 * records that it has changed, so what it begins next is younger than all that run now: blocks that
 * retry grow old. */
static inline void ame__stm_set_age(struct ame_tx *tx) {
    uint64_t time = ame__clock_time();
    ame__store_relaxed(&tx->age, time > tx->last_version ? time : tx->last_version);
}

/* Undoes all writes, releases all records, frees what was allocated. */
void ame__stm_rollback(struct ame_tx *tx);

/* Undoes what was done since the savepoint. Records stay locked and the read set as it is. */
void ame__stm_rollback_to(struct ame_tx *tx, const struct ame__savepoint *savepoint);

/* A block that could be cancelled has ended: frames that it logged, since they are older than
 * itself, are the outer block's own again, whose undo must not touch them. */
void ame__stm_forget_frames(struct ame_tx *tx, const struct ame__savepoint *savepoint);

/* Validates the read set and the counts read and moves the snapshot to the clock's
 * time, and the clock to that of `version` before, if it is behind; aborts the block when something
 * has changed. */
void ame__stm_extend(struct ame_tx *tx, uint64_t version);

/* Waits until every other software block has ended or taken its snapshot after
 * the call: nobody holds a pointer any more that he read before. The caller
 * must not be inside a software block. */
void ame__stm_quiesce(struct ame_tx *tx);

/* The oldest snapshot of all other blocks that run: what commits up to that version have unlinked
 * nobody can reach any more. Moves the clock to that of `version`, so that later ones do not
 * lie below it. The caller must not be inside a software block. */
uint64_t ame__stm_oldest_snapshot(struct ame_tx *self, uint64_t version);

/* Waits until no other block's snapshot lies below `version`: of those that may have read what this
 * one has locked, or of all. */
enum ame__readers { AME__READERS_OF_LOCKED, AME__READERS_ALL };
void ame__stm_wait_for_snapshots(struct ame_tx *self, uint64_t version, enum ame__readers which);

/* Before an attempt, when the last one was wounded, be it too late: lets the older
 * block get the stripe that it wanted, or it would have to wound this one too. */
void ame__stm_give_way(struct ame_tx *tx);

/* The barriers for any number of bytes; `place` is the access to report. */
void ame__stm_read(struct ame_tx *tx, void *to_private, const void *from, size_t size,
                   const void *place);
void ame__stm_write(struct ame_tx *tx, void *to, const void *from_private, size_t size,
                    const void *place);
void ame__stm_copy(struct ame_tx *tx, void *to, const void *from, size_t size, const void *place);
void ame__stm_fill(struct ame_tx *tx, void *to, int byte, size_t size, const void *place);

/* Asks the block in software, if there is just one, to let hybrid ones leave no trace (S6). */
void ame__stm_ask_to_show(void);

/* The block has been asked: it shows its reads, and may now be named by a phase SHOWN. The caller
 * validates what it has read so far. */
void ame__stm_answer_to_show(struct ame_tx *tx);

/* Before the block does something that others must not overtake, and its traces do not show. */
void ame__stm_end_shown_phase(struct ame_tx *tx);

/* True if all that was read is still as it was at tx->snapshot; otherwise fills
 * tx->attempt.conflict and tells the reason. */
bool ame__stm_validate(struct ame_tx *tx, enum ame__abort_reason *reason);

/* Sets tx->read_limit: to the snapshot + 1, or to 0 while a signal waits for an answer. */
void ame__stm_allow_reads(struct ame_tx *tx);

/* ---- inside stm/ ---- */

/* tx->read_limit of a hybrid block: all free records lie below it. */
#define AME__HARDWARE_LIMIT AME__LOCKED

/* The hardware has committed the block. */
void ame__stm_commit_hardware(struct ame_tx *tx);
void ame__stm_commit_hardware_watched(struct ame_tx *tx);

/* The block enters; `orec` is read next. */
void ame__stm_enter(struct ame_tx *tx);
void ame__stm_enter_by_read(struct ame_tx *tx, uint32_t orec);

/* The first step of it, for who has a full fence of his own before he asks ame__gate_admits. */
void ame__stm_announce(struct ame_tx *tx);

enum { AME__MANY_OWN_VERSIONS = 64 };

/* Whenever tx->read_limit is 0. Enters a block that has not begun yet; answers tx->signal: a wound
 * aborts the block, a request extends it. */
void ame__stm_answer(struct ame_tx *tx);

/* Of two blocks that run, which one goes first where they meet. */
bool ame__stm_older(const struct ame_tx *a, const struct ame_tx *b);

/* Waits till `orec`, seen as the locked word `seen`, changes; see S4. */
void ame__stm_wait_for_owner(struct ame_tx *tx, uint32_t orec, uint64_t seen, const void *address,
                             const void *place, bool write);

/* Waits till the older block that shields the stripe (readers.h) ends. */
void ame__stm_wait_for_reader(struct ame_tx *tx, struct ame_tx *reader, uint32_t orec,
                              const void *address, const void *place);

/* The version of a stripe that this thread was the last to change: see S2. */
static inline bool ame__own_version(const struct ame_tx *tx, uint64_t orec) {
    return (orec & AME__TAG_MASK) == tx->tag && tx->tag && !ame__orec_locked(orec);
}

/* Reads at most the rest of one stripe, whatever state it is in. */
void ame__stm_read_stripe(struct ame_tx *tx, void *to_private, const void *from, size_t size,
                          const void *place);

static inline bool ame__owned(const struct ame_tx *tx, uint64_t orec) {
    return orec == ((uint64_t)tx | AME__LOCKED);
}

#endif
