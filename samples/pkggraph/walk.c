/* walk.c - the body of the blocks, and the loops that run it. */
#include "walk.h"

#include <stdlib.h>
#include <string.h>

/* For the functions with a `kind` that is always a constant: one copy for each. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* What a body needs beside its package. */
struct walk {
    struct graph *graph ame_immutable;
    struct results *results ame_immutable;
};

/* ---- the two ways to count ---- */

static inline void count_plain(struct tally *tally) {
    tally->needed_by++;
}

static inline void count_commutative(ame_counter *needed_by) {
    ame_counter_add(needed_by, 1);
}

/* ---- one closure ---- */

struct closure {
    int64_t size;     /* of all its packages, KiB */
    int64_t packages; /* their number, the first included */
};

/* Walks all that the package `first` needs, breadth first, and counts each package
 * it meets. The queue and the set of packages seen are allocated here, so that the
 * compiler knows them to be the block's own: their accesses are plain in a block
 * too. With the graph immutable, only the counts are shared accesses. */
static ALWAYS_INLINE int walk_closure(const struct walk *walk, uint32_t first, enum count_kind kind,
                                      struct closure *closure) {
    const struct graph *graph = walk->graph;
    const struct package *packages = graph->packages;
    const struct edge *edges = graph->edges;
    struct tally *plain = walk->results->plain;
    ame_counter *commutative = walk->results->commutative;
    /* One place more than there are packages: the loop writes before it knows. */
    uint32_t *queue = malloc(((size_t)graph->package_count + 1) * sizeof *queue);
    uint64_t *seen = calloc(graph->package_count / 64 + 1, sizeof *seen);
    uint32_t queued = 1;
    int64_t size = 0;
    if (!queue || !seen) {
        free(queue);
        free(seen);
        return AME_ENOMEM;
    }
    queue[0] = first;
    seen[first / 64] = UINT64_C(1) << first % 64;
    for (uint32_t next = 0; next < queued; next++) {
        uint32_t number = queue[next];
        const struct edge *edge = edges + packages[number].first_edge;
        const struct edge *end = edge + packages[number].edge_count;
        size += packages[number].installed_size;
        if (next > 0 && kind == COUNT_PLAIN)
            count_plain(&plain[number]);
        else if (next > 0)
            count_commutative(&commutative[number]);
        for (; edge < end; edge++) {
            uint32_t to = edge->to;
            uint64_t bit = UINT64_C(1) << to % 64;
            /* Most are seen already, but not predictably so: no branch. */
            queue[queued] = to;
            queued += !(seen[to / 64] & bit);
            seen[to / 64] |= bit;
        }
    }
    free(queue);
    free(seen);
    *closure = (struct closure){.size = size, .packages = queued};
    return AME_OK;
}

/* Looks before it writes: most closures are not the heaviest of their section, and
 * blocks that only read the section do not conflict. */
static void offer_to_section(const struct graph *graph, const char *name, int64_t size,
                             int64_t package) {
    ame_value found;
    if (!ame_map_get(graph->sections, ame_string_key(name), &found))
        return;
    struct section *section = found.pointer;
    if (section->heaviest_package != NO_PACKAGE &&
        (size < section->heaviest_size ||
         (size == section->heaviest_size && package >= section->heaviest_package)))
        return;
    section->heaviest_size = size;
    section->heaviest_package = package;
}

static ALWAYS_INLINE int walk_package(const struct walk *walk, const struct package *package,
                                      enum count_kind kind) {
    struct closure closure;
    uint32_t number = (uint32_t)(package - walk->graph->packages);
    int error = walk_closure(walk, number, kind, &closure);
    if (error)
        return error;
    ranking_offer(&walk->results->heaviest, closure.size, number);
    ranking_offer(&walk->results->largest, closure.packages, number);
    offer_to_section(walk->graph, package->section, closure.size, number);
    return AME_OK;
}

/* ---- all closures ---- */

/* Each call of these two is an atomic block. */
static int walk_package_plain(ame_key name, ame_value package, void *walk) {
    (void)name;
    return walk_package(walk, package.pointer, COUNT_PLAIN);
}

static int walk_package_commutative(ame_key name, ame_value package, void *walk) {
    (void)name;
    return walk_package(walk, package.pointer, COUNT_COMMUTATIVE);
}

int walk_in_blocks(struct graph *graph, struct results *results, enum count_kind kind,
                   unsigned threads) {
    struct walk walk = {.graph = graph, .results = results};
    struct ame_loop_options options = {.threads = threads};
    ame_map_body *body = kind == COUNT_PLAIN ? walk_package_plain : walk_package_commutative;
    return ame_for_each_in_map(graph->by_name, body, &walk, &options);
}

int walk_serially(struct graph *graph, struct results *results) {
    struct walk walk = {.graph = graph, .results = results};
    ame_map_iterator iterator;
    ame_key name;
    ame_value package;
    int error = AME_OK;
    ame_map_iterate(graph->by_name, &iterator);
    while (!error && ame_map_next(&iterator, &name, &package))
        error = walk_package_plain(name, package, &walk);
    return error;
}

/* ---- the results ---- */

bool results_init(struct results *results, const struct graph *graph) {
    results->plain = calloc(graph->package_count, sizeof *results->plain);
    results->commutative = calloc(graph->package_count, sizeof *results->commutative);
    ranking_clear(&results->heaviest);
    ranking_clear(&results->largest);
    if (results->plain && results->commutative)
        return true;
    results_free(results);
    return false;
}

void results_clear(struct results *results, struct graph *graph) {
    ame_map_iterator iterator;
    ame_value value;
    memset(results->plain, 0, graph->package_count * sizeof *results->plain);
    memset(results->commutative, 0, graph->package_count * sizeof *results->commutative);
    ranking_clear(&results->heaviest);
    ranking_clear(&results->largest);
    ame_map_iterate(graph->sections, &iterator);
    while (ame_map_next(&iterator, NULL, &value)) {
        struct section *section = value.pointer;
        section->heaviest_size = 0;
        section->heaviest_package = NO_PACKAGE;
    }
}

void results_free(struct results *results) {
    free(results->plain);
    free(results->commutative);
    results->plain = NULL;
    results->commutative = NULL;
}

int64_t results_needed_by(const struct results *results, uint32_t package) {
    return results->plain[package].needed_by + ame_counter_read(&results->commutative[package]);
}
