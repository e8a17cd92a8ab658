#include "variables.h"

#include "debuginfo.h"
#include "types.h"
#include "util.h"

#include <ctype.h>
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

/* ---- at an address ---- */

/* The address that an operation of a location names: as such, or by its number in a table. */
static bool operand(Dwarf_Attribute *location, const Dwarf_Op *op, uint64_t *address) {
    Dwarf_Attribute indirect;
    Dwarf_Addr value;
    if (op->atom == DW_OP_addr) {
        *address = op->number;
        return true;
    }
    if ((op->atom != DW_OP_addrx && op->atom != DW_OP_GNU_addr_index) ||
        dwarf_getlocation_attr(location, op, &indirect) || dwarf_formaddr(&indirect, &value))
        return false;
    *address = value;
    return true;
}

/* A variable lies in one piece, or the optimizer has taken it apart into several. */
static bool holds(Dwarf_Die *variable, uint64_t address, uint64_t *offset) {
    Dwarf_Attribute location;
    Dwarf_Op *ops;
    Dwarf_Die type;
    size_t count;
    if (!dwarf_attr(variable, DW_AT_location, &location) ||
        dwarf_getlocation(&location, &ops, &count) || !type_of(variable, &type))
        return false;
    uint64_t begin = 0, before = 0;
    bool placed = false, pieces = false;
    for (size_t i = 0; i < count; i++) {
        if (operand(&location, &ops[i], &begin)) {
            placed = true;
        } else if (ops[i].atom == DW_OP_plus_uconst && placed) {
            begin += ops[i].number;
        } else if (ops[i].atom == DW_OP_piece) {
            pieces = true;
            if (placed && address >= begin && address - begin < ops[i].number) {
                *offset = before + (address - begin);
                return true;
            }
            before += ops[i].number;
            placed = false;
        } else if (ops[i].atom != DW_OP_stack_value) {
            return false; /* of a thread, in a register, or a constant */
        }
    }
    *offset = address - begin;
    return placed && !pieces && address >= begin && address - begin < type_size(&type);
}

static bool search_tree(Dwarf_Die *parent, uint64_t address, Dwarf_Die *variable, uint64_t *offset,
                        int depth) {
    Dwarf_Die child;
    if (depth >= MAX_DEPTH || dwarf_child(parent, &child))
        return false;
    do {
        int tag = dwarf_tag(&child);
        if (tag == DW_TAG_variable && holds(&child, address, offset)) {
            *variable = child;
            return true;
        }
        if ((tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block) &&
            search_tree(&child, address, variable, offset, depth + 1))
            return true;
    } while (!dwarf_siblingof(&child, &child));
    return false;
}

bool variable_holding(Dwfl_Module *module, uint64_t address, Dwarf_Die *variable,
                      uint64_t *offset) {
    Dwarf_Addr bias;
    Dwarf *dwarf = dwfl_module_getdwarf(module, &bias);
    Dwarf_CU *cu = NULL;
    Dwarf_Die code, unit;
    while (dwarf && debuginfo_next_unit(dwarf, &cu, &code, &unit))
        if (search_tree(&unit, address - bias, variable, offset, 0))
            return true;
    return false;
}

/* ---- by name ---- */

static bool search_name(Dwarf_Die *parent, const char *name, Dwarf_Die *variable, int depth) {
    Dwarf_Die child, origin;
    Dwarf_Attribute attribute;
    if (depth < MAX_DEPTH && !dwarf_child(parent, &child)) {
        do {
            int tag = dwarf_tag(&child);
            const char *own = dwarf_diename(&child);
            if ((tag == DW_TAG_variable || tag == DW_TAG_formal_parameter) && own &&
                !strcmp(own, name)) {
                *variable = child;
                return true;
            }
            if (tag == DW_TAG_lexical_block && search_name(&child, name, variable, depth + 1))
                return true;
        } while (!dwarf_siblingof(&child, &child));
    }
    /* What the optimizer left out of an inlined copy. */
    return depth < MAX_DEPTH && dwarf_attr(parent, DW_AT_abstract_origin, &attribute) &&
           dwarf_formref_die(&attribute, &origin) &&
           search_name(&origin, name, variable, depth + 1);
}

/* In functions of the unit that are called `function` in the source: a block's body knows only what
 * it was given, the function around it the rest. */
static bool search_functions(Dwarf_Die *unit, const char *function, const char *name,
                             Dwarf_Die *variable) {
    Dwarf_Die child;
    if (dwarf_child(unit, &child))
        return false;
    do {
        const char *own = dwarf_tag(&child) == DW_TAG_subprogram ? dwarf_diename(&child) : NULL;
        char *source = own ? symbols_source_name(own) : NULL;
        bool found = source && !strcmp(source, function) && search_name(&child, name, variable, 0);
        free(source);
        if (found)
            return true;
    } while (!dwarf_siblingof(&child, &child));
    return false;
}

struct scope {
    Dwarf_Die unit, functions[MAX_DEPTH];
    size_t count;
};

static bool find_variable(struct scope *scope, const char *name, Dwarf_Die *variable) {
    for (size_t i = 0; i < scope->count; i++) {
        const char *own = dwarf_diename(&scope->functions[i]);
        char *function = own ? symbols_source_name(own) : must_copy("");
        bool found = search_name(&scope->functions[i], name, variable, 0) ||
                     search_functions(&scope->unit, function, name, variable);
        free(function);
        if (found)
            return true;
    }
    return search_name(&scope->unit, name, variable, 0);
}

/* ---- expressions: [*...] name { [...] | .name | ->name } ---- */

struct cursor {
    const char *at;
    struct scope *scope;
    Dwarf_Die type, owner;
    char member[64]; /* "" where the last step was none to a member */
};

static void skip_spaces(struct cursor *cursor) {
    while (isspace((unsigned char)*cursor->at))
        cursor->at++;
}

static bool take_name(struct cursor *cursor, char name[64]) {
    size_t length = 0;
    skip_spaces(cursor);
    for (; isalnum((unsigned char)*cursor->at) || *cursor->at == '_'; cursor->at++)
        if (length < 63)
            name[length++] = *cursor->at;
    name[length] = '\0';
    return length;
}

/* What a pointer points to, or an array holds. */
static bool go_to_target(struct cursor *cursor) {
    Dwarf_Die here = type_resolve(&cursor->type);
    int tag = dwarf_tag(&here);
    cursor->member[0] = '\0';
    return (tag == DW_TAG_pointer_type || tag == DW_TAG_array_type) &&
           type_of(&here, &cursor->type);
}

static bool go_to_member(struct cursor *cursor) {
    Dwarf_Die member;
    char name[64];
    if (!take_name(cursor, name) || !type_member(&cursor->type, name, &member))
        return false;
    cursor->owner = cursor->type;
    memcpy(cursor->member, name, sizeof name);
    return type_of(&member, &cursor->type);
}

static bool skip_brackets(struct cursor *cursor) {
    size_t depth = 0;
    do {
        depth += *cursor->at == '[';
        depth -= *cursor->at == ']';
        if (!*cursor->at)
            return false;
        cursor->at++;
    } while (depth);
    return true;
}

static bool take_unary(struct cursor *cursor, int depth);

static bool take_primary(struct cursor *cursor, int depth) {
    Dwarf_Die variable;
    char name[64];
    skip_spaces(cursor);
    if (*cursor->at == '(') {
        cursor->at++;
        if (!take_unary(cursor, depth + 1))
            return false;
        skip_spaces(cursor);
        return *cursor->at++ == ')';
    }
    cursor->member[0] = '\0';
    return take_name(cursor, name) && find_variable(cursor->scope, name, &variable) &&
           type_of(&variable, &cursor->type);
}

static bool take_unary(struct cursor *cursor, int depth) {
    skip_spaces(cursor);
    if (depth >= MAX_DEPTH)
        return false;
    if (*cursor->at == '*') {
        cursor->at++;
        return take_unary(cursor, depth + 1) && go_to_target(cursor);
    }
    if (!take_primary(cursor, depth))
        return false;
    for (;;) {
        skip_spaces(cursor);
        if (*cursor->at == '[') {
            if (!go_to_target(cursor) || !skip_brackets(cursor))
                return false;
        } else if (*cursor->at == '.') {
            cursor->at++;
            if (!go_to_member(cursor))
                return false;
        } else if (!strncmp(cursor->at, "->", 2)) {
            cursor->at += 2;
            if (!go_to_target(cursor) || !go_to_member(cursor))
                return false;
        } else {
            return true;
        }
    }
}

bool variable_expression(Dwfl_Module *module, uint64_t address, const char *text, Dwarf_Die *type,
                         Dwarf_Die *owner, char member[64]) {
    struct scope scope = {.count = MAX_DEPTH};
    struct cursor cursor = {.at = text, .scope = &scope};
    if (!debuginfo_unit(module, address, &scope.unit, scope.functions, &scope.count) ||
        !take_unary(&cursor, 0) || *cursor.at)
        return false;
    *type = cursor.type;
    *owner = cursor.owner;
    memcpy(member, cursor.member, sizeof cursor.member);
    return true;
}
