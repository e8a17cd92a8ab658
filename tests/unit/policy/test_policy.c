/* The policy as a table: what has happened, and where the block must run next. */
#include "policy/policy.h"

#include <criterion/criterion.h>

#define HISTORY_SERIAL 64u
#define HISTORY_NO_HARDWARE (64u << 8)

static const struct {
    const char *what;
    struct ame__situation situation;
    enum ame__way way;
} table[] = {
    {"serial mode",
     {.mode = AME__MODE_SERIAL, .hardware_works = true, .hardware_phase = true, .has_twin = true},
     AME__SERIAL},
    {"no twin", {.mode = AME__MODE_AUTO, .hardware_works = true}, AME__SERIAL},
    {"first attempt with hardware",
     {.hardware_works = true, .hardware_phase = true, .has_twin = true},
     AME__HTM},
    {"beside software blocks", {.hardware_works = true, .has_twin = true}, AME__HYBRID},
    {"a conflict beside software blocks: again",
     {.hardware_works = true, .has_twin = true, .attempts_htm = 1, .last = AME__ABORT_HTM_CONFLICT},
     AME__HYBRID},
    {"capacity beside software blocks, the first time",
     {.hardware_works = true,
      .has_twin = true,
      .attempts_htm = 1,
      .failures_htm = 1,
      .last = AME__ABORT_HTM_CAPACITY},
     AME__HYBRID},
    {"capacity beside software blocks",
     {.hardware_works = true,
      .has_twin = true,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_CAPACITY},
     AME__STM},
    {"first attempt without", {.has_twin = true}, AME__STM},
    {"software mode on a machine with hardware",
     {.mode = AME__MODE_STM, .hardware_works = true, .hardware_phase = true, .has_twin = true},
     AME__STM},
    {"hardware conflict: again",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 1,
      .last = AME__ABORT_HTM_CONFLICT},
     AME__HTM},
    {"hardware conflicts, many",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 10,
      .last = AME__ABORT_HTM_CONFLICT},
     AME__HTM_ALONE},
    {"hardware conflicts, many, beside software blocks",
     {.hardware_works = true,
      .has_twin = true,
      .attempts_htm = 10,
      .last = AME__ABORT_HTM_CONFLICT},
     AME__STM},
    {"capacity, of a block that has always fitted: perhaps by chance",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 1,
      .failures_htm = 1,
      .last = AME__ABORT_HTM_CAPACITY},
     AME__HTM},
    {"capacity twice",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_CAPACITY},
     AME__STM},
    {"capacity, known to fail in hardware: at once to software",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .history = 1u << 8,
      .attempts_htm = 1,
      .failures_htm = 1,
      .last = AME__ABORT_HTM_CAPACITY},
     AME__STM},
    {"capacity in htm mode as well",
     {.mode = AME__MODE_HTM,
      .hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_CAPACITY},
     AME__STM},
    {"page fault: once more",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 1,
      .failures_htm = 1,
      .last = AME__ABORT_HTM_OTHER},
     AME__HTM},
    {"page fault again: software",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_OTHER},
     AME__STM},
    {"page fault again, and it was chosen to touch what may be missing",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .history = 1u << 8,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_OTHER,
      .touches = true},
     AME__SERIAL},
    {"the same, but it has never committed after that",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_OTHER,
      .touches = true},
     AME__STM},
    {"capacity misses nothing",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_CAPACITY,
      .touches = true},
     AME__STM},
    {"too large this time, and short",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_CAPACITY,
      .ticks_left = 1 << 16},
     AME__SERIAL},
    {"interrupted twice, and short",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_OTHER,
      .ticks_left = 1},
     AME__SERIAL},
    {"too large this time, but it takes long",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_CAPACITY,
      .ticks_left = (1 << 16) + 1},
     AME__STM},
    {"too large this time, and short, but software blocks run",
     {.hardware_works = true,
      .has_twin = true,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_CAPACITY,
      .ticks_left = 1},
     AME__STM},
    {"too large most times, and short",
     {.mode = AME__MODE_HTM,
      .hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .history = HISTORY_NO_HARDWARE,
      .attempts_htm = 2,
      .failures_htm = 2,
      .last = AME__ABORT_HTM_CAPACITY,
      .ticks_left = 1},
     AME__STM},
    {"it can't run in hardware, though short",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 1,
      .failures_htm = 1,
      .last = AME__ABORT_HTM_EXPLICIT,
      .ticks_left = 1},
     AME__STM},
    {"page fault after conflicts: once more",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 5,
      .failures_htm = 1,
      .last = AME__ABORT_HTM_OTHER},
     AME__HTM},
    {"once in software, stays there",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .attempts_htm = 1,
      .attempts_stm = 1,
      .last = AME__ABORT_READ_CHANGED},
     AME__STM},
    {"starving: alone",
     {.has_twin = true, .attempts_stm = 12, .last = AME__ABORT_READ_CHANGED},
     AME__SERIAL},
    {"after a retry, begins anew",
     {.has_twin = true, .attempts_htm = 1, .last = AME__ABORT_RETRY},
     AME__STM},
    {"after a retry, mostly serial",
     {.has_twin = true, .history = HISTORY_SERIAL, .last = AME__ABORT_RETRY},
     AME__SERIAL},
    {"asked for serial",
     {.has_twin = true, .attempts_stm = 1, .last = AME__ABORT_SERIAL},
     AME__SERIAL},
    {"no memory for logs",
     {.has_twin = true, .attempts_stm = 1, .last = AME__ABORT_MEMORY},
     AME__SERIAL},
    {"mostly serial so far", {.has_twin = true, .history = HISTORY_SERIAL}, AME__SERIAL},
    {"hardware mostly failed",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .history = HISTORY_NO_HARDWARE},
     AME__STM},
    {"hardware mostly failed, and it is short, and nobody else is there",
     {.hardware_works = true,
      .has_twin = true,
      .history = HISTORY_NO_HARDWARE | 20u << 22,
      .ticks_alone = 1 << 20},
     AME__SERIAL},
    {"hardware mostly failed, but it takes long",
     {.hardware_works = true,
      .has_twin = true,
      .history = HISTORY_NO_HARDWARE | 21u << 22,
      .ticks_alone = 1 << 20},
     AME__STM},
    {"hardware mostly failed, and how long it takes is not known",
     {.hardware_works = true,
      .has_twin = true,
      .history = HISTORY_NO_HARDWARE,
      .ticks_alone = 1 << 20},
     AME__STM},
    {"there is no hardware, and it is short, and nobody else is there",
     {.has_twin = true, .history = 20u << 22, .ticks_alone = 1 << 20},
     AME__SERIAL},
    {"there is no hardware, and it is short, but somebody is there",
     {.has_twin = true, .history = 20u << 22},
     AME__STM},
    {"short, but hardware often runs it",
     {.hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .history = 20u << 22,
      .ticks_alone = 1 << 20},
     AME__HTM},
    {"hardware mostly failed, but forced",
     {.mode = AME__MODE_HTM,
      .hardware_works = true,
      .hardware_phase = true,
      .has_twin = true,
      .history = HISTORY_NO_HARDWARE},
     AME__HTM},
};

Test(policy, table) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        cr_expect_eq(ame__policy_choose(&table[i].situation), table[i].way, "%s", table[i].what);
}

static const struct ame__lesson nothing,
    asked_for_serial = {.asked_for_serial = true}, hardware_failed = {.hardware_failed = true},
    hybrid_failed = {.hybrid_failed = true}, was_long = {.was_long = true},
    in_hardware = {.in_hardware = true},
    all = {
        .asked_for_serial = true, .hardware_failed = true, .hybrid_failed = true, .was_long = true};

static bool serial_at_once(uint32_t history) {
    struct ame__situation s = {.has_twin = true, .history = history};
    return ame__policy_choose(&s) == AME__SERIAL;
}

Test(policy, learns_that_a_block_always_needs_to_be_alone_and_forgets_it) {
    uint32_t history = 0;
    for (int i = 0; i < 3; i++)
        history = ame__policy_learn(history, asked_for_serial);
    cr_assert(serial_at_once(history));
    int commits = 0;
    while (serial_at_once(history) && commits < 1000) {
        history = ame__policy_learn(history, nothing);
        commits++;
    }
    cr_assert_lt(commits, 100, "the other ways must be tried again some time");
}

Test(policy, one_request_among_many_does_not_stick) {
    uint32_t history = ame__policy_learn(0, asked_for_serial);
    cr_assert_not(serial_at_once(history));
}

Test(policy, learns_that_hardware_fails) {
    uint32_t history = 0;
    struct ame__situation s = {.hardware_works = true, .hardware_phase = true, .has_twin = true};
    for (int i = 0; i < 10; i++)
        history = ame__policy_learn(history, hardware_failed);
    s.history = history;
    cr_assert_eq(ame__policy_choose(&s), AME__STM);
    for (int i = 0; i < 300; i++)
        s.history = ame__policy_learn(s.history, nothing);
    cr_assert_eq(ame__policy_choose(&s), AME__HTM);
}

/* Of `of` blocks one fails, and the others commit in hardware: whether they are still tried there.
 */
static bool stays_in_hardware(unsigned of) {
    struct ame__situation s = {.hardware_works = true, .hardware_phase = true, .has_twin = true};
    for (unsigned i = 0; i < 1000; i++) {
        if (ame__policy_choose(&s) != AME__HTM)
            return false;
        struct ame__lesson lesson = i % of ? in_hardware : hardware_failed;
        s.history = ame__policy_learn(s.history, lesson);
    }
    return true;
}

Test(policy, stays_in_hardware_while_most_blocks_fit) {
    cr_assert(stays_in_hardware(4));
    cr_assert_not(stays_in_hardware(2));
}

/* As its twin it may need more room than the hardware has, and as it is written not. */
Test(policy, learns_what_fails_beside_software_blocks_by_itself) {
    struct ame__situation s = {.hardware_works = true, .has_twin = true};
    s.history = ame__policy_learn(0, hybrid_failed);
    cr_assert_eq(ame__policy_choose(&s), AME__HYBRID, "once may be by chance");
    s.attempts_htm = 1;
    s.last = AME__ABORT_HTM_CAPACITY;
    cr_assert_eq(ame__policy_choose(&s), AME__STM, "but not twice");
    s.attempts_htm = 0;
    s.last = AME__ABORT_NONE;
    for (int i = 0; i < 10; i++)
        s.history = ame__policy_learn(s.history, hybrid_failed);
    cr_assert_eq(ame__policy_choose(&s), AME__STM);
    s.hardware_phase = true;
    cr_assert_eq(ame__policy_choose(&s), AME__HTM);
    s.hardware_phase = false;
    for (int i = 0; i < 8; i++)
        s.history = ame__policy_learn(s.history, nothing);
    cr_assert_eq(ame__policy_choose(&s), AME__HYBRID, "it is tried again some time");
}

Test(policy, learns_that_a_block_is_long_and_forgets_it) {
    uint32_t history = ame__policy_learn(0, was_long);
    cr_assert_not(ame__policy_is_long(history), "once may be by chance");
    history = ame__policy_learn(history, was_long);
    cr_assert(ame__policy_is_long(history));
    for (int i = 0; i < 10; i++)
        history = ame__policy_learn(history, nothing);
    cr_assert_not(ame__policy_is_long(history));
}

Test(policy, counters_stop_at_their_bounds) {
    uint32_t history = 0;
    for (int i = 0; i < 1000; i++)
        history = ame__policy_learn(history, all);
    cr_assert_eq(history, 15u << 28 | 63u << 16 | 255u << 8 | 255u);
    for (int i = 0; i < 1000; i++)
        history = ame__policy_learn(history, nothing);
    cr_assert_eq(history, 0);
}

Test(policy, keeps_how_long_a_block_took_in_software) {
    uint32_t history =
        ame__policy_learn(64u << 8, (struct ame__lesson){.ticks = 1000, .hardware_failed = true});
    struct ame__situation s = {.has_twin = true, .history = history, .ticks_alone = 1024};
    cr_assert_eq(ame__policy_choose(&s), AME__SERIAL);
    s.ticks_alone = 1023;
    cr_assert_eq(ame__policy_choose(&s), AME__STM);
    s.history = ame__policy_learn(history, (struct ame__lesson){.hardware_failed = true});
    s.ticks_alone = 1024;
    cr_assert_eq(ame__policy_choose(&s), AME__SERIAL, "not forgotten");
    s.history = ame__policy_learn(history, (struct ame__lesson){.beside_others = true});
    cr_assert_eq(ame__policy_choose(&s), AME__STM, "now there are others");
}
