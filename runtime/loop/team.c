#include "loop/team.h"
#include "base/atomics.h"
#include "base/compiler.h"
#include "core/threads.h"
#include "core/tx.h"
#include <ame/error.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

/* What a loop's threads share. It lies in the frame of the caller, who leaves only
 * after all threads have been joined.
 *
 * At 64 cores: the line of `next` bounces once for each grain that is handed out;
 * `result` is read for each body and written once, so it has a line of its own. */
struct team {
    AME__ALIGNED_LINE ame__word next;   /* first index that nobody has taken */
    AME__ALIGNED_LINE ame__word result; /* 0: go on; else the loop's result, as an int */
    AME__ALIGNED_LINE ame__loop_step *step;
    const void *loop;
    uint64_t count, grain;
    pthread_t *threads;
    unsigned started;
};

/* The first result stays. Whatever a body wrote before it was committed by its
 * block, and joining the threads orders all of it before the loop's end. */
static void stop(struct team *team, int result) {
    ame__cas_full(&team->result, 0, (uint32_t)result);
}

static bool stopped(const struct team *team) {
    return ame__load_relaxed(&team->result) != 0;
}

/* Takes the next grain: at most `grain` indices from *begin on. A swap, not an
 * addition: `next` never passes `count`, which may be as large as numbers are. */
static uint64_t take(struct team *team, uint64_t *begin) {
    for (;;) {
        uint64_t next = ame__load_relaxed(&team->next);
        uint64_t left = team->count - next;
        uint64_t size = left < team->grain ? left : team->grain;
        *begin = next;
        if (!size || ame__cas_full(&team->next, next, next + size))
            return size;
    }
}

/* A body ended its thread. Its entry is lost, so the loop can't go on. */
static void thread_leaves(void *team) {
    stop(team, AME_EINVAL);
}

static void work(struct team *team) {
    uint64_t begin, size;
    pthread_cleanup_push(thread_leaves, team);
    while ((size = take(team, &begin)) > 0) {
        for (uint64_t i = 0; i < size && !stopped(team); i++) {
            int result = team->step(team->loop, begin + i);
            if (result)
                stop(team, result);
        }
        if (stopped(team))
            break;
    }
    pthread_cleanup_pop(0);
}

static void *thread_main(void *team) {
    work(team);
    return NULL;
}

static unsigned processors(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        return (unsigned)CPU_COUNT(&allowed);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* more processors than a cpu_set_t holds */
    return online > 0 ? (unsigned)online : 1;
}

/* Several grains for each thread even out bodies of different length; large ones
 * keep short bodies from meeting at `next` all the time. */
static uint64_t choose_grain(uint64_t count, uint64_t threads) {
    enum { GRAINS_PER_THREAD = 16, LARGEST = 256 };
    uint64_t grain = count / (threads * GRAINS_PER_THREAD);
    return grain < 1 ? 1 : grain > LARGEST ? LARGEST : grain;
}

static void start_threads(struct team *team, unsigned wanted) {
    while (team->started < wanted &&
           !pthread_create(&team->threads[team->started], NULL, thread_main, team))
        team->started++;
}

void ame__leave_block_at_thread_end(void) {
    if (ame__self)
        ame__thread_leaves_block(ame__self);
}

static void join_threads(struct team *team) {
    for (unsigned i = 0; i < team->started; i++)
        pthread_join(team->threads[i], NULL);
    free(team->threads);
}

/* A body ended the calling thread. The others must be gone before the frame that
 * holds the team is, and they may be waiting for the block that was left. */
static void join_threads_at_thread_end(void *team) {
    ame__leave_block_at_thread_end();
    join_threads(team);
}

/* Cancelling the caller takes effect after the loop. */
static void work_and_join(struct team *team) {
    int old_state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old_state);
    pthread_cleanup_push(join_threads_at_thread_end, team);
    work(team);
    pthread_cleanup_pop(0);
    join_threads(team);
    pthread_setcancelstate(old_state, NULL);
}

int ame__team_run(ame__loop_step *step, const void *loop, uint64_t count,
                  const struct ame_loop_options *options) {
    unsigned asked = options ? options->threads : 0;
    uint64_t threads = asked ? asked : processors();
    if (threads > count)
        threads = count;
    if (threads < 2)
        return ame__run_in_order(step, loop, count);
    struct team team = {.step = step, .loop = loop, .count = count};
    team.grain = options && options->grain ? options->grain : choose_grain(count, threads);
    team.threads = calloc(threads - 1, sizeof *team.threads);
    if (!team.threads)
        return AME_ENOMEM;
    start_threads(&team, (unsigned)threads - 1);
    if (!team.started && asked) {
        free(team.threads);
        return AME_ETHREAD;
    }
    work_and_join(&team);
    return (int)(uint32_t)ame__load_relaxed(&team.result);
}

int ame__run_in_order(ame__loop_step *step, const void *loop, uint64_t count) {
    int result = 0;
    for (uint64_t i = 0; i < count && !result; i++)
        result = step(loop, i);
    return result;
}
