/* __transaction_cancel undoes exactly the innermost block, and control goes behind it. */
#include "../feature.h"

static int global, array[6], after;
static int *heap;
static int result[8];

static void prepare(void) {
    global = 1;
    after = 0;
    memset(array, 0, sizeof array);
    memset(result, 0, sizeof result);
    heap = calloc(4, sizeof *heap);
    heap[1] = 7;
}

static void everything(int cancel) {
    int local = 3, escapes = 4, numbers[4] = {1, 2, 3, 4};
    int *address = &escapes;
    __transaction_atomic {
        int *fresh = malloc(64);
        fresh[3] = 5;
        local += fresh[3];
        *address = 9;
        numbers[local & 3] = 20;
        memset(array, 1, sizeof array);
        global++;
        heap[1]++;
        free(heap);
        heap = fresh;
        if (cancel)
            __transaction_cancel;
        free(heap);
        heap = calloc(4, sizeof *heap);
    }
    after++;
    result[cancel] =
        local * 1000 + escapes * 100 + numbers[0] + numbers[1] + numbers[2] + numbers[3];
}

/* Only the inner one; what the outer one does before and after it stays. */
static void inner(void) {
    int local = 1;
    __transaction_atomic {
        global = 10;
        local = 2;
        array[0] = 5;
        __transaction_atomic {
            global = 20;
            local = 30;
            array[0]++;
            array[1] = 6;
            __transaction_cancel;
            array[2] = 7;
        }
        array[3] = array[0];
        global++;
    }
    result[2] = local;
}

/* Two levels down, in a switch and in loops; each turn is a block of its own. */
static void in_loops(void) {
    int kept = 0;
    for (int i = 0; i < 6; i++)
        __transaction_atomic {
            array[4] += i;
            kept++;
            switch (i) {
            case 1:
            case 4:
                while (1)
                    if (array[4] > 0)
                        __transaction_cancel;
            case 2:
                break;
            }
            __transaction_atomic {
                array[5]++;
            }
        }
    result[3] = kept;
    __transaction_atomic {
        global++;
        __transaction_atomic {
            global += 100;
            __transaction_atomic {
                global += 1000;
            }
            if (global > 1000)
                __transaction_cancel;
        }
    }
}

static int returned(int n) {
    __transaction_atomic {
        global += n;
        if (n == 1)
            return global;
        __transaction_cancel;
    }
    return -1;
}

static void feature(void) {
    everything(1);
    everything(0);
    inner();
    in_loops();
    result[4] = returned(1);
    result[5] = returned(2);
    __transaction_relaxed {
        after += 10;
        __transaction_atomic {
            after += 100;
            __transaction_cancel;
        }
    }
}

static void check(void) {
    CHECK_EQUAL(result[1], 3000 + 400 + 10);
    CHECK_EQUAL(result[0], 8000 + 900 + 29);
    CHECK_EQUAL(heap[1], 0);
    CHECK_EQUAL(result[2], 2);
    CHECK_EQUAL(array[0], 5);
    CHECK_EQUAL(array[1], 0x01010101);
    CHECK_EQUAL(array[2], 0x01010101);
    CHECK_EQUAL(array[3], 5);
    CHECK_EQUAL(result[3], 4);
    CHECK_EQUAL(array[4], 0x01010101 + 0 + 2 + 3 + 5);
    CHECK_EQUAL(array[5], 0x01010101 + 4);
    CHECK_EQUAL(result[4], 13);
    CHECK_EQUAL(result[5], -1);
    CHECK_EQUAL(global, 13);
    CHECK_EQUAL(after, 12);
    free(heap);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
