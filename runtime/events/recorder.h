/* recorder.h - the one way in for events. Lower layers and the block's life
 * cycle call these. When nothing is recorded a block costs one test, of the number by which it is
 * counted, and each record that it locks a store; all else is on paths that are slow anyway.
 *
 * A look at the clock takes longer than many a block. So of the short ones most go by unwatched:
 * they are counted, each of them, by block and way, and timed now and then: what the others took is
 * worked out from these samples when a thread writes to the file. Aborted attempts and waits are
 * recorded one by one as long as that is a small part of the time, and else counted by both places.
 * Short waits of commits are a sample where they are frequent (seen_waits.h).
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

#include "base/arch.h"
#include "base/atomics.h"
#include "base/compiler.h"
#include <ame/abi.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ame__recorder; /* one thread's buffer */

/* An access that was in the way of another, as far as known. */
struct ame__writer {
    const void *place;   /* of the access that needed the record; perhaps its lower half */
    const void *address; /* that was written first; NULL: not known */
    const struct ame_abi_block *block;
    uint64_t bytes;  /* once committed: those of the stripe that were written */
    uint32_t thread; /* ame__recorder_thread of the writer */
    uint32_t flags;  /* AME__OTHER_* bits */
};

/* The number of the recording that is on, or 0. It may change at any time, and who finds it out a
 * moment too late does no harm. */
extern volatile uint64_t ame__recording;
#ifdef AME__NEVER_RECORDS /* for bench/recording_off.sh: nothing of it is compiled */
#define ame__recording UINT64_C(0)
enum { AME__RECORDS = 0 };
#else
enum { AME__RECORDS = 1 };
#endif

/* Opens the recording if AME_RECORD asks for one. Called once, before the first
 * block. A file that can't be written: one warning, and the program runs on
 * without a recording. */
void ame__recorder_start(void);

/* The same later, at the program's wish, and its end: see <ame/record.h> for the results. */
int ame__recorder_begin(const char *path);
int ame__recorder_end(void);

/* A moment of this thread, which has the recorder, and the name of the calling thread (its recorder
 * may be NULL: then for its next one). */
void ame__recorder_mark(struct ame__recorder *recorder, const char *text);
void ame__recorder_name_thread(struct ame__recorder *recorder, const char *name);

struct ame__watching;

/* This thread's buffer, or NULL (not recording, or no memory). `watching` is zero, or was another
 * thread's; it must stay until the buffer is closed. */
struct ame__recorder *ame__recorder_open_thread(struct ame__watching *watching);

/* A later recording has begun, or the thread's has ended and no other has. */
void ame__recorder_joins(struct ame__recorder *recorder);
void ame__recorder_rests(struct ame__watching *watching);

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

/* The allocator, for calls that code at `place` has made: while something is recorded, what they
 * allocate is entered in a table. */
struct ame__allocator {
    void *(*malloc)(size_t size, const void *place);
    void *(*calloc)(size_t count, size_t size, const void *place);
    void *(*realloc)(void *old, size_t size, const void *place);
    void *(*aligned_alloc)(size_t alignment, size_t size, const void *place);
    int (*posix_memalign)(void **result, size_t alignment, size_t size, const void *place);
};
extern struct ame__allocator ame__allocator;

/* Bytes that this thread has allocated while they were to be counted: it grows. */
void ame__recorder_count_bytes(bool count);
uint64_t ame__recorder_allocated_bytes(void);

/* The process begins, no block has run yet: if AME_RECORD asks for a recording, what is allocated
 * from now on is watched. */
void ame__recorder_prepare(void);

/* ---- who wrote where ----
 *
 * A table of notes, of attempts that were watched, and of aborted ones: by them a failed validation
 * knows the writer's line. A note is of an ownership record and a version of it, and written by the
 * record's holder; records share notes, and the latest stays. Hints, which may mix. */

/* An attempt ends that has locked the record, for an access at `place`, and holds it. */
void ame__recorder_writes(uint32_t orec, uint32_t place, const struct ame_abi_block *block,
                          uint32_t thread, bool commits);

/* It has written `size` bytes in the record's stripe: `old` is what they were before. */
void ame__recorder_wrote(uint32_t orec, const void *address, const void *old, uint32_t size);

/* And gives the record this version. */
void ame__recorder_wrote_as(uint32_t orec, uint64_t version);

/* Who gave the record its version, if that is known: else `writer` is left as it is. */
void ame__recorder_writer(uint32_t orec, uint64_t version, struct ame__writer *writer);

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
    uint32_t count; /* so many waits: it stands for others of its thread that nobody looked at */
};

/* What it slept in atomic_retry(). */
struct ame__retry_wait {
    uint64_t ticks;
    const void *place;                    /* of the last call */
    const struct ame_abi_block *woken_by; /* NULL: not known */
    uint32_t count;                       /* calls */
};

/* ---- attempts that go by unwatched ---- */

/* Blocks that have counters of their own; the others are always watched. Each has two for each way
 * as in struct ame__attempt: the first four say how many attempts have committed unwatched, of all
 * time; and what stands four further makes the sum negative when the next attempt is to be watched.
 * Without a recording it never is, since all is 0 at first. */
enum { AME__COUNTED_BLOCKS = 512, AME__RECORDED_WAYS = 4, AME__COUNTERS = 2 * AME__RECORDED_WAYS };

/* In place of a way: those in software after attempts in hardware, which count as such, too. */
enum { AME__LEFT_HARDWARE = 0 };

/* Of one thread, which alone writes it. It lies in the descriptor, where each block finds it. */
struct ame__watching {
    AME__ALIGNED_LINE uint64_t counters[AME__COUNTED_BLOCKS * AME__COUNTERS];
    uint64_t session; /* the recording that all this is of; 0: of none */
};

/* Negative: the next attempt that runs so is to be watched. `counter` is that of the block's way.
 */
AME__ALWAYS_INLINE int64_t ame__recorder_turn(const uint64_t *counter) {
    return (int64_t)(counter[0] + counter[AME__RECORDED_WAYS]);
}

/* The one test that a block costs when nothing is recorded: whether the attempt goes by unwatched.
 * Then its commit is to be counted. */
AME__ALWAYS_INLINE bool ame__recorder_skips(const struct ame__watching *watching,
                                            const struct ame_abi_block *block, unsigned way) {
    return !AME__RECORDS ||
           AME__LIKELY(ame__recorder_turn(&watching->counters[(size_t)block->counters + way]) >= 0);
}

AME__ALWAYS_INLINE void ame__recorder_counts(struct ame__watching *watching,
                                             const struct ame_abi_block *block, unsigned way) {
    watching->counters[(size_t)block->counters + way]++;
}

/* The times of an attempt cover waiting too. After an aborted attempt the next
 * one of the thread belongs to the same block, and what lies between the two
 * (back-off) counts as part of it. */
struct ame__attempt {
    struct ame_abi_block *block;
    uint64_t begin_ticks; /* known while it runs; 0: it is not watched */
    uint64_t end_ticks;   /* of an unwatched one, perhaps, the end of its last wait */
    uint64_t waiting_ticks;
    uint32_t way;                   /* 1 hardware, 2 software, 3 alone */
    uint32_t reason;                /* enum ame__abort_reason; 0: it committed */
    uint32_t hardware_code;         /* the processor's, of an abort in hardware */
    bool left_hardware;             /* attempts in hardware were aborted before */
    uint64_t merged;                /* counts, by its commit */
    uint64_t allocated;             /* bytes */
    struct ame__conflict conflict;  /* why it was aborted, where a conflict was the reason */
    struct ame__access_wait waited; /* a part of waiting_ticks */
    struct ame__block_wait gate;    /* another part: for those that ran alone, */
    struct ame__block_wait commit;  /* and for those that may have read what it has written */
    struct ame__retry_wait retried; /* another */
    const char *serial_why;         /* static: who asked for the serial path, or NULL */
};

/* It has waited since `began`, in ticks: for so many. */
static inline uint64_t ame__attempt_waited(struct ame__attempt *attempt, uint64_t began) {
    attempt->end_ticks = ame__ticks();
    attempt->waiting_ticks += attempt->end_ticks - began;
    return attempt->end_ticks - began;
}

/* An attempt ended. Called outside transactions by the thread that owns it. Adds to *notes_left
 * (may be NULL) how many writes the thread may note for the ticks that have passed. False: the
 * attempt was merely counted, and what follows need not be watched for its sake. */
bool ame__recorder_attempt(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                           size_t *notes_left);

/* What a thread may note at first. */
enum { AME__FIRST_NOTES = 1 << 13 };

#endif
