/* Privatization: a block takes a list away from all others, and from then on its
 * thread uses the nodes outside blocks, as plain memory, and frees them. Blocks
 * that walked and wrote the list before may neither write nor read there any more. */
#include "check.h"

enum { THREADS = 4, NODES = 64 };

struct node {
    long a, b; /* equal after every block */
    struct node *next;
};

static struct node *shared;

static struct node *new_list(void) {
    struct node *list = NULL;
    for (int i = 0; i < NODES; i++) {
        struct node *node = malloc(sizeof *node);
        CHECK(node);
        *node = (struct node){.next = list};
        list = node;
    }
    return list;
}

static void walk_and_write(void) {
    atomic {
        for (struct node *node = shared; node; node = node->next) {
            CHECK(node->a == node->b);
            node->a++;
            node->b++;
        }
    }
}

static void walk(void) {
    atomic {
        for (struct node *node = shared; node; node = node->next)
            CHECK(node->a == node->b);
    }
}

static void take_and_use(void) {
    struct node *mine;
    struct node *fresh = new_list();
    atomic {
        mine = shared;
        shared = fresh;
    }
    /* Every late write or undo of another block would show here, and every late
     * read in the block that does it. */
    long expected = -1;
    for (struct node *node = mine; node; node = node->next) {
        CHECK(node->a == node->b && node->a >= 0);
        CHECK(expected < 0 || node->a == expected);
        expected = node->a;
        node->a = -1;
        node->b = -2;
    }
    for (struct node *node = mine, *next; node; node = next) {
        next = node->next;
        CHECK(node->a == -1 && node->b == -2);
        free(node);
    }
}

static void work(int number) {
    for (int i = 0; i < STEPS(15000); i++)
        if (number == 0)
            take_and_use();
        else if (number == 1)
            walk();
        else
            walk_and_write();
}

int main(void) {
    shared = new_list();
    run_threads(THREADS, work);
    take_and_use();
    for (struct node *node = shared, *next; node; node = next) {
        next = node->next;
        free(node);
    }
    return finish(0);
}
