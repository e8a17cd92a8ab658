/* index.c - the parser of deb822 text. Values are terminated in place, so parsing
 * allocates nothing but the list of records. */
#define _POSIX_C_SOURCE 200809L
#include "index.h"

#include "message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PROBLEMS_SHOWN = 5, NAME_MAX_LENGTH = 200 };

enum field { PACKAGE, STATUS, SECTION, INSTALLED_SIZE, DEPENDS, PRE_DEPENDS, PROVIDES, FIELDS };

static const char *const field_names[FIELDS] = {
    "Package", "Status", "Section", "Installed-Size", "Depends", "Pre-Depends", "Provides"};

struct value {
    char *text; /* NULL: the stanza has no such field */
    size_t line;
};

struct parser {
    struct index *index;
    const char *name; /* of the input, for messages */
    size_t capacity;  /* of the list of records */
    size_t line;
    /* The stanza being read: */
    size_t lines_in_stanza;
    struct value values[FIELDS];
    /* The field being read: */
    bool in_field;   /* so a continuation line belongs to something */
    char *value_end; /* where its value ends so far; NULL: the field is of no use here */
};

static void problem(struct parser *parser, size_t line, const char *what) {
    if (parser->index->problems++ < PROBLEMS_SHOWN)
        message("%s:%zu: %s", parser->name, line, what);
}

/* Names go to the terminal and into columns, so only short graphic ASCII is one. */
static bool is_name(const char *text) {
    size_t length = strlen(text);
    if (length == 0 || length > NAME_MAX_LENGTH)
        return false;
    for (; *text; text++)
        if (*text <= ' ' || *text > '~' || strchr(",|()[]<>:", *text))
            return false;
    return true;
}

/* Whether the last of a Status value's words is "installed". */
static bool is_installed(const char *status) {
    const char *last = strrchr(status, ' ');
    return strcmp(last ? last + 1 : status, "installed") == 0;
}

static int64_t parse_size(struct parser *parser) {
    const struct value *value = &parser->values[INSTALLED_SIZE];
    const char *digit = value->text;
    int64_t size = 0;
    if (!digit)
        return 0;
    while (*digit >= '0' && *digit <= '9' && size <= INSTALLED_SIZE_MAX)
        size = size * 10 + (*digit++ - '0');
    if (digit != value->text && *digit == '\0' && size <= INSTALLED_SIZE_MAX)
        return size;
    problem(parser, value->line,
            "Installed-Size is not a number from 0 to 10^12; taken as 0, correct it");
    return 0;
}

static char *parse_section(struct parser *parser) {
    static char none[] = "(none)";
    const struct value *value = &parser->values[SECTION];
    if (!value->text || is_name(value->text))
        return value->text ? value->text : none;
    problem(parser, value->line, "Section is not a name; taken as (none), correct it");
    return none;
}

static bool add_record(struct parser *parser) {
    struct index *index = parser->index;
    const struct value *values = parser->values;
    if (index->count == STANZAS_MAX) {
        message("%s:%zu: more than %d packages; split the index", parser->name, parser->line,
                STANZAS_MAX);
        return false;
    }
    if (index->count == parser->capacity) {
        size_t capacity = parser->capacity ? parser->capacity * 2 : 1024;
        struct record *records = realloc(index->records, capacity * sizeof *records);
        if (!records) {
            message("%s:%zu: out of memory; give a smaller index", parser->name, parser->line);
            return false;
        }
        index->records = records;
        parser->capacity = capacity;
    }
    index->records[index->count++] = (struct record){.name = values[PACKAGE].text,
                                                     .section = parse_section(parser),
                                                     .installed_size = parse_size(parser),
                                                     .depends = values[DEPENDS].text,
                                                     .pre_depends = values[PRE_DEPENDS].text,
                                                     .provides = values[PROVIDES].text};
    return true;
}

/* Terminates the value of the field that was being read. Its lines are behind the
 * parser, so the byte overwritten (a line end) is needed no more. */
static void end_field(struct parser *parser) {
    if (parser->value_end)
        *parser->value_end = '\0';
    parser->value_end = NULL;
    parser->in_field = false;
}

/* Returns false when the whole input has to be given up. */
static bool end_stanza(struct parser *parser) {
    const struct value *values = parser->values;
    size_t first_line = parser->line - parser->lines_in_stanza;
    bool go_on = true;
    end_field(parser);
    if (!parser->lines_in_stanza)
        return true;
    if (!values[PACKAGE].text)
        problem(parser, first_line, "stanza without a Package field, skipped; add one");
    else if (!is_name(values[PACKAGE].text))
        problem(parser, values[PACKAGE].line,
                "Package is not a package name, stanza skipped; correct it");
    else if (values[STATUS].text && !is_installed(values[STATUS].text))
        parser->index->not_installed++;
    else
        go_on = add_record(parser);
    memset(parser->values, 0, sizeof parser->values);
    parser->lines_in_stanza = 0;
    return go_on;
}

static enum field find_field(const char *name, size_t length) {
    for (enum field field = 0; field < FIELDS; field++)
        if (strlen(field_names[field]) == length &&
            strncasecmp(name, field_names[field], length) == 0)
            return field;
    return FIELDS;
}

static void begin_field(struct parser *parser, char *line, char *colon, char *end) {
    parser->in_field = true;
    enum field field = find_field(line, (size_t)(colon - line));
    if (field == FIELDS)
        return;
    if (parser->values[field].text) {
        problem(parser, parser->line,
                "field given twice in a stanza, the first counts; remove one or put an empty "
                "line between stanzas");
        return;
    }
    char *text = colon + 1;
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    parser->values[field] = (struct value){text, parser->line};
    parser->value_end = end;
}

/* Whether `line` up to `colon` can be a field's name. */
static bool is_field_name(const char *line, const char *colon) {
    if (line == colon || *line == '-' || *line == '#')
        return false;
    for (; line < colon; line++)
        if (*line <= ' ' || *line > '~')
            return false;
    return true;
}

static void parse_line(struct parser *parser, char *line, char *end) {
    parser->lines_in_stanza++;
    char *colon = memchr(line, ':', (size_t)(end - line));
    if (memchr(line, '\0', (size_t)(end - line))) {
        end_field(parser); /* so that no value runs across the NUL */
        problem(parser, parser->line, "line with a NUL byte, skipped; give a text file");
    } else if (*line == ' ' || *line == '\t') {
        if (!parser->in_field)
            problem(parser, parser->line,
                    "continuation line without a field before it, skipped; remove the space "
                    "it begins with");
        else if (parser->value_end)
            parser->value_end = end;
    } else {
        end_field(parser);
        if (!colon)
            problem(parser, parser->line, "line without a colon, skipped; write \"Field: value\"");
        else if (!is_field_name(line, colon))
            problem(parser, parser->line, "no field name before the colon, line skipped; add one");
        else
            begin_field(parser, line, colon, end);
    }
}

/* Without the white space at its end, a carriage return included. */
static char *trimmed_end(const char *line, char *end) {
    while (end > line && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    return end;
}

static bool parse(struct parser *parser) {
    char *line = parser->index->text.bytes, *end = line + parser->index->text.length;
    while (line < end) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        char *line_end = newline ? newline : end;
        char *content_end = trimmed_end(line, line_end);
        parser->line++;
        if (content_end > line)
            parse_line(parser, line, content_end);
        else if (!end_stanza(parser))
            return false;
        if (!newline && content_end > line)
            problem(parser, parser->line,
                    "the file ends inside a line and may be cut short; fetch it again");
        line = newline ? newline + 1 : end;
    }
    parser->line++; /* the end stands on a line of its own */
    return end_stanza(parser);
}

bool index_read(struct index *index, const char *path) {
    struct parser parser = {.index = index, .name = text_display_name(path)};
    *index = (struct index){0};
    if (!text_read(&index->text, path))
        return false;
    bool usable = parse(&parser);
    if (usable && index->problems > PROBLEMS_SHOWN)
        message("%s: %zu problems in all, of which the first %d are shown", parser.name,
                index->problems, PROBLEMS_SHOWN);
    if (usable && index->count == 0) {
        message("%s:%zu: no installed or available package up to here; give a Debian package "
                "index, such as /var/lib/dpkg/status or what `apt-cache dumpavail` prints",
                parser.name, parser.line);
        usable = false;
    }
    if (!usable)
        index_free(index);
    return usable;
}

void index_free(struct index *index) {
    text_free(&index->text);
    free(index->records);
    *index = (struct index){0};
}
