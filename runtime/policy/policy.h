/* policy.h - the one place that decides where a block runs next: pure functions
 * from what has happened to what to do, tested as a table. */
#ifndef AME_POLICY_POLICY_H
#define AME_POLICY_POLICY_H

#include "core/tx.h"

enum ame__mode {
    AME__MODE_AUTO,
    AME__MODE_HTM,
    AME__MODE_HYBRID,
    AME__MODE_SIMULATED,
    AME__MODE_STM,
    AME__MODE_SERIAL
};

struct ame__situation {
    enum ame__mode mode;
    bool hardware_works;
    bool hardware_phase; /* no software block runs (serial/gate.h) */
    bool has_twin;
    uint32_t history;            /* of this block: ame_abi_block.history */
    unsigned attempts_htm;       /* in hardware, this time */
    unsigned failures_htm;       /* those of them that no conflict aborted */
    unsigned attempts_stm;       /* this time */
    enum ame__abort_reason last; /* of the latest attempt; NONE at first */
    bool touches;        /* by lot: if hardware faults, it runs alone instead of in software */
    uint64_t ticks_left; /* that it took when it left hardware; 0: not known, or many threads run */
    uint64_t ticks_alone; /* for which it may keep others from running */
};

enum ame__way ame__policy_choose(const struct ame__situation *situation);

/* What a block that has committed, perhaps after several attempts, has shown of itself. */
struct ame__lesson {
    bool asked_for_serial; /* an attempt ended because it can't run but alone */
    bool in_hardware;      /* it committed there, or beside software blocks */
    bool hardware_failed;  /* hardware could not run it, for other reasons than conflicts */
    bool hybrid_failed;    /* the same, of its twin beside software blocks */
    uint64_t ticks;        /* that its commit took, but for hardware; 0: not known */
    bool beside_others;    /* which makes that of no use */
    bool was_long;         /* in software it read more than AME__LONG_BLOCK stripes */
};

/* Its history from then on. */
uint32_t ame__policy_learn(uint32_t history, struct ame__lesson lesson);

/* Whether it has mostly been long in software, of late. */
bool ame__policy_is_long(uint32_t history);

#endif
