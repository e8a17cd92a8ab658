/* A version that was replaced lives until all who may have found it are done (Q1 to Q4 of
 * versions/grace.h). */
#include "base/atomics.h"
#include "nodes/nodes.h"
#include "versions/grace.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Has no nodes of its own. */
struct empty {
    struct ame__version version;
    char rest[AME__LASTING_AT - sizeof(struct ame__version)];
    struct ame__lasting lasting;
    atomic_ulong number; /* 0: it was freed */
};
enum { WORDS = sizeof(struct empty) / sizeof(uint64_t), MANY = 2000 };

static atomic_ulong made, freed;

struct walk {
    struct empty *version;
};

static void begin(void *memory, void *version, const void *parent, void *child) {
    (void)parent, (void)child;
    *(struct walk *)memory = (struct walk){version};
}

static bool go_on(void *memory, size_t *budget) {
    (void)budget;
    cr_assert_neq(((struct walk *)memory)->version->number, 0);
    ((struct walk *)memory)->version->number = 0;
    freed++;
    return true;
}

static const struct ame__walker walker = {.begin = begin, .go_on = go_on, .header_words = WORDS};

static struct empty *new_version(void) {
    struct empty *version = ame__take_node(WORDS);
    cr_assert(version);
    ame__links_fill(&version->version, NULL, &walker, 1, false);
    ame_ref_init(&version->version.references);
    version->number = ++made;
    return version;
}

static void replace(size_t times) {
    while (times--) {
        struct empty *version = new_version();
        ame__fence_full(); /* as a commit: Q2 */
        ame__release_after_readers(&version->version);
    }
}

/* ---- a thread that reads for as long as it is told to ---- */

static sem_t reads, may_end;

static void *reads_long(void *unused) {
    cr_assert(ame__begin_reading());
    sem_post(&reads);
    sem_wait(&may_end);
    ame__end_reading();
    sem_post(&reads);
    sem_wait(&may_end);
    return unused;
}

static pthread_t start_reader(void) {
    pthread_t thread;
    cr_assert(!sem_init(&reads, 0, 0) && !sem_init(&may_end, 0, 0));
    cr_assert(!pthread_create(&thread, NULL, reads_long, NULL));
    sem_wait(&reads);
    return thread;
}

static void stop_reader(void) {
    sem_post(&may_end);
    sem_wait(&reads);
}

static void end_reader(pthread_t thread) {
    sem_post(&may_end);
    pthread_join(thread, NULL);
}

Test(grace, is_short_where_nobody_reads) {
    replace(10);
    cr_assert_eq(freed, made);
    cr_assert(ame__begin_reading());
    ame__end_reading();
    replace(10); /* nor does a thread wait for itself */
    cr_assert_eq(freed, made);
}

Test(grace, lasts_until_the_reader_is_done) {
    pthread_t reader = start_reader();
    replace(MANY);
    ame__release_what_waits();
    cr_assert_eq(freed, 0);
    stop_reader();
    ame__release_what_waits();
    cr_assert_eq(freed, made);
    end_reader(reader);
}

Test(grace, ends_by_itself_when_more_is_replaced) {
    pthread_t reader = start_reader();
    stop_reader();
    replace(MANY);
    cr_assert_gt(freed, MANY / 2);
    cr_assert_lt(freed, made);
    end_reader(reader);
    replace(1); /* now there are no readers */
    cr_assert_eq(freed, made);
}

Test(grace, of_the_own_lookup_in_a_signal_handler) {
    cr_assert(ame__begin_reading());
    cr_assert_not(ame__begin_reading());
    replace(MANY);
    ame__release_what_waits();
    cr_assert_eq(freed, 0);
    ame__end_reading();
    ame__release_what_waits();
    cr_assert_eq(freed, made);
}

static void *replaces(void *unused) {
    replace(MANY);
    return unused;
}

Test(grace, outlasts_the_thread_that_waits) {
    pthread_t reader = start_reader(), other;
    cr_assert(!pthread_create(&other, NULL, replaces, NULL));
    pthread_join(other, NULL);
    cr_assert_eq(freed, 0);
    stop_reader();
    cr_assert(!pthread_create(&other, NULL, replaces, NULL));
    pthread_join(other, NULL); /* it has taken over what waits, and leaves nothing */
    cr_assert_eq(freed, made);
    end_reader(reader);
}

static void *ends_in_a_lookup(void *unused) {
    cr_assert(ame__begin_reading());
    return unused;
}

Test(grace, ends_with_the_thread_that_reads) {
    pthread_t ended;
    pthread_t reader = start_reader();
    replace(10);
    cr_assert(!pthread_create(&ended, NULL, ends_in_a_lookup, NULL)); /* as one cancelled there */
    pthread_join(ended, NULL);
    stop_reader();
    ame__release_what_waits();
    cr_assert_eq(freed, made);
    end_reader(reader);
}

Test(grace, in_a_child_does_not_last_for_threads_that_are_not_there) {
    pthread_t reader = start_reader();
    replace(10);
    pid_t child = fork();
    if (child == 0) {
        replace(10);
        ame__release_what_waits();
        _exit(freed == made ? 0 : 1);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cr_assert_eq(freed, 0);
    stop_reader();
    end_reader(reader);
    ame__release_what_waits();
    cr_assert_eq(freed, made);
}

/* ---- many at once ---- */

enum { THREADS = 4, STEPS = AME__ASAN ? 20000 : 200000, PLACES = 8 };

static ame__word places[PLACES];
static atomic_ulong freed_too_early; /* counted, as asserts are the main thread's */

static uint64_t draw(uint64_t *state) { /* Knuth's */
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 32;
}

static void read_from(const ame__word *place, unsigned pauses, bool yields) {
    bool begun = ame__begin_reading(); /* what an assert does may be a fence */
    struct empty *version = (struct empty *)ame__load_acquire(place);
    unsigned long first = version->number;
    for (unsigned i = pauses; i; i--)
        __asm__ volatile(""); /* no store, which might have to wait for others */
    if (yields)
        sched_yield();
    if (!first || version->number != first)
        freed_too_early++;
    ame__end_reading();
    cr_assert(begun);
}

static void replace_in(ame__word *place) {
    struct empty *next = new_version();
    uint64_t old;
    do
        old = ame__load_acquire(place);
    while (!ame__cas_full(place, old, (uint64_t)next));
    ame__release_after_readers(&((struct empty *)old)->version);
}

static void *reads_and_replaces(void *number) {
    uint64_t random = (uint64_t)(uintptr_t)number;
    for (int i = 0; i < STEPS; i++) {
        uint64_t chance = draw(&random);
        ame__word *place = &places[chance % PLACES];
        if (chance >> 8 & 7)
            read_from(place, chance >> 16 & 63, (chance >> 22 & 1023) == 0);
        else
            replace_in(place);
    }
    return NULL;
}

Test(grace, of_many_threads_that_read_and_replace, .timeout = 100) {
    pthread_t threads[THREADS];
    for (int i = 0; i < PLACES; i++)
        ame__store_full(&places[i], (uint64_t)new_version());
    for (uintptr_t i = 0; i < THREADS; i++)
        cr_assert(!pthread_create(&threads[i], NULL, reads_and_replaces, (void *)(i + 1)));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < PLACES; i++)
        ame__release_after_readers(&((struct empty *)places[i])->version);
    ame__release_what_waits();
    cr_assert_eq(freed_too_early, 0);
    cr_assert_eq(freed, made);
}

/* A thread whose stores wait for memory, and so the one by which it says that it reads. */
static void *stores_and_reads(void *reads_left) {
    enum { BYTES = 1 << 26, LINES = 50 };
    char *memory = malloc(BYTES);
    uint64_t random = 1;
    memset(memory, 1, BYTES);
    for (; ame__load_relaxed(reads_left);
         ame__store_release(reads_left, ame__load_relaxed(reads_left) - 1)) {
        for (int i = 0; i < LINES; i++)
            ((volatile char *)memory)[draw(&random) % BYTES] = 1;
        read_from(&places[0], 1000, false);
    }
    free(memory);
    return NULL;
}

Test(grace, of_a_reader_that_cannot_be_seen_yet, .timeout = 100) {
    pthread_t reader;
    ame__word reads_left = STEPS / 2;
    ame__store_full(&places[0], (uint64_t)new_version());
    cr_assert(!pthread_create(&reader, NULL, stores_and_reads, &reads_left));
    while (ame__load_acquire(&reads_left)) {
        replace_in(&places[0]);
        ame__release_what_waits();
    }
    pthread_join(reader, NULL);
    cr_assert_eq(freed_too_early, 0);
}
