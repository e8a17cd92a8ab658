/* index.h - a Debian package index (deb822 text) as a list of records.
 *
 * A stanza becomes a record if it has a usable Package field and, where it has a
 * Status field, that says "installed". What is wrong with a line costs that line,
 * or that value, and nothing more: the first few such places are named on stderr
 * with their line, and all are counted. */
#ifndef PKGGRAPH_INDEX_H
#define PKGGRAPH_INDEX_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Installed-Size is at most this many KiB, and an index has at most this many
 * stanzas: so a sum of sizes always fits 63 bits, and a package's number 32. */
#define INSTALLED_SIZE_MAX INT64_C(1000000000000)
#define STANZAS_MAX 8000000

struct record {
    char *name;
    char *section;          /* "(none)" where the stanza has no usable one */
    int64_t installed_size; /* KiB */
    char *depends;          /* the values of the fields; NULL: no such field */
    char *pre_depends;
    char *provides;
};

struct index {
    struct text text; /* the records point into it */
    struct record *records;
    size_t count;
    size_t not_installed; /* stanzas left out because of their Status */
    size_t problems;      /* lines and values that were skipped */
};

/* Reads the index at `path` ("-": standard input). Where there is not one usable
 * stanza, or on another failure, says why on stderr and returns false. */
bool index_read(struct index *index, const char *path);

void index_free(struct index *index);

#endif
