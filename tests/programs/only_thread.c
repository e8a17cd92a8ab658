/* Without hardware transactions (where short blocks that do not fit run alone), blocks of the only
 * thread that has ever run any run alone where that is faster; when a second one has come, no more.
 */
#include "check.h"

enum { STRIPES = 100, ROUNDS = 50 };

static struct {
    _Alignas(64) long value;
} cells[STRIPES];

static void add_one(void) {
    atomic {
        long sum = 0;
        for (int i = 0; i < STRIPES; i++)
            sum += cells[i].value;
        cells[sum % STRIPES].value++;
    }
}

static long first;

static void small_block(void) {
    atomic {
        first++;
    }
}

/* How many of some blocks ran alone. */
static uint64_t count_alone(void (*block)(void)) {
    struct ame_statistics before, after;
    ame_get_statistics(&before);
    for (int i = 0; i < ROUNDS; i++)
        block();
    ame_get_statistics(&after);
    return after.commits_serial - before.commits_serial;
}

static void *run_one(void *unused) {
    (void)unused;
    small_block();
    return NULL;
}

int main(void) {
    bool hardware_works;
    ame_hardware_status(&hardware_works);
    const char *mode = ame_mode_name();
    bool alone = !hardware_works && !strcmp(mode, "auto");
    bool may = hardware_runs_blocks() || !strcmp(mode, "simulated") || !strcmp(mode, "serial");

    uint64_t large = count_alone(add_one), small = count_alone(small_block);
    CHECK(alone ? large > ROUNDS / 2 : may || large == 0);
    CHECK(small == 0 || may);

    pthread_t other;
    CHECK(!pthread_create(&other, NULL, run_one, NULL));
    CHECK(!pthread_join(other, NULL));
    CHECK(count_alone(add_one) == 0 || may);
    for (int i = 0; i < STRIPES; i++)
        CHECK(cells[i].value == 2 * ROUNDS / STRIPES);
    return finish(0);
}
