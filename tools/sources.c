#include "sources.h"

#include "text.h"

#include <stdlib.h>

static struct source *source_for(struct sources *sources, const char *file) {
    for (size_t i = 0; i < sources->files.count; i++) {
        struct source *source = &sources->files.items[i];
        if (ends_with_path(source->file, file))
            return source;
        if (ends_with_path(file, source->file)) {
            source->file = file;
            return source;
        }
    }
    struct source source = {.file = file};
    ARRAY_PUSH(&sources->files, source);
    return &sources->files.items[sources->files.count - 1];
}

static void add(struct sources *sources, const char *file, unsigned line, struct line_cost cost) {
    if (!file || !*file || !line)
        return;
    struct source *source = source_for(sources, file);
    source->lost += cost.lost + cost.caused;
    for (size_t i = 0; i < source->lines.count; i++) {
        struct line_cost *known = &source->lines.items[i];
        if (known->line != line)
            continue;
        known->lost += cost.lost;
        known->caused += cost.caused;
        known->committed += cost.committed;
        return;
    }
    cost.line = line;
    ARRAY_PUSH(&source->lines, cost);
}

static void add_place(struct sources *sources, const struct report *report, uint64_t place,
                      struct line_cost cost) {
    if (!place)
        return;
    const struct symbol_frame *frame = symbols_at(report->symbols, place - 1)->frames;
    add(sources, frame->file, frame->line, cost);
}

static int by_line(const void *a, const void *b) {
    const struct line_cost *x = a, *y = b;
    return (x->line > y->line) - (x->line < y->line);
}

static int by_lost(const void *a, const void *b) {
    const struct source *x = a, *y = b;
    return (x->lost < y->lost) - (x->lost > y->lost);
}

void sources_find(struct sources *sources, const struct report *report) {
    *sources = (struct sources){0};
    for (size_t i = 0; i < report->trace.events.count; i++) {
        const struct trace_event *event = &report->trace.events.items[i];
        double ticks = (double)event->lost_ticks;
        add_place(sources, report, event->my_place, (struct line_cost){.lost = ticks});
        add_place(sources, report, event->other_place, (struct line_cost){.caused = ticks});
    }
    for (size_t i = 0; i < report->trace.blocks.count; i++) {
        const struct trace_block *block = &report->trace.blocks.items[i];
        struct line_cost cost = {.committed = (double)block->total.committed_ticks};
        if (*block->file) {
            add(sources, block->file, block->line, cost);
        } else if (block->place) {
            const struct symbol_frame *frame = symbols_function(report->symbols, block->place);
            add(sources, frame->file, frame->line, cost);
        }
    }
    if (sources->files.count)
        qsort(sources->files.items, sources->files.count, sizeof *sources->files.items, by_lost);
    for (size_t i = 0; i < sources->files.count; i++)
        qsort(sources->files.items[i].lines.items, sources->files.items[i].lines.count,
              sizeof *sources->files.items[i].lines.items, by_line);
}

void sources_free(struct sources *sources) {
    for (size_t i = 0; i < sources->files.count; i++)
        free(sources->files.items[i].lines.items);
    free(sources->files.items);
}
