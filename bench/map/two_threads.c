/* two_threads.c - the figures of two threads at once: see main.c. */
#include "figures.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

struct beside {
    pthread_t thread;
    const struct subject *subject;
    const struct work *work;
    void *map;
    int number; /* 0 or 1 */
    double figures[FIGURES];
};

/* Both stay awake: what follows may take no longer than waking up. */
static atomic_uint came;

static void wait_for_both(void) {
    unsigned until = atomic_fetch_add(&came, 1) / 2 * 2 + 2;
    while (atomic_load(&came) < until)
        sched_yield();
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

#define TIMED(figure, operations, what)                                                            \
    do {                                                                                           \
        wait_for_both();                                                                           \
        double began_ = now();                                                                     \
        what;                                                                                      \
        beside->figures[figure] = (now() - began_) / (double)(operations);                         \
    } while (0)

static struct picks half_of(const struct beside *beside, struct picks picks) {
    size_t half = picks.count / 2;
    return part_of(picks, beside->number * half, half);
}

static void look_up(struct beside *beside) {
    const struct subject *s = beside->subject;
    const struct work *w = beside->work;
    size_t hits, misses, popular, found, passes = w->entries < 100000 ? 100000 / w->entries : 1;
    volatile uint64_t sum;
    TIMED(HIT, w->hits.count, hits = s->look_up(beside->map, w->hits));
    TIMED(MISS, w->misses.count, misses = s->look_up(beside->map, w->misses));
    TIMED(HIT_ZIPF, w->popular.count, popular = s->look_up(beside->map, w->popular));
    if (hits != w->hits.count || misses || popular != w->popular.count)
        fail(s->name, "a lookup beside another thread");
    if (s->look_up_together) {
        TIMED(TOGETHER, w->hits.count, found = s->look_up_together(beside->map, w->hits));
        if (found != w->hits.count)
            fail(s->name, "a lookup of many beside another thread");
    }
    TIMED(ITERATE, passes * w->entries,
          for (size_t i = 0; i < passes; i++) sum = s->iterate(beside->map));
    (void)sum;
}

static void change(struct beside *beside) {
    const struct subject *s = beside->subject;
    struct picks changes = half_of(beside, beside->work->changes);
    struct picks popular = half_of(beside, beside->work->popular_changes);
    struct picks fresh = half_of(beside, beside->work->fresh);
    void *map = beside->map;
    size_t passes = changes.count < 10000 ? 10000 / changes.count : 1;
    TIMED(REPLACE, passes * changes.count,
          for (size_t i = 0; i < passes; i++) map = s->set(map, changes, (1 << 20) + i));
    TIMED(REPLACE_ZIPF, passes * popular.count,
          for (size_t i = 0; i < passes; i++) map = s->set(map, popular, (1 << 24) + i));
    TIMED(INSERT, fresh.count, map = s->set(map, fresh, 1));
    TIMED(REMOVE, fresh.count, map = s->remove(map, fresh));
    if (s->set_in_batch)
        TIMED(BATCH_REPLACE, changes.count, change_in_batches(s->set_in_batch, &map, changes));
    if (s->set_at_once)
        TIMED(REPLACE_AT_ONCE, changes.count, change_in_batches(s->set_at_once, &map, changes));
    beside->map = map;
}

/* Of a thread's own versions. */
static void compare(struct beside *beside) {
    const struct subject *s = beside->subject;
    struct picks changes = half_of(beside, beside->work->changes);
    struct picks picks = part_of(changes, 0, changes.count < BATCH ? changes.count : BATCH);
    void *old = s->keep(beside->map);
    beside->map = s->set_in_batch(beside->map, picks, 1 << 28);
    size_t differ = 0;
    TIMED(DIFF, picks.count, differ = s->diff(old, beside->map));
    if (!differ || differ > picks.count)
        fail(s->name, "a difference beside another thread");
    if (s->merge) {
        void *other = s->set(s->keep(old), half_of(beside, beside->work->fresh), 1), *merged;
        TIMED(MERGE, picks.count, merged = s->merge(old, other, beside->map));
        s->release(other);
        s->release(merged);
    }
    s->release(old);
}

static void destroy(struct beside *beside, void *map) {
    const struct subject *s = beside->subject;
    wait_for_both();
    double began = now();
    s->release(map);
    beside->figures[STALL] = (now() - began) / 1000;
    if (s->finish)
        s->finish();
    beside->figures[DESTROY] = (now() - began) / (double)beside->work->entries;
}

static void build(struct beside *beside) {
    const struct subject *s = beside->subject;
    size_t entries = beside->work->entries;
    void *map;
    if (s->build_at_once) {
        TIMED(BUILD_AT_ONCE, entries, map = s->build_at_once(entries));
        s->release(map);
        if (s->finish)
            s->finish();
    }
    TIMED(BUILD, entries, map = s->build(entries));
    destroy(beside, map);
}

static void *run(void *argument) {
    struct beside *beside = argument;
    const struct subject *s = beside->subject;
    for (int f = 0; f < FIGURES; f++)
        beside->figures[f] = -1;
    look_up(beside);
    if (s->persistent || s->shared)
        change(beside);
    if (s->diff)
        compare(beside);
    if (s->persistent)
        s->release(beside->map);
    build(beside);
    return NULL;
}

void run_in_two_threads(const struct subject *s, const struct work *work, double *figures) {
    struct beside threads[2];
    void *map = s->build(work->entries);
    for (int i = 0; i < 2; i++) {
        threads[i] = (struct beside){.subject = s, .work = work, .number = i};
        threads[i].map = s->persistent ? s->keep(map) : map;
        if (pthread_create(&threads[i].thread, NULL, run, &threads[i]))
            fail("main", "a thread");
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i].thread, NULL);
    for (int f = 0; f < FIGURES; f++)
        figures[f] = (threads[0].figures[f] + threads[1].figures[f]) / 2;
    s->release(map);
    if (s->finish)
        s->finish();
}
