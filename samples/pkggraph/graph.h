/* graph.h - the packages of an index and which needs which.
 *
 * How a dependency becomes an edge (Depends and Pre-Depends count alike):
 *   - versions, architectures and qualifiers such as `:any` are ignored;
 *   - of alternatives (a | b) the first that resolves is taken;
 *   - a name resolves to the package of that name, or else, if it is virtual, to
 *     the one of its providers whose name is smallest in byte order;
 *   - a group of alternatives of which none resolves is counted and dropped.
 * Of several stanzas for one name the first in the index counts. So the graph
 * depends on the index alone, and two runs can be compared.
 *
 * All of this is written once, before any block runs: hence ame_immutable. Blocks
 * walk the graph without recording a single read of it. */
#ifndef PKGGRAPH_GRAPH_H
#define PKGGRAPH_GRAPH_H

#include "index.h"

#include <ame/ame.h>

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The line of memory that two blocks conflict on, and that two cores share. */
enum { LINE_BYTES = 64 };

enum { NO_PACKAGE = -1 };

/* A section, and the package in it that has the heaviest closure. Blocks change
 * that, so each section has a line to itself: updates of different sections do not
 * conflict. */
struct section {
    alignas(LINE_BYTES) const char *name ame_immutable;
    int64_t heaviest_size;    /* KiB */
    int64_t heaviest_package; /* its number, or NO_PACKAGE */
};

/* Packages are numbered in the order of their names: so comparing numbers
 * compares names. */
struct package {
    const char *name ame_immutable;
    const char *section ame_immutable;    /* key of graph.sections */
    int64_t installed_size ame_immutable; /* KiB */
    uint32_t first_edge ame_immutable;    /* index in graph.edges */
    uint32_t edge_count ame_immutable;
};

/* To the package of this number. A struct, so that each element of the array is
 * known to be immutable. */
struct edge {
    uint32_t to ame_immutable;
};

struct graph {
    ame_map *by_name ame_immutable;  /* package name -> struct package * */
    ame_map *virtuals ame_immutable; /* virtual name -> struct package *, its provider */
    ame_map *sections ame_immutable; /* section name -> struct section * */
    struct package *packages ame_immutable;
    struct edge *edges ame_immutable; /* those of package 0, of package 1, ... */
    uint32_t package_count ame_immutable;
    uint32_t edge_count ame_immutable;
    uint32_t duplicates; /* stanzas left out: a package of that name came before */
    uint32_t groups;     /* groups of alternatives in all dependencies */
    uint32_t unresolved; /* of these, those of which no alternative resolves */
};

/* Builds the graph of `index`, which must outlive it: names point into its text,
 * and its dependency fields are taken apart in place. On failure says why on
 * stderr and returns false. */
ame_constructor bool graph_build(struct graph *graph, struct index *index);

ame_constructor void graph_free(struct graph *graph);

#endif
