/* copies.c - finds the other copies of the runtime in the process.
 *
 * A shared object that was linked with libame.a has a copy of its own. That is fine where the
 * dynamic linker has bound its symbols to the program's, and wrong where the program does not
 * export its own (it was linked without -rdynamic) or the object binds to itself (-Bsymbolic, a
 * version script, RTLD_DEEPBIND). By symbols such copies can't find each other, so each leaves an
 * ELF note, which strip and --gc-sections keep. */
#define _GNU_SOURCE
#include "tx/copies.h"
#include "base/diag.h"
#include <ame/abi.h>

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The ame_abi_run that this copy's object calls, which may be another copy's. Relocated before
 * any constructor runs, so each copy can read that of all others. */
void (*const ame__entry)(struct ame_abi_block *, void *) = ame_abi_run;

/* Other versions of ame must find it: the layout is for ever. */
#define TEXT_OF(x) #x
#define LONG(x) ".long " TEXT_OF(x) "\n\t"
__asm__(".pushsection .note.ame, \"a\", @note\n\t"
        ".balign 4\n\t"
        ".long 4, 12, 1\n\t" /* sizes of name and description, type */
        ".asciz \"ame\"\n\t"
        ".quad ame__entry - .\n\t" LONG(AME_ABI_VERSION) ".popsection");
enum { NAME_SIZE = 4, DESCRIPTION_SIZE = 12, NOTE_TYPE = 1 };

typedef ElfW(Phdr) segment;

struct copy {
    uintptr_t entry; /* 0: none found yet */
    uint32_t version;
};

/* Notes that a tool has left behind need not be in memory. */
static bool is_loaded(const struct dl_phdr_info *object, const segment *notes) {
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const segment *in = &object->dlpi_phdr[i];
        if (in->p_type == PT_LOAD && in->p_flags & PF_R && notes->p_vaddr >= in->p_vaddr &&
            notes->p_vaddr + notes->p_memsz <= in->p_vaddr + in->p_memsz)
            return true;
    }
    return false;
}

static struct copy read_description(const char *description) {
    struct copy copy;
    int64_t distance;
    memcpy(&distance, description, sizeof distance);
    memcpy(&copy.entry, description + distance, sizeof copy.entry);
    memcpy(&copy.version, description + sizeof distance, sizeof copy.version);
    return copy;
}

static size_t round_up(size_t size, size_t alignment) {
    return (size + alignment - 1) & ~(alignment - 1);
}

/* The copy in the object, or entry 0. */
static struct copy find_copy(const struct dl_phdr_info *object) {
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const segment *notes = &object->dlpi_phdr[i];
        if (notes->p_type != PT_NOTE || !is_loaded(object, notes))
            continue;
        const char *start = (const char *)(object->dlpi_addr + notes->p_vaddr);
        size_t alignment = notes->p_align == 8 ? 8 : 4;
        ElfW(Nhdr) head;
        for (size_t at = 0; at + sizeof head <= notes->p_memsz;) {
            memcpy(&head, start + at, sizeof head);
            const char *name = start + at + sizeof head;
            size_t description = at + round_up(sizeof head + head.n_namesz, alignment);
            at = round_up(description + head.n_descsz, alignment);
            if (head.n_namesz == NAME_SIZE && head.n_type == NOTE_TYPE &&
                head.n_descsz == DESCRIPTION_SIZE && at <= notes->p_memsz &&
                !memcmp(name, "ame", NAME_SIZE))
                return read_description(start + description);
        }
    }
    return (struct copy){0};
}

/* The program comes first, then what it has loaded, in that order: who is refused is the same
 * whosever constructor runs first. */
static int compare(struct dl_phdr_info *object, size_t size, void *argument) {
    struct copy *first = argument, copy = find_copy(object);
    (void)size;
    if (!copy.entry)
        return 0;
    if (!first->entry)
        *first = copy;
    if (copy.entry == first->entry && copy.version == first->version)
        return 0;
    ame__warn("%s brings a second runtime; link shared libraries without libame.a (ame cc -shared "
              "does) and export the program's with -rdynamic",
              object->dlpi_name);
    /* No exit(): it calls destructors, also of objects whose constructors have not run. */
    _exit(EXIT_FAILURE);
}

void ame__refuse_second_runtime(void) {
    struct copy first = {0};
    dl_iterate_phdr(compare, &first);
}
