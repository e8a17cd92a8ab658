/* printf in blocks: each line appears once, whole, and in the order of the blocks. */
#include "check.h"

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

int main(void) {
    FILE *file = tmpfile();
    CHECK(file);
    CHECK(dup2(fileno(file), STDOUT_FILENO) == STDOUT_FILENO);
    run_threads(THREADS, work);
    CHECK(!fflush(stdout));
    CHECK(unprinted == THREADS * STEPS(2000));
    check_lines(file, THREADS * (long)STEPS(2000));
    fclose(file);
    return finish(THREADS * STEPS(2000));
}
