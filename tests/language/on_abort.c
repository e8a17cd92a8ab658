/* ame_on_abort: called once for each run that is undone, outside blocks; last one first. */
#include "feature.h"

static char order[64];
static int global, undone, kept;

static void note(void *letter) {
    CHECK(!ame_in_block());
    strcat(order, letter);
}

/* The calls may run blocks, which may be undone themselves, and defer calls of their own. */
static void count_in_a_block(void *unused) {
    (void)unused;
    atomic {
        undone++;
        ame_on_abort(note, "never");
        ame_on_commit(note, "!");
    }
}

static void prepare(void) {
    memset(order, 0, sizeof order);
    global = undone = kept = 0;
}

static void whole_block(void) {
    ame_on_abort(note, "outside"); /* no effect */
    atomic {
        ame_on_abort(count_in_a_block, NULL);
        global++;
        kept++;
    }
    bool aborted = fault_happened();
    CHECK(undone == aborted && !strcmp(order, aborted ? "!" : ""));
}

/* A part that is cancelled: when the whole block has ended, and before calls on commit. */
static void cancelled_part(void) {
    atomic {
        ame_on_commit(note, "c");
        ame_on_abort(note, "x");
        global++;
        atomic {
            ame_on_abort(note, "1");
            ame_on_abort(note, "2");
            ame_on_commit(note, "y");
            global = 100;
            atomic_cancel();
        }
        ame_on_commit(note, "d");
    }
}

static void alternative_given_up(void) {
    atomic_either {
        ame_on_abort(note, "e");
        if (global)
            atomic_retry();
    }
    atomic_or_else {
        ame_on_abort(note, "f");
        global++;
    }
}

/* Runs with a fault in them have called more before. */
static void feature(void) {
    whole_block();
    bool before = fault_happened();
    memset(order, 0, sizeof order);
    cancelled_part();
    bool during = fault_happened() && !before;
    CHECK(during ? strchr(order, 'x') && strlen(order) >= 5 : !strcmp(order, "21cd"));
    CHECK(strlen(order) >= 4 && !strcmp(order + strlen(order) - 4, "21cd"));
    before |= during;
    memset(order, 0, sizeof order);
    alternative_given_up();
    during = fault_happened() && !before;
    CHECK(during ? !strcmp(order, "ee") || !strcmp(order, "fee") : !strcmp(order, "e"));
}

static void check(void) {
    CHECK_EQUAL(global, 3);
    CHECK_EQUAL(kept, 1);
}

int main(void) {
    TRY(prepare, feature, check);
    return 0;
}
