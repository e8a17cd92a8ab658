/* places.c - a program that gives the recorder events of known places and times,
 * as compiled code and the runtime would: the tests of `ame record` and `ame
 * report` know its lines by the words LINE-... in their comments. */
#define _GNU_SOURCE
#include "base/arch.h"
#include "events/format.h"
#include "events/recorder.h"
#include <ame/abi.h>

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INLINED static inline __attribute__((always_inline))
#define KEPT __attribute__((noinline))

static volatile int shared;

/* Stands for a barrier: its place is where it returns to. */
static KEPT const void *barrier(void) {
    shared++;
    return __builtin_return_address(0);
}

INLINED const void *take(void) {
    const void *place = barrier(); /* LINE-take */
    shared++;
    return place;
}

INLINED const void *transfer(void) {
    const void *place = take(); /* LINE-transfer */
    shared++;
    return place;
}

/* LINE-pay is that of the next function: the body of a block without a file. */
static KEPT const void *pay(void) {
    const void *place = transfer(); /* LINE-call */
    shared++;
    return place;
}

static KEPT const void *sum_up(void) {
    const void *place = barrier(); /* LINE-sum */
    shared++;
    return place;
}

static KEPT const void *print_out(void) {
    const void *place = barrier(); /* LINE-print */
    shared++;
    return place;
}

static void body(void *args) {
    (void)args;
}

static struct ame_abi_block paying = {.plain = body, .twin = body, .place = (const void *)pay};
static struct ame_abi_block summing = {
    .plain = body, .twin = body, .function = "worker", .file = "bank.c", .line = 40};
static struct ame_abi_block printing = {
    .plain = body, .twin = body, .function = "log", .file = "bank.c", .line = 90};
static struct ame_abi_block compiled_serial = {
    .plain = body, .function = "old", .file = "old.c", .line = 3};

static uint64_t now;

static void attempt(struct ame__recorder *recorder, struct ame__attempt attempt, uint64_t ticks) {
    attempt.begin_ticks = now;
    attempt.end_ticks = now += ticks;
    ame__recorder_attempt(recorder, &attempt, 0);
}

static void run_conflicts(struct ame__recorder *recorder) {
    struct ame__attempt sum_lost = {.block = &summing,
                                    .way = 2,
                                    .reason = AME__RECORDED_READ_CHANGED,
                                    .conflict.my_place = sum_up(),
                                    .conflict.other.place = pay(),
                                    .conflict.other.block = &paying};
    struct ame__attempt pay_lost = {.block = &paying,
                                    .way = 2,
                                    .reason = AME__RECORDED_WOUNDED,
                                    .conflict.my_place = pay(),
                                    .conflict.other.place = sum_up(),
                                    .conflict.other.block = &summing};
    struct ame__attempt unknown = {
        .block = &paying, .way = 1, .reason = AME__RECORDED_HTM_CONFLICT};
    struct ame__attempt large = {.block = &paying, .way = 1, .reason = AME__RECORDED_HTM_CAPACITY};
    struct ame__attempt sum = {.block = &summing, .way = 2},
                        pay_alone = {.block = &paying, .way = 1};
    for (int i = 0; i < 3; i++)
        attempt(recorder, sum_lost, 1000000);
    sum.waiting_ticks = 1500000;
    sum.waited = (struct ame__access_wait){.ticks = 1000000, .at = sum_lost.conflict};
    attempt(recorder, sum, 2000000);
    for (int i = 0; i < 2; i++)
        attempt(recorder, pay_lost, 500000);
    attempt(recorder, unknown, 1000);
    attempt(recorder, large, 1000);
    attempt(recorder, pay_alone, 2000000);
}

static struct account {
    long number, money;
} first_account __attribute__((aligned(64)));

/* Seen side by side on one line, and on lines that share a record. */
static void run_neighbours(struct ame__recorder *recorder) {
    struct ame__attempt line = {.block = &summing,
                                .way = 2,
                                .reason = AME__RECORDED_READ_CHANGED,
                                .conflict = {.address = &first_account.number,
                                             .my_place = sum_up(),
                                             .other = {.address = &first_account.money,
                                                       .place = pay(),
                                                       .block = &paying,
                                                       .bytes = 0xff00,
                                                       .thread = 5,
                                                       .flags = AME__OTHER_COMMITTED}}};
    struct ame__attempt record = line, same = line;
    record.conflict.my_place = print_out();
    record.conflict.other.address = (const char *)&first_account.money + (64 << 20);
    same.conflict.address = &first_account.money;
    same.conflict.my_place = same.conflict.other.place;
    attempt(recorder, line, 3000000);
    attempt(recorder, record, 2000000);
    attempt(recorder, same, 1000000);
    attempt(recorder, (struct ame__attempt){.block = &summing, .way = 2}, 1000);
}

static void run_serial(struct ame__recorder *recorder) {
    struct ame__attempt asks = {.block = &printing,
                                .way = 2,
                                .reason = AME__RECORDED_SERIAL,
                                .conflict.my_place = print_out(),
                                .serial_why = "printf"};
    struct ame__attempt prints = {.block = &printing, .way = 3};
    struct ame__attempt old = {.block = &compiled_serial, .way = 3};
    struct ame__attempt waits = {.block = &paying,
                                 .way = 2,
                                 .waiting_ticks = 5000000,
                                 .gate = {3000000, &printing, 1},
                                 .commit = {2000000, &summing, 1}};
    struct ame__attempt sum = {.block = &summing, .way = 2};
    attempt(recorder, asks, 1000);
    for (int i = 0; i < 4; i++)
        attempt(recorder, prints, 100000);
    attempt(recorder, old, 100000);
    attempt(recorder, sum, 1000);
    attempt(recorder, waits, 5000000);
}

int main(int count, char **arguments) {
    const char *what = count > 1 ? arguments[1] : "conflicts";
    int status = count > 2 ? atoi(arguments[2]) : 0;
    if (!strcmp(what, "nothing"))
        return status;
    ame__recorder_prepare();
    ame__recorder_start();
    static struct ame__watching watching;
    struct ame__recorder *recorder = ame__recorder_open_thread(&watching);
    if (!recorder)
        return 99;
    /* The attempts last 50 ms at most, which the thread really takes. */
    now = ame__ticks();
    usleep(50000);
    if (!strcmp(what, "conflicts"))
        run_conflicts(recorder);
    else if (!strcmp(what, "neighbours"))
        run_neighbours(recorder);
    else if (!strcmp(what, "serial"))
        run_serial(recorder);
    else
        attempt(recorder, (struct ame__attempt){.block = &summing, .way = 2}, 1000);
    if (!strcmp(what, "killed"))
        raise(SIGKILL);
    return status;
}
