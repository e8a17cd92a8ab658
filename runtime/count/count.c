/* count.c - the calls of include/ame/count.h, outside blocks and in them. */
#include "count/count.h"
#include "base/arch.h"
#include "count/cell.h"
#include "htm/htm.h"
#include "watch/watch.h"
#include <ame/count.h>

static void log_release(struct ame_tx *tx, ame_ref *ref, ame_destroy_fn *destroy) {
    if (!AME__LOG_RESERVE(&tx->releases))
        ame__count_no_memory(tx);
    ame__fresh_count(tx, &ref->count);
    tx->releases.entries[tx->releases.count++] = (struct ame__release_entry){ref, destroy};
}

/* In whatever way the block runs, or outside. */
static int64_t read_count(int64_t *count, enum ame__kind kind, const void *place) {
    struct ame_tx *tx = ame__self;
    uint64_t value;
    if (!tx || tx->way == AME__OUTSIDE)
        return (int64_t)ame__load_acquire((ame__word *)count);
    ame__read_cell_words(tx, count, &value, 1, place);
    return ame__own_sum(tx, count, kind, (int64_t)value);
}

/* ---- outside blocks, on the serial path and in hardware ---- */

static int64_t add_at_once(int64_t *count, int64_t delta) {
    int64_t before = (int64_t)ame__add_full((ame__word *)count, (uint64_t)delta);
    if (ame__anybody_watches()) /* R1 */
        ame__wake(ame__key_of_count(count));
    return before;
}

void ame_counter_add(ame_counter *counter, int64_t delta) {
    if (ame__in_hardware())
        ame__log_change(ame__self, &counter->value, AME__SUM, (uint64_t)delta);
    else
        add_at_once(&counter->value, delta);
}

int64_t ame_counter_read(ame_counter *counter) {
    return read_count(&counter->value, AME__SUM, __builtin_return_address(0));
}

void ame_ref_init(ame_ref *ref) {
    ref->count = 1;
}

static void retain_at_once(ame_ref *ref, const void *place) {
    int64_t before = add_at_once(&ref->count, 1);
    if (AME__UNLIKELY(before < 1))
        ame__count_misuse("ame_ref_retain", ref,
                          "is dead; only who holds a reference, or reached the object in the same "
                          "block, may take one more",
                          place);
    if (AME__UNLIKELY(before == INT64_MAX))
        ame__count_overflow(ref, place);
}

void ame_ref_retain(ame_ref *ref) {
    if (ame__in_hardware())
        ame__log_change(ame__self, &ref->count, AME__REFERENCES, 1);
    else
        retain_at_once(ref, __builtin_return_address(0));
}

/* Threads that take and give references to one object take the count's line from each other. Who
 * has just met another one leaves it the line for a few steps (Dice, Hendler, Mirsky: Lightweight
 * contention management for efficient compare-and-swap operations, Euro-Par 2013). */
static AME__COLD void leave_to_the_other(void) {
    enum { PAUSES = 8 };
    for (int i = 0; i < PAUSES; i++)
        ame__pause();
}

/* Outside blocks, if others are left; in few steps, as the line is here for a short time. */
static inline bool give_one_of_several(ame_ref *ref) {
    uint64_t before;
    while ((int64_t)(before = ame__load_relaxed((ame__word *)&ref->count)) > 1) {
        if (ame__cas_full((ame__word *)&ref->count, before, before - 1)) {
            if (ame__anybody_watches()) /* R1 */
                ame__wake(ame__key_of_count(&ref->count));
            return true;
        }
        leave_to_the_other();
    }
    return false;
}

void ame_ref_release(ame_ref *ref, ame_destroy_fn *destroy) {
    if (ame__self && ame__self->way == AME__OUTSIDE && give_one_of_several(ref))
        return;
    struct ame_tx *tx = ame__tx_self();
    /* On the serial path too, where the block may still take a reference. */
    if (tx->way != AME__OUTSIDE) {
        log_release(tx, ref, destroy);
        return;
    }
    ame__count_release_now(tx, ref, destroy, __builtin_return_address(0));
    ame__count_destroy_dying(tx);
}

int64_t ame_ref_read(ame_ref *ref) {
    return read_count(&ref->count, AME__REFERENCES, __builtin_return_address(0));
}

/* ---- in software and hybrid blocks ---- */

void ame__twin_counter_add(ame_counter *, int64_t) AME__TWIN("ame_counter_add");
int64_t ame__twin_counter_read(ame_counter *) AME__TWIN("ame_counter_read");
void ame__twin_ref_init(ame_ref *) AME__TWIN("ame_ref_init");
void ame__twin_ref_retain(ame_ref *) AME__TWIN("ame_ref_retain");
void ame__twin_ref_release(ame_ref *, ame_destroy_fn *) AME__TWIN("ame_ref_release");
int64_t ame__twin_ref_read(ame_ref *) AME__TWIN("ame_ref_read");

void ame__twin_counter_add(ame_counter *counter, int64_t delta) {
    ame__log_change(ame__self, &counter->value, AME__SUM, (uint64_t)delta);
}

int64_t ame__twin_counter_read(ame_counter *counter) {
    return read_count(&counter->value, AME__SUM, __builtin_return_address(0));
}

/* The object is not shared yet, so nobody else looks, and an abort frees it. */
void ame__twin_ref_init(ame_ref *ref) {
    ref->count = 1;
}

void ame__twin_ref_retain(ame_ref *ref) {
    ame__log_change(ame__self, &ref->count, AME__REFERENCES, 1);
}

void ame__twin_ref_release(ame_ref *ref, ame_destroy_fn *destroy) {
    log_release(ame__self, ref, destroy);
}

int64_t ame__twin_ref_read(ame_ref *ref) {
    return read_count(&ref->count, AME__REFERENCES, __builtin_return_address(0));
}
