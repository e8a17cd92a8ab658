/* diag.h - messages: one line, "ame: what, where; how to mend". */
#ifndef AME_BASE_DIAG_H
#define AME_BASE_DIAG_H

/* Prints "ame: " and the message to standard error. */
void ame__warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, then ends the program with abort(): for misuse that nothing can mend. */
_Noreturn void ame__die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
