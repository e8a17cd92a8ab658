/* qsort, qsort_r and bsearch against the C library's own, by functions that compare with barriers.
 */
#define _GNU_SOURCE
#include "texts.h"

TestSuite(search, .init = software_only);

typedef int comparison(const void *, const void *);
typedef int comparison_with(const void *, const void *, void *);

TWIN(void, qsort, void *, size_t, size_t, comparison *);
TWIN(void, qsort_r, void *, size_t, size_t, comparison_with *, void *);
TWIN(void *, bsearch, const void *, const void *, size_t, size_t, comparison *);

/* Of elements of any size the first byte decides, so that equal ones differ. */
static int compare(const void *a, const void *b) {
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

static unsigned compared;

static int twin_compare(const void *a, const void *b) {
    compared++;
    return ame_abi_read_u8(a) - ame_abi_read_u8(b);
}

static int compare_with(const void *a, const void *b, void *sign) {
    return compare(a, b) * *(int *)sign;
}

static int twin_compare_with(const void *a, const void *b, void *sign) {
    return twin_compare(a, b) * (int)ame_abi_read_u32(sign);
}

static const struct ame_abi_twin twins[] = {
    {(const void *)compare, (const void *)twin_compare},
    {(const void *)compare_with, (const void *)twin_compare_with},
};

static void start(void) {
    software_only();
    ame_abi_register(twins, sizeof twins / sizeof *twins);
}

enum { ROOM = 20000, ROUNDS = 600 };

static unsigned char actual[ROOM], expected[ROOM], key;
static size_t count, size;
static int sign_of_order;

static void fill_in(void) {
    size = any(8) ? 1 + any(40) : 1 + any(300);
    count = any(8) ? any(20) : any((unsigned)(ROOM / size));
    for (size_t i = 0; i < count * size; i++)
        actual[i] = expected[i] = (unsigned char)any(count > 50 ? 256 : 10);
}

static void sort_both(void *unused) {
    (void)unused;
    qsort(expected, count, size, compare);
    twin_qsort(actual, count, size, compare);
}

static void sort_both_with(void *unused) {
    (void)unused;
    qsort_r(expected, count, size, compare_with, &sign_of_order);
    twin_qsort_r(actual, count, size, compare_with, &sign_of_order);
}

static void look_up(void *unused) {
    (void)unused;
    const char *found = bsearch(&key, expected, count, size, compare);
    const char *twin_found = twin_bsearch(&key, actual, count, size, compare);
    cr_assert_eq(found ? found - (char *)expected : -1,
                 twin_found ? twin_found - (char *)actual : -1);
}

/* Equal elements stay in their order in both. */
Test(search, sorts_and_finds_as_the_c_library_does, .init = start) {
    for (int round = 0; round < ROUNDS; round++) {
        fill_in();
        sign_of_order = any(2) ? 1 : -1;
        run_block(round % 2 ? sort_both : sort_both_with, NULL);
        cr_assert_eq(memcmp(actual, expected, ROOM), 0, "%zu elements of %zu bytes", count, size);
        if (round % 2 || sign_of_order > 0)
            for (int i = 0; i < 8; i++) {
                key = (unsigned char)any(256);
                run_block(look_up, NULL);
            }
    }
    cr_assert_gt(compared, 0);
}

/* ---- undone ---- */

static void sort_and_abort(void *unused) {
    (void)unused;
    twin_qsort(actual, 3, 1, compare);
    cr_assert_eq(memcmp(actual, "abc", 3), 0);
    ame_abi_serial("test");
}

static void look_whether_undone(void *unused) {
    (void)unused;
    cr_assert_eq(memcmp(actual, "cab", 3), 0);
}

Test(search, undone_by_an_abort, .init = start) {
    struct ame_abi_block block = {
        .plain = look_whether_undone, .twin = sort_and_abort, .function = "test"};
    memcpy(actual, "cab", 3);
    ame_abi_run(&block, NULL);
}

/* In the midst of a sort, with memory of its own: that is freed, as leak checkers see. */
static int abort_in_comparison(const void *a, const void *b) {
    if (compared++ == 1000)
        ame_abi_serial("test");
    return ame_abi_read_u8(a) - ame_abi_read_u8(b);
}

static void sort_much(void *unused) {
    (void)unused;
    twin_qsort(actual, ROOM, 1, compare);
    cr_assert_fail("it was not aborted");
}

static void nothing(void *unused) {
    (void)unused;
}

Test(search, aborted_while_it_sorts, .init = software_only) {
    static const struct ame_abi_twin aborting[] = {
        {(const void *)compare, (const void *)abort_in_comparison}};
    struct ame_abi_block block = {.plain = nothing, .twin = sort_much, .function = "test"};
    ame_abi_register(aborting, 1);
    memset(actual, 'x', ROOM);
    ame_abi_run(&block, NULL);
    for (size_t i = 0; i < ROOM; i++)
        cr_assert_eq(actual[i], 'x');
}

/* ---- a conflict ---- */

static pthread_t changer;
static bool changed;

static void change(void *unused) {
    (void)unused;
    ame_abi_write_u8(actual, 'z');
}

static void *change_in_thread(void *unused) {
    run_block(change, NULL);
    return unused;
}

/* The other thread's change comes between the read and the write. */
static int compare_slowly(const void *a, const void *b) {
    if (!changed) {
        changed = true;
        cr_assert_eq(pthread_create(&changer, NULL, change_in_thread, NULL), 0);
        usleep(50 * 1000);
    }
    return ame_abi_read_u8(a) - ame_abi_read_u8(b);
}

static void sort_three(void *unused) {
    (void)unused;
    twin_qsort(actual, 3, 1, compare);
}

Test(search, sorts_what_others_have_written, .init = software_only) {
    static const struct ame_abi_twin slow[] = {
        {(const void *)compare, (const void *)compare_slowly}};
    ame_abi_register(slow, 1);
    memcpy(actual, "cab", 3);
    run_block(sort_three, NULL);
    pthread_join(changer, NULL);
    if (memcmp(actual, "zbc", 3) != 0) /* the change came last: the least one is gone */
        cr_assert_eq(memcmp(actual, "abz", 3), 0);
}

/* ---- without a twin ---- */

static void sort_alone(void *unused) {
    (void)unused;
    qsort(actual, 3, 1, compare);
}

static void sort_in_software(void *unused) {
    (void)unused;
    twin_qsort(actual, 3, 1, compare);
}

Test(search, runs_alone_where_the_comparison_has_no_twin) {
    struct ame_abi_block block = {
        .plain = sort_alone, .twin = sort_in_software, .function = "test"};
    struct ame_statistics statistics;
    memcpy(actual, "cab", 3);
    ame_abi_run(&block, NULL);
    cr_assert_eq(memcmp(actual, "abc", 3), 0);
    ame_get_statistics(&statistics);
    cr_assert_eq(statistics.commits_serial, 1);
    cr_assert_eq(statistics.aborts_serial, 1);
}
