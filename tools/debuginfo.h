/* debuginfo.h - what symbols.c asks of one function's debug information. */
#ifndef AME_TOOLS_DEBUGINFO_H
#define AME_TOOLS_DEBUGINFO_H

#include "symbols.h"

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

/* Fills in the frames at `address` (run-time). False without debug information. */
bool debuginfo_frames(Dwfl_Module *module, uint64_t address, struct symbol_location *location);

/* The declaration of the function at `address`, not of one inlined there. */
bool debuginfo_declaration(Dwfl_Module *module, uint64_t address, struct symbol_frame *frame);

/* The compilation unit of the code at `address`, and the functions there: the innermost inlined one
 * first. `*count` is the room for them, and then how many there are. */
bool debuginfo_unit(Dwfl_Module *module, uint64_t address, Dwarf_Die *unit, Dwarf_Die *functions,
                    size_t *count);

/* The whole path of the source file of that code whose path ends so; NULL: not known. The caller's
 * to free. */
char *debuginfo_file(Dwfl_Module *module, uint64_t address, const char *end);

#endif
