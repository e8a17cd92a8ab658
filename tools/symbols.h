/* symbols.h - from code addresses of a recorded process to source places. */
#ifndef AME_TOOLS_SYMBOLS_H
#define AME_TOOLS_SYMBOLS_H

#include "trace.h"

struct symbols;

struct symbol_frame {
    char *function;  /* as in the source; "?" where not known */
    char *file;      /* NULL where not known */
    unsigned line;   /* 0 where not known */
    unsigned column; /* of the innermost frame only; 0 where not known */
};

/* A place: the function it was written in first, then the one which that was
 * inlined into, and so on. There is at least one frame. */
struct symbol_location {
    struct symbol_frame *frames;
    size_t count;
};

struct symbols *symbols_new(const struct trace *trace);
void symbols_free(struct symbols *symbols);

/* The place of the instruction at `address`. Without debug information there is
 * the symbol and an offset, without symbols the module and an offset. The result
 * lives as long as `symbols`. */
const struct symbol_location *symbols_at(struct symbols *symbols, uint64_t address);

/* The function that begins at `address`, as one frame: its name and the line of
 * its declaration. */
const struct symbol_frame *symbols_function(struct symbols *symbols, uint64_t address);

/* The open module that `address` lies in, code or data, or NULL. */
struct Dwfl_Module *symbols_module(struct symbols *symbols, uint64_t address);

/* The name in the source of a function that the compiler made from it: a block's
 * body and a twin are called like the function that they come from. */
char *symbols_source_name(const char *name);

#endif
