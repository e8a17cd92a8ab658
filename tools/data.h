/* data.h - what blocks access: the variable at an address, else what the line at the place of the
 * access shows. */
#ifndef AME_TOOLS_DATA_H
#define AME_TOOLS_DATA_H

#include "symbols.h"

struct data {
    char *name;    /* "counts[3].hits", "struct list.size", or NULL where nothing is known */
    char *general; /* the same without the numbers of elements: "counts[].hits" */
    char *type;    /* NULL where not known */
    char *owner;   /* the type that has it as a member, or that of the variable; NULL: not known */
    char *text;    /* as the line has it: "self->size"; NULL where not known */
    char *file;    /* of the variable's declaration, or NULL */
    unsigned line;
    unsigned size;   /* bytes; 0 where not known */
    bool variable;   /* it has static storage; else it is probably on the heap */
    bool adds, used; /* see expression.h */
    bool integer, pointer;
    bool link; /* a pointer to an item of a list or tree */
};

struct data_finder;
struct data_finder *data_finder_new(struct symbols *symbols);
void data_finder_free(struct data_finder *finder);

/* The datum at `address` (0: not known) that the instruction before `place` (0: not known)
 * accesses. Lives as long as the finder. */
const struct data *data_at(struct data_finder *finder, uint64_t address, uint64_t place);

#endif
