/* Reads of many stripes at once: what is copied, what enters the read set, and what is found when a
 * stripe in the middle is not as the others. */
#include "block.h"
#include "core/orec.h"
#include "core/tx.h"
#include "stm/read_set.h"
#include "stm/stm.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STRIPE = AME__STRIPE_SIZE, STRIPES = 200, SIZE = STRIPES * STRIPE };

static unsigned char data[SIZE] __attribute__((aligned(AME__STRIPE_SIZE))), model[SIZE], copy[SIZE];

static void fill(void) {
    software_only();
    for (size_t i = 0; i < SIZE; i++)
        data[i] = model[i] = (unsigned char)(i * 7 + i / 256);
}

static bool in_read_set(uint32_t orec) {
    return ame__self->read_bits[orec / 64] >> orec % 64 & 1;
}

/* The entries name the stripes whose bits are set, each once. */
static void check_read_set(void) {
    size_t bits = 0, stripes = 0;
    for (size_t i = 0; i < AME__OREC_COUNT / 64; i++)
        bits += (size_t)__builtin_popcountll(ame__self->read_bits[i]);
    AME__EACH_READ (ame__self, read) {
        for (uint32_t n = 0; n <= read->more; n++)
            cr_assert(in_read_set(ame__orec_of_stripe(ame__stripe(read->address) + n)));
        stripes += read->more + 1;
    }
    cr_assert_eq(stripes, bits);
}

static void reads_ranges_among_words(void *args) {
    (void)args;
    unsigned seed = 3;
    for (int i = 0; i < 60; i++) {
        size_t at = (size_t)rand_r(&seed) % SIZE, size = (size_t)rand_r(&seed) % (SIZE - at) + 1;
        if (i % 3 == 0)
            size = size % 100 % (SIZE - at) + 1;
        for (int k = 0; k < i % 4; k++) {
            ame_abi_read_u8(data + (size_t)rand_r(&seed) % SIZE);
            size_t written = (size_t)rand_r(&seed) % SIZE;
            if (i % 5 == 0)
                ame_abi_write_u8(data + written, model[written] = (unsigned char)i);
        }
        memset(copy, 0xEE, SIZE);
        ame_abi_read(copy, data + at, size);
        cr_assert_arr_eq(copy, model + at, size);
        for (size_t k = size; k < SIZE; k++)
            cr_assert_eq(copy[k], 0xEE);
        for (size_t k = at; k < at + size; k++) {
            uint32_t orec = ame__orec_index(data + k);
            cr_assert(in_read_set(orec) || ame__owned(ame__self, ame__orecs[orec]));
        }
        check_read_set();
    }
}

Test(range, agrees_with_plain_reads_whatever_was_read_before, .init = fill) {
    for (int i = 0; i < 10; i++)
        run_block(reads_ranges_among_words, NULL);
    for (size_t i = 0; i < AME__OREC_COUNT / 64; i++)
        cr_assert_eq(ame__self->read_bits[i], 0);
}

static void writes_each_stripe(void *args) {
    (void)args;
    for (size_t at = 0; at < SIZE; at += STRIPE)
        ame_abi_write_u8(data + at, model[at]);
}

static void reads_all(void *args) {
    uint64_t extensions = ame__self->statistics.extensions;
    (void)args;
    ame_abi_read_u8(data); /* of own versions, words are read all the same */
    cr_assert_eq(ame__self->statistics.extensions, extensions);
    ame_abi_read(copy, data, SIZE);
    cr_assert_arr_eq(copy, model, SIZE);
    cr_assert_eq(ame__self->statistics.extensions, extensions + 1);
    check_read_set();
}

Test(range, own_newer_versions_cost_one_extension, .init = fill) {
    run_block(writes_each_stripe, NULL);
    run_block(reads_all, NULL);
}

static void reads_in_chunks(void *args) {
    (void)args;
#pragma clang loop unroll(disable)
    for (size_t at = 3; at < SIZE; at += 1000)
        ame_abi_read(copy, data + at, SIZE - at < 1000 ? SIZE - at : 1000);
    /* One more where the table of records ends. */
    cr_assert_leq(ame__self->reads_next - ame__self->reads, 2);
    check_read_set();
}

Test(range, a_walk_is_one_entry, .init = fill) {
    run_block(reads_in_chunks, NULL);
}

static void reads_and_finds_changes(void *args) {
    (void)args;
    ame_abi_read_u8(data + 50 * STRIPE + 8);
    ame_abi_read(copy, data + 5, SIZE - 5);
    for (unsigned n = 0; n < STRIPES; n++) {
        ame__word *orec = &ame__orecs[ame__orec_index(data + n * STRIPE)];
        enum ame__abort_reason reason;
        uint64_t before = *orec;
        cr_assert(ame__stm_validate(ame__self, &reason));
        *orec = ame__self->snapshot + 1;
        cr_assert_not(ame__stm_validate(ame__self, &reason));
        cr_assert_eq(reason, AME__ABORT_READ_CHANGED);
        cr_assert_eq(ame__orec_index(ame__self->attempt.conflict.address),
                     ame__orec_index(data + n * STRIPE));
        *orec = before;
    }
}

Test(range, validation_looks_at_each_stripe_and_names_it, .init = fill) {
    run_block(reads_and_finds_changes, NULL);
}

static void meets_new_versions(void *args) {
    (void)args;
    for (unsigned n = 0; n < STRIPES; n++) {
        ame__orecs[ame__orec_index(data + n * STRIPE)] = ame__clock_time() + 1;
        memset(copy, 0xEE, SIZE);
        ame_abi_read(copy, data, (n + 1) * STRIPE);
        cr_assert_arr_eq(copy, model, (n + 1) * STRIPE);
        cr_assert_leq(ame__orecs[ame__orec_index(data + n * STRIPE)], ame__self->snapshot);
    }
}

Test(range, a_newer_stripe_moves_the_snapshot, .init = fill) {
    struct ame_statistics before, after;
    ame_get_statistics(&before);
    run_block(meets_new_versions, NULL);
    ame_get_statistics(&after);
    cr_assert_geq(after.extensions, before.extensions + STRIPES);
    cr_assert_eq(after.aborts_conflict, before.aborts_conflict);
}

static void answers_first(void *args) {
    (void)args;
    ame__or_full(&ame__self->signal, AME__SIGNAL_EXTEND);
    ame__store_relaxed(&ame__self->read_limit, 0);
    ame_abi_read(copy, data, SIZE);
    cr_assert_arr_eq(copy, model, SIZE);
    cr_assert_eq(ame__self->signal, 0);
}

Test(range, a_signal_is_answered, .init = fill) {
    run_block(answers_first, NULL);
}

static void reads_to_the_end(void *args) {
    const unsigned char *end = args;
    for (size_t size = 1; size <= 1000; size++) {
        ame_abi_read(copy, end - size, size);
        for (size_t i = 0; i < size; i++)
            cr_assert_eq(copy[i], (unsigned char)(size - i));
    }
}

Test(range, nothing_is_read_beyond_the_range, .init = software_only) {
    long page = sysconf(_SC_PAGESIZE);
    unsigned char *pages =
        mmap(NULL, (size_t)page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(pages, MAP_FAILED);
    cr_assert_eq(mprotect(pages + page, (size_t)page, PROT_NONE), 0);
    for (int i = 1; i <= 1000; i++)
        pages[page - i] = (unsigned char)i;
    run_block(reads_to_the_end, pages + page);
}

/* ---- a writer between a first look and the copy ---- */

static unsigned char *two_pages;
static size_t page_size, half; /* bytes that are read on each side of the border */
static int interruptions, attempts_made;

/* The second page can't be read at first: this comes when its records have been looked at and its
 * data has not, and does what another block's commit would do in that moment, on both sides. */
static void commits_meanwhile(int signal) {
    (void)signal;
    interruptions++;
    mprotect(two_pages, 2 * page_size, PROT_READ | PROT_WRITE);
    for (int side = 0; side < 2; side++) {
        unsigned char *changed = two_pages + page_size - half + (side ? 2 * half - 1 : 0);
        *changed = 1;
        ame__orecs[ame__orec_index(changed)] = ame__clock_time() + 1;
    }
}

static void reads_both_sides(void *args) {
    (void)args;
    attempts_made++;
    ame_abi_read(copy, two_pages + page_size - half, 2 * half);
    cr_assert_eq(copy[0], copy[2 * half - 1], "one block saw two states");
}

static void interrupt_a_read(size_t bytes) {
    half = bytes;
    interruptions = attempts_made = 0;
    memset(two_pages, 0, 2 * page_size);
    mprotect(two_pages + page_size, page_size, PROT_NONE);
    run_block(reads_both_sides, NULL);
    cr_assert_eq(interruptions, 1);
    cr_assert_eq(attempts_made, 2);
    cr_assert_eq(copy[0], 1);
}

Test(range, a_commit_during_the_copy_is_noticed, .init = software_only) {
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    two_pages =
        mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(two_pages, MAP_FAILED);
    struct sigaction action = {.sa_handler = commits_meanwhile, .sa_flags = SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    interrupt_a_read(1);
    interrupt_a_read(STRIPE);
    interrupt_a_read(3 * STRIPE);
    interrupt_a_read(4 * STRIPE);
    interrupt_a_read(page_size);
}
