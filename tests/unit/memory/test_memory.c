/* Allocation in blocks: M1 to M3 of memory/memory.h. */
#include "../stm/block.h"
#include "core/tx.h"
#include "memory/memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

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
    cr_assert_eq(ame__tx_self()->allocations.count, 4);
    if (!attempts++)
        ame_abi_serial("test");
}

static void after_abort(void *unused) {
    (void)unused;
    cr_assert_eq(ame__tx_self()->allocations.count, 0);
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
    cr_assert(ame__memory_needs_quiescence(ame__tx_self()));
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

/* ---- M2 and M3: who waits ---- */

static _Alignas(64) uint64_t list;
static atomic_int reader_is_in, freed;
static int freed_too_early;

static void read_and_stay(void *unused) {
    (void)unused;
    ame_abi_read_u64(&list);
    if (!reader_is_in) {
        reader_is_in = 1;
        usleep(50 * 1000);
        freed_too_early = freed;
    }
}

static void *reader(void *unused) {
    run_block(read_and_stay, unused);
    return unused;
}

static void only_frees(void *unused) {
    (void)unused;
    twin_free(foreign);
}

static void frees_its_own(void *unused) {
    (void)unused;
    void *own = twin_malloc(64);
    twin_free(own);
    cr_assert_not(ame__memory_needs_quiescence(ame__tx_self()));
    for (int i = 0; i < 100; i++)
        cr_assert_neq(twin_malloc(64), own, "the undo log may point there");
}

static void run_beside_a_reader(void (*body)(void *)) {
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, reader, NULL), 0);
    while (!reader_is_in)
        ;
    run_block(body, NULL);
    freed = 1;
    pthread_join(thread, NULL);
}

Test(memory, is_freed_when_no_block_can_read_it) {
    foreign = malloc(40);
    run_beside_a_reader(only_frees);
    cr_assert_not(freed_too_early);
}

static void leaves_nothing(void *unused) {
    (void)unused;
    twin_free(twin_malloc(64));
}

Test(memory, of_the_block_itself_is_freed_without_a_wait) {
    run_beside_a_reader(leaves_nothing);
    cr_assert(freed_too_early, "it did wait for the reader");
}

Test(memory, of_the_block_itself_is_not_used_again_before_its_end) {
    run_block(frees_its_own, NULL);
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
    cr_assert_eq(ame__tx_self()->allocations.count, 0);
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

/* More than the search for own allocations looks at. */
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
