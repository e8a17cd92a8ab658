/* The trie's shape: canonical, shared between versions, balanced. */
#include "shape.h"

#include <stdlib.h>

static ame_map *set(ame_map *map, int64_t key) {
    ame_map *next = ame_map_set(map, ame_int_key(key), ame_int_value(-key));
    ame_map_release(map);
    return next;
}

static ame_map *drop(ame_map *map, int64_t key) {
    ame_map *next = ame_map_remove(map, ame_int_key(key));
    ame_map_release(map);
    return next;
}

Test(map_shape, depends_on_the_content_alone) {
    enum { KEYS = 5000 };
    ame_map *up = ame_map_new(AME_KEY_INT), *down = ame_map_new(AME_KEY_INT);
    for (int i = 0; i < KEYS; i++)
        up = set(up, i);
    for (int i = 2 * KEYS; i-- > 0;)
        down = set(down, i);
    for (int i = KEYS; i < 2 * KEYS; i++) {
        down = drop(down, i);
        if (i % 500 == 0)
            check_shape(down);
    }
    check_shape(up);
    check_shape(down);
    cr_assert(same_shape(up->root, down->root, 0));
    for (int i = 0; i < KEYS; i++) {
        up = drop(up, (i * 7) % KEYS);
        down = drop(down, (i * 7) % KEYS);
        if (i % 250 == 0) {
            check_shape(up);
            cr_assert(same_shape(up->root, down->root, 0));
        }
    }
    cr_assert_eq(up->root.value, 0u);
    ame_map_release(up);
    ame_map_release(down);
}

static size_t shared_nodes(struct ame__cell a, struct ame__cell b, size_t *own) {
    if (a.key == b.key)
        return 1;
    size_t shared = 0;
    ++*own;
    for (uint32_t common = ame__nodes(a) & ame__nodes(b); common; common &= common - 1) {
        uint32_t place = (uint32_t)__builtin_ctz(common);
        shared += shared_nodes(*ame__child(a, place), *ame__child(b, place), own);
    }
    return shared;
}

Test(map_shape, a_new_version_copies_one_path) {
    ame_map *map = ame_map_new(AME_KEY_INT);
    for (int i = 0; i < 20000; i++)
        map = set(map, i);
    uint32_t deepest = check_shape(map);
    cr_assert_leq(deepest, 6u, "20,000 keys spread over about three levels");
    for (int i = 0; i < 20000; i += 997) {
        ame_map *next = ame_map_set(map, ame_int_key(i), ame_int_value(1));
        size_t own = 0;
        cr_assert_geq(shared_nodes(map->root, next->root, &own), 30u);
        cr_assert_leq(own, deepest + 1);
        ame_map_release(next);
    }
    ame_map_release(map);
}
