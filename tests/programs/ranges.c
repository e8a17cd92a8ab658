/* Loops over arrays beside writers: what a loop sees is of one moment, though it is read in chunks,
 * and never beyond what the loop reads. */
#include "check.h"

#include <sys/mman.h>

enum { LENGTH = 3000, CHANGES = 100000, SUMS = 15000 };

/* Equal in all places after every block, but for `spread`, whose sum stays 0. */
static _Alignas(64) long spread[LENGTH];
static _Alignas(64) int equal_ints[64];
static _Alignas(64) struct {
    double value, others[2];
} equal_fields[40];

static void keep_writing(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(CHANGES); i++) {
        long from = (long)(next_random(&random) % LENGTH),
             to = (long)(next_random(&random) % LENGTH);
        long amount = (long)(next_random(&random) % 100);
        atomic {
            spread[from] -= amount;
            spread[to] += amount;
        }
        if (i % 16)
            continue;
        atomic {
            for (int k = 0; k < 64; k++)
                equal_ints[k]++;
            for (int k = 0; k < 40; k++)
                equal_fields[k].value += 1;
        }
    }
}

/* Checked in the block: what an attempt sees that is undone counts too. */
static void keep_reading(void) {
    static const long one[] = {1};
    for (int i = 0; i < STEPS(SUMS); i++) {
        long seen = -1;
        atomic {
            long sum = 0, product = 0;
            for (long k = 0; k < LENGTH; k++)
                sum += spread[k];
            for (long k = LENGTH; k--;)
                product += 2 * spread[k];
            seen = one[sum | product]; /* outside the array, if they are not 0 */
            CHECK(sum == 0 && product == 0);
        }
        CHECK(seen == 1);
        atomic {
            int lowest = equal_ints[0], highest = lowest;
            double least = equal_fields[0].value, most = least;
            for (int k = 0; k < 64; k++) {
                lowest = equal_ints[k] < lowest ? equal_ints[k] : lowest;
                highest = equal_ints[k] > highest ? equal_ints[k] : highest;
            }
            for (int k = 39; k >= 0; k--) {
                least = equal_fields[k].value < least ? equal_fields[k].value : least;
                most = equal_fields[k].value > most ? equal_fields[k].value : most;
            }
            CHECK(lowest == highest && least == most && least == lowest);
        }
    }
}

static void work(int number) {
    if (number < 2)
        keep_writing(number);
    else
        keep_reading();
}

/* ---- the end of the memory that there is ---- */

__attribute__((noinline)) static long sum_of(const long *a, long count) {
    unsigned long sum = 0;
    for (long i = 0; i < count; i++)
        sum += (unsigned long)a[i];
    return (long)sum;
}

__attribute__((noinline)) static long index_of(const int *a, long count, int value) {
    for (long i = 0; i < count; i++)
        if (a[i] == value)
            return i;
    return count;
}

static void read_to_the_end(void) {
    size_t size = 4 * 4096;
    char *pages =
        mmap(NULL, size + 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    CHECK(!mprotect(pages, 4096, PROT_NONE));
    CHECK(!mprotect(pages + 4096 + size, 4096, PROT_NONE));
    char *begin = pages + 4096, *end = begin + size;
    for (size_t i = 0; i < size; i++)
        begin[i] = (char)(i % 100);
    for (size_t cut = 0; cut < 70; cut++)
        for (long count = 0; count * 8 + (long)cut <= (long)size; count += count < 20 ? 1 : 1013) {
            const long *first = (const long *)(begin + cut / 8 * 8),
                       *last = (const long *)end - count;
            long at_begin = sum_of(first, count), at_end = sum_of(last, count), in_block = 0;
            atomic {
                in_block = sum_of(first, count);
            }
            CHECK(in_block == at_begin);
            atomic {
                in_block = sum_of(last, count);
            }
            CHECK(in_block == at_end);
        }
    /* A loop that ends before its count, at the end of the memory. */
    const int *ints = (const int *)end - 5;
    int wanted = ints[4];
    long found = 0;
    atomic {
        found = index_of(ints, 1000000, wanted);
    }
    CHECK(found == 4);
    /* None at all, of nothing. */
    atomic {
        found = sum_of(NULL, 0);
    }
    CHECK(found == 0);
    munmap(pages, size + 8192);
}

/* ---- a sleep on a range ---- */

static _Alignas(64) long watched[1000];
static long turn;

/* The first adds to one element, another one each time; the second waits for it. */
static void take_turns(int number) {
    for (long i = 0; i < 300; i++)
        if (number == 0) {
            atomic {
                if (turn != i)
                    atomic_retry();
                watched[i * 37 % 1000]++;
            }
        } else {
            atomic {
                if (sum_of(watched, 1000) == i)
                    atomic_retry();
                turn++;
            }
        }
}

int main(void) {
    read_to_the_end();
    run_threads(2, take_turns);
    CHECK(turn == 300 && sum_of(watched, 1000) == 300);
    run_threads(4, work);
    CHECK(sum_of(spread, LENGTH) == 0);
    return finish(0);
}
