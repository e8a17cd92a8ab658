/* hash_table.c - a set of 4,096 keys in a hash table with chains. */
#include "set.h"

enum { BUCKETS = 4096 };

struct node {
    long key;
    struct node *next;
};

static struct node *buckets[BUCKETS];

static size_t bucket_of(long key) {
    return (size_t)((uint64_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 40) % BUCKETS;
}

static struct node **find(long key) {
    struct node **link = &buckets[bucket_of(key)];
    while (*link && (*link)->key != key)
        link = &(*link)->next;
    return link;
}

static bool set_contains(long key) {
    return *find(key) != NULL;
}

static bool set_insert(long key) {
    struct node **link = find(key);
    if (*link)
        return false;
    struct node *node = malloc(sizeof *node);
    CHECK(node);
    node->key = key;
    node->next = NULL;
    *link = node;
    return true;
}

static bool set_remove(long key) {
    struct node **link = find(key), *node = *link;
    if (!node)
        return false;
    *link = node->next;
    free(node);
    return true;
}

static long set_destroy(void) {
    long size = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        while (buckets[i]) {
            struct node *node = buckets[i];
            CHECK(bucket_of(node->key) == i && find(node->key) == &buckets[i]);
            buckets[i] = node->next;
            free(node);
            size++;
        }
    return size;
}

static void set_up(void) {
    set_fill(8192);
}

static const struct bench_case cases[] = {{"hash_table", set_up, set_work, set_check, false}};
BENCH_CASES(cases)
