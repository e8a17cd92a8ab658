#include "history.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory) {
    if (!memory) {
        fprintf(stderr, "history: out of memory; run fewer or shorter blocks\n");
        exit(1);
    }
    return memory;
}

static void *grown(void *entries, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity)
        return entries;
    *capacity = *capacity ? *capacity * 2 : 256;
    return checked(realloc(entries, *capacity * size));
}

/* ---- recording ---- */

void history_block(struct history *h, int thread, bool undone, uint64_t began, uint64_t ended) {
    h->blocks = grown(h->blocks, h->blocks_count, &h->blocks_capacity, sizeof *h->blocks);
    h->blocks[h->blocks_count++] = (struct run_block){.thread = thread,
                                                      .undone = undone,
                                                      .began = began,
                                                      .ended = ended,
                                                      .first = h->accesses_count};
}

static void append_access(struct history *h, struct access access) {
    h->accesses = grown(h->accesses, h->accesses_count, &h->accesses_capacity, sizeof *h->accesses);
    h->accesses[h->accesses_count++] = access;
    h->blocks[h->blocks_count - 1].count++;
}

void history_read(struct history *h, uint32_t cell, uint64_t value) {
    append_access(h, (struct access){.cell = cell, .value = value});
}

void history_write(struct history *h, uint32_t cell, uint64_t value, uint64_t previous) {
    append_access(
        h, (struct access){.cell = cell, .write = true, .value = value, .previous = previous});
}

void history_append(struct history *h, const struct history *other) {
    for (size_t b = 0; b < other->blocks_count; b++) {
        const struct run_block *block = &other->blocks[b];
        history_block(h, block->thread, block->undone, block->began, block->ended);
        for (size_t a = block->first; a < block->first + block->count; a++)
            append_access(h, other->accesses[a]);
    }
}

void history_free(struct history *h) {
    free(h->blocks);
    free(h->accesses);
    *h = (struct history){0};
}

/* ---- versions: who wrote a value, and who replaced it ---- */

enum { NONE = UINT32_MAX };

struct version {
    bool used;
    uint32_t cell;
    uint64_t value;
    uint32_t writer;   /* block, or NONE: the cell in the beginning */
    uint32_t replaced; /* the first access that replaces it; the others by next_replacing */
};

struct versions {
    struct version *table; /* hashed, open addressing */
    size_t mask;
    uint32_t *next_replacing; /* by access */
};

/* The place of the version, or of the unused entry where it belongs. */
static struct version *find_version(const struct versions *v, uint32_t cell, uint64_t value) {
    uint64_t hash = (value ^ (uint64_t)cell << 32) * UINT64_C(0x9E3779B97F4A7C15);
    size_t i = (hash ^ hash >> 29) & v->mask;
    while (v->table[i].used && (v->table[i].cell != cell || v->table[i].value != value))
        i = (i + 1) & v->mask;
    return &v->table[i];
}

static struct version *known_version(const struct versions *v, uint32_t cell, uint64_t value) {
    struct version *version = find_version(v, cell, value);
    if (!version->used && !value)
        *version = (struct version){.used = true, .cell = cell, .writer = NONE, .replaced = NONE};
    return version->used ? version : NULL;
}

/* ---- the graph ---- */

/* Nodes are blocks and, for the order in time, moments: one at the end of each block, which leads
 * to the next moment and to the blocks that begin before that one. */
enum edge_kind { READS, OVERWRITES, IS_OVERWRITTEN, SAME_THREAD, IN_TIME };

struct edge {
    uint32_t from, to, cell;
    uint32_t kind;
};

struct graph {
    const struct history *history;
    uint32_t nodes;
    struct edge *edges; /* in the end sorted by `from` */
    size_t count, capacity;
    size_t *first; /* by node: where its edges begin */
};

static void add_edge(struct graph *g, uint32_t from, uint32_t to, enum edge_kind kind,
                     uint32_t cell) {
    if (from == to)
        return;
    g->edges = grown(g->edges, g->count, &g->capacity, sizeof *g->edges);
    g->edges[g->count++] = (struct edge){from, to, cell, kind};
}

static const struct history *sorted_history; /* of the comparison */

static int by_end(const void *a, const void *b) {
    uint64_t left = sorted_history->blocks[*(const uint32_t *)a].ended;
    uint64_t right = sorted_history->blocks[*(const uint32_t *)b].ended;
    return (left > right) - (left < right);
}

static void add_time(struct graph *g) {
    const struct history *h = g->history;
    uint32_t blocks = (uint32_t)h->blocks_count;
    uint32_t *order = checked(malloc((blocks + 1) * sizeof *order));
    for (uint32_t b = 0; b < blocks; b++)
        order[b] = b;
    sorted_history = h;
    qsort(order, blocks, sizeof *order, by_end);
    for (uint32_t i = 0; i < blocks; i++) {
        add_edge(g, order[i], blocks + i, IN_TIME, 0);
        if (i + 1 < blocks)
            add_edge(g, blocks + i, blocks + i + 1, IN_TIME, 0);
    }
    for (uint32_t b = 0; b < blocks; b++) {
        uint32_t low = 0, high = blocks; /* the number of moments before it began */
        while (low < high) {
            uint32_t middle = (low + high) / 2;
            if (h->blocks[order[middle]].ended < h->blocks[b].began)
                low = middle + 1;
            else
                high = middle;
        }
        if (low)
            add_edge(g, blocks + low - 1, b, IN_TIME, 0);
    }
    free(order);
}

static void add_threads(struct graph *g) {
    const struct history *h = g->history;
    int threads = 0;
    for (size_t b = 0; b < h->blocks_count; b++)
        if (h->blocks[b].thread >= threads)
            threads = h->blocks[b].thread + 1;
    uint32_t *last = checked(malloc(((size_t)threads + 1) * sizeof *last));
    memset(last, 0xff, ((size_t)threads + 1) * sizeof *last);
    for (uint32_t b = 0; b < h->blocks_count; b++) {
        uint32_t *before = &last[h->blocks[b].thread];
        if (*before != NONE)
            add_edge(g, *before, b, SAME_THREAD, 0);
        *before = b;
    }
    free(last);
}

static void sort_edges(struct graph *g) {
    struct edge *sorted = checked(malloc((g->count + 1) * sizeof *sorted));
    g->first = checked(calloc((size_t)g->nodes + 2, sizeof *g->first));
    for (size_t i = 0; i < g->count; i++)
        g->first[g->edges[i].from + 2]++;
    for (uint32_t n = 0; n < g->nodes; n++)
        g->first[n + 2] += g->first[n + 1];
    for (size_t i = 0; i < g->count; i++)
        sorted[g->first[g->edges[i].from + 1]++] = g->edges[i];
    free(g->edges);
    g->edges = sorted;
}

/* ---- circles ---- */

/* Takes away each node that nothing leads to, until nothing more goes. Returns how many are left.
 */
static uint32_t drop_beginnings(const struct graph *g, bool *left) {
    uint32_t *degree = checked(calloc((size_t)g->nodes + 1, sizeof *degree));
    uint32_t *ready = checked(malloc(((size_t)g->nodes + 1) * sizeof *ready));
    uint32_t remaining = g->nodes;
    memset(left, 1, g->nodes);
    for (size_t i = 0; i < g->count; i++)
        degree[g->edges[i].to]++;
    uint32_t count = 0;
    for (uint32_t n = 0; n < g->nodes; n++)
        if (!degree[n])
            ready[count++] = n;
    while (count) {
        uint32_t n = ready[--count];
        left[n] = false;
        remaining--;
        for (size_t i = g->first[n]; i < g->first[n + 1]; i++)
            if (!--degree[g->edges[i].to])
                ready[count++] = g->edges[i].to;
    }
    free(degree);
    free(ready);
    return remaining;
}

/* The same for nodes that lead nowhere: what is left then lies on circles, or between two. */
static void drop_ends(const struct graph *g, bool *left) {
    struct graph reversed = {.history = g->history, .nodes = g->nodes};
    for (size_t i = 0; i < g->count; i++)
        add_edge(&reversed, g->edges[i].to, g->edges[i].from, g->edges[i].kind, 0);
    sort_edges(&reversed);
    bool *remain = checked(malloc((size_t)g->nodes + 1));
    drop_beginnings(&reversed, remain);
    for (uint32_t n = 0; n < g->nodes; n++)
        left[n] &= remain[n];
    free(remain);
    free(reversed.edges);
    free(reversed.first);
}

/* The way from `start` back to it over the fewest blocks, as edges, last one first; 0 if there is
 * none. `via` is room for an edge at each node, `queue` for two of each edge. */
static size_t shortest_circle(const struct graph *g, const bool *left, uint32_t start,
                              const struct edge **via, uint32_t *cost, uint32_t *queue,
                              uint32_t bound, const struct edge **circle) {
    uint32_t blocks = (uint32_t)g->history->blocks_count;
    size_t head = g->count, tail = g->count; /* a moment costs nothing and goes to the front */
    for (uint32_t n = 0; n < g->nodes; n++)
        cost[n] = NONE;
    queue[tail++] = start;
    bool at_start = true;
    while (head < tail) {
        uint32_t n = queue[head++];
        uint32_t so_far = at_start ? 0 : cost[n];
        if (n == start && !at_start)
            break;
        at_start = false;
        for (size_t i = g->first[n]; i < g->first[n + 1]; i++) {
            uint32_t to = g->edges[i].to, costs = so_far + (to < blocks);
            if (!left[to] || cost[to] <= costs || costs >= bound)
                continue;
            cost[to] = costs;
            via[to] = &g->edges[i];
            if (to < blocks)
                queue[tail++] = to;
            else
                queue[--head] = to;
        }
    }
    if (cost[start] == NONE)
        return 0;
    size_t length = 0;
    uint32_t n = start;
    do {
        circle[length++] = via[n];
        n = via[n]->from;
    } while (n != start);
    return length;
}

static void print_block(const struct history *h, uint32_t b, uint64_t zero, FILE *out) {
    const struct run_block *block = &h->blocks[b];
    fprintf(out, "  block %" PRIu32 " of thread %d%s, %.3f to %.3f us:", b, block->thread,
            block->undone ? " (undone)" : "", (double)(block->began - zero) / 1e3,
            (double)(block->ended - zero) / 1e3);
    enum { SHOWN = 12 };
    for (size_t i = 0; i < block->count && i < SHOWN; i++) {
        const struct access *access = &h->accesses[block->first + i];
        fprintf(out, " %s %" PRIu32 " = %" PRIx64, access->write ? "writes" : "reads", access->cell,
                access->value);
        if (access->write)
            fprintf(out, " (was %" PRIx64 ")", access->previous);
        fputc(i + 1 < block->count ? ',' : '\n', out);
    }
    if (block->count > SHOWN)
        fprintf(out, " and %zu more\n", block->count - SHOWN);
    if (!block->count)
        fputc('\n', out);
}

static void print_circle(const struct graph *g, const struct edge **circle, size_t length,
                         FILE *out) {
    static const char *const words[] = {
        [READS] = "whose value of cell %" PRIu32 " is read by\n",
        [OVERWRITES] = "whose value of cell %" PRIu32 " is replaced by\n",
        [IS_OVERWRITTEN] = "which reads what is in cell %" PRIu32 " before the write of\n",
        [SAME_THREAD] = "after which the same thread runs\n",
        [IN_TIME] = "which had ended before the begin of\n"};
    const struct history *h = g->history;
    uint32_t blocks = (uint32_t)h->blocks_count;
    uint64_t zero = UINT64_MAX;
    for (size_t i = 0; i < length; i++)
        if (circle[i]->to < blocks && h->blocks[circle[i]->to].began < zero)
            zero = h->blocks[circle[i]->to].began;
    fprintf(out, "no order explains what these blocks read and wrote:\n");
    for (size_t i = length; i--;) {
        const struct edge *edge = circle[i];
        if (edge->from >= blocks)
            continue; /* the way from a block through time has been told */
        print_block(h, edge->from, zero, out);
        fprintf(out, "    ");
        fprintf(out, words[edge->kind], edge->cell);
    }
    fprintf(out, "  block %" PRIu32 " again\n", circle[0]->to);
}

static void report_circle(const struct graph *g, const bool *left, FILE *out) {
    enum { MOST_STARTS = 500 };
    const struct edge **via = checked(malloc((size_t)g->nodes * sizeof *via));
    const struct edge **circle = checked(malloc((size_t)g->nodes * sizeof *circle));
    const struct edge **smallest = checked(malloc((size_t)g->nodes * sizeof *smallest));
    uint32_t *cost = checked(malloc((size_t)g->nodes * sizeof *cost));
    uint32_t *queue = checked(malloc(2 * g->count * sizeof *queue + sizeof *queue));
    uint32_t blocks = (uint32_t)g->history->blocks_count, bound = NONE;
    size_t length = 0;
    for (uint32_t b = 0, starts = 0; b < blocks && bound > 2; b++) {
        if (!left[b])
            continue;
        if (++starts > MOST_STARTS && length)
            break;
        size_t found = shortest_circle(g, left, b, via, cost, queue, bound, circle);
        if (!found)
            continue;
        bound = cost[b];
        length = found;
        memcpy(smallest, circle, length * sizeof *circle);
    }
    print_circle(g, smallest, length, out);
    free(via);
    free(circle);
    free(smallest);
    free(cost);
    free(queue);
}

/* ---- the check ---- */

static enum history_verdict enter_versions(const struct history *h, struct versions *v, FILE *out) {
    size_t size = 16;
    while (size < 2 * h->accesses_count + 1)
        size *= 2;
    v->mask = size - 1;
    v->table = checked(calloc(size, sizeof *v->table));
    v->next_replacing = checked(malloc((h->accesses_count + 1) * sizeof *v->next_replacing));
    for (uint32_t b = 0; b < h->blocks_count; b++)
        for (size_t i = 0; i < h->blocks[b].count; i++) {
            const struct access *access = &h->accesses[h->blocks[b].first + i];
            if (!access->write)
                continue;
            struct version *version = find_version(v, access->cell, access->value);
            if (version->used || !access->value) {
                fprintf(out,
                        "block %" PRIu32 " writes into cell %" PRIu32 " the value %" PRIx64
                        ", which is there from elsewhere\n",
                        b, access->cell, access->value);
                return HISTORY_WRITTEN_TWICE;
            }
            *version = (struct version){true, access->cell, access->value, b, NONE};
        }
    return HISTORY_SERIALIZABLE;
}

static enum history_verdict unknown_value(const struct history *h, uint32_t block,
                                          const struct access *access, FILE *out) {
    fprintf(out,
            "block %" PRIu32 " %s in cell %" PRIu32 " the value %" PRIx64
            ", which no committed block has left there:\n",
            block, access->write ? "replaces" : "reads", access->cell,
            access->write ? access->previous : access->value);
    print_block(h, block, h->blocks[block].began, out);
    return HISTORY_UNKNOWN_VALUE;
}

static enum history_verdict add_accesses(struct graph *g, struct versions *v, FILE *out) {
    const struct history *h = g->history;
    for (uint32_t b = 0; b < h->blocks_count; b++)
        for (size_t i = h->blocks[b].first; i < h->blocks[b].first + h->blocks[b].count; i++) {
            const struct access *access = &h->accesses[i];
            if (!access->write)
                continue;
            struct version *before = known_version(v, access->cell, access->previous);
            if (!before)
                return unknown_value(h, b, access, out);
            v->next_replacing[i] = before->replaced;
            before->replaced = (uint32_t)i;
            if (before->writer != NONE)
                add_edge(g, before->writer, b, OVERWRITES, access->cell);
        }
    for (uint32_t b = 0; b < h->blocks_count; b++)
        for (size_t i = h->blocks[b].first; i < h->blocks[b].first + h->blocks[b].count; i++) {
            const struct access *access = &h->accesses[i];
            if (access->write)
                continue;
            const struct version *seen = known_version(v, access->cell, access->value);
            if (!seen)
                return unknown_value(h, b, access, out);
            if (seen->writer != NONE)
                add_edge(g, seen->writer, b, READS, access->cell);
            for (uint32_t r = seen->replaced; r != NONE; r = v->next_replacing[r]) {
                uint32_t replacing = find_version(v, access->cell, h->accesses[r].value)->writer;
                add_edge(g, b, replacing, IS_OVERWRITTEN, access->cell);
            }
        }
    return HISTORY_SERIALIZABLE;
}

enum history_verdict history_check(const struct history *h, FILE *out) {
    struct versions versions = {0};
    struct graph graph = {.history = h, .nodes = 2 * (uint32_t)h->blocks_count};
    enum history_verdict verdict = enter_versions(h, &versions, out);
    if (verdict == HISTORY_SERIALIZABLE)
        verdict = add_accesses(&graph, &versions, out);
    if (verdict == HISTORY_SERIALIZABLE) {
        add_threads(&graph);
        add_time(&graph);
        sort_edges(&graph);
        bool *left = checked(malloc((size_t)graph.nodes + 1));
        if (drop_beginnings(&graph, left)) {
            verdict = HISTORY_CYCLE;
            drop_ends(&graph, left);
            report_circle(&graph, left, out);
        }
        free(left);
    }
    free(versions.table);
    free(versions.next_replacing);
    free(graph.edges);
    free(graph.first);
    return verdict;
}
