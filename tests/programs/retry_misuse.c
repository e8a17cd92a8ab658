/* What atomic_retry() and atomic_cancel() can't do ends the program with one line. */
#include "check.h"

#include <sys/wait.h>

static long shared;

__attribute__((noinline)) static void wait_for_shared(void) {
    if (!shared)
        atomic_retry();
}

static void outside(void) {
    wait_for_shared();
}

static void nothing_read(void) {
    atomic {
        atomic_retry();
    }
}

static void after_the_irrevocable(void) {
    atomic {
        shared++;
        ame_irrevocable();
        atomic_retry();
    }
}

static void cancel_after_the_irrevocable(void) {
    atomic {
        shared++;
        remove("");
        atomic_cancel();
    }
}

static void either_after_the_irrevocable(void) {
    atomic_either {
        ame_irrevocable();
        wait_for_shared();
    }
    atomic_or_else {
        shared++;
    }
}

static void expect(void misuse(void), const char *message) {
    int ends[2], status;
    char text[512] = "";
    CHECK(!pipe(ends));
    pid_t child = fork();
    CHECK(child >= 0);
    if (!child) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        misuse();
        _exit(0);
    }
    close(ends[1]);
    for (size_t length = 0; length < sizeof text - 1;) {
        ssize_t more = read(ends[0], text + length, sizeof text - 1 - length);
        if (more <= 0)
            break;
        length += (size_t)more;
    }
    close(ends[0]);
    CHECK(waitpid(child, &status, 0) == child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT || !strstr(text, message)) {
        fprintf(stderr, "expected: %s\nfound: %s\n", message, text);
        exit(1);
    }
}

int main(void) {
    expect(outside, "ame: atomic_retry() outside an atomic block; call it in a block");
    expect(nothing_read, "ame: the atomic block in nothing_read calls atomic_retry() and has read "
                         "nothing that could change; read what it waits for");
    expect(after_the_irrevocable, "ame: the atomic block in after_the_irrevocable calls "
                                  "atomic_retry() after it ran what can't be undone: "
                                  "ame_irrevocable");
    expect(cancel_after_the_irrevocable,
           "ame: the atomic block in cancel_after_the_irrevocable is cancelled after it ran what "
           "can't be undone: remove");
    expect(either_after_the_irrevocable,
           "ame: the atomic block in either_after_the_irrevocable calls atomic_retry() after it "
           "ran what can't be undone: ame_irrevocable");
    return 0;
}
