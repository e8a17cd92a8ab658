/* Allocation, strings, immutable fields and counters: exact numbers of barriers. */
// RUN: %clang -g %level %s %counting -o %t && %t
#include "counting.h"
#include <ame/ame.h>
#include <string.h>

struct node {
    ame_immutable long key;
    struct node *next;
};

static struct node **head;
static ame_counter *counter;
static char *text;

__attribute__((noinline)) static void push(long key) {
    atomic {
        struct node *node = malloc(sizeof *node);
        node->key = key;
        node->next = *head;
        *head = node;
    }
}

__attribute__((noinline)) static int find(long key) {
    int found = 0;
    atomic {
        for (struct node *node = *head; node; node = node->next)
            if (node->key == key) {
                found = 1;
                break;
            }
    }
    return found;
}

__attribute__((noinline)) static void count(void) {
    atomic {
        ame_counter_add(counter, 3);
    }
}

__attribute__((noinline)) static size_t strings(void) {
    size_t size = 0;
    atomic {
        if (!strcmp(text, "text"))
            size = strlen(text);
    }
    return size;
}

__attribute__((noinline)) static void pop(void) {
    atomic {
        struct node *node = *head;
        *head = node->next;
        free(node);
    }
}

static struct node **heads(void) {
    return head;
}

int main(void) {
    head = shared(sizeof *head);
    counter = shared(sizeof *counter);
    text = shared(100);
    strcpy(text, "text");
    compare_with_plain = false;

    push(1);
    push(2);
    /* `head` itself once at -O1 and above, and not every time as at -O0; *head once each way. */
    CHECK_EQUAL(counts.library, 1);
#ifdef __OPTIMIZE__
    CHECK_EQUAL(counts.reads, 2);
    CHECK_EQUAL(counts.writes, 1);
#endif
    CHECK(find(1));
#ifdef __OPTIMIZE__
    CHECK_EQUAL(counts.reads, 3); /* head, *head, and the first node's next: no keys */
#endif
    CHECK(!find(3));
    CHECK_EQUAL(counts.serial, 0);
    count();
    CHECK_EQUAL(counter->value, 3);
    CHECK(counts.library == 1 && counts.serial == 0);
    CHECK_EQUAL(strings(), 4);
    CHECK(counts.library == 2 && counts.serial == 0);
    pop();
    CHECK(counts.library == 1 && counts.serial == 0);
    CHECK((*heads())->key == 1 && !(*heads())->next);
    return 0;
}
