/* number_key.h - keys of the program's own type, which count their holders. */
#ifndef TESTS_PROGRAMS_NUMBER_KEY_H
#define TESTS_PROGRAMS_NUMBER_KEY_H

#include "check.h"

struct number {
    int64_t number;
    ame_counter holders;
};

/* Some collide, for all seeds. */
static uint64_t hash_number(const void *key, uint64_t seed) {
    return ((uint64_t)((const struct number *)key)->number % 90 ^ seed) * 0x9E3779B97F4A7C15;
}
static bool equal_numbers(const void *one, const void *other) {
    return ((const struct number *)one)->number == ((const struct number *)other)->number;
}
ame_safe static void retain_number(void *key);
static void retain_number(void *key) {
    ame_counter_add(&((struct number *)key)->holders, 1);
}
static void release_number(void *key) {
    ame_counter_add(&((struct number *)key)->holders, -1);
}

static const struct ame_key_functions number_functions = {hash_number, equal_numbers, retain_number,
                                                          release_number};

#endif
