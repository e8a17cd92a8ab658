#include "count/count.h"
#include "htm/htm.h"
#include "serial/gate.h"

#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>

#define RTM __attribute__((target("rtm")))

enum { TRIALS = 64, CODE_PHASE = 0x01, CODE_ASKED = 0x02 };

static pthread_once_t tested = PTHREAD_ONCE_INIT;
static bool works;
static const char *status;

/* A processor may report RTM and abort every transaction (microcode that turned
 * TSX off does so), so some empty ones are tried. */
static RTM bool one_commits(void) {
    for (int i = 0; i < TRIALS; i++) {
        if (_xbegin() == _XBEGIN_STARTED) {
            _xend();
            return true;
        }
    }
    return false;
}

static void test(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_RTM)) {
        status = "this processor has no RTM; blocks run in software";
    } else if (!one_commits()) {
        status = "this processor reports RTM but aborts every transaction; blocks run in software";
    } else {
        works = true;
        status = "RTM works";
    }
}

bool ame__htm_works(const char **why) {
    pthread_once(&tested, test);
    *why = status;
    return works;
}

static enum ame__abort_reason reason_of(unsigned code) {
    if (code & _XABORT_EXPLICIT)
        return _XABORT_CODE(code) == CODE_PHASE ? AME__ABORT_HTM_CONFLICT : AME__ABORT_HTM_EXPLICIT;
    if (code & _XABORT_CAPACITY)
        return AME__ABORT_HTM_CAPACITY;
    if (code & _XABORT_CONFLICT)
        return AME__ABORT_HTM_CONFLICT;
    return AME__ABORT_HTM_OTHER;
}

RTM enum ame__abort_reason ame__htm_attempt(struct ame_tx *tx, void (*body)(void *), void *args) {
    tx->way = AME__HTM;
    unsigned code = _xbegin();
    if (code != _XBEGIN_STARTED) {
        tx->way = AME__OUTSIDE;
        return reason_of(code);
    }
    /* The phase joins the read set: whoever changes it aborts this block (G1). */
    if (ame__load_relaxed(&ame__phase) != AME__PHASE_HARDWARE)
        _xabort(CODE_PHASE);
    body(args);
    if (ame__count_changes(tx))
        ame__count_merge_begin(tx);
    _xend();
    tx->way = AME__OUTSIDE;
    if (ame__count_changes(tx))
        ame__count_merge(tx);
    if (ame__load_relaxed(&ame__counts_in_hardware))
        ame__count_wait_for_additions(tx); /* C5 */
    return AME__ABORT_NONE;
}

RTM void ame__htm_abort_now(void) {
    _xabort(CODE_ASKED);
}
