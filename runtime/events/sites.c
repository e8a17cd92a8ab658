/* sites.c - which attempts of short blocks are watched, and what the others took. */
#include "events/buffer.h"

#include <string.h>

enum {
    FIRST_SAMPLES = 16, /* are all taken */
    MEAN_OF = 64,       /* about the latest so many */
    PERIOD_OF = 8,      /* the same for the time from one to the next, which may change */
    MOST_UNWATCHED = 1 << 14,
    OUTLIER = 64 /* times the mean: something else had the processor */
};

/* ---- counters of blocks ---- */

static ame__word sites = 1; /* given out; the first one is that of all blocks without counters */

/* Several threads may meet a block for the first time. */
void ame__sites_count(struct ame_abi_block *block) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    uint64_t site = ame__load_relaxed(&sites);
    if (!block->counters && site < AME__COUNTED_BLOCKS) {
        ame__store_relaxed(&sites, site + 1);
        block->counters = (uint32_t)site * AME__RECORDED_WAYS;
    }
    pthread_mutex_unlock(&lock);
}

static uint64_t *counters_of(const struct ame__recorder *recorder, uint64_t site) {
    return &recorder->watching->counters[site * AME__RECORDED_WAYS];
}

/* So many attempts, less than 2^63, go by unwatched. */
static void leave(uint64_t *counters, uint64_t left) {
    counters[AME__START] = 0;
    counters[AME__START] = (UINT64_C(1) << 63) - left - (uint64_t)ame__recorder_turn(counters);
}

/* Of those so many are to come. */
static uint64_t left_of(const uint64_t *counters) {
    int64_t turn = ame__recorder_turn(counters);
    return turn < 0 ? 0 : (UINT64_C(1) << 63) - (uint64_t)turn;
}

void ame__sites_begin(struct ame__recorder *recorder, uint64_t session) {
    if (recorder->sites_session != session) {
        memset(recorder->sites, 0, sizeof recorder->sites);
        recorder->spread = 1;
    }
    recorder->sites_session = session;
    for (uint64_t i = 0; i < AME__COUNTED_BLOCKS; i++) {
        uint64_t *counters = counters_of(recorder, i);
        struct ame__site *site = &recorder->sites[i];
        leave(counters, 0); /* also where blocks will be counted that others meet first */
        site->given = 0;
        site->last_end = 0;
        memcpy(site->written, counters, sizeof site->written);
    }
}

void ame__recorder_rests(struct ame__watching *watching) {
    for (size_t i = 0; i < AME__COUNTED_BLOCKS; i++)
        watching->counters[i * AME__RECORDED_WAYS + AME__START] = 0;
    watching->session = 0;
}

/* ---- which are watched ---- */

static uint64_t random_number(struct ame__recorder *recorder) {
    recorder->random ^= recorder->random << 13; /* xorshift (Marsaglia 2003) */
    recorder->random ^= recorder->random >> 7;
    recorder->random ^= recorder->random << 17;
    return recorder->random;
}

/* Of an outlier nothing is learned: whatever had the processor would count for many attempts. */
static void learn_mean(struct ame__site *site, uint64_t worked) {
    float took = worked > ame__rates.two_looks ? (float)(worked - ame__rates.two_looks) : 1;
    if (site->samples && took > OUTLIER * site->mean && worked > ame__rates.short_block)
        return;
    site->samples += site->samples < MEAN_OF;
    site->mean += (took - site->mean) / (float)site->samples;
}

static void learn_period(struct ame__site *site, uint64_t end, uint64_t left) {
    float period = (float)(end - site->last_end) / (float)(site->given - left + 1);
    if (!site->period)
        site->period = (float)ame__rates.short_block;
    else if (site->last_end && period < OUTLIER * site->period)
        site->period += (period - site->period) / PERIOD_OF;
    site->last_end = end;
}

/* Blocks that take turns share the looks of their thread: the more of them, the fewer of each. */
static void adapt_spread(struct ame__recorder *recorder, uint64_t passed) {
    const float step = 1.125f, most = AME__COUNTED_BLOCKS;
    float spread =
        passed < ame__rates.short_block ? recorder->spread * step : recorder->spread / step;
    recorder->spread = spread < 1 ? 1 : spread > most ? most : spread;
}

/* Looks may take a part of the time that passes; what they do not take is kept for a while. So
 * a thread's first blocks are all watched, and those that come after something long: a block that
 * is short most of the time and long now and then tends to be seen when it is. */
static bool may_watch_the_next(struct ame__recorder *recorder, uint64_t passed) {
    enum { PART = 200 };
    uint64_t credit = recorder->credit + passed / PART;
    recorder->credit = credit < ame__rates.most_credit ? credit : ame__rates.most_credit;
    if (recorder->credit < ame__rates.look)
        return false;
    recorder->credit -= ame__rates.look;
    return true;
}

/* Else so many go by unwatched that what the looks cost is a small part of what passes between
 * them; not always as many, or the looks would keep step with the program. */
void ame__sites_learn(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                      uint64_t worked, uint64_t passed) {
    struct ame__site *site = ame__site_of(recorder, attempt->block);
    uint64_t *counters = &recorder->watching->counters[attempt->block->counters];
    if (!attempt->block->counters)
        return;
    site->block = attempt->block;
    learn_mean(site, worked);
    learn_period(site, attempt->end_ticks, left_of(counters));
    if (site->given)
        adapt_spread(recorder, passed);
    float unwatched = (float)ame__rates.short_block * recorder->spread / site->period;
    site->given = 0;
    leave(counters, 0);
    if (site->samples < FIRST_SAMPLES || unwatched < 2 || may_watch_the_next(recorder, passed))
        return;
    uint64_t most = unwatched < MOST_UNWATCHED ? (uint64_t)unwatched : MOST_UNWATCHED;
    site->given = (uint32_t)(most / 2 + random_number(recorder) % most);
    leave(counters, site->given);
}

/* ---- what the others took ---- */

/* Unwatched commits of a block that are not in the totals yet, one way or all of them. */
static uint64_t unwritten(const struct ame__recorder *recorder, uint64_t site, unsigned way) {
    return *(const volatile uint64_t *)&counters_of(recorder, site)[way] -
           recorder->sites[site].written[way];
}

static uint64_t all_unwritten(const struct ame__recorder *recorder, uint64_t site) {
    uint64_t sum = 0;
    for (unsigned way = 1; way < AME__RECORDED_WAYS; way++)
        sum += unwritten(recorder, site, way);
    return sum;
}

static void add_site(struct ame__recorder *recorder, uint64_t number, double share) {
    struct ame__site *site = &recorder->sites[number];
    struct ame__block_totals *totals = ame__buffer_totals(recorder, site->block);
    uint64_t commits[AME__RECORDED_WAYS];
    for (unsigned way = 1; way < AME__RECORDED_WAYS; way++) {
        commits[way] = unwritten(recorder, number, way);
        site->written[way] += commits[way];
    }
    totals->commits_htm += commits[1];
    totals->commits_stm += commits[2];
    totals->commits_serial += commits[3];
    double each = (double)site->mean * share;
    uint64_t worked = (uint64_t)(each * (double)(commits[1] + commits[2] + commits[3]));
    totals->committed_ticks += worked;
    totals->serial_ticks += (uint64_t)(each * (double)commits[3]);
    recorder->outside_ticks -= worked;
}

/* What went by unwatched lay in the gaps between what was watched. */
void ame__sites_add_unwatched(struct ame__recorder *recorder, uint64_t now) {
    double gaps = (double)(recorder->gaps_ticks + (now - recorder->previous_end)), worked = 0;
    uint64_t end = ame__load_relaxed(&sites);
    for (uint64_t site = 1; site < end; site++)
        worked += (double)recorder->sites[site].mean * (double)all_unwritten(recorder, site);
    if (worked <= 0)
        return;
    double share = worked > gaps ? gaps / worked : 1;
    for (uint64_t site = 1; site < end; site++)
        if (all_unwritten(recorder, site))
            add_site(recorder, site, share);
}
