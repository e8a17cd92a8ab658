#include "policy/policy.h"

/* A history is four small counters. SERIAL rises when a block asks for the serial
 * path and falls with each commit: a block that nearly always asks goes there
 * at once, and tries the other ways again from time to time. HARDWARE rises when hardware failed,
 * HYBRID when it failed beside software blocks, where the twin takes more room and others look at
 * its memory: such a block may fit as it is written. LENGTH rises when the block was long. TIME is
 * the number of binary digits of the ticks that it lately took, but for hardware, or 0. */
struct field {
    unsigned shift, max, step;
};
static const struct field SERIAL = {0, 255, 32}, HARDWARE = {8, 255, 16}, LENGTH = {16, 63, 16},
                          TIME = {22, 63, 0}, HYBRID = {28, 15, 4};

enum {
    SERIAL_AT_ONCE = 64,
    HARDWARE_NOT_AT_ALL = 64,
    /* Software takes several times as long: hardware is worth it where a third of a block's
     * attempts fail in vain. One that always fails is tried in one of 16. */
    HARDWARE_SUCCESS = 8,
    HYBRID_NOT_AT_ALL = 8,
    MOSTLY_LONG = 32,

    /* Conflicts between short hardware blocks mostly pass at the next try. */
    HARDWARE_ATTEMPTS = 10,
    /* Wound-wait lets the oldest block pass other writers, so only reads that
     * change under it can stop a block this often: then it runs alone. */
    SOFTWARE_ATTEMPTS = 12,
};

static unsigned counter(uint32_t history, struct field field) {
    return history >> field.shift & field.max;
}

static uint32_t with_counter(uint32_t history, struct field field, unsigned value) {
    if (value > field.max)
        value = field.max;
    return (history & ~((uint32_t)field.max << field.shift)) | (uint32_t)value << field.shift;
}

static bool hardware_is_worth_a_try(const struct ame__situation *s) {
    if (!s->hardware_works || s->mode == AME__MODE_STM || s->attempts_htm >= HARDWARE_ATTEMPTS)
        return false;
    if (s->attempts_stm)
        return false; /* software has taken over */
    if (s->last == AME__ABORT_HTM_EXPLICIT)
        return false;
    if (s->last == AME__ABORT_HTM_CAPACITY &&
        (s->failures_htm >= 2 || counter(s->history, HARDWARE) ||
         (!s->hardware_phase && counter(s->history, HYBRID))))
        return false; /* once, a small block may meet this by chance */
    if (s->last == AME__ABORT_HTM_OTHER && s->failures_htm >= 2)
        return false; /* a page not touched yet aborts each time */
    if (!s->hardware_phase && counter(s->history, HYBRID) >= HYBRID_NOT_AT_ALL)
        return false;
    return s->mode == AME__MODE_HTM || counter(s->history, HARDWARE) < HARDWARE_NOT_AT_ALL;
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
    unsigned time = counter(s->history, TIME);
    bool software = !s->hardware_works || counter(s->history, HARDWARE) >= HARDWARE_NOT_AT_ALL;
    return software && time && s->ticks_alone >> time;
}

/* As the block is written it calls other functions, and may touch other memory, than its twin. What
 * has never been touched, or bound by the dynamic linker, aborts each attempt in hardware, and
 * those in software do not mend it. Alone, it runs as in hardware. But not before it has once
 * failed so and committed all the same: what ends the thread aborts hardware, too. */
static bool needs_a_touch(const struct ame__situation *s) {
    return s->touches && s->last == AME__ABORT_HTM_OTHER && counter(s->history, HARDWARE);
}

/* It mostly fits into hardware, but not this time. In software it would end the phase of plain
 * hardware for all: if it is short, and they are few, they lose less while it runs alone. */
static bool is_shortest_alone(const struct ame__situation *s) {
    enum { SHORT = 1 << 16 };
    return s->hardware_phase && s->ticks_left && s->ticks_left <= SHORT &&
           counter(s->history, HARDWARE) < HARDWARE_NOT_AT_ALL &&
           (s->last == AME__ABORT_HTM_CAPACITY || s->last == AME__ABORT_HTM_OTHER);
}

enum ame__way ame__policy_choose(const struct ame__situation *s) {
    if (s->mode == AME__MODE_SERIAL || !s->has_twin)
        return AME__SERIAL;
    if (s->last == AME__ABORT_SERIAL || s->last == AME__ABORT_MEMORY)
        return AME__SERIAL;
    bool begins = s->last == AME__ABORT_NONE || s->last == AME__ABORT_RETRY;
    if (begins && (counter(s->history, SERIAL) >= SERIAL_AT_ONCE || is_better_alone(s)))
        return AME__SERIAL;
    if (hardware_is_worth_a_try(s))
        return s->hardware_phase ? AME__HTM : AME__HYBRID;
    if (conflicts_in_hardware(s))
        return AME__HTM_ALONE;
    if (needs_a_touch(s) || is_shortest_alone(s))
        return AME__SERIAL;
    return s->attempts_stm < SOFTWARE_ATTEMPTS ? AME__STM : AME__SERIAL;
}

static uint32_t learn(uint32_t history, struct field field, bool has_happened) {
    unsigned value = counter(history, field);
    if (has_happened)
        value += field.step;
    else if (value)
        value--;
    return with_counter(history, field, value);
}

static unsigned digits(uint64_t n) {
    return n ? 64 - (unsigned)__builtin_clzll(n) : 0;
}

uint32_t ame__policy_learn(uint32_t history, struct ame__lesson lesson) {
    history = learn(history, SERIAL, lesson.asked_for_serial);
    if (lesson.in_hardware && counter(history, HARDWARE) > HARDWARE_SUCCESS)
        history = with_counter(history, HARDWARE, counter(history, HARDWARE) - HARDWARE_SUCCESS);
    else
        history = learn(history, HARDWARE, lesson.hardware_failed);
    history = learn(history, HYBRID, lesson.hybrid_failed);
    if (lesson.ticks)
        history = with_counter(history, TIME, digits(lesson.ticks));
    else if (lesson.beside_others)
        history = with_counter(history, TIME, 0);
    return learn(history, LENGTH, lesson.was_long);
}

bool ame__policy_is_long(uint32_t history) {
    return counter(history, LENGTH) >= MOSTLY_LONG;
}
