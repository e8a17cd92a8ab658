/* What optimization does with static functions and variables when it sees all of their uses: twins
 * must not be uses that hold it up. Each object of this file is compared with and without plugin.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- variables ---- */

static int only_written, ready, chosen, never_written = 7;
static long *table;
static _Thread_local int depth;
static char name_of_program[64];
int common_or_not;
static const int squares[] = {0, 1, 4, 9, 16, 25, 36, 49};

void note(int x) {
    only_written = x;
}
void prepare(void) {
    ready = 1; /* shrinks to a bit */
}
int is_ready(void) {
    return ready ? never_written : -1;
}
void choose(void) {
    chosen = 42; /* the only value besides the initial one */
}
int choice(void) {
    return chosen;
}
void make_table(size_t size) {
    table = malloc(size * sizeof *table);
}
long entry(int i) {
    return table[i];
}
static struct {
    int used, unused;
    char written[32];
} record;
int set_record(int x) {
    record.unused = x;
    memset(record.written, x, sizeof record.written);
    return record.used++;
}
static int *where = &record.used;
int find_record(void) {
    return *where;
}
int deeper(void) {
    static int most;
    if (++depth > most)
        most = depth;
    return most + squares[depth & 7];
}

/* ---- functions ---- */

static int once(int x, int unused) { /* inlined into its one caller, and gone */
    int sum = 0;
    for (int i = 0; i < x; i++)
        sum += i % 7 + squares[i & 7];
    return sum;
}
int calls_once(int x) {
    return once(x + 1, 5);
}
static __attribute__((noinline)) int same_flag(int *p, int flag) { /* a constant parameter */
    return flag ? *p : -*p;
}
int flag_here(int x) {
    return same_flag(&x, 1);
}
int flag_there(int x) {
    return same_flag(&x, 1) + 1;
}
static __attribute__((noinline)) int no_one_looks(int x) { /* a result that is not used */
    common_or_not += x;
    return x * 77;
}
void looks_not(int x) {
    no_one_looks(x);
}
static int even(unsigned n);
static int odd(unsigned n) {
    return n ? even(n - 1) : 0;
}
static int even(unsigned n) {
    return n ? odd(n - 1) : 1;
}
int is_even(unsigned n) {
    return even(n);
}
static int add(int a, int b) {
    return a + b;
}
static int subtract(int a, int b) {
    return a - b;
}
static int (*hook)(int, int), (*second_hook)(int, int) = subtract; /* each has one value */
void set_hook(void) {
    hook = add;
}
int call_hooks(int x) {
    return hook(x, 1) + second_hook(x, 2);
}
static int (*const operations[])(int, int) = {add, subtract};
int (*operation)(int, int) = add;
int operate(int which, int a, int b) {
    return operations[which & 1](a, b) + operation(a, b);
}
static int compare(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}
void sort(int *numbers, size_t count) {
    qsort(numbers, count, sizeof *numbers, compare);
}

/* ---- constants of the functions' own ---- */

int lookup(int x) { /* a table instead of a switch */
    switch (x) {
    case 0:
        return 17;
    case 1:
        return 5;
    case 2:
        return 99;
    case 3:
        return -4;
    case 4:
        return 23;
    case 5:
        return 1000;
    default:
        return 0;
    }
}
const char *word(int x) {
    switch (x) {
    case 0:
        return "zero";
    case 1:
        return "one";
    case 2:
        return "two";
    case 3:
        return "three";
    case 4:
        return "four";
    default:
        return "many";
    }
}
int jump(int x, int *p) { /* a jump table */
    switch (x) {
    case 0:
        *p += 4;
        break;
    case 1:
        return *p ^ 5;
    case 2:
        *p *= 3;
        break;
    case 3:
        prepare();
        break;
    case 4:
        return lookup(*p);
    case 5:
        *p -= deeper();
        break;
    }
    return *p;
}
int second_lookup(int x) {
    switch (x) {
    case 0:
        return 3;
    case 1:
        return 59;
    case 2:
        return 1;
    case 3:
        return 8;
    case 4:
        return -23;
    default:
        return 1;
    }
}
double scale(double x, float y) {
    return x * 3.14159 + y / 2.5f - 1e10;
}
void sum_vectors(float *restrict to, const float *restrict from, int n) {
    for (int i = 0; i < n; i++)
        to[i] += from[i] * 1.5f + (float)i;
}
struct mixed {
    char c;
    double d;
    long array[6];
};
struct mixed initial(int x) {
    struct mixed m = {'x', 2.5, {1, 2, 3, 4, 5, x}};
    return m;
}
int interpret(const unsigned char *code) {
    static void *const labels[] = {&&add_one, &&twice, &&stop};
    int value = 0;
    goto *labels[*code++];
add_one:
    value++;
    goto *labels[*code++];
twice:
    value *= 2;
    goto *labels[*code++];
stop:
    return value;
}
int print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(name_of_program, sizeof name_of_program, format, arguments);
    va_end(arguments);
    return length + (int)strlen(__func__);
}

/* ---- linkage ---- */

__attribute__((weak)) int replaceable(int x) {
    return x + 1;
}
int other_name(int x) __attribute__((alias("calls_once")));
__attribute__((visibility("hidden"))) int hidden(int x) {
    return replaceable(x);
}
inline int to_inline(int x) {
    return x * never_written;
}
int uses_inline(int x) {
    return to_inline(x) + hidden(x);
}
__attribute__((section(".special"))) int elsewhere(int x) {
    return x / 3;
}
__attribute__((constructor)) static void begin(void) {
    note(1);
}
__attribute__((cold, noinline)) static void complain(const char *what) {
    fprintf(stderr, "%s\n", what);
    abort();
}
int checked(int x) {
    if (x < 0)
        complain("negative");
    return x - 1;
}
