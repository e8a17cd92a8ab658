/* Pointers: to functions, from everywhere, and to locals of frames below the block. */
#include "feature.h"

typedef int function(int *, int);
typedef function *chooser(int);

struct visitor {
    void (*visit)(struct visitor *, int);
    int seen, *total;
};

static int global, cells[4], *cursor, **indirect;
static int result[6];

static int add(int *to, int by) {
    return *to += by;
}

static int subtract(int *from, int by) {
    return *from -= by;
}

static int multiply(int *at, int by) {
    return *at *= by;
}

static function *table[] = {add, subtract, multiply}, *current;

static void prepare(void) {
    global = 10;
    for (int i = 0; i < 4; i++)
        cells[i] = i;
    cursor = cells;
    indirect = &cursor;
    current = add;
    table[1] = subtract;
    memset(result, 0, sizeof result);
}

/* ---- pointers to functions ---- */

static function *choose(int which) {
    return which < 3 ? table[which] : current;
}

static int apply(function *f, int *at, int by) {
    return f(at, by);
}

static int fold(int (*step)(int, const int *), const int *from, int count) {
    int value = 0;
    for (int i = 0; i < count; i++)
        value = step(value, from + i);
    return value;
}

static int digits(int so_far, const int *next) {
    return so_far * 10 + *next;
}

static void visit(struct visitor *self, int value) {
    self->seen++;
    *self->total += value;
    if (value == 2)
        self->visit = NULL;
}

static void walk(struct visitor *visitor) {
    for (int i = 0; i < 4 && visitor->visit; i++)
        visitor->visit(visitor, cells[i]);
}

static void functions(void) {
    chooser *pick = choose;
    function *local = multiply;
    struct visitor visitor = {visit, 0, &result[4]};
    atomic {
        for (int i = 0; i < 3; i++)
            table[i](&cells[i], i + 2);
        result[0] = apply(pick(2), &global, 3);
        result[0] += pick(0)(&global, 1) * 100;
        current = choose(1);
        result[1] = (*choose(3))(&cells[3], 1);
        table[1] = local;
        local = pick(1) == multiply ? current : NULL;
        result[2] = fold(digits, cells, 4);
        walk(&visitor);
    }
    result[3] = local(&global, 1);
    result[5] = visitor.seen * 10 + !visitor.visit;
}

static void check_functions(void) {
    CHECK_EQUAL(result[0], 30 + 3100);
    CHECK_EQUAL(result[1], 2);
    CHECK_EQUAL(result[2], 2 * 1000 + -2 * 100 + 8 * 10 + 2);
    CHECK_EQUAL(result[3], 30);
    CHECK_EQUAL(result[4], 2);
    CHECK_EQUAL(result[5], 11);
    CHECK(current == subtract && table[1] == multiply);
}

/* ---- locals of frames below the block ---- */

struct frames {
    int *mine, *callers;
    int **moved;
};

static int innermost(struct frames *frames, int *last) {
    int own = 5;
    atomic {
        *frames->mine += own;
        *frames->callers *= 2;
        ++*frames->moved;
        **frames->moved += 7;
        own = *last;
        *last = own + *frames->mine;
        int *in_block = &own;
        (*in_block)++;
        frames->mine = frames->callers;
    }
    *frames->mine += 1;
    return own;
}

static int middle(int *callers) {
    int mine = 100, array[3] = {1, 2, 3}, *at = array, last = 4;
    struct frames frames = {&mine, callers, &at};
    int own = innermost(&frames, &last);
    CHECK(frames.mine == callers && at == array + 1);
    return own * 10000 + mine + last * 2 + array[1] + array[0] + array[2];
}

static void frames(void) {
    int local = 3, before, after;
    int *address = &local;
    before = *address;
    result[0] = middle(&local);
    after = local;
    atomic {
        int inside = 0, *to = &inside;
        result[1] = middle(address);
        *to += local;
        to = address;
        *to += 1;
        innermost(&(struct frames){&inside, &local, &(int *){(int[]){1, 2}}}, &before);
        result[2] = inside;
        address = &after;
    }
    *address += before * 100;
    result[3] = local;
    result[4] = after;
}

static void check_frames(void) {
    CHECK_EQUAL(result[0], 5 * 10000 + 105 + 109 * 2 + 9 + 1 + 3);
    CHECK_EQUAL(result[1], result[0]);
    CHECK_EQUAL(result[2], 15 + 5);
    CHECK_EQUAL(result[3], 16 * 2 + 1);
    CHECK_EQUAL(result[4], 7 + (3 + 20) * 100);
}

/* ---- pointers to pointers, restrict, addresses that live before, in and after ---- */

static void copy(int *restrict to, const int *restrict from, int count) {
    while (count--)
        *to++ = *from++;
}

static int *advance(int **at) {
    return (*at)++;
}

static void indirections(void) {
    int local[4] = {5, 6, 7, 8}, *kept, *restrict alone = local, distance;
    void *any = &global;
    atomic {
        **indirect = 9;
        (*indirect)++;
        *(*indirect)++ += 10;
        kept = advance(&cursor);
        copy(kept, local, 2);
        copy(local + 1, cells, 3);
        alone[0] = *(int *)any + 1;
        *(char *)any = 'c';
        indirect = &kept;
        distance = (int)(cursor - kept) * 10 + (int)((char *)cursor - (char *)cells);
        any = kept ? (void *)&result[5] : NULL;
    }
    indirect = &cursor;
    *(int *)any = *kept;
    result[0] = distance;
    for (int i = 0; i < 4; i++)
        result[1] = result[1] * 100 + local[i];
}

static void check_indirections(void) {
    CHECK(cells[0] == 9 && cells[1] == 11 && cells[2] == 5 && cells[3] == 6);
    CHECK_EQUAL(cursor - cells, 3);
    CHECK_EQUAL(result[0], 10 + 12);
    CHECK_EQUAL(result[1], 11091105);
    CHECK_EQUAL(result[5], 5);
    CHECK_EQUAL(global, 'c');
}

int main(void) {
    TRY(prepare, functions, check_functions);
    TRY(prepare, frames, check_frames);
    TRY(prepare, indirections, check_indirections);
    return 0;
}
