/* variables.h - variables in debug information. */
#ifndef AME_TOOLS_VARIABLES_H
#define AME_TOOLS_VARIABLES_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stdint.h>

/* The variable with static storage that holds `address` (run-time), and where in it that is. */
bool variable_holding(Dwfl_Module *module, uint64_t address, Dwarf_Die *variable, uint64_t *offset);

/* The type of what `text`, an expression like "self->slots[i].size", names in the code at
 * `address`. Where the last step is to a member, `owner` is the struct or union that has it and
 * `member` its name, else that is empty. */
bool variable_expression(Dwfl_Module *module, uint64_t address, const char *text, Dwarf_Die *type,
                         Dwarf_Die *owner, char member[64]);

#endif
