/* GCC's transactions: gcc -fgnu-tm, with libitm. */
#define VARIANT_NAME "libitm"
#define ATOMIC __transaction_atomic
#define PURE __attribute__((transaction_pure))

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
