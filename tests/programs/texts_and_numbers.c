/* Numbers that threads keep as text, arrays that they sort: printed, read, cut in pieces and sorted
 * in blocks, none of which runs alone. */
#define _GNU_SOURCE
#include "check.h"

#include <errno.h>

enum { THREADS = 4, LINES = 6, LINE = 160, VALUES = 60, NAMES = 4 };

/* "<a> <b> = <a + b>, <a / 8 as a decimal fraction>", of lengths that differ */
static char lines[LINES][LINE];
static int values[VALUES]; /* sorted, this way or that */
static char *names[NAMES]; /* "<n>:<n>:<n>" */

static void print_line(char *line, long a, long b) {
    int length =
        snprintf(line, LINE, "%*ld %+ld = %ld, %.*f", (int)(a % 40), a, b, a + b, 3, (double)a / 8);
    CHECK(length > 0 && length < LINE);
}

static long read_line(const char *line, long *b) {
    char *end;
    errno = 0;
    long a = strtol(line, &end, 10);
    *b = strtol(end, &end, 10);
    CHECK(!strncmp(end, " = ", 3));
    CHECK(atol(end + 3) == a + *b && !errno);
    end = strpbrk(end, ",");
    CHECK(end && strtod(end + 1, &end) == (double)a / 8 && !*end);
    return a;
}

/* Sums over all lines stay. */
static void transfer(uint64_t r) {
    char *from = lines[r % LINES], *to = lines[(r >> 8) % LINES];
    long amount = (long)(r >> 16) % 1000;
    atomic {
        long b, a = read_line(from, &b);
        print_line(from, a - amount, b);
        linger(r >> 32);
        a = read_line(to, &b);
        print_line(to, a + amount, b);
    }
}

static void add_up(void) {
    long sum = 0;
    atomic {
        sum = 0;
        for (int i = 0; i < LINES; i++) {
            long b;
            sum += read_line(lines[i], &b);
            CHECK(b == i);
        }
    }
    CHECK(sum == LINES * 100000L);
}

static int upwards(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static int downwards(const void *a, const void *b) {
    return upwards(b, a);
}

static void sort(uint64_t r) {
    int (*order)(const void *, const void *) = r & 1 ? upwards : downwards;
    int wanted = (int)((r >> 8) % VALUES) * 3;
    atomic {
        qsort(values, VALUES, sizeof *values, order);
        for (int i = 1; i < VALUES; i++)
            CHECK(order(&values[i - 1], &values[i]) < 0);
        int *found = bsearch(&wanted, values, VALUES, sizeof *values, order);
        CHECK(found && *found == wanted);
    }
}

static void rename_one(uint64_t r) {
    char **name = &names[r % NAMES];
    unsigned long n = (r >> 8) % 100000;
    atomic {
        char copy[LINE], *rest;
        CHECK(snprintf(copy, sizeof copy, "%s", *name) == (int)strlen(*name));
        char *first = strtok_r(copy, ":", &rest);
        for (const char *piece; (piece = strtok_r(NULL, ":", &rest));)
            CHECK(!strcmp(piece, first));
        free(*name);
        CHECK(asprintf(name, "%lu:%lu:%lu", n, n, n) > 0);
    }
}

static void work(int number) {
    uint64_t random = (uint64_t)number + 9;
    for (int i = 0; i < STEPS(3000); i++) {
        transfer(next_random(&random));
        if (i % 8 == 0)
            add_up();
        if (i % 4 == 0)
            sort(next_random(&random));
        rename_one(next_random(&random));
    }
}

int main(void) {
    for (int i = 0; i < LINES; i++)
        print_line(lines[i], 100000, i);
    for (int i = 0; i < VALUES; i++)
        values[i] = i * 3;
    for (int i = 0; i < NAMES; i++)
        names[i] = strdup("1:1:1");
    run_threads(THREADS, work);
    add_up();
    for (int i = 0; i < NAMES; i++)
        free(names[i]);
    return finish(0);
}
