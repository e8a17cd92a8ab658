/* Who writes ame_immutable fields. */
// RUN: (! %checked -fno-caret-diagnostics -c -o /dev/null %s 2> %t.messages) && %FileCheck %s --implicit-check-not=ame: < %t.messages
// RUN: (! %checked -fdiagnostics-parseable-fixits -c -o /dev/null %s 2>&1) | %FileCheck %s --check-prefix=FIX
// RUN: (! %checked -DWARNINGS_ONLY -Werror -c -o /dev/null %s 2>&1) | %FileCheck %s --check-prefix=ERROR
// RUN: %checked -DWARNINGS_ONLY -w -Werror -c -o /dev/null %s 2> %t.none && test ! -s %t.none
#include <ame/atomic.h>
#include <stdlib.h>
#include <string.h>

struct inner {
    int x;
};
struct node {
    long key ame_immutable;
    struct inner inner ame_immutable;
    char name[8] ame_immutable;
    struct node *next;
};
struct tree {
    struct node root;
};
struct node shared;

#ifndef WARNINGS_ONLY
// FIX: fix-it:"{{.*}}immutable.c":{[[@LINE+1]]:1-[[@LINE+1]]:1}:"ame_constructor "
static void writes(struct node *node, struct tree *tree, int i) {
    // CHECK: immutable.c:[[@LINE+2]]:5: error: ame: 'key' is ame_immutable and is written here, where its object may be shared
    // CHECK-NEXT: immutable.c:[[@LINE-2]]:13: note: mark 'writes' ame_constructor if it writes only objects that are not shared yet
    node->key = 1;
    // CHECK: immutable.c:[[@LINE+1]]:5: error: ame: 'inner' is ame_immutable and is written here, where its object may be shared
    node->inner.x += 2;
    // CHECK: immutable.c:[[@LINE+1]]:5: error: ame: 'name' is ame_immutable and is written here, where its object may be shared
    node->name[i]++;
    // CHECK: immutable.c:[[@LINE+1]]:5: error: ame: 'key' is ame_immutable and is written here, where its object may be shared
    (&tree->root)->key = 1;
    // CHECK: immutable.c:[[@LINE+1]]:5: error: ame: 'key' is ame_immutable and is written here, where its object may be shared
    shared.key = 3;
    // CHECK: immutable.c:[[@LINE+1]]:5: error: ame: 'key' is ame_immutable and is written here, where its object may be shared
    *node = shared;
    // CHECK: immutable.c:[[@LINE+1]]:5: error: ame: 'key' is ame_immutable and is written here, where its object may be shared
    *tree = (struct tree){.root = shared};
}

// FIX: fix-it:"{{.*}}immutable.c":{[[@LINE+1]]:1-[[@LINE+1]]:1}:"ame_constructor "
void writes_what_it_did_not_allocate(struct node **out) {
    struct node *mine = malloc(sizeof *mine), *copy = mine;
    if (!mine)
        return;
    mine->key = 1;
    // CHECK: immutable.c:[[@LINE+2]]:5: error: ame: 'key' is ame_immutable and is written here, where its object may be shared
    // CHECK-NEXT: immutable.c:[[@LINE-6]]:6: note: mark 'writes_what_it_did_not_allocate' ame_constructor if it writes only objects that are not shared yet
    copy->key = 1;
    *out = mine;
    // CHECK: immutable.c:[[@LINE+1]]:5: error: ame: 'key' is ame_immutable and is written here, where its object may be shared
    (*out)->key = 1;
    writes(mine, 0, 0);
}
#endif

void passes_address(struct node *node) {
    // ERROR: immutable.c:[[@LINE+2]]:12: error: ame: 'name' is ame_immutable, and 'strcpy' takes
    // CHECK: immutable.c:[[@LINE+1]]:12: warning: ame: 'name' is ame_immutable, and 'strcpy' takes its address and may write it
    strcpy(node->name, "name");
    // CHECK: immutable.c:[[@LINE+1]]:12: warning: ame: 'inner' is ame_immutable, and 'memset' takes its address and may write it
    memset(&node->inner, 0, sizeof node->inner);
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wincompatible-pointer-types-discards-qualifiers"
    memset(&node->key, 0, sizeof node->key);
#pragma clang diagnostic pop
}
