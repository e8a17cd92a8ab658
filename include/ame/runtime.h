/* runtime.h - what the runtime tells about itself.
 *
 * AME_MODE in the environment chooses the ways blocks may run, read once at the
 * first block:
 *   auto    hardware, then software, then serial (the default)
 *   htm     hardware first for every block, whatever the policy has learnt;
 *           where the CPU has no working RTM one line says so and blocks run in
 *           software
 *   hybrid  hardware first, but always with barriers, so that software blocks may run beside
 *   simulated  hardware is simulated, on any machine: attempts in it abort at random, or run alone.
 *           For tests; AME_SIMULATED=SEED,CONFLICT,CAPACITY,OTHER says how often, in percent
 *   stm     software only (serial where a block needs it)
 *   serial  one block at a time
 * Anything else ends the program with a message. */
#ifndef AME_RUNTIME_H
#define AME_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#define AME_VERSION "0.1.0"

/* What has happened since the program began, summed over all threads, those that
 * ended included. Counts of running threads may lag by the block they are in. */
struct ame_statistics {
    uint64_t commits_htm;     /* blocks that committed in hardware */
    uint64_t commits_stm;     /* in software */
    uint64_t commits_serial;  /* on the serial path */
    uint64_t aborts_htm;      /* attempts that hardware gave up */
    uint64_t aborts_conflict; /* software attempts undone: another block was in the way */
    uint64_t aborts_serial;   /* software attempts begun again to run alone */
    uint64_t aborts_memory;   /* software attempts for whose logs no memory was left */
    uint64_t retries;         /* attempts undone by atomic_retry() */
    uint64_t extensions;      /* snapshots moved forward by validation */
    uint64_t reads_recorded;  /* stripes added to read sets by committed blocks */
    uint64_t writes_locked;   /* stripes locked by committed blocks */
    uint64_t counts_merged;   /* deltas merged at commit */
};

/* Fills `statistics`. Any thread; O(number of threads). */
void ame_get_statistics(struct ame_statistics *statistics);

/* Why hardware transactions are or are not used: a static English phrase.
 * Stores in `*works` whether they work on this machine. Takes up to a few
 * microseconds the first time: RTM is tested by running it. */
const char *ame_hardware_status(bool *works);

/* The mode in force: "auto", "htm", "hybrid", "simulated", "stm" or "serial". */
const char *ame_mode_name(void);

/* Size of the ownership record table: records, and bytes that one covers. */
void ame_orec_geometry(uint64_t *records, uint64_t *stripe_bytes);

/* Whether the calling thread is inside a block. */
bool ame_in_block(void);

#pragma GCC visibility pop
#endif
