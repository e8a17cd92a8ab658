/* atomic_either: the first alternative that does not retry; of the others nothing stays. */
#include "feature.h"

static int first, second, third, tries;
static int *heap;
static ame_counter counter;
static char commits[8];

static void note(void *letter) {
    strcat(commits, letter);
}

static void prepare(void) {
    first = second = third = 0;
    heap = calloc(4, sizeof *heap);
    counter = (ame_counter){0};
    memset(commits, 0, sizeof commits);
}

static void wait_for(const int *flag) {
    if (!*flag)
        atomic_retry();
}

static int choose(void) {
    int chosen = 0, local = 10;
    atomic_either {
        local++;
        heap[0]++;
        free(heap);
        heap = calloc(4, sizeof *heap);
        ame_counter_add(&counter, 1);
        ame_on_commit(note, "1");
        wait_for(&first);
        chosen = 1;
    }
    atomic_or_else {
        CHECK(local == 10 && heap[0] == 0);
        local++;
        ame_on_commit(note, "2");
        wait_for(&second);
        chosen = 2;
    }
    CHECK_EQUAL(local, 11);
    return chosen;
}

/* Three, on the right; and on the left in a function. */
static int of_three(void) {
    int chosen = 0;
    atomic_either {
        chosen = 1;
        wait_for(&first);
    }
    atomic_or_else atomic_either {
        CHECK(chosen == 0);
        chosen += 2;
        wait_for(&second);
    }
    atomic_or_else {
        CHECK(chosen == 0);
        chosen += 3;
        wait_for(&third);
    }
    return chosen;
}

static int left(void) {
    int chosen = 0;
    atomic_either {
        chosen = choose();
    }
    atomic_or_else {
        CHECK(chosen == 0);
        wait_for(&third);
        chosen = 3;
    }
    return chosen;
}

/* Every way out, and a cancel in either part. */
static int leave(int how) {
    for (int i = 0; i < 10; i++) {
        atomic_either {
            tries++;
            if (how == 1)
                return 1;
            if (how == 2)
                goto out;
            if (how == 3)
                break;
            if (how == 4)
                continue;
            if (how == 5)
                atomic_cancel();
            if (how == 6)
                wait_for(&third);
            tries += 1000;
        }
        atomic_or_else {
            tries += 10;
            if (third == 0)
                atomic_cancel();
            tries += 1000;
        }
        return 20;
    }
out:
    return 30;
}

/* The dangling else. */
static int unbraced(int condition) {
    int chosen = 0;
    if (condition)
        atomic_either {
            wait_for(&first);
        }
    atomic_or_else {
        chosen = 2;
    }
    else chosen = 4;
    return chosen;
}

/* In a block of its own that goes on, and whose other effects stay. */
static void in_a_block(void) {
    atomic {
        int *fresh = malloc(4 * sizeof *fresh), local[4] = {1};
        fresh[0] = 7;
        heap[1] = 5;
        atomic_either {
            fresh[0]++;
            memset(local, 2, sizeof local);
            heap[1]++;
            heap[2] = 1;
            atomic {
                heap[3] = 1;
                atomic_retry();
            }
        }
        atomic_or_else {
            CHECK(heap[1] == 5 && !heap[2] && !heap[3]);
            CHECK(fresh[0] == 7 && local[0] == 1);
            fresh[0] += 2;
            heap[1] += 10;
            atomic {
                heap[1] += 100;
                atomic_cancel();
            }
        }
        CHECK(heap[1] == 15);
        heap[1] += fresh[0] - 8;
        free(fresh);
    }
}

static void feature(void) {
    first = 1;
    CHECK_EQUAL(choose(), 1);
    first = 0;
    second = 1;
    CHECK_EQUAL(choose(), 2);
    CHECK_EQUAL(of_three(), 2);
    CHECK_EQUAL(left(), 2);
    second = 0;
    third = 1;
    CHECK_EQUAL(of_three(), 3);
    CHECK_EQUAL(left(), 3);
    first = 1;
    CHECK_EQUAL(of_three(), 1);
    first = third = 0;
    CHECK_EQUAL(unbraced(1), 2);
    CHECK_EQUAL(unbraced(0), 4);
    for (int how = 1; how <= 6; how++) {
        tries = 0;
        int result = leave(how);
        CHECK_EQUAL(result, how == 1 ? 1 : how == 2 ? 30 : 20);
        CHECK_EQUAL(tries, how <= 4 ? 1 : 0);
    }
    in_a_block();
}

static void check(void) {
    CHECK(!strcmp(commits, "122"));
    CHECK_EQUAL(ame_counter_read(&counter), 1);
    CHECK_EQUAL(heap[1], 16);
    CHECK(!heap[2] && !heap[3]);
    free(heap);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
