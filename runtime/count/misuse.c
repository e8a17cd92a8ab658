/* misuse.c - a reference count that cannot be right: what is told, and of which place. */
#include "base/compiler.h"
#include "base/diag.h"
#include "count/count.h"

#include <execinfo.h>
#include <stdio.h>

enum { PLACE_LENGTH = 256 };

static void describe_block(const struct ame_abi_block *block, char *text) {
    const char *function = block->function ? block->function : "a function without a name";
    if (block->file)
        snprintf(text, PLACE_LENGTH, "in the atomic block in %s (%s:%u)", function, block->file,
                 block->line);
    else
        snprintf(text, PLACE_LENGTH, "in the atomic block in %s", function);
}

static void describe_call(const void *place, char *text) {
    void *address = (void *)place;
    char **names = backtrace_symbols(&address, 1);
    if (names)
        snprintf(text, PLACE_LENGTH, "called at %s", names[0]);
    else
        snprintf(text, PLACE_LENGTH, "called at %p", place);
}

AME__COLD void ame__count_misuse(const char *call, const ame_ref *ref, const char *problem,
                                 const void *place) {
    char where[PLACE_LENGTH];
    if (place)
        describe_call(place, where);
    else
        describe_block(ame__self->block, where);
    ame__die("%s: the object at %p %s; %s", call, (const void *)ref, problem, where);
}

AME__COLD void ame__count_overflow(const ame_ref *ref, const void *place) {
    ame__count_misuse("ame_ref_retain", ref,
                      "has a count that overflows; was its memory overwritten, or not set up with "
                      "ame_ref_init",
                      place);
}
