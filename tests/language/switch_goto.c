/* Switches, gotos and early returns: inside a block, out of it, and in functions that it calls. */
#include "feature.h"

static int trace, left[4];
static char bytes[20];
static int result[8];

static void prepare(void) {
    trace = 0;
    memset(left, 0, sizeof left);
    memset(bytes, 0, sizeof bytes);
    memset(result, 0, sizeof result);
}

static void note(int digit) {
    trace = trace * 10 + digit;
}

/* ---- switch ---- */

static int classify(long value) {
    switch (value) {
    case -1:
        return 1;
    case 0:
        note(1);
        /* fall through */
    case 1:
        note(2);
        break;
    default:
        note(4);
        break;
    case 1L << 40:
        note(3);
        return 3;
    }
    return 2;
}

static void switches(void) {
    int where = 0;
    for (int i = 0; i < 7; i++)
        atomic {
            switch (i) {
            case 0:
                note(1);
                __attribute__((fallthrough));
            case 1:
                note(2);
                where += 1;
                break;
            case 2: {
                int inner = trace;
                switch (inner % 3) {
                case 0:
                    where += 10;
                    break;
                default:
                    where += 100;
                }
                break;
            }
            case 3:
            case 4:
                where += 1000;
                /* fall through */
            default:
                left[i % 4]++;
            }
            result[i] = where;
        }
    result[7] = where;
}

static void check_switches(void) {
    CHECK_EQUAL(trace, 122);
    CHECK_EQUAL(result[7], 1 + 1 + 100 + 2000);
    CHECK_EQUAL(result[2], 102);
    CHECK_EQUAL(left[3], 1);
    CHECK_EQUAL(left[0], 1);
    CHECK_EQUAL(left[1], 1);
    CHECK_EQUAL(left[2], 1);
}

static void call_switch(void) {
    int sum = 0;
    atomic {
        for (long value = -1; value < 3; value++)
            sum = sum * 10 + classify(value);
        sum = sum * 10 + classify(1L << 40);
    }
    result[0] = sum;
}

static void check_call_switch(void) {
    CHECK_EQUAL(result[0], 12223);
    CHECK_EQUAL(trace, 12243);
}

/* ---- Duff's device ---- */

static void send(char *to, const char *from, int count) {
    int rounds = (count + 3) / 4;
    switch (count % 4) {
        do {
        case 0:
            *to++ = *from++;
            /* fall through */
        case 3:
            *to++ = *from++;
            /* fall through */
        case 2:
            *to++ = *from++;
            /* fall through */
        case 1:
            *to++ = *from++;
        } while (--rounds > 0);
    }
}

static void duff(void) {
    const char *from = "abcdefghijklm";
    int count = 7;
    atomic {
        char *to = bytes;
        int rounds = (count + 3) / 4;
        switch (count % 4) {
        case 0:
            do {
                *to++ = *from++;
                /* fall through */
            case 3:
                *to++ = *from++;
                /* fall through */
            case 2:
                *to++ = *from++;
                /* fall through */
            case 1:
                *to++ = *from++;
            } while (--rounds > 0);
        }
        send(to, from, 6);
        count = (int)(to - bytes);
    }
    result[0] = count;
    result[1] = *from;
}

static void check_duff(void) {
    CHECK(strcmp(bytes, "abcdefghijklm") == 0);
    CHECK_EQUAL(result[0], 7);
    CHECK_EQUAL(result[1], 'h');
}

/* ---- goto ---- */

static void gotos(void) {
    int tries = 0, went = 0;
    atomic {
    again:
        tries++;
        note(1);
        if (tries < 3)
            goto again;
        if (trace > 100)
            goto over;
        note(9);
    over:
        note(2);
        {
            goto into;
        into:
            went++;
        }
    }
    for (int i = 0;; i++) {
        for (int j = 0; j < 3; j++)
            atomic {
                left[j]++;
                went++;
                if (left[j] == 2 && i == 1)
                    goto first;
                if (left[0] > 8)
                    goto second;
            }
        note(3);
    }
second:
    note(8);
first:
    result[0] = tries;
    result[1] = went;
}

static void check_gotos(void) {
    CHECK_EQUAL(trace, 11123);
    CHECK_EQUAL(result[0], 3);
    CHECK_EQUAL(result[1], 5);
    CHECK_EQUAL(left[0], 2);
    CHECK_EQUAL(left[1], 1);
}

/* ---- return ---- */

static int leave(int how) {
    int local = how * 7;
    atomic {
        left[0]++;
        if (how == 0)
            return local + left[0];
        local++;
        left[1]++;
        for (int i = 0; i < 3; i++) {
            if (how == 1 && i == 1)
                return local * 10;
            left[2]++;
        }
        switch (how) {
        case 2:
            return left[2];
        case 3:
            break;
        case 4:
            goto out;
        default:
            continue;
        }
        left[3]++;
        local += 100;
    }
    note(5);
    return local;
out:
    note(6);
    return -local;
}

static void returns(void) {
    for (int how = 0; how < 6; how++)
        result[how] = leave(how);
    atomic {
        for (int how = 3; how < 5; how++)
            result[6] += leave(how);
    }
}

static void check_returns(void) {
    static const int expected[] = {1, 80, 4, 122, -29, 36, 93};
    for (int i = 0; i < 7; i++)
        CHECK_EQUAL(result[i], expected[i]);
    CHECK_EQUAL(trace, 56556);
    CHECK_EQUAL(left[0], 8);
    CHECK_EQUAL(left[1], 7);
    CHECK_EQUAL(left[2], 19);
    CHECK_EQUAL(left[3], 2);
}

int main(void) {
    TRY(prepare, switches, check_switches);
    TRY(prepare, call_switch, check_call_switch);
    TRY(prepare, duff, check_duff);
    TRY(prepare, gotos, check_gotos);
    TRY(prepare, returns, check_returns);
    return 0;
}
