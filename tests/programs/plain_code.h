#ifndef PLAIN_CODE_H
#define PLAIN_CODE_H

/* In plain_code.c, which is compiled without the plugin. */
void plain_add(long *value, long amount);
void plain_for_each(const long *values, int count, void (*visit)(long value));

#endif
