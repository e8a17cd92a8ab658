/* expression.h - what a line of C accesses at a column. */
#ifndef AME_TOOLS_EXPRESSION_H
#define AME_TOOLS_EXPRESSION_H

#include <stdbool.h>

/* The compiler names the column of an access: of a variable or a member its name, of an assignment
 * or an increment the operator. Read as text, without macros or comments: a good guess. */
struct expression {
    char *text;    /* the datum: "self->slots[i].size"; the caller's to free */
    bool adds;     /* ++, --, += or -=, also spelt `x = x + ...` */
    bool assigned; /* = */
    bool used;     /* the line uses the value too: `id = last++` */
};

/* False, and no text, where the line shows no datum there. `column` counts from 1. */
bool expression_find(const char *line, unsigned column, struct expression *expression);

#endif
