/* Extremes, merged values and journals beside ordinary memory: parts of blocks that are
 * cancelled leave nothing, blocks see their own, and readers see whole blocks. */
#include "check.h"

enum { ADDERS = 4, BLOCKS = 4000 };

struct summary {
    int64_t number, sum;
};

static void merge_summaries(void *into, const void *from) {
    struct summary *a = into;
    const struct summary *b = from;
    a->number += b->number;
    a->sum += b->sum;
}

static const struct ame_merge summaries = {sizeof(struct summary), merge_summaries};

static ame_max latest;
static ame_min earliest;
static ame_merged total;
static ame_journal journal;
static ame_counter entries;
static struct {
    struct summary value; /* of the last block that published one */
    long blocks;
} shared;

static void add_all(int64_t value) {
    struct summary one = {1, value};
    ame_max_add(&latest, value);
    ame_min_add(&earliest, -value);
    ame_merged_add(&total, &one);
    if (ame_journal_append(&journal, &value, sizeof value))
        CHECK(false);
    ame_counter_add(&entries, 1);
}

static void cancel_part(int i, uint64_t chance) {
    atomic {
        add_all(1000000 + i);
        if (chance % 4 == 0)
            shared.blocks += 1000000;
        atomic_cancel();
    }
}

static void add(int number) {
    uint64_t random = (uint64_t)number;
    for (int i = 1; i <= STEPS(BLOCKS); i++) {
        uint64_t chance = next_random(&random);
        atomic {
            add_all(i);
            if (number % 2) /* the other threads' blocks may run in hardware */
                cancel_part(i, chance);
            linger(chance);
            add_all(i);
            if (chance % 64 == 0)
                shared.blocks++;
        }
    }
}

/* All values come twice, one after the other. */
static int64_t check_journal(void) {
    ame_journal_iterator iterator;
    const void *bytes;
    int64_t number = 0, before = 0;
    ame_journal_iterate(&journal, &iterator);
    while (ame_journal_next(&iterator, &bytes, NULL)) {
        int64_t value = *(const int64_t *)bytes;
        CHECK(number % 2 == 0 || value == before);
        before = value;
        number++;
    }
    return number;
}

static void read_all(int number) {
    (void)number;
    for (int i = 0; i < STEPS(300); i++) {
        int64_t count, largest, least, walked;
        struct summary summary;
        atomic {
            count = ame_counter_read(&entries);
            largest = ame_max_read(&latest);
            ame_merged_read(&total, &summary);
            least = ame_min_read(&earliest);
            walked = i % 16 ? count : check_journal();
            shared.value = summary;
            CHECK(count == summary.number && count == walked);
            CHECK(count ? largest == -least : largest == INT64_MIN && least == INT64_MAX);
        }
        CHECK(count == summary.number && count == walked);
        ame_merged_read(&total, &summary); /* outside */
        CHECK(summary.number >= count && summary.sum >= summary.number);
    }
}

static void work(int number) {
    if (number < ADDERS)
        add(number);
    else
        read_all(number);
}

int main(void) {
    struct summary none = {0, 0};
    CHECK(!ame_merged_init(&total, &summaries, &none));
    run_threads(ADDERS + 1, work);
    int64_t steps = STEPS(BLOCKS);
    ame_merged_read(&total, &none);
    CHECK(none.number == 2 * ADDERS * steps && none.sum == ADDERS * steps * (steps + 1));
    CHECK(ame_max_read(&latest) == steps && ame_min_read(&earliest) == -steps);
    CHECK(check_journal() == 2 * ADDERS * steps && shared.blocks < 1000000);
    ame_journal_clear(&journal);
    return finish(0);
}
