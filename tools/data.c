#include "data.h"

#include "debuginfo.h"
#include "expression.h"
#include "index.h"
#include "text.h"
#include "types.h"
#include "variables.h"

#include <dwarf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct found {
    uint64_t address, place;
    struct data *data;
};

struct data_finder {
    struct symbols *symbols;
    ARRAY(struct found) all;
    struct index index;
};

struct data_finder *data_finder_new(struct symbols *symbols) {
    struct data_finder *finder = must_resize(NULL, 1, sizeof *finder);
    *finder = (struct data_finder){.symbols = symbols};
    return finder;
}

static void take_type(struct data *data, const Dwarf_Die *type) {
    data->type = type_name(type);
    data->size = (unsigned)type_size(type);
    data->integer = type_is_integer(type);
    data->pointer = type_is_pointer(type);
    data->link = type_is_link(type);
}

/* The type of the elements, of arrays. */
static char *owner_name(const Dwarf_Die *type) {
    Dwarf_Die element = *type, resolved = type_resolve(type);
    while (dwarf_tag(&resolved) == DW_TAG_array_type && type_of(&resolved, &element))
        resolved = type_resolve(&element);
    return type_name(&element);
}

static void take_variable(struct data *data, Dwarf_Die *variable, uint64_t offset) {
    Dwarf_Die type, leaf;
    const char *name = dwarf_diename(variable);
    if (!type_of(variable, &type))
        return;
    char *exact = type_path(&type, offset, false, &leaf);
    char *general = type_path(&type, offset, true, &leaf);
    data->name = must_print("%s%s", name ? name : "?", exact);
    data->general = must_print("%s%s", name ? name : "?", general);
    struct symbol_frame declared = debuginfo_line_of(variable);
    data->file = declared.file;
    data->line = declared.line;
    take_type(data, &leaf);
    data->owner = owner_name(&type);
    free(exact);
    free(general);
}

/* Without debug information the symbol table may still know it. */
static void take_symbol(struct data *data, Dwfl_Module *module, uint64_t address) {
    GElf_Sym symbol;
    GElf_Off offset;
    const char *name = dwfl_module_addrinfo(module, address, &offset, &symbol, NULL, NULL, NULL);
    if (!name || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT)
        return;
    data->name = offset ? must_print("%s+0x%" PRIx64, name, (uint64_t)offset) : must_copy(name);
    data->general = must_copy(name);
}

static void find_variable_at(struct data *data, struct symbols *symbols, uint64_t address) {
    Dwfl_Module *module = symbols_module(symbols, address);
    Dwarf_Die variable;
    uint64_t offset;
    if (!module)
        return;
    data->variable = true;
    if (variable_holding(module, address, &variable, &offset))
        take_variable(data, &variable, offset);
    else
        take_symbol(data, module, address);
}

/* The type and field that the line accesses: "struct list.size". */
static void take_expression_type(struct data *data, struct symbols *symbols, uint64_t address,
                                 const char *text) {
    Dwfl_Module *module = symbols_module(symbols, address);
    Dwarf_Die type, owner;
    char member[64];
    if (!module || !variable_expression(module, address, text, &type, &owner, member))
        return;
    if (*member) {
        char *of = type_name(&owner);
        size_t length = strlen(text);
        data->name = must_print("%s.%s%s", of, member, text[length - 1] == ']' ? "[]" : "");
        data->owner = of;
    } else {
        data->name = must_copy(text);
    }
    data->general = must_copy(data->name);
    take_type(data, &type);
}

static void find_expression(struct data *data, struct symbols *symbols, uint64_t address) {
    const struct symbol_frame *frame = symbols_at(symbols, address)->frames;
    struct expression expression;
    char *line = source_line(frame->file, frame->line);
    if (line && expression_find(line, frame->column, &expression)) {
        data->text = expression.text;
        data->adds = expression.adds;
        data->used = expression.used;
        if (!data->name)
            take_expression_type(data, symbols, address, expression.text);
    }
    free(line);
}

static struct data *find(struct symbols *symbols, uint64_t address, uint64_t place) {
    struct data *data = must_resize(NULL, 1, sizeof *data);
    *data = (struct data){0};
    if (address)
        find_variable_at(data, symbols, address);
    if (place)
        find_expression(data, symbols, place - 1);
    return data;
}

struct found_key {
    const struct data_finder *finder;
    uint64_t address, place;
};

static bool found_equal(const void *context, size_t position) {
    const struct found_key *key = context;
    const struct found *found = &key->finder->all.items[position];
    return found->address == key->address && found->place == key->place;
}

const struct data *data_at(struct data_finder *finder, uint64_t address, uint64_t place) {
    struct found_key key = {finder, address, place};
    uint64_t hash = hash_word(hash_word(0, address), place);
    size_t at = index_find(&finder->index, hash, found_equal, &key);
    if (at == INDEX_ABSENT) {
        struct found found = {address, place, find(finder->symbols, address, place)};
        at = finder->all.count;
        index_add(&finder->index, hash, at);
        ARRAY_PUSH(&finder->all, found);
    }
    return finder->all.items[at].data;
}

void data_finder_free(struct data_finder *finder) {
    for (size_t i = 0; i < finder->all.count; i++) {
        struct data *data = finder->all.items[i].data;
        free(data->name);
        free(data->general);
        free(data->type);
        free(data->owner);
        free(data->text);
        free(data->file);
        free(data);
    }
    free(finder->all.items);
    index_free(&finder->index);
    free(finder);
}
