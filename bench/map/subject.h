/* subject.h - what is measured: one table of functions for each map. Each works on many keys at a
 * call, so that the harness itself costs nothing. Keys are named by their index. */
#ifndef BENCH_MAP_SUBJECT_H
#define BENCH_MAP_SUBJECT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct picks {
    const uint32_t *keys; /* their numbers, */
    const int64_t *ints;  /* and themselves, in order: as if the program had just made them */
    char *const *texts;
    const void *strings; /* for immer, from a place in an array on */
    size_t first_string;
    size_t count;
};

struct subject {
    const char *name;
    int persistent; /* set and remove make a new version each, and the old one is given back */
    int shared;     /* changed in place, by more than one thread */
    void *(*build)(size_t count);                              /* keys 0 to count - 1, one by one */
    void *(*build_at_once)(size_t count);                      /* from an array */
    size_t (*look_up)(void *map, struct picks picks);          /* how many are there */
    size_t (*look_up_together)(void *map, struct picks picks); /* in one call */
    void *(*set)(void *map, struct picks picks, uint64_t value); /* these return the map */
    void *(*remove)(void *map, struct picks picks);
    void *(*set_in_batch)(void *map, struct picks picks, uint64_t value); /* one new version */
    void *(*set_at_once)(void *map, struct picks picks, uint64_t value);  /* from arrays */
    uint64_t (*iterate)(void *map);                       /* the sum of all values */
    void *(*keep)(void *map);                             /* one more reference */
    size_t (*diff)(void *one, void *other);               /* how many keys differ */
    void *(*merge)(void *base, void *ours, void *theirs); /* a new version */
    void (*release)(void *map);
    void (*finish)(void); /* frees what a release has put off; NULL: nothing ever is */
    void (*trim)(void);   /* gives back what is kept for later, so that bytes are right; or NULL */
    uint64_t (*bytes)(void); /* that are in use and not of malloc's; or NULL */
};

extern const struct subject ame_ints, ame_texts, glib_ints, glib_texts, uthash_ints, uthash_texts,
    mutex_ints, mutex_texts, rwlock_ints, rwlock_texts, urcu_ints, urcu_texts, immer_ints,
    immer_texts;

/* Of this thread so far, outside the kernel. 0: nobody counts them here. */
double instructions(void);

/* std::strings of the same texts. */
void immer_prepare(size_t keys);
void *immer_strings(char *const *texts, size_t count);
void immer_free_strings(void *strings);

extern int64_t *int_keys;
extern char **text_keys;

#ifdef __cplusplus
}
#endif
#endif
