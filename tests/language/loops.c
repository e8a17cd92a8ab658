/* Loops in a block, in functions that it calls, and around it. */
#include "feature.h"

enum { COUNT = 6 };

struct node {
    int value;
    struct node *next;
};

static int numbers[COUNT], matrix[4][4], total, runs;
static struct node *list;
static int result[4];

static void prepare(void) {
    total = runs = 0;
    list = NULL;
    for (int i = 0; i < COUNT; i++)
        numbers[i] = i + 1;
    for (int i = 0; i < 16; i++)
        matrix[i / 4][i % 4] = i;
    for (int i = 0; i < 4; i++) {
        struct node *node = malloc(sizeof *node);
        *node = (struct node){i, list};
        list = node;
        result[i] = -1;
    }
}

static void free_list(void) {
    while (list) {
        struct node *next = list->next;
        free(list);
        list = next;
    }
}

/* ---- each kind, in the block itself ---- */

static void kinds(void) {
    int i = 0, j = 10, sum = 0, product = 1;
    atomic {
        for (; i < COUNT; i++)
            total += numbers[i];
        while (j > 7) {
            j--;
            total += j;
            sum += numbers[j - 7];
        }
        do {
            product *= 2;
            numbers[0] += product;
        } while (product < 8);
        for (int low = 0, high = COUNT - 1; low < high; low++, high--) {
            int swapped = numbers[low];
            numbers[low] = numbers[high];
            numbers[high] = swapped;
        }
        for (struct node *node = list; node; node = node->next)
            node->value *= 2;
    }
    result[0] = i;
    result[1] = j;
    result[2] = sum;
    result[3] = product;
}

static void check_kinds(void) {
    CHECK_EQUAL(total, 21 + 9 + 8 + 7);
    CHECK_EQUAL(result[0], COUNT);
    CHECK_EQUAL(result[1], 7);
    CHECK_EQUAL(result[2], 3 + 2 + 1);
    CHECK_EQUAL(result[3], 8);
    CHECK_EQUAL(numbers[0], 6);
    CHECK_EQUAL(numbers[1], 5);
    CHECK_EQUAL(numbers[5], 1 + 2 + 4 + 8);
    CHECK_EQUAL(list->value, 6);
    free_list();
}

/* ---- break, continue, and loops that only a jump leaves ---- */

static void leave_loops(void) {
    int found = -1, skipped = 0, rounds = 0, steps = 0;
    atomic {
        for (int row = 0; row < 4; row++) {
            for (int column = 0; column < 4; column++) {
                if (matrix[row][column] % 2)
                    continue;
                if (matrix[row][column] == 10)
                    goto both;
                matrix[row][column]++;
                skipped++;
            }
            if (row > 5)
                break;
        }
    both:
        for (;;) {
            rounds++;
            if (++total == 3)
                break;
        }
        while (1) {
            if (numbers[steps] == 4) {
                found = steps;
                break;
            }
            steps++;
        }
        for (int i = 0; i < COUNT; i++)
            ;
        if (total == 3)
            break; /* ends the block */
        total = 1000;
    }
    result[0] = found;
    result[1] = skipped;
    result[2] = rounds;
    result[3] = steps;
}

static void check_leave_loops(void) {
    CHECK_EQUAL(total, 3);
    CHECK_EQUAL(result[0], 3);
    CHECK_EQUAL(result[1], 5);
    CHECK_EQUAL(result[2], 3);
    CHECK_EQUAL(result[3], 3);
    CHECK_EQUAL(matrix[2][0], 9);
    CHECK_EQUAL(matrix[2][2], 10);
    free_list();
}

/* ---- in callees ---- */

static struct node *reverse(struct node *node) {
    struct node *reversed = NULL;
    while (node) {
        struct node *next = node->next;
        node->next = reversed;
        reversed = node;
        node = next;
    }
    return reversed;
}

static int collatz(int *steps, int value) {
    int peak = value;
    do {
        value = value % 2 ? 3 * value + 1 : value / 2;
        if (value > peak)
            peak = value;
        ++*steps;
    } while (value != 1);
    return peak;
}

static void multiply(int (*to)[4], int (*from)[4]) {
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            int sum = 0;
            for (int k = 0; k < 4; k++)
                sum += from[i][k] * from[k][j];
            to[i][j] = sum;
        }
}

static void call_loops(void) {
    int product[4][4], peak;
    atomic {
        list = reverse(list);
        peak = collatz(&total, 6);
        multiply(product, matrix);
        for (int i = 0; i < 4; i++)
            for (int j = i; j < 4; j++)
                matrix[j][i] = product[i][j];
    }
    result[0] = peak;
    result[1] = product[1][0];
}

static void check_call_loops(void) {
    CHECK_EQUAL(list->value, 0);
    CHECK_EQUAL(list->next->next->next->value, 3);
    CHECK_EQUAL(total, 8);
    CHECK_EQUAL(result[0], 16);
    CHECK_EQUAL(result[1], 152);
    CHECK_EQUAL(matrix[0][0], 56);
    CHECK_EQUAL(matrix[3][1], 218);
    CHECK_EQUAL(matrix[1][3], 7);
    free_list();
}

/* ---- a loop around the block ---- */

static void around(void) {
    int carried = 1, last = 0;
    for (int i = 0; i < COUNT; i++) {
        atomic {
            if (numbers[i] % 3 == 0)
                continue; /* ends the block, not the round */
            carried = carried * 2 + numbers[i];
            numbers[i] = carried;
            last = i;
        }
        runs++;
    }
    int left = 3;
    while (left) {
        atomic {
            total += left;
            left--;
        }
    }
    do
        atomic {
            left++;
            total++;
        }
    while (left < 2);
    for (;;) {
        atomic {
            if (++total > 10)
                goto out;
        }
    }
out:
    result[0] = carried;
    result[1] = last;
    result[2] = left;
}

static void check_around(void) {
    CHECK_EQUAL(runs, COUNT);
    CHECK_EQUAL(result[0], 45);
    CHECK_EQUAL(result[1], 4);
    CHECK_EQUAL(result[2], 2);
    CHECK_EQUAL(total, 11);
    CHECK_EQUAL(numbers[0], 3);
    CHECK_EQUAL(numbers[1], 8);
    CHECK_EQUAL(numbers[2], 3);
    CHECK_EQUAL(numbers[3], 20);
    free_list();
}

int main(void) {
    TRY(prepare, kinds, check_kinds);
    TRY(prepare, leave_loops, check_leave_loops);
    TRY(prepare, call_loops, check_call_loops);
    TRY(prepare, around, check_around);
    return 0;
}
