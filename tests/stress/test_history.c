/* The checker of histories, on histories made by hand: each anomaly has a name in the literature.
 */
#include "checks.h"
#include "history.h"

#include <string.h>

enum { X, Y };

static struct history made;

/* One block after another in time. */
static void after(int thread) {
    uint64_t began = made.blocks_count * 100 + 10;
    history_block(&made, thread, false, began, began + 50);
}

/* All of these at the same time. */
static void at_once(int thread) {
    history_block(&made, thread, false, 1, 1000000);
}

static void at(int thread, uint64_t began, uint64_t ended, bool undone) {
    history_block(&made, thread, undone, began, ended);
}

static void reads(uint32_t cell, uint64_t value) {
    history_read(&made, cell, value);
}

static void writes(uint32_t cell, uint64_t value, uint64_t previous) {
    history_write(&made, cell, value, previous);
}

/* The verdict is the expected one, and the report has the words given, as often as given. */
static void expect(enum history_verdict verdict, const char *words, int times) {
    char *report;
    size_t size;
    FILE *out = open_memstream(&report, &size);
    CHECK(out);
    enum history_verdict found = history_check(&made, out);
    fclose(out);
    int count = 0;
    for (const char *at = report; words && (at = strstr(at, words)); at++)
        count++;
    if (found != verdict || (words && count != times))
        fprintf(stderr, "%s", report);
    CHECK_EQUAL(found, verdict);
    if (words)
        CHECK_EQUAL(count, times);
    else
        CHECK_EQUAL(size, 0);
    free(report);
    history_free(&made);
}

static void serializable(void) {
    expect(HISTORY_SERIALIZABLE, NULL, 0); /* an empty one */
    after(0), reads(X, 0), writes(X, 1, 0);
    after(1), reads(X, 1), writes(Y, 2, 0);
    after(0), reads(Y, 2), reads(X, 1), writes(X, 3, 1);
    after(2), reads(X, 3), reads(Y, 2);
    expect(HISTORY_SERIALIZABLE, NULL, 0);
    /* Not in the order of their ends, and only so. */
    at(0, 1, 100, false), reads(X, 0), reads(Y, 0);
    at(1, 2, 50, false), reads(X, 0), writes(X, 1, 0);
    at(2, 3, 60, false), reads(X, 1), writes(Y, 2, 0);
    expect(HISTORY_SERIALIZABLE, NULL, 0);
}

static void lost_update(void) {
    at_once(0), reads(X, 0), writes(X, 1, 0);
    at_once(1), reads(X, 0), writes(X, 2, 0);
    expect(HISTORY_CYCLE, "before the write of", 2);
}

static void write_skew(void) {
    at_once(0), reads(X, 0), reads(Y, 0), writes(X, 1, 0);
    at_once(1), reads(X, 0), reads(Y, 0), writes(Y, 2, 0);
    expect(HISTORY_CYCLE, "before the write of", 2);
}

/* Two readers see two independent writes in different orders. */
static void long_fork(void) {
    at_once(0), writes(X, 1, 0);
    at_once(1), writes(Y, 2, 0);
    at_once(2), reads(X, 1), reads(Y, 0);
    at_once(3), reads(X, 0), reads(Y, 2);
    expect(HISTORY_CYCLE, "  block ", 5); /* four, and the first one again */
}

static void inconsistent_read(void) {
    at_once(0), reads(X, 0), reads(Y, 0), writes(X, 1, 0), writes(Y, 2, 0);
    at_once(1), reads(X, 1), reads(Y, 0);
    expect(HISTORY_CYCLE, "  block ", 3);
}

/* Serializable, but the second block began after the end of the first. */
static void stale_read(void) {
    at(0, 10, 20, false), reads(X, 0), writes(X, 1, 0);
    at(1, 30, 40, false), reads(X, 0);
    expect(HISTORY_CYCLE, "which had ended before the begin of", 1);
    at(0, 10, 20, false), reads(X, 0), writes(X, 1, 0);
    at(1, 15, 40, false), reads(X, 0);
    expect(HISTORY_SERIALIZABLE, NULL, 0);
}

/* Blocks that end at the same time as the next one of their thread begins. */
static void stale_read_of_own_thread(void) {
    at(0, 10, 20, false), reads(X, 0), writes(X, 1, 0);
    at(0, 20, 40, false), reads(X, 0);
    expect(HISTORY_CYCLE, "after which the same thread runs", 1);
}

static void undone_attempt(void) {
    at(0, 1, 100, false), writes(X, 1, 0), writes(Y, 2, 0);
    at(1, 1, 100, true), reads(X, 1), reads(Y, 0);
    at(1, 1, 200, false), reads(X, 1), reads(Y, 2);
    expect(HISTORY_CYCLE, "(undone)", 1);
}

static void unknown_values(void) {
    at_once(0), writes(X, 2, 0);
    at_once(1), reads(X, 1); /* of a block that was undone, or written over by itself */
    expect(HISTORY_UNKNOWN_VALUE, "no committed block has left there", 1);
    at_once(0), writes(X, 2, 1);
    expect(HISTORY_UNKNOWN_VALUE, "replaces in cell 0", 1);
    at_once(0), writes(X, 1, 0);
    at_once(1), reads(Y, 1); /* of another cell */
    expect(HISTORY_UNKNOWN_VALUE, "reads in cell 1", 1);
    at_once(0), writes(X, 1, 0);
    at_once(1), writes(X, 1, 1);
    expect(HISTORY_WRITTEN_TWICE, "from elsewhere", 1);
}

/* Of many circles, in a long history, the smallest is told. */
static void smallest_circle(void) {
    enum { LENGTH = 5000 };
    at(0, 1, 2000000, false), reads(Y, LENGTH), writes(X, 1, 0);
    for (uint64_t i = 1; i < LENGTH; i++)
        at(0, 2 * i, 2000000, false), reads(X, i), writes(X, i + 1, i);
    at(1, 1, 2000000, false), reads(X, LENGTH), writes(Y, LENGTH, 0);
    at(2, 1, 2000000, false), reads(X, 7), writes(2, 1, 0);
    at(3, 1, 2000000, false), reads(2, 0), reads(X, 8), writes(3, 1, 0);
    at(4, 1, 2000000, false), reads(X, 700), writes(4, 1, 0);
    at(4, 1, 2000000, false), reads(X, 600);
    expect(HISTORY_CYCLE, "  block ", 4);
}

/* What follows a circle, or leads to it, is none of it. */
static void circle_in_the_middle(void) {
    for (uint64_t i = 0; i < 1000; i++)
        after(0), reads(X, i), writes(X, i + 1, i);
    at(0, 200000, 200100, false), reads(X, 1000), reads(Y, 0), writes(Y, 1, 0);
    at(1, 200000, 200100, false), reads(Y, 0), reads(X, 1000), writes(Y, 2, 0);
    for (uint64_t i = 1000; i < 2000; i++)
        at(0, 300000 + 100 * i, 300050 + 100 * i, false), reads(X, i), writes(X, i + 1, i);
    expect(HISTORY_CYCLE, "  block ", 3);
}

int main(void) {
    serializable();
    lost_update();
    write_skew();
    long_fork();
    inconsistent_read();
    stale_read();
    stale_read_of_own_thread();
    undone_attempt();
    unknown_values();
    smallest_circle();
    circle_in_the_middle();
    return 0;
}
