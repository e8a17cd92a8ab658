/* attempts.c - what a thread's attempts add to its buffer. */
#include "base/arch.h"
#include "events/allocations.h"
#include "events/buffer.h"
#include "events/file.h"

#include <stddef.h>
#include <string.h>

enum {
    EVENTS_OF_ATTEMPT = 6, /* at most: it waited in four ways, and was aborted, or long */
    FIRST_FLUSH =
        64,       /* so small a part of the interval comes before it, and before the next more */
    SLICES = 100, /* long commits that are events, between two flushes */
};

/* ---- writing out ---- */

static void flush_events(struct ame__recorder *recorder) {
    size_t count = recorder->event_count;
    if (count && !ame__file_append_events(recorder->events, count * sizeof *recorder->events))
        for (size_t i = 0; i < count; i++)
            recorder->events_dropped += recorder->events[i].count;
    recorder->event_count = 0;
}

void ame__buffer_event(struct ame__recorder *recorder, const struct ame__event *event) {
    recorder->events[recorder->event_count++] = *event;
}

/* What has passed since previous_end, without what is in the totals of it. */
static uint64_t open_gap(const struct ame__recorder *recorder, uint64_t now) {
    uint64_t passed = now > recorder->previous_end ? now - recorder->previous_end : 0;
    return passed > recorder->gap_waited ? passed - recorder->gap_waited : 0;
}

/* It goes to the gaps: nothing in it was watched. */
static void close_gap(struct ame__recorder *recorder, uint64_t now) {
    uint64_t gap = open_gap(recorder, now);
    recorder->gaps_ticks += gap;
    recorder->outside_ticks += gap;
    recorder->gap_waited = 0;
    if (now > recorder->previous_end)
        recorder->previous_end = now;
}

static uint64_t commits_of(const struct ame__block_totals *totals) {
    return totals->commits_htm + totals->commits_stm + totals->commits_serial;
}

/* With the time of the thread up to `now`, of which they are parts. */
static void flush_totals(struct ame__recorder *recorder, uint64_t now) {
    struct ame__block_totals used[AME__TOTALS];
    size_t count = 0;
    for (size_t i = 0; i < AME__TOTALS; i++) {
        struct ame__block_totals *totals = &recorder->totals[i];
        if (commits_of(totals) + totals->aborts)
            used[count++] = *totals;
        /* The block stays in the table: its name need not be looked for again. */
        memset(&totals->commits_htm, 0,
               offsetof(struct ame__block_totals, thread) -
                   offsetof(struct ame__block_totals, commits_htm));
    }
    struct ame__thread_chunk thread = {
        .thread = recorder->thread,
        .begin_ticks = recorder->begin_ticks,
        .end_ticks = now,
        .outside_ticks = recorder->outside_ticks + open_gap(recorder, now),
        .events_dropped = recorder->events_dropped,
    };
    if (count)
        ame__file_append_two(&(struct ame__chunk){AME__CHUNK_TOTALS, used, count * sizeof *used},
                             &(struct ame__chunk){AME__CHUNK_THREAD, &thread, sizeof thread});
    else
        ame__file_append(AME__CHUNK_THREAD, &thread, sizeof thread, NULL, 0);
}

/* The slot of `block`, or the free one where it belongs. */
static struct ame__block_totals *find_totals(struct ame__recorder *recorder,
                                             const struct ame_abi_block *block) {
    size_t slot = (uintptr_t)block / 16;
    for (;; slot++) {
        struct ame__block_totals *totals = &recorder->totals[slot % AME__TOTALS];
        if (!totals->block || totals->block == (uint64_t)block)
            return totals;
    }
}

/* That of `block`, which has a name in the file. When half the table is full it goes to the file.
 */
struct ame__block_totals *ame__buffer_totals(struct ame__recorder *recorder,
                                             const struct ame_abi_block *block) {
    struct ame__block_totals *totals = find_totals(recorder, block);
    if (AME__LIKELY(totals->block))
        return totals;
    if (recorder->blocks++ == AME__TOTALS / 2) {
        flush_totals(recorder, recorder->previous_end);
        memset(recorder->totals, 0, sizeof recorder->totals);
        recorder->blocks = 1;
        totals = find_totals(recorder, block);
    }
    *totals = (struct ame__block_totals){.block = (uint64_t)block, .thread = recorder->thread};
    return totals;
}

void ame__buffer_flush(struct ame__recorder *recorder, uint64_t now) {
    /* Another processor's clock may be a little behind that of the owner. */
    now = now > recorder->previous_end ? now : recorder->previous_end;
    ame__sites_add_unwatched(recorder, recorder->gaps_ticks + open_gap(recorder, now));
    ame__pairs_write(recorder);
    flush_events(recorder);
    flush_totals(recorder, now);
    if (!recorder->named && *recorder->name) {
        struct ame__name_chunk name = {.thread = recorder->thread};
        recorder->named = ame__file_append(AME__CHUNK_NAME, &name, sizeof name, recorder->name,
                                           strlen(recorder->name) + 1);
    }
    /* What has passed since the last end is accounted for, though an attempt may be in it. */
    recorder->gaps_ticks = 0;
    recorder->slices = 0;
    if (recorder->interval < ame__rates.flush_interval)
        recorder->interval *= 2;
    recorder->flush_ticks = now + recorder->interval;
}

/* ---- totals ---- */

static void add_to_totals(struct ame__block_totals *totals, const struct ame__attempt *attempt,
                          uint64_t worked, uint64_t waited) {
    totals->waiting_ticks += waited;
    if (attempt->reason) {
        totals->aborts++;
        totals->wasted_ticks += worked;
        return;
    }
    if (!attempt->begin_ticks) /* it was counted before */
        return;
    totals->committed_ticks += worked;
    totals->commits_htm += attempt->way == 1;
    totals->commits_stm += attempt->way == 2;
    totals->timed++;
    totals->left_hardware += attempt->left_hardware && attempt->way == 2;
    totals->merged += attempt->merged;
    totals->allocated += attempt->allocated;
    if (attempt->allocated > totals->allocated_most)
        totals->allocated_most = attempt->allocated;
    if (attempt->way == 3) {
        totals->commits_serial++;
        totals->serial_ticks += worked;
    }
}

/* ---- events ---- */

static struct ame__event event_of(const struct ame__recorder *recorder,
                                  const struct ame__attempt *attempt,
                                  const struct ame__loss *loss) {
    const struct ame__pair_key *key = &loss->key;
    struct ame__event event = {
        .ticks = attempt->end_ticks,
        .lost = loss->ticks,
        .own = loss->ticks / loss->count,
        .block = key->block,
        .my_place = key->my_place,
        .other_block = key->other_block,
        .other_place = key->other_place,
        .why = (uint64_t)attempt->serial_why,
        .reason = key->reason,
        .thread = recorder->thread,
        .other_thread = AME__THREAD_UNKNOWN,
        .hardware_code = key->hardware_code,
        .count = loss->count,
    };
    const struct ame__conflict *conflict = loss->conflict;
    if (conflict) {
        event.address = (uint64_t)conflict->address;
        event.other_address = (uint64_t)conflict->other.address;
        event.other_bytes = conflict->other.bytes;
        event.flags = conflict->other.flags;
        if (conflict->other.block)
            event.other_thread = conflict->other.thread;
    }
    return event;
}

static struct ame__loss loss_at(const struct ame__attempt *attempt, uint32_t reason, uint64_t ticks,
                                const struct ame__conflict *conflict) {
    return (struct ame__loss){
        .key = {.block = (uint64_t)attempt->block,
                .my_place = (uint64_t)conflict->my_place,
                .other_block = (uint64_t)conflict->other.block,
                .other_place = (uint64_t)conflict->other.place,
                .reason = reason,
                .hardware_code = attempt->reason == reason ? attempt->hardware_code : 0},
        .ticks = ticks,
        .count = 1,
        .conflict = conflict,
    };
}

/* There is no access of the other block, or none that is known. */
static struct ame__loss loss_to_block(const struct ame__attempt *attempt, uint32_t reason,
                                      uint64_t ticks, const void *place,
                                      const struct ame_abi_block *other) {
    return (struct ame__loss){.key = {.block = (uint64_t)attempt->block,
                                      .my_place = (uint64_t)place,
                                      .other_block = (uint64_t)other,
                                      .reason = reason},
                              .ticks = ticks,
                              .count = 1};
}

/* What an attempt may have lost: by its abort, and in waits of three kinds. */
struct losses {
    struct ame__loss all[4];
    unsigned count;
};

static void add_block_wait(struct losses *losses, const struct ame__attempt *attempt,
                           uint32_t reason, const struct ame__block_wait *wait) {
    if (!wait->count)
        return;
    struct ame__loss *loss = &losses->all[losses->count++];
    *loss = loss_to_block(attempt, reason, wait->ticks, NULL, wait->block);
    loss->count = wait->count;
}

static void find_losses(struct losses *losses, const struct ame__attempt *attempt,
                        uint64_t worked) {
    const struct ame__access_wait *wait = &attempt->waited;
    losses->count = 0;
    if (attempt->reason)
        losses->all[losses->count++] =
            loss_at(attempt, attempt->reason, worked, &attempt->conflict);
    if (wait->ticks)
        losses->all[losses->count++] =
            loss_at(attempt, wait->write ? AME__RECORDED_WRITE_WAITED : AME__RECORDED_READ_WAITED,
                    wait->ticks, &wait->at);
    add_block_wait(losses, attempt, AME__RECORDED_GATE_WAITED, &attempt->gate);
    add_block_wait(losses, attempt, AME__RECORDED_COMMIT_WAITED, &attempt->commit);
}

static bool is_wait(const struct ame__loss *loss) {
    return loss->key.reason >= AME__RECORDED_READ_WAITED;
}

/* `timed`: what the attempt worked is known. */
static void record_loss(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                        const struct ame__loss *loss, bool timed) {
    struct ame__event event = event_of(recorder, attempt, loss);
    event.allocated_at = ame__allocated_at((const void *)event.address);
    ame__pairs_record(recorder, loss, &event, timed || is_wait(loss));
    ame__buffer_event(recorder, &event);
}

/* These are rare, or short beside what they tell of: each is an event. */
static void add_other_events(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                             uint64_t worked) {
    const struct ame__retry_wait *retried = &attempt->retried;
    if (retried->count) {
        struct ame__loss slept = loss_to_block(attempt, AME__RECORDED_RETRIED, retried->ticks,
                                               retried->place, retried->woken_by);
        struct ame__event event = event_of(recorder, attempt, &slept);
        event.repeated = retried->count;
        ame__buffer_event(recorder, &event);
    }
    if (!attempt->reason && worked >= ame__rates.long_block && recorder->slices < SLICES) {
        recorder->slices++;
        struct ame__loss is_long = loss_to_block(attempt, AME__RECORDED_LONG, worked, NULL, NULL);
        struct ame__event event = event_of(recorder, attempt, &is_long);
        ame__buffer_event(recorder, &event);
    }
}

/* ---- an attempt ---- */

/* Names new to this thread go to the file before its own lock is taken: looking
 * modules up takes the dynamic loader's. Only the owner changes the table, so it
 * may look without the lock. */
static void name_what_is_new(struct ame__recorder *recorder, const struct ame__attempt *attempt) {
    if (AME__UNLIKELY(!find_totals(recorder, attempt->block)->block)) {
        ame__file_name_block(attempt->block);
        ame__sites_count(attempt->block);
    }
    if (AME__UNLIKELY(attempt->serial_why != NULL))
        ame__file_name_text(attempt->serial_why);
}

/* A program's first threads watch all for a while. Those of one that starts threads again and again
 * would never end to. */
static uint64_t first_credit(uint64_t session) {
    enum { THREADS = 8 };
    static ame__word given; /* in the latest recording: its number, and below it a count */
    const unsigned shift = 8;
    uint64_t before = ame__load_relaxed(&given);
    uint64_t count = before >> shift == session ? before % (1 << shift) : 0;
    if (count >= THREADS)
        return 0;
    ame__store_relaxed(&given, session << shift | (count + 1)); /* a race gives one more */
    return ame__rates.first_credit;
}

void ame__buffer_begin(struct ame__recorder *recorder, uint64_t session, uint64_t now) {
    ame__sites_begin(recorder, session);
    recorder->watching->session = session;
    recorder->random = now | 1;
    recorder->credit = first_credit(session);
    recorder->used = recorder->finished = recorder->named = false;
    recorder->last_end = recorder->events_dropped = 0;
    recorder->outside_ticks = recorder->gaps_ticks = recorder->gap_waited = 0;
    recorder->loss_credit = (int64_t)recorder->credit;
    recorder->last_loss = now;
    ame__pairs_forget(recorder);
    recorder->blocks = recorder->event_count = recorder->slices = 0;
    memset(recorder->totals, 0, sizeof recorder->totals);
    recorder->begin_ticks = recorder->previous_end = now;
    recorder->interval = ame__rates.flush_interval / FIRST_FLUSH + 1;
    recorder->flush_ticks = now + recorder->interval;
}

/* The thread's first attempt in this recording: only the owner does this, since it looks at the
 * table without the lock. */
static void enter_session(struct ame__recorder *recorder, uint64_t now) {
    if (AME__LIKELY(recorder->watching->session == ame__session))
        return;
    pthread_mutex_lock(&recorder->lock);
    ame__buffer_begin(recorder, ame__session, now);
    pthread_mutex_unlock(&recorder->lock);
}

void ame__recorder_joins(struct ame__recorder *recorder) {
    enter_session(recorder, ame__ticks());
}

/* What the attempt worked and waited; what lies before it goes to the gaps. */
struct parts {
    uint64_t worked, waited;
};

static struct parts divide(struct ame__recorder *recorder, const struct ame__attempt *attempt) {
    uint64_t end = attempt->end_ticks, waited = attempt->waiting_ticks, worked;
    if (attempt->begin_ticks) {
        uint64_t begin = recorder->last_end ? recorder->last_end : attempt->begin_ticks;
        uint64_t length = end > begin ? end - begin : 0;
        waited = waited < length ? waited : length;
        worked = length - waited;
        close_gap(recorder, begin);
        recorder->previous_end = begin + length;
    } else {
        float known = ame__sites_mean(recorder, attempt->block, attempt->way);
        uint64_t mean = attempt->reason ? (uint64_t)known : 0, gap = open_gap(recorder, end);
        waited = waited < gap ? waited : gap;
        worked = mean < gap - waited ? mean : gap - waited;
        recorder->gap_waited += waited + worked;
        close_gap(recorder, end);
    }
    return (struct parts){worked, waited};
}

/* A note takes about 100 ticks, most of them for lines of memory. */
static size_t notes_for(uint64_t ticks, size_t notes_left) {
    enum { TICKS_FOR_NOTE = 20000, MOST = 1 << 20 };
    size_t more = (size_t)(ticks / TICKS_FOR_NOTE);
    return more < MOST - notes_left ? notes_left + more : MOST;
}

static void record_attempt(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                           struct losses *losses) {
    uint64_t previous_end = recorder->previous_end;
    struct ame__block_totals *totals = ame__buffer_totals(recorder, attempt->block);
    struct parts parts = divide(recorder, attempt);
    add_to_totals(totals, attempt, parts.worked, parts.waited);
    for (unsigned i = 0; i < losses->count; i++) {
        struct ame__loss *loss = &losses->all[i];
        if (!is_wait(loss))
            loss->ticks = parts.worked;
        else if (loss->ticks > parts.waited)
            loss->ticks = parts.waited;
        record_loss(recorder, attempt, loss, attempt->begin_ticks != 0);
    }
    add_other_events(recorder, attempt, parts.worked);
    if (!attempt->reason && attempt->begin_ticks)
        ame__sites_learn(recorder, attempt, parts.worked, recorder->previous_end - previous_end);
    recorder->last_end = attempt->reason ? attempt->end_ticks : 0;
}

/* Its time lies in a gap, as that of what goes by unwatched does. */
static void count_attempt(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                          const struct losses *losses) {
    struct ame__block_totals *totals = ame__buffer_totals(recorder, attempt->block);
    uint64_t gap = open_gap(recorder, attempt->end_ticks), waited = attempt->waiting_ticks;
    waited = waited < gap ? waited : gap;
    totals->aborts += attempt->reason != 0;
    totals->waiting_ticks += waited;
    recorder->gap_waited += waited;
    recorder->last_end = 0;
    bool timed = attempt->begin_ticks != 0;
    for (unsigned i = 0; i < losses->count; i++) {
        const struct ame__loss *loss = &losses->all[i];
        if (!ame__pairs_count(recorder, loss, timed || is_wait(loss)))
            record_loss(recorder, attempt, loss, false);
    }
}

/* What took a thread to the serial path, or put it to sleep, takes much longer than its record. */
static bool is_recorded(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                        const struct losses *losses) {
    if ((!attempt->reason && attempt->begin_ticks) || attempt->serial_why || attempt->retried.count)
        return true;
    return losses->count && ame__pairs_in_full(recorder, &losses->all[0], attempt->end_ticks);
}

bool ame__recorder_attempt(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                           size_t *notes_left) {
    struct losses losses;
    bool recorded = false;
    enter_session(recorder, attempt->begin_ticks ? attempt->begin_ticks : attempt->end_ticks);
    name_what_is_new(recorder, attempt);
    uint64_t length = attempt->begin_ticks ? attempt->end_ticks - attempt->begin_ticks : 0;
    uint64_t waited = attempt->waiting_ticks < length ? attempt->waiting_ticks : length;
    find_losses(&losses, attempt, length - waited);
    pthread_mutex_lock(&recorder->lock);
    uint64_t previous_end = recorder->previous_end;
    if (!recorder->finished) {
        recorded = is_recorded(recorder, attempt, &losses);
        if (recorded)
            record_attempt(recorder, attempt, &losses);
        else
            count_attempt(recorder, attempt, &losses);
        recorder->used = true;
        if (AME__UNLIKELY(attempt->end_ticks >= recorder->flush_ticks ||
                          recorder->pair_count >= AME__PAIRS * 3 / 4 ||
                          recorder->event_count >= AME__EVENTS - AME__PAIRS - EVENTS_OF_ATTEMPT)) {
            close_gap(recorder, attempt->end_ticks);
            ame__buffer_flush(recorder, recorder->previous_end);
            ame__file_clock(false);
        }
    }
    pthread_mutex_unlock(&recorder->lock);
    if (notes_left)
        *notes_left = notes_for(recorder->previous_end - previous_end, *notes_left);
    return recorded || !attempt->block->counters; /* it has none to be counted in unwatched */
}
