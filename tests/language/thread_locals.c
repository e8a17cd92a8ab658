/* Thread-local variables in a block: an undone block leaves them as they were. */
#include "feature.h"
#include <pthread.h>

struct counts {
    long all;
    int of[4];
};

static _Thread_local int counter;
static __thread struct counts counts;
static _Thread_local int *chosen;
_Thread_local double visible = 1;
extern __thread int declared;
static int global, *published;
static int result[4];

static void prepare(void) {
    counter = 5;
    counts = (struct counts){10, {1, 2, 3, 4}};
    chosen = &counter;
    visible = 1.5;
    declared = 7;
    global = 0;
    published = NULL;
    memset(result, 0, sizeof result);
}

static int next_number(void) {
    static _Thread_local int number = 100;
    return number++;
}

static int *address(int which) {
    return which ? &counts.of[which] : &counter;
}

static __attribute__((noinline)) struct counts advance(void) {
    counts.all += counter;
    for (int i = 0; i < 4; i++)
        counts.of[i] *= 2;
    declared++;
    return counts;
}

static void in_block(void) {
    int local = counter, *before = &declared, number = next_number();
    atomic {
        counter++;
        ++*chosen;
        chosen = address(2);
        *chosen += counter;
        *before += local;
        visible = visible * 2 + counts.all;
        result[0] = next_number() - number;
        published = &counts.of[3];
        global = advance().of[2];
        counts = advance();
        local = *published;
        result[0] = result[0] * 10 + next_number() - number;
        memset(&counts.of[0], 0, sizeof counts.of[0]);
    }
    result[1] = local;
    result[2] = next_number() - number;
    result[3] = *chosen;
}

static void check_in_block(void) {
    CHECK_EQUAL(counter, 7);
    CHECK_EQUAL(result[0], 12);
    CHECK_EQUAL(result[1], 16);
    CHECK_EQUAL(result[2], 3);
    CHECK_EQUAL(result[3], 40);
    CHECK_EQUAL(global, 20);
    CHECK(counts.all == 24 && counts.of[0] == 0 && counts.of[1] == 8 && counts.of[3] == 16);
    CHECK(visible == 13 && declared == 14 && published == &counts.of[3]);
}

/* ---- each thread has its own, and may hand out its address ---- */

static void *other_thread(void *theirs) {
    int *their_counter = theirs;
    CHECK(counter == 0 && declared == 3 && visible == 1);
    atomic {
        counter++;
        *their_counter += 10;
        published = &counter;
        visible += *published;
        declared += *their_counter;
        result[0] = next_number();
        result[1] = *published;
        published = their_counter;
    }
    result[2] = declared + (int)visible * 100;
    return NULL;
}

static void in_threads(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, other_thread, &counter) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    atomic {
        ++*published;
        global += counter;
    }
}

static void check_in_threads(void) {
    CHECK_EQUAL(counter, 16);
    CHECK_EQUAL(global, 16);
    CHECK_EQUAL(declared, 7);
    CHECK_EQUAL(result[0], 100);
    CHECK_EQUAL(result[1], 1);
    CHECK_EQUAL(result[2], 218);
}

__thread int declared = 3;

int main(void) {
    TRY(prepare, in_block, check_in_block);
    TRY(prepare, in_threads, check_in_threads);
    return 0;
}
