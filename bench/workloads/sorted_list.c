/* sorted_list.c - a set of 512 keys in a sorted list. */
#include "set.h"

struct node {
    long key;
    struct node *next;
};

static struct node *list;

/* The link at which the key is or belongs. */
static struct node **find(long key) {
    struct node **link = &list;
    while (*link && (*link)->key < key)
        link = &(*link)->next;
    return link;
}

static bool set_contains(long key) {
    struct node *node = *find(key);
    return node && node->key == key;
}

static bool set_insert(long key) {
    struct node **link = find(key), *next = *link;
    if (next && next->key == key)
        return false;
    struct node *node = malloc(sizeof *node);
    CHECK(node);
    node->key = key;
    node->next = next;
    *link = node;
    return true;
}

static bool set_remove(long key) {
    struct node **link = find(key), *node = *link;
    if (!node || node->key != key)
        return false;
    *link = node->next;
    free(node);
    return true;
}

static long set_destroy(void) {
    long size = 0, last = -1;
    while (list) {
        struct node *node = list;
        CHECK(node->key > last);
        last = node->key;
        list = node->next;
        free(node);
        size++;
    }
    return size;
}

static void set_up(void) {
    set_fill(1024);
}

static const struct bench_case cases[] = {{"sorted_list", set_up, set_work, set_check, false}};
BENCH_CASES(cases)
