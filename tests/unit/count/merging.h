/* merging.h - counting.h for the values of include/ame/merge.h. */
#ifndef TESTS_UNIT_COUNT_MERGING_H
#define TESTS_UNIT_COUNT_MERGING_H

#include "core/tx.h"
#include "counting.h"
#include <ame/merge.h>

void twin_max_add(ame_max *, int64_t) __asm__("ame_twin.ame_max_add");
int64_t twin_max_read(ame_max *) __asm__("ame_twin.ame_max_read");
void twin_min_add(ame_min *, int64_t) __asm__("ame_twin.ame_min_add");
int64_t twin_min_read(ame_min *) __asm__("ame_twin.ame_min_read");
int twin_merged_init(ame_merged *, const struct ame_merge *,
                     const void *) __asm__("ame_twin.ame_merged_init");
void twin_merged_add(ame_merged *, const void *) __asm__("ame_twin.ame_merged_add");
void twin_merged_read(ame_merged *, void *) __asm__("ame_twin.ame_merged_read");
int twin_append(ame_journal *, const void *, size_t) __asm__("ame_twin.ame_journal_append");
void twin_iterate(ame_journal *, ame_journal_iterator *) __asm__("ame_twin.ame_journal_iterate");
bool twin_next(ame_journal_iterator *, const void **,
               size_t *) __asm__("ame_twin.ame_journal_next");

struct merges {
    void (*max_add)(ame_max *, int64_t);
    int64_t (*max_read)(ame_max *);
    void (*min_add)(ame_min *, int64_t);
    int64_t (*min_read)(ame_min *);
    int (*merged_init)(ame_merged *, const struct ame_merge *, const void *);
    void (*merged_add)(ame_merged *, const void *);
    void (*merged_read)(ame_merged *, void *);
    int (*append)(ame_journal *, const void *, size_t);
    void (*iterate)(ame_journal *, ame_journal_iterator *);
    bool (*next)(ame_journal_iterator *, const void **, size_t *);
};

static const struct merges merges_in_software = {
    twin_max_add,    twin_max_read,    twin_min_add, twin_min_read, twin_merged_init,
    twin_merged_add, twin_merged_read, twin_append,  twin_iterate,  twin_next};
static const struct merges merges_in_place = {
    ame_max_add,    ame_max_read,    ame_min_add,        ame_min_read,        ame_merged_init,
    ame_merged_add, ame_merged_read, ame_journal_append, ame_journal_iterate, ame_journal_next};

static inline const struct merges *merges_of(const struct calls *c) {
    return c == &in_software ? &merges_in_software : &merges_in_place;
}

/* Undoes the block's first attempts. */
static inline void abort_attempt(void) {
    ame__tx_abort(ame__tx_self(), AME__ABORT_READ_CHANGED);
}

static inline struct ame_statistics statistics_now(void) {
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    return statistics;
}

#endif
