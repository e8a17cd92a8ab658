/* run.c - one block, from its first attempt to its commit. */
#include "base/arch.h"
#include "base/diag.h"
#include "base/membarrier.h"
#include "core/threads.h"
#include "count/count.h"
#include "events/recorder.h"
#include "memory/memory.h"
#include "output/output.h"
#include "serial/gate.h"
#include "stm/readers.h"
#include "stm/stm.h"
#include "tx/attempt.h"
#include "tx/cancel.h"
#include "tx/copies.h"
#include "tx/deferred.h"
#include "tx/long_block.h"
#include "tx/mode.h"
#include "tx/retry.h"
#include "tx/watched.h"
#include "watch/watch.h"
#include <ame/abi.h>
#include <ame/atomic.h>
#include <ame/runtime.h>

#include <sched.h>

/* A new version of the ABI changes this name, and old objects no longer link. */
const char ame_abi_version_10 = AME_ABI_VERSION;

/* Before the constructors of programs, in which blocks may run: their first priority is 101. */
__attribute__((constructor(100))) static void runtime_is_loaded(void) {
    ame__refuse_second_runtime();
    ame__fence_all_threads_later();
    ame__recorder_prepare();
}

/* ---- the block ---- */

/* Others read it, as a hint for reports. */
static inline void set_block(struct ame_tx *tx, struct ame_abi_block *block) {
    ame__store_relaxed((ame__word *)&tx->block, (uint64_t)block);
}

/* Of this block; but those that took more than one attempt, or a choice, are of all blocks. */
static uint64_t hardware_commits(const struct ame_tx *tx) {
    const uint64_t *commits = tx->statistics.commits;
    return tx->watching.counters[(size_t)tx->block->counters + AME__HTM] + commits[AME__HTM] +
           commits[AME__HYBRID];
}

/* From now on the thread is back. */
static void comes_back(struct ame_tx *tx) {
    tx->came_back = ame__ticks();
    tx->came_back_to = tx->block;
    tx->came_back_commits = hardware_commits(tx);
}

/* It lost soon after it came back. Not if the block has committed more than once meanwhile: nobody
 * seems to be in its way all the time, whatever aborts it. */
static bool loses_again(const struct ame_tx *tx, uint64_t now) {
    enum { SOON = 1000 }; /* ticks: a few conflicts about one line */
    return now - tx->came_back < SOON &&
           (tx->came_back_to != tx->block || hardware_commits(tx) <= tx->came_back_commits + 1);
}

/* In hardware both may have lost. Who loses seldom tries again at once; who loses again stays away
 * the longer, and the other gets the more done. But a block that writes nothing hardly ever stops
 * the one that stopped it, however often it tries. */
static unsigned steps_back(struct ame_tx *tx, unsigned attempts, uint64_t now) {
    enum { MOST = 5 };
    unsigned steps = loses_again(tx, now) ? tx->steps_back + 1 : 0;
    unsigned least = attempts - 1;
    if (least > 1 && tx->block->kind & AME_ABI_BLOCK_WRITES_NOTHING)
        least = 1;
    if (steps < least)
        steps = least;
    return tx->steps_back = steps < MOST ? steps : MOST;
}

static uint64_t next_random(struct ame_tx *tx) {
    tx->random ^= tx->random << 13; /* xorshift (Marsaglia 2003) */
    tx->random ^= tx->random >> 7;
    tx->random ^= tx->random << 17;
    return tx->random;
}

/* After an abort by another block: lets it get ahead, longer each time. */
static void back_off(struct ame_tx *tx, enum ame__way way, unsigned attempts) {
    uint64_t began = ame__ticks();
    unsigned bound = ame__is_hardware_way(way) ? 4u << 2 * steps_back(tx, attempts, began)
                                               : 16u << (attempts < 8 ? attempts : 8);
    for (uint64_t spins = next_random(tx) % bound; spins; spins--)
        ame__pause();
    if (attempts > 2 && !ame__is_hardware_way(way))
        sched_yield();
    comes_back(tx);
    tx->attempt.waiting_ticks += ame__recording ? tx->came_back - began : 0;
}

/* Software blocks end the hardware phase. It begins again when none runs, for which each thread
 * looks now and then, less often the more often it looked in vain. */
static bool hardware_phase(struct ame_tx *tx) {
    enum { MOST_BLOCKS = 100 }; /* to which the look adds little */
    if (AME__UNLIKELY(ame__load_relaxed(&ame__phase) == AME__PHASE_CLOSED))
        ame__gate_await_open(tx); /* attempts in hardware would be in vain till then */
    if (ame__load_relaxed(&ame__phase) == AME__PHASE_HARDWARE)
        return true;
    if (tx->blocks_since_look++ < tx->blocks_before_look)
        return false;
    tx->blocks_since_look = 0;
    if (ame__mode != AME__MODE_HYBRID && ame__gate_try_hardware()) {
        tx->blocks_before_look = 0;
        return true;
    }
    if (ame__load_relaxed(&ame__phase) == AME__PHASE_SOFTWARE)
        ame__stm_ask_to_show();
    if (tx->blocks_before_look < MOST_BLOCKS)
        tx->blocks_before_look = tx->blocks_before_look * 2 + 4;
    return false;
}

/* Blocks that run in the calls use the descriptor too. */
static AME__COLD void run_deferred_between_attempts(struct ame_tx *tx) {
    struct ame_abi_block *block = tx->block;
    uint64_t age = ame__load_relaxed(&tx->age);
    ame__run_deferred(tx);
    ame__store_relaxed(&tx->age, age);
    set_block(tx, block);
}

/* To a recording, the attempt that found nothing to do is a part of the wait. */
static AME__COLD void sleep_after_retry(struct ame_tx *tx, uint64_t began) {
    uint64_t before = tx->attempt.retried.ticks;
    ame__retry_sleep(tx);
    if (began)
        tx->attempt.waiting_ticks = ame__ticks() - began;
    else
        tx->attempt.waiting_ticks += tx->attempt.retried.ticks - before;
}

static void finish(struct ame_tx *tx) {
    if (tx->dying.count)
        ame__count_destroy_dying(tx);
    ame__run_deferred(tx);
}

/* Of so many blocks that fault in hardware one runs alone instead of in software: enough to touch
 * within milliseconds what they lack, and few enough to be in nobody's way if that is not it. */
enum { BLOCKS_FOR_TOUCH = 256 };

static struct ame__left_hardware *left_hardware(struct ame_tx *tx) {
    return &tx->left_hardware[(uintptr_t)tx->block / sizeof *tx->block % AME__LEFT_SLOTS];
}

/* 0 too where more threads have run blocks than it is better to stop for a while than to send to
 * hybrid blocks: these take two to three times as long, but side by side. */
static uint64_t ticks_left(struct ame_tx *tx) {
    enum { FEW_THREADS = 4 };
    const struct ame__left_hardware *left = left_hardware(tx);
    bool few = ame__load_relaxed(&ame__descriptor_count) <= FEW_THREADS;
    return few && left->block == tx->block ? left->ticks : 0;
}

static void learn_ticks_left(struct ame_tx *tx, uint64_t ticks) {
    struct ame__left_hardware *left = left_hardware(tx);
    uint64_t before = left->block == tx->block ? left->ticks : 0;
    *left = (struct ame__left_hardware){tx->block, before > ticks ? before - before / 2 : ticks};
}

/* An attempt has ended without a commit: what has to be done before the next one. */
static void prepare_next_attempt(struct ame_tx *tx, struct ame__situation *situation,
                                 enum ame__way way, uint64_t began) {
    tx->statistics.aborts[situation->last]++;
    if (AME__UNLIKELY(tx->deferred.count))
        run_deferred_between_attempts(tx);
    if (situation->last == AME__ABORT_RETRY) {
        sleep_after_retry(tx, began);
        situation->attempts_stm = 0; /* a new beginning */
        situation->hardware_works = false;
        return;
    }
    if (ame__is_hardware_way(way)) {
        situation->attempts_htm++;
        situation->failures_htm += situation->last != AME__ABORT_HTM_CONFLICT;
        situation->hardware_phase = hardware_phase(tx); /* its end may be what aborted it */
        situation->touches = way == AME__HTM && next_random(tx) % BLOCKS_FOR_TOUCH == 0;
        situation->ticks_left = ticks_left(tx);
    } else {
        situation->attempts_stm++;
    }
    if (situation->last != AME__ABORT_SERIAL)
        back_off(tx, way, situation->attempts_htm + situation->attempts_stm);
}

/* The same, and records the attempt with the wait for the next one, unless calls come in between;
 * but none that has found nothing to do, which is a part of the wait for something. Whether the
 * next one is to be watched. */
static bool after_abort(struct ame_tx *tx, struct ame__situation *situation, enum ame__way way,
                        uint64_t began, bool recorded) {
    bool calls = tx->deferred.count, left_hardware = situation->attempts_htm > 0, watch = false;
    recorded &= situation->last != AME__ABORT_RETRY;
    if (recorded && calls)
        watch = ame__record_attempt(tx, way, situation->last, began, ame__ticks(), left_hardware);
    prepare_next_attempt(tx, situation, way, began);
    if (recorded && !calls) {
        uint64_t ended = situation->last == AME__ABORT_SERIAL ? ame__ticks() : tx->came_back;
        watch = ame__record_attempt(tx, way, situation->last, began, ended, left_hardware);
        comes_back(tx); /* what that took is no time without a conflict */
    }
    return watch;
}

static bool hardware_gave_up(enum ame__abort_reason reason) {
    return reason == AME__ABORT_HTM_CAPACITY || reason == AME__ABORT_HTM_EXPLICIT ||
           reason == AME__ABORT_HTM_OTHER;
}

static void note_abort(struct ame__lesson *lesson, enum ame__way way,
                       enum ame__abort_reason reason) {
    lesson->asked_for_serial |= reason == AME__ABORT_SERIAL;
    if (hardware_gave_up(reason) && way == AME__HYBRID)
        lesson->hybrid_failed = true;
    else if (hardware_gave_up(reason))
        lesson->hardware_failed = true;
}

/* What threads learn at the same time is lost but for one's: no more than that. */
static AME__NOINLINE void learn(struct ame_tx *tx, struct ame_abi_block *block, uint32_t history,
                                struct ame__lesson lesson) {
    lesson.was_long = tx->read_much > AME__LONG_BLOCK;
    tx->read_much = 0;
    uint32_t learnt = ame__policy_learn(history, lesson);
    if (AME__UNLIKELY(learnt != history))
        block->history = learnt;
}

/* Those that the profiler does not watch are counted for it by block, and nowhere else. */
AME__ALWAYS_INLINE void count_commit(struct ame_tx *tx, const struct ame_abi_block *block,
                                     enum ame__way way, bool watched) {
    if (AME__RECORDS && !watched)
        ame__recorder_counts(&tx->watching, block, ame__recorded_way(way));
    else
        tx->statistics.commits[way]++;
}

/* For so long a block may keep others from running that could as well run in software: as long as
 * no other thread has ever run one. With a log it would take as long as there. */
static uint64_t ticks_alone(void) {
    enum { ABOUT_A_MILLISECOND = 1 << 21 };
    bool only_one = ame__mode == AME__MODE_AUTO && ame__load_relaxed(&ame__descriptor_count) == 1 &&
                    !ame__load_relaxed(&ame__program_retries);
    return only_one ? ABOUT_A_MILLISECOND : 0;
}

/* `tried`: the way of a first attempt that was aborted, for the reason `last`; it `began` then, if
 * it was watched. */
static AME__NOINLINE void run_outermost(struct ame_tx *tx, struct ame_abi_block *block, void *args,
                                        enum ame__way tried, enum ame__abort_reason last,
                                        uint64_t began) {
    struct ame__lesson lesson = {0};
    note_abort(&lesson, tried, last);
    bool new = tried == AME__OUTSIDE || tried == AME__HTM; /* others have not met it yet */
    bool recorded = ame__recording && tx->watching.session == ame__recording;
    bool unwatched = recorded && !began; /* the next attempt may be, or the first was */
    struct ame__situation situation = {
        .mode = ame__mode,
        .hardware_works = ame__hardware_in_use,
        .hardware_phase = ame__hardware_in_use && hardware_phase(tx),
        .has_twin = block->twin != NULL,
        .history = block->history,
        .last = last,
        .ticks_alone = block->history ? ticks_alone() : 0,
    };
    set_block(tx, block);
    if (last)
        unwatched = !after_abort(tx, &situation, tried, began, began || unwatched) && recorded;
    for (;;) {
        enum ame__way way = ame__policy_choose(&situation);
        bool timed =
            (situation.ticks_alone || situation.attempts_htm) && !ame__is_hardware_way(way);
        uint64_t start = timed ? ame__ticks() : 0;
        if (unwatched && situation.last == AME__ABORT_NONE)
            unwatched = ame__recorder_skips(&tx->watching, block, ame__recorded_way(way));
        if (AME__UNLIKELY(ame__recording) && situation.last != AME__ABORT_RETRY)
            began = unwatched ? 0 : ame__begin_watched_attempt(tx);
        situation.last = ame__attempt(tx, block, args, way, new, situation.last, began != 0);
        if (AME__LIKELY(situation.last == AME__ABORT_NONE)) {
            bool counted = unwatched && !began;
            if (AME__UNLIKELY(began || (counted && tx->attempt.waiting_ticks)))
                ame__record_attempt(tx, way, AME__ABORT_NONE, began, ame__ticks(),
                                    situation.attempts_htm > 0);
            count_commit(tx, block, way, !counted);
            if (counted && way == AME__STM && situation.attempts_htm)
                ame__recorder_counts(&tx->watching, block, AME__LEFT_HARDWARE);
            lesson.in_hardware = ame__is_hardware_way(way);
            lesson.hardware_failed &= !lesson.in_hardware;
            lesson.hybrid_failed &= !lesson.in_hardware;
            uint64_t ticks = start ? ame__ticks() - start : 0;
            if (start && situation.attempts_htm)
                learn_ticks_left(tx, ticks);
            lesson.ticks = situation.ticks_alone ? ticks : 0;
            lesson.beside_others = !situation.ticks_alone;
            learn(tx, block, situation.history, lesson);
            finish(tx);
            return;
        }
        note_abort(&lesson, way, situation.last);
        new = (new && way == AME__HTM) || situation.last == AME__ABORT_RETRY;
        unwatched = !after_abort(tx, &situation, way, began, began || unwatched) && recorded;
    }
}

/* Where the first attempt of a block is made of which nothing is known that speaks against it,
 * found in few steps: as the policy would choose. OUTSIDE: there is more to be asked. */
AME__ALWAYS_INLINE enum ame__way usual_way(const struct ame_tx *tx,
                                           const struct ame_abi_block *block) {
    uint64_t at_once = ame__load_relaxed(&tx->at_once);
    if (block->history || !block->twin)
        return AME__OUTSIDE;
    if (at_once & AME__HARDWARE_AT_ONCE && ame__load_relaxed(&ame__phase) == AME__PHASE_HARDWARE)
        return AME__HTM;
    return at_once & AME__SOFTWARE_AT_ONCE ? AME__STM : AME__OUTSIDE;
}

/* OUTSIDE: the policy has to choose. */
static enum ame__way first_way(struct ame_tx *tx, const struct ame_abi_block *block) {
    enum ame__way way = usual_way(tx, block);
    if (way || block->history || !block->twin)
        return way;
    bool hardware = ame__load_relaxed(&tx->at_once) & AME__HARDWARE_AT_ONCE;
    return hardware && !hardware_phase(tx) ? AME__HYBRID : AME__OUTSIDE;
}

AME__ALWAYS_INLINE enum ame__abort_reason first_attempt(struct ame_tx *tx,
                                                        struct ame_abi_block *block, void *args,
                                                        enum ame__way way, bool watched) {
    enum ame__abort_reason reason = AME__ABORT_NONE;
    set_block(tx, block);
    tx->args = args;
    tx->stack_base = (uintptr_t)__builtin_frame_address(0);
    if (way == AME__HTM)
        reason = ame__htm_attempt_in_line(tx, block->plain, args, AME__PHASE_HARDWARE);
    else if (way == AME__STM)
        reason = ame__attempt_in_software(tx, args, true, watched);
    else
        reason = ame__attempt_in_hybrid(tx, block, args, true, watched);
    if (AME__LIKELY(!reason))
        count_commit(tx, tx->block, way, watched);
    return reason;
}

/* A block of the only thread that reads more than a few stripes is faster without barriers, though
 * it then has to close the gate: without hardware, the policy is asked the next time. */
static AME__COLD void learn_from_first_attempt(struct ame_tx *tx) {
    enum { FEW = 8 };
    bool gains = !ame__hardware_in_use && ticks_alone();
    bool few = tx->read_much < FEW;
    tx->much = gains ? FEW : AME__LONG_BLOCK + 1;
    learn(tx, tx->block, 0, (struct ame__lesson){.hardware_failed = gains && !few});
}

static inline void finish_if_need_be(struct ame_tx *tx) {
    if (AME__UNLIKELY(tx->dying.count | tx->deferred.count))
        finish(tx);
    if (AME__UNLIKELY(tx->read_much))
        learn_from_first_attempt(tx);
}

/* After a commit that is counted already. */
static AME__COLD void finish_unwatched(struct ame_tx *tx) {
    if (tx->attempt.waiting_ticks)
        ame__record_attempt(tx, AME__OUTSIDE, AME__ABORT_NONE, 0, tx->attempt.end_ticks, false);
    finish_if_need_be(tx);
}

/* Takes from the descriptor what it would else have to save registers for. */
AME__ALWAYS_INLINE void run_unwatched(struct ame_tx *tx, struct ame_abi_block *block, void *args,
                                      enum ame__way way) {
    enum ame__abort_reason reason = first_attempt(tx, block, args, way, false);
    if (AME__UNLIKELY(reason))
        run_outermost(tx, tx->block, tx->args, way, reason, 0);
    else if (AME__UNLIKELY(tx->dying.count | tx->deferred.count | tx->read_much |
                           (AME__RECORDS ? tx->attempt.waiting_ticks : 0)))
        finish_unwatched(tx);
}

/* Each path is apart, with registers of its own to save. */
static AME__NOINLINE void run_in_hardware(struct ame_tx *tx, struct ame_abi_block *block,
                                          void *args) {
    run_unwatched(tx, block, args, AME__HTM);
}

static AME__NOINLINE void run_in_software(struct ame_tx *tx, struct ame_abi_block *block,
                                          void *args) {
    run_unwatched(tx, block, args, AME__STM);
}

/* It is the block's turn. */
static AME__NOINLINE void run_watched(struct ame_tx *tx, struct ame_abi_block *block, void *args,
                                      enum ame__way way) {
    uint64_t began = ame__begin_watched_attempt(tx);
    enum ame__abort_reason reason = first_attempt(tx, block, args, way, true);
    if (AME__UNLIKELY(reason)) {
        run_outermost(tx, block, args, way, reason, began);
        return;
    }
    ame__record_attempt(tx, way, AME__ABORT_NONE, began, ame__ticks(), false);
    finish_if_need_be(tx);
}

/* Since the thread's last block a recording may have begun, or ended. */
static AME__COLD void look_at_recording(struct ame_tx *tx) {
    ame__tx_looked_at_recording(tx);
    if (tx->watching.session == ame__recording)
        return;
    tx->seen_waits = (struct ame__seen_waits){0};
    if (!ame__recording)
        ame__recorder_rests(&tx->watching);
    else if (tx->recorder)
        ame__recorder_joins(tx->recorder);
    else
        tx->recorder = ame__recorder_open_thread(&tx->watching);
}

static AME__NOINLINE void run_otherwise(struct ame_tx *tx, struct ame_abi_block *block,
                                        void *args) {
    if (AME__UNLIKELY(tx->watching.session != ame__recording ||
                      ame__load_relaxed(&tx->at_once) != ame__at_once))
        look_at_recording(tx);
    enum ame__way way = first_way(tx, block);
    if (!way)
        run_outermost(tx, block, args, way, AME__ABORT_NONE, 0);
    else if (ame__recorder_skips(&tx->watching, block, ame__recorded_way(way)))
        run_unwatched(tx, block, args, way);
    else
        run_watched(tx, block, args, way);
}

/* Only in hardware and on the serial path, where longjmp is the C library's own. */
static AME__COLD void die_of_jump(const struct ame_tx *tx) {
    ame__die("the atomic block in %s was left by longjmp; leave a block with goto or return",
             tx->block->function);
}

static AME__NOINLINE void run_nested(struct ame_tx *tx, struct ame_abi_block *block, void *args,
                                     const void *place) {
    if (AME__UNLIKELY((uintptr_t)__builtin_frame_address(0) > tx->stack_base))
        die_of_jump(tx);
    else if (AME__UNLIKELY(block->kind & AME_ABI_BLOCK_CLOSED) && tx->way != AME__HTM &&
             tx->way != AME__HYBRID)
        ame__run_closed(tx, block, args);
    else if (tx->way != AME__STM && tx->way != AME__HYBRID)
        block->plain(args); /* nested blocks are part of the outer one */
    else if (block->twin)
        block->twin(args);
    else {
        ame__tx_need_serial(tx, block->function, place);
        block->plain(args);
    }
}

static AME__COLD void run_first(struct ame_abi_block *block, void *args) {
    ame__tx_self();
    ame_abi_run(block, args);
}

void ame_abi_run(struct ame_abi_block *block, void *args) {
    struct ame_tx *tx = ame__self;
    if (AME__UNLIKELY(!tx))
        run_first(block, args);
    else if (AME__UNLIKELY(tx->way != AME__OUTSIDE))
        run_nested(tx, block, args, __builtin_return_address(0));
    else {
        enum ame__way way = usual_way(tx, block);
        if (way == AME__HTM && ame__recorder_skips(&tx->watching, block, AME__HTM))
            run_in_hardware(tx, block, args);
        else if (way == AME__STM && ame__recorder_skips(&tx->watching, block, AME__STM))
            run_in_software(tx, block, args);
        else
            run_otherwise(tx, block, args);
    }
}

/* The first attempt was made in line, and aborted. */
void ame_abi_run_after(struct ame_abi_block *block, void *args, uint32_t status) {
    struct ame_tx *tx = ame__self;
    run_outermost(tx, block, args, AME__HTM, ame__htm_aborted(tx, status), 0);
}

/* Ends, too, the destruction of counted objects if the thread was in that. */
void ame__thread_leaves_block(struct ame_tx *tx) {
    bool closed_gate = tx->way == AME__SERIAL || tx->alone;
    if (tx->way == AME__STM && tx->alone && tx->irrevocable) {
        ame__stm_commit(tx);
    } else if (tx->way == AME__STM) {
        ame__stm_rollback(tx);
        ame__deferred_undone(tx, 0);
    } else if (tx->releases.count) {
        ame__count_merge(tx);
    }
    tx->way = AME__OUTSIDE;
    tx->alone = tx->simulated = false;
    tx->read_much = 0;
    tx->irrevocable = NULL;
    ame__long_block_left(tx);
    if (closed_gate) {
        if (ame__anybody_watches())
            ame__wake_all();
        ame__gate_open();
    }
    while (tx->watcher) /* it was cancelled in its sleep */
        ame__watcher_end(&tx->watcher);
    tx->destroying = false;
    if (tx->dying.count)
        ame__count_destroy_dying(tx);
    ame__run_deferred(tx);
    ame__memory_thread_ends(tx);
}

/* ---- asking for the serial path ---- */

static _Noreturn void abort_to_serial(struct ame_tx *tx, const char *why, const void *place) {
    tx->serial_why = why;
    tx->attempt.conflict = (struct ame__conflict){.my_place = place};
    ame__tx_abort(tx, AME__ABORT_SERIAL);
}

void ame__tx_need_serial(struct ame_tx *tx, const char *why, const void *place) {
    if (!tx->alone || tx->simulated)
        abort_to_serial(tx, why, place);
    tx->irrevocable = why;
    ame__savepoints_irrevocable(tx, why);
    if (ame__output_is_kept(tx))
        ame__output_print(tx); /* P3 */
}

void ame_abi_serial(const char *why) {
    struct ame_tx *tx = ame__self;
    if (tx && (tx->way == AME__STM || tx->way == AME__HYBRID))
        ame__tx_need_serial(tx, why, __builtin_return_address(0));
}

void ame_irrevocable(void) {
    if (ame__self && ame__self->way == AME__HTM)
        ame__htm_abort_now();
}

void ame__twin_irrevocable(void) AME__TWIN("ame_irrevocable");
void ame__twin_irrevocable(void) {
    ame__tx_need_serial(ame__self, "ame_irrevocable", __builtin_return_address(0));
}

bool ame_in_block(void) {
    return ame__self && ame__self->way != AME__OUTSIDE;
}
