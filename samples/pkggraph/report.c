/* report.c - the tables. */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>

static void print_size(FILE *out, int64_t kib) {
    /* Tenths of a MiB in whole numbers, so that rounding is the same everywhere. */
    int64_t tenths = (kib * 10 + 512) / 1024;
    fprintf(out, "%12" PRId64 ".%" PRId64 " MiB", tenths / 10, tenths % 10);
}

static void print_number(FILE *out, int64_t number) {
    fprintf(out, "%18" PRId64, number);
}

static void print_ranking(FILE *out, const char *title, const struct ranking *ranking,
                          const struct graph *graph, void (*print_amount)(FILE *, int64_t)) {
    fprintf(out, "\n%s\n", title);
    for (int i = 0; i < RANKS && !ranking_is_vacant(&ranking->ranks[i]); i++) {
        print_amount(out, ranking->ranks[i].amount);
        fprintf(out, "  %s\n", graph->packages[ranking->ranks[i].package].name);
    }
}

static void print_most_needed(FILE *out, const struct graph *graph, const struct results *results) {
    struct ranking needed;
    ranking_clear(&needed);
    for (uint32_t i = 0; i < graph->package_count; i++)
        if (results_needed_by(results, i) > 0)
            ranking_offer(&needed, results_needed_by(results, i), i);
    print_ranking(out, "Most needed packages, by the number of others that need them", &needed,
                  graph, print_number);
}

/* The sections' winners, ranked among each other. */
static void print_sections(FILE *out, const struct graph *graph) {
    struct ranking sections;
    ame_map_iterator iterator;
    ame_value value;
    ranking_clear(&sections);
    ame_map_iterate(graph->sections, &iterator);
    while (ame_map_next(&iterator, NULL, &value)) {
        const struct section *section = value.pointer;
        if (section->heaviest_package != NO_PACKAGE)
            ranking_offer(&sections, section->heaviest_size, section->heaviest_package);
    }
    fprintf(out, "\nHeaviest closure of a section, the ten heaviest sections\n");
    for (int i = 0; i < RANKS && !ranking_is_vacant(&sections.ranks[i]); i++) {
        const struct package *package = &graph->packages[sections.ranks[i].package];
        print_size(out, sections.ranks[i].amount);
        fprintf(out, "  %-24s %s\n", package->section, package->name);
    }
}

void report(FILE *out, const struct index *index, const struct graph *graph,
            const struct results *results) {
    int64_t reached = graph->package_count;
    for (uint32_t i = 0; i < graph->package_count; i++)
        reached += results_needed_by(results, i);
    fprintf(out, "%9" PRIu32 " packages in %zu sections\n", graph->package_count,
            ame_map_size(graph->sections));
    fprintf(out, "%9zu stanzas left out: not installed\n", index->not_installed);
    fprintf(out, "%9" PRIu32 " stanzas left out: a package of that name came before\n",
            graph->duplicates);
    fprintf(out, "%9zu virtual names\n", ame_map_size(graph->virtuals));
    fprintf(out, "%9" PRIu32 " dependencies, %" PRIu32 " of them on nothing in this index\n",
            graph->groups, graph->unresolved);
    fprintf(out, "%9" PRIu32 " edges between packages\n", graph->edge_count);
    fprintf(out, "%9" PRId64 " packages met in all closures together\n", reached);
    print_ranking(out, "Heaviest closures, by installed size", &results->heaviest, graph,
                  print_size);
    print_ranking(out, "Largest closures, by the number of packages", &results->largest, graph,
                  print_number);
    print_most_needed(out, graph, results);
    print_sections(out, graph);
}
