/* inputs.h - functions of the files in this directory, for run/calls.c. */
#ifndef INPUTS_H
#define INPUTS_H

#include <ame/atomic.h>

struct list {
    int value;
    struct list *next;
};

/* other.c, built with the plugin */
int other_length(const struct list *list);
int other_with_block(const struct list *list);
inline int other_inline(const struct list *list) {
    int value = 0;
    atomic {
        value = list->value;
    }
    return value;
}

/* plain.c, built without */
int plain_value(const struct list *list);
int (*plain_function(void))(const struct list *list);

/* weak in calls.c; the second has a strong definition in plain.c */
__attribute__((weak)) int weak_kept(const struct list *list);
__attribute__((weak)) int weak_replaced_by_plain(const struct list *list);

#endif
