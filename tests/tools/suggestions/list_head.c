/* All threads push what they have made to one list. */
#include "threads.h"

#include <stdlib.h>

struct node {
    struct node *next;
    int value;
};

static struct node *made;
static struct {
    _Alignas(64) struct node *head;
} made_by[THREADS]; /* mended: joined in the end */

static void push(struct node **list, int value) {
    struct node *node = malloc(sizeof *node);
    node->value = value;
    node->next = *list; /* LINE-conflict */
    *list = node;
    think();
}

static void work(int thread) {
    for (int i = 0; i < 300; i++)
        atomic {
            push(mended ? &made_by[thread].head : &made, i);
        }
}

static int length(const struct node *list) {
    int length = 0;
    for (; list; list = list->next)
        length++;
    return length;
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    int sum = length(made);
    for (int i = 0; i < THREADS; i++)
        sum += length(made_by[i].head);
    return sum != THREADS * 300;
}
