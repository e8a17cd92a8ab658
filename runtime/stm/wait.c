/* wait.c - who waits for whom: wound-wait on records, privatization (S3, S4). */
#include "base/wait.h"
#include "base/membarrier.h"
#include "count/count.h"
#include "events/format.h"
#include "events/recorder.h"
#include "serial/gate.h"
#include "stm/readers.h"
#include "stm/stm.h"

static uint64_t ticks_if_recording(void) {
    return ame__recording ? ame__ticks() : 0;
}

/* Until it is answered: called again and again by who waits for the answer (L1). */
static void signal_block(struct ame_tx *other, uint64_t bit) {
    /* Full fence: the hints written before are there when the bit is seen, and the bit is before
     * reads are stopped. */
    if (!(ame__load_relaxed(&other->signal) & bit))
        ame__or_full(&other->signal, bit);
    if (ame__load_relaxed(&other->read_limit))
        ame__store_relaxed(&other->read_limit, 0);
}

/* Of a block that runs: it may be another one by now. */
static struct ame__writer block_of(const struct ame_tx *other) {
    return (struct ame__writer){
        .block = (const struct ame_abi_block *)ame__load_relaxed((const ame__word *)&other->block),
        .thread = other->recorded_thread};
}

static AME__COLD void report_wound(struct ame_tx *tx) {
    const void *address = (const void *)ame__load_relaxed(&tx->wound_address);
    uint32_t orec = ame__orec_index(address);
    /* The older block waits for this one. */
    tx->attempt.conflict = (struct ame__conflict){
        .other = block_of((const struct ame_tx *)ame__load_acquire(&tx->wounded_by))};
    tx->attempt.conflict.other.place = (const void *)ame__load_relaxed(&tx->wound_place);
    tx->attempt.conflict.other.address = address;
    for (size_t i = 0; i < tx->locks.count; i++)
        if (tx->locks.entries[i].orec == orec)
            tx->attempt.conflict.my_place = (const void *)(uintptr_t)tx->locks.entries[i].place;
    for (size_t i = 0; i < tx->undo.count && !tx->attempt.conflict.address; i++)
        if (ame__orec_index(tx->undo.entries[i].address) == orec)
            tx->attempt.conflict.address = tx->undo.entries[i].address;
}

void ame__stm_answer(struct ame_tx *tx) {
    if (tx->way == AME__HYBRID) /* signals to this thread's last block are late */
        ame__tx_abort(tx, AME__ABORT_HTM_CONFLICT);
    if (ame__load_relaxed(&tx->snapshot) == AME__INACTIVE) {
        ame__stm_enter(tx);
        return;
    }
    uint64_t signal = ame__load_acquire(&tx->signal);
    if (signal & AME__SIGNAL_WOUND) {
        if (ame__recording)
            report_wound(tx);
        ame__tx_abort(tx, AME__ABORT_WOUNDED);
    }
    signal &= AME__SIGNAL_EXTEND | AME__SIGNAL_SHOW | AME__SIGNAL_FENCE;
    if (signal) {
        ame__stm_show_more(tx);
        ame__and_full(&tx->signal, ~signal); /* V4 */
    }
    if (signal & AME__SIGNAL_SHOW)
        ame__stm_answer_to_show(tx);
    if (signal & (AME__SIGNAL_EXTEND | AME__SIGNAL_SHOW))
        ame__stm_extend(tx, 0); /* who asked has moved the clock to its version */
    else
        ame__stm_allow_reads(tx); /* or the 0 was late: of a signal to this thread's last block */
}

/* Addresses break ties. */
bool ame__stm_older(const struct ame_tx *a, const struct ame_tx *b) {
    uint64_t age_a = ame__load_relaxed(&a->age), age_b = ame__load_relaxed(&b->age);
    return age_a != age_b ? age_a < age_b : a < b;
}

static void wound(struct ame_tx *tx, struct ame_tx *younger, const void *address,
                  const void *place) {
    /* The hints may mix with those of another block that wounds at the same
     * time: they serve reports only. */
    if (!(ame__load_relaxed(&younger->signal) & AME__SIGNAL_WOUND)) {
        ame__store_relaxed(&younger->wound_place, (uint64_t)place);
        ame__store_release(&younger->wounded_by, (uint64_t)tx); /* its descriptor is whole */
        ame__store_relaxed(&younger->wound_address, (uint64_t)address);
    }
    signal_block(younger, AME__SIGNAL_WOUND);
}

static void unpark(struct ame_tx *tx, uint64_t snapshot) {
    /* Full fence: from now on writers wait for this block again (S3); those that
     * did not have locked or changed what they wrote, and validation sees it. */
    ame__store_full(&tx->snapshot, snapshot);
    ame__stm_extend(tx, 0);
}

/* For the profiler: the time since `*began` went to waiting for the access there: the reader's, or
 * that of the record's holder. */
static void count_wait(struct ame_tx *tx, uint64_t *began, const struct ame_tx *reader,
                       const struct ame__writer *holder, uint32_t orec, const void *address,
                       const void *place, bool write) {
    if (!*began)
        return;
    uint64_t ticks = ame__attempt_waited(&tx->attempt, *began);
    *began += ticks;
    tx->attempt.waited.ticks += ticks;
    if (ticks < tx->attempt.waited.longest)
        return;
    tx->attempt.waited.longest = ticks;
    tx->attempt.waited.write = write;
    tx->attempt.waited.at = (struct ame__conflict){.address = address, .my_place = place};
    tx->attempt.waited.at.other = *holder;
    if (!reader)
        ame__recorder_writer(orec, ame__load_acquire(&ame__orecs[orec]),
                             &tx->attempt.waited.at.other);
}

/* Until the record is no longer as seen, or the reader shields it no more. */
static bool must_wait(const struct ame_tx *tx, const struct ame_tx *reader, uint32_t orec,
                      uint64_t seen) {
    return reader ? ame__stm_shields(reader, tx, orec)
                  : ame__load_acquire(&ame__orecs[orec]) == seen;
}

static void wait_for(struct ame_tx *tx, struct ame_tx *owner, struct ame_tx *reader, uint32_t orec,
                     uint64_t seen, const void *address, const void *place, bool write) {
    if (tx->way == AME__HYBRID) /* what it waits for would abort it */
        ame__tx_abort(tx, AME__ABORT_HTM_CONFLICT);
    uint64_t began = ticks_if_recording();
    struct ame__writer holder = {0};
    if (began)
        holder = block_of(reader ? reader : owner);
    unsigned steps = 0;
    /* While a block waits that has written nothing, nobody needs to wait for it, as
     * long as it validates what it has read before it goes on. */
    bool park = !tx->locks.count;
    uint64_t snapshot = ame__load_relaxed(&tx->snapshot);
    if (park) /* release: all its reads are done */
        ame__store_release(&tx->snapshot, AME__PARKED);
    while (must_wait(tx, reader, orec, seen)) {
        /* Again whenever it has been answered: the owner may have aborted and
         * taken the record once more without our seeing it free. If it commits
         * just now, the wound makes its next block give way. */
        if (owner && ame__stm_older(tx, owner))
            wound(tx, owner, address, place);
        if (AME__UNLIKELY(!park && ame__load_relaxed(&tx->signal))) {
            /* The answer may be an abort. */
            count_wait(tx, &began, reader, &holder, orec, address, place, write);
            ame__stm_answer(tx);
        }
        ame__wait_step(&steps);
    }
    count_wait(tx, &began, reader, &holder, orec, address, place, write);
    if (park)
        unpark(tx, snapshot);
}

void ame__stm_wait_for_owner(struct ame_tx *tx, uint32_t orec, uint64_t seen, const void *address,
                             const void *place, bool write) {
    struct ame_tx *owner = (struct ame_tx *)(seen & ~AME__LOCKED);
    wait_for(tx, owner, NULL, orec, seen, address, place, write);
}

void ame__stm_wait_for_reader(struct ame_tx *tx, struct ame_tx *reader, uint32_t orec,
                              const void *address, const void *place) {
    if (!ame__load_relaxed(&reader->holds_up_since))
        ame__store_relaxed(&reader->holds_up_since, ame__ticks());
    wait_for(tx, NULL, reader, orec, 0, address, place, true);
}

void ame__stm_give_way(struct ame_tx *tx) {
    struct ame_tx *older_block = (struct ame_tx *)ame__load_acquire(&tx->wounded_by);
    uint32_t orec = ame__orec_index((const void *)ame__load_relaxed(&tx->wound_address));
    uint64_t age = ame__load_relaxed(&older_block->age);
    unsigned steps = 0;
    /* This thread is outside any block here, so nobody waits for it meanwhile. */
    while (ame__load_acquire(&older_block->snapshot) != AME__INACTIVE &&
           ame__load_relaxed(&older_block->age) == age &&
           !ame__owned(older_block, ame__load_relaxed(&ame__orecs[orec])))
        ame__wait_step(&steps);
}

/* ---- readers of what has changed (S3) ---- */

/* A block whose snapshot lies below the version of the one that waits for it. */
struct behind {
    struct ame_tx *other;
    uint64_t entries; /* of it, when it was met */
    bool asked;       /* to execute a fence */
    bool fenced;      /* has done so since (V4) */
};

/* Blocks that are waited for together. */
enum { MOST_BEHIND = 64 };
struct batch {
    struct ame_tx *self;
    uint64_t version;
    enum ame__readers which;
    size_t count;
    struct behind blocks[MOST_BEHIND];
};

/* Steps of waiting. A short block mostly ends before it would have answered, and asking costs both
 * threads a few misses. */
enum { STEPS_BEFORE_ASKING = 3 };

/* By then it has cost more than a fence in all threads does, and if the reader was without a
 * processor, this thread has offered its own. */
enum { WORTH_A_FENCE = AME__WAIT_PAUSES + 50 };

/* Beside these the profiler's look costs little. */
enum { LONG_WAIT = 20 };

static bool lies_behind(const struct behind *block, const struct batch *batch) {
    const struct ame_tx *other = block->other;
    /* Acquire: pairs with the release stores of snapshots; what the other block did before, its
     * undo included, is done. If its thread has entered another block, that one did so after this
     * thread's fence: it has met what was locked, and can't find what was unlinked. */
    if (ame__load_acquire(&other->snapshot) >= batch->version ||
        ame__load_acquire(&other->entries) != block->entries)
        return false;
    return batch->which == AME__READERS_ALL ||
           ame__stm_may_have_read(other, batch->self, block->fenced);
}

static void ask_to_extend(struct ame_tx *other, uint64_t version) {
    ame__clock_reach(version); /* to which the other moves on, or its thread's next block begins */
    signal_block(other, AME__SIGNAL_EXTEND);
}

/* Hidden reads can be seen once their thread has executed a fence, as it does before it takes the
 * signal back, or enters its next block. Who has read what was changed has to be aborted. */
static void ask(struct behind *block, const struct batch *batch) {
    bool hides = batch->which == AME__READERS_OF_LOCKED && !block->fenced &&
                 ame__load_relaxed(&block->other->traces) == AME__HIDDEN;
    if (!hides) {
        ask_to_extend(block->other, batch->version);
    } else if (!block->asked) {
        signal_block(block->other, AME__SIGNAL_FENCE);
        block->asked = true;
    } else if (ame__load_acquire(&block->other->signal) & AME__SIGNAL_FENCE) {
        signal_block(block->other, AME__SIGNAL_FENCE); /* L1 */
    } else {
        block->fenced = true;
    }
}

static void drop_those_that_do_not_matter(struct batch *batch) {
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++)
        if (lies_behind(&batch->blocks[i], batch))
            batch->blocks[kept++] = batch->blocks[i];
    batch->count = kept;
}

/* V4 */
static void fence_all(struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++)
        ame__store_relaxed(&batch->blocks[i].other->names_wanted, 1);
    if (!ame__fence_all_threads())
        return;
    for (size_t i = 0; i < batch->count; i++)
        batch->blocks[i].fenced = true;
}

/* For the profiler: one that was looked at is over. In a watched attempt it stands for itself, as
 * its time is a part of what is known, and so does whoever has waited for long. */
static void count_commit_wait(struct ame_tx *tx, uint64_t began, bool was_long) {
    bool alone = tx->attempt.begin_ticks || was_long;
    uint64_t ticks = ame__attempt_waited(&tx->attempt, began);
    uint32_t count = alone ? 1 : ame__seen_wait_stands_for(&tx->seen_waits, began);
    tx->attempt.waiting_ticks += ticks * (count - 1);
    tx->attempt.commit.ticks += ticks * count;
    tx->attempt.commit.count += count;
}

/* If it is to be looked at. */
static uint64_t begin_commit_wait(struct ame_tx *tx) {
    bool looks = ame__recording && (tx->attempt.begin_ticks || ame__sees_wait(&tx->seen_waits));
    return looks ? ame__ticks() : 0;
}

static void wait_for_batch(struct batch *batch) {
    struct ame_tx *self = batch->self;
    drop_those_that_do_not_matter(batch);
    if (!batch->count)
        return;
    uint64_t began = begin_commit_wait(self);
    const struct ame_tx *told = NULL;
    unsigned steps = 0;
    for (; batch->count; drop_those_that_do_not_matter(batch)) {
        if (began && told != batch->blocks[0].other) { /* a hint, for reports */
            told = batch->blocks[0].other;
            self->attempt.commit.block = block_of(told).block;
        }
        if (steps >= STEPS_BEFORE_ASKING) /* again and again: L1 */
            for (size_t i = 0; i < batch->count; i++)
                ask(&batch->blocks[i], batch);
        ame__wait_step(&steps);
        if (!began && steps == LONG_WAIT && ame__recording) {
            began = ame__ticks();
            ame__sees_wait_late(&self->seen_waits);
        }
        if (steps == WORTH_A_FENCE && batch->which == AME__READERS_OF_LOCKED)
            fence_all(batch);
    }
    if (began)
        count_commit_wait(self, began, steps >= LONG_WAIT);
}

void ame__stm_wait_for_snapshots(struct ame_tx *self, uint64_t version, enum ame__readers which) {
    struct batch batch;
    batch.self = self;
    batch.version = version;
    batch.which = which;
    batch.count = 0;
    if (which == AME__READERS_ALL)
        ame__fence_full(); /* what has unlinked memory comes before the looks at entries */
    struct ame_tx *other;
    AME__EACH_AWAKE (other) {
        if (other == self || (which == AME__READERS_OF_LOCKED && !ame__stm_in_filter(other, self)))
            continue;
        struct behind block = {.other = other, .entries = ame__load_acquire(&other->entries)};
        if (!lies_behind(&block, &batch))
            continue;
        batch.blocks[batch.count++] = block;
        if (batch.count == MOST_BEHIND)
            wait_for_batch(&batch);
    }
    if (batch.count)
        wait_for_batch(&batch);
}

uint64_t ame__stm_oldest_snapshot(struct ame_tx *self, uint64_t version) {
    uint64_t oldest = AME__INACTIVE;
    ame__clock_reach(version);
    /* Full fence: the stores that unlinked memory come before the looks; a block whose snapshot is
     * not seen does not find it. */
    ame__fence_full();
    struct ame_tx *other;
    AME__EACH_AWAKE (other) {
        /* Acquire: as in lies_behind. */
        uint64_t snapshot = other == self ? AME__INACTIVE : ame__load_acquire(&other->snapshot);
        if (snapshot < oldest)
            oldest = snapshot;
    }
    if (AME__UNLIKELY(ame__load_relaxed(&ame__counts_in_hardware)))
        ame__count_wait_for_additions_after_fence(self); /* C5 */
    return oldest;
}

void ame__stm_quiesce(struct ame_tx *tx) {
    /* Full fence: the caller's unlinking stores come before the looks at the
     * snapshots; a block that begins later can't find what was unlinked. */
    ame__fence_full();
    uint64_t version = ame__clock_time() + 1;
    ame__stm_wait_for_snapshots(tx, version, AME__READERS_ALL);
    ame__count_wait_for_additions_after_fence(tx); /* C5 */
}

void ame__stm_ask_to_show(void) {
    struct ame_tx *other, *running = NULL;
    size_t count = 0;
    AME__EACH_AWAKE (other)
        if (ame__load_relaxed(&other->snapshot) != AME__INACTIVE) {
            running = other;
            count++;
        }
    if (count == 1)
        signal_block(running, AME__SIGNAL_SHOW);
}
