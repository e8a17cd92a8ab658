/* tmap.h - ame_tmap: a map that threads share and change in blocks.
 *
 * Where an ame_map is a value, this is a place: set and remove change it for all. In a block
 * the functions are part of the block, and undone with it; outside each is a block of its
 * own. Blocks that change different keys rarely conflict: the entries are spread over 256
 * maps by the hash of the key, each with a root on a cache line of its own, and a block
 * reads and writes the roots of its keys only. The size is an ame_counter, so changing
 * it makes no conflict, and reading it does.
 *
 * Keys and values are those of map.h; keys are never given back by a tmap while a version
 * that has them is walked. Cost: that of the ame_map functions. All functions: any thread.
 * A tmap that is NULL or was freed ends the program with a message, as far as it is noticed. */
#ifndef AME_TMAP_H
#define AME_TMAP_H

#include <ame/map.h>

#pragma GCC visibility push(default)

typedef struct ame_tmap ame_tmap;

/* A new empty map: 16 KB. NULL when out of memory or `keys` is not a key type. */
ame_safe ame_tmap *ame_tmap_new(enum ame_key_type keys);
ame_safe ame_tmap *ame_tmap_new_typed(const struct ame_key_functions *functions);

/* Frees the map, which no other thread may use any more; NULL is allowed. */
ame_safe void ame_tmap_free(ame_tmap *map);

/* Looks `key` up. Returns true and stores the value (unless `value` is NULL). Outside blocks it
 * takes no fence, reference or hardware transaction, but for typed keys, so that lookups in a row
 * wait for memory together; it waits only for a block that is just changing the same part. For
 * that, what is replaced while other threads look up is freed later: each thread that changes maps
 * lets some hundred old versions wait, until it has changed as many more, ends, or ame_tmap_free
 * or ame_map_reclaim(SIZE_MAX) is called. */
ame_safe bool ame_tmap_get(ame_tmap *map, ame_key key, ame_value *value);

/* AME_OK, or AME_ENOMEM and nothing has changed. */
ame_safe int ame_tmap_set(ame_tmap *map, ame_key key, ame_value value);

/* The same; AME_ENOENT if the key is absent. */
ame_safe int ame_tmap_remove(ame_tmap *map, ame_key key);

/* `function` decides on `key`, as in ame_map_update, as one block. AME_OK or AME_ENOMEM. */
int ame_tmap_update(ame_tmap *map, ame_key key, ame_map_update_fn *function, void *context);

/* The number of entries. */
ame_safe size_t ame_tmap_size(ame_tmap *map);

/* Stores maps that have all entries as of one moment, each entry in one of them, and gives the
 * caller a reference to each: as ame_tmap_for_each sees them. */
enum { AME_TMAP_PARTS = 256 };
ame_safe void ame_tmap_snapshot(ame_tmap *map, ame_map *parts[AME_TMAP_PARTS]);

/* Calls `function` for each entry, in no special order, and goes on while that returns 0;
 * returns the last result. It sees the map as it was at one moment: in a block, as of the
 * block; outside, when the call began, and holds that version meanwhile, so the function may
 * change the map. Reads all 256 roots. In parallel: ame_for_each_in_tmap. */
typedef int ame_tmap_visit_fn(ame_key key, ame_value value, void *context);
int ame_tmap_for_each(ame_tmap *map, ame_tmap_visit_fn *function, void *context);

#pragma GCC visibility pop
#endif
