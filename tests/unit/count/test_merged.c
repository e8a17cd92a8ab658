/* ame_merged: values that a user's function merges. */
#include "death.h"
#include "merging.h"
#include <ame/error.h>

#include <stdatomic.h>
#include <string.h>

enum { THREADS = 4, BLOCKS = 10000, MANY = 3000 };

/* Of measurements: all four go together. */
struct summary {
    int64_t number, sum, least, most;
};

static void merge_summaries(void *into, const void *from) {
    struct summary *a = into;
    const struct summary *b = from;
    a->number += b->number;
    a->sum += b->sum;
    a->least = b->least < a->least ? b->least : a->least;
    a->most = b->most > a->most ? b->most : a->most;
}

static const struct ame_merge summaries = {sizeof(struct summary), merge_summaries};
static const struct summary nothing = {0, 0, INT64_MAX, INT64_MIN};

/* The cheapest offer; the lower name wins a tie. */
struct offer {
    uint32_t price;
    char name;
};

static void merge_offers(void *into, const void *from) {
    struct offer *a = into;
    const struct offer *b = from;
    if (b->price < a->price || (b->price == a->price && b->name < a->name))
        *a = *b;
}

static const struct ame_merge offers = {sizeof(struct offer), merge_offers};

static ame_merged total, best, row[MANY];
static ame_counter count;
static int attempts;
static atomic_int adding;

static struct summary one(int64_t value) {
    return (struct summary){1, value, value, value};
}

static struct summary read_total(void) {
    struct summary summary;
    ame_merged_read(&total, &summary);
    return summary;
}

static void set_up(void) {
    cr_assert_eq(ame_merged_init(&total, &summaries, &nothing), AME_OK);
    cr_assert_eq(ame_merged_init(&best, &offers, &(struct offer){100, 'z'}), AME_OK);
    for (int i = 0; i < MANY; i++)
        cr_assert_eq(ame_merged_init(&row[i], &summaries, &nothing), AME_OK);
}
static void software(void) {
    software_only();
    set_up();
}
static void serial(void) {
    serial_only();
    set_up();
}

#define TEST_SET_UP(name)                                                                          \
    static void merged_##name(void);                                                               \
    Test(merged, name##_in_software, .init = software, .timeout = 60) {                            \
        merged_##name();                                                                           \
    }                                                                                              \
    Test(merged, name##_serially, .init = serial, .timeout = 60) {                                 \
        merged_##name();                                                                           \
    }                                                                                              \
    static void merged_##name(void)

Test(merged, bad_arguments) {
    cr_assert_eq(ame_merged_init(&total, NULL, &nothing), AME_EINVAL);
    cr_assert_eq(ame_merged_init(&total, &(struct ame_merge){0, merge_offers}, &nothing),
                 AME_EINVAL);
    cr_assert_eq(ame_merged_init(&total, &(struct ame_merge){33, merge_offers}, &nothing),
                 AME_EINVAL);
    cr_assert_eq(ame_merged_init(&total, &(struct ame_merge){8, NULL}, &nothing), AME_EINVAL);
}

static void adds_to_nothing(void) {
    ame_merged_add(&total, &nothing);
}
static void reads_nothing(void) {
    struct summary summary;
    ame_merged_read(&total, &summary);
}

Test(merged, without_init_ends_the_program) {
    check_death(adds_to_nothing, "call ame_merged_init first");
    check_death(reads_nothing, "call ame_merged_init first");
}

Test(merged, outside_blocks, .init = set_up) {
    for (int64_t i = 1; i <= 10; i++) {
        struct summary summary = one(i);
        ame_merged_add(&total, &summary);
    }
    struct summary all = read_total();
    cr_assert(all.number == 10 && all.sum == 55 && all.least == 1 && all.most == 10);
    struct offer offer = {7, 'b'};
    ame_merged_add(&best, &offer);
    offer.name = 'a';
    ame_merged_add(&best, &offer);
    offer = (struct offer){8, 'A'};
    ame_merged_add(&best, &offer);
    ame_merged_read(&best, &offer);
    cr_assert(offer.price == 7 && offer.name == 'a');
}

static void adds_two(void *args, const struct calls *c) {
    int64_t value = *(int64_t *)args;
    struct summary first = one(value), second = one(-value);
    merges_of(c)->merged_add(&total, &first);
    merges_of(c)->merged_add(&total, &second);
    c->add(&count, 2);
}
BLOCK(adds_two)

static void *adds_often(void *unused) {
    (void)unused;
    for (int64_t i = 1; i <= BLOCKS; i++) {
        run_adds_two(&i);
        if (i % 16)
            continue;
        struct summary summary = one(0);
        ame_merged_add(&total, &summary); /* outside */
        ame_counter_add(&count, 1);
    }
    return NULL;
}

TEST_SET_UP(additions_of_many_threads_are_all_merged) {
    by_all(THREADS, adds_often, NULL);
    struct summary all = read_total();
    cr_assert_eq(all.number, THREADS * (2 * BLOCKS + BLOCKS / 16));
    cr_assert_eq(all.number, ame_counter_read(&count));
    cr_assert(all.sum == 0 && all.least == -BLOCKS && all.most == BLOCKS);
}

Test(merged, blocks_that_only_add_do_not_abort, .init = software) {
    by_all(THREADS, adds_often, NULL);
    cr_assert_eq(statistics_now().aborts_conflict, 0);
}

/* The parts of the value belong together in every look, in blocks and outside. */
static void check_summary(struct summary all) {
    require(all.sum == 0 && (!all.number || all.least == -all.most));
}

static void reads_both(void *args, const struct calls *c) {
    (void)args;
    struct summary all;
    merges_of(c)->merged_read(&total, &all);
    check_summary(all);
    int64_t counted = c->read(&count); /* may be older in a block that will be undone: never */
    require(counted == all.number);
}
BLOCK(reads_both)

static void *adds_in_blocks(void *unused) {
    (void)unused;
    for (int64_t i = 1; i <= BLOCKS; i++)
        run_adds_two(&i);
    adding--;
    return NULL;
}

static void *adds_and_reads(void *reads) {
    if (!reads)
        return adds_in_blocks(NULL);
    while (adding) {
        run_reads_both(NULL);
        if (!strcmp(ame_mode_name(), "stm")) /* a block on the serial path merges as it runs */
            check_summary(read_total());
    }
    return NULL;
}

TEST_SET_UP(no_look_sees_the_half_of_a_merge) {
    adding = 2;
    pthread_t threads[] = {start(adds_and_reads, NULL), start(adds_and_reads, NULL),
                           start(adds_and_reads, &total)};
    for (int i = 0; i < 3; i++)
        join(threads[i]);
    cr_assert_eq(read_total().number, 4 * BLOCKS);
}

static void sees_its_own(void *args, const struct calls *c) {
    (void)args;
    for (int64_t i = 1; i <= 100; i++) {
        struct summary more = one(i), all;
        struct offer offer = {(uint32_t)(100 - i), 'x'};
        merges_of(c)->merged_add(&total, &more);
        merges_of(c)->merged_add(&best, &offer);
        merges_of(c)->merged_read(&total, &all);
        require(all.number == i + 1 && all.sum == 1000 + i * (i + 1) / 2 && all.least == 1);
        merges_of(c)->merged_read(&best, &offer);
        require(offer.price == 100 - i);
    }
}
BLOCK(sees_its_own)

TEST_SET_UP(a_block_sees_its_own) {
    struct summary first = one(1000);
    ame_merged_add(&total, &first);
    run_sees_its_own(NULL);
    cr_assert_eq(read_total().most, 1000);
}

static void adds_to_many(void *args, const struct calls *c) {
    (void)args;
    for (int64_t round = 0; round < 8; round++)
        for (int i = 0; i < MANY; i++) {
            struct summary more = one(round * i);
            merges_of(c)->merged_add(&row[i], &more);
            c->add(&count, 1);
        }
}
BLOCK(adds_to_many)

TEST_SET_UP(a_long_log_is_summed_up_with_its_operands) {
    run_adds_to_many(NULL);
    for (int64_t i = 0; i < MANY; i++) {
        struct summary all;
        ame_merged_read(&row[i], &all);
        cr_assert(all.number == 8 && all.sum == 28 * i && all.least == 0 && all.most == 7 * i);
    }
    cr_assert_eq(ame_counter_read(&count), 8 * MANY);
    cr_assert_leq(ame__tx_self()->operands.capacity, 4 * MANY);
}

static void aborts_at_first(void *args, const struct calls *c) {
    (void)args;
    struct summary more = one(++attempts);
    merges_of(c)->merged_add(&total, &more);
    if (attempts == 1)
        abort_attempt();
}
BLOCK(aborts_at_first)

Test(merged, an_aborted_attempts_values_never_show, .init = software) {
    run_aborts_at_first(NULL);
    struct summary all = read_total();
    cr_assert(all.number == 1 && all.sum == 2);
}

static void *offers_argument(void *args) {
    ame_merged_add(&best, args);
    return NULL;
}

static void reads_best(void *args, const struct calls *c) {
    struct offer seen;
    merges_of(c)->merged_read(&best, &seen);
    if (++attempts == 1)
        elsewhere(offers_argument, args);
    c->add(&count, seen.price);
}
BLOCK(reads_best)

Test(merged, a_reader_runs_again_if_the_value_has_changed, .init = software) {
    run_reads_best(&(struct offer){5, 'a'});
    cr_assert_eq(attempts, 2);
    cr_assert_eq(ame_counter_read(&count), 5);
}

Test(merged, a_value_that_stays_makes_no_reader_run_again, .init = software) {
    run_reads_best(&(struct offer){500, 'a'});
    cr_assert_eq(attempts, 1);
}
