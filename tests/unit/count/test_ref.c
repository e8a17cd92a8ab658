/* Reference counts: an object is destroyed once, when the last reference is given
 * back, in whatever order a block takes and gives; and misuse ends the program. */
#include "core/tx.h"
#include "counting.h"
#include "death.h"

#include <stdatomic.h>

static ame_ref object, others[8];
static atomic_int destroyed, others_destroyed;
static int attempts;

static void destroy_object(ame_ref *ref) {
    require(ref == &object);
    destroyed++;
}

static void destroy_other(ame_ref *ref) {
    require(ref >= others && ref < others + 8);
    others_destroyed++;
}

/* ---- taking and giving back in one block ---- */

/* '+' takes a reference to the object, '-' gives one back, '.' does so with others. */
static void follows(void *args, const struct calls *c) {
    int64_t count = c->ref_read(&object);
    int next = 0;
    for (const char *step = args; *step; step++) {
        if (*step == '+') {
            c->retain(&object);
            count++;
        } else if (*step == '-') {
            c->release(&object, destroy_object);
            count--;
        } else {
            c->retain(&others[next]);
            c->release(&others[next], destroy_other);
            next = (next + 1) % 8;
        }
        require(c->ref_read(&object) == count);
        require(destroyed == 0);
    }
}
BLOCK(follows)

static void check_steps(char *steps, int64_t before, int64_t after) {
    ame_ref_init(&object);
    for (int64_t i = 1; i < before; i++)
        ame_ref_retain(&object);
    for (int i = 0; i < 8; i++)
        ame_ref_init(&others[i]);
    destroyed = 0;
    run_follows(steps);
    cr_assert_eq(ame_ref_read(&object), after, "%s left %d", steps, (int)ame_ref_read(&object));
    cr_assert_eq(destroyed, after == 0, "%s destroyed it %d times", steps, destroyed);
    cr_assert_eq(others_destroyed, 0);
}

TEST_BOTH_WAYS(ref, a_block_takes_and_gives_back_in_any_order) {
    check_steps("+", 1, 2);
    check_steps("-", 2, 1);
    check_steps("+-", 1, 1);
    check_steps("-+", 1, 1);
    check_steps("-+-+", 1, 1);
    check_steps("--++", 1, 1);
    check_steps(".-..+.", 1, 1);
    check_steps("-.......+", 1, 1);
    check_steps("-", 1, 0);
    check_steps("+--", 1, 0);
    check_steps("-+-", 1, 0);
    check_steps("--.+", 1, 0);
    check_steps("---.........", 3, 0);
}

static void starts_one(void *args, const struct calls *c) {
    (void)args;
    if (c == &in_software)
        twin_init(&object);
    else
        ame_ref_init(&object);
    c->retain(&object);
    require(c->ref_read(&object) == 2);
}
BLOCK(starts_one)

TEST_BOTH_WAYS(ref, a_count_may_start_in_a_block) {
    run_starts_one(NULL);
    cr_assert_eq(ame_ref_read(&object), 2);
}

static void gives_back_in_vain(void *args, const struct calls *c) {
    (void)args;
    if (++attempts == 1) {
        c->release(&object, destroy_object);
        c->retain(&others[0]);
        ame__tx_abort(ame__tx_self(), AME__ABORT_READ_CHANGED);
    }
}
BLOCK(gives_back_in_vain)

Test(ref, an_aborted_attempt_takes_and_gives_nothing, .init = software_only) {
    ame_ref_init(&object);
    ame_ref_init(&others[0]);
    run_gives_back_in_vain(NULL);
    cr_assert_eq(ame_ref_read(&object), 1);
    cr_assert_eq(ame_ref_read(&others[0]), 1);
    cr_assert_eq(destroyed, 0);
}

/* ---- the last of several ---- */

enum { THREADS = 4, ROUNDS = 3000 };

static pthread_barrier_t round_begins, round_ends;

static void gives_one_back(void *args, const struct calls *c) {
    (void)args;
    c->release(&object, destroy_object);
}
BLOCK(gives_one_back)

/* Half of the threads in a block, half outside. */
static void *gives_back_in_rounds(void *in_block) {
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&round_begins);
        if (in_block)
            run_gives_one_back(NULL);
        else
            ame_ref_release(&object, destroy_object);
        pthread_barrier_wait(&round_ends);
    }
    return NULL;
}

static void last_of(int in_blocks) {
    pthread_t threads[THREADS];
    pthread_barrier_init(&round_begins, NULL, THREADS + 1);
    pthread_barrier_init(&round_ends, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(gives_back_in_rounds, i < in_blocks ? &object : NULL);
    for (int i = 0; i < ROUNDS; i++) {
        ame_ref_init(&object);
        for (int k = 1; k < THREADS; k++)
            ame_ref_retain(&object);
        destroyed = 0;
        pthread_barrier_wait(&round_begins);
        pthread_barrier_wait(&round_ends);
        cr_assert_eq(destroyed, 1, "destroyed %d times in round %d", destroyed, i);
    }
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
}

TEST_BOTH_WAYS(ref, the_last_block_of_several_destroys_once) {
    last_of(THREADS);
}
TEST_BOTH_WAYS(ref, the_last_of_blocks_and_plain_calls_destroys_once) {
    last_of(THREADS / 2);
}
TEST_BOTH_WAYS(ref, the_last_of_plain_calls_destroys_once) {
    last_of(0);
}

/* ---- misuse ---- */

static void gives_back_too_often(void) {
    ame_ref_init(&object);
    ame_ref_release(&object, destroy_object);
    ame_ref_release(&object, destroy_object);
}

static void a_block_gives_back_too_often(void) {
    char steps[] = "--";
    ame_ref_init(&object);
    run_follows(steps);
}

static void takes_a_dead_one(void) {
    ame_ref_init(&object);
    ame_ref_release(&object, destroy_object);
    ame_ref_retain(&object);
}

TEST_BOTH_WAYS(ref, misuse_ends_the_program_with_a_message) {
    check_death(gives_back_too_often, "released more often than retained");
    check_death(a_block_gives_back_too_often, "released more often than retained");
    check_death(takes_a_dead_one, "is dead");
}

/* ---- overflow ---- */

static void takes(void *args, const struct calls *c) {
    for (int i = 0; i < *(const int *)args; i++) {
        c->retain(&others[i]);
        c->retain(&object); /* not in a row, so that they are several entries */
    }
}
BLOCK(takes)

static void takes_one_too_many(void) {
    object.count = INT64_MAX;
    ame_ref_retain(&object);
}

static void a_block_takes_one_too_many(void) {
    int references = 3;
    for (int i = 0; i < 8; i++)
        ame_ref_init(&others[i]);
    object.count = INT64_MAX - 2;
    run_takes(&references);
}

TEST_BOTH_WAYS(ref, a_count_may_reach_the_largest_number) {
    int references = 3;
    for (int i = 0; i < 8; i++)
        ame_ref_init(&others[i]);
    object.count = INT64_MAX - 4;
    run_takes(&references);
    ame_ref_retain(&object);
    cr_assert_eq(ame_ref_read(&object), INT64_MAX);
    ame_ref_release(&object, destroy_object);
    cr_assert_eq(ame_ref_read(&object), INT64_MAX - 1);
}

TEST_BOTH_WAYS(ref, overflow_ends_the_program_with_a_message) {
    check_death(takes_one_too_many, "has a count that overflows");
    check_death(a_block_takes_one_too_many, "has a count that overflows");
}

/* ---- where it was ---- */

TEST_BOTH_WAYS(ref, a_call_outside_blocks_is_named) {
    check_death(gives_back_too_often, "called at ");
    check_death(takes_one_too_many, "called at ");
    check_death(takes_a_dead_one, "called at ");
}

TEST_BOTH_WAYS(ref, the_block_whose_references_are_given_back_is_named) {
    check_death(a_block_gives_back_too_often, "in the atomic block in follows");
}

Test(ref, the_block_whose_references_are_merged_is_named, .init = software_only) {
    check_death(a_block_takes_one_too_many, "in the atomic block in takes");
}

Test(ref, a_call_in_a_block_that_runs_alone_is_named, .init = serial_only) {
    check_death(a_block_takes_one_too_many, "called at ");
}
