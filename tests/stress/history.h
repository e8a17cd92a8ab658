/* history.h - what blocks have read and written, and whether an order explains it.
 *
 * Each write puts a value into its cell that nothing else ever puts there, and knows the value
 * before it, so all is known that Adya's serialization graph needs ("Weak Consistency: A
 * Generalized Theory and Optimistic Implementations for Distributed Transactions", 1999):
 *   wr   a block reads what another one has written
 *   ww   a block overwrites what another one has written
 *   rw   a block reads what another one overwrites
 * To these come the order of each thread's blocks, and that of blocks of which one had ended when
 * the other one began. If no circle is in the graph, the blocks ran as if one after another, in an
 * order that agrees with time (strict serializability). An attempt that was undone takes part as a
 * block that only read; so all that it saw was one state that existed in its time (opacity:
 * Guerraoui and Kapalka, "On the Correctness of Transactional Memory", PPoPP 2008). */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct access {
    uint32_t cell;
    bool write;
    uint64_t value;    /* 0: as the cell was in the beginning */
    uint64_t previous; /* of a write: the value that it replaces */
};

struct run_block {
    int thread;
    bool undone;
    uint64_t began, ended; /* nanoseconds; all that it wrote can be seen before it ended */
    size_t first, count;   /* of its accesses */
};

/* Zero-initialised memory is an empty history. */
struct history {
    struct run_block *blocks;
    struct access *accesses;
    size_t blocks_count, blocks_capacity, accesses_count, accesses_capacity;
};

/* Appends a block, whose accesses follow. Blocks of one thread come in their order. Reads of what
 * the block itself has written are left out, and of several writes to one cell all but the last,
 * which has the `previous` of the first. Out of memory ends the program. */
void history_block(struct history *history, int thread, bool undone, uint64_t began,
                   uint64_t ended);
void history_read(struct history *history, uint32_t cell, uint64_t value);
void history_write(struct history *history, uint32_t cell, uint64_t value, uint64_t previous);

/* Appends all of `other`. */
void history_append(struct history *history, const struct history *other);
void history_free(struct history *history);

enum history_verdict {
    HISTORY_SERIALIZABLE,
    HISTORY_CYCLE,         /* no order explains what was read */
    HISTORY_UNKNOWN_VALUE, /* read or replaced, but never left behind by a committed block */
    HISTORY_WRITTEN_TWICE  /* two blocks wrote the same value: the history is no good */
};

/* What is wrong goes to `out`: of circles the smallest one that is found, block by block. */
enum history_verdict history_check(const struct history *history, FILE *out);

#endif
