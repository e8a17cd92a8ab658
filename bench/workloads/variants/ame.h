/* ame: the mode is in AME_MODE. */
#include <ame/ame.h>
#include <inttypes.h>
#include <stdio.h>

#define VARIANT_NAME "ame"
#define ATOMIC atomic
#define PURE ame_pure

static inline const char *variant_obstacle(int threads) {
    (void)threads;
    return NULL;
}

/* Which way the blocks took, in percent, and attempts for each commit. */
static inline void variant_report(void) {
    struct ame_statistics s;
    ame_get_statistics(&s);
    double commits = (double)(s.commits_htm + s.commits_stm + s.commits_serial);
    double aborts = (double)(s.aborts_htm + s.aborts_conflict + s.aborts_serial + s.aborts_memory);
    if (commits == 0)
        commits = 1;
    printf(" tries=%.3f htm=%.1f stm=%.1f serial=%.1f", 1 + aborts / commits,
           100 * (double)s.commits_htm / commits, 100 * (double)s.commits_stm / commits,
           100 * (double)s.commits_serial / commits);
}

/* For bench/workloads/recording.c. */
static inline bool variant_record_start(const char *file) {
    return ame_record_start(file) == AME_OK;
}

static inline bool variant_record_stop(void) {
    return ame_record_stop() == AME_OK;
}
