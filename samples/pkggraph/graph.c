/* graph.c - the link step: from records to numbered packages and edges. It runs in
 * one thread, before any block. */
#include "graph.h"

#include "dependency.h"
#include "message.h"

#include <stdlib.h>
#include <string.h>

/* Room for edges at the start; it doubles whenever it is used up. */
enum { FIRST_EDGES = 4096 };

/* What the link step needs and the graph does not keep. */
struct link {
    struct graph *graph;
    size_t edge_capacity;
    uint32_t *last_user; /* by package: 1 + the last package with an edge to it */
};

/* By name, and where names are equal in the order of the index. */
static int compare_records(const void *a, const void *b) {
    const struct record *const *x = a, *const *y = b;
    int order = strcmp((*x)->name, (*y)->name);
    return order ? order : (*x > *y) - (*x < *y);
}

/* Puts `key` into a map of the graph. Returns false when out of memory. */
static bool map_put(ame_map **map, const char *key, void *value) {
    ame_map *larger = ame_map_set(*map, ame_string_key(key), ame_pointer_value(value));
    if (!larger)
        return false;
    ame_map_release(*map);
    *map = larger;
    return true;
}

/* The section's entry in the table, made at its first package; NULL when out of
 * memory. */
ame_constructor static struct section *intern_section(struct graph *graph, const char *name) {
    ame_value found;
    if (ame_map_get(graph->sections, ame_string_key(name), &found))
        return found.pointer;
    struct section *section = aligned_alloc(LINE_BYTES, sizeof *section);
    if (!section)
        return NULL;
    *section = (struct section){.name = name, .heaviest_package = NO_PACKAGE};
    if (map_put(&graph->sections, name, section))
        return section;
    free(section);
    return NULL;
}

ame_constructor static bool add_package(struct graph *graph, const struct record *record) {
    struct section *section = intern_section(graph, record->section);
    struct package *package = &graph->packages[graph->package_count];
    if (!section)
        return false;
    *package = (struct package){
        .name = record->name, .section = section->name, .installed_size = record->installed_size};
    graph->package_count++;
    return map_put(&graph->by_name, package->name, package);
}

/* Numbers the packages; `sorted` has the record of each in the end. */
static bool add_packages(struct graph *graph, struct record **sorted, struct index *index) {
    for (size_t i = 0; i < index->count; i++)
        sorted[i] = &index->records[i];
    qsort(sorted, index->count, sizeof *sorted, compare_records);
    for (size_t i = 0; i < index->count; i++) {
        if (i && strcmp(sorted[i]->name, graph->packages[graph->package_count - 1].name) == 0) {
            graph->duplicates++;
            continue;
        }
        sorted[graph->package_count] = sorted[i];
        if (!add_package(graph, sorted[i]))
            return false;
    }
    return true;
}

/* Packages come in the order of their names, so the first provider of a virtual
 * name is the one to keep. */
ame_constructor static bool add_provides(struct graph *graph, struct package *package,
                                         char *provides) {
    for (char *group; (group = dependency_next(&provides, ','));) {
        const char *name = dependency_name(group);
        if (*name && !ame_map_get(graph->virtuals, ame_string_key(name), NULL) &&
            !map_put(&graph->virtuals, name, package))
            return false;
    }
    return true;
}

static struct package *resolve(const struct graph *graph, const char *name) {
    ame_value found;
    if (ame_map_get(graph->by_name, ame_string_key(name), &found) ||
        ame_map_get(graph->virtuals, ame_string_key(name), &found))
        return found.pointer;
    return NULL;
}

ame_constructor static bool add_edge(struct link *link, struct package *from,
                                     const struct package *to) {
    struct graph *graph = link->graph;
    uint32_t user = (uint32_t)(from - graph->packages) + 1;
    uint32_t *last_user = &link->last_user[to - graph->packages];
    if (*last_user == user || from == to)
        return true;
    if (graph->edge_count == link->edge_capacity) {
        size_t capacity = link->edge_capacity * 2;
        struct edge *edges =
            capacity < UINT32_MAX ? realloc(graph->edges, capacity * sizeof *edges) : NULL;
        if (!edges)
            return false;
        graph->edges = edges;
        link->edge_capacity = capacity;
    }
    *last_user = user;
    graph->edges[graph->edge_count++].to = (uint32_t)(to - graph->packages);
    from->edge_count++;
    return true;
}

static bool add_dependencies(struct link *link, struct package *from, char *dependencies) {
    for (char *group; (group = dependency_next(&dependencies, ','));) {
        struct package *to = NULL;
        bool named = false; /* an empty group, as after a trailing comma, is none */
        for (char *alternative; !to && (alternative = dependency_next(&group, '|'));) {
            const char *name = dependency_name(alternative);
            named |= *name != '\0';
            to = *name ? resolve(link->graph, name) : NULL;
        }
        link->graph->groups += named;
        link->graph->unresolved += named && !to;
        if (to && !add_edge(link, from, to))
            return false;
    }
    return true;
}

ame_constructor static bool add_edges(struct graph *graph, struct record **records) {
    struct link link = {.graph = graph, .edge_capacity = FIRST_EDGES};
    link.last_user = calloc(graph->package_count, sizeof *link.last_user);
    bool complete = link.last_user != NULL;
    for (uint32_t i = 0; complete && i < graph->package_count; i++)
        complete = add_provides(graph, &graph->packages[i], records[i]->provides);
    for (uint32_t i = 0; complete && i < graph->package_count; i++) {
        struct package *package = &graph->packages[i];
        package->first_edge = graph->edge_count;
        complete = add_dependencies(&link, package, records[i]->pre_depends) &&
                   add_dependencies(&link, package, records[i]->depends);
    }
    free(link.last_user);
    return complete;
}

bool graph_build(struct graph *graph, struct index *index) {
    struct record **sorted = malloc(index->count * sizeof *sorted);
    *graph = (struct graph){.by_name = ame_map_new(AME_KEY_STRING),
                            .virtuals = ame_map_new(AME_KEY_STRING),
                            .sections = ame_map_new(AME_KEY_STRING),
                            .packages = malloc(index->count * sizeof *graph->packages),
                            .edges = malloc(FIRST_EDGES * sizeof *graph->edges)};
    bool complete = sorted && graph->by_name && graph->virtuals && graph->sections &&
                    graph->packages && graph->edges && add_packages(graph, sorted, index) &&
                    add_edges(graph, sorted);
    free(sorted);
    if (!complete) {
        message("out of memory while linking %zu packages; give a smaller index", index->count);
        graph_free(graph);
    }
    return complete;
}

void graph_free(struct graph *graph) {
    if (graph->sections) {
        ame_map_iterator iterator;
        ame_value section;
        ame_map_iterate(graph->sections, &iterator);
        while (ame_map_next(&iterator, NULL, &section))
            free(section.pointer);
    }
    ame_map_release(graph->sections);
    ame_map_release(graph->virtuals);
    ame_map_release(graph->by_name);
    free(graph->packages);
    free(graph->edges);
    *graph = (struct graph){0};
}
