/* Blocks that the program ends in: the exit code tells what they had written. */
#include "feature.h"
#include <sys/wait.h>
#include <unistd.h>

static int total, *exit_code;

static void at_exit(void) {
    if (exit_code)
        _exit(*exit_code + total);
}

static __attribute__((noreturn)) void stop(int code) {
    total += 2;
    exit(code);
}

static void endless(int code) {
    static int seen;
    exit_code = &seen;
    atomic {
        for (;;) {
            total++;
            if (total == 3)
                stop(seen = code);
        }
    }
}

static void exit_in_block(void) {
    static int seen;
    exit_code = &seen;
    atomic {
        total++;
        if (total)
            exit(seen = 20);
        total = 100;
    }
    _exit(99);
}

static void abort_in_block(void) {
    atomic {
        total++;
        if (total)
            abort();
        total = 100;
    }
}

static void trap_in_block(void) {
    atomic {
        if (++total)
            __builtin_trap();
    }
}

static void at_once_in_block(void) {
    atomic {
        total = 7;
        _exit(total);
    }
}

static void quick_in_block(void) {
    static int seen;
    exit_code = &seen;
    atomic {
        total++;
        quick_exit(seen = 40);
    }
}

static void end_endless(void) {
    endless(30);
}

static int status_of(void (*end)(void)) {
    int status;
    pid_t child = fork();
    if (!child) {
        end();
        _exit(98);
    }
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void) {
    CHECK(atexit(at_exit) == 0);
    CHECK(at_quick_exit(at_exit) == 0);
    CHECK_EQUAL(status_of(exit_in_block), 21);
    CHECK_EQUAL(status_of(end_endless), 35);
    CHECK_EQUAL(status_of(at_once_in_block), 7);
    CHECK_EQUAL(status_of(quick_in_block), 41);
    CHECK_EQUAL(status_of(abort_in_block), -1);
    CHECK_EQUAL(status_of(trap_in_block), -1);
    return 0;
}
