#include "debuginfo.h"

#include "text.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64 }; /* of inlining */

/* The functions whose code is at an address: first the concrete one, last the
 * innermost that was inlined there. */
struct chain {
    Dwarf_Die dies[MAX_DEPTH];
    size_t count;
};

static void descend(Dwarf_Die *parent, Dwarf_Addr address, struct chain *chain) {
    Dwarf_Die here = *parent, child;
    for (bool deeper = true; deeper && !dwarf_child(&here, &child);) {
        deeper = false;
        do {
            int tag = dwarf_tag(&child);
            bool function = tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
            if ((!function && tag != DW_TAG_lexical_block) || dwarf_haspc(&child, address) <= 0)
                continue;
            if (function && chain->count < MAX_DEPTH)
                chain->dies[chain->count++] = child;
            here = child;
            deeper = true;
        } while (!deeper && !dwarf_siblingof(&child, &child));
    }
}

bool debuginfo_next_unit(Dwarf *dwarf, Dwarf_CU **cu, Dwarf_Die *code, Dwarf_Die *unit) {
    uint8_t type;
    if (dwarf_get_units(dwarf, *cu, cu, NULL, &type, code, unit))
        return false;
    if (type != DW_UT_skeleton || dwarf_tag(unit) != DW_TAG_compile_unit)
        *unit = *code;
    return true;
}

/* Looks through all units: clang writes no table of their addresses (.debug_aranges)
 * on which libdw's own look-up relies. */
static bool find_unit(Dwarf *dwarf, Dwarf_Addr address, Dwarf_Die *unit) {
    Dwarf_CU *cu = NULL;
    Dwarf_Die code;
    while (debuginfo_next_unit(dwarf, &cu, &code, unit))
        if (dwarf_haspc(&code, address) > 0)
            return true;
    return false;
}

static bool find_chain(Dwfl_Module *module, uint64_t address, Dwarf_Die *unit, Dwarf_Addr *pc,
                       struct chain *chain) {
    Dwarf_Addr bias;
    Dwarf *dwarf = dwfl_module_getdwarf(module, &bias);
    *pc = address - bias;
    chain->count = 0;
    if (!dwarf || !find_unit(dwarf, *pc, unit))
        return false;
    descend(unit, *pc, chain);
    return true;
}

bool debuginfo_unit(Dwfl_Module *module, uint64_t address, Dwarf_Die *unit, Dwarf_Die *functions,
                    size_t *count) {
    Dwarf_Addr pc;
    struct chain chain;
    if (!find_chain(module, address, unit, &pc, &chain))
        return false;
    *count = chain.count < *count ? chain.count : *count;
    for (size_t i = 0; i < *count; i++)
        functions[i] = chain.dies[chain.count - 1 - i];
    return true;
}

static char *name_of(Dwarf_Die *function) {
    const char *name = dwarf_diename(function); /* through its abstract origin */
    return name ? symbols_source_name(name) : must_copy("?");
}

char *debuginfo_file(Dwfl_Module *module, uint64_t address, const char *end) {
    Dwarf_Die unit;
    Dwarf_Addr bias;
    Dwarf_Files *files;
    size_t count;
    Dwarf *dwarf = dwfl_module_getdwarf(module, &bias);
    if (!dwarf || !find_unit(dwarf, address - bias, &unit) ||
        dwarf_getsrcfiles(&unit, &files, &count))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const char *file = dwarf_filesrc(files, i, NULL, NULL);
        if (file && ends_with_path(file, end))
            return must_copy(file);
    }
    return NULL;
}

static char *copy_or_null(const char *text) {
    return text ? must_copy(text) : NULL;
}

static unsigned number(Dwarf_Die *die, unsigned name) {
    Dwarf_Attribute attribute;
    Dwarf_Word value;
    if (!dwarf_attr_integrate(die, name, &attribute) || dwarf_formudata(&attribute, &value))
        return 0;
    return (unsigned)value;
}

/* The file and line that two attributes of `die` name. Not by dwarf_decl_file, which
 * takes number 0 for none, in DWARF 5 the unit's own file, and ends the program where information
 * is split. */
static void named_line(Dwarf_Die *unit, Dwarf_Die *die, unsigned file_name, unsigned line_name,
                       struct symbol_frame *frame) {
    Dwarf_Files *files;
    size_t count;
    unsigned file = number(die, file_name);
    frame->line = number(die, line_name);
    if (frame->line && !dwarf_getsrcfiles(unit, &files, &count) && file < count)
        frame->file = copy_or_null(dwarf_filesrc(files, file, NULL, NULL));
}

struct symbol_frame debuginfo_line_of(Dwarf_Die *variable) {
    struct symbol_frame frame = {0};
    Dwarf_Die unit;
    if (dwarf_diecu(variable, &unit, NULL, NULL))
        named_line(&unit, variable, DW_AT_decl_file, DW_AT_decl_line, &frame);
    return frame;
}

static void line_at(Dwarf_Die *unit, Dwarf_Addr pc, struct symbol_frame *frame) {
    Dwarf_Line *line = dwarf_getsrc_die(unit, pc);
    int number_of_line, column;
    if (!line)
        return;
    frame->file = copy_or_null(dwarf_linesrc(line, NULL, NULL));
    if (!dwarf_lineno(line, &number_of_line) && number_of_line > 0)
        frame->line = (unsigned)number_of_line;
    if (!dwarf_linecol(line, &column) && column > 0)
        frame->column = (unsigned)column;
}

/* Where the optimizer made one instruction of two lines, it has no line: then that of the nearest
 * one before it in the same function, and no column. */
static void nearest_line(Dwarf_Die *unit, Dwarf_Die *function, Dwarf_Addr pc,
                         struct symbol_frame *frame) {
    Dwarf_Lines *lines;
    size_t count;
    int number_of_line;
    Dwarf_Addr address, nearest = 0;
    if (dwarf_getsrclines(unit, &lines, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        Dwarf_Line *line = dwarf_onesrcline(lines, i);
        const char *file = dwarf_linesrc(line, NULL, NULL);
        if (dwarf_lineaddr(line, &address) || address > pc || address < nearest ||
            dwarf_lineno(line, &number_of_line) || number_of_line <= 0 || !file || !frame->file ||
            strcmp(file, frame->file) || dwarf_haspc(function, address) <= 0)
            continue;
        nearest = address;
        frame->line = (unsigned)number_of_line;
    }
}

bool debuginfo_frames(Dwfl_Module *module, uint64_t address, struct symbol_location *location) {
    Dwarf_Die unit;
    Dwarf_Addr pc;
    struct chain chain;
    if (!find_chain(module, address, &unit, &pc, &chain) || !chain.count)
        return false;
    location->frames = must_resize(NULL, chain.count, sizeof *location->frames);
    location->count = chain.count;
    for (size_t i = 0; i < chain.count; i++) {
        Dwarf_Die *function = &chain.dies[chain.count - 1 - i];
        struct symbol_frame *frame = &location->frames[i];
        *frame = (struct symbol_frame){.function = name_of(function)};
        if (i == 0) {
            line_at(&unit, pc, frame);
            if (!frame->line)
                nearest_line(&unit, function, pc, frame);
        } else /* where this function calls the one inside */
            named_line(&unit, &chain.dies[chain.count - i], DW_AT_call_file, DW_AT_call_line,
                       frame);
    }
    return true;
}

bool debuginfo_declaration(Dwfl_Module *module, uint64_t address, struct symbol_frame *frame) {
    Dwarf_Die unit;
    Dwarf_Addr pc;
    struct chain chain;
    if (!find_chain(module, address, &unit, &pc, &chain) || !chain.count)
        return false;
    Dwarf_Die *function = &chain.dies[0];
    frame->function = name_of(function);
    named_line(&unit, function, DW_AT_decl_file, DW_AT_decl_line, frame);
    return true;
}
