/* urcu.c - liburcu's lock-free hash table and wait-free queue, in its QSBR flavour, the fastest
 * for readers: threads say now and then that they hold nothing. */
#include "subject.h"

#include <stdlib.h>
#include <urcu-qsbr.h>

#include <urcu/rculfhash.h>
#include <urcu/wfcqueue.h>

enum { CALLS_FOR_EACH_QUIESCENT_STATE = 64 };

struct entry {
    struct cds_lfht_node node;
    int64_t key;
    uint64_t value;
    struct rcu_head head;
};

static __thread unsigned calls;

static inline void sometimes_quiescent(void) {
    if (++calls % CALLS_FOR_EACH_QUIESCENT_STATE == 0)
        rcu_quiescent_state();
}

/* murmur3's finalizer: the table takes the low bits. */
static inline unsigned long hash(int64_t key) {
    uint64_t h = (uint64_t)key;
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD;
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53;
    return h ^ h >> 33;
}

static int has_key(struct cds_lfht_node *node, const void *key) {
    return caa_container_of(node, struct entry, node)->key == *(const int64_t *)key;
}

static void *create(size_t entries) {
    unsigned long buckets = 1;
    while (buckets < entries)
        buckets *= 2;
    return cds_lfht_new(buckets, 1, 0, 0, NULL);
}

static void free_entry(struct rcu_head *head) {
    free(caa_container_of(head, struct entry, head));
}

static void destroy(void *table) {
    struct cds_lfht_iter iterator;
    struct cds_lfht_node *node;
    rcu_register_thread();
    cds_lfht_for_each(table, &iterator, node) {
        cds_lfht_del(table, node);
        call_rcu(&caa_container_of(node, struct entry, node)->head, free_entry);
    }
    rcu_quiescent_state();
    rcu_unregister_thread();
    rcu_barrier();
    cds_lfht_destroy(table, NULL);
}

static bool get(void *table, int64_t key, uint64_t *value) {
    struct cds_lfht_iter iterator;
    cds_lfht_lookup(table, hash(key), has_key, &key, &iterator);
    struct cds_lfht_node *node = cds_lfht_iter_get_node(&iterator);
    if (node)
        *value = caa_container_of(node, struct entry, node)->value;
    sometimes_quiescent();
    return node;
}

static void set(void *table, int64_t key, uint64_t value) {
    struct entry *entry = malloc(sizeof *entry);
    if (!entry)
        abort();
    cds_lfht_node_init(&entry->node);
    entry->key = key;
    entry->value = value;
    struct cds_lfht_node *old = cds_lfht_add_replace(table, hash(key), has_key, &key, &entry->node);
    if (old)
        call_rcu(&caa_container_of(old, struct entry, node)->head, free_entry);
    sometimes_quiescent();
}

const struct shared_map urcu_lfht = {
    "rculfhash", create, destroy, get, set, rcu_register_thread, rcu_unregister_thread};

/* ---- the queue: pops are locked, pushes wait for nobody ---- */

struct queue {
    struct cds_wfcq_head head;
    struct cds_wfcq_tail tail;
};

struct queued {
    struct cds_wfcq_node node;
    void *value;
};

static void *queue_new(void) {
    struct queue *queue = malloc(sizeof *queue);
    if (queue)
        cds_wfcq_init(&queue->head, &queue->tail);
    return queue;
}

static void queue_push(void *argument, void *value) {
    struct queue *queue = argument;
    struct queued *queued = malloc(sizeof *queued);
    if (!queued)
        abort();
    cds_wfcq_node_init(&queued->node);
    queued->value = value;
    cds_wfcq_enqueue(&queue->head, &queue->tail, &queued->node);
}

static void *queue_pop(void *argument) {
    struct queue *queue = argument;
    struct cds_wfcq_node *node;
    while (!(node = cds_wfcq_dequeue_blocking(&queue->head, &queue->tail)))
        caa_cpu_relax();
    struct queued *queued = caa_container_of(node, struct queued, node);
    void *value = queued->value;
    free(queued);
    return value;
}

static void queue_free(void *argument) {
    struct queue *queue = argument;
    cds_wfcq_destroy(&queue->head, &queue->tail);
    free(queue);
}

const struct shared_queue urcu_queues = {"wfcqueue, spinning", queue_new, queue_free, queue_push,
                                         queue_pop};
