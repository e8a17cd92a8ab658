#include "conflicts.h"

#include "progress.h"
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
    for (int i = 0; i < 2; i++) {
        free(pair->sides[i].key);
        free(pair->sides[i].data.items);
    }
}

/* ---- what was accessed ---- */

static void add_data(struct conflict_side *side, const struct data *data, uint64_t count) {
    if (!data->name && !data->text)
        return;
    for (size_t i = 0; i < side->data.count; i++) {
        const struct data *known = side->data.items[i].data;
        const char *one = known->name ? known->name : known->text;
        if (known != data && strcmp(one, data->name ? data->name : data->text))
            continue;
        side->data.items[i].count += count;
        return;
    }
    struct conflict_data entry = {data, count};
    ARRAY_PUSH(&side->data, entry);
}

static unsigned width(const struct data *data) {
    return data->size && data->size <= 8 ? data->size : 1;
}

/* Of a read only the first on a stripe is recorded. One that walks through an array reads on. */
static bool may_read_on(const struct data *mine, const struct data *others) {
    const char *a = mine->general, *b = others->general;
    if (!a || !b)
        return true;
    bool elements = strchr(a, '[') && strchr(b, '[');
    return elements && (!mine->variable || !others->variable || !strcmp(a, b));
}

static enum overlap overlap_of(const struct trace_sample *sample, const struct data *mine,
                               const struct data *others, bool read) {
    enum { STRIPE_BITS = 6, STRIPE = 1 << STRIPE_BITS };
    uint64_t a = sample->address, b = sample->other_address;
    if (!a || !b)
        return OVERLAP_UNKNOWN;
    if (a >> STRIPE_BITS != b >> STRIPE_BITS)
        return OVERLAP_RECORD;
    if (sample->flags & AME__OTHER_COMMITTED) {
        uint64_t bytes = ((UINT64_C(1) << width(mine)) - 1) << a % STRIPE;
        if (sample->other_bytes & bytes)
            return OVERLAP_TRUE;
    } else if (a < b + width(others) && b < a + width(mine)) {
        return OVERLAP_TRUE;
    }
    return read && may_read_on(mine, others) ? OVERLAP_UNKNOWN : OVERLAP_LINE;
}

static void look_at_samples(struct conflict *pair, struct data_finder *finder,
                            const struct trace_event *event) {
    for (unsigned i = 0; i < event->sample_count; i++) {
        const struct trace_sample *sample = &event->samples[i];
        const struct data *mine = data_at(finder, sample->address, event->my_place);
        const struct data *others = data_at(finder, sample->other_address, event->other_place);
        bool committed = sample->flags & AME__OTHER_COMMITTED;
        add_data(&pair->sides[0], mine, sample->count);
        add_data(&pair->sides[1], others, sample->count);
        pair->overlaps[overlap_of(sample, mine, others, kinds[event->reason].mine & ACCESS_READ)] +=
            sample->count;
        if (sample->allocated_at && !mine->variable)
            pair->allocated_at = sample->allocated_at;
        pair->committed += committed ? sample->count : 0;
        pair->same_value += sample->flags & AME__OTHER_SAME_VALUE ? sample->count : 0;
    }
}

enum overlap conflict_overlap(const struct conflict *pair) {
    enum overlap most = OVERLAP_TRUE;
    for (enum overlap i = OVERLAP_LINE; i < OVERLAPS; i++)
        if (pair->overlaps[i] > pair->overlaps[most])
            most = i;
    return pair->overlaps[most] ? most : OVERLAP_UNKNOWN;
}

const struct data *conflict_data(const struct conflict_side *side) {
    return side->data.count ? side->data.items[0].data : NULL;
}

static void add_cost(struct conflict_cost *sum, const struct conflict_cost *part) {
    sum->aborts += part->aborts;
    sum->waits += part->waits;
    sum->recorded += part->recorded;
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
    for (int i = 0; i < 2; i++) {
        same->sides[i].accesses |= pair->sides[i].accesses;
        for (size_t j = 0; j < pair->sides[i].data.count; j++)
            add_data(&same->sides[i], pair->sides[i].data.items[j].data,
                     pair->sides[i].data.items[j].count);
    }
    for (int i = 0; i < OVERLAPS; i++)
        same->overlaps[i] += pair->overlaps[i];
    same->committed += pair->committed;
    same->same_value += pair->same_value;
    same->threads |= pair->threads;
    if (!same->allocated_at)
        same->allocated_at = pair->allocated_at;
    if (pair->longest_average > same->longest_average)
        same->longest_average = pair->longest_average;
    free_sides(pair);
}

/* ---- sides that only samples tell ---- */

/* Of short blocks few leave a note of what they wrote. A conflict with another run of them is like
 * those of which there is a note: with the same place and, as far as known, the same block. */
static bool may_be(const struct conflict *unknown, int known, const struct conflict *pair,
                   int *side) {
    const struct conflict_side *mine = &unknown->sides[known], *others = &unknown->sides[!known];
    for (*side = 0; *side < 2; ++*side) {
        const struct conflict_side *other = &pair->sides[!*side];
        if (other->place && !strcmp(pair->sides[*side].key, mine->key) &&
            (!others->block || others->block == other->block))
            return true;
    }
    return false;
}

static uint64_t weight(const struct conflict *pair) {
    return pair->cost.aborts + pair->cost.waits;
}

/* A part of `all` that is to it as `done` is to `whole`: of such parts none is lost. */
static uint64_t part_of(uint64_t all, uint64_t done, uint64_t more, uint64_t whole) {
    double each = (double)all / (double)whole;
    return (uint64_t)(each * (double)(done + more)) - (uint64_t)(each * (double)done);
}

static void share_out(struct conflicts *conflicts, const struct conflict *unknown, int known,
                      uint64_t whole, const uint64_t *weights) {
    uint64_t done = 0;
    int side;
    for (size_t i = 0; i < conflicts->pairs.count; i++) {
        struct conflict *pair = &conflicts->pairs.items[i];
        if (!weights[i] || !may_be(unknown, known, pair, &side))
            continue;
        const struct conflict_cost *cost = &unknown->cost;
        add_cost(&pair->cost,
                 &(struct conflict_cost){part_of(cost->aborts, done, weights[i], whole),
                                         part_of(cost->waits, done, weights[i], whole),
                                         part_of(cost->recorded, done, weights[i], whole),
                                         part_of(cost->lost_ticks, done, weights[i], whole)});
        pair->threads |= unknown->threads;
        if (unknown->longest_average > pair->longest_average)
            pair->longest_average = unknown->longest_average;
        done += weights[i];
    }
}

/* Adds the costs of pairs with one known place to those with two that they are like, in proportion;
 * and removes the former. */
static void share_out_samples(struct conflicts *conflicts) {
    size_t count = conflicts->pairs.count, kept = 0;
    uint64_t *weights = must_resize(NULL, count + 1, sizeof *weights);
    bool *spread = must_resize(NULL, count + 1, sizeof *spread);
    int side;
    for (size_t i = 0; i < count; i++) {
        const struct conflict *pair = &conflicts->pairs.items[i];
        weights[i] = pair->sides[0].place && pair->sides[1].place ? weight(pair) : 0;
    }
    for (size_t i = 0; i < count; i++) {
        struct conflict *pair = &conflicts->pairs.items[i];
        int known = pair->sides[0].place ? 0 : 1;
        uint64_t whole = 0;
        spread[i] = false;
        if (!pair->sides[0].place == !pair->sides[1].place)
            continue;
        for (size_t j = 0; j < count; j++)
            if (weights[j] && may_be(pair, known, &conflicts->pairs.items[j], &side))
                whole += weights[j];
        if (whole)
            share_out(conflicts, pair, known, whole, weights);
        spread[i] = whole;
    }
    for (size_t i = 0; i < count; i++) {
        if (spread[i])
            free_sides(&conflicts->pairs.items[i]);
        else
            conflicts->pairs.items[kept++] = conflicts->pairs.items[i];
    }
    conflicts->pairs.count = kept;
    free(weights);
    free(spread);
}

/* ---- all ---- */

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

static int by_frequency(const void *a, const void *b) {
    const struct conflict_data *x = a, *y = b;
    return descending(x->count, y->count);
}

static void sort_data(struct conflict *pair) {
    for (int i = 0; i < 2; i++)
        if (pair->sides[i].data.count)
            qsort(pair->sides[i].data.items, pair->sides[i].data.count,
                  sizeof *pair->sides[i].data.items, by_frequency);
}

void conflicts_find(struct conflicts *conflicts, const struct trace *trace, struct symbols *symbols,
                    struct data_finder *data, bool by_aborts) {
    struct index index = {0};
    *conflicts = (struct conflicts){0};
    for (size_t i = 0; i < trace->events.count; i++) {
        const struct trace_event *event = &trace->events.items[i];
        progress("ame: looking places up", i, trace->events.count);
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
                     .recorded = event->recorded,
                     .lost_ticks = event->lost_ticks},
            .threads = event->threads,
            .longest_average = event->lost_ticks / event->count,
        };
        look_at_samples(&pair, data, event);
        order_sides(&pair);
        add_cost(&conflicts->cost, &pair.cost);
        add_pair(conflicts, &index, &pair);
    }
    progress_end();
    share_out_samples(conflicts);
    for (size_t i = 0; i < conflicts->pairs.count; i++)
        sort_data(&conflicts->pairs.items[i]);
    if (conflicts->pairs.count)
        qsort(conflicts->pairs.items, conflicts->pairs.count, sizeof *conflicts->pairs.items,
              by_aborts ? by_count : by_lost);
    index_free(&index);
}

/* ---- words ---- */

const char *conflict_access_text(unsigned accesses) {
    if (accesses & ACCESS_COUNT)
        return accesses & ACCESS_READ ? "reads a count" : "changes a count";
    switch (accesses & (ACCESS_READ | ACCESS_WRITE)) {
    case ACCESS_READ:
        return "reads";
    case ACCESS_WRITE:
        return "writes";
    case ACCESS_READ | ACCESS_WRITE:
        return "reads, writes";
    default:
        return "accesses";
    }
}

const char *conflict_kind_text(const struct conflict *pair) {
    unsigned all = pair->sides[0].accesses | pair->sides[1].accesses;
    if (all & ACCESS_COUNT)
        return "count read while it changed";
    if (!(all & ACCESS_READ) && pair->sides[0].accesses & pair->sides[1].accesses & ACCESS_WRITE)
        return "write-write"; /* though not each time it was known what the other did */
    if (!(all & ACCESS_READ))
        return all & ACCESS_UNKNOWN ? (all & ACCESS_WRITE ? "write-access" : "in hardware")
                                    : "write-write";
    return pair->sides[0].accesses & pair->sides[1].accesses & ACCESS_WRITE
               ? "read-write, write-write"
               : "read-write";
}

void conflicts_free(struct conflicts *conflicts) {
    for (size_t i = 0; i < conflicts->pairs.count; i++)
        free_sides(&conflicts->pairs.items[i]);
    free(conflicts->pairs.items);
}
