/* Computed gotos in a block itself: an interpreter, tables of labels, and ways out. */
#include "feature.h"

static const char *program;
static int stack[8], *top, total;
static int result[4];

static void prepare(void) {
    program = "12+3*.";
    memset(stack, 0, sizeof stack);
    top = stack;
    total = 0;
    memset(result, 0, sizeof result);
}

static void interpret(void) {
    int steps = 0;
    atomic {
        static const void *const table[] = {
            ['*'] = &&multiply, ['+'] = &&add,   ['.'] = &&stop,
            ['1'] = &&digit,    ['2'] = &&digit, ['3'] = &&digit,
        };
        const char *at = program;
#define NEXT()                                                                                     \
    do {                                                                                           \
        steps++;                                                                                   \
        goto *table[(int)*at];                                                                     \
    } while (0)
        NEXT();
    digit:
        *top++ = *at++ - '0';
        NEXT();
    add:
        top[-2] += top[-1];
        top--, at++;
        NEXT();
    multiply:
        top[-2] *= top[-1];
        top--, at++;
        NEXT();
    stop:
        total = *--top;
        program = at;
    }
    result[0] = steps;
}

static void check_interpret(void) {
    CHECK_EQUAL(result[0], 6);
    CHECK_EQUAL(total, 9);
    CHECK(top == stack && *program == '.');
}

/* Labels in local variables and offsets between labels; a jump back and one forward. */
static void labels(void) {
    int rounds = 0;
    atomic {
        void *where = &&again;
        static const int offsets[] = {&&even - &&even, &&odd - &&even};
    again:
        total++;
        goto *(&&even + offsets[total % 2]);
    even:
        stack[0] += total;
        goto both;
    odd:
        stack[1] += total;
    both:
        if (++rounds == 5)
            where = &&done;
        goto *where;
    done:
        stack[2] = rounds;
    }
    result[0] = rounds;
}

static void check_labels(void) {
    CHECK_EQUAL(total, 5);
    CHECK(stack[0] == 6 && stack[1] == 9 && stack[2] == 5);
    CHECK_EQUAL(result[0], 5);
}

/* Ways out and a nested block. A computed goto itself may not leave a block: clang refuses it. */
static int leave(int how) {
    int local = how;
    atomic {
        static const void *const inside[] = {&&first, &&second, &&third};
        total++;
        goto *inside[how];
    first:
        atomic {
            stack[0]++;
            local += 10;
        }
        break;
    second:
        stack[1]++;
        return local + 20;
    third:
        stack[2]++;
        goto end;
    }
    local += 1100;
end:
    return local;
}

static void ways_out(void) {
    for (int how = 0; how < 3; how++)
        result[how] = leave(how);
    atomic {
        result[3] = leave(1) + leave(0);
    }
}

static void check_ways_out(void) {
    CHECK_EQUAL(result[0], 1110);
    CHECK_EQUAL(result[1], 21);
    CHECK_EQUAL(result[2], 2);
    CHECK_EQUAL(result[3], 1131);
    CHECK_EQUAL(total, 5);
    CHECK(stack[0] == 2 && stack[1] == 2 && stack[2] == 1);
}

/* Whether such blocks run alone is not said here. */
int main(void) {
    with_every_fault(prepare, interpret, check_interpret);
    with_every_fault(prepare, labels, check_labels);
    with_every_fault(prepare, ways_out, check_ways_out);
    return 0;
}
