#include "policy/policy.h"

/* A history is two small counters. SERIAL rises when a block asks for the serial
 * path and falls with each commit: a block that nearly always asks goes there
 * at once, and tries the other ways again from time to time. HARDWARE rises
 * when hardware failed and falls likewise. */
enum {
    SERIAL_SHIFT = 0,
    HARDWARE_SHIFT = 8,
    COUNTER_MAX = 255,
    SERIAL_STEP = 32,
    SERIAL_AT_ONCE = 64,
    HARDWARE_STEP = 16,
    HARDWARE_NOT_AT_ALL = 64,

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
    if (s->last == AME__ABORT_HTM_CAPACITY || s->last == AME__ABORT_HTM_EXPLICIT)
        return false;
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

enum ame__way ame__policy_choose(const struct ame__situation *s) {
    if (s->mode == AME__MODE_SERIAL || !s->has_twin)
        return AME__SERIAL;
    if (s->last == AME__ABORT_SERIAL || s->last == AME__ABORT_MEMORY)
        return AME__SERIAL;
    bool begins = s->last == AME__ABORT_NONE || s->last == AME__ABORT_RETRY;
    if (begins && counter(s->history, SERIAL_SHIFT) >= SERIAL_AT_ONCE)
        return AME__SERIAL;
    if (hardware_is_worth_a_try(s))
        return s->hardware_phase ? AME__HTM : AME__HYBRID;
    if (conflicts_in_hardware(s))
        return AME__HTM_ALONE;
    return s->attempts_stm < SOFTWARE_ATTEMPTS ? AME__STM : AME__SERIAL;
}

uint32_t ame__policy_learn(uint32_t history, bool asked_for_serial, bool hardware_failed) {
    if (AME__LIKELY(!history && !asked_for_serial && !hardware_failed))
        return 0;
    unsigned serial = counter(history, SERIAL_SHIFT);
    unsigned hardware = counter(history, HARDWARE_SHIFT);
    if (asked_for_serial)
        serial += SERIAL_STEP;
    else if (serial)
        serial--;
    if (hardware_failed)
        hardware += HARDWARE_STEP;
    else if (hardware)
        hardware--;
    history = with_counter(history, SERIAL_SHIFT, serial);
    return with_counter(history, HARDWARE_SHIFT, hardware);
}
