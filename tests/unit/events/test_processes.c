/* Threads and processes: ends, kills, forks, and files that are in the way. */
#include "recording.h"

#include "base/arch.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

TestSuite(processes, .init = make_directory, .fini = remove_directory);

static struct ame_abi_block block = {
    .plain = twin, .twin = twin, .function = "block", .file = "test.c", .line = 7};

/* One attempt that lasts from now until now. */
static void attempt_now(struct ame__recorder *recorder, uint32_t reason) {
    struct ame__attempt attempt = {.block = &block, .way = STM, .reason = reason};
    attempt.begin_ticks = ame__ticks();
    attempt.end_ticks = ame__ticks();
    ame__recorder_attempt(recorder, &attempt, 0);
}

static uint64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- threads ---- */

enum { THREADS = 8, ATTEMPTS = 20000 };

static void *attempt_many(void *nothing) {
    struct ame__recorder *recorder = open_thread();
    for (uint32_t i = 0; i < ATTEMPTS; i++)
        attempt_now(recorder, i % 4 ? 0 : AME__RECORDED_READ_CHANGED);
    ame__recorder_close_thread(recorder);
    return nothing;
}

static void several_threads(void) {
    pthread_t threads[THREADS];
    ame__recorder_start();
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, attempt_many, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

Test(processes, nothing_of_several_threads_is_lost) {
    cr_assert_eq(in_process(several_threads), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.threads, THREADS);
    cr_assert_eq(contents.total.commits_stm, THREADS * ATTEMPTS / 4 * 3);
    cr_assert_eq(contents.total.aborts, THREADS * ATTEMPTS / 4);
    cr_assert_eq(contents.counted, THREADS * ATTEMPTS / 4);
    cr_assert_leq(contents.total.committed_ticks + contents.total.wasted_ticks +
                      contents.total.waiting_ticks,
                  contents.thread_ticks);
    cr_assert(contents.whole && contents.end_is_last && contents.ends == 1);
}

static atomic_bool others_run;

static void *attempt_for_ever(void *nothing) {
    struct ame__recorder *recorder = open_thread();
    while (recorder) { /* else the thread came after the recording's end */
        attempt_now(recorder, AME__RECORDED_READ_CHANGED);
        others_run = true;
        sched_yield();
    }
    return nothing;
}

static void exit_while_others_run(void) {
    pthread_t thread;
    ame__recorder_start();
    struct ame__recorder *recorder = open_thread();
    for (int i = 0; i < 4; i++)
        pthread_create(&thread, NULL, attempt_for_ever, NULL);
    for (int i = 0; i < 100; i++)
        attempt_now(recorder, 0);
    while (!others_run)
        usleep(1000);
}

Test(processes, exit_while_other_threads_run_leaves_a_whole_file) {
    for (int round = 0; round < 5; round++) {
        cr_assert_eq(in_process(exit_while_others_run), 0);
        struct contents contents = read_recording(path);
        cr_assert_eq(contents.total.commits_stm, 100);
        cr_assert_eq(contents.total.aborts, contents.counted);
        cr_assert_gt(contents.threads, 1);
        cr_assert(contents.whole && contents.end_is_last && contents.ends == 1);
        unlink(path);
    }
}

/* ---- ends that are none ---- */

static void killed(void) {
    ame__recorder_start();
    struct ame__recorder *recorder = open_thread();
    uint64_t end = milliseconds() + 350;
    for (int i = 0; milliseconds() < end; i++) {
        attempt_now(recorder, i % 64 ? 0 : AME__RECORDED_WOUNDED);
        usleep(50);
    }
    attempt_now(recorder, 0); /* other programs may have had the processor since the last one */
    raise(SIGKILL);
}

Test(processes, a_killed_program_leaves_a_readable_file) {
    uint64_t begin = milliseconds();
    int status = in_process(killed);
    double lasted = (double)(milliseconds() - begin + 1) / 1000;
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.ends, 0);
    cr_assert(contents.whole, "the last chunk is whole");
    cr_assert_gt(contents.total.aborts, 0);
    cr_assert_eq(contents.total.aborts, contents.counted);
    cr_assert_geq(contents.clocks, 2, "written about every 100 ms");
    cr_assert_eq(contents.threads, 1);
    double seconds = (double)(contents.thread.end_ticks - contents.thread.begin_ticks) /
                     (double)contents.header.ticks_per_second;
    cr_assert(seconds > 0.15 && seconds < lasted * 1.01,
              "no more than the last moment is lost: %g of %g", seconds, lasted);
}

/* ---- fork ---- */

static void forking(void) {
    ame__recorder_start();
    struct ame__recorder *recorder = open_thread();
    attempt_now(recorder, AME__RECORDED_WOUNDED);
    for (int child = 0; child < 2; child++) {
        pid_t pid = fork();
        if (!pid) {
            /* The first child runs blocks, the second one none. */
            for (int i = 0; child == 0 && i < 10; i++)
                attempt_now(recorder, 0);
            if (child == 0)
                attempt_now(open_thread(), 0);
            exit(0);
        }
        waitpid(pid, NULL, 0);
        char name[128];
        snprintf(name, sizeof name, "%s.%s", path, child ? "without" : "with");
        char made[128];
        snprintf(made, sizeof made, "%s.%ld", path, (long)pid);
        if (rename(made, name) && child == 0)
            _exit(1);
    }
    attempt_now(recorder, 0);
}

Test(processes, a_forked_child_records_to_a_file_of_its_own) {
    cr_assert_eq(in_process(forking), 0);
    struct contents parent = read_recording(path);
    cr_assert_eq(parent.total.commits_stm, 1);
    cr_assert_eq(parent.total.aborts, 1);
    cr_assert(parent.whole && parent.end_is_last && parent.ends == 1);
    char name[128];
    snprintf(name, sizeof name, "%s.with", path);
    struct contents child = read_recording(name);
    cr_assert_eq(child.total.commits_stm, 11);
    cr_assert_eq(child.total.aborts + child.event_count, 0, "the parent's events are the parent's");
    cr_assert_eq(child.threads, 2);
    cr_assert_geq(child.modules, 2);
    cr_assert(child.named_first && child.whole && child.ends == 1);
    cr_assert_neq(child.header.pid, parent.header.pid);
    snprintf(name, sizeof name, "%s.without", path);
    cr_assert(access(name, F_OK), "no blocks, no file");
}

static void *fork_often(void *nothing) {
    for (int i = 0; i < 50; i++) {
        pid_t pid = fork();
        if (!pid)
            _exit(0);
        waitpid(pid, NULL, 0);
    }
    return nothing;
}

static void fork_while_others_record(void) {
    pthread_t forker, worker;
    ame__recorder_start();
    pthread_create(&worker, NULL, attempt_many, NULL);
    pthread_create(&forker, NULL, fork_often, NULL);
    pthread_join(worker, NULL);
    pthread_join(forker, NULL);
}

Test(processes, fork_while_other_threads_record, .timeout = 30) {
    cr_assert_eq(in_process(fork_while_others_record), 0);
    cr_assert_eq(read_recording(path).counted, ATTEMPTS / 4);
}

/* ---- files in the way ---- */

static void one_attempt(void) {
    ame__recorder_start();
    attempt_now(open_thread(), 0);
}

Test(processes, a_file_that_exists_is_never_overwritten) {
    FILE *file = fopen(path, "w");
    fputs("precious", file);
    fclose(file);
    cr_assert_eq(in_process(one_attempt), 0);
    char text[16] = "";
    file = fopen(path, "r");
    cr_assert(fgets(text, sizeof text, file));
    fclose(file);
    cr_assert_str_eq(text, "precious");
    char command[128];
    snprintf(command, sizeof command, "mv %s.[0-9]* %s.other", path, path);
    cr_assert_eq(system(command), 0, "the recording has the process's number behind its name");
    snprintf(command, sizeof command, "%s.other", path);
    cr_assert_eq(read_recording(command).total.commits_stm, 1);
}

static void descriptor_taken(void) {
    ame__recorder_start();
    struct ame__recorder *recorder = open_thread();
    attempt_now(recorder, 0);
    char name[128];
    snprintf(name, sizeof name, "%s.users", path);
    /* Every descriptor that may be the recorder's becomes a file of the program's. */
    int users = open(name, O_CREAT | O_WRONLY, 0666);
    for (int i = 3; i < 64; i++)
        if (i != users)
            dup2(users, i);
    ame__recorder_close_thread(recorder);
}

Test(processes, nothing_is_written_to_a_file_that_took_the_descriptor) {
    cr_assert_eq(in_process(descriptor_taken), 0);
    char name[128];
    struct stat status;
    snprintf(name, sizeof name, "%s.users", path);
    cr_assert_eq(stat(name, &status), 0);
    cr_assert_eq(status.st_size, 0);
}

static void other_directory(void) {
    if (chdir(directory) || setenv("AME_RECORD", "relative", 1))
        _exit(1);
    one_attempt();
    if (chdir("/"))
        _exit(1);
}

Test(processes, a_relative_name_is_relative_to_the_start) {
    cr_assert_eq(in_process(other_directory), 0);
    char name[128];
    snprintf(name, sizeof name, "%s/relative", directory);
    cr_assert_eq(read_recording(name).ends, 1);
}
