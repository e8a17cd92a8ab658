/* Who is woken: by software, hardware and serial commits alike, at once; not by commits elsewhere.
 */
#include "check.h"

enum { TURNS = STEPS(20000), ALONE = STEPS(2000), RUNNERS = 3 };

static struct {
    _Alignas(128) long value;
} watched, elsewhere, turn;
static ame_counter counter, other_counter;

static uint64_t retries(void) {
    struct ame_statistics s;
    ame_get_statistics(&s);
    return s.retries;
}

static uint64_t in_hardware(void) {
    struct ame_statistics s;
    ame_get_statistics(&s);
    return s.commits_htm;
}

static void wait_until_asleep(uint64_t before) {
    while (retries() == before)
        sched_yield();
}

/* ---- only by what it has read ---- */

static void *sleep_on_value(void *unused) {
    atomic {
        if (!watched.value)
            atomic_retry();
    }
    return unused;
}

static void *sleep_on_count(void *unused) {
    atomic {
        if (!ame_counter_read(&counter))
            atomic_retry();
    }
    return unused;
}

/* Without a barrier, and never in hardware. */
ame_irrevocable_fn __attribute__((noinline)) static void unseen(long *value) {
    ++*value;
}

static void only_by(void *sleeper(void *)) {
    pthread_t thread;
    uint64_t before = retries();
    CHECK(!pthread_create(&thread, NULL, sleeper, NULL));
    wait_until_asleep(before);
    for (int i = 0; i < TURNS; i++) {
        atomic {
            elsewhere.value++;
            ame_counter_add(&other_counter, 1);
        }
        ame_counter_add(&other_counter, 1);
    }
    usleep(1000);
    CHECK(retries() == before + 1);
    if (sleeper == sleep_on_count)
        ame_counter_add(&counter, 1); /* outside blocks */
    else
        atomic {
            watched.value = 1;
        }
    CHECK(!pthread_join(thread, NULL));
}

/* What runs without barriers may have written anything. */
static void by_the_unseen(void) {
    pthread_t thread;
    uint64_t before = retries();
    watched.value = 0;
    CHECK(!pthread_create(&thread, NULL, sleep_on_value, NULL));
    wait_until_asleep(before);
    atomic {
        unseen(&watched.value);
    }
    CHECK(!pthread_join(thread, NULL));
}

/* ---- none is lost ---- */

static ame_counter late;

static void *add(void *unused) {
    ame_counter_add(&late, 1);
    return unused;
}

/* The runtime sees none of it. */
ame_pure __attribute__((noinline)) static void let_another_thread_add(void) {
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, add, NULL));
    CHECK(!pthread_join(thread, NULL));
}

static void changes_before_it_sleeps(void) {
    atomic {
        if (!ame_counter_read(&late)) {
            let_another_thread_add();
            atomic_retry();
        }
    }
    CHECK(ame_counter_read(&late) == 1);
}

static void run_in_turn(int number) {
    for (long i = number; i < TURNS; i += RUNNERS)
        atomic {
            if (turn.value != i)
                atomic_retry();
            turn.value++;
        }
}

/* Once they have waited they do what can't be undone: they run alone, with a log until then. */
static void run_in_turn_alone(int number) {
    for (long i = number; i < ALONE; i += RUNNERS)
        atomic {
            if (watched.value != i)
                atomic_retry();
            unseen(&watched.value);
        }
}

/* Blocks that could run in hardware do so again when nobody sleeps any more. */
static void hardware_comes_back(void) {
    if (!hardware_runs_blocks())
        return;
    uint64_t before = in_hardware();
    for (int i = 0; i < 10000; i++)
        atomic {
            elsewhere.value++;
        }
    CHECK(in_hardware() > before);
}

int main(void) {
    only_by(sleep_on_value);
    only_by(sleep_on_count);
    by_the_unseen();
    if (strcmp(ame_mode_name(), "serial") != 0) /* finish() allows no conflicts there */
        changes_before_it_sleeps();
    run_threads(RUNNERS, run_in_turn);
    CHECK(turn.value == TURNS);
    watched.value = 0;
    run_threads(RUNNERS, run_in_turn_alone);
    CHECK(watched.value == ALONE);
    hardware_comes_back();
    return finish(1 + ALONE);
}
