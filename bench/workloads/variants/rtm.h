/* Hardware transactions by hand, with a lock behind them: the floor for a hardware path. */
#include "base/atomics.h"

#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>
#include <stdalign.h>

#define VARIANT_NAME "rtm"
#define ATOMIC for (int in_block_ = rtm_enter(); in_block_; in_block_ = rtm_leave())
#define PURE

enum { RTM_RETRIES = 8, RTM_TRIALS = 64 };

/* Blocks in hardware have read `taken`; the thread that holds the mutex writes it. One for the
 * program. */
__attribute__((weak)) struct {
    alignas(64) pthread_mutex_t mutex;
    alignas(64) ame__word taken;
} rtm_lock = {PTHREAD_MUTEX_INITIALIZER, 0};

/* Until the holder is through: a new attempt would only abort again. */
static inline void rtm_wait(void) {
    for (int i = 0; ame__load_relaxed(&rtm_lock.taken); i++) {
        _mm_pause();
        if (i < 200)
            continue;
        pthread_mutex_lock(&rtm_lock.mutex); /* sleeps */
        pthread_mutex_unlock(&rtm_lock.mutex);
    }
}

__attribute__((noinline, unused)) static void rtm_take_lock(void) {
    pthread_mutex_lock(&rtm_lock.mutex);
    ame__store_full(&rtm_lock.taken, 1);
}

__attribute__((always_inline)) static inline int rtm_enter(void) {
    for (int tries = 0; tries < RTM_RETRIES;) {
        rtm_wait();
        unsigned status = _xbegin();
        if (status == _XBEGIN_STARTED) {
            if (!ame__load_relaxed(&rtm_lock.taken))
                return 1;
            _xabort(1);
        }
        if (status & _XABORT_EXPLICIT)
            continue; /* not the block's fault */
        if (!(status & _XABORT_RETRY))
            tries = RTM_RETRIES; /* too large, or a page fault */
        for (int i = 1 << tries++; i > 0; i--)
            _mm_pause();
    }
    rtm_take_lock();
    return 1;
}

__attribute__((always_inline)) static inline int rtm_leave(void) {
    if (ame__load_relaxed(&rtm_lock.taken)) {
        ame__store_release(&rtm_lock.taken, 0);
        pthread_mutex_unlock(&rtm_lock.mutex);
    } else {
        _xend();
    }
    return 0;
}

/* Some processors report RTM and abort every transaction. */
static inline const char *variant_obstacle(int threads) {
    unsigned a, b, c, d;
    (void)threads;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_RTM)
        for (int i = 0; i < RTM_TRIALS; i++)
            if (_xbegin() == _XBEGIN_STARTED) {
                _xend();
                return NULL;
            }
    return "this processor has no RTM";
}

static inline void variant_report(void) {}

static inline bool variant_record_start(const char *file) {
    (void)file;
    return false;
}

static inline bool variant_record_stop(void) {
    return false;
}
