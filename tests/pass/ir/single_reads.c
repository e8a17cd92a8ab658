/* Blocks that only read are marked: in the last but one field of their record is 8 where they read
 * but one word, and 16 where they write nothing. */
// RUN: %clang -S -emit-llvm -o - -O2 %s | %FileCheck %s
#include <ame/ame.h>

struct node {
    ame_immutable long key;
    long value;
    struct node *next;
};
struct node *first;
long one, two;

// CHECK-DAG: @reads_one.ame_block = internal global {{.*}}, i32 24, i32 0 }
long reads_one(void) {
    long seen;
    atomic { seen = one; }
    return seen;
}

// CHECK-DAG: @reads_two.ame_block = internal global {{.*}}, i32 16, i32 0 }
long reads_two(void) {
    long seen;
    atomic { seen = one + two; }
    return seen;
}

// CHECK-DAG: @writes.ame_block = internal global {{.*}}, i32 0, i32 0 }
void writes(void) {
    atomic { two = one; }
}

// What it reads without a barrier may be freed, unless others see that the block runs.
// CHECK-DAG: @reads_immutable.ame_block = internal global {{.*}}, i32 16, i32 0 }
long reads_immutable(void) {
    long seen;
    atomic { seen = first->key; }
    return seen;
}

long look(struct node *node);

// CHECK-DAG: @calls.ame_block = internal global {{.*}}, i32 0, i32 0 }
long calls(void) {
    long seen;
    atomic { seen = look(first); }
    return seen;
}

// CHECK-DAG: @loops.ame_block = internal global {{.*}}, i32 0, i32 0 }
void loops(long until) {
    atomic {
        while (*(volatile long *)&one != until)
            ;
    }
}

__attribute__((pure)) long looks_only(struct node *node);

// CHECK-DAG: @calls_pure.ame_block = internal global {{.*}}, i32 16, i32 0 }
long calls_pure(void) {
    long seen;
    atomic { seen = looks_only(first); }
    return seen;
}

// CHECK-DAG: @walks.ame_block = internal global {{.*}}, i32 16, i32 0 }
long walks(long key) {
    long seen = 0;
    atomic {
        for (struct node *node = first; node; node = node->next)
            if (node->value == key)
                seen++;
    }
    return seen;
}
