/* extremes.c - ame_max and ame_min. Both hold the largest of unsigned words, of which 0 is
 * the least: a smallest value is the largest of the complements. */
#include "count/cell.h"
#include "watch/watch.h"

static uint64_t stored_in_max(int64_t value) {
    return (uint64_t)value ^ (uint64_t)INT64_MIN;
}

static uint64_t stored_in_min(int64_t value) {
    return ~stored_in_max(value);
}

void ame__merge_largest(uint64_t *stored, uint64_t value) {
    uint64_t before;
    do
        if ((before = ame__load_relaxed((ame__word *)stored)) >= value)
            return;
    while (!ame__cas_full((ame__word *)stored, before, value));
}

static void add(uint64_t *stored, uint64_t value) {
    if (ame__in_hardware()) {
        ame__log_change(ame__self, stored, AME__LARGEST, value);
        return;
    }
    ame__merge_largest(stored, value);
    if (ame__anybody_watches()) /* R1 */
        ame__wake(ame__key_of_count(stored));
}

static uint64_t largest(uint64_t *stored, const void *place) {
    struct ame_tx *tx = ame__self;
    uint64_t value;
    if (!tx || tx->way == AME__OUTSIDE)
        return ame__load_acquire((ame__word *)stored);
    ame__read_cell_words(tx, stored, &value, 1, place);
    return ame__own_largest(tx, stored, value);
}

static int64_t read_max(ame_max *max, const void *place) {
    return (int64_t)(largest(&max->stored, place) ^ (uint64_t)INT64_MIN);
}

static int64_t read_min(ame_min *min, const void *place) {
    return (int64_t)(~largest(&min->stored, place) ^ (uint64_t)INT64_MIN);
}

void ame_max_add(ame_max *max, int64_t value) {
    add(&max->stored, stored_in_max(value));
}
void ame_min_add(ame_min *min, int64_t value) {
    add(&min->stored, stored_in_min(value));
}
int64_t ame_max_read(ame_max *max) {
    return read_max(max, __builtin_return_address(0));
}
int64_t ame_min_read(ame_min *min) {
    return read_min(min, __builtin_return_address(0));
}

/* ---- in software and hybrid blocks ---- */

void ame__twin_max_add(ame_max *, int64_t) AME__TWIN("ame_max_add");
void ame__twin_min_add(ame_min *, int64_t) AME__TWIN("ame_min_add");
int64_t ame__twin_max_read(ame_max *) AME__TWIN("ame_max_read");
int64_t ame__twin_min_read(ame_min *) AME__TWIN("ame_min_read");

void ame__twin_max_add(ame_max *max, int64_t value) {
    ame__log_change(ame__self, &max->stored, AME__LARGEST, stored_in_max(value));
}
void ame__twin_min_add(ame_min *min, int64_t value) {
    ame__log_change(ame__self, &min->stored, AME__LARGEST, stored_in_min(value));
}
int64_t ame__twin_max_read(ame_max *max) {
    return read_max(max, __builtin_return_address(0));
}
int64_t ame__twin_min_read(ame_min *min) {
    return read_min(min, __builtin_return_address(0));
}
