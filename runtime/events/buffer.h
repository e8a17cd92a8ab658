/* buffer.h - what one thread gathers between two writings to the file: for this layer alone. */
#ifndef AME_EVENTS_BUFFER_H
#define AME_EVENTS_BUFFER_H

#include "events/format.h"
#include "events/recorder.h"

#include <pthread.h>

enum {
    AME__EVENTS = 1024,
    AME__TOTALS = 64, /* blocks; a power of two */
    AME__PAIRS = 256, /* another */
    AME__THREAD_NAME = 64
};

/* What a thread knows of one way of a block that has counters. */
struct ame__site {
    uint32_t samples;  /* that the mean is of */
    uint32_t given;    /* what was left to go by unwatched at first */
    float mean;        /* ticks of an attempt that committed */
    float period;      /* ticks from one commit to the next */
    uint64_t last_end; /* of an attempt that was timed; 0: of none */
    uint64_t written;  /* so many of the unwatched commits are in the file */
};

/* What aborts or waits have in common that are alike; as in struct ame__event. */
struct ame__pair_key {
    uint64_t block, my_place, other_block, other_place;
    uint32_t reason, hardware_code;
};

/* What an attempt has lost: by its abort, or in waits of one kind. */
struct ame__loss {
    struct ame__pair_key key;
    uint64_t ticks;
    uint32_t count;                       /* more than 1 of waits that stand for others */
    const struct ame__conflict *conflict; /* NULL: a wait for a block as a whole */
};

/* What a thread knows of those that are alike (pairs.c). */
struct ame__pair {
    uint64_t hash; /* 0: free */
    struct ame__pair_key key;
    uint32_t in_full;         /* so many were recorded one by one, if not more */
    uint32_t samples;         /* that the mean is of */
    float mean;               /* ticks that one loses */
    uint32_t count;           /* since then so many were merely counted, */
    uint64_t lost;            /* and lost these ticks, about */
    uint64_t unplaced;        /* ticks of aborted attempts that are not in the totals yet */
    struct ame__event latest; /* of those recorded */
};

/* The owner adds to it, and the thread that ends the process writes out what the others have: the
 * lock is between those two. What goes by unwatched the owner counts without the lock. */
struct ame__recorder {
    struct ame__watching *watching; /* what goes by unwatched */
    struct ame__site sites[AME__COUNTED_BLOCKS * AME__RECORDED_WAYS];
    uint64_t sites_session; /* the recording in which they were learned */
    pthread_mutex_t lock;
    struct ame__recorder *previous, *next; /* in the list of recorders */
    uint32_t thread;
    bool used;     /* an attempt was recorded in this process */
    bool finished; /* the recording ends: no more, so that events and totals agree */
    bool named;    /* its name is in the file */
    char name[AME__THREAD_NAME];
    float spread;      /* so many times as many attempts go by unwatched */
    uint64_t credit;   /* ticks that looks may take before attempts go by unwatched */
    uint64_t random;   /* how many attempts go by unwatched varies */
    uint64_t interval; /* ticks to the next flush */
    uint64_t begin_ticks;
    uint64_t previous_end;   /* of the last attempt that was watched; at first, begin_ticks */
    uint64_t outside_ticks;  /* before first attempts of blocks, without what went by unwatched */
    uint64_t gaps_ticks;     /* the part of that since the last flush */
    uint64_t gap_waited;     /* since previous_end, by what was merely counted: in the totals */
    uint64_t flush_ticks;    /* when to write next */
    uint64_t last_end;       /* end of the last attempt if it was aborted, else 0 */
    uint64_t events_dropped; /* since the thread began */
    struct ame__block_totals totals[AME__TOTALS]; /* a hash table by block; 0 is free */
    unsigned blocks;
    unsigned slices;     /* commits since the last flush that were long */
    int64_t loss_credit; /* ticks that records of aborts and waits may take */
    uint64_t last_loss;  /* when it last grew */
    unsigned pair_count;
    size_t last_pair;                   /* in the table below: the one that was looked for */
    struct ame__pair pairs[AME__PAIRS]; /* a hash table */
    unsigned event_count;
    struct ame__event events[AME__EVENTS];
};

/* Of the machine and this recording. */
struct ame__rates {
    uint64_t flush_interval; /* ticks */
    uint64_t two_looks;      /* ticks that pass between two looks at the clock */
    uint64_t look;           /* ticks that it takes to watch an attempt, about */
    uint64_t short_block;    /* ticks: shorter ones are not all watched, */
    uint64_t tiny_block;     /* and those even less */
    uint64_t first_credit, most_credit;
    uint64_t long_block; /* ticks: longer ones are events */
};
extern struct ame__rates ame__rates;

/* The number of the latest recording. */
extern volatile uint64_t ame__session;

/* Begins anew, for the recording with this number. */
void ame__buffer_begin(struct ame__recorder *recorder, uint64_t session, uint64_t now);

/* Writes all of it out. By the owner, or with the recorder's lock held. */
void ame__buffer_flush(struct ame__recorder *recorder, uint64_t now);

/* Adds an event: there is room for those of an attempt, and for one of each pair. */
void ame__buffer_event(struct ame__recorder *recorder, const struct ame__event *event);

/* What is counted of the block since it was last written. */
struct ame__block_totals *ame__buffer_totals(struct ame__recorder *recorder,
                                             const struct ame_abi_block *block);

/* ---- sites.c ---- */

/* Gives the block counters, if it has none and there are some left. */
void ame__sites_count(struct ame_abi_block *block);

/* A thread begins: of all blocks it knows at most how long they took another thread, before, in
 * the recording of this number. */
void ame__sites_begin(struct ame__recorder *recorder, uint64_t session);

/* Ticks that an attempt takes which commits, as far as known. */
float ame__sites_mean(const struct ame__recorder *recorder, const struct ame_abi_block *block,
                      unsigned way);

/* The block has committed, watched, having `worked` so many ticks; so many have `passed` since
 * another attempt was watched. */
void ame__sites_learn(struct ame__recorder *recorder, const struct ame__attempt *attempt,
                      uint64_t worked, uint64_t passed);

/* Adds what went by unwatched to the totals: it lay in gaps of so many ticks. */
void ame__sites_add_unwatched(struct ame__recorder *recorder, uint64_t gaps);

/* ---- pairs.c: `timed`: what was lost is known, and no guess ---- */

/* A thread begins. */
void ame__pairs_forget(struct ame__recorder *recorder);

/* Whether an attempt that has lost this is to be recorded, with all that it lost: the thread has
 * time for it, or seldom met the like. */
bool ame__pairs_in_full(struct ame__recorder *recorder, const struct ame__loss *loss, uint64_t now);

/* Counts it. False: it is one of the first that are so, and must be recorded. */
bool ame__pairs_count(struct ame__recorder *recorder, const struct ame__loss *loss, bool timed);

/* It is recorded, by an event that stands for those too that were counted since the last one. */
void ame__pairs_record(struct ame__recorder *recorder, const struct ame__loss *loss,
                       struct ame__event *event, bool timed);

/* Ticks of aborted attempts that were counted, since these were last added to the totals; and does
 * that with a share of them. */
uint64_t ame__pairs_unplaced(const struct ame__recorder *recorder);
void ame__pairs_place(struct ame__recorder *recorder, double share);

/* Adds events for what was counted and for which none stands yet. */
void ame__pairs_write(struct ame__recorder *recorder);

#endif
