/* queue.c - ame_queue. Compiled with the plugin.
 *
 * A list with a first node whose value is used up (Michael and Scott, "Simple, Fast, and
 * Practical Non-Blocking and Blocking Concurrent Queue Algorithms", PODC 1996: their queue with
 * two locks). Who pops touches the head and the first node, who pushes the tail and the last one:
 * not the same stripes while there are some entries. */
#include "shared/check.h"
#include <ame/count.h>
#include <ame/error.h>
#include <ame/queue.h>

#include <stdint.h>
#include <stdlib.h>

/* On a stripe of its own. */
struct node {
    struct node *next;
    void *value;
} __attribute__((aligned(64)));

struct ame_queue {
    uint64_t seal;
    struct node *head __attribute__((aligned(64)));
    struct node *tail __attribute__((aligned(64)));
    bool closed;
    ame_counter size __attribute__((aligned(64)));
};

#define LIVE UINT64_C(0x616d655f71756575)

static inline void check(const ame_queue *queue, const char *function) {
    if (AME__UNLIKELY(!queue || queue->seal != LIVE))
        ame__not_shared(queue, "ame_queue", function);
}

static struct node *new_node(void *value) {
    struct node *node = aligned_alloc(64, sizeof *node);
    if (node) {
        node->next = NULL;
        node->value = value;
    }
    return node;
}

ame_queue *ame_queue_new(void) {
    ame_queue *queue = aligned_alloc(64, sizeof *queue);
    struct node *first = new_node(NULL);
    if (!queue || !first) {
        free(queue);
        free(first);
        return NULL;
    }
    *queue = (struct ame_queue){.seal = LIVE, .head = first, .tail = first};
    return queue;
}

void ame_queue_free(ame_queue *queue) {
    if (!queue)
        return;
    check(queue, "ame_queue_free");
    for (struct node *node = queue->head, *next; node; node = next) {
        next = node->next;
        free(node);
    }
    ame__break_seal(&queue->seal);
    free(queue);
}

int ame_queue_push(ame_queue *queue, void *value) {
    int error = AME_OK;
    check(queue, "ame_queue_push");
    atomic {
        struct node *node = queue->closed ? NULL : new_node(value);
        if (node) {
            queue->tail->next = node;
            queue->tail = node;
            ame_counter_add(&queue->size, 1);
        } else {
            error = queue->closed ? AME_EINVAL : AME_ENOMEM;
        }
    }
    return error;
}

/* In a block. */
static bool take(ame_queue *queue, void **value) {
    struct node *used_up = queue->head, *node = used_up->next;
    if (!node)
        return false;
    *value = node->value;
    queue->head = node;
    free(used_up);
    ame_counter_add(&queue->size, -1);
    return true;
}

bool ame_queue_pop(ame_queue *queue, void **value) {
    bool taken;
    check(queue, "ame_queue_pop");
    atomic {
        taken = take(queue, value);
        if (!taken && !queue->closed)
            atomic_retry();
    }
    return taken;
}

bool ame_queue_try_pop(ame_queue *queue, void **value) {
    bool taken;
    check(queue, "ame_queue_try_pop");
    atomic {
        taken = take(queue, value);
    }
    return taken;
}

void ame_queue_close(ame_queue *queue) {
    check(queue, "ame_queue_close");
    atomic {
        queue->closed = true;
    }
}

size_t ame_queue_size(ame_queue *queue) {
    check(queue, "ame_queue_size");
    return (size_t)ame_counter_read(&queue->size);
}
