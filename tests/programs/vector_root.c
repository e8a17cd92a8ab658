/* A vector under a root that blocks replace: a stack whose sum and size blocks keep beside it. */
#include "check.h"

enum { THREADS = 4, BLOCKS = 3000 };

static ame_vector *root;
static int64_t sum;
static size_t size;
static char apart[128]; /* so that readers of `reads` do not meet the root's stripe */
static ame_counter reads;

static void replace(ame_vector *next) {
    CHECK(next);
    ame_vector_release(root);
    root = next;
}

static void push_some(uint64_t chance) {
    atomic {
        ame_vector_transient *transient = ame_vector_transient_new(root);
        CHECK(transient);
        for (uint64_t i = 0; i < chance % 40; i++) {
            CHECK(!ame_vector_transient_push(transient, ame_int_value((int64_t)i)));
            sum += (int64_t)i;
            size++;
        }
        replace(ame_vector_transient_seal(transient));
    }
}

static void change_one(uint64_t chance) {
    atomic {
        ame_value last = {0};
        bool any = ame_vector_get(root, size - 1, &last);
        CHECK(any == (size != 0) && ame_vector_size(root) == size);
        if (any && chance % 3 == 0) {
            replace(ame_vector_pop(root));
            sum -= last.integer;
            size--;
        } else if (any && chance % 3 == 1) {
            replace(ame_vector_set(root, size - 1, ame_int_value(last.integer + 5)));
            sum += 5;
        } else {
            replace(ame_vector_push(root, ame_int_value(7)));
            sum += 7;
            size++;
        }
    }
}

/* Outside blocks a version stays what it is. */
static void sum_up(void) {
    ame_vector_iterator iterator;
    ame_vector *version;
    ame_value value;
    int64_t expected, total = 0;
    size_t elements = 0, expected_size;
    atomic {
        version = ame_vector_retain(root);
        expected = sum;
        expected_size = size;
    }
    ame_vector_iterate(version, 0, SIZE_MAX, &iterator);
    for (; ame_vector_next(&iterator, &value); elements++)
        total += value.integer;
    CHECK(total == expected && elements == expected_size);
    ame_vector_release(version);
    ame_counter_add(&reads, 1 + apart[0]);
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(BLOCKS); i++) {
        uint64_t chance = next_random(&random);
        if (i % 64 == 0)
            push_some(chance);
        change_one(chance);
        if (i % 32 == 0)
            sum_up();
    }
}

int main(void) {
    root = ame_vector_new();
    CHECK(root);
    run_threads(THREADS, work);
    sum_up();
    ame_vector_release(root);
    return finish(0);
}
