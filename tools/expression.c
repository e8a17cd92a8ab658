#include "expression.h"

#include "util.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool in_name(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Positions in the line; a range is [begin, end). */

static size_t skip_back(const char *line, size_t at) {
    while (at && isspace((unsigned char)line[at - 1]))
        at--;
    return at;
}

static size_t skip_on(const char *line, size_t at) {
    while (isspace((unsigned char)line[at]))
        at++;
    return at;
}

/* Behind the bracket that closes the one at `at`; `at` itself if none does. */
static size_t match_on(const char *line, size_t at) {
    size_t depth = 0;
    for (size_t i = at; line[i]; i++) {
        depth += line[i] == '[' || line[i] == '(';
        depth -= line[i] == ']' || line[i] == ')';
        if (!depth)
            return i + 1;
    }
    return at;
}

/* The bracket that is closed just before `end`; `end` if none is. */
static size_t match_back(const char *line, size_t end) {
    size_t depth = 0;
    for (size_t i = end; i-- > 0;) {
        depth += line[i] == ']' || line[i] == ')';
        depth -= line[i] == '[' || line[i] == '(';
        if (!depth)
            return i;
    }
    return end;
}

/* Where the chain of names, members and brackets that ends at `end` begins. */
static size_t chain_begin(const char *line, size_t end) {
    for (;;) {
        size_t at = skip_back(line, end);
        while (at && (line[at - 1] == ']' || line[at - 1] == ')')) {
            size_t open = match_back(line, at);
            if (open == at)
                return end;
            bool group = line[open] == '(';
            at = open;
            if (group && !(at && in_name(line[at - 1]))) /* (*p).x, not f(x)->y */
                return at;
        }
        while (at && in_name(line[at - 1]))
            at--;
        size_t before = skip_back(line, at);
        if (before && line[before - 1] == '.')
            end = before - 1;
        else if (before > 1 && line[before - 1] == '>' && line[before - 2] == '-')
            end = before - 2;
        else
            return at;
    }
}

static size_t name_end(const char *line, size_t at) {
    while (in_name(line[at]))
        at++;
    return at;
}

static size_t brackets_end(const char *line, size_t at) {
    for (;;) {
        size_t next = skip_on(line, at);
        if (line[next] != '[' || match_on(line, next) == next)
            return at;
        at = match_on(line, next);
    }
}

/* A whole chain forwards: names, brackets and members. */
static size_t chain_end(const char *line, size_t at) {
    for (;;) {
        at = line[at] == '(' ? match_on(line, at) : name_end(line, at);
        at = brackets_end(line, at);
        size_t next = skip_on(line, at);
        size_t arrow = line[next] == '.' ? 1 : !strncmp(line + next, "->", 2) ? 2 : 0;
        if (!arrow || !in_name(line[skip_on(line, next + arrow)]))
            return at;
        at = skip_on(line, next + arrow);
    }
}

/* Behind the datum that begins at `at`, with stars before it. */
static size_t unary_end(const char *line, size_t at) {
    while (line[at] == '*')
        at = skip_on(line, at + 1);
    return chain_end(line, at);
}

static bool is_step(const char *at) {
    return !strncmp(at, "++", 2) || !strncmp(at, "--", 2);
}

static bool is_change(const char *at) {
    return !strncmp(at, "+=", 2) || !strncmp(at, "-=", 2);
}

static bool is_assignment(const char *at) {
    return *at == '=' && at[1] != '=';
}

/* A star before `at` that has no factor on its left. */
static bool is_dereference(const char *line, size_t at) {
    if (!at || line[at - 1] != '*')
        return false;
    size_t before = skip_back(line, at - 1);
    return !before || strchr(";{}(,=&|!<>+-*/?:[", line[before - 1]);
}

/* The range of the datum at `at`. */
static bool find_range(const char *line, size_t at, size_t *begin, size_t *end) {
    if (in_name(line[at])) {
        *begin = at;
        *end = name_end(line, at);
        *begin = chain_begin(line, *end);
        /* The first name of a chain stands for the whole: it is mostly a local pointer. */
        *end = *begin == at ? chain_end(line, at) : brackets_end(line, *end);
    } else if (line[at] == '*' && line[at + 1] != '=') {
        *begin = at;
        *end = unary_end(line, at);
        return in_name(line[*end - 1]) || line[*end - 1] == ']' || line[*end - 1] == ')';
    } else if (is_step(line + at) || is_change(line + at) || is_assignment(line + at)) {
        *end = skip_back(line, at);
        *begin = chain_begin(line, *end);
        while (*begin < *end && is_dereference(line, skip_back(line, *begin)))
            *begin = skip_back(line, *begin) - 1;
        if (*begin == *end && is_step(line + at)) {
            *begin = skip_on(line, at + 2);
            *end = unary_end(line, *begin);
        }
    } else {
        return false;
    }
    /* What a call returns is no datum. */
    return *end > *begin && line[skip_on(line, *end)] != '(' &&
           !isdigit((unsigned char)line[*begin]);
}

/* Whether what stands before can't use the value: the beginning of a statement. */
static bool begins_statement(const char *line, size_t at) {
    at = skip_back(line, at);
    if (!at || strchr(";{})", line[at - 1]))
        return true;
    return at >= 4 && !strncmp(line + at - 4, "else", 4);
}

/* `x = x + ...`, seen from either x. */
static bool adds_by_hand(const char *line, const char *text) {
    size_t length = strlen(text);
    for (const char *found = line; (found = strstr(found, text)); found++) {
        const char *at = line + skip_on(line, (size_t)(found - line) + length);
        if ((found > line && in_name(found[-1])) || !is_assignment(at))
            continue;
        at = line + skip_on(line, (size_t)(at - line) + 1);
        if (strncmp(at, text, length))
            continue;
        at = line + skip_on(line, (size_t)(at - line) + length);
        if ((*at == '+' || *at == '-') && at[1] != *at)
            return true;
    }
    return false;
}

bool expression_find(const char *line, unsigned column, struct expression *expression) {
    size_t begin, end;
    *expression = (struct expression){0};
    if (!column || column > strlen(line) || !find_range(line, column - 1, &begin, &end))
        return false;
    const char *after = line + skip_on(line, end);
    size_t before = skip_back(line, begin);
    bool prefix = before > 1 && is_step(line + before - 2);
    expression->text = must_print("%.*s", (int)(end - begin), line + begin);
    expression->adds =
        prefix || is_step(after) || is_change(after) || adds_by_hand(line, expression->text);
    expression->assigned = is_assignment(after);
    expression->used = !begins_statement(line, prefix ? before - 2 : begin) &&
                       !adds_by_hand(line, expression->text);
    return true;
}
