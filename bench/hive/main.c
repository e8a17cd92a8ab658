/* hive: what it takes to hand a map to a worker thread, which changes some entries and hands it
 * back. The table that MemHive shows for Python's immutables.Map (Selivanov, 2023):
 *
 *     hive [seconds [entries]]    for each line and column, 1 if none are given; entries of the
 *                                 largest map, 1000000
 *
 * ame_map is handed over as it is, by an ame_slot; a GHashTable is sent as MessagePack both ways,
 * or copied for the worker, by the same slot. Both threads are awake, on a processor each. A time
 * is that from before the first thread packs until it has the changed map, by the clock on the
 * wall: the median of all rounds. "change" is the part of it in which the worker changes the
 * ame_map. What is not timed: the release of the changed map, for which "release" is the time with
 * ame_map.
 *
 * All times are in microseconds. Lines that begin with `plot` are for bench/hive.sh. */
#include "subject.h"
#include <ame/slot.h>

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_ROUNDS = 20000 };

struct task {
    const struct subject *subject;
    void *message;
    struct changes changes;
    double change_us;
};

struct times {
    double total, change, release;
};

static ame_slot there, back;
static int64_t *keys, *values;
static double seconds = 1;
static size_t largest = 1000000;

void *need(void *pointer) {
    if (!pointer) {
        fprintf(stderr, "hive: out of memory; it needs about 1 GB\n");
        exit(1);
    }
    return pointer;
}

static double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void *work(void *unused) {
    for (struct task *task; (task = ame_slot_take(&there));) {
        void *map = task->subject->open(task->message);
        double began = now_us();
        map = task->subject->change(map, &task->changes);
        task->change_us = now_us() - began;
        task->message = task->subject->pack_back(map);
        ame_slot_put(&back, task);
    }
    return unused;
}

static void check(const struct task *task, void *map) {
    for (size_t i = 0; i < task->changes.count; i += task->changes.count / 10 + 1) {
        size_t last = i; /* of equal keys */
        for (size_t j = i; j < task->changes.count && j < i + 1000; j++)
            last = task->changes.keys[j] == task->changes.keys[i] ? j : last;
        int64_t value = task->subject->value(map, task->changes.keys[i]);
        if (value == task->changes.values[last] || task->changes.count > 1000)
            continue;
        fprintf(stderr, "hive: %s: wrong result\n", task->subject->name);
        exit(1);
    }
}

static struct times round_trip(const struct subject *subject, void *map, struct changes changes) {
    struct task task = {.subject = subject, .changes = changes};
    double began = now_us();
    task.message = subject->pack(map);
    ame_slot_put(&there, &task);
    ame_slot_take(&back);
    void *changed = subject->open_back(task.message);
    double ended = now_us();
    check(&task, changed);
    double released = now_us();
    subject->drop(changed);
    return (struct times){ended - began, task.change_us, now_us() - released};
}

static int by_value(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *numbers, size_t count) {
    qsort(numbers, count, sizeof *numbers, by_value);
    return numbers[count / 2];
}

static struct times measure(const struct subject *subject, size_t entries, size_t changed) {
    static double totals[MOST_ROUNDS], changes[MOST_ROUNDS], releases[MOST_ROUNDS];
    void *map = subject->make(entries);
    double began = now_us();
    size_t rounds = 0, offset = 0;
    while (rounds < MOST_ROUNDS && (rounds < 3 || now_us() - began < seconds * 1e6)) {
        if (offset + changed > largest)
            offset = 0;
        struct times times =
            round_trip(subject, map, (struct changes){keys + offset, values + offset, changed});
        totals[rounds] = times.total;
        changes[rounds] = times.change;
        releases[rounds++] = times.release;
        offset += changed;
    }
    subject->drop(map);
    return (struct times){median(totals, rounds), median(changes, rounds),
                          median(releases, rounds)};
}

/* So many entries; the keys that change are among them. */
static void pick(size_t entries) {
    uint64_t random = 1;
    for (size_t i = 0; i < largest; i++) { /* splitmix64 (Steele, Lea, Flood, OOPSLA 2014) */
        uint64_t z = random += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        keys[i] = key_of((z ^ z >> 31) % entries);
        values[i] = (int64_t)(largest + i);
    }
}

static void line(size_t entries, size_t changed) {
    struct times ame = measure(&ame_subject, entries, changed);
    double msgpack = measure(&msgpack_subject, entries, changed).total;
    double copy = measure(&copy_subject, entries, changed).total;
    printf("%8zu %8zu %12.2f %12.2f %12.2f %12.1f %8.1f %12.1f %8.1f\n", entries, changed,
           ame.total, ame.change, ame.release, msgpack, msgpack / ame.total, copy,
           copy / ame.total);
    printf("plot %zu %zu %.3f %.3f %.3f\n", entries, changed, ame.total, msgpack, copy);
    fflush(stdout);
}

/* The first thread to the first processor of the process, the other one to the second. */
static void keep_to(pthread_t thread, int nth) {
    cpu_set_t all, one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof all, &all))
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all) && nth-- == 0)
            CPU_SET(cpu, &one);
    if (CPU_COUNT(&one))
        pthread_setaffinity_np(thread, sizeof one, &one);
}

int main(int count, char **arguments) {
    pthread_t worker;
    if ((count > 1 && (seconds = atof(arguments[1])) <= 0) ||
        (count > 2 && (largest = strtoull(arguments[2], NULL, 0)) < 2000)) {
        fprintf(stderr, "usage: hive [seconds for each figure [entries, at least 2000]]\n");
        return 2;
    }
    const size_t sizes[] = {10, 1000, largest};
    const size_t changed[] = {0, 1, 10, 100, 1000, largest};
    keys = need(malloc(largest * sizeof *keys));
    values = need(malloc(largest * sizeof *values));
    if (pthread_create(&worker, NULL, work, NULL)) {
        fprintf(stderr, "hive: no thread could be started\n");
        return 1;
    }
    keep_to(worker, 1);
    keep_to(pthread_self(), 0);
    printf("%8s %8s %12s %12s %12s %12s %8s %12s %8s\n", "entries", "changed", "ame_map us",
           "of it change", "+ release", "MessagePack", "x", "copy", "x");
    for (int s = 0; s < 3; s++) {
        pick(sizes[s]);
        for (int c = 0; c < 6 && changed[c] <= sizes[s]; c++)
            line(sizes[s], changed[c]);
    }
    ame_slot_put(&there, NULL);
    pthread_join(worker, NULL);
    return 0;
}
