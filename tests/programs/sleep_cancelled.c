/* A thread that is cancelled in its sleep, or that ends in a block or in a call on abort: what its
 * block did is undone, nobody waits for it, and hardware and wake-ups work as before. */
#include "check.h"

static long door, entered;
static int undone;

static void *sleeper(void *unused) {
    atomic {
        entered++;
        if (!door)
            atomic_retry();
    }
    return unused;
}

static void count_undone(void *unused) {
    (void)unused;
    __atomic_fetch_add(&undone, 1, __ATOMIC_RELAXED);
}

static void end_thread(void *unused) {
    (void)unused;
    pthread_exit(NULL);
}

static void *ends_on_abort(void *unused) {
    atomic {
        ame_on_abort(end_thread, NULL);
        ame_on_abort(count_undone, NULL);
        entered++;
        if (!door)
            atomic_retry();
    }
    return unused;
}

/* The plugin knows nothing of it: called in a block as it is. */
ame_pure __attribute__((noinline)) static void end_thread_here(void) {
    pthread_exit(NULL);
}

/* On the serial path too, where blocks of this program have a log. */
static void *ends_in_block(void *unused) {
    atomic {
        ame_on_abort(count_undone, NULL);
        entered++;
        end_thread_here();
    }
    return unused;
}

static uint64_t retries(void) {
    struct ame_statistics s;
    ame_get_statistics(&s);
    return s.retries;
}

int main(void) {
    for (int i = 0; i < STEPS(100); i++) {
        pthread_t cancelled, other, ends;
        void *result;
        uint64_t before = retries();
        CHECK(!pthread_create(&ends, NULL, ends_on_abort, NULL));
        CHECK(!pthread_join(ends, NULL));
        CHECK(!pthread_create(&ends, NULL, ends_in_block, NULL));
        CHECK(!pthread_join(ends, NULL));
        CHECK(!pthread_create(&cancelled, NULL, sleeper, NULL));
        CHECK(!pthread_create(&other, NULL, sleeper, NULL));
        while (retries() < before + 3)
            sched_yield();
        if (i % 2)
            usleep(100);
        CHECK(!pthread_cancel(cancelled));
        CHECK(!pthread_join(cancelled, &result));
        CHECK(result == PTHREAD_CANCELED);
        CHECK(entered == i);
        atomic {
            door = 1;
        }
        CHECK(!pthread_join(other, &result) && result == NULL);
        CHECK(entered == i + 1 && undone == 2 * (i + 1));
        door = 0;
    }
    return 0;
}
