/* What blocks print appears once, whole, in the order of the blocks, and not at all if it is
 * undone; and the blocks run beside each other. Without a file behind the stream they run alone. */
#define _GNU_SOURCE /* fopencookie */
#include "check.h"
#include <stdarg.h>

enum { THREADS = 4 };

static long next_number, unprinted;

static void work(int number) {
    for (int i = 0; i < STEPS(2000); i++) {
        atomic {
            long mine = next_number++;
            printf("line %ld ", mine);
            printf("from %d:", number);
            for (int k = 0; k < number; k++)
                printf(" %d", k);
            puts(".");
        }
        atomic {
            unprinted++;
        }
    }
}

/* Standard output goes to a file, is read back and compared. */
static void check_lines(FILE *file, long lines) {
    long from[THREADS] = {0};
    rewind(file);
    for (long i = 0; i < lines; i++) {
        char line[128], expected[128];
        CHECK(fgets(line, sizeof line, file));
        long number;
        int thread;
        CHECK(sscanf(line, "line %ld from %d", &number, &thread) == 2);
        CHECK(number == i && thread >= 0 && thread < THREADS);
        from[thread]++;
        int length = snprintf(expected, sizeof expected, "line %ld from %d:", i, thread);
        for (int k = 0; k < thread; k++)
            length += snprintf(expected + length, sizeof expected - (size_t)length, " %d", k);
        snprintf(expected + length, sizeof expected - (size_t)length, ".\n");
        CHECK(!strcmp(line, expected));
    }
    CHECK(fgetc(file) == EOF);
    for (int i = 0; i < THREADS; i++)
        CHECK(from[i] == STEPS(2000));
}

/* ---- blocks that only read print between those that write ---- */

static long watched;

static void watch(int number) {
    for (int i = 0; i < STEPS(20000); i++)
        atomic {
            if (number == 0)
                watched++;
            printf("%ld ", watched);
            printf("by %d\n", number);
        }
}

static void check_watched(FILE *file) {
    char line[32];
    long last = 0, lines = 0;
    fflush(stdout);
    rewind(file);
    for (; fgets(line, sizeof line, file); lines++) {
        long value;
        int number;
        CHECK(sscanf(line, "%ld by %d", &value, &number) == 2);
        CHECK(value >= last);
        last = value;
    }
    CHECK(last == STEPS(20000) && lines == THREADS * last);
}

/* ---- one thread: each function, and what is undone ---- */

static char shared_text[] = "shared text";
static long shared_number = 17;
static FILE *other;

static int print_list(FILE *stream, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int length = stream == stdout ? vprintf(format, list) : vfprintf(stream, format, list);
    va_end(list);
    return length;
}

/* In a block and outside. Returns what the functions have returned, so that it can be compared. */
static long print_with_all(void) {
    char bytes[300];
    memset(bytes, 'x', sizeof bytes);
    long sum = printf("%s %ld %5.2f|%-4c|\n", shared_text, shared_number, 2.5, 'c');
    sum = sum * 3 + fprintf(other, "%*d %%\n", 70, 5);
    sum = sum * 3 + print_list(stdout, "%s", shared_text);
    sum = sum * 3 + print_list(other, "%.3s\n", shared_text);
    sum = sum * 3 + puts(shared_text);
    sum = sum * 3 + (fputs(shared_text, other) >= 0);
    sum = sum * 3 + putchar('p');
    sum = sum * 3 + putc(200, other);
    sum = sum * 3 + fputc('\n', stdout);
    sum = sum * 3 + (long)fwrite(shared_text, 2, 5, other);
    sum = sum * 3 + (long)fwrite(bytes, sizeof bytes, 1, stdout);
    sum = sum * 3 + (long)fwrite(bytes, 0, 7, stdout);
    sum = sum * 3 + fflush(other);
    sum = sum * 3 + fprintf(other, "%s", "");
    sum = sum * 3 + (fputs("after\n", other) >= 0);
    return sum * 3 + fflush(NULL);
}

/* All that is in the file, which is emptied. */
static size_t take(FILE *file, char *to, size_t room) {
    fflush(file);
    ssize_t size = pread(fileno(file), to, room, 0);
    CHECK(size >= 0 && (size_t)size < room && !ftruncate(fileno(file), 0));
    rewind(file);
    to[size] = '\0';
    return (size_t)size;
}

static void check_all_functions(void) {
    char expected[2][4096], found[2][4096];
    long before = print_with_all(), result = 0;
    size_t sizes[2] = {take(stdout, expected[0], sizeof expected[0]),
                       take(other, expected[1], sizeof expected[1])};
    CHECK(sizes[0] > 300 && sizes[1] > 70);
    atomic {
        result = print_with_all();
    }
    CHECK(result == before);
    CHECK(take(stdout, found[0], sizeof found[0]) == sizes[0]);
    CHECK(take(other, found[1], sizeof found[1]) == sizes[1]);
    CHECK(!memcmp(found[0], expected[0], sizes[0]) && !memcmp(found[1], expected[1], sizes[1]));
}

static void check_printed(const char *expected) {
    char found[4096];
    take(stdout, found, sizeof found);
    if (strcmp(found, expected))
        fprintf(stderr, "printed: %s", found);
    CHECK(!strcmp(found, expected));
}

static void check_undone(void) {
    atomic {
        printf("kept\n");
        atomic {
            printf("cancelled\n");
            shared_number++;
            atomic_cancel();
        }
        printf("kept, too\n");
    }
    check_printed("kept\nkept, too\n");
    atomic {
        puts("all is cancelled");
        atomic_cancel();
    }
    check_printed("");
    atomic_either {
        printf("first\n");
        if (shared_number == 17)
            atomic_retry();
    }
    atomic_or_else {
        printf("second\n");
    }
    check_printed("second\n");
    CHECK(shared_number == 17);
}

/* What can't be undone comes after what the block has printed, also if it has a log. */
static void write_now(const char *text) {
    fflush(stdout);
    CHECK(write(STDOUT_FILENO, text, strlen(text)) == (ssize_t)strlen(text));
}

static void check_irrevocable(void) {
    CHECK(lseek(STDOUT_FILENO, 0, SEEK_SET) == 0);
    atomic {
        printf("one\n");
        write_now("two\n");
        printf("three\n");
        if (shared_number == 18)
            atomic_cancel();
    }
    check_printed("one\ntwo\nthree\n");
}

static void check_large(void) {
    enum { LINES = 100000 };
    atomic {
        for (int i = 0; i < LINES; i++)
            fprintf(other, "%06d\n", i);
    }
    fflush(other);
    CHECK(lseek(fileno(other), 0, SEEK_END) == 7 * LINES);
    char line[8];
    CHECK(pread(fileno(other), line, 7, 7L * (LINES - 1)) == 7 && !memcmp(line, "099999\n", 7));
    take(other, (char[1 << 20]){0}, 1 << 20);
}

/* ---- streams with functions of the program behind them ---- */

static long bytes_taken;

static ssize_t take_bytes(void *cookie, const char *bytes, size_t size) {
    (void)cookie, (void)bytes;
    atomic {
        bytes_taken += (long)size;
    }
    return (ssize_t)size;
}

enum { ALONE = 3 }; /* these, and the one in check_irrevocable */

/* As written, whether in hardware or not. */
static uint64_t without_barriers(void) {
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    return statistics.commits_htm + statistics.commits_serial;
}

static void check_without_file(void) {
    uint64_t before = without_barriers();
    char memory[32] = "";
    FILE *to_memory = fmemopen(memory, sizeof memory, "w");
    FILE *to_program = fopencookie(NULL, "w", (cookie_io_functions_t){.write = take_bytes});
    CHECK(to_memory && to_program && !setvbuf(to_program, NULL, _IONBF, 0));
    atomic {
        fprintf(to_memory, "%ld", shared_number);
        fflush(to_memory);
    }
    CHECK(!strcmp(memory, "17"));
    atomic {
        fputs("12345", to_program);
    }
    CHECK(bytes_taken == 5 && without_barriers() >= before + 2);
    fclose(to_memory);
    fclose(to_program);
}

static void start_again(void) {
    fflush(stdout);
    CHECK(!ftruncate(STDOUT_FILENO, 0) && lseek(STDOUT_FILENO, 0, SEEK_SET) == 0);
}

int main(void) {
    FILE *file = tmpfile();
    other = tmpfile();
    CHECK(file && other);
    CHECK(dup2(fileno(file), STDOUT_FILENO) == STDOUT_FILENO);
    run_threads(THREADS, work);
    CHECK(!fflush(stdout));
    CHECK(unprinted == THREADS * STEPS(2000));
    check_lines(file, THREADS * (long)STEPS(2000));
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    CHECK(!statistics.aborts_serial);
    start_again();
    run_threads(THREADS, watch);
    check_watched(file);
    start_again();
    check_all_functions();
    check_undone();
    check_irrevocable();
    check_large();
    check_without_file();
    fclose(file);
    return finish(ALONE);
}
