/* names.h - a set of addresses: what has its name in the file already. */
#ifndef AME_EVENTS_NAMES_H
#define AME_EVENTS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct ame__names {
    const void **slots; /* open addressing, linear probing, at most half full */
    size_t capacity;    /* 0 or a power of two */
    size_t count;
};

bool ame__names_contain(const struct ame__names *names, const void *address);

/* Without memory the address is not added: its name is then written again. */
void ame__names_add(struct ame__names *names, const void *address);
void ame__names_clear(struct ame__names *names);

#endif
