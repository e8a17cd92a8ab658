/* Structs and unions in a block: by value, nested, with arrays, as literals, with functions. */
#include "feature.h"
#include <stddef.h>

struct small {
    short a, b;
};

struct pair {
    long first;
    double second;
};

struct large {
    int head;
    struct pair pair;
    struct small smalls[3];
    char name[9];
    int tail;
};

struct flexible {
    unsigned count;
    struct small items[];
};

struct operation {
    int (*apply)(struct large *, int);
    struct large (*make)(int);
    int argument;
};

union word {
    unsigned whole;
    unsigned char bytes[4];
    struct small halves;
    float number;
};

struct tagged {
    int tag;
    union {
        long number;
        struct {
            int x, y;
        };
        char text[24];
    };
};

static struct small small;
static struct pair pair;
static struct large large, other, *heap;
static struct flexible *flexible;
static union word word;
static struct tagged tagged;
static int sum;

static void prepare(void) {
    small = (struct small){1, 2};
    pair = (struct pair){3, 4.5};
    large = (struct large){1, {2, 3.5}, {{4, 5}, {6, 7}, {8, 9}}, "large", 10};
    other = (struct large){.tail = 1};
    heap = calloc(1, sizeof *heap);
    flexible = calloc(1, sizeof *flexible + 4 * sizeof flexible->items[0]);
    word.whole = 0;
    tagged = (struct tagged){0};
    sum = 0;
}

static void release(void) {
    free(heap);
    free(flexible);
}

/* ---- by value ---- */

static struct small swap(struct small s) {
    return (struct small){s.b, s.a};
}

static struct pair grow(struct pair p, int by) {
    p.first += by;
    p.second *= by;
    return p;
}

static __attribute__((noinline)) struct large edit(struct large l, struct small s, long unused) {
    l.smalls[1] = s;
    l.head += (int)unused;
    strcpy(l.name, "edited");
    return l;
}

static void by_value(void) {
    struct small small_out = {0, 0};
    struct pair pair_out = {0, 0};
    struct large large_out = large;
    atomic {
        small = swap(small);
        pair = grow(pair, 2);
        other = edit(large, small, 5);
        *heap = other;
        heap->pair = grow(heap->pair, 3);
        small_out = swap(heap->smalls[2]);
        pair_out = heap->pair;
        large_out = edit(*heap, small_out, 100);
        large = large_out;
        large = edit(large, (struct small){-1, -2}, 1000);
    }
    sum = small_out.a * 10 + small_out.b + (int)pair_out.first + large_out.head;
}

static void check_by_value(void) {
    CHECK(small.a == 2 && small.b == 1);
    CHECK(pair.first == 5 && pair.second == 9.0);
    CHECK(other.head == 6 && other.smalls[1].a == 2 && other.smalls[0].b == 5);
    CHECK(strcmp(other.name, "edited") == 0 && other.tail == 10);
    CHECK(heap->pair.first == 5 && heap->pair.second == 10.5);
    CHECK_EQUAL(sum, 98 + 5 + 106);
    CHECK(large.head == 1106 && large.smalls[1].a == -1 && large.smalls[2].b == 9);
    release();
}

/* ---- members, literals, initialisers ---- */

static void move_arrays(struct large *to, const struct large *from) {
    for (int i = 0; i < 3; i++)
        to->smalls[2 - i] = from->smalls[i];
    memcpy(to->name, from->name, sizeof to->name);
    to->pair = (struct pair){.second = from->pair.second, .first = from->tail};
}

static int total(const struct small *items, int count) {
    int total = 0;
    for (int i = 0; i < count; i++)
        total += items[i].a * items[i].b;
    return total;
}

static void members(void) {
    struct large local = {.head = 7, .smalls = {[1] = {.b = 3}}};
    struct large *to = &local;
    atomic {
        struct large zero = {0}, designated = {.name = {[2] = 'x'}, .smalls[1].a = 4, .tail = 2};
        move_arrays(heap, &large);
        move_arrays(&zero, heap);
        flexible->count = 4;
        flexible->items[0] = zero.smalls[0];
        flexible->items[1] = designated.smalls[1];
        flexible->items[2] = (struct small){.a = local.smalls[1].b, .b = 5};
        flexible->items[3] = *&(struct small){6, 7};
        sum = total(flexible->items, 4) + total((struct small[]){{1, 2}, {3, 4}}, 2);
        sum += ((int[]){10, 20, 30})[to->head % 3];
        to->name[1] = designated.name[2];
        to->tail = (int)offsetof(struct large, smalls[1].b);
        to->smalls[0] = large.smalls[to->smalls[1].b - 1];
        *(&other) = zero.head ? large : *to;
    }
    sum += to->tail == offsetof(struct large, smalls) + 6;
    sum += local.smalls[0].a * 1000;
}

static void check_members(void) {
    CHECK(heap->smalls[0].a == 8 && heap->smalls[2].b == 5 && heap->pair.first == 10);
    CHECK(strcmp(heap->name, "large") == 0 && heap->pair.second == 3.5);
    CHECK(flexible->items[0].a == 4 && flexible->items[3].b == 7 && flexible->count == 4);
    CHECK_EQUAL(sum, 20 + 0 + 15 + 42 + 14 + 20 + 1 + 8000);
    CHECK(other.head == 7 && other.name[1] == 'x' && other.smalls[0].a == 8);
    release();
}

/* ---- unions ---- */

static union word flip(union word w) {
    union word flipped;
    for (int i = 0; i < 4; i++)
        flipped.bytes[i] = w.bytes[3 - i];
    return flipped;
}

static struct tagged next(struct tagged t) {
    switch (t.tag++) {
    case 0:
        t.number = 77;
        break;
    case 1:
        t.x = 3;
        t.y = 4;
        break;
    default:
        strcpy(t.text, "in a long enough text");
    }
    return t;
}

static void unions(void) {
    union word local = {.bytes = {1, 2, 3, 4}};
    atomic {
        word = flip(local);
        local.whole = word.whole;
        word.halves.a++;
        sum = (int)word.bytes[0];
        word.number = 1.0f;
        local.halves.b = word.halves.b;
        tagged = next(tagged);
        sum += (int)tagged.number;
        tagged = next(tagged);
        sum += tagged.x * tagged.y;
        tagged = next(tagged);
        sum += tagged.text[3];
    }
    sum += local.bytes[3] * 1000;
}

static void check_unions(void) {
    CHECK_EQUAL(sum, 5 + 77 + 12 + 'a' + 0x3f * 1000);
    CHECK_EQUAL(word.whole, 0x3f800000);
    CHECK(tagged.tag == 3 && strcmp(tagged.text, "in a long enough text") == 0);
    release();
}

/* ---- functions in structs ---- */

static int add(struct large *l, int amount) {
    return l->head += amount;
}

static int multiply(struct large *l, int by) {
    return l->tail *= by;
}

static struct large make(int head) {
    return (struct large){.head = head, .name = "made"};
}

static const struct operation constant = {add, make, 4};

static int run(const struct operation *operations, int count) {
    int result = 0;
    for (int i = 0; i < count; i++)
        result += operations[i].apply(&large, operations[i].argument);
    return result;
}

static void functions(void) {
    struct operation operations[2] = {{.apply = multiply, .argument = 3}, constant}, copy;
    atomic {
        sum = run(operations, 2) + run(&constant, 1);
        copy = operations[0];
        copy.make = constant.make;
        other = copy.make(constant.argument);
        operations[0] = constant;
        operations[0].argument = (*copy.make)(9).head;
    }
    sum += run(operations, 2) * 1000 + copy.apply(&large, 1);
}

static void check_functions(void) {
    CHECK_EQUAL(sum, 35 + 9 + (18 + 22) * 1000 + 30);
    CHECK(other.head == 4 && strcmp(other.name, "made") == 0);
    CHECK_EQUAL(large.head, 22);
    release();
}

int main(void) {
    TRY(prepare, by_value, check_by_value);
    TRY(prepare, members, check_members);
    TRY(prepare, unions, check_unions);
    TRY(prepare, functions, check_functions);
    return 0;
}
