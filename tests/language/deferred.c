/* Calls that wait for the commit: done once and in order, however often the block was undone. */
#include "feature.h"
#include <pthread.h>
#include <semaphore.h>

static sem_t semaphore;
static int *heap;
static char order[16];
static int length;

static void note(void *letter) {
    CHECK(!ame_in_block());
    order[length++] = *(const char *)letter;
}

static void note_in_a_block(void *letter) {
    atomic {
        heap[1]++;
        ame_on_commit(note, letter);
    }
}

static void prepare(void) {
    heap = calloc(4, sizeof *heap);
    sem_init(&semaphore, 0, 0);
    memset(order, 0, sizeof order);
    length = 0;
}

static void defer(const char *letter) {
    ame_on_commit(note_in_a_block, (void *)(uintptr_t)letter);
}

static void feature(void) {
    atomic {
        heap[0]++;
        ame_on_commit(note, "a");
        heap[0]++;
        sem_post(&semaphore);
        defer("b");
        heap[0]++;
        ame_on_commit(note, "c");
        fault_point();
    }
}

static void check(void) {
    int posted;
    sem_getvalue(&semaphore, &posted);
    CHECK_EQUAL(posted, 1);
    CHECK_EQUAL(heap[0], 3);
    CHECK_EQUAL(heap[1], 1);
    CHECK(!strcmp(order, "abc"));
    ame_on_commit(note, "d"); /* outside blocks: at once */
    CHECK(!strcmp(order, "abcd"));
    sem_destroy(&semaphore);
    free(heap);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
