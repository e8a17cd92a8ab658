/* report.h - the sections of the report, each printed by one function. */
#ifndef AME_TOOLS_REPORT_H
#define AME_TOOLS_REPORT_H

#include "advice.h"
#include "conflicts.h"

/* What conflicts are summed up by. */
enum report_by { BY_PAIR, BY_SITE, BY_FIELD, BY_TYPE };

struct report {
    struct trace trace;
    struct symbols *symbols;
    struct data_finder *data;
    struct conflicts conflicts;
    struct advices advices;
    double ticks_per_second;
    double all_ticks; /* wall time of all threads together */
    /* options */
    bool sort_by_aborts;
    enum report_by by;
    double percent_limit; /* of all threads' time: pairs and blocks below are not shown */
    unsigned long top;    /* pairs to show; 0: all */
};

/* Reads a recording and works it out; the options are set before. False after a message. */
bool report_open(struct report *report, const char *input);
bool report_open_all(struct report *report, const char *input); /* by trace_read_all */
bool report_open_stream(struct report *report, FILE *input);    /* by trace_read_stream */
void report_close(struct report *report);

/* Seconds, and share of the time of all threads. */
struct short_text report_seconds(const struct report *report, double ticks);
struct short_text report_share(const struct report *report, double ticks);

void report_summary(const struct report *report);
/* The whole report; the statistics of `ame stat`; what `ame annotate` prints (of files whose paths
 * end like one of the names, or all): false if there was nothing; what `ame diff` prints. */
void report_print(const struct report *report);
void stat_print(const struct report *report);
bool annotate_print(const struct report *report, unsigned long context, int count, char **names);
void timeline_print(const struct report *report);
void diff_print(const struct report *before, const struct report *after);

void report_notes(const struct report *report);
void report_advice(const struct report *report);
void report_time(const struct report *report);
void report_blocks(const struct report *report);
void report_conflicts(const struct report *report);
void report_sums(const struct report *report);
void report_retries(const struct report *report);
void report_other_aborts(const struct report *report);
void report_serial(const struct report *report);

#endif
