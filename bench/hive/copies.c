/* copies.c - GLib's GHashTable, which two threads can't share: copied entry by entry, or sent as
 * MessagePack both ways. */
#include "subject.h"

#include <glib.h>
#include <msgpack.h>

static GHashTable *new_table(void) {
    return g_hash_table_new(g_direct_hash, g_direct_equal);
}

static void *make(size_t entries) {
    GHashTable *table = new_table();
    for (size_t i = 0; i < entries; i++)
        g_hash_table_insert(table, (void *)key_of(i), (void *)i);
    return table;
}

static void *copy(void *from) {
    GHashTable *table = new_table();
    GHashTableIter iterator;
    void *key, *value;
    g_hash_table_iter_init(&iterator, from);
    while (g_hash_table_iter_next(&iterator, &key, &value))
        g_hash_table_insert(table, key, value);
    return table;
}

static void *change(void *map, const struct changes *changes) {
    for (size_t i = 0; i < changes->count; i++)
        g_hash_table_insert(map, (void *)changes->keys[i], (void *)changes->values[i]);
    return map;
}

static int64_t value(void *map, int64_t key) {
    void *found;
    return g_hash_table_lookup_extended(map, (void *)key, NULL, &found) ? (int64_t)found : -1;
}

static void drop(void *map) {
    g_hash_table_destroy(map);
}

static void *serialize(void *map) {
    msgpack_sbuffer *bytes = need(msgpack_sbuffer_new());
    msgpack_packer packer;
    GHashTableIter iterator;
    void *key, *found;
    msgpack_packer_init(&packer, bytes, msgpack_sbuffer_write);
    msgpack_pack_map(&packer, g_hash_table_size(map));
    g_hash_table_iter_init(&iterator, map);
    while (g_hash_table_iter_next(&iterator, &key, &found)) {
        msgpack_pack_int64(&packer, (int64_t)key);
        msgpack_pack_int64(&packer, (int64_t)found);
    }
    return bytes;
}

static void *serialize_and_drop(void *map) {
    void *bytes = serialize(map);
    drop(map);
    return bytes;
}

/* Integers that are not negative are of another type to MessagePack. */
static void *word_of(const msgpack_object *object) {
    return object->type == MSGPACK_OBJECT_POSITIVE_INTEGER ? (void *)object->via.u64
                                                           : (void *)object->via.i64;
}

static void *deserialize(void *message) {
    msgpack_sbuffer *bytes = message;
    msgpack_unpacked unpacked;
    GHashTable *table = new_table();
    size_t offset = 0;
    msgpack_unpacked_init(&unpacked);
    if (msgpack_unpack_next(&unpacked, bytes->data, bytes->size, &offset) != MSGPACK_UNPACK_SUCCESS)
        need(NULL);
    const msgpack_object_map *map = &unpacked.data.via.map;
    for (uint32_t i = 0; i < map->size; i++)
        g_hash_table_insert(table, word_of(&map->ptr[i].key), word_of(&map->ptr[i].val));
    msgpack_unpacked_destroy(&unpacked);
    msgpack_sbuffer_free(bytes);
    return table;
}

const struct subject msgpack_subject = {"MessagePack", make,   serialize,
                                        deserialize,   change, serialize_and_drop,
                                        deserialize,   value,  drop};
const struct subject copy_subject = {"copy",   make,     copy,  as_it_is, change,
                                     as_it_is, as_it_is, value, drop};
