/* figures.h - what is measured of each map, and on which keys. */
#ifndef BENCH_MAP_FIGURES_H
#define BENCH_MAP_FIGURES_H

#include "subject.h"

enum { BATCH = 1000 };

enum figure {
    HIT,
    MISS,
    HIT_ZIPF,
    TOGETHER,
    INSERT,
    REPLACE,
    REPLACE_ZIPF,
    REMOVE,
    BUILD,
    BUILD_AT_ONCE,
    BATCH_REPLACE,
    REPLACE_AT_ONCE,
    ITERATE,
    DIFF,
    MERGE,
    KEEP,
    STALL,
    DESTROY,
    BYTES,
    FIGURES
};

struct work {
    size_t entries;
    struct picks hits, misses, popular, fresh, changes, popular_changes;
};

/* So many keys, of which texts look like `format`, for printf with a number. */
void make_keys(size_t count, const char *format);

/* `count` picks: of the keys from `first` on, some of `below` of them, or each once in random
 * order; by Zipf's law. */
struct picks uniform(size_t count, uint32_t first, size_t below);
struct picks different(size_t count, uint32_t first);
struct picks zipf(size_t count, size_t below);
void free_picks(struct picks picks);

/* How often a map is iterated for one figure: small ones many times, so that they are in caches. */
static inline size_t iterations_of(size_t entries) {
    return entries < 100000 ? 100000 / entries : 1;
}

void fail(const char *name, const char *what);

struct picks part_of(struct picks picks, size_t first, size_t count);

/* BATCH picks at a time. */
void change_in_batches(void *(*change)(void *, struct picks, uint64_t), void **map,
                       struct picks picks);

/* One more reference, which is given back. */
void keep(const struct subject *subject, void *map, size_t times);

/* What a release has put off. malloc does so as well: it joins what has been freed when somebody
 * next asks for more than a little, which would be another map's time. */
void free_what_is_left(const struct subject *subject);

/* Two threads at once, each with its half of the keys that change: nanoseconds for one operation of
 * one thread, the mean of both; -1 where the map has no such operation. */
void run_in_two_threads(const struct subject *subject, const struct work *work,
                        double figures[FIGURES]);

#endif
