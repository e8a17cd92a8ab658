/* Functions of the C library that have twins: numbers, printing into memory, sorting, pieces of
 * strings. None of these blocks runs alone. */
#define _GNU_SOURCE
#include "feature.h"
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

static char text[128], line[64], *end, *made;
static long result[12];
static double real[5];
static int scanned;

/* Tries the feature; in software mode all its blocks must have run there. */
#define TRY_IN_SOFTWARE(prepare, feature, check)                                                   \
    do {                                                                                           \
        struct ame_statistics before_, after_;                                                     \
        ame_get_statistics(&before_);                                                              \
        TRY(prepare, feature, check);                                                              \
        ame_get_statistics(&after_);                                                               \
        CHECK(after_.commits_serial == before_.commits_serial ||                                   \
              strcmp(ame_mode_name(), "stm") != 0);                                                \
    } while (0)

static void prepare(void) {
    strcpy(text, " 12 -0x1f 99999999999999999999 2.5e1 inf,last");
    memset(line, '?', sizeof line);
    memset(result, 0, sizeof result);
    memset(real, 0, sizeof real);
    end = made = NULL;
    scanned = 0;
    errno = 0;
}

/* ---- numbers ---- */

static void numbers(void) {
    char *local;
    atomic {
        result[0] = strtol(text, &local, 10);
        result[1] = strtoll(local, &local, 0);
        result[2] = errno;
        result[3] = strtol(local, &local, 10);
        result[4] = errno;
        real[0] = strtod(local, &local);
        real[1] = strtof(local, &end);
        real[2] = atof(text + 1);
        result[5] = end - text;
        result[6] = atoi(text) + (int)atol(text) + (int)atoll(text);
        result[7] = (long)strtoul(text, NULL, 36);
        result[8] = (long)strtoull(end, &local, 10) + (local == end);
        real[3] = (double)strtold("0.25", NULL);
        result[9] = sscanf(text, "%ld %lx %*d %n%lf %9[^,]", &result[10], &result[11], &scanned,
                           &real[4], line);
    }
}

static void check_numbers(void) {
    CHECK_EQUAL(result[0], 12);
    CHECK_EQUAL(result[1], -31);
    CHECK_EQUAL(result[2], 0);
    CHECK_EQUAL(result[3], LONG_MAX);
    CHECK_EQUAL(result[4], ERANGE);
    CHECK_EQUAL(errno, ERANGE);
    CHECK(real[0] == 25 && real[1] > 1e300 && real[2] == 12 && real[3] == 0.25);
    CHECK_EQUAL(result[5], strchr(text, ',') - text);
    CHECK_EQUAL(result[6], 36);
    CHECK_EQUAL(result[7], 38);
    CHECK_EQUAL(result[8], 1);
    CHECK_EQUAL(result[9], 4);
    CHECK(result[10] == 12 && result[11] == -31 && real[4] == 25);
    CHECK(scanned == strstr(text, "2.5") - text && strcmp(line, "inf") == 0);
}

/* ---- printing ---- */

__attribute__((noinline)) static int print(char *to, size_t size, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int length = vsnprintf(to, size, format, list);
    va_end(list);
    return length;
}

/* The list is from before the block. */
__attribute__((noinline)) static int print_outside(char *to, const char *format, ...) {
    va_list list;
    int length = 0;
    va_start(list, format);
    atomic {
        length = vsprintf(to, format, list);
        result[0]++;
    }
    va_end(list);
    return length;
}

static void printing(void) {
    char local[16];
    atomic {
        result[1] = snprintf(line, sizeof line, "%s|%5d|%-5ld|%c|%.2f|%Lg|%p|%%", text + 40, 42,
                             -7L, 'x', 2.0 / 3, 1.5L, (void *)0);
        result[2] = snprintf(local, sizeof local, "%s%s", "a rather long", text);
        result[3] = strlen(local) == 15;
        result[4] = print(local, sizeof local, "%zu %*d", sizeof(char), 4, 5);
        result[5] = strcmp(local, "1    5") == 0;
        result[6] = asprintf(&made, "%s and %s", local, "more");
    }
    result[7] = print_outside(text, "%hhd %lld %d %d %d %d %g", 300, 1LL, 2, 3, 4, 5, 1e10);
}

static void check_printing(void) {
    CHECK(strcmp(line, ",last|   42|-7   |x|0.67|1.5|(nil)|%") == 0);
    CHECK_EQUAL(result[1], (long)strlen(line));
    CHECK_EQUAL(result[2], 58);
    CHECK(result[3] && result[5]);
    CHECK_EQUAL(result[4], 6);
    CHECK_EQUAL(result[6], 15);
    CHECK(strcmp(made, "1    5 and more") == 0);
    CHECK(strcmp(text, "44 1 2 3 4 5 1e+10") == 0);
    CHECK_EQUAL(result[7], (long)strlen(text));
    CHECK_EQUAL(result[0], 1);
    free(made);
}

/* ---- sorting ---- */

struct person {
    const char *name;
    int age;
};

enum { NUMBERS = 30 };

static struct person people[6];
static int comparisons, numbers_sorted[NUMBERS];

static void prepare_people(void) {
    static const struct person as_they_come[] = {{"Eva", 3}, {"Ada", 9}, {"Bob", 3},
                                                 {"Cem", 1}, {"Dan", 9}, {"Fay", 3}};
    memcpy(people, as_they_come, sizeof people);
    for (int i = 0; i < NUMBERS; i++)
        numbers_sorted[i] = i * 7 % NUMBERS;
    comparisons = 0;
    memset(line, '?', sizeof line);
    memset(result, 0, sizeof result);
}

static int by_age(const void *a, const void *b) {
    comparisons++;
    return ((const struct person *)a)->age - ((const struct person *)b)->age;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct person *)a)->name, ((const struct person *)b)->name);
}

static int backwards(const void *a, const void *b, void *count) {
    ++*(int *)count;
    return *(const int *)b - *(const int *)a;
}

static void sorting(void) {
    struct person local[6];
    int count = 0;
    atomic {
        qsort(people, 6, sizeof *people, by_age);
        memcpy(local, people, sizeof local);
        qsort(local, 6, sizeof *local, by_name);
        struct person key = {"Dan", 0};
        struct person *found = bsearch(&key, local, 6, sizeof *local, by_name);
        result[0] = found - local;
        result[1] = found->age;
        key.name = "Dave";
        result[2] = bsearch(&key, local, 6, sizeof *local, by_name) == NULL;
        qsort_r(numbers_sorted, NUMBERS, sizeof(int), backwards, &count);
    }
    result[3] = count;
}

static void check_sorting(void) {
    static const char *const names[] = {"Cem", "Eva", "Bob", "Fay", "Ada", "Dan"};
    for (int i = 0; i < 6; i++)
        CHECK(strcmp(people[i].name, names[i]) == 0);
    for (int i = 0; i < NUMBERS; i++)
        CHECK_EQUAL(numbers_sorted[i], NUMBERS - 1 - i);
    CHECK_EQUAL(result[0], 3);
    CHECK_EQUAL(result[1], 9);
    CHECK_EQUAL(result[2], 1);
    CHECK(result[3] > NUMBERS && comparisons >= 6 && comparisons <= 15);
}

/* Undone with the block that is cancelled. */
static void cancelled(void) {
    atomic {
        result[0]++;
        atomic {
            qsort(people, 6, sizeof *people, by_age);
            qsort_r(numbers_sorted, NUMBERS, sizeof(int), backwards, &comparisons);
            snprintf(line, sizeof line, "%d", comparisons);
            result[0]++;
            atomic_cancel();
        }
    }
}

static void check_cancelled(void) {
    CHECK_EQUAL(result[0], 1);
    CHECK_EQUAL(comparisons, 0);
    CHECK(strcmp(people[0].name, "Eva") == 0 && numbers_sorted[1] == 7 && line[0] == '?');
}

/* ---- pieces of strings ---- */

static void prepare_pieces(void) {
    prepare();
    strcpy(text, "one,two;;three,");
}

static void pieces(void) {
    atomic {
        char copy[32], *rest, *at = copy;
        strcpy(copy, text);
        for (char *piece = strtok_r(copy, ",;", &rest); piece; piece = strtok_r(NULL, ",;", &rest))
            result[0] = result[0] * 10 + (long)strlen(piece);
        strcpy(copy, text);
        for (const char *piece; (piece = strsep(&at, ",;"));)
            result[1] = result[1] * 10 + (long)strlen(piece);
        end = text;
        strsep(&end, ",");
        result[2] = (long)strcspn(end, ";") + (long)strspn(end, "owt") * 10;
        result[3] = strpbrk(end, ",;") - end;
        result[4] = memrchr(text, 'e', 15) - (void *)text;
        result[5] = strcasestr(end, "THREE") - end;
        result[6] = (char *)mempcpy(line, "abc", 3) - line;
        result[7] = strcoll(end, "two") > 0;
        result[8] = getenv("AME_NOT_SET") == NULL;
        result[9] = strchrnul(end, '!') - end;
    }
}

static void check_pieces(void) {
    CHECK_EQUAL(result[0], 335);
    CHECK_EQUAL(result[1], 33050);
    CHECK(end == text + 4 && text[3] == 0);
    CHECK_EQUAL(result[2], 33);
    CHECK_EQUAL(result[3], 3);
    CHECK_EQUAL(result[4], 13);
    CHECK_EQUAL(result[5], 5);
    CHECK_EQUAL(result[6], 3);
    CHECK(memcmp(line, "abc?", 4) == 0);
    CHECK(result[7] && result[8]);
    CHECK_EQUAL(result[9], 11);
}

/* ---- what the twin leaves to the C library ---- */

static void print_oddly(void) {
    int written;
    atomic {
        snprintf(line, sizeof line, "%2$s %1$s", "world", "hello");
        result[0]++;
        snprintf(line + 32, 32, "%s%n", text, &written);
        result[1] = written;
    }
}

static void check_odd(void) {
    CHECK(strcmp(line, "hello world") == 0);
    CHECK_EQUAL(result[0], 1);
    CHECK_EQUAL(result[1], (long)strlen(text));
}

int main(void) {
    TRY_IN_SOFTWARE(prepare, numbers, check_numbers);
    TRY_IN_SOFTWARE(prepare, printing, check_printing);
    TRY_IN_SOFTWARE(prepare_people, sorting, check_sorting);
    TRY_IN_SOFTWARE(prepare_people, cancelled, check_cancelled);
    TRY_IN_SOFTWARE(prepare_pieces, pieces, check_pieces);
    TRY_SERIAL(prepare, print_oddly, check_odd);
    return 0;
}
