/* Slots in blocks: a put takes effect when the block has committed, and not if it is undone. */
#include "check.h"

#include <sys/wait.h>

enum { ROUNDS = 3000 };

static ame_slot requests, answers;
static long served, cancelled;
static char message[8192];

static void ask(int rounds) {
    for (intptr_t i = 1; i <= rounds; i++) {
        atomic {
            CHECK(!ame_slot_put(&requests, (void *)i));
            if (i % 5 == 0) {
                atomic {
                    CHECK(!ame_slot_put(&requests, (void *)-i)); /* never seen */
                    cancelled++;
                    atomic_cancel();
                }
            }
        }
        CHECK((intptr_t)ame_slot_take(&answers) == 2 * i);
    }
    ame_slot_put(&requests, NULL);
}

static void answer(void) {
    for (;;) {
        intptr_t number = (intptr_t)ame_slot_take(&requests);
        if (!number)
            return;
        CHECK(number > 0);
        atomic {
            served++;
            CHECK(!ame_slot_put(&answers, (void *)(2 * number)));
        }
    }
}

static void work(int number) {
    if (number)
        answer();
    else
        ask(STEPS(ROUNDS));
}

static void try_in_blocks(void) {
    void *value;
    atomic {
        CHECK(ame_slot_try_put(&requests, &served));
        CHECK(!ame_slot_try_put(&requests, &cancelled));
    }
    atomic {
        CHECK(ame_slot_try_take(&requests, &value));
        CHECK(!ame_slot_try_take(&requests, &value));
    }
    CHECK(value == &served);
}

/* In a process of its own, which ends. */
static void take_in_block(void) {
    int ends[2], status;
    ssize_t length = 0;
    CHECK(!pipe(ends));
    pid_t child = fork();
    if (!child) {
        dup2(ends[1], STDERR_FILENO);
        atomic {
            ame_slot_take(&requests);
        }
        _exit(0);
    }
    close(ends[1]);
    for (ssize_t n; (n = read(ends[0], message + length, sizeof message - 1 - (size_t)length)) > 0;)
        length += n;
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    CHECK(strstr(message, "ame_slot_take: called in an atomic block"));
}

int main(void) {
    take_in_block();
    run_threads(2, work);
    try_in_blocks();
    CHECK(served == STEPS(ROUNDS) && cancelled == 0);
    return finish(2);
}
