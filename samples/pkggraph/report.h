/* report.h - what the program found, as tables. */
#ifndef PKGGRAPH_REPORT_H
#define PKGGRAPH_REPORT_H

#include "graph.h"
#include "index.h"
#include "walk.h"

#include <stdio.h>

/* Writes the report. It depends on the index alone: not on threads, modes or time. */
void report(FILE *out, const struct index *index, const struct graph *graph,
            const struct results *results);

#endif
