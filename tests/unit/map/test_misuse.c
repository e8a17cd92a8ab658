/* Misuse that the map notices: it ends the program with one line. Not under AddressSanitizer,
 * which notices itself that memory is used which was given back. */
#include "base/compiler.h"
#include <ame/set.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs it in a child; what it printed must be one line with the words. */
static void check_message(void (*misuse)(void), const char *words) {
    int ends[2], status;
    char output[512] = "";
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (!child) {
        dup2(ends[1], 2);
        misuse();
        _exit(0);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], output, sizeof output - 1);
    close(ends[0]);
    waitpid(child, &status, 0);
    cr_assert(WIFSIGNALED(status), "%s: it went on", words);
    cr_assert(length > 0 && strchr(output, '\n') == output + length - 1, "one line: %s", output);
    cr_assert(strstr(output, words), "%s: %s", words, output);
}

static void null_map(void) {
    ame_map_get(NULL, ame_int_key(1), NULL);
}
static void null_set(void) {
    ame_set_contains(NULL, ame_int_key(1));
}
static void null_text(void) {
    ame_map_get(ame_map_new(AME_KEY_STRING), ame_string_key(NULL), NULL);
}
static void null_text_in_set(void) {
    ame_map_set(ame_map_new(AME_KEY_STRING), ame_string_key(NULL), ame_int_value(1));
}
static void null_text_in_transient(void) {
    ame_transient_set(ame_transient_new(ame_map_new(AME_KEY_STRING)), ame_string_key(NULL),
                      ame_int_value(1));
}

Test(map_misuse, nulls) {
    check_message(null_map, "ame_map_get: the map is NULL");
    check_message(null_set, "ame_set_contains: the set is NULL");
    check_message(null_text, "ame_map_get: the key is NULL");
    check_message(null_text_in_set, "ame_map_set: the key is NULL");
    check_message(null_text_in_transient, "ame_transient_set: the key is NULL");
}

#if !AME__ASAN
static ame_map *some(void) {
    ame_map *empty = ame_map_new(AME_KEY_INT);
    ame_map *map = ame_map_set(empty, ame_int_key(1), ame_int_value(1));
    ame_map_release(empty);
    return map;
}

static void released(void) {
    ame_map *map = some();
    ame_map_release(map);
    ame_map_get(map, ame_int_key(1), NULL);
}
static void released_twice(void) {
    ame_map *map = some();
    ame_map_release(map);
    ame_map_release(map);
}
static void released_set(void) {
    ame_set *set = ame_set_new(AME_KEY_INT);
    ame_set_release(set);
    ame_set_add(set, ame_int_key(1));
}
/* Its memory is there still, as two versions made of it are held. */
static void released_between_two(void) {
    ame_map *map = some();
    ame_map_set(map, ame_int_key(2), ame_int_value(2));
    ame_map_set(map, ame_int_key(3), ame_int_value(2));
    ame_map_release(map);
    ame_map_set(map, ame_int_key(2), ame_int_value(2));
}
static void sealed(void) {
    ame_map *map = some();
    ame_transient *transient = ame_transient_new(map);
    ame_transient_seal(transient);
    ame_transient_set(transient, ame_int_key(1), ame_int_value(7));
}
static void dropped(void) {
    ame_map *map = some();
    ame_transient *transient = ame_transient_new(map);
    ame_transient_drop(transient);
    ame_transient_seal(transient);
}

Test(map_misuse, after_the_end) {
    check_message(released, "ame_map_get: 0x");
    check_message(released_set, "ame_set_add: 0x");
    check_message(released_twice, "ame_map_release: 0x");
    check_message(released_between_two, "ame_map_set: 0x");
    check_message(sealed, "ame_transient_set: 0x");
    check_message(dropped, "ame_transient_seal: 0x");
}
#endif
