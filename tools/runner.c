#define _GNU_SOURCE
#include "runner.h"

#include "events/format.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- before: the file ---- */

/* Whether what lies at `path` may be replaced: nothing, or an older recording. */
static bool may_replace(const char *path) {
    struct stat status;
    char magic[sizeof AME__FORMAT_MAGIC - 1];
    if (lstat(path, &status))
        return errno == ENOENT;
    if (!S_ISREG(status.st_mode))
        return false;
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t size = fread(magic, 1, sizeof magic, file);
    fclose(file);
    return !size || (size == sizeof magic && !memcmp(magic, AME__FORMAT_MAGIC, size));
}

char *runner_prepare(const char *path) {
    char *directory = getcwd(NULL, 0);
    if (!directory && *path != '/') {
        complain("cannot tell the working directory: %s", strerror(errno));
        return NULL;
    }
    char *absolute = *path == '/' ? must_copy(path) : must_print("%s/%s", directory, path);
    free(directory);
    if (!may_replace(absolute)) {
        complain("%s exists and is not a recording; choose another file with -o", path);
        free(absolute);
        return NULL;
    }
    unlink(absolute);
    int file = open(absolute, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) {
        complain("cannot write %s: %s; choose another file with -o", path, strerror(errno));
        free(absolute);
        return NULL;
    }
    close(file);
    unlink(absolute); /* the runtime makes it, and never overwrites one */
    return absolute;
}

/* ---- the program ---- */

static volatile sig_atomic_t child;

static void pass_on(int signal) {
    if (child > 0)
        kill(child, signal);
}

/* A terminal sends its signals to the program too; others are passed on. */
static void set_signals(void (*interrupt)(int), void (*others)(int)) {
    signal(SIGINT, interrupt);
    signal(SIGQUIT, interrupt);
    signal(SIGTERM, others);
    signal(SIGHUP, others);
}

/* In the child; reports through the pipe, which closes when the program runs. */
static _Noreturn void run_program(char **arguments, const char *file, bool software, int report) {
    set_signals(SIG_DFL, SIG_DFL);
    int error =
        setenv("AME_RECORD", file, 1) || (software && setenv("AME_MODE", "stm", 1)) ? errno : 0;
    if (!error) {
        execvp(arguments[0], arguments);
        error = errno;
    }
    if (write(report, &error, sizeof error) < 0)
        _exit(EXIT_NOT_EXECUTABLE);
    _exit(EXIT_NOT_FOUND);
}

/* Runs it to its end. Returns its wait status, or -1 after a message and with the
 * exit status in `*failure`. */
static int run(char **arguments, const char *file, bool software, int *failure) {
    int report[2], error = 0, status = 0;
    *failure = EXIT_FAILURE;
    if (pipe2(report, O_CLOEXEC)) {
        complain("cannot make a pipe: %s", strerror(errno));
        return -1;
    }
    set_signals(SIG_IGN, pass_on);
    pid_t pid = fork();
    if (pid < 0) {
        complain("cannot start a process: %s", strerror(errno));
        return -1;
    }
    if (pid == 0)
        run_program(arguments, file, software, report[1]);
    child = pid;
    close(report[1]);
    ssize_t size;
    while ((size = read(report[0], &error, sizeof error)) < 0 && errno == EINTR)
        continue;
    close(report[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    child = 0;
    set_signals(SIG_DFL, SIG_DFL);
    if (size <= 0)
        return status;
    complain("cannot run %s: %s", arguments[0], strerror(error));
    *failure = error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
    return -1;
}

static int exit_status(int status, const char *program) {
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    int signal_number = WTERMSIG(status);
    complain("%s was ended by signal %d (%s)", program, signal_number, strsignal(signal_number));
    return EXIT_SIGNAL + signal_number;
}

int runner_run(char **arguments, const char *file, bool software, bool *ran) {
    int failure, status = run(arguments, file, software, &failure);
    *ran = status != -1;
    return *ran ? exit_status(status, arguments[0]) : failure;
}
