#include "policy/policy.h"

/* A history is three small counters. SERIAL rises when a block asks for the serial
 * path and falls with each commit: a block that nearly always asks goes there
 * at once, and tries the other ways again from time to time. HARDWARE rises
 * when hardware failed and falls likewise, LENGTH when the block was long. TIME is the number of
 * binary digits of the ticks that it lately took in software, or 0. */
enum {
    SERIAL_SHIFT = 0,
    HARDWARE_SHIFT = 8,
    LENGTH_SHIFT = 16,
    TIME_SHIFT = 24,
    COUNTER_MAX = 255,
    SERIAL_STEP = 32,
    SERIAL_AT_ONCE = 64,
    HARDWARE_STEP = 16,
    HARDWARE_NOT_AT_ALL = 64,
    LENGTH_STEP = 16,
    MOSTLY_LONG = 32,

    /* Conflicts between short hardware blocks mostly pass at the next try. */
    HARDWARE_ATTEMPTS = 10,
    /* Wound-wait lets the oldest block pass other writers, so only reads that
     * change under it can stop a block this often: then it runs alone. */
    SOFTWARE_ATTEMPTS = 12,
};

static unsigned counter(uint32_t history, int shift) {
    return history >> shift & COUNTER_MAX;
}

static uint32_t with_counter(uint32_t history, int shift, unsigned value) {
    if (value > COUNTER_MAX)
        value = COUNTER_MAX;
    return (history & ~((uint32_t)COUNTER_MAX << shift)) | (uint32_t)value << shift;
}

static bool hardware_is_worth_a_try(const struct ame__situation *s) {
    if (!s->hardware_works || s->mode == AME__MODE_STM || s->attempts_htm >= HARDWARE_ATTEMPTS)
        return false;
    if (s->attempts_stm)
        return false; /* software has taken over */
    if (s->last == AME__ABORT_HTM_EXPLICIT)
        return false;
    if (s->last == AME__ABORT_HTM_CAPACITY &&
        (s->attempts_htm >= 2 || counter(s->history, HARDWARE_SHIFT)))
        return false; /* once, a small block may meet this by chance */
    if (s->last == AME__ABORT_HTM_OTHER && s->attempts_htm >= 2)
        return false; /* a page not touched yet aborts each time */
    return s->mode == AME__MODE_HTM || counter(s->history, HARDWARE_SHIFT) < HARDWARE_NOT_AT_ALL;
}

/* A block that fits into hardware and meets others there again and again: while no other runs it
 * takes as long as one of them, in software much longer, and they would have to follow it there.
 * But not beside software blocks, for whose end, which may be far, all would have to wait. */
static bool conflicts_in_hardware(const struct ame__situation *s) {
    return s->hardware_phase && s->attempts_htm == HARDWARE_ATTEMPTS &&
           s->last == AME__ABORT_HTM_CONFLICT;
}

/* What hardware can't run is several times as fast without barriers. */
static bool is_better_alone(const struct ame__situation *s) {
    unsigned time = counter(s->history, TIME_SHIFT);
    return counter(s->history, HARDWARE_SHIFT) >= HARDWARE_NOT_AT_ALL && time &&
           s->ticks_alone >> time;
}

enum ame__way ame__policy_choose(const struct ame__situation *s) {
    if (s->mode == AME__MODE_SERIAL || !s->has_twin)
        return AME__SERIAL;
    if (s->last == AME__ABORT_SERIAL || s->last == AME__ABORT_MEMORY)
        return AME__SERIAL;
    bool begins = s->last == AME__ABORT_NONE || s->last == AME__ABORT_RETRY;
    if (begins && (counter(s->history, SERIAL_SHIFT) >= SERIAL_AT_ONCE || is_better_alone(s)))
        return AME__SERIAL;
    if (hardware_is_worth_a_try(s))
        return s->hardware_phase ? AME__HTM : AME__HYBRID;
    if (conflicts_in_hardware(s))
        return AME__HTM_ALONE;
    return s->attempts_stm < SOFTWARE_ATTEMPTS ? AME__STM : AME__SERIAL;
}

static uint32_t learn(uint32_t history, int shift, bool has_happened, unsigned step) {
    unsigned value = counter(history, shift);
    if (has_happened)
        value += step;
    else if (value)
        value--;
    return with_counter(history, shift, value);
}

static unsigned digits(uint64_t n) {
    return n ? 64 - (unsigned)__builtin_clzll(n) : 0;
}

uint32_t ame__policy_learn(uint32_t history, struct ame__lesson lesson) {
    history = learn(history, SERIAL_SHIFT, lesson.asked_for_serial, SERIAL_STEP);
    history = learn(history, HARDWARE_SHIFT, lesson.hardware_failed, HARDWARE_STEP);
    if (lesson.ticks)
        history = with_counter(history, TIME_SHIFT, digits(lesson.ticks));
    return learn(history, LENGTH_SHIFT, lesson.was_long, LENGTH_STEP);
}

bool ame__policy_is_long(uint32_t history) {
    return counter(history, LENGTH_SHIFT) >= MOSTLY_LONG;
}
