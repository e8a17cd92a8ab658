/* counting_runtime.c - a runtime for one thread that counts and checks (see counting.h).
 *
 * The arena is one file in memory that is mapped twice: at `arena`, where the program
 * sees it and which is closed while a twin runs, and at `window`, which the
 * barriers use. */
#define _GNU_SOURCE
#include "counting.h"
#include <ame/abi.h>
#include <ame/count.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FAIL(...) (fprintf(stderr, "counting runtime: " __VA_ARGS__), fputc('\n', stderr), _exit(1))

enum { ARENA_SIZE = 1 << 20, STACK_LIMIT = 1 << 16 };

struct counts counts;
bool compare_with_plain = true;
const char *block_function;
unsigned block_line;
const char ame_abi_version_10 = AME_ABI_VERSION;

/* Fast paths in line find records that are too new, and so call their barriers. */
static size_t all_zero[AME_ABI_AT_ONCE / sizeof(size_t) + 1];
_Thread_local const void *ame_abi_reads = all_zero;
size_t ame_abi_orecs[1 << AME_ABI_OREC_BITS];

/* No block runs in hardware in line. */
size_t ame_abi_phase, ame_abi_phases, ame_abi_counts_in_hardware;
void ame_abi_run_after(struct ame_abi_block *block, void *args, uint32_t status) {
    (void)args;
    FAIL("%s was aborted in line with status %u", block->function, status);
}
void ame_abi_await_additions(void) {
    FAIL("a block has committed in line");
}

__attribute__((constructor(102))) static void make_records_too_new(void) {
    memset(ame_abi_orecs, 1, sizeof ame_abi_orecs);
}

/* ---- the arena ---- */

static char *arena, *window;
static size_t arena_used;

__attribute__((constructor(102))) static void make_arena(void) {
    int file = memfd_create("arena", 0);
    if (file < 0 || ftruncate(file, ARENA_SIZE))
        FAIL("no memory for the arena");
    arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    window = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (arena == MAP_FAILED || window == MAP_FAILED)
        FAIL("the arena can't be mapped");
}

void *shared(size_t size) {
    void *piece = arena + arena_used;
    arena_used += (size + 4095) & ~(size_t)4095;
    if (arena_used > ARENA_SIZE)
        FAIL("the arena is too small");
    return piece;
}

static void close_arena(bool closed) {
    mprotect(arena, ARENA_SIZE, closed ? PROT_NONE : PROT_READ | PROT_WRITE);
}

/* Where barriers find the byte that the program has at `address`. */
static void *at(const void *address) {
    uintptr_t offset = (uintptr_t)address - (uintptr_t)arena;
    return offset < ARENA_SIZE ? window + offset : (void *)(uintptr_t)address;
}

/* ---- blocks ---- */

static unsigned depth;
extern char *__libc_stack_end; /* glibc's: the frames of the program end here */

/* The state that a block may change: the arena, and the frames of its callers. */
struct state {
    char arena[ARENA_SIZE];
    char stack[STACK_LIMIT];
};
static struct state before, after_plain, after_twin;

static void save(struct state *to, const char *stack) {
    size_t size = (size_t)(__libc_stack_end - stack);
    if (size > STACK_LIMIT)
        FAIL("the stack is too deep");
    memcpy(to->arena, window, ARENA_SIZE);
    memcpy(to->stack, stack, size);
}

static void restore(const struct state *from, char *stack) {
    memcpy(window, from->arena, ARENA_SIZE);
    memcpy(stack, from->stack, (size_t)(__libc_stack_end - stack));
}

static void run_twin(struct ame_abi_block *block, void *args) {
    counts = (struct counts){.blocks = 1};
    depth = 1;
    close_arena(true);
    block->twin(args);
    close_arena(false);
    depth = 0;
}

/* `stack` is where the callers' frames begin. */
__attribute__((noinline)) static void run_twice(struct ame_abi_block *block, void *args,
                                                char *stack) {
    save(&before, stack);
    block->plain(args);
    save(&after_plain, stack);
    restore(&before, stack);
    run_twin(block, args);
    save(&after_twin, stack);
    if (memcmp(after_plain.arena, after_twin.arena, ARENA_SIZE))
        FAIL("%s:%u: plain code and twin leave different shared data", block->function,
             block->line);
}

void ame_abi_run(struct ame_abi_block *block, void *args) {
    static unsigned plain_depth;
    if (depth) {
        counts.blocks++;
        return block->twin(args);
    }
    if (plain_depth)
        return block->plain(args);
    if (!block->twin || block->place != (const void *)block->plain)
        FAIL("a block is not described as it should be");
    block_function = block->function;
    block_line = block->line;
    plain_depth++;
    if (compare_with_plain)
        run_twice(block, args, __builtin_frame_address(0));
    else
        run_twin(block, args);
    plain_depth--;
}

/* ---- twins ---- */

static const struct ame_abi_twin *tables[256];
static size_t sizes[256], table_count;

void ame_abi_register(const struct ame_abi_twin *table, size_t count) {
    if (table_count == sizeof tables / sizeof tables[0])
        FAIL("too many modules");
    tables[table_count] = table;
    sizes[table_count++] = count;
}

void ame_abi_unregister(const struct ame_abi_twin *table, size_t count) {
    for (size_t i = 0; i < table_count; i++)
        if (tables[i] == table && sizes[i] == count)
            return;
    FAIL("a module unregisters what it has not registered");
}

const void *ame_abi_twin_of_named(const void *function, const char *name) {
    for (size_t t = 0; t < table_count; t++)
        for (size_t i = 0; i < sizes[t]; i++)
            if (tables[t][i].original == function) {
                counts.twins_found++;
                return tables[t][i].twin;
            }
    ame_abi_serial(name);
    return function;
}

const void *ame_abi_twin_of(const void *function) {
    return ame_abi_twin_of_named(function, "a call through a pointer");
}

/* What comes next is plain code. */
void ame_abi_serial(const char *why) {
    if (!depth)
        return;
    counts.serial++;
    counts.serial_why = why;
    close_arena(false);
}

/* ---- barriers ---- */

#define SIZED(bits)                                                                                \
    uint##bits##_t ame_abi_read_u##bits(const void *address) {                                     \
        uint##bits##_t value;                                                                      \
        counts.reads++;                                                                            \
        counts.read_bytes += sizeof value;                                                         \
        memcpy(&value, at(address), sizeof value);                                                 \
        return value;                                                                              \
    }                                                                                              \
    __attribute__((preserve_most)) uint##bits##_t ame_abi_slow_read_u##bits(const void *address) { \
        return ame_abi_read_u##bits(address);                                                      \
    }                                                                                              \
    uint##bits##_t ame_abi_read_for_write_u##bits(void *address) {                                 \
        counts.reads_for_write++;                                                                  \
        return ame_abi_read_u##bits(address);                                                      \
    }                                                                                              \
    void ame_abi_write_u##bits(void *address, uint##bits##_t value) {                              \
        counts.writes++;                                                                           \
        counts.written_bytes += sizeof value;                                                      \
        memcpy(at(address), &value, sizeof value);                                                 \
    }
SIZED(8)
SIZED(16)
SIZED(32)
SIZED(64)

void ame_abi_read(void *to_private, const void *from, size_t size) {
    counts.reads++;
    counts.read_bytes += size;
    memcpy(to_private, at(from), size);
}

void ame_abi_write(void *to, const void *from_private, size_t size) {
    counts.writes++;
    counts.written_bytes += size;
    memcpy(at(to), from_private, size);
}

void ame_abi_read_for_write(void *to_private, void *from, size_t size) {
    counts.reads_for_write++;
    ame_abi_read(to_private, from, size);
}

void ame_abi_write_back(void *to, const void *from_private, size_t size) {
    ame_abi_write(to, from_private, size);
}

void ame_abi_copy(void *to, const void *from, size_t size) {
    counts.copies++;
    counts.read_bytes += size;
    counts.written_bytes += size;
    memmove(at(to), at(from), size);
}

void ame_abi_fill(void *to, int byte, size_t size) {
    counts.fills++;
    counts.written_bytes += size;
    memset(at(to), byte, size);
}

/* ---- twins of library functions ---- */

#define LIBRARY(result, name, parameters, ...)                                                     \
    result twin_##name parameters __asm__("ame_twin." #name);                                      \
    result twin_##name parameters {                                                                \
        counts.library++;                                                                          \
        return __VA_ARGS__;                                                                        \
    }
LIBRARY(void *, malloc, (size_t size), malloc(size))
LIBRARY(void *, calloc, (size_t count, size_t size), calloc(count, size))
LIBRARY(void *, realloc, (void *old, size_t size), realloc(old, size))
LIBRARY(void, free, (void *memory), free(memory))
LIBRARY(size_t, strlen, (const char *text), strlen(at(text)))
LIBRARY(int, strcmp, (const char *a, const char *b), strcmp(at(a), at(b)))
LIBRARY(int, memcmp, (const void *a, const void *b, size_t size), memcmp(at(a), at(b), size))
LIBRARY(int, bcmp, (const void *a, const void *b, size_t size), bcmp(at(a), at(b), size))
LIBRARY(void *, memcpy, (void *to, const void *from, size_t size), memcpy(at(to), at(from), size))
LIBRARY(void, ame_irrevocable, (void), ame_abi_serial("ame_irrevocable"))
LIBRARY(void, ame_counter_add, (ame_counter * counter, int64_t delta),
        (void)(((ame_counter *)at(counter))->value += delta))

void ame_irrevocable(void) {}
void ame_counter_add(ame_counter *counter, int64_t delta) {
    counter->value += delta;
}
