/* format.h - the recording: what the runtime writes and the `ame` tool reads.
 *
 * A file is a header followed by chunks. Each chunk is written in one piece and
 * carries its length, so a reader can skip kinds that it does not know and a
 * recording that was cut short is readable up to its last whole chunk. All
 * numbers are little-endian. All times are ticks of the time stamp counter,
 * except where the name ends in _ns.
 *
 * A thread's time is conserved: from begin_ticks to end_ticks of its thread
 * chunk every tick is committed, wasted, waiting, or outside blocks. What attempts took that went
 * by unwatched is worked out from those of their block that were timed, and taken from what lies
 * between timed attempts.
 * Nothing may be changed here without a new AME__FORMAT_VERSION. */
#ifndef AME_EVENTS_FORMAT_H
#define AME_EVENTS_FORMAT_H

#include <stdint.h>

#define AME__FORMAT_MAGIC "AMEREC\r\n"
#define AME__FORMAT_VERSION 4

/* No chunk that the runtime writes is larger. */
#define AME__CHUNK_LIMIT (1u << 20)

struct ame__file_header {
    char magic[8];
    uint32_t version;
    uint32_t header_size;
    uint64_t start_ticks;
    uint64_t start_ns;         /* CLOCK_MONOTONIC, read together with start_ticks */
    uint64_t start_date_ns;    /* CLOCK_REALTIME */
    uint64_t ticks_per_second; /* from a short measurement; clock chunks refine it */
    uint32_t pid;
    uint32_t reserved;
};

enum ame__chunk_kind {
    AME__CHUNK_MODULE = 1, /* struct ame__module_chunk, then the path with its NUL */
    AME__CHUNK_BLOCK,      /* struct ame__block_chunk, then function NUL, file NUL */
    AME__CHUNK_TEXT,       /* struct ame__text_chunk, then the text with its NUL */
    AME__CHUNK_EVENTS,     /* array of struct ame__event, one thread's */
    AME__CHUNK_TOTALS,     /* array of struct ame__block_totals, one thread's, since its last one */
    AME__CHUNK_THREAD,     /* struct ame__thread_chunk: a thread so far; the last one counts */
    AME__CHUNK_CLOCK,      /* struct ame__clock_chunk */
    AME__CHUNK_END,        /* struct ame__clock_chunk: the recording is whole */
    AME__CHUNK_MARK,       /* struct ame__mark_chunk, then the text with its NUL */
    AME__CHUNK_NAME,       /* struct ame__name_chunk, then the thread's name with its NUL */
};

struct ame__chunk_header {
    uint32_t kind;
    uint32_t size; /* of what follows */
};

/* A mapped segment of a file, code or data, complete from its first byte in memory:
 * an address in [start, end) is address - bias in the file's own numbering. Where
 * modules overlap (one was unloaded), the later chunk counts. */
struct ame__module_chunk {
    uint64_t start, end, bias;
    uint64_t file_size, file_mtime_ns; /* to tell whether the file has changed since */
};

enum { AME__BLOCK_SERIAL_ONLY = 1 }; /* it has no transactional version */

/* Names of a block, written before the totals that refer to it. */
struct ame__block_chunk {
    uint64_t block; /* its identity: the descriptor's address */
    uint64_t place; /* a code address that names the block when file is empty, or 0 */
    uint32_t line;
    uint32_t flags;
};

/* A text that events refer to, written before them. */
struct ame__text_chunk {
    uint64_t text; /* its identity */
};

/* Values of ame__event.reason: why an attempt was aborted, at what it waited, and other things
 * worth to be told. */
enum ame__recorded_reason {
    AME__RECORDED_READ_CHANGED = 1,
    AME__RECORDED_WOUNDED,
    AME__RECORDED_COUNT_CHANGED,
    AME__RECORDED_SERIAL,
    AME__RECORDED_MEMORY,
    AME__RECORDED_HTM_CONFLICT,
    AME__RECORDED_HTM_CAPACITY,
    AME__RECORDED_HTM_EXPLICIT,
    AME__RECORDED_HTM_OTHER,
    AME__RECORDED_READ_WAITED,   /* a read, for another block's write to be committed or undone */
    AME__RECORDED_WRITE_WAITED,  /* a write did */
    AME__RECORDED_GATE_WAITED,   /* the attempt, for a block that ran alone: other_block */
    AME__RECORDED_COMMIT_WAITED, /* its commit, until other_block had moved on: it may have read */
    AME__RECORDED_RETRIED, /* the block, in atomic_retry() at my_place, till other_block woke it */
    AME__RECORDED_LONG,    /* no wait: an attempt that committed, and was long */
    AME__RECORDED_REASONS
};

/* What ame__event.flags tells of the other block's access. */
enum {
    AME__OTHER_COMMITTED = 1,  /* it wrote other_bytes, and those bytes are all it wrote there */
    AME__OTHER_SAME_VALUE = 2, /* and all of them had that value before */
};

#define AME__THREAD_UNKNOWN UINT32_MAX

/* An abort, or the waiting of one attempt at other blocks' accesses: all of it,
 * with the places of the longest wait. It stands for others of its thread, too, that went before,
 * were like it in both blocks, both places, reason and hardware_code, and were merely counted. A
 * place that is less than 2^32 may be the lower half of one: that in a module. The two addresses
 * are those of the first access of each block to its stripe: they lie on different stripes if these
 * share a record. */
struct ame__event {
    uint64_t ticks; /* when the attempt ended */
    uint64_t
        lost;     /* ticks that aborted or long attempts worked, or attempts waited, all together */
    uint64_t own; /* the part of this one; 0: of those that were counted none was recorded since */
    uint64_t block;
    uint64_t my_place;      /* 0: not known */
    uint64_t other_block;   /* 0: not known */
    uint64_t other_place;   /* 0: not known */
    uint64_t address;       /* that my_place accessed; 0: not known */
    uint64_t other_address; /* that other_place accessed; 0: not known */
    uint64_t other_bytes;   /* bit i: byte i of the stripe of other_address was written */
    uint64_t allocated_at;  /* where what is at `address` was allocated; 0: not known */
    uint64_t why;           /* text: who asked for the serial path; 0 otherwise */
    uint32_t reason;        /* enum ame__recorded_reason */
    uint32_t thread;
    uint32_t other_thread; /* or AME__THREAD_UNKNOWN */
    uint32_t flags;
    uint32_t hardware_code; /* what the processor said of an abort in hardware, or 0 */
    uint32_t repeated;      /* calls of atomic_retry() till then, or 0 */
    uint32_t count;         /* so many, this one included */
    uint32_t reserved;
};

struct ame__block_totals {
    uint64_t block;
    uint64_t commits_htm, commits_stm, commits_serial, aborts;
    uint64_t timed;           /* of the commits */
    uint64_t left_hardware;   /* commits in software, after attempts in hardware */
    uint64_t merged;          /* counts, by the commits that were timed */
    uint64_t allocated;       /* bytes, by those */
    uint64_t allocated_most;  /* bytes, by one of them: no sum, but the most till then */
    uint64_t committed_ticks; /* in attempts that committed, without waiting */
    uint64_t serial_ticks;    /* the part of committed_ticks on the serial path */
    uint64_t wasted_ticks;    /* in attempts that did not commit, without waiting */
    uint64_t waiting_ticks;   /* for the serial gate, other blocks, back-off */
    uint32_t thread;
    uint32_t reserved;
};

struct ame__thread_chunk {
    uint32_t thread;
    uint32_t reserved;
    uint64_t begin_ticks, end_ticks; /* its first block; its end, or this chunk's writing */
    uint64_t outside_ticks;          /* measured between blocks, as the other parts are in them */
    uint64_t events_dropped;         /* for which there was no room */
};

/* A moment that the program has marked. */
struct ame__mark_chunk {
    uint64_t ticks;
    uint32_t thread;
    uint32_t reserved;
};

struct ame__name_chunk {
    uint32_t thread;
    uint32_t reserved;
};

/* One moment on both clocks. */
struct ame__clock_chunk {
    uint64_t ticks;
    uint64_t ns; /* CLOCK_MONOTONIC */
};

#endif
