/* A set in a sorted, singly linked list. */
#include "set_test.h"

struct node {
    long key;
    struct node *next;
};

static struct node *first;

/* The link that points to the first node whose key is not below `key`. */
static struct node **find(long key) {
    struct node **link = &first;
    while (*link && (*link)->key < key)
        link = &(*link)->next;
    return link;
}

static bool set_contains(long key) {
    struct node *node = *find(key);
    return node && node->key == key;
}

static bool set_insert(long key) {
    struct node **link = find(key);
    if (*link && (*link)->key == key)
        return false;
    struct node *node = malloc(sizeof *node);
    CHECK(node);
    *node = (struct node){key, *link};
    *link = node;
    return true;
}

static bool set_remove(long key) {
    struct node **link = find(key);
    struct node *node = *link;
    if (!node || node->key != key)
        return false;
    *link = node->next;
    free(node);
    return true;
}

static void set_check(const bool *present, long keys) {
    struct node *node = first;
    for (long key = 0; key < keys; key++)
        if (present[key]) {
            CHECK(node && node->key == key);
            first = node->next;
            free(node);
            node = first;
        }
    CHECK(!node);
}

int main(void) {
    return set_test(STEPS(3000));
}
