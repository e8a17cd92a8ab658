#include "types.h"

#include "util.h"

#include <dwarf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NESTING = 32 }; /* of types: damaged debug information may go round in circles */

bool type_of(Dwarf_Die *die, Dwarf_Die *type) {
    Dwarf_Attribute attribute;
    return dwarf_attr_integrate(die, DW_AT_type, &attribute) && dwarf_formref_die(&attribute, type);
}

static bool is_qualifier(int tag) {
    return tag == DW_TAG_const_type || tag == DW_TAG_volatile_type || tag == DW_TAG_atomic_type ||
           tag == DW_TAG_restrict_type;
}

static Dwarf_Die without_qualifiers(const Dwarf_Die *type) {
    Dwarf_Die here = *type, next;
    for (int i = 0; i < MAX_NESTING && is_qualifier(dwarf_tag(&here)) && type_of(&here, &next); i++)
        here = next;
    return here;
}

Dwarf_Die type_resolve(const Dwarf_Die *type) {
    Dwarf_Die here = *type, next;
    for (int i = 0; i < MAX_NESTING; i++) {
        int tag = dwarf_tag(&here);
        if ((!is_qualifier(tag) && tag != DW_TAG_typedef) || !type_of(&here, &next))
            break;
        here = next;
    }
    return here;
}

static char *name_at(const Dwarf_Die *type, int depth) {
    Dwarf_Die here = without_qualifiers(type), inner;
    const char *name = dwarf_diename(&here);
    int tag = dwarf_tag(&here);
    if (depth >= MAX_NESTING)
        return must_copy("?");
    if (tag == DW_TAG_pointer_type || tag == DW_TAG_array_type) {
        char *target = type_of(&here, &inner) ? name_at(&inner, depth + 1) : must_copy("void");
        size_t length = strlen(target);
        const char *space =
            tag == DW_TAG_array_type || (length && target[length - 1] == '*') ? "" : " ";
        char *text = must_print("%s%s%s", target, space, tag == DW_TAG_array_type ? "[]" : "*");
        free(target);
        return text;
    }
    const char *word = tag == DW_TAG_structure_type     ? "struct "
                       : tag == DW_TAG_union_type       ? "union "
                       : tag == DW_TAG_enumeration_type ? "enum "
                                                        : "";
    if (tag == DW_TAG_subroutine_type)
        return must_copy("function");
    return must_print("%s%s", word, name ? name : "(unnamed)");
}

char *type_name(const Dwarf_Die *type) {
    return name_at(type, 0);
}

uint64_t type_size(const Dwarf_Die *type) {
    Dwarf_Die here = *type;
    Dwarf_Word size;
    return dwarf_aggregate_size(&here, &size) ? 0 : size;
}

bool type_is_pointer(const Dwarf_Die *type) {
    Dwarf_Die here = type_resolve(type);
    return dwarf_tag(&here) == DW_TAG_pointer_type;
}

bool type_is_integer(const Dwarf_Die *type) {
    Dwarf_Die here = type_resolve(type);
    Dwarf_Attribute attribute;
    Dwarf_Word encoding;
    if (dwarf_tag(&here) != DW_TAG_base_type || !dwarf_attr(&here, DW_AT_encoding, &attribute) ||
        dwarf_formudata(&attribute, &encoding))
        return false;
    return encoding == DW_ATE_signed || encoding == DW_ATE_unsigned ||
           encoding == DW_ATE_signed_char || encoding == DW_ATE_unsigned_char;
}

static bool is_aggregate(Dwarf_Die *type) {
    int tag = dwarf_tag(type);
    return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

bool type_is_link(const Dwarf_Die *type) {
    Dwarf_Die pointer = type_resolve(type), target, child, member, pointee;
    if (dwarf_tag(&pointer) != DW_TAG_pointer_type || !type_of(&pointer, &target))
        return false;
    target = type_resolve(&target);
    if (!is_aggregate(&target) || dwarf_child(&target, &child))
        return false;
    do {
        if (dwarf_tag(&child) != DW_TAG_member || !type_of(&child, &member))
            continue;
        member = type_resolve(&member);
        if (dwarf_tag(&member) != DW_TAG_pointer_type || !type_of(&member, &pointee))
            continue;
        pointee = type_resolve(&pointee);
        if (dwarf_dieoffset(&pointee) == dwarf_dieoffset(&target))
            return true;
    } while (!dwarf_siblingof(&child, &child));
    return false;
}

static bool member_at_depth(const Dwarf_Die *type, const char *name, Dwarf_Die *member, int depth) {
    Dwarf_Die here = type_resolve(type), child, inner;
    if (depth >= MAX_NESTING || !is_aggregate(&here) || dwarf_child(&here, &child))
        return false;
    do {
        const char *own = dwarf_diename(&child);
        if (dwarf_tag(&child) != DW_TAG_member)
            continue;
        if (own && !strcmp(own, name)) {
            *member = child;
            return true;
        }
        if (!own && type_of(&child, &inner) && member_at_depth(&inner, name, member, depth + 1))
            return true;
    } while (!dwarf_siblingof(&child, &child));
    return false;
}

bool type_member(const Dwarf_Die *type, const char *name, Dwarf_Die *member) {
    return member_at_depth(type, name, member, 0);
}

static uint64_t member_offset(Dwarf_Die *member) {
    Dwarf_Attribute attribute;
    Dwarf_Word offset;
    if (dwarf_attr(member, DW_AT_data_member_location, &attribute))
        return dwarf_formudata(&attribute, &offset) ? 0 : offset;
    if (dwarf_attr(member, DW_AT_data_bit_offset, &attribute))
        return dwarf_formudata(&attribute, &offset) ? 0 : offset / 8;
    return 0;
}

/* The member of an aggregate that holds `*offset`, which then counts from its beginning. */
static bool member_holding(Dwarf_Die *aggregate, uint64_t *offset, Dwarf_Die *member) {
    Dwarf_Die child, type;
    if (dwarf_child(aggregate, &child))
        return false;
    do {
        if (dwarf_tag(&child) != DW_TAG_member || !type_of(&child, &type))
            continue;
        uint64_t begin = member_offset(&child);
        if (*offset < begin || *offset - begin >= type_size(&type))
            continue;
        *offset -= begin;
        *member = child;
        return true;
    } while (!dwarf_siblingof(&child, &child));
    return false;
}

static void append(char **text, char *more) {
    char *longer = must_print("%s%s", *text, more);
    free(*text);
    free(more);
    *text = longer;
}

char *type_path(const Dwarf_Die *type, uint64_t offset, bool general, Dwarf_Die *leaf) {
    char *text = must_copy("");
    Dwarf_Die here, inner;
    *leaf = *type;
    for (int i = 0; i < MAX_NESTING; i++) {
        here = type_resolve(leaf);
        if (is_aggregate(&here)) {
            Dwarf_Die member;
            if (!member_holding(&here, &offset, &member) || !type_of(&member, leaf))
                break;
            const char *name = dwarf_diename(&member);
            if (name)
                append(&text, must_print(".%s", name));
        } else if (dwarf_tag(&here) == DW_TAG_array_type && type_of(&here, &inner)) {
            uint64_t size = type_size(&inner);
            if (!size)
                break;
            append(&text, general ? must_copy("[]") : must_print("[%" PRIu64 "]", offset / size));
            offset %= size;
            *leaf = inner;
        } else {
            break;
        }
    }
    return text;
}
