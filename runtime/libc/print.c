/* print.c - transactional twins of functions that print bytes to a stream:
 *   puts fputs putchar putc fputc fwrite fflush
 * llvm-pass/LibraryTable.def lists the same names for the plugin; those with a format are in
 * format.c. Where output may not be kept the block runs alone. */
#include "libc/print.h"
#include "htm/htm.h"
#include "libc/twin.h"
#include "output/output.h"

#include <limits.h>

/* Unless it runs in software; print.h says why. */
static void leave_hardware(void) {
    if (ame__self->way == AME__HYBRID)
        ame__htm_abort_now();
}

bool ame__may_print(FILE *stream) {
    leave_hardware();
    return ame__output_may_wait(stream);
}

void ame__print(FILE *stream, const void *bytes, size_t size, const void *place) {
    struct ame_tx *tx = ame__self;
    if (!ame__output_keep(tx, stream, bytes, size, place))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
}

/* ---- characters ---- */

static int print_character(const char *name, int character, FILE *stream, const void *place) {
    unsigned char byte = (unsigned char)character;
    if (!ame__may_print(stream)) {
        ame__tx_need_serial(ame__self, name, place);
        return putc(character, stream);
    }
    ame__print(stream, &byte, 1, place);
    return byte;
}

int ame__twin_putchar(int) AME__TWIN("putchar");
int ame__twin_putchar(int character) {
    return print_character("putchar", character, stdout, AME__PLACE);
}

int ame__twin_putc(int, FILE *) AME__TWIN("putc");
int ame__twin_putc(int character, FILE *stream) {
    return print_character("putc", character, stream, AME__PLACE);
}

int ame__twin_fputc(int, FILE *) AME__TWIN("fputc");
int ame__twin_fputc(int character, FILE *stream) {
    return print_character("fputc", character, stream, AME__PLACE);
}

/* ---- texts ---- */

/* Without its end, but with `last` if that is not NUL. Returns the bytes printed. */
static size_t print_text(const char *text, char last, FILE *stream, const void *place) {
    struct ame__scratch copy;
    char *bytes = ame__scratch_text(&copy, text, place);
    size_t size = copy.size - 1;
    if (last)
        bytes[size++] = last;
    ame__print(stream, bytes, size, place);
    ame__scratch_end(&copy);
    return size;
}

int ame__twin_puts(const char *) AME__TWIN("puts");
int ame__twin_puts(const char *text) {
    if (!ame__may_print(stdout)) {
        ame__tx_need_serial(ame__self, "puts", AME__PLACE);
        return puts(text);
    }
    size_t size = print_text(text, '\n', stdout, AME__PLACE);
    return size < INT_MAX ? (int)size : INT_MAX;
}

int ame__twin_fputs(const char *, FILE *) AME__TWIN("fputs");
int ame__twin_fputs(const char *text, FILE *stream) {
    if (!ame__may_print(stream)) {
        ame__tx_need_serial(ame__self, "fputs", AME__PLACE);
        return fputs(text, stream);
    }
    print_text(text, '\0', stream, AME__PLACE);
    return 1;
}

/* ---- bytes ---- */

size_t ame__twin_fwrite(const void *, size_t, size_t, FILE *) AME__TWIN("fwrite");
size_t ame__twin_fwrite(const void *from, size_t size, size_t count, FILE *stream) {
    size_t bytes;
    if (__builtin_mul_overflow(size, count, &bytes) || !ame__may_print(stream)) {
        ame__tx_need_serial(ame__self, "fwrite", AME__PLACE);
        return fwrite(from, size, count, stream);
    }
    struct ame__scratch copy;
    ame__scratch_start(&copy);
    char *to = ame__scratch_reserve(&copy, bytes);
    ame__stm_read(ame__self, to, from, bytes, AME__PLACE);
    ame__print(stream, to, bytes, AME__PLACE);
    ame__scratch_end(&copy);
    return bytes ? count : 0;
}

int ame__twin_fflush(FILE *) AME__TWIN("fflush");
int ame__twin_fflush(FILE *stream) {
    struct ame_tx *tx = ame__self;
    leave_hardware();
    if (stream && !ame__output_may_wait(stream)) {
        ame__tx_need_serial(tx, "fflush", AME__PLACE);
        return fflush(stream);
    }
    if (!ame__output_keep_flush(tx, stream, AME__PLACE))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    return 0;
}
