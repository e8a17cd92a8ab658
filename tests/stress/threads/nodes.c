/* The memory of nodes, handed from thread to thread: each writes what it takes and gives what
 * another has taken, so that ThreadSanitizer sees how one comes before the other. */
#include "nodes/nodes.h"

#include <pthread.h>
#include <stdlib.h>
#include <stdbool.h>
#include <stdio.h>

enum { THREADS = 4, ROUNDS = 30000, PLACES = 32, MOST_WORDS = 40 };

static struct place {
    pthread_mutex_t lock;
    uint64_t *node;
    size_t words;
} places[PLACES] = {[0 ... PLACES - 1] = {PTHREAD_MUTEX_INITIALIZER, NULL, 0}};

static void require(bool condition) {
    if (!condition)
        abort();
}

static void put(struct place *place, uint64_t *node, size_t words) {
    pthread_mutex_lock(&place->lock);
    uint64_t *old = place->node;
    size_t old_words = place->words;
    place->node = node;
    place->words = words;
    pthread_mutex_unlock(&place->lock);
    if (!old)
        return;
    for (size_t i = 0; i < old_words; i++)
        require(old[i] == (uint64_t)old);
    ame__give_node(old, old_words);
}

static void *work(void *number) {
    unsigned random = (unsigned)(uintptr_t)number;
    for (int i = 0; i < ROUNDS; i++) {
        size_t words = 1 + (size_t)rand_r(&random) % MOST_WORDS;
        uint64_t *node = ame__take_node(words);
        require(node);
        for (size_t w = 0; w < words; w++)
            node[w] = (uint64_t)node;
        put(&places[rand_r(&random) % PLACES], node, words);
    }
    return NULL;
}

int main(void) {
    for (int round = 0; round < 2; round++) { /* those that have ended have left what they kept */
        pthread_t threads[THREADS];
        for (uintptr_t i = 0; i < THREADS; i++)
            require(!pthread_create(&threads[i], NULL, work, (void *)(i + 1)));
        for (int i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < PLACES; i++)
        put(&places[i], NULL, 0);
    puts("nodes: ok");
    return 0;
}
