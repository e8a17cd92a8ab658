/* alloca in a block itself: the memory lives until the function returns, not the block. */
#include "feature.h"
#include <alloca.h>
#include <stdint.h>

static int numbers[8], total;
static int result[4];

static void prepare(void) {
    for (int i = 0; i < 8; i++)
        numbers[i] = i + 1;
    total = 0;
    memset(result, 0, sizeof result);
}

static __attribute__((noinline)) int fill(int *to, int count) {
    for (int i = 0; i < count; i++)
        to[i] = numbers[i];
    return count;
}

/* Overwrites what is below the caller's frame. */
static __attribute__((noinline)) int spoil(void) {
    volatile char bytes[2000];
    for (int i = 0; i < 2000; i++)
        bytes[i] = 0x55;
    return bytes[numbers[0]];
}

static void once(void) {
    int sum = 0;
    atomic {
        int count = numbers[5], *made = alloca((size_t)count * sizeof *made);
        total = fill(made, count);
        for (int i = 0; i < count; i++)
            sum += made[i];
        made[0] = -1;
        numbers[0] = made[0] + sum;
    }
    result[0] = sum;
}

static void check_once(void) {
    CHECK_EQUAL(result[0], 21);
    CHECK_EQUAL(numbers[0], 20);
    CHECK_EQUAL(total, 6);
}

static void after_the_block(void) {
    int *kept, older = 3, *first = alloca(sizeof *first);
    *first = 4;
    atomic {
        kept = alloca(40 * sizeof *kept);
        for (int i = 0; i < 40; i++)
            kept[i] = i;
        total += kept[39] + *first;
        older++;
        *first = 6;
    }
    int *last = alloca(100);
    memset(last, 0, 100);
    result[0] = spoil();
    for (int i = 0; i < 40; i++)
        result[1] += kept[i];
    atomic {
        kept[0] = 100;
        result[2] = kept[0] + kept[1] + *first + older;
    }
    result[3] = kept[0] + last[0];
}

static void check_after_the_block(void) {
    CHECK_EQUAL(total, 43);
    CHECK_EQUAL(result[0], 0x55);
    CHECK_EQUAL(result[1], 780);
    CHECK_EQUAL(result[2], 111);
    CHECK_EQUAL(result[3], 100);
}

struct item {
    struct item *next;
    int value;
};

static void in_loops(void) {
    struct item *list = NULL;
    for (int round = 0; round < 3; round++) {
        atomic {
            for (int i = 0; i < 2; i++) {
                struct item *item = __builtin_alloca(sizeof *item);
                *item = (struct item){list, numbers[round * 2 + i]++};
                list = item;
            }
            if (round == 2)
                break;
            total++;
        }
        spoil();
    }
    for (struct item *item = list; item; item = item->next)
        result[0] = result[0] * 10 + item->value;
    atomic {
        for (struct item *item = list; item; item = item->next)
            result[1] += item->value;
        char *aligned = __builtin_alloca_with_align(32, 512);
        memset(aligned, 3, 32);
        result[2] = (uintptr_t)aligned % 64 == 0 && aligned[31] == 3;
    }
}

static void check_in_loops(void) {
    CHECK_EQUAL(result[0], 654321);
    CHECK_EQUAL(result[1], 21);
    CHECK_EQUAL(result[2], 1);
    CHECK_EQUAL(total, 2);
    CHECK_EQUAL(numbers[5], 7);
}

/* With variable-length arrays, nested blocks, and ways out. */
static int leave(int how) {
    char *kept = "";
    atomic {
        atomic {
            kept = alloca(16); /* not in the scope of an array, whose end would free it */
            int array[numbers[how]];
            array[0] = how;
            memset(kept, 'a' + array[0], 15);
            kept[15] = 0;
            if (how == 1)
                return kept[3];
            if (how == 2)
                goto out;
        }
        kept[2] = 'z';
        total++;
    }
out:
    spoil();
    return kept[2] + kept[14] * 1000;
}

static void ways_out(void) {
    for (int how = 0; how < 3; how++)
        result[how] = leave(how);
}

static void check_ways_out(void) {
    CHECK_EQUAL(result[0], 'z' + 'a' * 1000);
    CHECK_EQUAL(result[1], 'b');
    CHECK_EQUAL(result[2], 'c' * 1001);
    CHECK_EQUAL(total, 1);
}

int main(void) {
    TRY(prepare, once, check_once);
    TRY(prepare, after_the_block, check_after_the_block);
    TRY(prepare, in_loops, check_in_loops);
    TRY(prepare, ways_out, check_ways_out);
    return 0;
}
