/* The public functions one by one. */
#include <ame/map.h>

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static ame_map *with(ame_map *map, ame_key key, int64_t value) {
    ame_map *next = ame_map_set(map, key, ame_int_value(value));
    ame_map_release(map);
    return next;
}

Test(map, empty) {
    ame_map *map = ame_map_new(AME_KEY_INT);
    ame_map_iterator iterator;
    ame_value value = {.integer = 77};
    cr_assert_eq(ame_map_size(map), 0u);
    cr_assert_not(ame_map_get(map, ame_int_key(0), &value));
    cr_assert_eq(value.integer, 77, "a miss leaves the value alone");
    ame_map_iterate(map, &iterator);
    cr_assert_not(ame_map_next(&iterator, NULL, NULL));
    ame_map *same = ame_map_remove(map, ame_int_key(0));
    cr_assert_eq(same, map);
    ame_map_release(same);
    ame_map_release(map);
    ame_map_release(NULL);
}

Test(map, unknown_key_type) {
    cr_assert_null(ame_map_new((enum ame_key_type)7));
}

Test(map, old_versions_stay) {
    ame_map *one = with(ame_map_new(AME_KEY_STRING), ame_string_key("a"), 1);
    ame_map *two = ame_map_set(one, ame_string_key("a"), ame_int_value(2));
    ame_map *none = ame_map_remove(two, ame_string_key("a"));
    ame_value value;
    cr_assert(ame_map_get(one, ame_string_key("a"), &value));
    cr_assert_eq(value.integer, 1);
    cr_assert(ame_map_get(two, ame_string_key("a"), &value));
    cr_assert_eq(value.integer, 2);
    cr_assert_not(ame_map_get(none, ame_string_key("a"), &value));
    cr_assert_eq(ame_map_size(none), 0u);
    ame_map_release(two);
    ame_map_release(one);
    ame_map_release(none);
}

Test(map, setting_the_same_value_changes_nothing) {
    ame_map *map = with(ame_map_new(AME_KEY_INT), ame_int_key(5), 50);
    ame_map *same = ame_map_set(map, ame_int_key(5), ame_int_value(50));
    cr_assert_eq(same, map);
    ame_map_release(same);
    cr_assert_eq(ame_map_size(map), 1u);
    ame_map_release(map);
}

Test(map, values_may_be_pointers) {
    int datum;
    ame_map *empty = ame_map_new(AME_KEY_INT);
    ame_map *map = ame_map_set(empty, ame_int_key(INT64_MIN), ame_pointer_value(&datum));
    ame_value value;
    cr_assert(ame_map_get(map, ame_int_key(INT64_MIN), &value));
    cr_assert_eq(value.pointer, &datum);
    ame_map_release(empty);
    ame_map_release(map);
}

Test(map, string_keys_are_copied) {
    char text[] = "key";
    ame_map *map = with(ame_map_new(AME_KEY_STRING), ame_string_key(text), 1);
    strcpy(text, "KEY");
    cr_assert(ame_map_get(map, ame_string_key("key"), NULL));
    cr_assert_not(ame_map_get(map, ame_string_key(text), NULL));
    ame_map_release(map);
}

/* Nodes hold up to 23 bytes of a string. */
enum { LENGTHS = 50 };

static ame_key string_of(char text[LENGTHS], int length) {
    memset(text, 'x', (size_t)length);
    text[length] = 0;
    return ame_string_key(text);
}

Test(map, string_keys_of_all_lengths) {
    ame_map *map = ame_map_new(AME_KEY_STRING);
    char text[LENGTHS];
    for (int length = 0; length < LENGTHS; length++) {
        cr_assert_not(ame_map_get(map, string_of(text, length), NULL));
        map = with(map, string_of(text, length), length);
    }
    for (int length = 0; length < LENGTHS; length++) {
        ame_value value;
        cr_assert(ame_map_get(map, string_of(text, length), &value));
        cr_assert_eq(value.integer, length);
        if (length) { /* nor one that differs in a byte only */
            text[length - 1] = 'y';
            cr_assert_not(ame_map_get(map, ame_string_key(text), NULL));
        }
    }
    ame_map_iterator iterator;
    ame_key key;
    ame_value value;
    ame_map_iterate(map, &iterator);
    for (int i = 0; i < LENGTHS; i++) {
        cr_assert(ame_map_next(&iterator, &key, &value));
        cr_assert_str_eq(key.string, string_of(text, (int)value.integer).string);
    }
    ame_map_release(map);
}

Test(map, string_keys_are_there_as_long_as_their_version) {
    ame_map *map = ame_map_new(AME_KEY_STRING);
    const char *keys[LENGTHS];
    char text[LENGTHS];
    for (int length = 0; length < LENGTHS; length++)
        map = with(map, string_of(text, length), length);
    ame_map_iterator iterator;
    ame_key key;
    ame_value value;
    ame_map_iterate(map, &iterator);
    while (ame_map_next(&iterator, &key, &value))
        keys[value.integer] = key.string;
    ame_map *other = ame_map_retain(map);
    for (int length = 0; length < LENGTHS; length += 2) {
        other = with(other, ame_string_key(keys[length]), -length);
        ame_map *next = ame_map_remove(other, ame_string_key(keys[length + 1]));
        ame_map_release(other);
        other = next;
    }
    ame_map_release(other);
    for (int length = 0; length < LENGTHS; length++)
        cr_assert_str_eq(keys[length], string_of(text, length).string);
    ame_map_release(map);
}

Test(map, an_iterator_is_a_plain_value) {
    ame_map *map = ame_map_new(AME_KEY_INT);
    for (int i = 0; i < 1000; i++)
        map = with(map, ame_int_key(i), i);
    ame_map_iterator iterator, copy;
    ame_map_iterate(map, &iterator);
    for (int i = 0; i < 400; i++)
        ame_map_next(&iterator, NULL, NULL);
    copy = iterator;
    ame_key a, b;
    int rest = 0;
    for (; ame_map_next(&iterator, &a, NULL); rest++) {
        cr_assert(ame_map_next(&copy, &b, NULL));
        cr_assert_eq(a.integer, b.integer);
    }
    cr_assert_eq(rest, 600);
    ame_map_release(map);
}

/* ---- the seed of the hash, which a process chooses as it starts ---- */

static int print_order(void) {
    ame_map *map = ame_map_new(AME_KEY_INT);
    for (int i = 0; i < 64; i++)
        map = with(map, ame_int_key(i), i);
    ame_map_iterator iterator;
    ame_key key;
    ame_map_iterate(map, &iterator);
    while (ame_map_next(&iterator, &key, NULL))
        printf("%d ", (int)key.integer);
    ame_map_release(map);
    return 0;
}

/* This program again, started with AME_TEST_PRINT_ORDER, prints the order of a map
 * and ends before any test runs. */
__attribute__((constructor)) static void print_order_if_asked(void) {
    if (getenv("AME_TEST_PRINT_ORDER")) {
        int result = print_order();
        fflush(stdout);
        _exit(result);
    }
}

/* Runs it under `environment`; returns the exit status and the output. */
static int run_again(const char *environment, char *output, size_t size) {
    char self[512] = "", command[1024];
    cr_assert(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    snprintf(command, sizeof command, "env %s AME_TEST_PRINT_ORDER=1 '%s' 2>&1", environment, self);
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    size_t length = fread(output, 1, size - 1, pipe);
    output[length] = 0;
    return pclose(pipe);
}

Test(map_seed, fixed_seed_fixes_the_order) {
    char first[1024], second[1024], other[1024];
    cr_assert_eq(run_again("AME_HASH_SEED=7", first, sizeof first), 0);
    cr_assert_eq(run_again("AME_HASH_SEED=0x7", second, sizeof second), 0);
    cr_assert_eq(run_again("AME_HASH_SEED=8", other, sizeof other), 0);
    cr_assert_str_eq(first, second);
    cr_assert_str_neq(first, other);
}

Test(map_seed, without_one_the_order_differs) {
    char first[1024], second[1024], empty[1024];
    cr_assert_eq(run_again("-u AME_HASH_SEED", first, sizeof first), 0);
    cr_assert_eq(run_again("-u AME_HASH_SEED", second, sizeof second), 0);
    cr_assert_eq(run_again("AME_HASH_SEED=", empty, sizeof empty), 0);
    cr_assert_str_neq(first, second);
    cr_assert_str_neq(first, empty);
}

Test(map_seed, bad_seeds_are_refused) {
    static const char *const bad[] = {"x", "12x", "-1", "' 1'", "18446744073709551616", "0x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char environment[64], output[1024];
        snprintf(environment, sizeof environment, "AME_HASH_SEED=%s", bad[i]);
        cr_assert_neq(run_again(environment, output, sizeof output), 0, "%s", bad[i]);
        cr_assert(strstr(output, "ame: AME_HASH_SEED="), "%s: %s", bad[i], output);
    }
}
