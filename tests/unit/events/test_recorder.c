/* One thread's events: what goes in comes out of the file. */
#include "recording.h"

#include "base/arch.h"

TestSuite(recorder, .init = make_directory, .fini = remove_directory);

static struct ame__recorder *start(void) {
    ame__recorder_start(1024);
    return ame__recorder_open_thread();
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
    ame__recorder_attempt(recorder, &what);
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

Test(recorder, keeps_which_bytes_a_committed_block_has_written) {
    _Alignas(64) uint64_t stripe[8] = {1, 2, 3};
    uint64_t before[8];
    struct ame__writer writer = {.bytes = 7};
    memcpy(before, stripe, sizeof before);
    ame__recorder_wrote(&writer, NULL, NULL, 0);
    cr_assert_eq(writer.bytes, 0);
    cr_assert_eq(writer.flags, AME__OTHER_COMMITTED | AME__OTHER_SAME_VALUE);
    ame__recorder_wrote(&writer, &stripe[1], &before[1], 8);
    ame__recorder_wrote(&writer, (char *)stripe + 63, (char *)before + 63, 1);
    cr_assert_eq(writer.bytes, UINT64_C(0xff00) | UINT64_C(1) << 63);
    cr_assert_eq(writer.flags, AME__OTHER_COMMITTED | AME__OTHER_SAME_VALUE);
    stripe[2] = 4;
    ame__recorder_wrote(&writer, &stripe[2], &before[2], 4);
    cr_assert_eq(writer.bytes, UINT64_C(0xfff00) | UINT64_C(1) << 63);
    cr_assert_eq(writer.flags, AME__OTHER_COMMITTED, "one byte has changed");
}

static void waits_for_the_gate(void) {
    static struct ame_abi_block block, alone;
    block = make_block("waits", 1);
    alone = make_block("alone", 2);
    struct ame__recorder *recorder = start();
    uint64_t now = ame__ticks();
    struct ame__attempt what = attempt(&block, now, 0, 100, STM, 0);
    what.waiting_ticks = 60;
    what.gate = (struct ame__block_wait){50, &alone};
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
    ame__recorder_close_thread(recorder);
}

Test(recorder, keeps_where_attempts_waited) {
    cr_assert_eq(in_process(waits), 0);
    struct contents contents = read_recording(path);
    cr_assert_eq(contents.event_count, 3);
    cr_assert_eq(contents.events[0].reason, AME__RECORDED_WOUNDED);
    cr_assert_eq(contents.events[0].lost, 40);
    cr_assert_eq(contents.events[1].reason, AME__RECORDED_WRITE_WAITED);
    cr_assert_eq(contents.events[1].lost, 50);
    cr_assert_eq(contents.events[1].my_place, (uint64_t)&here);
    cr_assert_eq(contents.events[2].reason, AME__RECORDED_READ_WAITED);
    cr_assert_eq(contents.events[2].lost, 20);
    cr_assert_eq(contents.events[2].my_place, (uint64_t)&there);
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

static void many_aborts(void) {
    static struct ame_abi_block block;
    block = make_block("many_aborts", 1);
    struct ame__recorder *recorder = start();
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

/* ---- off ---- */

Test(recorder, is_off_without_a_file_name) {
    setenv("AME_RECORD", "", 1);
    ame__recorder_start(1024);
    cr_assert_not(ame__recording);
    cr_assert_null(ame__writers);
    cr_assert_null(ame__recorder_open_thread());
    ame__recorder_close_thread(NULL);
}

Test(recorder, is_off_when_the_file_cannot_be_made) {
    setenv("AME_RECORD", "/nowhere/at/all", 1);
    ame__recorder_start(1024);
    cr_assert_not(ame__recording);
    cr_assert_null(ame__recorder_open_thread());
}

static void touch_writers(void) {
    ame__recorder_start(1u << 20);
    for (size_t i = 0; i < 1u << 20; i += 1021)
        if (ame__writers[i].place || ame__writers[i].block)
            _exit(1);
    ame__writers[(1u << 20) - 1] = (struct ame__writer){.place = &here};
}

Test(recorder, keeps_a_writer_for_each_ownership_record) {
    cr_assert_eq(in_process(touch_writers), 0);
}
