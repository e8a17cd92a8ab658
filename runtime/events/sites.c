/* sites.c - which attempts of short blocks are watched, and what the others took. */
#include "events/buffer.h"

#include <string.h>

enum {
    FIRST_SAMPLES = 16, /* are all taken */
    MEAN_OF = 64,       /* about the latest so many */
    PERIOD_OF = 8,      /* the same for the time from one to the next, which may change */
    MOST_UNWATCHED = 1 << 17,
    RARER = 4,   /* are looks at tiny blocks */
    OUTLIER = 64 /* times the mean: something else had the processor */
};

/* ---- counters of blocks ---- */

static ame__word blocks = 1; /* that have some; the first ones are those of all others */
static const struct ame_abi_block *counted[AME__COUNTED_BLOCKS];

/* Several threads may meet a block for the first time. */
void ame__sites_count(struct ame_abi_block *block) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    uint64_t number = ame__load_relaxed(&blocks);
    if (!block->counters && number < AME__COUNTED_BLOCKS) {
        counted[number] = block;
        ame__store_release(&blocks, number + 1); /* it is known before others count it */
        block->counters = (uint32_t)number * AME__COUNTERS;
    }
    pthread_mutex_unlock(&lock);
}

/* Sites are the ways of the first block, those of the second, and so on. */
enum { SITES = AME__COUNTED_BLOCKS * AME__RECORDED_WAYS };

static size_t site_of(const struct ame_abi_block *block, unsigned way) {
    return block->counters / AME__COUNTERS * AME__RECORDED_WAYS + way;
}

static uint64_t *counter_of(const struct ame__recorder *recorder, size_t site) {
    size_t number = site / AME__RECORDED_WAYS, way = site % AME__RECORDED_WAYS;
    return &recorder->watching->counters[number * AME__COUNTERS + way];
}

/* So many attempts, less than 2^63, go by unwatched. */
static void leave(uint64_t *counter, uint64_t left) {
    counter[AME__RECORDED_WAYS] = (UINT64_C(1) << 63) - left - *counter;
}

/* Of those so many are to come. */
static uint64_t left_of(const uint64_t *counter) {
    int64_t turn = ame__recorder_turn(counter);
    return turn < 0 ? 0 : (UINT64_C(1) << 63) - (uint64_t)turn;
}

void ame__sites_begin(struct ame__recorder *recorder, uint64_t session) {
    if (recorder->sites_session != session) {
        memset(recorder->sites, 0, sizeof recorder->sites);
        recorder->spread = 1;
    }
    recorder->sites_session = session;
    for (size_t i = 0; i < SITES; i++) {
        uint64_t *counter = counter_of(recorder, i);
        struct ame__site *site = &recorder->sites[i];
        leave(counter, 0); /* also where blocks will be counted that others meet first */
        site->given = 0;
        site->last_end = 0;
        site->written = *counter;
    }
}

void ame__recorder_rests(struct ame__watching *watching) {
    for (size_t i = 0; i < AME__COUNTED_BLOCKS; i++)
        memset(&watching->counters[i * AME__COUNTERS + AME__RECORDED_WAYS], 0,
               AME__RECORDED_WAYS * sizeof *watching->counters);
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

/* A loop of nanoseconds, once disturbed, takes some microseconds to be as fast again. */
static uint64_t distance_of(const struct ame__site *site) {
    bool tiny = site->period < (float)ame__rates.tiny_block;
    return ame__rates.short_block * (tiny ? RARER : 1);
}

/* Blocks that take turns share the looks of their thread: the more of them, the fewer of each. */
static void adapt_spread(struct ame__recorder *recorder, uint64_t passed, uint64_t distance) {
    const float step = 1.125f, most = AME__COUNTED_BLOCKS;
    float spread = passed < distance ? recorder->spread * step : recorder->spread / step;
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
    struct ame__site *site = &recorder->sites[site_of(attempt->block, attempt->way)];
    uint64_t *counter = counter_of(recorder, site_of(attempt->block, attempt->way));
    if (!attempt->block->counters)
        return;
    learn_mean(site, worked);
    learn_period(site, attempt->end_ticks, left_of(counter));
    uint64_t distance = distance_of(site);
    if (site->given)
        adapt_spread(recorder, passed, distance);
    float unwatched = (float)distance * recorder->spread / site->period;
    bool may_watch = may_watch_the_next(recorder, passed) && distance == ame__rates.short_block;
    site->given = 0;
    leave(counter, 0);
    if (site->samples < FIRST_SAMPLES || unwatched < 2 || may_watch)
        return;
    uint64_t most = unwatched < MOST_UNWATCHED ? (uint64_t)unwatched : MOST_UNWATCHED;
    site->given = (uint32_t)(most / 2 + random_number(recorder) % most);
    leave(counter, site->given);
}

/* ---- what the others took ---- */

/* Of a way that was never watched, as long as one of the others. */
static float mean_of(const struct ame__recorder *recorder, size_t site) {
    const struct ame__site *ways = &recorder->sites[site - site % AME__RECORDED_WAYS];
    float mean = recorder->sites[site].mean;
    if (site % AME__RECORDED_WAYS == AME__LEFT_HARDWARE)
        return 0;
    for (unsigned way = 1; way < AME__RECORDED_WAYS && !mean; way++)
        mean = ways[way].mean;
    return mean;
}

float ame__sites_mean(const struct ame__recorder *recorder, const struct ame_abi_block *block,
                      unsigned way) {
    return mean_of(recorder, site_of(block, way));
}

/* Unwatched commits that are not in the totals yet. */
static uint64_t unwritten(const struct ame__recorder *recorder, size_t site) {
    return *(const volatile uint64_t *)counter_of(recorder, site) - recorder->sites[site].written;
}

/* Each took about so many ticks. */
static void add_site(struct ame__recorder *recorder, size_t site, double each) {
    uint64_t commits = unwritten(recorder, site);
    uint64_t worked = (uint64_t)(each * (double)commits);
    struct ame__block_totals *totals =
        ame__buffer_totals(recorder, counted[site / AME__RECORDED_WAYS]);
    unsigned way = site % AME__RECORDED_WAYS;
    totals->left_hardware += way == AME__LEFT_HARDWARE ? commits : 0;
    totals->commits_htm += way == 1 ? commits : 0;
    totals->commits_stm += way == 2 ? commits : 0;
    totals->commits_serial += way == 3 ? commits : 0;
    totals->committed_ticks += worked;
    totals->serial_ticks += way == 3 ? worked : 0;
    recorder->outside_ticks -= worked;
    recorder->sites[site].written += commits;
}

/* What went by unwatched lay in the gaps between what was watched. */
void ame__sites_add_unwatched(struct ame__recorder *recorder, uint64_t gaps) {
    double worked = (double)ame__pairs_unplaced(recorder);
    size_t end = ame__load_acquire(&blocks) * AME__RECORDED_WAYS;
    for (size_t site = AME__RECORDED_WAYS; site < end; site++)
        worked += (double)mean_of(recorder, site) * (double)unwritten(recorder, site);
    double share = worked > (double)gaps ? (double)gaps / worked : 1;
    for (size_t site = AME__RECORDED_WAYS; site < end; site++)
        if (unwritten(recorder, site))
            add_site(recorder, site, (double)mean_of(recorder, site) * share);
    ame__pairs_place(recorder, share);
}
