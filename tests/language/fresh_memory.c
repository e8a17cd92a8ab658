/* Memory that a block allocates itself, handed to functions that can't know whose it is: written
 * and read without a trace, freed in the block or with it, also where only a part of the block is
 * undone. */
#include "feature.h"

struct node {
    struct node *next;
    long words[20];
};

static struct node *list, *spare;
static long total;

static void prepare(void) {
    for (struct node *next; list; list = next) {
        next = list->next;
        free(list);
    }
    list = calloc(1, sizeof *list);
    free(spare);
    spare = NULL;
    total = 0;
}

__attribute__((noinline)) static void fill(struct node *node, long value, struct node *next) {
    for (int i = 0; i < 20; i++)
        node->words[i] = value;
    node->next = next;
}

__attribute__((noinline)) static long sum(const struct node *node) {
    long result = 0;
    for (; node; node = node->next)
        result += node->words[0] + node->words[19];
    return result;
}

static struct node *new_node(long value, struct node *next) {
    struct node *node = malloc(sizeof *node);
    CHECK(node);
    fill(node, value, next);
    return node;
}

/* ---- published, unlinked and freed in one block ---- */

static void publish_and_free(void) {
    atomic {
        for (long i = 0; i < 10; i++) {
            list = new_node(i, list);
            total += sum(list);
            struct node *first = list;
            list = first->next;
            free(first);
        }
        list = new_node(100, list);
    }
}

static void check_published(void) {
    CHECK(total == 2 * 45);
    CHECK(sum(list) == 200 && list->next && !list->next->next);
}

/* ---- with a part that is undone ---- */

static void cancel_inside(void) {
    atomic {
        struct node *outer = new_node(1, NULL), *kept = NULL;
        for (long i = 0; i < 4; i++)
            atomic {
                struct node *inner = new_node(10, outer);
                outer->words[0] = 5;
                fill(outer, 7, NULL);
                total += sum(inner);
                if (i == 1)
                    free(outer);
                else
                    kept = inner;
                if (i < 3)
                    atomic_cancel();
                kept->words[0]++;
            }
        total += sum(kept);
        outer->words[1] = 8;
        free(outer);
        free(kept);
        spare = new_node(3, NULL);
    }
}

static void check_cancelled(void) {
    CHECK(total == 2 * (2 * 10 + 2 * 7) + 1);
    CHECK(sum(spare) == 6);
}

/* ---- arrays that grow ---- */

__attribute__((noinline)) static long *append(long *array, size_t count, long value) {
    array = realloc(array, (count + 1) * sizeof *array);
    CHECK(array);
    array[count] = value;
    return array;
}

static void grow(void) {
    atomic {
        long *array = NULL, *other = NULL;
        for (size_t i = 0; i < 200; i++) {
            array = append(array, i, (long)i);
            other = append(other, i, array[i / 2]);
        }
        for (size_t i = 0; i < 200; i++)
            total += array[i] - other[i];
        free(array);
        spare = (struct node *)other;
    }
}

static void check_grown(void) {
    long expected = 0;
    for (long i = 0; i < 200; i++) {
        expected += i - i / 2;
        CHECK(((long *)spare)[i] == i / 2);
    }
    CHECK(total == expected);
}

int main(void) {
    TRY(prepare, publish_and_free, check_published);
    TRY(prepare, cancel_inside, check_cancelled);
    TRY(prepare, grow, check_grown);
    prepare();
    free(list);
    return 0;
}
