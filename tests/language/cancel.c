/* atomic_cancel() undoes exactly the innermost block, and control goes behind it. */
#include "feature.h"

static int global, array[4], behind;
static int *heap;
static ame_counter counter;
static char commits[8];

static void note(void *letter) {
    strcat(commits, letter);
}

static void prepare(void) {
    global = 1;
    behind = 0;
    memset(array, 0, sizeof array);
    memset(commits, 0, sizeof commits);
    counter = (ame_counter){0};
    heap = calloc(4, sizeof *heap);
}

/* Locals, globals, allocations, frees, counts and calls on commit. */
static int everything(bool cancel) {
    int local = 3, numbers[2] = {1, 2};
    int *escapes = &numbers[1];
    atomic {
        int *fresh = malloc(64);
        fresh[3] = 5;
        local += fresh[3];
        *escapes = 9;
        memset(array, 1, sizeof array);
        global++;
        free(heap);
        heap = fresh;
        ame_counter_add(&counter, 1);
        ame_on_commit(note, "x");
        if (cancel)
            atomic_cancel();
        behind++;
    }
    return local * 10 + numbers[1];
}

static void inner(void) {
    atomic {
        array[0] = 1;
        atomic {
            array[0] = 2;
            array[1] = 2;
            ame_on_commit(note, "i");
            if (array[0] == 2)
                atomic_cancel();
        }
        CHECK(array[0] == 1 && array[1] == 0);
        array[2] = array[0] + 1;
        ame_on_commit(note, "o");
    }
}

/* A block of its own, called from a block and from outside. */
static int take(int limit) {
    int taken = 0;
    atomic {
        global -= limit;
        taken = limit;
        if (global < 0)
            atomic_cancel();
    }
    return taken;
}

/* In a loop and in a switch in the block; each turn is a block. */
static int in_loops(void) {
    int kept = 0;
    for (int i = 0; i < 6; i++)
        atomic {
            array[3] += i;
            kept++;
            switch (i) {
            case 1:
            case 4:
                for (;;)
                    if (array[3] > 0)
                        atomic_cancel();
            default:
                break;
            }
        }
    return kept;
}

static int returned(bool cancel) {
    atomic {
        array[1] = 7;
        if (!cancel)
            return array[1];
        atomic_cancel();
    }
    return -1;
}

static void feature(void) {
    int taken;
    CHECK_EQUAL(everything(true), 32);
    CHECK(global == 1 && !array[3] && !heap[3] && !behind);
    CHECK_EQUAL(ame_counter_read(&counter), 0);
    inner();
    atomic {
        taken = take(1000) * 10;
        global += 5;
        taken += take(4);
    }
    CHECK_EQUAL(taken, 4);
    CHECK_EQUAL(take(3), 0);
    CHECK_EQUAL(in_loops(), 4);
    CHECK_EQUAL(returned(true), -1);
    CHECK_EQUAL(array[1], 0);
    CHECK_EQUAL(returned(false), 7);
}

static void check(void) {
    CHECK_EQUAL(global, 2);
    CHECK_EQUAL(array[0], 1);
    CHECK_EQUAL(array[2], 2);
    CHECK_EQUAL(array[3], 0 + 2 + 3 + 5);
    CHECK(!strcmp(commits, "o"));
    CHECK_EQUAL(everything(false), 89);
    CHECK(!strcmp(commits, "ox"));
    free(heap);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
