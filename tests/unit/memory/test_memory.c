/* Allocation in blocks: M1 to M3 of memory/memory.h, F1 and F2 of memory/fresh.h. */
#include "../stm/block.h"
#include "core/tx.h"
#include "memory/fresh.h"
#include "memory/memory.h"
#include "nodes/nodes.h"
#include "stm/read_set.h"

#include <ame/count.h>
#include <errno.h>
#include <stdint.h>

TestSuite(memory, .init = software_only);

#define TWIN(result, name, ...) result twin_##name(__VA_ARGS__) __asm__("ame_twin." #name)
TWIN(void *, malloc, size_t);
TWIN(void *, calloc, size_t, size_t);
TWIN(void *, realloc, void *, size_t);
TWIN(void *, reallocarray, void *, size_t, size_t);
TWIN(void *, aligned_alloc, size_t, size_t);
TWIN(int, posix_memalign, void **, size_t, size_t);
TWIN(void, free, void *);
TWIN(char *, strdup, const char *);
TWIN(char *, strndup, const char *, size_t);
TWIN(void *, ame__take_node, size_t);
TWIN(void, ame__give_node, void *, size_t);
TWIN(void, ame__drop_node, void *);

/* ---- abort and commit ---- */

static int attempts;
static void *kept[4];
static void *foreign;

static void allocate(void *unused) {
    (void)unused;
    kept[0] = twin_malloc(100);
    kept[1] = twin_calloc(10, 10);
    kept[2] = twin_aligned_alloc(256, 512);
    kept[3] = twin_realloc(NULL, 50);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(((char *)kept[1])[i], 0);
    cr_assert_eq((uintptr_t)kept[2] % 256, 0);
    for (int i = 0; i < 4; i++)
        cr_assert(ame__is_fresh(ame__self, kept[i]));
    if (!attempts++)
        ame_abi_serial("test");
}

static void after_abort(void *unused) {
    (void)unused;
    for (int i = 0; i < 4; i++)
        cr_assert_not(ame__is_fresh(ame__self, kept[i]));
}

/* Under AddressSanitizer what is kept twice, or freed twice, ends the test. */
Test(memory, of_an_aborted_block_is_freed) {
    struct ame_abi_block block = {.plain = after_abort, .twin = allocate, .function = "test"};
    ame_abi_run(&block, NULL);
    cr_assert_eq(attempts, 1);
}

Test(memory, of_a_committed_block_is_kept) {
    attempts = 1;
    run_block(allocate, NULL);
    for (int i = 0; i < 4; i++) {
        memset(kept[i], 1, 50);
        free(kept[i]);
    }
}

static void free_foreign(void *unused) {
    (void)unused;
    twin_free(foreign);
    twin_free(NULL);
    cr_assert_eq(ame__self->frees.count, 1);
    /* Not handed out again while the block may abort. */
    for (int i = 0; i < 100; i++)
        cr_assert_neq(twin_malloc(40), foreign);
    if (!attempts++)
        ame_abi_serial("test");
}

static void foreign_is_there(void *unused) {
    (void)unused;
    cr_assert_str_eq((char *)foreign, "still here");
}

Test(memory, freed_by_an_aborted_block_is_still_there) {
    struct ame_abi_block block = {
        .plain = foreign_is_there, .twin = free_foreign, .function = "test"};
    foreign = strcpy(malloc(40), "still here");
    ame_abi_run(&block, NULL);
    cr_assert_eq(attempts, 1);
    free(foreign);
}

/* ---- M3 ---- */

static void frees_its_own(void *unused) {
    (void)unused;
    void *own = twin_malloc(64);
    twin_free(own);
    cr_assert_eq(ame__self->frees.count, 0);
    cr_assert_not(ame__is_fresh(ame__self, own));
}

Test(memory, of_the_block_itself_is_freed_at_once) {
    run_block(frees_its_own, NULL);
}

/* ---- nodes: N4 of nodes/nodes.h ---- */

enum { WORDS = 16 };
static void *taken, *another;

static void take_and_give(void *unused) {
    (void)unused;
    void *own = twin_ame__take_node(WORDS);
    twin_ame__give_node(own, WORDS);
    cr_assert_not(ame__is_fresh(ame__self, own));
    taken = twin_ame__take_node(WORDS);
    cr_assert(AME__ASAN || taken == own, "it is free at once");
    cr_assert(ame__is_fresh(ame__self, taken));
    twin_ame__drop_node(another);
    void *next = twin_ame__take_node(WORDS);
    cr_assert_neq(next, another, "another block may read it");
    twin_ame__give_node(next, WORDS);
    if (!attempts++)
        ame_abi_serial("test");
}

static void other_node_is_there(void *unused) {
    (void)unused;
    cr_assert_eq(*(uint64_t *)another, 42);
}

Test(memory, of_nodes_is_as_other_memory_is) {
    another = ame__take_node(WORDS);
    *(uint64_t *)another = 42;
    struct ame_abi_block block = {
        .plain = other_node_is_there, .twin = take_and_give, .function = "test"};
    ame_abi_run(&block, NULL);
    cr_assert_eq(attempts, 1);
    void *of_aborted = taken;
    run_block(take_and_give, NULL);
    cr_assert(AME__ASAN || taken == of_aborted, "what an aborted block took is free");
    cr_assert_neq(ame__take_node(WORDS), taken);
    ame__give_node(taken, WORDS);
}

/* ---- M3: what the logs may say of memory that the block has allocated ---- */

static char far_away[AME__OREC_COUNT * (size_t)AME__STRIPE_SIZE + AME__STRIPE_SIZE];

/* An address of memory that was there before, which shares the record. */
static void *alias_of(const void *address) {
    size_t table = sizeof far_away - AME__STRIPE_SIZE;
    char *alias = far_away + ((uintptr_t)address - (uintptr_t)far_away) % table;
    cr_assert_eq(ame__orec_index(alias), ame__orec_index(address));
    return (void *)((uintptr_t)alias & ~(uintptr_t)7);
}

static void is_kept(void *own) {
    twin_free(own);
    cr_assert_eq(ame__self->frees.count, 1);
    for (int i = 0; i < 100; i++)
        cr_assert_neq(twin_malloc(64), own);
}

/* AddressSanitizer ends the test where an undo writes to memory that was given back. */
static void logs_its_own(void *unused) {
    (void)unused;
    uint64_t *own = twin_malloc(64);
    ame_abi_write_u64(alias_of(own), 1);
    size_t entries = ame__self->undo.count;
    ame_abi_write_u64(own, 2);
    cr_assert_eq(ame__self->undo.count, entries + 1);
    is_kept(own);
    if (!attempts++)
        ame_abi_serial("test");
}

static void nothing(void *unused) {
    (void)unused;
}

Test(memory, that_an_undo_would_write_is_kept) {
    struct ame_abi_block block = {.plain = nothing, .twin = logs_its_own, .function = "test"};
    ame_abi_run(&block, NULL);
    cr_assert_eq(attempts, 1);
    run_block(logs_its_own, NULL);
}

static void has_a_neighbour(void *unused) {
    (void)unused;
    for (int i = 0; i < 50; i++) {
        uint64_t *own = twin_malloc(64);
        ame_abi_write_u64(alias_of(own), 1);
        ame_abi_read_u64(own);
        twin_free(own);
        cr_assert_eq(ame__self->frees.count, 0);
    }
}

Test(memory, whose_record_alone_is_locked_is_freed_at_once) {
    run_block(has_a_neighbour, NULL);
}

TWIN(void, ame_counter_add, ame_counter *, int64_t);
TWIN(int64_t, ame_counter_read, ame_counter *);
TWIN(void, ame_ref_release, ame_ref *, ame_destroy_fn *);

static void counts_in_its_own(void *unused) {
    (void)unused;
    ame_counter *own = twin_calloc(1, 64);
    twin_ame_counter_add(own, 1);
    is_kept(own);
}

static void reads_its_own_count(void *unused) {
    (void)unused;
    ame_counter *own = twin_calloc(1, 64);
    cr_assert_eq(twin_ame_counter_read(own), 0);
    is_kept(own);
}

static void never(ame_ref *ref) {
    (void)ref;
    abort();
}

static void releases_its_own(void *unused) {
    (void)unused;
    ame_ref *own = twin_calloc(1, 64);
    own->count = 2;
    twin_ame_ref_release(own, never);
    is_kept(own);
}

Test(memory, that_a_merge_would_write_is_kept) {
    run_block(counts_in_its_own, NULL);
    run_block(reads_its_own_count, NULL);
    run_block(releases_its_own, NULL);
}

/* ---- accesses to fresh memory leave nothing in the logs ---- */

static bool logs_are_empty(void) {
    return !ame__has_read(ame__self) && !ame__self->locks.count && !ame__self->undo.count;
}

static void use(void *bytes) {
    size_t size = *(size_t *)bytes;
    char *own = twin_malloc(size), *copy = twin_malloc(size);
    for (size_t i = 0; i + 8 <= size; i += 8)
        ame_abi_write_u64(own + i, i);
    for (size_t i = 0; i + 8 <= size; i += 8)
        cr_assert_eq(ame_abi_read_u64(own + i), i);
    ame_abi_copy(copy, own, size);
    cr_assert_eq(memcmp(copy, own, size), 0);
    ame_abi_fill(copy + size / 2, 7, size - size / 2);
    ame_abi_write_u8(own + size - 1, 7);
    cr_assert_eq(ame_abi_read_u8(copy + size - 1), 7);
    char buffer[16];
    ame_abi_read(buffer, own, 16);
    ame_abi_write(copy, buffer, 16);
    own = twin_realloc(own, size * 3);
    ame_abi_write_u8(own + size * 3 - 1, 1);
    twin_free(own);
    cr_assert(logs_are_empty());
}

Test(memory, fresh_leaves_nothing_in_the_logs) {
    run_block(use, &(size_t){24});
    run_block(use, &(size_t){1000});
    run_block(use, &(size_t){40000});
    run_block(use, &(size_t){3000000});
}

static void asks_while_it_waits(void *unused) {
    (void)unused;
    uint64_t *own = twin_malloc(64);
    for (int kind = 0; kind < 2; kind++) {
        twin_malloc(64); /* the last allocation is known without a look */
        ame__or_full(&ame__self->signal, AME__SIGNAL_EXTEND);
        ame__store_relaxed(&ame__self->read_limit, 0);
        if (kind)
            ame_abi_write_u64(own, 1);
        else
            ame_abi_read_u64(own);
        cr_assert_eq(ame__load_relaxed(&ame__self->signal), 0);
    }
}

Test(memory, fresh_does_not_keep_others_waiting) {
    run_block(asks_while_it_waits, NULL);
}

/* ---- blocks that are cancelled alone (F2) ---- */

static uint64_t *outer_memory;
static void *inner_memory;

static void inner_block(void *cancels) {
    if (!ame_abi_entrance())
        return;
    cr_assert_not(ame__is_fresh(ame__self, outer_memory));
    inner_memory = twin_malloc(64);
    ame_abi_write_u64(inner_memory, 3);
    cr_assert_eq(ame__self->undo.count, 0);
    cr_assert(ame__is_fresh(ame__self, inner_memory));
    cr_assert_not(ame__is_fresh(ame__self, outer_memory));
    ame_abi_write_u64(outer_memory, 2);
    cr_assert_eq(ame__self->undo.count, 1);
    if (cancels) {
        twin_free(outer_memory);
        ame_abi_cancel();
    }
}

static void run_inner(void *cancels) {
    struct ame_abi_block block = {.plain = must_not_run,
                                  .twin = inner_block,
                                  .function = "test",
                                  .kind = AME_ABI_BLOCK_CANCELS};
    ame_abi_run(&block, cancels);
}

static void around(void *cancels) {
    outer_memory = twin_malloc(64);
    ame_abi_write_u64(outer_memory, 1);
    run_inner(cancels);
    cr_assert_eq(*outer_memory, cancels ? 1 : 2);
    cr_assert(ame__is_fresh(ame__self, outer_memory));
    cr_assert_eq(ame__is_fresh(ame__self, inner_memory), !cancels);
    if (!cancels) {
        twin_free(inner_memory);
        cr_assert_eq(ame__self->frees.count, 0);
        is_kept(outer_memory); /* the inner block's undo points there */
    } else {
        twin_free(outer_memory);
    }
    if (!attempts++)
        ame_abi_serial("test");
}

static void run_around(void *cancels) {
    struct ame_abi_block block = {.plain = nothing, .twin = around, .function = "test"};
    attempts = 0;
    ame_abi_run(&block, cancels);
    cr_assert_eq(attempts, 1);
    ame_abi_run(&block, cancels);
    cr_assert_eq(attempts, 2);
}

Test(memory, of_a_cancelled_block_is_freed) {
    run_around(&attempts);
}

Test(memory, of_an_inner_block_is_the_outer_ones) {
    run_around(NULL);
}

/* ---- long blocks ---- */

#if AME__ASAN
size_t __sanitizer_get_current_allocated_bytes(void);
#else
#include <malloc.h>
static size_t __sanitizer_get_current_allocated_bytes(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
#endif

enum { STEP_NODES = 1000, STEP_BYTES = STEP_NODES * 1024 };

/* The nodes of each step are of another size, so they do not lie where the last ones did. */
static void a_step(unsigned step) {
    void *first = NULL;
    for (int i = 0; i < STEP_NODES; i++) {
        uint64_t *node = twin_malloc(1000 - step % 50 * 16);
        ame_abi_write_u64(node, (uint64_t)first);
        first = node;
    }
    for (void *next; first; first = next) {
        next = (void *)ame_abi_read_u64(first);
        twin_free(first);
    }
}

static void many_steps(void *unused) {
    (void)unused;
    a_step(0);
    size_t before = __sanitizer_get_current_allocated_bytes();
    for (unsigned step = 0; step < 200; step++)
        a_step(step);
    cr_assert_lt(__sanitizer_get_current_allocated_bytes(), before + STEP_BYTES);
    cr_assert(logs_are_empty());
}

Test(memory, does_not_grow_with_the_block) {
    run_block(many_steps, NULL);
}

/* ---- the functions ---- */

static void grow(void *unused) {
    (void)unused;
    char *text = twin_realloc(foreign, 1000);
    cr_assert_neq(text, foreign);
    cr_assert_str_eq(text, "content");
    text = twin_realloc(text, 3);
    cr_assert_eq(memcmp(text, "con", 3), 0);
    text = twin_reallocarray(text, 10, 10);
    cr_assert_eq(memcmp(text, "con", 3), 0);
    cr_assert_null(twin_realloc(text, 0));
    errno = 0;
    cr_assert_null(twin_reallocarray(NULL, SIZE_MAX / 2, 3));
    cr_assert_eq(errno, ENOMEM);
}

Test(memory, realloc_keeps_the_content) {
    foreign = strcpy(malloc(8), "content");
    run_block(grow, NULL);
}

/* AddressSanitizer ends a program that asks for so much, unless told otherwise. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static void too_much(void *unused) {
    (void)unused;
    errno = 0;
    cr_assert_null(twin_malloc(PTRDIFF_MAX));
    cr_assert_eq(errno, ENOMEM);
    cr_assert_eq(ame__tx_self()->fresh.count, 0);
}

Test(memory, no_memory_is_said_as_malloc_does) {
    run_block(too_much, NULL);
}

static void *result = &result;

static void align(void *unused) {
    (void)unused;
    cr_assert_eq(twin_posix_memalign(&result, 3, 8), EINVAL);
    cr_assert_eq(result, &result);
    cr_assert_eq(twin_posix_memalign(&result, 128, 8), 0);
    cr_assert_eq((uintptr_t)result % 128, 0);
    if (!attempts++)
        ame_abi_serial("test");
}

static void result_is_as_it_was(void *unused) {
    (void)unused;
    cr_assert_eq(result, &result);
}

Test(memory, aligned_result_is_stored_and_undone) {
    struct ame_abi_block block = {.plain = result_is_as_it_was, .twin = align, .function = "test"};
    ame_abi_run(&block, NULL);
    run_block(align, NULL);
    cr_assert_neq(result, &result);
    free(result);
}

static void duplicate(void *text) {
    char *whole = twin_strdup(text), *part = twin_strndup(text, 3), *all = twin_strndup(text, 99);
    cr_assert_str_eq(whole, "duplicate");
    cr_assert_str_eq(part, "dup");
    cr_assert_str_eq(all, "duplicate");
    twin_free(whole);
    twin_free(part);
    twin_free(all);
}

Test(memory, strings_are_duplicated) {
    run_block(duplicate, (char[]){"duplicate"});
}

static void many(void *unused) {
    enum { MANY = 1000 };
    static void *memory[MANY];
    (void)unused;
    for (int i = 0; i < MANY; i++)
        memory[i] = twin_malloc(32);
    for (int i = 0; i < MANY; i++)
        twin_free(memory[i]);
}

Test(memory, many_are_freed_once) {
    for (int i = 0; i < 10; i++)
        run_block(many, NULL);
}
