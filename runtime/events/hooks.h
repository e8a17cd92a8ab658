/* hooks.h - calls of the allocator by the program and its libraries, on the way to it. */
#ifndef AME_EVENTS_HOOKS_H
#define AME_EVENTS_HOOKS_H

/* Calls through the dynamic linker's tables go by way of ame__recorder_allocated: those of all
 * modules that are loaded now, but the C library and the dynamic linker. Where there is no such
 * table (a program that is linked statically, or that has an allocator of its own in it, as with
 * AddressSanitizer), nothing happens. Any thread, but only one at a time. */
void ame__hooks_set(void);

/* The tables are as they were. */
void ame__hooks_clear(void);

#endif
