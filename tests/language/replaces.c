/* ame_replaces: what blocks call in software instead of functions of plain code. */
#include "feature.h"
#include "replaces_plain.h"

static int calls, result;

static int add_in_block(int a, int b) {
    calls++;
    return a + b;
}

ame_pure static int subtract_in_block(int a, int b) {
    return a - b;
}

ame_replaces(plain_add, add_in_block);
ame_replaces(plain_subtract, subtract_in_block);

static int (*volatile add)(int, int) = plain_add;
static int (*volatile subtract)(int, int) = plain_subtract;

static void prepare(void) {
    calls = plain_calls = 0;
}

static void feature(void) {
    atomic {
        result = plain_add(1, 2) + add(3, 4);
        result += plain_subtract(9, 1) + subtract(5, 4);
    }
}

static void check(void) {
    CHECK_EQUAL(result, 19);
    CHECK_EQUAL(calls * 2 + plain_calls, 4);
    if (!strcmp(ame_mode_name(), "stm"))
        CHECK_EQUAL(plain_calls, 0);
}

int main(void) {
    TRY(prepare, feature, check);
    CHECK_EQUAL(plain_add(1, 2), 3);
    CHECK(plain_calls > 0); /* outside blocks nothing is replaced */
    return 0;
}
