/* One thread's events: what goes in comes out of the file. */
#include "recording.h"

#include "base/arch.h"
#include "events/allocations.h"
#include "events/buffer.h"
#include "events/writers.h"

#include <pthread.h>

TestSuite(recorder, .init = make_directory, .fini = remove_directory);

static struct ame__recorder *start(void) {
    ame__recorder_start();
    return open_thread();
}

/* An attempt from `begin` ticks after the thread's first event on. */
static struct ame__attempt attempt(struct ame_abi_block *block, uint64_t base, uint64_t begin,
                                   uint64_t end, uint32_t way, uint32_t reason) {
    return (struct ame__attempt){.block = block,
                                 .begin_ticks = base + begin,
                                 .end_ticks = base + end,
                                 .way = way,
                                 .reason = reason};
}

static void record(struct ame__recorder *recorder, struct ame__attempt what) {
    ame__recorder_attempt(recorder, &what, 0);
}

/* ---- what is counted ---- */

static void all_ways(void) {
    static struct ame_abi_block block;
    block = make_block("all_ways", 12);
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks();
    record(recorder, attempt(&block, now, 0, 10, HTM, 0));
    record(recorder, attempt(&block, now, 10, 30, STM, 0));
    record(recorder, attempt(&block, now, 30, 70, STM, AME__RECORDED_READ_CHANGED));
    record(recorder, attempt(&block, now, 70, 150, SERIAL, 0));
    ame__recorder_close_thread(recorder);
}

Test(recorder, counts_commits_and_aborts_by_way) {
    cr_assert_eq(in_process(all_ways), 0);
    struct contents contents = read_recording(path);
    cr_assert(!memcmp(contents.header.magic, AME__FORMAT_MAGIC, 8));
    cr_assert_eq(contents.header.version, AME__FORMAT_VERSION);
    cr_assert_eq(contents.header.header_size, sizeof contents.header);
    cr_assert_gt(contents.header.ticks_per_second, 100000000);
    cr_assert_eq(contents.total.commits_htm, 1);
    cr_assert_eq(contents.total.commits_stm, 1);
    cr_assert_eq(contents.total.commits_serial, 1);
    cr_assert_eq(contents.total.aborts, 1);
    cr_assert_eq(contents.total.committed_ticks, 10 + 20 + 80);
    cr_assert_eq(contents.total.serial_ticks, 80);
    cr_assert_eq(contents.total.wasted_ticks, 40);
    cr_assert_eq(contents.event_count, 1);
    cr_assert_eq(contents.lost_in_events, 40);
    cr_assert_str_eq(contents.function, "all_ways");
    cr_assert_eq(contents.blocks, 1);
    cr_assert_geq(contents.modules, 2); /* this program and the C library */
    cr_assert_eq(contents.threads, 1);
    cr_assert(contents.named_first && contents.whole && contents.end_is_last);
    cr_assert_eq(contents.ends, 1);
}

static int there, here, datum;

static void one_conflict(void) {
    static struct ame_abi_block mine, other;
    mine = make_block("mine", 1);
    other = make_block("other", 2);
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks();
    struct ame__attempt what = attempt(&mine, now, 0, 5, STM, AME__RECORDED_WOUNDED);
    what.conflict.my_place = &here;
    what.conflict.other.place = &there;
    what.conflict.other.block = &other;
    what.conflict.address = &datum;
    record(recorder, what);
    what = attempt(&mine, now, 5, 8, STM, AME__RECORDED_SERIAL);
    what.serial_why = "printf";
    record(recorder, what);
    record(recorder, what);
    ame__recorder_close_thread(recorder);
}

Test(recorder, keeps_places_and_reasons_of_an_abort) {
    cr_assert_eq(in_process(one_conflict), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.event_count, 3);
    cr_assert_eq(contents.events[0].reason, AME__RECORDED_WOUNDED);
    /* The process was a copy of this one: its addresses are ours. */
    cr_assert_eq(contents.events[0].my_place, (uint64_t)&here);
    cr_assert_eq(contents.events[0].other_place, (uint64_t)&there);
    cr_assert_eq(contents.events[0].address, (uint64_t)&datum);
    cr_assert_neq(contents.events[0].other_block, 0);
    cr_assert_neq(contents.events[0].other_block, contents.events[0].block);
    cr_assert_eq(contents.events[0].why, 0);
    cr_assert_neq(contents.events[1].why, 0);
    cr_assert_eq(contents.texts, 1, "a text is written once");
    cr_assert_str_eq(contents.text, "printf");
    cr_assert_eq(contents.blocks, 1, "a block that never ran here is not looked at");
}

/* ---- who wrote where ---- */

static struct ame__writer noted(uint32_t orec, uint64_t version) {
    struct ame__writer writer = {.place = &here};
    ame__recorder_writer(orec, version, &writer);
    return writer;
}

Test(recorder, keeps_which_bytes_a_committed_block_has_written) {
    _Alignas(64) uint64_t stripe[8] = {1, 2, 3};
    uint64_t before[8];
    struct ame_abi_block block = make_block("writes", 1);
    memcpy(before, stripe, sizeof before);
    cr_assert(ame__writers_forget());
    ame__recorder_writes(70000, 17, &block, 3, true);
    cr_assert_eq(noted(70000, 8).place, &here, "it has no version yet");
    ame__recorder_wrote_as(70000, 8);
    cr_assert_eq(noted(70000, 8).bytes, 0);
    cr_assert_eq(noted(70000, 8).flags, AME__OTHER_COMMITTED | AME__OTHER_SAME_VALUE);
    cr_assert_eq((uintptr_t)noted(70000, 8).place, 17);
    cr_assert_eq(noted(70000, 8).block, &block);
    cr_assert_eq(noted(70000, 8).thread, 3);
    ame__recorder_wrote(70000, &stripe[1], &before[1], 8);
    ame__recorder_wrote(70000, (char *)stripe + 63, (char *)before + 63, 1);
    cr_assert_eq(noted(70000, 8).bytes, UINT64_C(0xff00) | UINT64_C(1) << 63);
    cr_assert_eq(noted(70000, 8).flags, AME__OTHER_COMMITTED | AME__OTHER_SAME_VALUE);
    cr_assert_eq(noted(70000, 8).address, &stripe[1], "the first");
    stripe[2] = 4;
    ame__recorder_wrote(70000, &stripe[2], &before[2], 4);
    cr_assert_eq(noted(70000, 8).bytes, UINT64_C(0xfff00) | UINT64_C(1) << 63);
    cr_assert_eq(noted(70000, 8).flags, AME__OTHER_COMMITTED, "one byte has changed");
}

Test(recorder, a_note_is_of_one_record_and_one_version) {
    cr_assert(ame__writers_forget());
    ame__recorder_writes(5, 17, NULL, 3, false);
    ame__recorder_wrote_as(5, 8);
    cr_assert_eq((uintptr_t)noted(5, 8).place, 17);
    cr_assert_eq(noted(5, 9).place, &here, "another version");
    cr_assert_eq(noted(5 + (1 << 16), 8).place, &here, "another record that shares the note");
    ame__recorder_writes(5 + (1 << 16), 18, NULL, 3, false);
    ame__recorder_wrote_as(5 + (1 << 16), 8);
    cr_assert_eq(noted(5, 8).place, &here, "the latest stays");
    ame__recorder_wrote(5, "a", "b", 1);
    cr_assert_eq(noted(5 + (1 << 16), 8).bytes, 0, "what is written elsewhere is not of it");
    cr_assert(ame__writers_forget());
    cr_assert_eq(noted(5 + (1 << 16), 8).place, &here);
}

/* ---- what goes by unwatched ---- */

enum { SHORT_BLOCKS = 100000 };

/* Blocks of 100 ticks, 100 apart: most are only counted. */
static void short_blocks(void) {
    static struct ame_abi_block block;
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks(), watched = 0;
    block = make_block("short_blocks", 1);
    for (int i = 0; i < SHORT_BLOCKS; i++, now += 200) {
        bool unwatched = ame__recorder_skips(&watching, &block, STM);
        if (unwatched)
            ame__recorder_counts(&watching, &block, STM);
        else
            record(recorder, attempt(&block, now, 0, 100 + ame__rates.two_looks, STM, 0));
        watched += !unwatched;
    }
    if (!block.counters || watched > SHORT_BLOCKS / 10)
        _exit(1);
    /* One that waited, one that was aborted: neither was watched. */
    struct ame__attempt late = attempt(&block, 0, 0, now + 5000, STM, 0);
    late.waiting_ticks = 3000;
    late.waited = (struct ame__access_wait){3000, 3000, {.my_place = &here}, true};
    ame__recorder_counts(&watching, &block, STM);
    record(recorder, late);
    record(recorder, attempt(&block, 0, 0, now + 9000, STM, AME__RECORDED_READ_CHANGED));
    record(recorder, attempt(&block, now, 9000, 9100, STM, 0));
    ame__recorder_close_thread(recorder);
}

static void time_adds_up(const struct contents *contents) {
    uint64_t parts = contents->total.committed_ticks + contents->total.wasted_ticks +
                     contents->total.waiting_ticks + contents->thread.outside_ticks;
    cr_assert_eq(parts, contents->thread.end_ticks - contents->thread.begin_ticks);
}

/* Of all committed attempts, those that were only counted included. */
static double mean_of_committed(const struct contents *contents) {
    return (double)contents->total.committed_ticks / (SHORT_BLOCKS + 2);
}

Test(recorder, counts_what_goes_by_unwatched_and_works_out_its_time) {
    cr_assert_eq(in_process(short_blocks), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.total.commits_stm, SHORT_BLOCKS + 2);
    cr_assert_eq(contents.total.aborts, 1);
    cr_assert_eq(contents.total.waiting_ticks, 3000);
    cr_assert_eq(contents.event_count, 2);
    cr_assert_geq(contents.total.wasted_ticks, 99, "as much as one that commits");
    cr_assert_leq(contents.total.wasted_ticks, 101);
    double committed = mean_of_committed(&contents);
    cr_assert(committed > 95 && committed < 140, "%f ticks each", committed);
    time_adds_up(&contents);
}

/* Each has a turn of its own: in hardware they take 100 ticks, in software 300. */
static void two_ways(void) {
    static struct ame_abi_block block;
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks(), watched[2] = {0, 0};
    block = make_block("two_ways", 1);
    for (int i = 0; i < SHORT_BLOCKS; i++, now += 400) {
        uint32_t way = i % 10 ? HTM : STM;
        uint64_t took = way == HTM ? 100 : 300;
        if (ame__recorder_skips(&watching, &block, way))
            watching.counters[block.counters + way]++; /* as is done in line */
        else if (++watched[way == STM])
            record(recorder, attempt(&block, now, 0, took + ame__rates.two_looks, way, 0));
    }
    ame__recorder_close_thread(recorder);
    bool good = watched[0] >= 16 && watched[0] < SHORT_BLOCKS / 10 && watched[1] >= 16 &&
                watched[1] < SHORT_BLOCKS / 10;
    if (!good)
        fprintf(stderr, "%lu and %lu were watched\n", watched[0], watched[1]);
    exit(!good);
}

Test(recorder, watches_each_way_of_a_block) {
    cr_assert_eq(in_process(two_ways), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.total.commits_htm, SHORT_BLOCKS / 10 * 9);
    cr_assert_eq(contents.total.commits_stm, SHORT_BLOCKS / 10);
    double each = (double)contents.total.committed_ticks / SHORT_BLOCKS; /* 120 */
    cr_assert(each > 110 && each < 150, "%f ticks each", each);
}

enum { TURNS = 16 };

/* Blocks that take turns, as short as these, and as many in all. */
static void short_blocks_in_turns(void) {
    static struct ame_abi_block blocks[TURNS];
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks(), watched = 0;
    for (uint32_t i = 0; i < TURNS; i++)
        blocks[i] = make_block("short_blocks_in_turns", i);
    for (int i = 0; i < 10 * SHORT_BLOCKS; i++, now += 200) {
        struct ame_abi_block *block = &blocks[i % TURNS];
        bool unwatched = ame__recorder_skips(&watching, block, STM);
        if (unwatched)
            ame__recorder_counts(&watching, block, STM);
        else
            record(recorder, attempt(block, now, 0, 100, STM, 0));
        watched += !unwatched && i >= 5 * SHORT_BLOCKS;
    }
    ame__recorder_close_thread(recorder);
    /* Without regard to the others each would be watched as often as one alone. */
    uint64_t looks = 5 * SHORT_BLOCKS * UINT64_C(200) / ame__rates.short_block;
    uint64_t extra = 5 * SHORT_BLOCKS * UINT64_C(200) / 200 / ame__rates.look;
    if (watched > 2 * (looks + extra))
        fprintf(stderr, "%lu were watched, %lu expected\n", watched, looks + extra);
    exit(watched > 2 * (looks + extra));
}

Test(recorder, the_looks_are_a_share_of_the_threads_time) {
    cr_assert_eq(in_process(short_blocks_in_turns), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.total.commits_stm, 10 * SHORT_BLOCKS);
    cr_assert_eq(contents.blocks, TURNS);
}

/* A thread after another: it need not learn again how long the blocks are. */
static void threads_in_turn(void) {
    static struct ame_abi_block block;
    uint64_t watched[2] = {0, 0};
    block = make_block("threads_in_turn", 1);
    for (int thread = 0; thread < 2; thread++) {
        struct ame__recorder *recorder = thread ? open_thread() : start();
        uint64_t now = ame__ticks();
        recorder->credit = 0;
        for (int i = 0; i < 1000; i++, now += 200)
            if (ame__recorder_skips(&watching, &block, STM))
                ame__recorder_counts(&watching, &block, STM);
            else if (++watched[thread])
                record(recorder, attempt(&block, now, 0, 100, STM, 0));
        ame__recorder_close_thread(recorder);
    }
    /* Who knows nothing watches the first 16. Mostly it is 30 and 4, by the random numbers 5 or 6.
     */
    bool good = watched[0] >= 16 && watched[1] <= 8;
    if (!good)
        fprintf(stderr, "%lu and %lu were watched\n", watched[0], watched[1]);
    exit(!good);
}

Test(recorder, what_a_thread_has_learned_serves_the_next) {
    cr_assert_eq(in_process(threads_in_turn), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.total.commits_stm, 2000, "%lu", contents.total.commits_stm);
    cr_assert_eq(contents.threads, 2);
}

/* ---- where memory was allocated ---- */

static void allocate(void) {
    static _Alignas(64) char memory[1 << 20];
    ame__allocations_watch();
    ame__allocated(memory + 32, 40, &here);
    ame__recorder_count_bytes(true);
    ame__allocated(memory + 1024, 100000, &there);
    ame__recorder_count_bytes(false);
    bool right = ame__allocated_at(memory + 32) == (uintptr_t)&here &&
                 ame__allocated_at(memory + 71) == (uintptr_t)&here &&
                 !ame__allocated_at(memory + 31) && !ame__allocated_at(memory + 128) &&
                 ame__allocated_at(memory + 1024) == (uintptr_t)&there &&
                 ame__allocated_at(memory + 101023) == (uintptr_t)&there &&
                 !ame__allocated_at(memory + 200000) && !ame__allocated_at(NULL);
    ame__allocated(memory, 64, &there);
    right &= ame__allocated_at(memory + 33) == (uintptr_t)&there;
    right &= ame__recorder_allocated_bytes() == 100000;
    ame__allocations_ignore();
    _exit(!right);
}

Test(recorder, knows_where_memory_was_allocated) {
    cr_assert_eq(in_process(allocate), 0);
}

/* The first ones of a place are entered, and then one of 64 and those that are large, whoever
 * allocates. */
static void *allocate_much(void *from) {
    for (char *memory = from; memory < (char *)from + (1 << 18); memory += 64)
        ame__allocated(memory, 64, &here);
    ame__allocated((char *)from + (1 << 18), 1024, &here);
    return NULL;
}

static void allocations_of_a_place(void) {
    static _Alignas(64) char memory[2 << 20];
    char *half = memory + (1 << 20);
    int known[2] = {0, 0};
    pthread_t other;
    ame__allocations_watch();
    allocate_much(memory);
    if (pthread_create(&other, NULL, allocate_much, half) || pthread_join(other, NULL))
        _exit(2);
    for (int i = 0; i < 1 << 18; i += 64) {
        known[0] += ame__allocated_at(memory + i) == (uintptr_t)&here;
        known[1] += ame__allocated_at(half + i) == (uintptr_t)&here;
    }
    bool right = known[0] >= 1024 && known[0] < 1200 && known[1] >= 32 && known[1] < 200 &&
                 ame__allocated_at(memory + (1 << 18)) == (uintptr_t)&here &&
                 ame__allocated_at(half + (1 << 18)) == (uintptr_t)&here;
    if (!right)
        fprintf(stderr, "%d and %d are known\n", known[0], known[1]);
    ame__allocations_ignore();
    _exit(!right);
}

Test(recorder, enters_a_part_of_what_a_place_allocates) {
    cr_assert_eq(in_process(allocations_of_a_place), 0);
}

/* Memory that is freed and allocated again, by places that all allocate much: of a part of it the
 * table has the latest. */
static void allocations_again(void) {
    static _Alignas(64) char memory[2 << 20];
    int known = 0, old = 0;
    ame__allocations_watch();
    for (int i = 0; i < 1 << 20; i += 64)
        ame__allocated(memory + (1 << 20) + i, 48, &here);
    for (int i = 0; i < 1 << 20; i += 64)
        ame__allocated(memory + (1 << 20) + i, 48, &there);
    for (int i = 0; i < 1 << 19; i += 64)
        ame__allocated(memory + i, 48, &here);
    for (int i = 0; i < 1 << 19; i += 64)
        ame__allocated(memory + i, 48, &there);
    for (int i = 0; i < 1 << 19; i += 64) {
        known += ame__allocated_at(memory + i) == (uintptr_t)&there;
        old += ame__allocated_at(memory + i) == (uintptr_t)&here;
    }
    if (known < 64 || old)
        fprintf(stderr, "%d are known, %d are out of date\n", known, old);
    ame__allocations_ignore();
    _exit(known < 64 || old);
}

Test(recorder, enters_the_latest_of_what_is_allocated_again) {
    cr_assert_eq(in_process(allocations_again), 0);
}

/* All that an attempt allocates is counted while it is watched, however small and often. */
static void bytes_of_a_place(void) {
    static _Alignas(64) char memory[2 << 20];
    ame__allocations_watch();
    allocate_much(memory);
    ame__recorder_count_bytes(true);
    allocate_much(memory);
    ame__recorder_count_bytes(false);
    allocate_much(memory);
    ame__allocations_ignore();
    _exit(ame__recorder_allocated_bytes() != (1 << 18) + 1024);
}

Test(recorder, counts_all_bytes_while_it_is_to) {
    cr_assert_eq(in_process(bytes_of_a_place), 0);
}

static void waits_for_the_gate(void) {
    static struct ame_abi_block block, alone;
    block = make_block("waits", 1);
    alone = make_block("alone", 2);
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks();
    struct ame__attempt what = attempt(&block, now, 0, 100, STM, 0);
    what.waiting_ticks = 60;
    what.gate = (struct ame__block_wait){50, &alone, 1};
    record(recorder, what);
    ame__recorder_close_thread(recorder);
}

Test(recorder, names_the_block_that_ran_alone) {
    cr_assert_eq(in_process(waits_for_the_gate), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.event_count, 1);
    cr_assert_eq(contents.events[0].reason, AME__RECORDED_GATE_WAITED);
    cr_assert_eq(contents.events[0].lost, 50);
    cr_assert_neq(contents.events[0].other_block, 0);
    cr_assert_eq(contents.events[0].other_thread, AME__THREAD_UNKNOWN);
}

static void waits(void) {
    static struct ame_abi_block block;
    block = make_block("waits", 1);
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks();
    struct ame__attempt what = attempt(&block, now, 0, 100, STM, AME__RECORDED_WOUNDED);
    what.waiting_ticks = 60;
    what.waited = (struct ame__access_wait){.ticks = 50, .at = {.my_place = &here}, .write = true};
    record(recorder, what);
    what = attempt(&block, now, 100, 150, STM, 0);
    what.waiting_ticks = 20;
    what.waited = (struct ame__access_wait){.ticks = 20, .at = {.my_place = &there}};
    record(recorder, what);
    what = attempt(&block, now, 0, 1000, STM, 0);
    what.begin_ticks = 0;
    what.waiting_ticks = 600;
    what.commit = (struct ame__block_wait){.ticks = 600, .block = &block, .count = 3};
    record(recorder, what);
    ame__recorder_close_thread(recorder);
}

Test(recorder, keeps_where_attempts_waited) {
    cr_assert_eq(in_process(waits), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.event_count, 4);
    cr_assert_eq(contents.events[0].reason, AME__RECORDED_WOUNDED);
    cr_assert_eq(contents.events[0].lost, 40);
    cr_assert_eq(contents.events[1].reason, AME__RECORDED_WRITE_WAITED);
    cr_assert_eq(contents.events[1].lost, 50);
    cr_assert_eq(contents.events[1].my_place, (uint64_t)&here);
    cr_assert_eq(contents.events[2].reason, AME__RECORDED_READ_WAITED);
    cr_assert_eq(contents.events[2].lost, 20);
    cr_assert_eq(contents.events[2].my_place, (uint64_t)&there);
    cr_assert_eq(contents.events[3].reason, AME__RECORDED_COMMIT_WAITED);
    cr_assert_eq(contents.events[3].count, 3, "it stands for two others");
    cr_assert_eq(contents.events[3].lost, 600);
    cr_assert_eq(contents.events[3].own, 200);
}

/* ---- time is conserved ---- */

static void back_off(void) {
    static struct ame_abi_block block;
    block = make_block("back_off", 1);
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks();
    record(recorder, attempt(&block, now, 0, 100, STM, AME__RECORDED_READ_CHANGED));
    struct ame__attempt second = attempt(&block, now, 160, 200, STM, 0);
    second.waiting_ticks = 60 + 5; /* back-off before it, and some in it */
    record(recorder, second);
    /* Outside blocks from 200 to 1000. */
    struct ame__attempt third = attempt(&block, now, 1000, 1010, STM, 0);
    third.waiting_ticks = 99; /* more than the attempt lasted */
    record(recorder, third);
    ame__recorder_close_thread(recorder);
}

Test(recorder, time_between_attempts_of_a_block_belongs_to_it) {
    cr_assert_eq(in_process(back_off), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.total.wasted_ticks, 100);
    cr_assert_eq(contents.total.committed_ticks, 35);
    cr_assert_eq(contents.total.waiting_ticks, 65 + 10);
    cr_assert_eq(contents.total.wasted_ticks + contents.total.committed_ticks +
                     contents.total.waiting_ticks,
                 200 + 10);
}

/* ---- bounds ---- */

enum { MANY_BLOCKS = 1000, ROUNDS = 3, MANY_ABORTS = 5000 };

static void many_blocks(void) {
    static struct ame_abi_block blocks[MANY_BLOCKS];
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks();
    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t i = 0; i < MANY_BLOCKS; i++) {
            blocks[i] = make_block("many_blocks", i);
            record(recorder, attempt(&blocks[i], now, 0, 2, STM, 0));
        }
    ame__recorder_close_thread(recorder);
}

Test(recorder, more_blocks_than_its_table_holds) {
    cr_assert_eq(in_process(many_blocks), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.blocks, MANY_BLOCKS);
    cr_assert_eq(contents.total.commits_stm, ROUNDS * MANY_BLOCKS);
    cr_assert_eq(contents.total.committed_ticks, ROUNDS * MANY_BLOCKS * 2);
    cr_assert(contents.named_first);
}

/* There always is time for their records. */
static void many_aborts(void) {
    static struct ame_abi_block block;
    block = make_block("many_aborts", 1);
    struct ame__recorder *recorder = start();
    recorder->loss_credit = INT64_MAX / 2;
    ame__rates.most_credit = INT64_MAX;
    uint64_t now = ame__ticks();
    for (uint64_t i = 0; i < MANY_ABORTS; i++)
        record(recorder, attempt(&block, now, i, i + 1, STM, AME__RECORDED_WOUNDED));
    ame__recorder_close_thread(recorder);
}

Test(recorder, more_aborts_than_its_buffer_holds) {
    cr_assert_eq(in_process(many_aborts), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.event_count, MANY_ABORTS);
    for (uint64_t i = 1; i < MANY_ABORTS; i++)
        cr_assert_eq(contents.events[i].ticks, contents.events[i - 1].ticks + 1);
    cr_assert_eq(contents.dropped, 0);
}

Test(recorder, aborts_beyond_the_limit_are_counted) {
    setenv("AME_RECORD_MAX", "0", 1);
    cr_assert_eq(in_process(many_aborts), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.event_count, 0);
    cr_assert_eq(contents.dropped, MANY_ABORTS);
    cr_assert_eq(contents.total.aborts, MANY_ABORTS);
    cr_assert_eq(contents.total.wasted_ticks, MANY_ABORTS);
}

Test(recorder, a_limit_that_is_no_number_is_refused) {
    setenv("AME_RECORD_MAX", "-1", 1);
    cr_assert_eq(in_process(many_aborts), 0);
    cr_assert_eq(read_recording(path).event_count, MANY_ABORTS, "the usual limit is used");
}

/* ---- aborts and waits that are merely counted ---- */

enum { CONFLICTS = 200000, RARE = 5, WORKED = 950, WAITED = 300, APART = 1000 };

/* One place has nearly all aborts, another a few; and now and then an attempt waits. None but those
 * recorded before was timed. What lies between an attempt that was recorded and the next one is a
 * part of that one: so it is little, as it is not known how often there are two of them in a row.
 */
static void frequent_and_rare(void) {
    static struct ame_abi_block block, other;
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks();
    bool watch = true;
    size_t recorded = 0;
    block = make_block("frequent_and_rare", 1);
    other = make_block("other", 2);
    for (int i = 0; i < CONFLICTS; i++, now += APART) {
        struct ame__attempt what =
            attempt(&block, now, 0, WORKED, STM, i % 10 ? AME__RECORDED_WOUNDED : 0);
        bool rare = i % (CONFLICTS / RARE) == 1;
        what.conflict.my_place = rare ? &there : &here;
        what.conflict.other.block = &other;
        if (!what.reason) {
            what.waiting_ticks = WAITED;
            what.commit = (struct ame__block_wait){WAITED, &other, 1};
        }
        if (i && !what.reason)
            ame__recorder_counts(&watching, &block, STM);
        if (i && (!what.reason || !watch))
            what.begin_ticks = 0;
        watch = ame__recorder_attempt(recorder, &what, NULL);
        recorded += watch;
    }
    while (ame__ticks() < now) /* it has really taken so long */
        ;
    ame__recorder_close_thread(recorder);
    /* A hundredth of the time is room for so many records, and some more at first. */
    uint64_t room = CONFLICTS * (uint64_t)APART / 100 / ame__rates.look;
    uint64_t first = ame__rates.first_credit / ame__rates.look + 100;
    if (recorded > room + first || recorded < room / 2)
        fprintf(stderr, "%zu were recorded, there was room for %lu\n", recorded, room);
    exit(recorded > room + first || recorded < room / 2);
}

Test(recorder, counts_what_there_is_no_time_to_record) {
    cr_assert_eq(in_process(frequent_and_rare), 0);
    struct contents contents = read_recording(path);
    uint64_t count[2] = {0, 0}, rare = 0, wasted = 0, waited = 0;
    for (size_t i = 0; i < contents.event_count; i++) {
        const struct ame__event *event = &contents.events[i];
        bool abort = event->reason == AME__RECORDED_WOUNDED;
        count[!abort] += event->count;
        rare += event->my_place == (uint64_t)&there;
        *(abort ? &wasted : &waited) += event->lost;
        cr_assert_leq(event->own, event->lost);
        cr_assert(event->own || event->count, "it is of one attempt, or stands for others");
    }
    cr_assert_lt(contents.event_count, CONFLICTS / 2);
    cr_assert_eq(count[0], CONFLICTS / 10 * 9);
    cr_assert_eq(count[1], CONFLICTS / 10);
    cr_assert_eq(rare, RARE, "%lu", rare);
    cr_assert_eq(contents.total.aborts, CONFLICTS / 10 * 9);
    cr_assert_eq(contents.total.commits_stm, CONFLICTS / 10);
    cr_assert_eq(contents.total.waiting_ticks, CONFLICTS / 10 * WAITED);
    cr_assert_eq(waited, CONFLICTS / 10 * WAITED);
    uint64_t all = CONFLICTS / 10 * 9 * (uint64_t)WORKED;
    cr_assert(contents.total.wasted_ticks > all / 10 * 9 &&
                  contents.total.wasted_ticks < all / 10 * 11,
              "%lu, not %lu", contents.total.wasted_ticks, all);
    cr_assert(wasted > all / 10 * 9 && wasted < all / 10 * 11, "%lu, not %lu", wasted, all);
    time_adds_up(&contents);
}

/* More of them than the table has room for: none is lost. */
static void many_pairs(void) {
    static struct ame_abi_block block;
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks();
    block = make_block("many_pairs", 1);
    for (int round = 0; round < 50; round++)
        for (uintptr_t i = 0; i < 4 * AME__PAIRS; i++) {
            struct ame__attempt what = attempt(&block, now, 0, 1, STM, AME__RECORDED_READ_CHANGED);
            what.begin_ticks = 0;
            what.end_ticks = now++;
            what.conflict.my_place = (const void *)(i + 1);
            ame__recorder_attempt(recorder, &what, NULL);
        }
    ame__recorder_close_thread(recorder);
}

Test(recorder, more_pairs_than_its_table_holds) {
    cr_assert_eq(in_process(many_pairs), 0);
    struct contents contents = read_recording(path);
    static uint64_t count[4 * AME__PAIRS + 1];
    for (size_t i = 0; i < contents.event_count; i++)
        count[contents.events[i].my_place] += contents.events[i].count;
    for (size_t i = 1; i <= 4 * AME__PAIRS; i++)
        cr_assert_eq(count[i], 50, "%zu", i);
    cr_assert_eq(contents.total.aborts, 50 * 4 * AME__PAIRS);
}

/* ---- off ---- */

Test(recorder, is_off_without_a_file_name) {
    setenv("AME_RECORD", "", 1);
    ame__recorder_start();
    cr_assert_not(ame__recording);
    cr_assert_null(open_thread());
    ame__recorder_close_thread(NULL);
}

Test(recorder, is_off_when_the_file_cannot_be_made) {
    setenv("AME_RECORD", "/nowhere/at/all", 1);
    ame__recorder_start();
    cr_assert_not(ame__recording);
    cr_assert_null(open_thread());
}

Test(recorder, enters_no_allocation_when_off) {
    unsetenv("AME_RECORD");
    ame__recorder_prepare();
    ame__allocated(&there, 8, &here);
    cr_assert_eq(ame__allocated_at(&there), 0);
}
