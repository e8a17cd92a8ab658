#include "stress.h"
#include "faults.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

enum { SECONDS_FOR_ONE_RUN = SANITIZED ? 240 : 120 };

/* In memory that all processes share: the sum over all runs. */
static struct ame_statistics *total;

/* ---- disturbances ---- */

static struct {
    struct random_faults faults;
    long signals; /* microseconds from one to the next; 0: none */
} disturbance;

static void (*body_of_thread)(int number);

/* Holds the thread up for a moment, be it at the worst instruction of the runtime. */
static void hold_up(int signal) {
    (void)signal;
    static uint32_t state;
    uint32_t random = __atomic_add_fetch(&state, UINT32_C(0x9E3779B9), __ATOMIC_RELAXED);
    random = (random ^ random >> 16) * UINT32_C(0x85EBCA6B);
    random ^= random >> 13;
    int error = errno;
    if (random % 4 == 0)
        sched_yield();
    else if (random % 4 == 1)
        nanosleep(&(struct timespec){.tv_nsec = random % 100000}, NULL);
    else
        for (volatile uint32_t spins = random % 4096; spins; spins--)
            ;
    errno = error;
}

static void mask_signal(int how) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    CHECK(!pthread_sigmask(how, &set, NULL));
}

static void set_timer(long microseconds) {
    struct timeval interval = {.tv_usec = microseconds};
    CHECK(!setitimer(ITIMER_REAL, &(struct itimerval){interval, interval}, NULL));
}

static void enter_thread(int number) {
    mask_signal(SIG_UNBLOCK);
    body_of_thread(number);
    mask_signal(SIG_BLOCK);
}

void stress_threads(const struct stress *run, void (*body)(int number)) {
    body_of_thread = body;
    struct sigaction action = {.sa_handler = hold_up, .sa_flags = SA_RESTART};
    CHECK(!sigaction(SIGALRM, &action, NULL));
    mask_signal(SIG_BLOCK); /* so that the others get them */
    faults_at_random(disturbance.faults);
    set_timer(disturbance.signals);
    run_threads(run->threads, enter_thread);
    set_timer(0);
    faults_at_random((struct random_faults){0});
}

int stress_steps(const struct stress *run, int all) {
    int steps = STEPS(all);
    if (run->threads > 4) /* more switches from one to the other */
        steps = steps * 4 / run->threads;
    return steps / run->threads + 1;
}

/* ---- one run ---- */

static unsigned one_of(uint64_t *random, const unsigned *choices, unsigned count) {
    return choices[next_random(random) % count];
}
#define ONE_OF(random, ...)                                                                        \
    one_of(random, (const unsigned[]){__VA_ARGS__},                                                \
           sizeof(const unsigned[]){__VA_ARGS__} / sizeof(unsigned))

static void run_seed(uint64_t seed) {
    struct stress run = {.random = seed};
    uint64_t *random = &run.random;
    run.threads = (int)ONE_OF(random, 2, 2, 3, 4, 4, 8, 16, 64);
    disturbance.faults.seed = next_random(random);
    disturbance.faults.abort = ONE_OF(random, 0, 0, 0, 20, 100, 500);
    disturbance.faults.pause = ONE_OF(random, 0, 0, 0, 50, 200, 1000);
    disturbance.faults.no_memory = ONE_OF(random, 0, 0, 0, 3);
    disturbance.faults.software = ONE_OF(random, 0, 0, 30, 100);
    disturbance.faults.show = ONE_OF(random, 0, 0, 5, 20, 100);
    disturbance.signals = ONE_OF(random, 0, 0, 200, 500, 2000);
    stress_run(&run);
    struct ame_statistics s;
    ame_get_statistics(&s);
    total->commits_htm += s.commits_htm;
    total->commits_stm += s.commits_stm;
    total->commits_serial += s.commits_serial;
    total->aborts_htm += s.aborts_htm;
    total->aborts_conflict += s.aborts_conflict;
    total->aborts_memory += s.aborts_memory;
}

/* Null if all went well, else what happened. */
static const char *failure_of(pid_t child) {
    static char text[80];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    struct timespec limit = {.tv_sec = SECONDS_FOR_ONE_RUN};
    int status;
    while (waitpid(child, &status, WNOHANG) == 0)
        if (sigtimedwait(&set, NULL, &limit) < 0 && errno == EAGAIN) {
            kill(child, SIGABRT); /* for the core */
            waitpid(child, &status, 0);
            snprintf(text, sizeof text, "no end after %d seconds", SECONDS_FOR_ONE_RUN);
            return text;
        }
    if (WIFSIGNALED(status))
        snprintf(text, sizeof text, "ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status))
        snprintf(text, sizeof text, "ended with status %d", WEXITSTATUS(status));
    else
        return NULL;
    return text;
}

static const char *run_in_process(uint64_t seed) {
    fflush(NULL);
    pid_t parent = getpid(), child = fork();
    CHECK(child >= 0);
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
        run_seed(seed);
        exit(0);
    }
    return failure_of(child);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Runs that met no other block would prove little; a few may. */
static const char *little_proved(const char *mode, uint64_t runs) {
    enum { FEW = 10 };
    if (runs < FEW || strcmp(mode, "serial") == 0)
        return NULL;
    if (total->commits_htm + total->commits_stm <= total->commits_serial)
        return "most blocks ran alone";
    if (!strcmp(mode, "stm") && !total->aborts_conflict)
        return "no block met another one";
    return NULL;
}

/* The number at the start of `text`; ends the program where there is none, or more than `unit`
 * behind it. */
static uint64_t number(const char *text, const char *unit, bool *has_unit) {
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    *has_unit = *end && !strcmp(end, unit);
    if (end == text || errno || (*end && !*has_unit)) {
        fprintf(stderr, "%s: not a number; usage: SEED COUNT, or SEED SECONDSs\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s SEED COUNT, or SEED SECONDSs\n", argv[0]);
        return 2;
    }
    bool timed;
    uint64_t seed = number(argv[1], "", &timed), count = number(argv[2], "s", &timed), runs = 0;
    double end = seconds() + (double)count;
    const char *failure = NULL, *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    const char *mode = getenv("AME_MODE") ? getenv("AME_MODE") : "auto";
    total = mmap(NULL, sizeof *total, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(total != MAP_FAILED);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD); /* stays pending for sigtimedwait */
    CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));

    while (!failure && (timed ? seconds() < end : runs < count)) {
        failure = run_in_process(seed++);
        runs++;
    }
    if (failure) /* the report of a run has gone to stderr */
        printf("seed %" PRIu64 ": %s; again: AME_MODE=%s %s %" PRIu64 " 1\n", seed - 1, failure,
               mode, argv[0], seed - 1);
    else if ((failure = little_proved(mode, runs)))
        printf("%s\n", failure);
    printf("%-22s %-7s %6" PRIu64 " runs, blocks: %8" PRIu64 " hardware, %8" PRIu64
           " software, %8" PRIu64 " alone; undone: %8" PRIu64 "  %s\n",
           name, mode, runs, total->commits_htm, total->commits_stm, total->commits_serial,
           total->aborts_htm + total->aborts_conflict + total->aborts_memory,
           failure ? "FAILED" : "ok");
    return failure != NULL;
}
