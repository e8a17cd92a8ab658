#include "advice.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [ADVICE_COUNT] = "make-count-commutative",
    [ADVICE_IMMUTABLE] = "mark-immutable",
    [ADVICE_CHECK_FIRST] = "check-before-writing",
    [ADVICE_PAD] = "pad-or-split-struct",
    [ADVICE_MOVE_DATA] = "move-data",
    [ADVICE_MOVE_OUT] = "move-call-out",
    [ADVICE_SHORTEN] = "split-or-shorten-block",
    [ADVICE_OWN_MEMORY] = "own-memory",
    [ADVICE_SPLIT_DATA] = "split-data",
    [ADVICE_READ_COUNT] = "read-count-elsewhere",
    [ADVICE_SOFTWARE] = "record-in-software",
};

const char *advice_name(enum advice_kind kind) {
    return names[kind];
}

/* ---- what is known of a pair ---- */

enum { MUCH_LONGER = 8 }; /* times */

/* Ticks of an attempt of the block, on average. */
static double average(const struct trace *trace, uint64_t id) {
    const struct trace_block *block = trace_block(trace, id);
    if (!block)
        return 0;
    const struct ame__block_totals *total = &block->total;
    uint64_t runs = total->commits_htm + total->commits_stm + total->commits_serial + total->aborts;
    return runs ? (double)(total->committed_ticks + total->wasted_ticks) / (double)runs : 0;
}

static const char *datum_name(const struct data *data) {
    if (!data)
        return "";
    return data->name ? data->name : data->text ? data->text : "";
}

/* Several elements of one array go by the array's name. */
static const char *side_name(const struct conflict_side *side) {
    const struct data *data = conflict_data(side);
    return data && data->general && side->data.count > 1 ? data->general : datum_name(data);
}

static bool only_adds(const struct conflict_side *side) {
    const struct data *data = conflict_data(side);
    return data && data->adds && !data->used && (data->integer || !data->type);
}

static bool is_known(const struct conflict_side *side) {
    return side->place != NULL;
}

/* One of its functions has this in its name. */
static bool in_function(const struct conflict_side *side, const char *word) {
    for (size_t i = 0; side->place && i < side->place->count; i++)
        if (strstr(side->place->frames[i].function, word))
            return true;
    return false;
}

static bool both(const struct conflict *pair, bool holds(const struct conflict_side *)) {
    return (is_known(&pair->sides[0]) || is_known(&pair->sides[1])) &&
           (!is_known(&pair->sides[0]) || holds(&pair->sides[0])) &&
           (!is_known(&pair->sides[1]) || holds(&pair->sides[1]));
}

static bool writes(const struct conflict_side *side) {
    return side->accesses & (ACCESS_WRITE | ACCESS_UNKNOWN);
}

static bool writes_pointer(const struct conflict_side *side) {
    const struct data *data = conflict_data(side);
    return writes(side) && data && data->pointer;
}

static bool writes_link(const struct conflict_side *side) {
    const struct data *data = conflict_data(side);
    return writes(side) && data && data->link;
}

static bool allocates(const struct conflict_side *side) {
    return in_function(side, "alloc") || in_function(side, "pool") || in_function(side, "arena");
}

static bool takes_numbers(const struct conflict_side *side) {
    const struct data *data = conflict_data(side);
    return data && data->adds && data->used && data->integer;
}

/* ---- pairs ---- */

/* `side`: whose line to change. */
static struct advice make(enum advice_kind kind, const struct conflict_side *side, char *action,
                          char *reason) {
    return (struct advice){.kind = kind,
                           .place = side->place,
                           .block = side->block,
                           .what = must_copy(side_name(side)),
                           .action = action,
                           .reason = reason};
}

static const struct conflict_side *writer(const struct conflict *pair) {
    const struct conflict_side *a = &pair->sides[0], *b = &pair->sides[1];
    if (a->accesses & ACCESS_WRITE && !(a->accesses & ACCESS_READ))
        return a;
    return b->place && b->accesses & ACCESS_WRITE ? b : a;
}

static const struct conflict_side *reader(const struct conflict *pair) {
    return pair->sides[1].place && pair->sides[1].accesses & ACCESS_READ ? &pair->sides[1]
                                                                         : &pair->sides[0];
}

/* How much of a name tells its struct or array: what stands before the first point or bracket. */
static size_t root(const char *name) {
    size_t words = !strncmp(name, "struct ", 7) ? 7 : !strncmp(name, "union ", 6) ? 6 : 0;
    return words + strcspn(name + words, ".[ ,");
}

static const char false_sharing[] = "of false sharing: what the blocks touch first on this 64-byte "
                                    "line are different bytes of it";

static struct advice separate(const struct conflict *pair, enum overlap overlap) {
    const struct conflict_side *first = reader(pair), *second = &pair->sides[first == pair->sides];
    const char *a = side_name(first), *b = side_name(second);
    bool read = (first->accesses | second->accesses) & ACCESS_READ;
    struct advice advice =
        overlap == OVERLAP_RECORD
            ? make(ADVICE_MOVE_DATA, first,
                   must_copy("move one of them: to another place in its object, or allocate it at "
                             "another time"),
                   must_copy("they lie far apart, but share an ownership record"))
        : read && strcmp(a, b)
            ? make(
                  ADVICE_IMMUTABLE, first,
                  must_copy("mark what is only read ame_immutable if it never changes once it is "
                            "shared; else pad or split the struct: a line for each (_Alignas(64))"),
                  must_copy(false_sharing))
            : make(ADVICE_PAD, first,
                   must_copy("pad or split the struct: a line for each (_Alignas(64))"),
                   must_copy(false_sharing));
    if (*a && *b && strcmp(a, b)) {
        free(advice.what);
        advice.what = must_print("%s, %s", a, b);
    }
    return advice;
}

static struct advice shorten_block(const struct trace *trace, struct symbols *symbols,
                                   const struct conflict *pair) {
    const struct conflict_side *a = &pair->sides[0], *b = &pair->sides[1];
    double of_a = average(trace, a->block), of_b = average(trace, b->block);
    const struct conflict_side *longer = of_b > of_a ? b : a;
    double most = of_a > of_b ? of_a : of_b, least = of_a > of_b ? of_b : of_a;
    bool uneven = a->block == b->block && (double)pair->longest_average > MUCH_LONGER * most;
    char *label = longer->block ? block_label(trace, symbols, longer->block) : must_copy("");
    char *action = must_copy(
        uneven ? "split the block: do the long part before, in pieces, or in a block of its own"
        : least && most > MUCH_LONGER * least
            ? "split or shorten the block: several blocks, or work on a copy that a short block "
              "made"
            : "shorten the block: access this as late as possible, and move out what needs no "
              "other block's data; or give each thread a part of the data");
    char *reason =
        uneven ? must_print("one run of the block in a while is long: each time others "
                            "lost %.0f times what an average run takes",
                            (double)pair->longest_average / (most ? most : 1))
        : least && most > MUCH_LONGER * least
            ? must_print("its block runs %.0f times as long as those that it conflicts with",
                         most / least)
            : must_copy("the blocks access the same data, and hold it to their end");
    free(label);
    /* Of one block the reader is what takes long: it looks at what the others change. */
    if (uneven)
        longer = reader(pair);
    return make(ADVICE_SHORTEN, longer, action, reason);
}

/* What blocks that print take one after the other (runtime/output/output.h). */
static bool orders_output(const struct conflict_side *side) {
    return !strcmp(side_name(side), "ame__output_order");
}

static struct advice advise_pair(const struct trace *trace, struct symbols *symbols,
                                 const struct conflict *pair) {
    unsigned all = pair->sides[0].accesses | pair->sides[1].accesses;
    enum overlap overlap = conflict_overlap(pair);
    if (all & ACCESS_COUNT)
        return make(ADVICE_READ_COUNT, reader(pair),
                    must_copy("read the count outside the block, or seldom"),
                    must_copy("a block that reads a count conflicts with all that change it"));
    if (!is_known(&pair->sides[0]) && !is_known(&pair->sides[1]))
        return make(ADVICE_SOFTWARE, &pair->sides[pair->sides[0].block ? 0 : 1],
                    must_copy("record again with `ame record --software`"),
                    must_copy("the conflict was in hardware, which does not tell its place"));
    if (both(pair, orders_output))
        return make(ADVICE_MOVE_OUT, writer(pair),
                    must_copy("print in a function given to ame_on_commit(), if the order of the "
                              "blocks does not matter there; or print less often"),
                    must_copy("blocks that print commit one after the other"));
    if (overlap == OVERLAP_LINE || overlap == OVERLAP_RECORD)
        return separate(pair, overlap);
    if (pair->committed && 2 * pair->same_value > pair->committed)
        return make(ADVICE_CHECK_FIRST, writer(pair),
                    must_copy("check before writing: `if (x != value) x = value;`"),
                    must_copy("nearly all writes store the value that is there already"));
    if (both(pair, only_adds))
        return make(ADVICE_COUNT, &pair->sides[0],
                    must_copy("make the count commutative: ame_counter, or ame_ref if it counts "
                              "references"),
                    must_copy("blocks only add to it, in any order"));
    if (both(pair, takes_numbers))
        return make(ADVICE_OWN_MEMORY, &pair->sides[0],
                    must_copy("let each thread take many at a time and use them up on its own"),
                    must_copy("each block takes the next number"));
    if (both(pair, writes) &&
        (both(pair, allocates) || (both(pair, writes_pointer) && !both(pair, writes_link))))
        return make(ADVICE_OWN_MEMORY, &pair->sides[0],
                    must_copy("give each thread scratch memory of its own, or call malloc(), "
                              "which does not conflict"),
                    must_copy("all blocks take memory from one place"));
    if (both(pair, writes_link))
        return make(ADVICE_SPLIT_DATA, &pair->sides[0],
                    must_copy("give each thread a list of its own, and join them when they are "
                              "read"),
                    must_copy("all blocks change the link at one end of a list"));
    return shorten_block(trace, symbols, pair);
}

/* ---- the serial path ---- */

static bool prints(const char *name) {
    static const char *const output[] = {"printf",  "fprintf", "vprintf", "vfprintf",
                                         "dprintf", "puts",    "fputs",   "putchar",
                                         "putc",    "fputc",   "fwrite",  "write",
                                         "perror",  "fflush",  "syslog",  "putchar_unlocked"};
    for (size_t i = 0; i < sizeof output / sizeof *output; i++)
        if (!strcmp(name, output[i]))
            return true;
    return false;
}

static struct advice advise_serial(const struct trace *trace, struct symbols *symbols,
                                   const struct trace_block *block) {
    struct advice advice = {.kind = ADVICE_MOVE_OUT, .block = block->id};
    const struct trace_event *request = NULL;
    for (size_t i = 0; i < trace->events.count; i++) {
        const struct trace_event *event = &trace->events.items[i];
        if (event->reason == AME__RECORDED_GATE_WAITED && event->other_block == block->id)
            advice.lost_ticks += (double)event->lost_ticks;
        if (event->reason != AME__RECORDED_SERIAL || event->block != block->id)
            continue;
        advice.lost_ticks += (double)event->lost_ticks;
        if (!request || event->count > request->count)
            request = event;
    }
    const char *why = request ? trace_text(trace, request->why) : NULL;
    advice.what = must_copy(why ? why : "");
    if (request && request->my_place)
        advice.place = symbols_at(symbols, request->my_place - 1);
    if (why && prints(why)) {
        advice.action = must_copy("move the output out of the block: behind it, or into a function "
                                  "given to ame_on_commit()");
        advice.reason = must_copy("output can't be undone, so the block runs alone while others "
                                  "wait");
    } else if (why) {
        advice.action = must_copy("move the call out of the block; or build its file with `ame "
                                  "cc`, mark it ame_pure, or give it an ame_replaces");
        advice.reason = must_copy("it can't be undone, so the block runs alone while others wait");
    } else if (block->serial_only) {
        advice.action = must_copy("look at `-Rpass-missed='^ame'` of the compiler for this block");
        advice.reason = must_copy("the compiler made no transactional version of the block");
    } else {
        advice.kind = ADVICE_SHORTEN;
        advice.action = must_copy("split or shorten the block, or mend its conflicts first");
        advice.reason = must_copy("after many aborts, or by AME_MODE, it ran alone");
    }
    return advice;
}

/* ---- too large for hardware ---- */

static bool advise_capacity(const struct trace *trace, const struct trace_block *block,
                            struct advice *advice) {
    uint64_t aborts = 0, lost = 0;
    for (size_t i = 0; i < trace->events.count; i++) {
        const struct trace_event *event = &trace->events.items[i];
        if (event->block != block->id || event->reason != AME__RECORDED_HTM_CAPACITY)
            continue;
        aborts += event->count;
        lost += event->lost_ticks;
    }
    *advice =
        (struct advice){.kind = ADVICE_SHORTEN, .block = block->id, .lost_ticks = (double)lost};
    if (!aborts)
        return false;
    advice->what = must_copy("capacity of the hardware");
    advice->action = must_copy("split the block, or let it touch less memory");
    advice->reason = must_print("too large for a hardware transaction (%s time%s): it ran in "
                                "software",
                                short_count(aborts).text, aborts == 1 ? "" : "s");
    return true;
}

/* ---- commits that wait ---- */

/* For this block, which may have read what others have written. */
static bool advise_commits(const struct trace *trace, const struct trace_block *block,
                           struct advice *advice) {
    double lost = 0;
    for (size_t i = 0; i < trace->events.count; i++) {
        const struct trace_event *event = &trace->events.items[i];
        if (event->reason == AME__RECORDED_COMMIT_WAITED && event->other_block == block->id)
            lost += (double)event->lost_ticks;
    }
    *advice = (struct advice){.kind = ADVICE_SHORTEN, .block = block->id, .lost_ticks = lost};
    if (lost <= 0)
        return false;
    advice->what = must_copy("commits of others");
    advice->action = must_copy("move long computations out of the block, before it or behind it");
    advice->reason = must_copy("a writer's commit waits until each block that may have read the "
                               "old values gets to its next access, or to its end");
    return true;
}

/* ---- all ---- */

static bool belong_together(const struct advice *a, const struct advice *b) {
    if (a->kind != b->kind || !a->conflicts.count || !b->conflicts.count)
        return false;
    if (a->kind == ADVICE_SHORTEN && a->block)
        return a->block == b->block;
    size_t length = root(a->what);
    if (!length)
        return a->place && a->place == b->place;
    return length == root(b->what) && !strncmp(a->what, b->what, length);
}

/* Whether `list`, names with commas, has `name` in it. */
static bool is_listed(const char *list, const char *name, size_t length) {
    for (const char *at = list; (at = strstr(at, name)); at++)
        if ((at == list || at[-1] == ' ') && (!at[length] || at[length] == ','))
            return true;
    return false;
}

/* Adds those of `more`'s data that are new, while they are few. */
static void join_names(struct advice *advice, const char *more) {
    enum { LONGEST = 200 };
    while (*more) {
        size_t length = strcspn(more, ",");
        char *name = must_print("%.*s", (int)length, more);
        if (!is_listed(advice->what, name, length) && strlen(advice->what) < LONGEST) {
            char *longer = must_print("%s%s%s", advice->what, *advice->what ? ", " : "", name);
            free(advice->what);
            advice->what = longer;
        }
        free(name);
        more += length;
        more += strspn(more, ", ");
    }
}

static void free_one(struct advice *advice) {
    free(advice->what);
    free(advice->action);
    free(advice->reason);
    free(advice->conflicts.items);
}

/* The costliest conflict comes first, and tells the line and the reason. */
static void add(struct advices *advices, struct advice *advice) {
    for (size_t i = 0; i < advices->items.count; i++) {
        struct advice *same = &advices->items.items[i];
        if (!belong_together(same, advice))
            continue;
        same->lost_ticks += advice->lost_ticks;
        ARRAY_PUSH(&same->conflicts, advice->conflicts.items[0]);
        join_names(same, advice->what);
        free_one(advice);
        return;
    }
    ARRAY_PUSH(&advices->items, *advice);
}

/* A block that ran alone after many aborts, or for which commits wait: to shorten it for its
 * conflicts, or for the first to mend those, serves that too; but what costs much more is not
 * its doing. */
static void add_cost(struct advices *advices, struct advice *advice, bool any_kind) {
    const double most = 8;
    for (size_t i = 0; i < advices->items.count && advice->kind == ADVICE_SHORTEN; i++) {
        struct advice *same = &advices->items.items[i];
        if (same->block != advice->block || !same->conflicts.count ||
            advice->lost_ticks > most * same->lost_ticks ||
            (!any_kind && same->kind != ADVICE_SHORTEN))
            continue;
        same->lost_ticks += advice->lost_ticks;
        free_one(advice);
        return;
    }
    ARRAY_PUSH(&advices->items, *advice);
}

static int by_lost(const void *a, const void *b) {
    const struct advice *x = a, *y = b;
    if (x->lost_ticks != y->lost_ticks)
        return x->lost_ticks < y->lost_ticks ? 1 : -1;
    size_t first = x->conflicts.count ? x->conflicts.items[0] : 0;
    size_t second = y->conflicts.count ? y->conflicts.items[0] : 0;
    return (first > second) - (first < second);
}

void advice_find(struct advices *advices, const struct trace *trace, struct symbols *symbols,
                 const struct conflicts *conflicts) {
    *advices = (struct advices){0};
    for (size_t i = 0; i < conflicts->pairs.count; i++) {
        struct advice advice = advise_pair(trace, symbols, &conflicts->pairs.items[i]);
        advice.lost_ticks = (double)conflicts->pairs.items[i].cost.lost_ticks;
        ARRAY_PUSH(&advice.conflicts, i + 1);
        add(advices, &advice);
    }
    for (size_t i = 0; i < trace->blocks.count; i++) {
        const struct trace_block *block = &trace->blocks.items[i];
        struct advice advice;
        if (advise_capacity(trace, block, &advice))
            ARRAY_PUSH(&advices->items, advice);
        if (advise_commits(trace, block, &advice))
            add_cost(advices, &advice, false);
        if (block->total.commits_serial) {
            advice = advise_serial(trace, symbols, block);
            add_cost(advices, &advice, true);
        }
    }
    if (advices->items.count)
        qsort(advices->items.items, advices->items.count, sizeof *advices->items.items, by_lost);
}

void advice_free(struct advices *advices) {
    for (size_t i = 0; i < advices->items.count; i++)
        free_one(&advices->items.items[i]);
    free(advices->items.items);
}
