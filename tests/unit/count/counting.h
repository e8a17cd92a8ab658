/* counting.h - blocks on counts whose one body runs in software and alone. */
#ifndef TESTS_UNIT_COUNT_COUNTING_H
#define TESTS_UNIT_COUNT_COUNTING_H

#include <ame/abi.h>
#include <ame/count.h>
#include <ame/runtime.h>
#include <criterion/criterion.h>

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

/* The twins, by the names under which the plugin's code would call them. */
void twin_add(ame_counter *, int64_t) __asm__("ame_twin.ame_counter_add");
int64_t twin_read(ame_counter *) __asm__("ame_twin.ame_counter_read");
void twin_init(ame_ref *) __asm__("ame_twin.ame_ref_init");
void twin_retain(ame_ref *) __asm__("ame_twin.ame_ref_retain");
void twin_release(ame_ref *, ame_destroy_fn *) __asm__("ame_twin.ame_ref_release");
int64_t twin_ref_read(ame_ref *) __asm__("ame_twin.ame_ref_read");

/* What a body calls: accesses with barriers or plain ones. */
struct calls {
    void (*add)(ame_counter *, int64_t);
    int64_t (*read)(ame_counter *);
    void (*retain)(ame_ref *);
    void (*release)(ame_ref *, ame_destroy_fn *);
    int64_t (*ref_read)(ame_ref *);
    uint64_t (*load)(const void *);
    void (*store)(void *, uint64_t);
};

static inline uint64_t plain_load(const void *address) {
    return *(const uint64_t *)address;
}
static inline void plain_store(void *address, uint64_t value) {
    *(uint64_t *)address = value;
}

static const struct calls in_software = {twin_add,         twin_read,     twin_retain,
                                         twin_release,     twin_ref_read, ame_abi_read_u64,
                                         ame_abi_write_u64};
static const struct calls in_place = {ame_counter_add, ame_counter_read, ame_ref_retain,
                                      ame_ref_release, ame_ref_read,     plain_load,
                                      plain_store};

/* For a function `static void name(void *args, const struct calls *c)`: run_name(args)
 * runs it as a block. */
#define BLOCK(name)                                                                                \
    static void name##_twin(void *args) {                                                          \
        name(args, &in_software);                                                                  \
    }                                                                                              \
    static void name##_plain(void *args) {                                                         \
        name(args, &in_place);                                                                     \
    }                                                                                              \
    static void run_##name(void *args) {                                                           \
        static struct ame_abi_block block = {                                                      \
            .plain = name##_plain, .twin = name##_twin, .function = #name};                        \
        ame_abi_run(&block, args);                                                                 \
    }

__attribute__((unused)) static void software_only(void) {
    setenv("AME_MODE", "stm", 1);
}
__attribute__((unused)) static void serial_only(void) {
    setenv("AME_MODE", "serial", 1);
}

/* One test for each way; what follows is the body of both. */
#define TEST_BOTH_WAYS(suite, name)                                                                \
    static void suite##_##name(void);                                                              \
    Test(suite, name##_in_software, .init = software_only, .timeout = 60) {                        \
        suite##_##name();                                                                          \
    }                                                                                              \
    Test(suite, name##_serially, .init = serial_only, .timeout = 60) {                             \
        suite##_##name();                                                                          \
    }                                                                                              \
    static void suite##_##name(void)

/* Criterion's assertions are for the test's main thread. */
static inline void require(int condition) {
    if (!condition)
        abort();
}

static inline pthread_t start(void *(*f)(void *), void *argument) {
    pthread_t thread;
    require(pthread_create(&thread, NULL, f, argument) == 0);
    return thread;
}

static inline void join(pthread_t thread) {
    require(pthread_join(thread, NULL) == 0);
}

static inline void elsewhere(void *(*f)(void *), void *argument) {
    join(start(f, argument));
}

/* `f` by `threads` threads at once, each with `argument`. */
static inline void by_all(int threads, void *(*f)(void *), void *argument) {
    pthread_t running[16];
    for (int i = 0; i < threads; i++)
        running[i] = start(f, argument);
    for (int i = 0; i < threads; i++)
        join(running[i]);
}

#endif
