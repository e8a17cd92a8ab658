/* for_each.c - the public loops.
 *
 * For each kind of loop there is the argument record of one call, as the plugin
 * would lay it out for `atomic { result = body(...); }`: what the body is called
 * with, and the result, which a trampoline stores at the block's end. The record
 * lies in the frame of the step that runs the block, private to it. */
#include "loop/blocks.h"
#include "loop/team.h"
#include <ame/error.h>
#include <ame/runtime.h>

#include <pthread.h>
#include <stdlib.h>

/* Each body is a block of its own. In a block the bodies become part of it, one
 * after the other: other threads could not see what that block has done so far. */
static int run(ame__loop_step *step, const void *loop, uint64_t count,
               const struct ame_loop_options *options) {
    if (ame_in_block())
        return ame__run_in_order(step, loop, count);
    return ame__team_run(step, loop, count, options);
}

/* ---- maps ---- */

struct map_entry {
    ame_key key;
    ame_value value;
};

struct map_loop {
    struct ame_abi_block *block;
    ame_map_body *body, *twin;
    void *context;
    const struct map_entry *entries;
};

struct map_call {
    const struct map_loop *loop;
    struct map_entry entry;
    int result;
};

static void call_map_body(void *args) {
    struct map_call *call = args;
    call->result = call->loop->body(call->entry.key, call->entry.value, call->loop->context);
}

static void call_map_twin(void *args) {
    struct map_call *call = args;
    call->result = call->loop->twin(call->entry.key, call->entry.value, call->loop->context);
}

static int map_step(const void *argument, uint64_t index) {
    const struct map_loop *loop = argument;
    struct map_call call = {.loop = loop, .entry = loop->entries[index]};
    ame_abi_run(loop->block, &call);
    return call.result;
}

struct held {
    struct map_entry *entries;
    size_t count;
    ame_map *maps[AME_TMAP_PARTS]; /* references: bodies may drop those that the caller counts on */
};

/* An array can be handed out in grains, a trie can't. */
static struct map_entry *entries_of(const struct held *held, size_t count) {
    struct map_entry *entries = calloc(count, sizeof *entries), *entry = entries;
    ame_map_iterator iterator;
    for (size_t m = 0; entries && m < held->count; m++) {
        ame_map_iterate(held->maps[m], &iterator);
        while (ame_map_next(&iterator, &entry->key, &entry->value))
            entry++;
    }
    return entries;
}

static void give_back(void *argument) {
    struct held *held = argument;
    free(held->entries);
    for (size_t m = 0; m < held->count; m++)
        ame_map_release(held->maps[m]);
}

/* A body ended the calling thread: its block is left first, as giving back must
 * not become part of it. */
static void give_back_at_thread_end(void *held) {
    ame__leave_block_at_thread_end();
    give_back(held);
}

static int run_over_maps(struct held *held, ame_map_body *body, void *context,
                         const struct ame_loop_options *options) {
    static const struct ame__trampolines trampolines = {call_map_body, call_map_twin};
    size_t count = 0;
    for (size_t m = 0; m < held->count; m++)
        count += ame_map_size(held->maps[m]);
    if (!count)
        return 0;
    const void *twin;
    struct ame_abi_block *block = ame__loop_block((const void *)body, &trampolines, &twin);
    held->entries = block ? entries_of(held, count) : NULL;
    if (!held->entries)
        return AME_ENOMEM;
    struct map_loop loop = {block, body, (ame_map_body *)twin, context, held->entries};
    int result;
    pthread_cleanup_push(give_back_at_thread_end, held);
    result = run(map_step, &loop, count, options);
    pthread_cleanup_pop(0);
    return result;
}

int ame_for_each_in_map(ame_map *map, ame_map_body *body, void *context,
                        const struct ame_loop_options *options) {
    if (!map || !body)
        return AME_EINVAL;
    struct held held = {.count = 1, .maps = {ame_map_retain(map)}};
    int result = run_over_maps(&held, body, context, options);
    give_back(&held);
    return result;
}

int ame_for_each_in_tmap(ame_tmap *map, ame_map_body *body, void *context,
                         const struct ame_loop_options *options) {
    if (!map || !body)
        return AME_EINVAL;
    struct held held = {.count = AME_TMAP_PARTS};
    ame_tmap_snapshot(map, held.maps);
    int result = run_over_maps(&held, body, context, options);
    give_back(&held);
    return result;
}

/* ---- arrays ---- */

struct array_loop {
    struct ame_abi_block *block;
    ame_array_body *body, *twin;
    void *context;
    char *first;
    size_t element_size;
};

struct array_call {
    const struct array_loop *loop;
    void *element;
    int result;
};

static void call_array_body(void *args) {
    struct array_call *call = args;
    call->result = call->loop->body(call->element, call->loop->context);
}

static void call_array_twin(void *args) {
    struct array_call *call = args;
    call->result = call->loop->twin(call->element, call->loop->context);
}

static int array_step(const void *argument, uint64_t index) {
    const struct array_loop *loop = argument;
    struct array_call call = {.loop = loop, .element = loop->first + index * loop->element_size};
    ame_abi_run(loop->block, &call);
    return call.result;
}

int ame_for_each_in_array(void *first, size_t count, size_t element_size, ame_array_body *body,
                          void *context, const struct ame_loop_options *options) {
    static const struct ame__trampolines trampolines = {call_array_body, call_array_twin};
    size_t bytes;
    if (!body || (count && (!first || !element_size)) ||
        __builtin_mul_overflow(count, element_size, &bytes))
        return AME_EINVAL;
    if (!count)
        return 0;
    const void *twin;
    struct ame_abi_block *block = ame__loop_block((const void *)body, &trampolines, &twin);
    if (!block)
        return AME_ENOMEM;
    struct array_loop loop = {block, body, (ame_array_body *)twin, context, first, element_size};
    return run(array_step, &loop, count, options);
}

/* ---- ranges ---- */

struct range_loop {
    struct ame_abi_block *block;
    ame_range_body *body, *twin;
    void *context;
    int64_t begin;
};

struct range_call {
    const struct range_loop *loop;
    int64_t index;
    int result;
};

static void call_range_body(void *args) {
    struct range_call *call = args;
    call->result = call->loop->body(call->index, call->loop->context);
}

static void call_range_twin(void *args) {
    struct range_call *call = args;
    call->result = call->loop->twin(call->index, call->loop->context);
}

static int range_step(const void *argument, uint64_t index) {
    const struct range_loop *loop = argument;
    /* Unsigned, as a range may be longer than half of all numbers. */
    struct range_call call = {.loop = loop, .index = (int64_t)((uint64_t)loop->begin + index)};
    ame_abi_run(loop->block, &call);
    return call.result;
}

int ame_for_each_in_range(int64_t begin, int64_t end, ame_range_body *body, void *context,
                          const struct ame_loop_options *options) {
    static const struct ame__trampolines trampolines = {call_range_body, call_range_twin};
    if (!body)
        return AME_EINVAL;
    if (begin >= end)
        return 0;
    const void *twin;
    struct ame_abi_block *block = ame__loop_block((const void *)body, &trampolines, &twin);
    if (!block)
        return AME_ENOMEM;
    struct range_loop loop = {block, body, (ame_range_body *)twin, context, begin};
    return run(range_step, &loop, (uint64_t)end - (uint64_t)begin, options);
}
