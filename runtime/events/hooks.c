/* hooks.c - entries of global offset tables that lead to the allocator, led elsewhere while
 * something is recorded: as heap profilers do it that are loaded into a running program. */
#define _GNU_SOURCE
#include "events/hooks.h"
#include "base/atomics.h"
#include "events/allocations.h"
#include "events/recorder.h"

#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- the functions ---- */

/* Through pointers in data, which are no entries of a global offset table. */
#define REAL(function) static __typeof__(&function) const volatile real_##function = function
REAL(malloc);
REAL(calloc);
REAL(realloc);
REAL(reallocarray);
REAL(aligned_alloc);
REAL(posix_memalign);
REAL(strdup);
REAL(strndup);

#define PLACE __builtin_return_address(0)

static void *enter(void *memory, size_t size, const void *place) {
    if (memory)
        ame__allocated(memory, size, place);
    return memory;
}

static void *watched_malloc(size_t size, const void *place) {
    return enter(real_malloc(size), size, place);
}
static void *watched_calloc(size_t count, size_t size, const void *place) {
    return enter(real_calloc(count, size), count * size, place);
}
static void *watched_realloc(void *old, size_t size, const void *place) {
    return enter(real_realloc(old, size), size, place);
}
static void *watched_aligned_alloc(size_t alignment, size_t size, const void *place) {
    return enter(real_aligned_alloc(alignment, size), size, place);
}

static void *hooked_malloc(size_t size) {
    return watched_malloc(size, PLACE);
}
static void *hooked_calloc(size_t count, size_t size) {
    return watched_calloc(count, size, PLACE);
}
static void *hooked_realloc(void *old, size_t size) {
    return watched_realloc(old, size, PLACE);
}
static void *hooked_reallocarray(void *old, size_t count, size_t size) {
    return enter(real_reallocarray(old, count, size), count * size, PLACE);
}
static void *hooked_aligned_alloc(size_t alignment, size_t size) {
    return watched_aligned_alloc(alignment, size, PLACE);
}

static int watched_posix_memalign(void **result, size_t alignment, size_t size, const void *place) {
    int error = real_posix_memalign(result, alignment, size);
    if (!error)
        enter(*result, size, place);
    return error;
}
static int hooked_posix_memalign(void **result, size_t alignment, size_t size) {
    return watched_posix_memalign(result, alignment, size, PLACE);
}

static char *hooked_strdup(const char *text) {
    char *copy = real_strdup(text);
    return enter(copy, copy ? strlen(copy) + 1 : 0, PLACE);
}

static char *hooked_strndup(const char *text, size_t most) {
    char *copy = real_strndup(text, most);
    return enter(copy, copy ? strlen(copy) + 1 : 0, PLACE);
}

struct hook {
    const char *name;
    void *hooked, *real;
};

enum { HOOKS = 8 };
#define HOOK(function) {#function, (void *)hooked_##function, (void *)real_##function}

/* ---- one module ---- */

struct module {
    uintptr_t base;
    const ElfW(Sym) * symbols;
    const char *strings;
    uintptr_t read_only, read_only_end; /* since it was loaded */
};

/* Where a table of the module is. The dynamic linker writes addresses into this section, but not of
 * all modules. */
static const void *table_at(uintptr_t base, uintptr_t value) {
    return (const void *)(value < base ? base + value : value);
}

static void write_entry(const struct module *module, uintptr_t address, void *value) {
    uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE), page = address & -page_size;
    bool guarded = address >= module->read_only && address < module->read_only_end;
    if (guarded && mprotect((void *)page, page_size, PROT_READ | PROT_WRITE))
        return;
    ame__store_relaxed((ame__word *)address, (uint64_t)value);
    if (guarded)
        mprotect((void *)page, page_size, PROT_READ);
}

static void change_entries(const struct module *module, const ElfW(Rela) * entries, size_t size,
                           bool set) {
    const struct hook hooks[HOOKS] = {HOOK(malloc),       HOOK(calloc),        HOOK(realloc),
                                      HOOK(reallocarray), HOOK(aligned_alloc), HOOK(posix_memalign),
                                      HOOK(strdup),       HOOK(strndup)};
    for (size_t i = 0; i < size / sizeof *entries; i++) {
        unsigned type = (unsigned)ELF64_R_TYPE(entries[i].r_info);
        if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT)
            continue;
        const char *name =
            module->strings + module->symbols[ELF64_R_SYM(entries[i].r_info)].st_name;
        for (size_t j = 0; j < HOOKS; j++)
            if (!strcmp(name, hooks[j].name))
                write_entry(module, module->base + entries[i].r_offset,
                            set ? hooks[j].hooked : hooks[j].real);
    }
}

/* The C library's own calls have no place that says anything. */
static bool is_system(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return !strncmp(name, "libc.so", 7) || !strncmp(name, "ld-linux", 8) ||
           !strncmp(name, "linux-vdso", 10);
}

static int change_module(struct dl_phdr_info *info, size_t size, void *set) {
    struct module module = {.base = info->dlpi_addr};
    const ElfW(Dyn) *dynamic = NULL;
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_DYNAMIC)
            dynamic = (const ElfW(Dyn) *)(info->dlpi_addr + segment->p_vaddr);
        if (segment->p_type == PT_GNU_RELRO) {
            module.read_only = info->dlpi_addr + segment->p_vaddr;
            module.read_only_end = module.read_only + segment->p_memsz;
        }
    }
    if (!dynamic || is_system(info->dlpi_name))
        return 0;
    struct {
        const ElfW(Rela) * entries;
        size_t size;
    } calls = {NULL, 0}, data = {NULL, 0};
    for (const ElfW(Dyn) *entry = dynamic; entry->d_tag != DT_NULL; entry++) {
        const void *table = table_at(info->dlpi_addr, entry->d_un.d_ptr);
        switch (entry->d_tag) {
        case DT_SYMTAB:
            module.symbols = table;
            break;
        case DT_STRTAB:
            module.strings = table;
            break;
        case DT_JMPREL:
            calls.entries = table;
            break;
        case DT_PLTRELSZ:
            calls.size = entry->d_un.d_val;
            break;
        case DT_RELA:
            data.entries = table;
            break;
        case DT_RELASZ:
            data.size = entry->d_un.d_val;
            break;
        default:
            break;
        }
    }
    if (module.symbols && module.strings) {
        change_entries(&module, calls.entries, calls.entries ? calls.size : 0, *(bool *)set);
        change_entries(&module, data.entries, data.entries ? data.size : 0, *(bool *)set);
    }
    return 0;
}

/* ---- the runtime's own calls, for blocks ---- */

static void *plain_malloc(size_t size, const void *place) {
    (void)place;
    return malloc(size);
}
static void *plain_calloc(size_t count, size_t size, const void *place) {
    (void)place;
    return calloc(count, size);
}
static void *plain_realloc(void *old, size_t size, const void *place) {
    (void)place;
    return realloc(old, size);
}
static void *plain_aligned_alloc(size_t alignment, size_t size, const void *place) {
    (void)place;
    return aligned_alloc(alignment, size);
}
static int plain_posix_memalign(void **result, size_t alignment, size_t size, const void *place) {
    (void)place;
    return posix_memalign(result, alignment, size);
}

#define PLAIN {plain_malloc, plain_calloc, plain_realloc, plain_aligned_alloc, plain_posix_memalign}
#define WATCHED                                                                                    \
    {watched_malloc, watched_calloc, watched_realloc, watched_aligned_alloc, watched_posix_memalign}

struct ame__allocator ame__allocator = PLAIN;

/* ---- all ---- */

void ame__hooks_set(void) {
    bool set = true;
    ame__allocator = (struct ame__allocator)WATCHED;
    dl_iterate_phdr(change_module, &set);
}

void ame__hooks_clear(void) {
    bool set = false;
    ame__allocator = (struct ame__allocator)PLAIN;
    dl_iterate_phdr(change_module, &set);
}
