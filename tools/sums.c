#include "sums.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* What the side has in common with others; the caller's to free. */
static char *name_of(const struct conflict_side *side, enum report_by by) {
    const struct data *data = conflict_data(side);
    const char *name = NULL;
    if (by == BY_SITE)
        return side->place ? frame_label(&side->place->frames[0]) : NULL;
    if (data && by == BY_TYPE)
        name = data->owner ? data->owner : data->type;
    else if (data)
        name = data->general ? data->general : data->name ? data->name : data->text;
    return name ? must_copy(name) : NULL;
}

static void add(struct sums *sums, const char *name, const struct conflict_cost *cost) {
    size_t i = 0;
    while (i < sums->items.count && strcmp(sums->items.items[i].name, name))
        i++;
    if (i == sums->items.count) {
        struct sum new = {.name = must_copy(name)};
        ARRAY_PUSH(&sums->items, new);
    }
    struct sum *sum = &sums->items.items[i];
    sum->cost.aborts += cost->aborts;
    sum->cost.waits += cost->waits;
    sum->cost.lost_ticks += cost->lost_ticks;
    sum->pairs++;
}

static int by_lost(const void *a, const void *b) {
    const struct sum *x = a, *y = b;
    if (x->cost.lost_ticks != y->cost.lost_ticks)
        return x->cost.lost_ticks < y->cost.lost_ticks ? 1 : -1;
    return strcmp(x->name, y->name);
}

void sums_find(struct sums *sums, const struct report *report, enum report_by by) {
    *sums = (struct sums){0};
    for (size_t i = 0; i < report->conflicts.pairs.count; i++) {
        const struct conflict *pair = &report->conflicts.pairs.items[i];
        char *first = name_of(&pair->sides[0], by), *second = name_of(&pair->sides[1], by);
        if (first || second)
            add(sums, first ? first : second, &pair->cost);
        else
            add(sums, "not known", &pair->cost);
        if (first && second && strcmp(first, second))
            add(sums, second, &pair->cost);
        free(first);
        free(second);
    }
    if (sums->items.count)
        qsort(sums->items.items, sums->items.count, sizeof *sums->items.items, by_lost);
}

void sums_free(struct sums *sums) {
    for (size_t i = 0; i < sums->items.count; i++)
        free(sums->items.items[i].name);
    free(sums->items.items);
}
