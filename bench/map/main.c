/* map: ame_map beside other maps, in one run. Prints nanoseconds for each operation (build,
 * iterate and destroy: for each entry; keep: one more reference taken and given back; diff and
 * merge: for each of 1,000 changed keys; stall: microseconds until the release of the whole map
 * returns; destroy: till all is free, and joined by malloc): the median of some rounds in which
 * the maps take turns. Below each line the instructions for one operation, where the machine
 * counts them.
 *
 *     map [short | long] [maps...] [entries...]
 *
 * All maps, by their names in the tables, with 1000, 100000 and 1000000 entries, if none are given.
 *
 * Texts are of 20 to 22 bytes; of up to 11 if they are to be short, of some 35 if long: nodes of
 * ame_map hold 23, a std::string 15.
 *
 * "together" looks 64 keys up in a call, "batch" replaces 1,000 values for one new version,
 * "build" adds keys one by one in place, "at once" from an array. Keys are uniform, or by
 * Zipf's law.
 *
 * ame_map and immer make a new version at each set and remove and give the old one back; the others
 * change theirs in place, and can do no more than one version: GHashTable and uthash bare, uthash
 * behind a lock that is taken for each key, liburcu's lock-free table.
 *
 * The second table is of two threads that do the same at once, by the clock on the wall, so both
 * processors should be free: how long an operation takes a thread. They look keys up in one map;
 * of what is persistent each changes versions of its own, made from that one, the others both
 * change that map, each thread half of the keys, unless they are bare. They build and destroy a map
 * each. */
#include "figures.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 5, MOST_SUBJECTS = 8 };

/* The processor's time, not the wall's: other programs may be at work. */
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double heap(const struct subject *s) {
    struct mallinfo2 info = mallinfo2();
    return (double)(info.uordblks + info.hblkhd) + (s->bytes ? (double)s->bytes() : 0);
}

/* ---- the figures of one map ---- */

static const char *const names[FIGURES] = {
    [HIT] = "hit",
    [MISS] = "miss",
    [HIT_ZIPF] = "hit zipf",
    [TOGETHER] = "together",
    [INSERT] = "insert",
    [REPLACE] = "replace",
    [REPLACE_ZIPF] = "r. zipf",
    [REMOVE] = "remove",
    [BUILD] = "build",
    [BUILD_AT_ONCE] = "at once",
    [BATCH_REPLACE] = "batch",
    [REPLACE_AT_ONCE] = "b.at once",
    [ITERATE] = "iterate",
    [DIFF] = "diff",
    [MERGE] = "merge",
    [KEEP] = "keep",
    [STALL] = "stall us",
    [DESTROY] = "destroy",
    [BYTES] = "bytes",
};

void fail(const char *name, const char *what) {
    fprintf(stderr, "map: %s: %s is wrong\n", name, what);
    exit(1);
}

struct picks part_of(struct picks picks, size_t first, size_t count) {
    return (struct picks){picks.keys + first, picks.ints + first,         picks.texts + first,
                          picks.strings,      picks.first_string + first, count};
}

void change_in_batches(void *(*change)(void *, struct picks, uint64_t), void **map,
                       struct picks picks) {
    static _Thread_local uint64_t batches;
    for (size_t i = 0; i < picks.count; i += BATCH) {
        size_t count = picks.count - i < BATCH ? picks.count - i : BATCH;
        *map = change(*map, part_of(picks, i, count), 7 * ++batches);
    }
}

static struct work work_for(size_t entries) {
    size_t many = entries < 100000 ? 100000 : 500000;
    size_t few = entries < 10000 ? entries : 100000;
    return (struct work){entries,
                         uniform(many, 0, entries),
                         uniform(many, (uint32_t)entries, entries),
                         zipf(many, entries),
                         different(few < entries ? few : entries, (uint32_t)entries),
                         uniform(few, 0, entries),
                         zipf(few, entries)};
}

static void free_work(const struct work *work) {
    const struct picks picks[] = {work->hits,  work->misses,  work->popular,
                                  work->fresh, work->changes, work->popular_changes};
    for (size_t i = 0; i < sizeof picks / sizeof *picks; i++)
        free_picks(picks[i]);
}

static volatile uint64_t result;

#define TIMED(figure, operations, what)                                                            \
    do {                                                                                           \
        double before_ = instructions(), began_ = now();                                           \
        what;                                                                                      \
        figures[figure] = (now() - began_) / (double)(operations);                                 \
        figures[FIGURES + (figure)] = (instructions() - before_) / (double)(operations);           \
    } while (0)

void free_what_is_left(const struct subject *s) {
    enum { LARGE = 2048 };
    if (s->finish)
        s->finish();
    void *volatile memory = malloc(LARGE);
    free(memory);
}

static void destroy(const struct subject *s, void *map, size_t entries, double *figures) {
    double began = now();
    s->release(map);
    figures[STALL] = (now() - began) / 1000;
    free_what_is_left(s);
    figures[DESTROY] = (now() - began) / (double)entries;
}

void keep(const struct subject *s, void *map, size_t times) {
    for (size_t i = 0; i < times; i++)
        s->release(s->keep(map));
}

static void run_round(const struct subject *s, const struct work *w, double *figures) {
    void *map;
    for (int i = 0; i < 2 * FIGURES; i++)
        figures[i] = -1;
    /* What a small map takes is not to be fresh from the kernel. */
    if (w->entries < 10000)
        destroy(s, s->build(w->entries), w->entries, figures);
    if (s->build_at_once) {
        TIMED(BUILD_AT_ONCE, w->entries, map = s->build_at_once(w->entries));
        destroy(s, map, w->entries, figures);
    }
    if (s->trim)
        s->trim();
    double before = heap(s);
    /* All else is measured on a map that was built key by key, as only that every map has: its
     * nodes lie where chance put them. */
    TIMED(BUILD, w->entries, map = s->build(w->entries));
    if (s->trim)
        s->trim();
    figures[BYTES] = (heap(s) - before) / (double)w->entries;
    size_t found;
    TIMED(HIT, w->hits.count, found = s->look_up(map, w->hits));
    if (found != w->hits.count)
        fail(s->name, "a hit");
    TIMED(MISS, w->misses.count, found = s->look_up(map, w->misses));
    if (found)
        fail(s->name, "a miss");
    TIMED(HIT_ZIPF, w->popular.count, result = s->look_up(map, w->popular));
    if (s->look_up_together) {
        TIMED(TOGETHER, w->hits.count, found = s->look_up_together(map, w->hits));
        if (found != w->hits.count)
            fail(s->name, "a lookup of many");
    }
    size_t times = iterations_of(w->entries);
    TIMED(ITERATE, times * w->entries, for (size_t i = 0; i < times; i++) result = s->iterate(map));
    TIMED(REPLACE, w->changes.count, map = s->set(map, w->changes, 1 << 20));
    TIMED(REPLACE_ZIPF, w->popular_changes.count, map = s->set(map, w->popular_changes, 1 << 24));
    TIMED(INSERT, w->fresh.count, map = s->set(map, w->fresh, 1));
    TIMED(REMOVE, w->fresh.count, map = s->remove(map, w->fresh));
    if (s->set_in_batch)
        TIMED(BATCH_REPLACE, w->changes.count,
              change_in_batches(s->set_in_batch, &map, w->changes));
    if (s->set_at_once)
        TIMED(REPLACE_AT_ONCE, w->changes.count,
              change_in_batches(s->set_at_once, &map, w->changes));
    if (s->keep)
        TIMED(KEEP, w->hits.count, keep(s, map, w->hits.count));
    if (s->diff) {
        struct picks picks =
            part_of(w->changes, 0, w->changes.count < BATCH ? w->changes.count : BATCH);
        void *old = s->keep(map);
        map = s->set_in_batch(map, picks, 1 << 28);
        size_t differ = 0;
        TIMED(DIFF, picks.count, differ = s->diff(old, map));
        if (!differ || differ > picks.count)
            fail(s->name, "a difference");
        if (s->merge) {
            void *other = s->set(s->keep(old), w->fresh, 1), *merged;
            TIMED(MERGE, picks.count, merged = s->merge(old, other, map));
            s->release(other);
            s->release(merged);
        }
        s->release(old);
    }
    free_what_is_left(s); /* of the others is not this map's */
    destroy(s, map, w->entries, figures);
}

/* ---- all maps, side by side ---- */

static int by_value(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* One line: of times, or of instructions. Not the latter where there are none. */
static void print(const char *name, size_t entries, double (*all)[ROUNDS]) {
    bool any = false;
    for (int f = 0; f < FIGURES; f++) {
        qsort(all[f], ROUNDS, sizeof **all, by_value);
        any |= all[f][ROUNDS / 2] > 0;
    }
    if (!any)
        return;
    printf("%-10s %7zu", name, entries);
    for (int f = 0; f < FIGURES; f++)
        if (all[f][ROUNDS / 2] < 0)
            printf(" %8s", "-");
        else
            printf(" %8.1f", all[f][ROUNDS / 2]);
    printf("\n");
    fflush(stdout);
}

static void print_names(const char *title) {
    printf("\n%-18s", title);
    for (int f = 0; f < FIGURES; f++)
        printf(" %8s", names[f]);
    printf("\n");
}

/* Each turn begins with memory in the same state. */
static void begin_turn(void) {
    malloc_trim(0);
}

static void compare(const char *title, const char *with_two, const struct subject *const *subjects,
                    size_t entries) {
    static double all[MOST_SUBJECTS][2 * FIGURES][ROUNDS], two[MOST_SUBJECTS][FIGURES][ROUNDS];
    struct work work = work_for(entries);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; subjects[i]; i++) {
            double figures[2 * FIGURES];
            begin_turn();
            run_round(subjects[i], &work, figures);
            for (int f = 0; f < 2 * FIGURES; f++)
                all[i][f][round] = figures[f];
            begin_turn();
            run_in_two_threads(subjects[i], &work, figures);
            for (int f = 0; f < FIGURES; f++)
                two[i][f][round] = figures[f];
        }
    free_work(&work);
    print_names(title);
    for (int i = 0; subjects[i]; i++) {
        print(subjects[i]->name, entries, all[i]);
        print("  instr.", entries, all[i] + FIGURES);
    }
    print_names(with_two);
    for (int i = 0; subjects[i]; i++)
        print(subjects[i]->name, entries, two[i]);
}

/* ---- what to compare ---- */

enum { MOST_SIZES = 16 };

static const struct subject *const ints[] = {&ame_ints,
#if HAVE_IMMER
                                             &immer_ints,
#endif
                                             &glib_ints,   &uthash_ints, &mutex_ints,
                                             &rwlock_ints, &urcu_ints,   NULL};
static const struct subject *const texts[] = {&ame_texts,
#if HAVE_IMMER
                                              &immer_texts,
#endif
                                              &glib_texts,   &uthash_texts, &mutex_texts,
                                              &rwlock_texts, &urcu_texts,   NULL};

struct wish {
    size_t sizes[MOST_SIZES], count;
    bool maps[MOST_SUBJECTS], some; /* not all of them */
};

static bool take_size(struct wish *wish, const char *word) {
    size_t size = strtoull(word, NULL, 0);
    if (!size || size > 100000000 || wish->count == MOST_SIZES)
        return false;
    wish->sizes[wish->count++] = size;
    return true;
}

static bool take_map(struct wish *wish, const char *word) {
    for (int i = 0; ints[i]; i++)
        if (!strcmp(word, ints[i]->name + strspn(ints[i]->name, " ")))
            return wish->some = wish->maps[i] = true;
    return false;
}

static void select_maps(const struct wish *wish, const struct subject *const *all,
                        const struct subject **selected) {
    for (int i = 0; all[i]; i++)
        if (!wish->some || wish->maps[i])
            *selected++ = all[i];
    *selected = NULL;
}

int main(int argc, char **argv) {
    struct wish wish = {.count = 0};
    const struct subject *selected[MOST_SUBJECTS];
    const char *texts_like = "user:%llu:name";
    size_t most = 0;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "short"))
            texts_like = "u%llx";
        else if (!strcmp(argv[i], "long"))
            texts_like = "users/of/this/place/%llu/name";
        else if (!take_size(&wish, argv[i]) && !take_map(&wish, argv[i])) {
            fprintf(stderr,
                    "map: %s is neither a number of entries, 1 to 100000000, nor one of the maps "
                    "in the tables, short or long\n",
                    argv[i]);
            return 1;
        }
    if (!wish.count)
        for (const char *const *size = (const char *const[]){"1000", "100000", "1000000", NULL};
             *size;)
            take_size(&wish, *size++);
    for (size_t i = 0; i < wish.count; i++)
        most = wish.sizes[i] > most ? wish.sizes[i] : most;
    make_keys(2 * most, texts_like);
#if HAVE_IMMER
    immer_prepare(2 * most);
#endif
    for (size_t i = 0; i < wish.count; i++) {
        select_maps(&wish, ints, selected);
        compare("int keys, ns", "two threads, ns", selected, wish.sizes[i]);
        select_maps(&wish, texts, selected);
        compare("text keys, ns", "two threads, ns", selected, wish.sizes[i]);
    }
    return 0;
}
