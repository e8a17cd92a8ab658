#include "base/log.h"

#include <criterion/criterion.h>
#include <stdint.h>

struct entry {
    int a;
    double b;
};

Test(log, grows_and_keeps_its_entries) {
    AME__LOG(struct entry) log = {0};
    for (int i = 0; i < 10000; i++) {
        cr_assert(AME__LOG_RESERVE(&log));
        log.entries[log.count++] = (struct entry){i, i * 0.5};
    }
    for (int i = 0; i < 10000; i++)
        cr_assert_eq(log.entries[i].a, i);
    ame__log_free((void **)&log.entries, &log.capacity);
}

Test(log, clearing_gives_back_only_what_grew_beyond_the_bound) {
    AME__LOG(int) log = {0};
    while (log.capacity < AME__LOG_KEEPS / sizeof *log.entries) {
        log.count = log.capacity;
        cr_assert(AME__LOG_RESERVE(&log));
        AME__LOG_CLEAR(&log);
        cr_assert_neq(log.capacity, 0);
    }
    log.count = log.capacity;
    cr_assert(AME__LOG_RESERVE(&log));
    AME__LOG_CLEAR(&log);
    cr_assert_eq(log.capacity, 0);
    cr_assert_null(log.entries);
}

Test(log, out_of_memory_leaves_it_as_it_was) {
    void *entries = NULL;
    size_t capacity = SIZE_MAX / 32;
    cr_assert_not(ame__log_grow(&entries, &capacity, 32));
    cr_assert_eq(capacity, SIZE_MAX / 32);
}
