/* twins.h - from a function to its transactional twin, for calls through pointers. */
#ifndef AME_TX_TWINS_H
#define AME_TX_TWINS_H

/* NULL if `function` has none: it was built without the plugin, and the library
 * table does not know it. Any thread, in blocks and outside; O(1). */
const void *ame__twin_lookup(const void *function);

#endif
