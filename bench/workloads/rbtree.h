/* rbtree.h - a red-black tree from numbers to pointers, without blocks of its own; after Cormen,
 * Leiserson, Rivest, Stein, "Introduction to Algorithms". Leaves are NULL: a sentinel that all
 * removals write would make them conflict. */
#ifndef BENCH_RBTREE_H
#define BENCH_RBTREE_H

#include "harness.h"

#include <limits.h>

struct rb_node {
    long key;
    void *value;
    bool red;
    struct rb_node *parent, *child[2];
};

struct rb_tree {
    struct rb_node *root;
};

static bool rb_red(const struct rb_node *node) {
    return node && node->red;
}

static struct rb_node *rb_node_of(const struct rb_tree *tree, long key) {
    struct rb_node *node = tree->root;
    while (node && node->key != key)
        node = node->child[key > node->key];
    return node;
}

/* NULL if the key is not there. */
__attribute__((unused)) static void *rb_find(const struct rb_tree *tree, long key) {
    struct rb_node *node = rb_node_of(tree, key);
    return node ? node->value : NULL;
}

static void rb_replace(struct rb_tree *tree, struct rb_node *old, struct rb_node *new) {
    struct rb_node *parent = old->parent;
    if (parent)
        parent->child[old == parent->child[1]] = new;
    else
        tree->root = new;
    if (new)
        new->parent = parent;
}

/* Moves `top` down to the side, and the child of the other side up to its place. */
static void rb_rotate(struct rb_tree *tree, struct rb_node *top, int side) {
    struct rb_node *up = top->child[!side], *between = up->child[side];
    rb_replace(tree, top, up);
    top->child[!side] = between;
    if (between)
        between->parent = top;
    up->child[side] = top;
    top->parent = up;
}

static void rb_after_insert(struct rb_tree *tree, struct rb_node *node) {
    while (rb_red(node->parent)) {
        struct rb_node *parent = node->parent, *above = parent->parent;
        int side = parent == above->child[1];
        struct rb_node *uncle = above->child[!side];
        if (rb_red(uncle)) {
            parent->red = uncle->red = false;
            above->red = true;
            node = above;
            continue;
        }
        if (node == parent->child[!side]) {
            rb_rotate(tree, parent, side);
            parent = node;
        }
        parent->red = false;
        above->red = true;
        rb_rotate(tree, above, !side);
        break;
    }
    if (tree->root->red)
        tree->root->red = false;
}

/* False if the key is there already. */
static bool rb_insert(struct rb_tree *tree, long key, void *value) {
    struct rb_node *parent = NULL, *node = tree->root;
    int side = 0;
    while (node) {
        if (node->key == key)
            return false;
        parent = node;
        side = key > node->key;
        node = node->child[side];
    }
    node = malloc(sizeof *node);
    CHECK(node);
    *node = (struct rb_node){.key = key, .value = value, .red = true, .parent = parent};
    if (parent)
        parent->child[side] = node;
    else
        tree->root = node;
    rb_after_insert(tree, node);
    return true;
}

/* All paths to that side of `parent` lack a black node. */
static void rb_after_remove(struct rb_tree *tree, struct rb_node *parent, int side) {
    while (parent) {
        struct rb_node *sibling = parent->child[!side];
        if (sibling->red) {
            sibling->red = false;
            parent->red = true;
            rb_rotate(tree, parent, side);
            sibling = parent->child[!side];
        }
        struct rb_node *near = sibling->child[side], *far = sibling->child[!side];
        if (!rb_red(near) && !rb_red(far)) {
            sibling->red = true;
            if (parent->red) {
                parent->red = false;
                return;
            }
            struct rb_node *node = parent;
            parent = node->parent;
            side = parent && node == parent->child[1];
            continue;
        }
        if (!rb_red(far)) {
            near->red = false;
            sibling->red = true;
            rb_rotate(tree, sibling, !side);
            far = sibling;
            sibling = near;
        }
        sibling->red = parent->red;
        parent->red = far->red = false;
        rb_rotate(tree, parent, side);
        return;
    }
}

/* Returns the value, or NULL if the key was not there. */
static void *rb_remove(struct rb_tree *tree, long key) {
    struct rb_node *node = rb_node_of(tree, key);
    if (!node)
        return NULL;
    void *value = node->value;
    if (node->child[0] && node->child[1]) {
        struct rb_node *next = node->child[1];
        while (next->child[0])
            next = next->child[0];
        node->key = next->key;
        node->value = next->value;
        node = next;
    }
    struct rb_node *parent = node->parent, *child = node->child[node->child[0] == NULL];
    int side = parent && node == parent->child[1];
    rb_replace(tree, node, child);
    if (!node->red) {
        if (rb_red(child))
            child->red = false;
        else
            rb_after_remove(tree, parent, side);
    }
    free(node);
    return value;
}

/* Returns the number of black nodes on each path down. */
static long rb_check_below(const struct rb_node *node, long above, long below) {
    if (!node)
        return 0;
    CHECK(above < node->key && node->key < below);
    for (int side = 0; side < 2; side++) {
        CHECK(!node->child[side] || node->child[side]->parent == node);
        CHECK(!node->red || !rb_red(node->child[side]));
    }
    long left = rb_check_below(node->child[0], above, node->key);
    CHECK(left == rb_check_below(node->child[1], node->key, below));
    return left + !node->red;
}

/* Frees the nodes below, after `visit` of each if there is one; returns how many. */
static long rb_destroy_below(struct rb_node *node, void (*visit)(long key, void *value)) {
    if (!node)
        return 0;
    long size = rb_destroy_below(node->child[0], visit) + rb_destroy_below(node->child[1], visit);
    if (visit)
        visit(node->key, node->value);
    free(node);
    return size + 1;
}

/* CHECKs the tree's invariants, then the above. */
static long rb_destroy(struct rb_tree *tree, void (*visit)(long key, void *value)) {
    CHECK(!rb_red(tree->root));
    rb_check_below(tree->root, -1, LONG_MAX);
    long size = rb_destroy_below(tree->root, visit);
    tree->root = NULL;
    return size;
}

#endif
