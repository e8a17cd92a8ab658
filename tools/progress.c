#include "progress.h"

#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double first, latest; /* seconds; 0: not yet */
static bool shown;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void progress(const char *what, uint64_t done, uint64_t all) {
    const double patience = 0.5, interval = 0.2;
    double time = now();
    if (first <= 0)
        first = time;
    if (time - first < patience || time - latest < interval || !isatty(STDERR_FILENO))
        return;
    latest = time;
    shown = true;
    if (all)
        fprintf(stderr, "\r\033[K%s: %d %%", what, (int)(100 * (double)done / (double)all));
    else
        fprintf(stderr, "\r\033[K%s: %s", what, short_count(done).text);
    fflush(stderr);
}

void progress_end(void) {
    if (shown)
        fputs("\r\033[K", stderr);
    shown = false;
}
