/* One set under a root that blocks replace, beside an array of flags: each block sees
 * a version that fits the flags. */
#include "check.h"

enum { THREADS = 4, KEYS = 256, BLOCKS = 3000 };

static ame_set *root;
static bool has[KEYS];
static long size;

static void change(int key) {
    atomic {
        bool was_there = ame_set_contains(root, ame_int_key(key));
        CHECK(was_there == has[key]);
        ame_set *next = was_there ? ame_set_remove(root, ame_int_key(key))
                                  : ame_set_add(root, ame_int_key(key));
        CHECK(next && next != root);
        ame_set_release(root);
        root = next;
        has[key] = !was_there;
        size += was_there ? -1 : 1;
    }
}

/* Outside blocks a version stays what it is. */
static void count_all(void) {
    ame_set *version;
    ame_set_iterator iterator;
    long expected, entries = 0;
    atomic {
        version = ame_set_retain(root);
        expected = size;
        CHECK((long)ame_set_size(version) == size);
    }
    ame_set_iterate(version, &iterator);
    while (ame_set_next(&iterator, NULL))
        entries++;
    CHECK(entries == expected);
    ame_set_release(version);
}

/* Half of the keys, by a transient of the block's own, which may be cancelled. */
static void clear_half(uint64_t chance) {
    atomic {
        ame_set_transient *transient = ame_set_transient_new(root);
        CHECK(transient);
        for (int key = (int)(chance % 2); key < KEYS; key += 2) {
            CHECK(!ame_set_transient_remove(transient, ame_int_key(key)));
            size -= has[key];
            has[key] = false;
        }
        ame_set *next = ame_set_transient_seal(transient);
        CHECK((long)ame_set_size(next) == size);
        ame_set_release(root);
        root = next;
        if (chance % 4 < 2)
            atomic_cancel();
    }
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(BLOCKS); i++) {
        uint64_t chance = next_random(&random);
        change((int)(chance % KEYS));
        if (i % 32 == 0)
            count_all();
        if (i % 256 == 0)
            clear_half(chance >> 32);
    }
}

int main(void) {
    root = ame_set_new(AME_KEY_INT);
    CHECK(root);
    run_threads(THREADS, work);
    for (int key = 0; key < KEYS; key++)
        CHECK(ame_set_contains(root, ame_int_key(key)) == has[key]);
    CHECK((long)ame_set_size(root) == size);
    ame_set_release(root);
    return finish(0);
}
