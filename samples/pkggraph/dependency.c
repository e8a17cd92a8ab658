/* dependency.c - "a | b (>= 1), c": groups, alternatives and names, in place. */
#include "dependency.h"

#include <stddef.h>
#include <string.h>

char *dependency_next(char **rest, char separator) {
    char *piece = *rest;
    if (!piece)
        return NULL;
    char *end = strchr(piece, separator);
    *rest = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return piece;
}

char *dependency_name(char *alternative) {
    char *name = alternative + strspn(alternative, " \t\r\n");
    name[strcspn(name, " \t\r\n:([<")] = '\0';
    return name;
}
