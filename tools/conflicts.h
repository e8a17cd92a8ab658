/* conflicts.h - which places in which blocks get in each other's way. */
#ifndef AME_TOOLS_CONFLICTS_H
#define AME_TOOLS_CONFLICTS_H

#include "data.h"

enum access { ACCESS_READ = 1, ACCESS_WRITE = 2, ACCESS_COUNT = 4, ACCESS_UNKNOWN = 8 };

/* A datum, and in how many conflicts it was the one that a side accessed. */
struct conflict_data {
    const struct data *data;
    uint64_t count;
};

struct conflict_side {
    uint64_t block;                      /* 0: not known */
    const struct symbol_location *place; /* NULL: not known */
    unsigned accesses;                   /* what blocks did there: bits of enum access */
    ARRAY(struct conflict_data) data;    /* the most frequent first */
    char *key;                           /* equal for equal sides */
};

/* How what the two blocks accessed lies to each other. */
enum overlap {
    OVERLAP_UNKNOWN, /* not both addresses are known */
    OVERLAP_TRUE,    /* the same bytes */
    OVERLAP_LINE,    /* different bytes of one stripe: false sharing */
    OVERLAP_RECORD,  /* different stripes that share an ownership record */
    OVERLAPS
};

struct conflict_cost {
    uint64_t aborts, waits; /* attempts that ended there, and that waited there */
    uint64_t recorded;      /* so many of these were recorded one by one, the others counted */
    uint64_t lost_ticks;    /* worked in attempts that were aborted, and waited */
};

/* Two places, in no order, and what their conflicts cost both blocks. */
struct conflict {
    struct conflict_side sides[2];
    struct conflict_cost cost;
    uint64_t overlaps[OVERLAPS]; /* conflicts by overlap, of those that were looked at */
    uint64_t committed,
        same_value;           /* those with a committed write, and with one that changed nothing */
    uint64_t allocated_at;    /* the code that allocated what they access; 0: not known */
    uint64_t threads;         /* as in struct trace_event */
    uint64_t longest_average; /* ticks of a wait or of a lost attempt, of the dearest kind */
};

/* The one that most have, where it is known of any. */
enum overlap conflict_overlap(const struct conflict *pair);

/* "reads, writes"; "read-write, write-write". */
const char *conflict_access_text(unsigned accesses);
const char *conflict_kind_text(const struct conflict *pair);

/* The data of most, or NULL. */
const struct data *conflict_data(const struct conflict_side *side);

struct conflicts {
    ARRAY(struct conflict) pairs; /* the costliest first */
    struct conflict_cost cost;    /* of all of them */
};

/* Conflicts that the recording holds, by pairs of source places (several
 * instructions of one line are one place). */
void conflicts_find(struct conflicts *conflicts, const struct trace *trace, struct symbols *symbols,
                    struct data_finder *data, bool by_aborts);
void conflicts_free(struct conflicts *conflicts);

#endif
