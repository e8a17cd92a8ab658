/* types.h - types in debug information. */
#ifndef AME_TOOLS_TYPES_H
#define AME_TOOLS_TYPES_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

/* The type of a variable, member, parameter, or of what a type is made of (what a pointer points
 * to, an array's elements). False where there is none. */
bool type_of(Dwarf_Die *die, Dwarf_Die *type);

/* The type itself behind its typedefs, const, volatile and the like. */
Dwarf_Die type_resolve(const Dwarf_Die *type);

/* As in the source: "struct node *"; the caller's to free. */
char *type_name(const Dwarf_Die *type);
uint64_t type_size(const Dwarf_Die *type); /* 0: not known */

bool type_is_pointer(const Dwarf_Die *type);
bool type_is_integer(const Dwarf_Die *type);

/* A pointer to a struct that points to its own kind: an item of a list or tree. */
bool type_is_link(const Dwarf_Die *type);

/* The member of a struct or union with this name, also in anonymous ones. */
bool type_member(const Dwarf_Die *type, const char *name, Dwarf_Die *member);

/* What lies at `offset`: writes ".field[3].x" and its type. With `general`, elements of
 * arrays have no number: ".field[].x". The text is the caller's to free. */
char *type_path(const Dwarf_Die *type, uint64_t offset, bool general, Dwarf_Die *leaf);

#endif
