/* Scalars, locals and globals in a block that is undone at each of its barriers in turn. */
#include "feature.h"

static int global;
static int *heap;
static int result;

static void prepare(void) {
    global = 5;
    heap = calloc(4, sizeof *heap);
}

static void feature(void) {
    int local = 1, sum = 0;
    atomic {
        local++;
        global += local;
        for (int i = 0; i < 4; i++) {
            heap[i] += i + global;
            fault_point();
            sum += heap[i];
        }
        global++;
    }
    result = local * 1000 + sum;
}

static void check(void) {
    CHECK_EQUAL(global, 8);
    CHECK_EQUAL(result, 2000 + 4 * 7 + 6);
    CHECK_EQUAL(heap[3], 10);
    free(heap);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
