/* Plain code: no synchronization at all, for one thread. */
#define VARIANT_NAME "plain"
#define ATOMIC
#define PURE

static inline const char *variant_obstacle(int threads) {
    return threads > 1 ? "plain code is for one thread" : NULL;
}

static inline void variant_report(void) {}

static inline bool variant_record_start(const char *file) {
    (void)file;
    return false;
}

static inline bool variant_record_stop(void) {
    return false;
}
