#include "conflicts.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* What the block and the other one did, by reason. */
static const struct {
    bool conflict;
    unsigned mine, others;
} kinds[AME__RECORDED_REASONS] = {
    [AME__RECORDED_READ_CHANGED] = {true, ACCESS_READ, ACCESS_WRITE},
    [AME__RECORDED_READ_WAITED] = {true, ACCESS_READ, ACCESS_WRITE},
    [AME__RECORDED_WRITE_WAITED] = {true, ACCESS_WRITE, ACCESS_WRITE},
    /* The wounded block held the stripe for writing; the other wanted it. */
    [AME__RECORDED_WOUNDED] = {true, ACCESS_WRITE, ACCESS_UNKNOWN},
    [AME__RECORDED_COUNT_CHANGED] = {true, ACCESS_READ | ACCESS_COUNT, ACCESS_COUNT},
    [AME__RECORDED_HTM_CONFLICT] = {true, ACCESS_UNKNOWN, ACCESS_UNKNOWN},
};

static char *location_key(const struct symbol_location *location) {
    char *key = must_copy("");
    for (size_t i = 0; location && i < location->count; i++) {
        char *frame = frame_label(&location->frames[i]);
        char *longer = must_print("%s\n%s", key, frame);
        free(key);
        free(frame);
        key = longer;
    }
    return key;
}

/* `place` is the address that a barrier returns to: the call is just before. */
static struct conflict_side make_side(const struct trace *trace, struct symbols *symbols,
                                      uint64_t block, uint64_t place, unsigned accesses) {
    struct conflict_side side = {.block = block, .accesses = accesses};
    if (place)
        side.place = symbols_at(symbols, place - 1);
    char *label = block ? block_label(trace, symbols, block) : must_copy("");
    char *location = location_key(side.place);
    side.key = must_print("%s\n%s", label, location);
    free(label);
    free(location);
    return side;
}

/* The known side first; sides of one conflict always come out in the same order. */
static void order_sides(struct conflict *pair) {
    const struct conflict_side *a = &pair->sides[0], *b = &pair->sides[1];
    bool swap = !a->place != !b->place ? !a->place : strcmp(a->key, b->key) > 0;
    if (swap) {
        struct conflict_side first = pair->sides[1];
        pair->sides[1] = pair->sides[0];
        pair->sides[0] = first;
    }
}

struct pair_key {
    const struct conflicts *conflicts;
    const struct conflict *pair;
};

static bool pair_equal(const void *context, size_t position) {
    const struct pair_key *key = context;
    const struct conflict *other = &key->conflicts->pairs.items[position];
    return !strcmp(key->pair->sides[0].key, other->sides[0].key) &&
           !strcmp(key->pair->sides[1].key, other->sides[1].key);
}

static void free_sides(struct conflict *pair) {
    free(pair->sides[0].key);
    free(pair->sides[1].key);
}

static void add_cost(struct conflict_cost *sum, const struct conflict_cost *part) {
    sum->aborts += part->aborts;
    sum->waits += part->waits;
    sum->lost_ticks += part->lost_ticks;
}

static void add_pair(struct conflicts *conflicts, struct index *index, struct conflict *pair) {
    struct pair_key key = {conflicts, pair};
    uint64_t hash = hash_text(hash_text(0, pair->sides[0].key), pair->sides[1].key);
    size_t at = index_find(index, hash, pair_equal, &key);
    if (at == INDEX_ABSENT) {
        index_add(index, hash, conflicts->pairs.count);
        ARRAY_PUSH(&conflicts->pairs, *pair);
        return;
    }
    struct conflict *same = &conflicts->pairs.items[at];
    add_cost(&same->cost, &pair->cost);
    same->sides[0].accesses |= pair->sides[0].accesses;
    same->sides[1].accesses |= pair->sides[1].accesses;
    free_sides(pair);
}

static int descending(uint64_t a, uint64_t b) {
    return (a < b) - (a > b);
}

static int by_lost(const void *a, const void *b) {
    const struct conflict_cost *x = &((const struct conflict *)a)->cost;
    const struct conflict_cost *y = &((const struct conflict *)b)->cost;
    int order = descending(x->lost_ticks, y->lost_ticks);
    return order ? order : descending(x->aborts, y->aborts);
}

static int by_count(const void *a, const void *b) {
    const struct conflict_cost *x = &((const struct conflict *)a)->cost;
    const struct conflict_cost *y = &((const struct conflict *)b)->cost;
    int order = descending(x->aborts, y->aborts);
    return order ? order : descending(x->lost_ticks, y->lost_ticks);
}

void conflicts_find(struct conflicts *conflicts, const struct trace *trace, struct symbols *symbols,
                    bool by_aborts) {
    struct index index = {0};
    *conflicts = (struct conflicts){0};
    for (size_t i = 0; i < trace->events.count; i++) {
        const struct trace_event *event = &trace->events.items[i];
        if (event->reason >= AME__RECORDED_REASONS || !kinds[event->reason].conflict)
            continue;
        bool wait = event->reason >= AME__RECORDED_READ_WAITED;
        struct conflict pair = {
            .sides = {make_side(trace, symbols, event->block, event->my_place,
                                kinds[event->reason].mine),
                      make_side(trace, symbols, event->other_block, event->other_place,
                                kinds[event->reason].others)},
            .cost = {.aborts = wait ? 0 : event->count,
                     .waits = wait ? event->count : 0,
                     .lost_ticks = event->lost_ticks},
        };
        order_sides(&pair);
        add_cost(&conflicts->cost, &pair.cost);
        add_pair(conflicts, &index, &pair);
    }
    if (conflicts->pairs.count)
        qsort(conflicts->pairs.items, conflicts->pairs.count, sizeof *conflicts->pairs.items,
              by_aborts ? by_count : by_lost);
    index_free(&index);
}

void conflicts_free(struct conflicts *conflicts) {
    for (size_t i = 0; i < conflicts->pairs.count; i++)
        free_sides(&conflicts->pairs.items[i]);
    free(conflicts->pairs.items);
}
