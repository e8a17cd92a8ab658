/* Blocks that make versions, transients, merges; threads that keep old versions and make
 * others of them outside blocks at the same time. Keys count their holders: in the end nobody
 * holds any. */
#include "number_key.h"

enum { THREADS = 4, KEYS = 64, CELLS = 4 };

static ame_map *cells[CELLS]; /* each is a version of some past of the others */
static long sums[CELLS];      /* of its values */

/* ---- typed keys ---- */

static struct number numbers[KEYS];

static ame_key key_of(uint64_t r) {
    return ame_pointer_key(&numbers[r % KEYS]);
}

static int64_t sum_of(const ame_map *map) {
    ame_map_iterator iterator;
    ame_value value;
    int64_t sum = 0;
    ame_map_iterate(map, &iterator);
    while (ame_map_next(&iterator, NULL, &value))
        sum += value.integer;
    return sum;
}

/* ---- blocks ---- */

static void put(int cell, ame_map *map) {
    CHECK(map);
    ame_map_release(cells[cell]);
    cells[cell] = map;
}

static void change_one(int cell, uint64_t r) {
    atomic {
        ame_value old = {0};
        ame_map_get(cells[cell], key_of(r), &old);
        if (r >> 20 & 3) {
            put(cell, ame_map_set(cells[cell], key_of(r), ame_int_value((int64_t)(r >> 30) % 9)));
            sums[cell] += (int64_t)(r >> 30) % 9 - old.integer;
        } else {
            put(cell, ame_map_remove(cells[cell], key_of(r)));
            sums[cell] -= old.integer;
        }
    }
}

/* Several versions in one block; only the last stays. */
static void change_some(int cell, uint64_t r) {
    atomic {
        for (uint64_t i = 0; i < 5; i++) {
            ame_value old = {0};
            ame_map_get(cells[cell], key_of(r + i * i), &old);
            put(cell, ame_map_set(cells[cell], key_of(r + i * i), ame_int_value((int64_t)i)));
            sums[cell] += (int64_t)i - old.integer;
        }
    }
}

static void change_in_transient(int cell, uint64_t r) {
    atomic {
        ame_transient *transient = ame_transient_new(cells[cell]);
        CHECK(transient);
        int64_t sum = sums[cell];
        for (uint64_t i = 0; i < 12; i++) {
            ame_value old = {0};
            ame_key key = key_of(r >> (i % 7));
            ame_transient_get(transient, key, &old);
            sum -= old.integer;
            if (i % 3) {
                CHECK(!ame_transient_set(transient, key, ame_int_value((int64_t)i)));
                sum += (int64_t)i;
            } else {
                ame_transient_remove(transient, key);
            }
        }
        if (r >> 50 & 1) {
            put(cell, ame_transient_seal(transient));
            sums[cell] = sum;
        } else {
            ame_transient_drop(transient);
        }
    }
}

static void copy_cell(int from, int to) {
    atomic {
        put(to, ame_map_retain(cells[from]));
        sums[to] = sums[from];
    }
}

/* ---- outside ---- */

static enum ame_map_update negate(ame_key key, bool present, ame_value *value, void *context) {
    (void)key, (void)context;
    CHECK(present);
    value->integer = -value->integer;
    return AME_MAP_SET;
}

/* A version is kept while others change the cells; what is made of it outside blocks shares
 * its nodes with what blocks make of it. */
static void keep_version(int cell, uint64_t r) {
    ame_map *version;
    long sum;
    atomic {
        version = ame_map_retain(cells[cell]);
        sum = sums[cell];
    }
    ame_map *negative = ame_map_update_all(version, negate, NULL);
    ame_map *other = ame_map_set(version, key_of(r), ame_int_value(100));
    ame_map *merged = ame_map_merge(version, other, negative, NULL, NULL);
    CHECK(negative && other && merged);
    ame_value value;
    CHECK(ame_map_get(merged, key_of(r), &value) && value.integer == 100);
    CHECK(sum_of(version) == sum && sum_of(negative) == -sum);
    ame_map_release(version);
    CHECK(sum_of(negative) == -sum);
    ame_map_release(other);
    ame_map_release(negative);
    CHECK(ame_map_get(merged, key_of(r), &value) && value.integer == 100);
    ame_map_release(merged);
}

static void sum_in_block(int cell) {
    atomic {
        CHECK(sum_of(cells[cell]) == sums[cell]);
    }
}

static void work(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 0; i < STEPS(3000); i++) {
        uint64_t r = next_random(&random);
        int cell = (int)(r >> 60) % CELLS, other = (int)(r >> 57) % CELLS;
        change_one(cell, r);
        if (i % 4 == 0)
            change_some(cell, r);
        if (i % 8 == 1)
            change_in_transient(cell, r);
        if (i % 16 == 2)
            copy_cell(cell, other);
        if (i % 16 == 3)
            keep_version(cell, r);
        if (i % 32 == 4)
            sum_in_block(cell);
    }
}

/* Begun outside, a transient makes a block that changes it run alone. */
static void change_older_transient(void) {
    ame_transient *transient = ame_transient_new(cells[0]);
    long sum = sums[0];
    CHECK(transient);
    for (int i = 0; i < 3; i++)
        atomic {
            ame_value old = {0};
            ame_transient_get(transient, key_of((uint64_t)i), &old);
            CHECK(!ame_transient_set(transient, key_of((uint64_t)i), ame_int_value(7)));
            sum += 7 - old.integer;
        }
    ame_map *map = ame_transient_seal(transient);
    CHECK(sum_of(map) == sum);
    ame_map_release(map);
}

int main(void) {
    for (int i = 0; i < KEYS; i++)
        numbers[i].number = i * 1000;
    for (int i = 0; i < CELLS; i++)
        CHECK((cells[i] = ame_map_new_typed(&number_functions)));
    run_threads(THREADS, work);
    change_older_transient();
    for (int i = 0; i < CELLS; i++) {
        sum_in_block(i);
        ame_map_release(cells[i]);
    }
    ame_map_reclaim(SIZE_MAX);
    for (int i = 0; i < KEYS; i++)
        CHECK(ame_counter_read(&numbers[i].holders) == 0);
    return finish(3);
}
