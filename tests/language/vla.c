/* Variable-length arrays in a block and in functions that it calls, and alloca in those. */
#include "feature.h"
#include <alloca.h>

static int size, numbers[12], total;
static int result[4];

static void prepare(void) {
    size = 4;
    total = 0;
    for (int i = 0; i < 12; i++)
        numbers[i] = i;
    memset(result, 0, sizeof result);
}

/* ---- in the block itself ---- */

static void in_block(void) {
    int outside = 0;
    atomic {
        int array[size], grid[size][size - 1];
        for (int i = 0; i < size; i++) {
            array[i] = numbers[i] * 2;
            for (int j = 0; j < size - 1; j++)
                grid[i][j] = i * 10 + j;
        }
        size++;
        for (int round = 1; round < 4; round++) {
            char more[round * 100];
            memset(more, round, sizeof more);
            total += more[round * 50] + (int)sizeof more;
            if (round == 2) {
                long last[size];
                last[size - 1] = array[3];
                numbers[size] = (int)last[size - 1];
            }
        }
        outside = grid[3][2] * 100 + array[2] + (int)(sizeof grid / sizeof **grid);
    }
    result[0] = outside;
}

static void check_in_block(void) {
    CHECK_EQUAL(size, 5);
    CHECK_EQUAL(total, 606);
    CHECK_EQUAL(numbers[5], 6);
    CHECK_EQUAL(result[0], 3200 + 4 + 12);
}

/* ---- jumps out of a scope with an array, and one that is older than the block ---- */

static int leave(int how) {
    int older[size];
    for (int i = 0; i < size; i++)
        older[i] = i;
    atomic {
        int array[how + 1];
        array[how] = older[1] + how;
        older[1] = 50 + how;
        total += array[how];
        if (how == 1)
            return older[1];
        if (how == 2)
            goto out;
    again:;
        int second[total];
        second[total - 1] = total;
        older[2] = second[total - 1];
        if (++total < 10)
            goto again;
    }
    return older[1] + older[2];
out:
    return -older[1];
}

static void jumps(void) {
    for (int how = 0; how < 4; how++)
        result[how] = leave(how);
}

static void check_jumps(void) {
    CHECK_EQUAL(result[0], 50 + 9);
    CHECK_EQUAL(result[1], 51);
    CHECK_EQUAL(result[2], -52);
    CHECK_EQUAL(result[3], 53 + 19);
    CHECK_EQUAL(total, 20);
}

/* ---- in callees, and as parameters ---- */

static int trace(int rows, int columns, int matrix[rows][columns]) {
    int sum = 0;
    for (int i = 0; i < rows && i < columns; i++) {
        sum += matrix[i][i];
        matrix[i][i] = 0;
    }
    return sum;
}

static __attribute__((noinline)) int sort(int count, int values[static count]) {
    int copy[count];
    memcpy(copy, values, sizeof copy);
    for (int i = 1; i < count; i++)
        for (int j = i; j && copy[j] > copy[j - 1]; j--) {
            int swapped = copy[j];
            copy[j] = copy[j - 1];
            copy[j - 1] = swapped;
        }
    memcpy(values, copy, sizeof copy);
    return copy[0];
}

static int nested(int depth) {
    int here[depth + 1];
    here[depth] = depth + numbers[depth];
    return depth ? here[depth] + nested(depth - 1) : here[0];
}

static int *fill(int *array, int count) {
    for (int i = 0; i < count; i++)
        array[i] = numbers[i] + 1;
    return array;
}

static __attribute__((noinline)) int on_stack(int count) {
    int *array = alloca((size_t)count * sizeof *array), sum = 0;
    fill(array, count);
    for (int i = 0; i < count; i++) {
        char *bytes = alloca((size_t)array[i]);
        memset(bytes, i, (size_t)array[i]);
        sum += bytes[array[i] - 1];
    }
    numbers[0] += sum;
    return sum;
}

static void in_callees(void) {
    int square[size][size], sum, *kept = alloca(8 * sizeof *kept);
    for (int i = 0; i < size * size; i++)
        square[i / size][i % size] = i;
    atomic {
        sum = trace(size, size, square);
        sum += trace(3, 4, (int(*)[4])numbers) * 100;
        total = sort(size, square[1]);
        total += sort(12, numbers) * 100;
        total += nested(3) * 10000;
        fill(kept, 8);
        int(*rows)[size] = square;
        rows[2][3] = on_stack(5);
    }
    result[0] = sum;
    result[1] = square[1][0] * 10 + square[1][3] + square[0][0];
    result[2] = square[2][3];
    result[3] = kept[7];
}

static void check_in_callees(void) {
    CHECK_EQUAL(result[0], 30 + 1500);
    CHECK_EQUAL(total, 7 + 1100 + (6 + 11 + 9 + 8 + 7) * 10000);
    CHECK_EQUAL(result[1], 70);
    CHECK_EQUAL(result[2], 10);
    CHECK_EQUAL(numbers[0], 21);
    CHECK_EQUAL(result[3], 3);
}

int main(void) {
    TRY(prepare, in_block, check_in_block);
    TRY(prepare, jumps, check_jumps);
    TRY(prepare, in_callees, check_in_callees);
    return 0;
}
