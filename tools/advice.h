/* advice.h - what to change, and why. */
#ifndef AME_TOOLS_ADVICE_H
#define AME_TOOLS_ADVICE_H

#include "conflicts.h"

/* The names in text and JSON are in advice.c. */
enum advice_kind {
    ADVICE_COUNT,       /* make the count commutative */
    ADVICE_IMMUTABLE,   /* mark the field immutable */
    ADVICE_CHECK_FIRST, /* write only what changes */
    ADVICE_PAD,         /* give the fields lines of their own */
    ADVICE_MOVE_DATA,   /* two lines of memory share a record */
    ADVICE_MOVE_OUT,    /* take the output, or the unknown call, out of the block */
    ADVICE_SHORTEN,     /* split or shorten the block */
    ADVICE_OWN_MEMORY,  /* memory of this thread's own */
    ADVICE_SPLIT_DATA,  /* a list or tree for each thread */
    ADVICE_READ_COUNT,  /* read the count elsewhere */
    ADVICE_SOFTWARE,    /* record again in software */
};

struct advice {
    enum advice_kind kind;
    double lost_ticks;
    const struct symbol_location *place; /* the line to change, or NULL: the block's */
    uint64_t block;
    ARRAY(size_t) conflicts; /* their numbers in the list of conflicts, from 1 */
    char *what;              /* the data, or the call; "" where not known */
    char *action, *reason;
};

struct advices {
    ARRAY(struct advice) items; /* the costliest first */
};

void advice_find(struct advices *advices, const struct trace *trace, struct symbols *symbols,
                 const struct conflicts *conflicts);
void advice_free(struct advices *advices);

/* "make-count-commutative" and the like. */
const char *advice_name(enum advice_kind kind);

#endif
