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
    void *same, *map; /* of both threads; the thread's own, if it is persistent */
    int number;       /* 0 or 1 */
    size_t passes; /* small maps several times: a thread's first memory is not what is measured */
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

/* Of several passes the mean. */
#define TIMED(figure, operations, what)                                                            \
    do {                                                                                           \
        wait_for_both();                                                                           \
        double began_ = now();                                                                     \
        what;                                                                                      \
        double took_ = (now() - began_) / (double)(operations) / (double)beside->passes;           \
        double *figure_ = &beside->figures[figure];                                                \
        *figure_ = *figure_ < 0 ? took_ : *figure_ + took_;                                        \
    } while (0)

static struct picks half_of(const struct beside *beside, struct picks picks) {
    size_t half = picks.count / 2;
    return part_of(picks, beside->number * half, half);
}

static void look_up(struct beside *beside) {
    const struct subject *s = beside->subject;
    const struct work *w = beside->work;
    size_t hits, misses, popular, found;
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
    if (s->keep)
        TIMED(KEEP, w->hits.count, keep(s, beside->same, w->hits.count));
    size_t times = iterations_of(w->entries);
    TIMED(ITERATE, times * w->entries,
          for (size_t i = 0; i < times; i++) sum = s->iterate(beside->map));
    (void)sum;
}

static void change(struct beside *beside, uint64_t value) {
    const struct subject *s = beside->subject;
    struct picks changes = half_of(beside, beside->work->changes);
    struct picks popular = half_of(beside, beside->work->popular_changes);
    struct picks fresh = half_of(beside, beside->work->fresh);
    void *map = beside->map;
    TIMED(REPLACE, changes.count, map = s->set(map, changes, value));
    TIMED(REPLACE_ZIPF, popular.count, map = s->set(map, popular, value + (1 << 24)));
    TIMED(INSERT, fresh.count, map = s->set(map, fresh, 1));
    TIMED(REMOVE, fresh.count, map = s->remove(map, fresh));
    if (s->set_in_batch)
        TIMED(BATCH_REPLACE, changes.count, change_in_batches(s->set_in_batch, &map, changes));
    if (s->set_at_once)
        TIMED(REPLACE_AT_ONCE, changes.count, change_in_batches(s->set_at_once, &map, changes));
    beside->map = map;
}

/* Of a thread's own versions. */
static void compare(struct beside *beside, uint64_t value) {
    const struct subject *s = beside->subject;
    struct picks changes = half_of(beside, beside->work->changes);
    struct picks picks = part_of(changes, 0, changes.count < BATCH ? changes.count : BATCH);
    void *old = s->keep(beside->map);
    beside->map = s->set_in_batch(beside->map, picks, value + (1 << 28));
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

static void destroy(const struct subject *s, void *map) {
    s->release(map);
    free_what_is_left(s);
}

static void build(struct beside *beside) {
    const struct subject *s = beside->subject;
    size_t entries = beside->work->entries;
    void *map;
    if (s->build_at_once) {
        TIMED(BUILD_AT_ONCE, entries, map = s->build_at_once(entries));
        destroy(s, map);
    }
    TIMED(BUILD, entries, map = s->build(entries));
    TIMED(DESTROY, entries, destroy(s, map));
}

/* Each thread on a processor of its own: a scheduler may keep both on one. */
static void keep_to(int nth) {
    cpu_set_t all, one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof all, &all))
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all) && nth-- == 0)
            CPU_SET(cpu, &one);
    if (CPU_COUNT(&one))
        pthread_setaffinity_np(pthread_self(), sizeof one, &one);
}

static void *run(void *argument) {
    struct beside *beside = argument;
    keep_to(beside->number);
    const struct subject *s = beside->subject;
    for (int f = 0; f < FIGURES; f++)
        beside->figures[f] = -1;
    for (size_t pass = 0; pass < beside->passes; pass++) {
        look_up(beside);
        if (s->persistent || s->shared)
            change(beside, (1 << 20) + pass);
        if (s->diff)
            compare(beside, pass);
        build(beside);
    }
    if (s->persistent)
        s->release(beside->map);
    return NULL;
}

void run_in_two_threads(const struct subject *s, const struct work *work, double *figures) {
    struct beside threads[2];
    void *map = s->build(work->entries);
    for (int i = 0; i < 2; i++) {
        threads[i] = (struct beside){.subject = s, .work = work, .same = map, .number = i};
        threads[i].passes = work->entries < 1000 ? 1 : work->entries < 10000 ? 10 : 1;
        threads[i].map = s->persistent ? s->keep(map) : map;
        if (pthread_create(&threads[i].thread, NULL, run, &threads[i]))
            fail("main", "a thread");
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i].thread, NULL);
    for (int f = 0; f < FIGURES; f++)
        figures[f] = (threads[0].figures[f] + threads[1].figures[f]) / 2;
    s->release(map);
    free_what_is_left(s);
}
