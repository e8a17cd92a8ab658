#include "events/seen_waits.h"

#include <criterion/criterion.h>

enum { WAITS = 100000, LONG = 1000 };

/* Waits that begin every `period` ticks, and each LONG one of them is long; how many are seen. */
static unsigned see(uint64_t period, uint64_t *stood_for) {
    struct ame__seen_waits waits = {0};
    unsigned seen = 0;
    for (uint64_t i = 1; i <= WAITS; i++) {
        bool sees = ame__sees_wait(&waits), is_long = i % LONG == 0;
        if (!sees && is_long)
            ame__sees_wait_late(&waits);
        seen += sees || is_long;
        if (is_long)
            (*stood_for)++;
        else if (sees)
            *stood_for += ame__seen_wait_stands_for(&waits, i * period);
    }
    *stood_for += waits.unseen;
    return seen;
}

Test(seen_waits, frequent_ones_are_a_sample_that_stands_for_all) {
    uint64_t stood_for = 0;
    unsigned seen = see(1001, &stood_for);
    cr_assert_eq(stood_for, WAITS);
    cr_assert(seen > WAITS / 32 && seen < WAITS / 8, "%u are seen", seen);
}

Test(seen_waits, rare_ones_are_all_seen) {
    uint64_t stood_for = 0;
    cr_assert_eq(see(1000000, &stood_for), WAITS);
    cr_assert_eq(stood_for, WAITS);
}

Test(seen_waits, a_recording_that_begins_meanwhile_has_none_unseen) {
    struct ame__seen_waits waits = {0};
    ame__sees_wait_late(&waits);
    cr_assert_eq(ame__seen_wait_stands_for(&waits, 1), 1);
}
