#include "count/count.h"
#include "htm/htm.h"
#include "serial/gate.h"

#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>

enum { TRIALS = 64, CODE_BUSY = 0x01, CODE_ASKED = 0x02 };

static pthread_once_t tested = PTHREAD_ONCE_INIT;
static bool works;
static const char *status;

/* A processor may report RTM and abort every transaction (microcode that turned
 * TSX off does so), so some empty ones are tried. */
static bool one_commits(void) {
    for (int i = 0; i < TRIALS; i++) {
        if (ame__xbegin() == AME__XBEGIN_STARTED) {
            ame__xend();
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
        return _XABORT_CODE(code) == CODE_BUSY ? AME__ABORT_HTM_CONFLICT : AME__ABORT_HTM_EXPLICIT;
    if (code & _XABORT_CAPACITY)
        return AME__ABORT_HTM_CAPACITY;
    if (code & _XABORT_CONFLICT)
        return AME__ABORT_HTM_CONFLICT;
    return AME__ABORT_HTM_OTHER;
}

AME__COLD enum ame__abort_reason ame__htm_aborted(struct ame_tx *tx, uint32_t code) {
    tx->way = AME__OUTSIDE;
    tx->hardware_code = code;
    return reason_of(code);
}

AME__COLD void ame__htm_begin_to_merge(struct ame_tx *tx) {
    if (!ame__load_relaxed(&ame__counts_in_hardware))
        ame__store_relaxed(&ame__counts_in_hardware, 1);
    ame__count_merge_begin(tx);
}

AME__COLD void ame__htm_merge(struct ame_tx *tx) {
    if (ame__count_changes(tx))
        ame__count_merge(tx);
    ame__count_wait_for_additions(tx); /* C5 */
}

enum ame__abort_reason ame__htm_attempt(struct ame_tx *tx, void (*body)(void *), void *args,
                                        enum ame__phase phase) {
    return ame__htm_attempt_in_line(tx, body, args, phase);
}

enum ame__abort_reason ame__htm_attempt_twin(struct ame_tx *tx, void (*twin)(void *), void *args) {
    tx->way = AME__HYBRID;
    uint32_t code = ame__xbegin();
    if (code != AME__XBEGIN_STARTED)
        return ame__htm_aborted(tx, code);
    /* As in the other: a block on the serial path looks at no records (G3), and S6. */
    uint64_t phase = ame__load_relaxed(&ame__phase);
    if (phase == AME__PHASE_CLOSED || ame__phase_shows(phase) != tx->minds)
        ame__xabort(CODE_BUSY);
    twin(args);
    if (AME__UNLIKELY(ame__count_changes(tx)))
        ame__htm_begin_to_merge(tx);
    ame__xend();
    tx->way = AME__OUTSIDE;
    return AME__ABORT_NONE;
}

void ame__htm_abort_now(void) {
    ame__xabort(CODE_ASKED);
    __builtin_unreachable();
}

void ame__htm_abort_for_now(void) {
    ame__xabort(CODE_BUSY);
    __builtin_unreachable();
}
