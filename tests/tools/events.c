/* Blocks that sleep in atomic_retry(), add to counts and allocate: as often as the test expects. */
#include <ame/ame.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ITEMS = 50, BYTES = 4000 };

struct item {
    struct item *next;
    char bytes[BYTES];
};

static struct item *queue;
static ame_counter put, taken;

static struct item *take(void) {
    struct item *item;
    atomic { /* LINE-take */
        item = queue;
        if (!item)
            atomic_retry(); /* LINE-retry */
        queue = item->next;
        ame_counter_add(&taken, 1);
    }
    return item;
}

static void *consume(void *unused) {
    for (int i = 0; i < ITEMS; i++)
        free(take());
    return unused;
}

static void produce(void) {
    atomic { /* LINE-put */
        struct item *item = malloc(sizeof *item);
        memset(item->bytes, 1, sizeof item->bytes);
        item->next = queue;
        queue = item;
        ame_counter_add(&put, 1);
    }
}

int main(void) {
    pthread_t consumer;
    pthread_create(&consumer, NULL, consume, NULL);
    for (int i = 0; i < ITEMS; i++) {
        usleep(2000); /* the consumer sleeps by then */
        produce();
    }
    pthread_join(consumer, NULL);
    return ame_counter_read(&put) != ITEMS || ame_counter_read(&taken) != ITEMS || queue;
}
