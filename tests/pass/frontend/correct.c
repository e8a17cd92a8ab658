/* Nothing to say of code that is right. */
// RUN: %checked -Wno-missing-field-initializers -Werror -c -o /dev/null %s
// RUN: %checked -Wno-missing-field-initializers -Werror -O2 -D_FORTIFY_SOURCE=2 -c -o /dev/null %s
#define _GNU_SOURCE
#include <ame/ame.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int number;
jmp_buf buffer;

// ---- jumps ----

int leaves(int i) {
    atomic {
        if (i == 1)
            goto inside;
        if (i == 2)
            goto away;
        if (i == 3)
            return i;
    inside:
        switch (i) {
        case 4:
            number++;
            break;
        default:
            atomic {
                goto around;
            }
        }
    around:
        number++;
    }
away:
    if (setjmp(buffer))
        return 0;
    atomic {
        jmp_buf own;
        if (!setjmp(own)) {
            atomic {
                longjmp(own, 1);
            }
        }
    }
    longjmp(buffer, 1);
}

int *returns(int *p) {
    static int kept[2];
    int *copy = p, **table = &copy;
    atomic {
        if (!p)
            return &kept[1];
        return number ? table[0] : copy;
    }
    return &number;
}

// ---- immutable fields ----

struct part {
    int x, y;
};
struct node {
    long key ame_immutable;
    struct part part ame_immutable;
    char name[8] ame_immutable;
    struct node *next ame_immutable;
    int mutable;
};
void *allocate(size_t size) __attribute__((malloc));
void *allocate_too(size_t size) __attribute__((alloc_size(1)));
void reads_name(const char *name);

ame_constructor void fill(struct node *node, long key);
void fill(struct node *node, long key) {
    node->key = key;
    strcpy(node->name, "name");
    *node = (struct node){.key = key};
}

struct node *make(struct node *other, int how) {
    struct node on_stack = {.key = 1}, *first = malloc(sizeof *first), *second;
    on_stack.key++;
    (&on_stack)->part.x = 1;
    if (!first || !(second = (struct node *)allocate(sizeof *second)))
        return NULL;
    first->key = on_stack.key;
    first->part.x += 2;
    strcpy(first->name, "name");
    second[0] = on_stack;
    (*second).name[1] = 'x';
    if (how)
        second = allocate_too(2 * sizeof *second);
    second[1].key = 4;
    other->mutable = 1;
    other->next->mutable = first->key > 0;
    reads_name(other->name);
    memset((void *)&other->part, 0, 0);
    return how ? first : second;
}

// ---- safe functions ----

ame_safe void declared_safe(void);
ame_pure int declared_pure(int);
ame_safe typedef int operation(int);
struct operations {
    ame_safe operation *first;
    ame_safe int (*table[2])(int);
    operation *typed;
};

static int even(int i);
static int odd(int i) {
    return i ? even(i - 1) : 0;
}
static int even(int i) {
    return i ? odd(i - 1) : 1;
}
static ame_safe int later(int i);

int replaced(int i);
ame_replaces(replaced, odd);

static void clean(int *p) {
    *p = 0;
}

void wake(void *argument);

ame_safe int safe(struct operations *o, operation *given, ame_safe void (*also)(void), char *text) {
    int guarded __attribute__((cleanup(clean))) = 0;
    int copy;
    declared_safe();
    ame_on_commit(wake, &number);
    also();
    atomic {
        number += declared_pure(odd(3)) + later(1) + replaced(2);
    }
    if (o->first(1) + o->table[1](2) + o->typed(3) + (*given)(4) + guarded)
        errno = isalpha(*text) ? 0 : ENOMEM;
    assert(number);
    memcpy(text, "x", 1);
    free(strdup(text));
    __asm__("bswap %0" : "=r"(copy) : "0"(number));
    __asm__ volatile("" ::: "memory");
    if (!setjmp(buffer))
        longjmp(buffer, 1);
    return __builtin_popcount(copy) + (int)sizeof(getenv(text)) + (int)sqrt(2.0) +
           atomic_is_lock_free(&number) + __builtin_abs(number) + _Generic(1, int: 1, default: rand());
}
static int later(int i) {
    return i + 1;
}
struct operations operations = {odd, {even, later}, .typed = even};

// ---- signals ----

static void handler(int signal) {
    number = signal;
}
void registers(void) {
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGINT, &action, NULL);
    signal(SIGTERM, SIG_IGN);
    atomic {
        number++;
    }
}
