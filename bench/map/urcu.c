/* urcu.c - liburcu's lock-free hash table, in its QSBR flavour, the fastest for readers: threads
 * say now and then that they hold nothing. It grows by itself, from the size that it will have.
 * What is replaced or removed is freed by a thread of liburcu's. */
#include "subject.h"

#include <stdlib.h>
#include <string.h>
#include <urcu-qsbr.h>

#include <urcu/rculfhash.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { CALLS_FOR_EACH_QUIESCENT_STATE = 64 };

struct entry {
    struct cds_lfht_node node;
    struct rcu_head head;
    uint64_t value;
    int64_t number;
    char text[];
};

/* A key: a number, if there is no text. */
struct key {
    const char *text;
    size_t length;
    int64_t number;
};

static inline struct key key_of(int texts, const char *text, int64_t number) {
    return texts ? (struct key){text, strlen(text), 0} : (struct key){NULL, 0, number};
}

static inline struct key pick_of(int texts, struct picks picks, size_t i) {
    return key_of(texts, picks.texts[i], picks.ints[i]);
}

static inline unsigned long hash(int texts, const struct key *key) {
    return texts ? XXH3_64bits(key->text, key->length)
                 : XXH3_64bits(&key->number, sizeof key->number);
}

static int has_number(struct cds_lfht_node *node, const void *key) {
    return caa_container_of(node, struct entry, node)->number == ((const struct key *)key)->number;
}

static int has_text(struct cds_lfht_node *node, const void *key) {
    return !strcmp(caa_container_of(node, struct entry, node)->text,
                   ((const struct key *)key)->text);
}

static inline struct entry *find(int texts, void *map, const struct key *key,
                                 struct cds_lfht_iter *iterator) {
    cds_lfht_lookup(map, hash(texts, key), texts ? has_text : has_number, key, iterator);
    struct cds_lfht_node *node = cds_lfht_iter_get_node(iterator);
    return node ? caa_container_of(node, struct entry, node) : NULL;
}

static void free_entry(struct rcu_head *head) {
    free(caa_container_of(head, struct entry, head));
}

static inline void set_one(int texts, void *map, struct key key, uint64_t value) {
    struct entry *entry = malloc(sizeof *entry + (texts ? key.length + 1 : 0));
    cds_lfht_node_init(&entry->node);
    entry->value = value;
    if (texts)
        memcpy(entry->text, key.text, key.length + 1);
    else
        entry->number = key.number;
    struct cds_lfht_node *old = cds_lfht_add_replace(
        map, hash(texts, &key), texts ? has_text : has_number, &key, &entry->node);
    if (old)
        call_rcu(&caa_container_of(old, struct entry, node)->head, free_entry);
}

static inline void sometimes_quiescent(size_t calls) {
    if (calls % CALLS_FOR_EACH_QUIESCENT_STATE == 0)
        rcu_quiescent_state();
}

static inline void *build(int texts, size_t count) {
    unsigned long buckets = 1;
    while (buckets < count)
        buckets *= 2;
    void *map = cds_lfht_new(buckets, 1, 0, CDS_LFHT_AUTO_RESIZE, NULL);
    rcu_register_thread();
    for (size_t i = 0; i < count; i++) {
        set_one(texts, map, key_of(texts, text_keys[i], int_keys[i]), i);
        sometimes_quiescent(i);
    }
    rcu_unregister_thread();
    return map;
}

static inline size_t look_up(int texts, void *map, struct picks picks) {
    size_t found = 0;
    rcu_register_thread();
    for (size_t i = 0; i < picks.count; i++) {
        struct cds_lfht_iter iterator;
        struct key key = pick_of(texts, picks, i);
        found += find(texts, map, &key, &iterator) != NULL;
        sometimes_quiescent(i);
    }
    rcu_unregister_thread();
    return found;
}

static inline void *set(int texts, void *map, struct picks picks, uint64_t value) {
    rcu_register_thread();
    for (size_t i = 0; i < picks.count; i++) {
        set_one(texts, map, pick_of(texts, picks, i), value + i);
        sometimes_quiescent(i);
    }
    rcu_unregister_thread();
    return map;
}

static inline void *drop(int texts, void *map, struct picks picks) {
    rcu_register_thread();
    for (size_t i = 0; i < picks.count; i++) {
        struct cds_lfht_iter iterator;
        struct key key = pick_of(texts, picks, i);
        struct entry *entry = find(texts, map, &key, &iterator);
        if (entry && !cds_lfht_del(map, &entry->node))
            call_rcu(&entry->head, free_entry);
        sometimes_quiescent(i);
    }
    rcu_unregister_thread();
    return map;
}

/* cds_lfht_for_each_entry would make an entry of the NULL at the end, too. */
static uint64_t iterate(void *map) {
    struct cds_lfht_iter iterator;
    struct cds_lfht_node *node;
    uint64_t sum = 0;
    rcu_register_thread();
    cds_lfht_for_each(map, &iterator, node) sum +=
        caa_container_of(node, struct entry, node)->value;
    rcu_unregister_thread();
    return sum;
}

static void destroy(void *map) {
    struct cds_lfht_iter iterator;
    struct cds_lfht_node *node;
    rcu_register_thread();
    cds_lfht_for_each(map, &iterator, node) {
        cds_lfht_del(map, node);
        call_rcu(&caa_container_of(node, struct entry, node)->head, free_entry);
    }
    rcu_unregister_thread();
    rcu_barrier();
    cds_lfht_destroy(map, NULL);
}

#define SUBJECT(name_, texts)                                                                      \
    static void *name_##_build(size_t count) {                                                     \
        return build(texts, count);                                                                \
    }                                                                                              \
    static size_t name_##_look_up(void *map, struct picks picks) {                                 \
        return look_up(texts, map, picks);                                                         \
    }                                                                                              \
    static void *name_##_set(void *map, struct picks picks, uint64_t value) {                      \
        return set(texts, map, picks, value);                                                      \
    }                                                                                              \
    static void *name_##_remove(void *map, struct picks picks) {                                   \
        return drop(texts, map, picks);                                                            \
    }                                                                                              \
    const struct subject urcu_##name_ = {.name = "rculfhash",                                      \
                                         .shared = 1,                                              \
                                         .build = name_##_build,                                   \
                                         .look_up = name_##_look_up,                               \
                                         .set = name_##_set,                                       \
                                         .remove = name_##_remove,                                 \
                                         .iterate = iterate,                                       \
                                         .release = destroy};

SUBJECT(ints, 0)
SUBJECT(texts, 1)
