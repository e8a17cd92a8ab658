/* A set in a hash table with chains, which grows and shrinks with its contents:
 * the block that meets the threshold moves all nodes. */
#include "set_test.h"

struct node {
    long key;
    struct node *next;
};

static struct node **buckets;
static size_t bucket_count, node_count;
static unsigned long resizes;

static size_t bucket_of(long key) {
    return (uint64_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 32 & (bucket_count - 1);
}

static void resize(size_t new_count) {
    struct node **old = buckets;
    size_t old_count = bucket_count;
    buckets = calloc(new_count, sizeof *buckets);
    CHECK(buckets);
    bucket_count = new_count;
    for (size_t i = 0; i < old_count; i++)
        for (struct node *node = old[i], *next; node; node = next) {
            next = node->next;
            size_t bucket = bucket_of(node->key);
            node->next = buckets[bucket];
            buckets[bucket] = node;
        }
    free(old);
    resizes++;
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
    if (set_contains(key))
        return false;
    if (node_count >= bucket_count)
        resize(2 * bucket_count);
    struct node *node = malloc(sizeof *node);
    CHECK(node);
    struct node **bucket = &buckets[bucket_of(key)];
    *node = (struct node){key, *bucket};
    *bucket = node;
    node_count++;
    return true;
}

static bool set_remove(long key) {
    struct node **link = find(key);
    struct node *node = *link;
    if (!node)
        return false;
    *link = node->next;
    free(node);
    if (--node_count < bucket_count / 4)
        resize(bucket_count / 2);
    return true;
}

static void set_check(const bool *present, long keys) {
    size_t expected = 0, found = 0;
    for (long key = 0; key < keys; key++)
        expected += present[key];
    for (size_t i = 0; i < bucket_count; i++)
        for (struct node *node = buckets[i], *next; node; node = next, found++) {
            CHECK(bucket_of(node->key) == i && present[node->key]);
            next = node->next;
            free(node);
        }
    CHECK(found == expected && node_count == expected);
    CHECK(resizes >= 5); /* 16, 32, ... 512 */
    free(buckets);
}

int main(void) {
    buckets = calloc(16, sizeof *buckets);
    bucket_count = 16;
    CHECK(buckets);
    return set_test(STEPS(20000));
}
