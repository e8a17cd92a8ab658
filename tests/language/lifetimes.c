/* Locals whose address is taken: they live across blocks, rounds of loops and jumps. */
#include "feature.h"

static int total, seen[6];
static int result;

static void prepare(void) {
    total = result = 0;
    memset(seen, 0, sizeof seen);
}

static __attribute__((noinline)) void set(int *at, int value) {
    *at = value + total;
}

static __attribute__((noinline)) int get(int *at) {
    return (*at)++;
}

/* Overwrites what is below the caller's frame. */
static __attribute__((noinline)) int spoil(int by) {
    volatile char bytes[3000];
    for (int i = 0; i < 3000; i++)
        bytes[i] = (char)(0x55 + by);
    return bytes[by];
}

/* ---- used in one block only, which a loop runs again ---- */

static void in_rounds(void) {
    int array[4];
    for (int i = 0; i < 6; i++)
        atomic {
            if (i == 0) {
                spoil(i);
                set(&array[2], 40);
                total++;
            }
            seen[i] = get(&array[2]);
            total++;
            spoil(i + 1);
        }
}

static void check_in_rounds(void) {
    CHECK_EQUAL(total, 7);
    for (int i = 0; i < 6; i++)
        CHECK_EQUAL(seen[i], 40 + i);
}

/* ---- written first in one block, used in another ---- */

static void across_blocks(void) {
    int first, second, *kept = NULL;
    atomic {
        set(&first, 1);
        kept = &first;
        total++;
    }
    for (int i = 0; i < 3; i++)
        atomic {
            result += *kept;
            get(&first);
            spoil(i);
        }
    goto start;
again:
    atomic {
        result += get(&second);
        if (second < 14)
            goto again;
        goto done;
    }
start:
    atomic {
        set(&second, 10);
    }
    goto again;
done:
    total += second;
}

static void check_across_blocks(void) {
    CHECK_EQUAL(result, 1 + 2 + 3 + 11 + 12 + 13);
    CHECK_EQUAL(total, 1 + 14);
}

/* ---- a new one in each round, with a pointer from block to block ---- */

static void new_in_rounds(void) {
    for (int i = 0; i < 3; i++) {
        struct {
            int cells[8];
        } local;
        int *third;
        atomic {
            for (int k = 0; k < 8; k++)
                set(&local.cells[k], k);
            third = &local.cells[3];
        }
        atomic {
            total += *third + local.cells[7];
            local.cells[0]++;
            spoil(1);
        }
        atomic {
            result += local.cells[0];
            if (i == 2)
                return;
        }
    }
}

static void check_new_in_rounds(void) {
    CHECK_EQUAL(total, 130);
    CHECK_EQUAL(result, 1 + 11 + 41);
}

int main(void) {
    TRY(prepare, in_rounds, check_in_rounds);
    TRY(prepare, across_blocks, check_across_blocks);
    TRY(prepare, new_in_rounds, check_new_in_rounds);
    return 0;
}
