#include "core/tx.h"
#include <ame/runtime.h>

#include <string.h>

/* Of blocks that the profiler does not watch. */
static uint64_t unwatched(const struct ame_tx *tx, enum ame__way way) {
    const volatile uint64_t *counters = tx->watching.counters;
    uint64_t sum = 0;
    for (size_t i = way; i < AME__COUNTED_BLOCKS * AME__COUNTERS; i += AME__COUNTERS)
        sum += counters[i];
    return sum;
}

void ame_get_statistics(struct ame_statistics *statistics) {
    memset(statistics, 0, sizeof *statistics);
    struct ame_tx *tx;
    AME__EACH_DESCRIPTOR (tx) {
        const volatile struct ame__tx_statistics *s = &tx->statistics;
        statistics->commits_htm += s->commits[AME__HTM] + s->commits[AME__HYBRID] +
                                   s->commits[AME__HTM_ALONE] + unwatched(tx, AME__HTM);
        statistics->commits_stm += s->commits[AME__STM] + unwatched(tx, AME__STM);
        statistics->commits_serial += s->commits[AME__SERIAL] + unwatched(tx, AME__SERIAL);
        for (int reason = AME__ABORT_READ_CHANGED; reason <= AME__ABORT_COUNT_CHANGED; reason++)
            statistics->aborts_conflict += s->aborts[reason];
        for (int reason = AME__ABORT_HTM_CONFLICT; reason <= AME__ABORT_HTM_OTHER; reason++)
            statistics->aborts_htm += s->aborts[reason];
        statistics->aborts_serial += s->aborts[AME__ABORT_SERIAL];
        statistics->retries += s->aborts[AME__ABORT_RETRY];
        statistics->aborts_memory += s->aborts[AME__ABORT_MEMORY];
        statistics->extensions += s->extensions;
        statistics->reads_recorded += s->reads_recorded;
        statistics->writes_locked += s->writes_locked;
        statistics->counts_merged += s->counts_merged;
    }
}
