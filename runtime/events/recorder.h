/* recorder.h - the one way in for events. Lower layers and the block's life
 * cycle call these; each costs one test of a flag when nothing is recorded.
 *
 * A recording is on when the environment variable AME_RECORD names a file at
 * the first block of the process (`ame record` sets it; empty is off), or from
 * ame_record_start() to ame_record_stop(). A file
 * that exists is never overwritten: the recording then goes to "<file>.<pid>",
 * and so does that of a child process after fork. AME_RECORD_MAX bounds the
 * size in MiB of the abort events in a file (1024 unless set); those beyond it
 * are counted, not kept.
 *
 * Events of an attempt are written after it has ended, never inside a hardware
 * transaction, whose abort would take them along. Each thread gathers its own
 * and writes them about every 100 ms, at first more often, so a killed program
 * loses the last moment and no more.
 *
 * Locks, in the order in which they nest: the list of recorders, one recorder
 * (uncontended but for the moment of exit), the file. */
#ifndef AME_EVENTS_RECORDER_H
#define AME_EVENTS_RECORDER_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ame_abi_block;
struct ame__recorder; /* one thread's buffer */

/* What the last block to lock a stripe was: kept per ownership record while
 * recording, so that a failed validation knows the writer's line. Written by the
 * record's holder, read by others at any time: hints, which may mix. */
struct ame__writer {
    const void *place;   /* of the first access that needed the record */
    const void *address; /* of the same */
    const struct ame_abi_block *block;
    uint64_t bytes;  /* once committed: those of the stripe that were written */
    uint32_t thread; /* ame__recorder_thread of the writer */
    uint32_t flags;  /* AME__OTHER_* bits */
};

/* It may change at any time, and who finds it true a moment too late does no harm: the writers
 * stay where they are once there are any. */
extern volatile bool ame__recording;
extern struct ame__writer *ame__writers; /* by orec index; NULL before the first recording */

/* Opens the recording if AME_RECORD asks for one. Called once, before the first
 * block. A file that can't be written: one warning, and the program runs on
 * without a recording. */
void ame__recorder_start(uint64_t orec_count);

/* The same later, at the program's wish, and its end: see <ame/record.h> for the results. */
int ame__recorder_begin(const char *path);
int ame__recorder_end(void);

/* A moment of this thread, which has the recorder, and the name of the calling thread (its recorder
 * may be NULL: then for its next one). */
void ame__recorder_mark(struct ame__recorder *recorder, const char *text);
void ame__recorder_name_thread(struct ame__recorder *recorder, const char *name);

/* This thread's buffer, or NULL (not recording, or no memory). */
struct ame__recorder *ame__recorder_open_thread(void);

/* The thread ends: its buffer is written out and freed. NULL does nothing. */
void ame__recorder_close_thread(struct ame__recorder *recorder);

/* The number of the thread in the recording; that of NULL is AME__THREAD_UNKNOWN. */
uint32_t ame__recorder_thread(const struct ame__recorder *recorder);

/* Where a conflict was and who was in the way, as far as known. */
struct ame__conflict {
    const void *address;  /* the datum that my access is of */
    const void *my_place; /* my access */
    struct ame__writer other;
};

/* A block has allocated this memory at `place`. Of large memory only the first KB is kept. */
void ame__recorder_allocated(const void *memory, size_t size, const void *place);

/* The block that commits has written `size` bytes of one stripe, whose record it holds: `old` is
 * what they were before. Of each stripe that it locked the first call is the one with size 0. */
void ame__recorder_wrote(struct ame__writer *writer, const void *address, const void *old,
                         uint32_t size);

/* What an attempt waited at others' accesses. */
struct ame__access_wait {
    uint64_t ticks, longest;
    struct ame__conflict at; /* the longest */
    bool write;              /* it was a write that waited there */
};

/* What it waited for blocks as a whole, and which one was the last. */
struct ame__block_wait {
    uint64_t ticks;
    const struct ame_abi_block *block; /* NULL: not known */
};

/* The times of an attempt cover waiting too. After an aborted attempt the next
 * one of the thread belongs to the same block, and what lies between the two
 * (back-off) counts as part of it. */
struct ame__attempt {
    struct ame_abi_block *block;
    uint64_t begin_ticks, end_ticks, waiting_ticks;
    uint32_t way;                   /* enum ame__way (1 hardware, 2 software, 3 serial) */
    uint32_t reason;                /* enum ame__abort_reason; 0: it committed */
    struct ame__conflict conflict;  /* why it was aborted, where a conflict was the reason */
    struct ame__access_wait waited; /* a part of waiting_ticks */
    struct ame__block_wait gate;    /* another part: for those that ran alone, */
    struct ame__block_wait commit;  /* and for those that may have read what it has written */
    const char *serial_why;         /* static: who asked for the serial path, or NULL */
};

/* An attempt ended. Called outside transactions by the thread that owns it. */
void ame__recorder_attempt(struct ame__recorder *recorder, const struct ame__attempt *attempt);

#endif
