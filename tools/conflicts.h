/* conflicts.h - which places in which blocks get in each other's way. */
#ifndef AME_TOOLS_CONFLICTS_H
#define AME_TOOLS_CONFLICTS_H

#include "symbols.h"

enum access { ACCESS_READ = 1, ACCESS_WRITE = 2, ACCESS_COUNT = 4, ACCESS_UNKNOWN = 8 };

struct conflict_side {
    uint64_t block;                      /* 0: not known */
    const struct symbol_location *place; /* NULL: not known */
    unsigned accesses;                   /* what blocks did there: bits of enum access */
    char *key;                           /* equal for equal sides */
};

struct conflict_cost {
    uint64_t aborts, waits; /* attempts that ended there, and that waited there */
    uint64_t lost_ticks;    /* worked in attempts that were aborted, and waited */
};

/* Two places, in no order, and what their conflicts cost both blocks. */
struct conflict {
    struct conflict_side sides[2];
    struct conflict_cost cost;
};

struct conflicts {
    ARRAY(struct conflict) pairs; /* the costliest first */
    struct conflict_cost cost;    /* of all of them */
};

/* Conflicts that the recording holds, by pairs of source places (several
 * instructions of one line are one place). */
void conflicts_find(struct conflicts *conflicts, const struct trace *trace, struct symbols *symbols,
                    bool by_aborts);
void conflicts_free(struct conflicts *conflicts);

#endif
