/* debuginfo.h - what symbols.c asks of one function's debug information. */
#ifndef AME_TOOLS_DEBUGINFO_H
#define AME_TOOLS_DEBUGINFO_H

#include "symbols.h"

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

/* The next unit, after *cu, which is NULL at first. `code` tells where its code is, and `unit` the
 * rest: where that is split off (-gsplit-dwarf) it is of the other file, if that is there. False
 * after the last one. */
bool debuginfo_next_unit(Dwarf *dwarf, Dwarf_CU **cu, Dwarf_Die *code, Dwarf_Die *unit);

/* Fills in the frames at `address` (run-time). False without debug information. */
bool debuginfo_frames(Dwfl_Module *module, uint64_t address, struct symbol_location *location);

/* The declaration of the function at `address`, not of one inlined there. */
bool debuginfo_declaration(Dwfl_Module *module, uint64_t address, struct symbol_frame *frame);

/* Where a variable is declared; the file is the caller's to free. */
struct symbol_frame debuginfo_line_of(Dwarf_Die *variable);

/* The compilation unit of the code at `address`, and the functions there: the innermost inlined one
 * first. `*count` is the room for them, and then how many there are. */
bool debuginfo_unit(Dwfl_Module *module, uint64_t address, Dwarf_Die *unit, Dwarf_Die *functions,
                    size_t *count);

/* The whole path of the source file of that code whose path ends so; NULL: not known. The caller's
 * to free. */
char *debuginfo_file(Dwfl_Module *module, uint64_t address, const char *end);

#endif
