/* A set in an AVL tree, by recursion, its rotations and all in blocks. */
#include "set_test.h"

struct node {
    long key;
    int height;
    struct node *left, *right;
};

static struct node *root;

static int height(const struct node *node) {
    return node ? node->height : 0;
}

static struct node *with_height(struct node *node) {
    int left = height(node->left), right = height(node->right);
    node->height = 1 + (left > right ? left : right);
    return node;
}

static struct node *rotate_right(struct node *node) {
    struct node *top = node->left;
    node->left = top->right;
    top->right = with_height(node);
    return with_height(top);
}

static struct node *rotate_left(struct node *node) {
    struct node *top = node->right;
    node->right = top->left;
    top->left = with_height(node);
    return with_height(top);
}

static struct node *balance(struct node *node) {
    if (height(node->left) > height(node->right) + 1) {
        if (height(node->left->left) < height(node->left->right))
            node->left = rotate_left(node->left);
        return rotate_right(node);
    }
    if (height(node->right) > height(node->left) + 1) {
        if (height(node->right->right) < height(node->right->left))
            node->right = rotate_right(node->right);
        return rotate_left(node);
    }
    return with_height(node);
}

static struct node *insert(struct node *node, long key) {
    if (!node) {
        node = malloc(sizeof *node);
        CHECK(node);
        *node = (struct node){.key = key, .height = 1};
        return node;
    }
    if (key < node->key)
        node->left = insert(node->left, key);
    else
        node->right = insert(node->right, key);
    return balance(node);
}

static struct node *remove_smallest(struct node *node, struct node **smallest) {
    if (!node->left) {
        *smallest = node;
        return node->right;
    }
    node->left = remove_smallest(node->left, smallest);
    return balance(node);
}

static struct node *remove_key(struct node *node, long key) {
    if (key < node->key) {
        node->left = remove_key(node->left, key);
    } else if (key > node->key) {
        node->right = remove_key(node->right, key);
    } else {
        struct node *left = node->left, *right = node->right;
        free(node);
        if (!right)
            return left;
        struct node *top;
        right = remove_smallest(right, &top);
        top->left = left;
        top->right = right;
        node = top;
    }
    return balance(node);
}

static bool set_contains(long key) {
    const struct node *node = root;
    while (node && node->key != key)
        node = key < node->key ? node->left : node->right;
    return node != NULL;
}

static bool set_insert(long key) {
    if (set_contains(key))
        return false;
    root = insert(root, key);
    return true;
}

static bool set_remove(long key) {
    if (!set_contains(key))
        return false;
    root = remove_key(root, key);
    return true;
}

/* Order, balance and heights of a subtree, which it frees; returns its size. */
static long check_subtree(struct node *node, long above, long below, const bool *present) {
    if (!node)
        return 0;
    CHECK(above < node->key && node->key < below && present[node->key]);
    int left = height(node->left), right = height(node->right);
    CHECK(left - right <= 1 && right - left <= 1);
    CHECK(node->height == 1 + (left > right ? left : right));
    long size = 1 + check_subtree(node->left, above, node->key, present) +
                check_subtree(node->right, node->key, below, present);
    free(node);
    return size;
}

static void set_check(const bool *present, long keys) {
    long expected = 0;
    for (long key = 0; key < keys; key++)
        expected += present[key];
    CHECK(check_subtree(root, -1, keys, present) == expected);
}

int main(void) {
    return set_test(STEPS(20000));
}
