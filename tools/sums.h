/* sums.h - conflicts summed up by what they have in common. */
#ifndef AME_TOOLS_SUMS_H
#define AME_TOOLS_SUMS_H

#include "report.h"

/* A source line, a field or a type; "not known" is one, too. A conflict counts once, though both
 * its sides may have it in common: so a sum is at most all that was lost, and the sums of different
 * ones may be more together. */
struct sum {
    char *name;
    struct conflict_cost cost;
    size_t pairs;
};

struct sums {
    ARRAY(struct sum) items; /* the costliest first */
};

void sums_find(struct sums *sums, const struct report *report, enum report_by by);
void sums_free(struct sums *sums);

#endif
