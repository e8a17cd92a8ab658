/* pairs.c - aborts and waits that are alike: the first few and then some are recorded in full, the
 * others counted. What is counted is written with the next one that is recorded, or when the thread
 * writes to the file: so counts are exact, and what each accessed is a sample. */
#include "events/buffer.h"

#include <string.h>

enum {
    FIRST = 8,   /* are recorded in full, whatever it costs: who is rare is not lost */
    PART = 400,  /* of the time that passes may go to the others */
    MEAN_OF = 16 /* about the latest so many */
};

/* ---- the table ---- */

static uint64_t rotate(uint64_t word, unsigned by) {
    return word << by | word >> (64 - by);
}

static uint64_t hash_of(const struct ame__pair_key *key) {
    uint64_t reason = (uint64_t)key->reason << 32 | key->hardware_code;
    uint64_t word = key->block ^ rotate(key->my_place, 13) ^ rotate(key->other_block, 26) ^
                    rotate(key->other_place, 39) ^ rotate(reason, 52);
    /* Fibonacci hashing (Knuth, volume 3, section 6.4). */
    return word * UINT64_C(0x9E3779B97F4A7C15) | 1;
}

static bool alike(const struct ame__pair_key *a, const struct ame__pair_key *b) {
    return a->block == b->block && a->my_place == b->my_place && a->other_block == b->other_block &&
           a->other_place == b->other_place && a->reason == b->reason &&
           a->hardware_code == b->hardware_code;
}

/* The table is never full: ame__pairs_write clears it before. Mostly the like of the last one is
 * looked for. */
static struct ame__pair *find(struct ame__recorder *recorder, const struct ame__pair_key *key) {
    struct ame__pair *last = &recorder->pairs[recorder->last_pair];
    if (last->hash && alike(&last->key, key))
        return last;
    uint64_t hash = hash_of(key);
    for (size_t slot = hash >> 32;; slot++) {
        struct ame__pair *pair = &recorder->pairs[slot % AME__PAIRS];
        recorder->last_pair = slot % AME__PAIRS;
        if (pair->hash == hash && alike(&pair->key, key))
            return pair;
        if (pair->hash)
            continue;
        *pair = (struct ame__pair){.hash = hash, .key = *key};
        recorder->pair_count++;
        return pair;
    }
}

void ame__pairs_forget(struct ame__recorder *recorder) {
    if (recorder->pair_count)
        memset(recorder->pairs, 0, sizeof recorder->pairs);
    recorder->pair_count = 0;
}

/* ---- which are recorded in full ---- */

/* What this takes is a part of the time that passes, and what it does not take is kept for a while:
 * as for looks at commits. */
static bool may_record(struct ame__recorder *recorder, uint64_t now) {
    uint64_t passed = now > recorder->last_loss ? now - recorder->last_loss : 0;
    int64_t most = (int64_t)ame__rates.most_credit;
    recorder->last_loss = now;
    recorder->loss_credit += (int64_t)(passed / PART);
    if (recorder->loss_credit > most)
        recorder->loss_credit = most;
    return recorder->loss_credit >= (int64_t)ame__rates.look;
}

/* Without a watch it takes less. */
static void learn(struct ame__pair *pair, uint64_t worked) {
    uint64_t lost = worked > ame__rates.two_looks ? worked - ame__rates.two_looks : worked;
    pair->samples += pair->samples < MEAN_OF;
    pair->mean += ((float)lost - pair->mean) / (float)pair->samples;
}

bool ame__pairs_in_full(struct ame__recorder *recorder, const struct ame__loss *loss,
                        uint64_t now) {
    bool in_full = may_record(recorder, now) || find(recorder, &loss->key)->in_full < FIRST;
    if (in_full)
        recorder->loss_credit -= (int64_t)ame__rates.look;
    return in_full;
}

/* ---- what they lose ---- */

bool ame__pairs_count(struct ame__recorder *recorder, const struct ame__loss *loss, bool timed) {
    struct ame__pair *pair = find(recorder, &loss->key);
    if (pair->in_full < FIRST)
        return false;
    if (timed)
        learn(pair, loss->ticks / loss->count);
    uint64_t lost = timed ? loss->ticks : (uint64_t)pair->mean;
    pair->count += loss->count;
    pair->lost += lost;
    if (loss->key.reason < AME__RECORDED_READ_WAITED)
        pair->unplaced += lost;
    return true;
}

void ame__pairs_record(struct ame__recorder *recorder, const struct ame__loss *loss,
                       struct ame__event *event, bool timed) {
    struct ame__pair *pair = find(recorder, &loss->key);
    if (timed || !pair->samples)
        learn(pair, loss->ticks / loss->count);
    pair->in_full += pair->in_full < FIRST;
    event->lost += pair->lost;
    event->count = loss->count + pair->count;
    pair->count = 0;
    pair->lost = 0;
    pair->latest = *event;
}

uint64_t ame__pairs_unplaced(const struct ame__recorder *recorder) {
    uint64_t sum = 0;
    for (size_t i = 0; i < AME__PAIRS; i++)
        sum += recorder->pairs[i].unplaced;
    return sum;
}

void ame__pairs_place(struct ame__recorder *recorder, double share) {
    for (size_t i = 0; i < AME__PAIRS; i++) {
        struct ame__pair *pair = &recorder->pairs[i];
        if (!pair->unplaced)
            continue;
        uint64_t worked = (uint64_t)((double)pair->unplaced * share);
        ame__buffer_totals(recorder, (const struct ame_abi_block *)pair->key.block)->wasted_ticks +=
            worked;
        recorder->outside_ticks -= worked;
        pair->unplaced = 0;
    }
}

void ame__pairs_write(struct ame__recorder *recorder) {
    for (size_t i = 0; i < AME__PAIRS; i++) {
        struct ame__pair *pair = &recorder->pairs[i];
        if (!pair->count)
            continue;
        struct ame__event event = pair->latest;
        event.own = 0;
        event.lost = pair->lost;
        event.count = pair->count;
        pair->count = 0;
        pair->lost = 0;
        ame__buffer_event(recorder, &event);
    }
    if (recorder->pair_count > AME__PAIRS / 2)
        ame__pairs_forget(recorder);
}
