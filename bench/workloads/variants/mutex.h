/* One mutex for all blocks. */
#include <pthread.h>

#define VARIANT_NAME "mutex"
#define ATOMIC for (int in_block_ = mutex_enter(); in_block_; in_block_ = mutex_leave())
#define PURE

/* One for the program. */
__attribute__((weak)) pthread_mutex_t the_mutex = PTHREAD_MUTEX_INITIALIZER;

static inline int mutex_enter(void) {
    pthread_mutex_lock(&the_mutex);
    return 1;
}

static inline int mutex_leave(void) {
    pthread_mutex_unlock(&the_mutex);
    return 0;
}

static inline const char *variant_obstacle(int threads) {
    (void)threads;
    return NULL;
}

static inline void variant_report(void) {}

static inline bool variant_record_start(const char *file) {
    (void)file;
    return false;
}

static inline bool variant_record_stop(void) {
    return false;
}
