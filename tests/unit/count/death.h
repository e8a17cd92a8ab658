/* death.h - that the runtime ends the program, and what it says. */
#ifndef TESTS_UNIT_COUNT_DEATH_H
#define TESTS_UNIT_COUNT_DEATH_H

#include <criterion/criterion.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `misuse` in a process of its own. */
static inline void check_death(void (*misuse)(void), const char *message) {
    int ends[2];
    char said[512];
    size_t length = 0;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (!child) {
        dup2(ends[1], STDERR_FILENO);
        misuse();
        _exit(0);
    }
    close(ends[1]);
    for (ssize_t n; (n = read(ends[0], said + length, sizeof said - 1 - length)) > 0;)
        length += (size_t)n;
    said[length] = 0;
    close(ends[0]);
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "it went on");
    cr_assert(strncmp(said, "ame: ", 5) == 0 && strstr(said, message), "it said: %s", said);
}

#endif
