/* rbtree.c - a set of 65,536 keys in a red-black tree. */
#include "rbtree.h"
#include "set.h"

static struct rb_tree tree;

static bool set_contains(long key) {
    return rb_find(&tree, key) != NULL;
}

static bool set_insert(long key) {
    return rb_insert(&tree, key, &tree);
}

static bool set_remove(long key) {
    return rb_remove(&tree, key) != NULL;
}

static long set_destroy(void) {
    return rb_destroy(&tree, NULL);
}

static void set_up(void) {
    set_fill(131072);
}

static const struct bench_case cases[] = {{"rbtree", set_up, set_work, set_check, false}};
BENCH_CASES(cases)
