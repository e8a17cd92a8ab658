/* arch.h - what is particular to the processor (x86-64 for now). */
#ifndef AME_BASE_ARCH_H
#define AME_BASE_ARCH_H

#include <stdint.h>
#include <x86intrin.h>

#ifndef __x86_64__
#error "ame: only x86-64 is supported; the processor's part is runtime/base/arch.h and runtime/htm"
#endif

/* The line is about to be written: fetched at once for that, not first to be read and then once
 * more to be owned. Processors without the instruction pass over it. */
static inline void ame__prefetch_to_write(const volatile void *address) {
    __asm__ volatile("prefetchw %0" : : "m"(*(const volatile char *)address));
}

/* Tells the core that this is a spinning loop. */
static inline void ame__pause(void) {
    _mm_pause();
}

/* The time stamp counter: constant rate, the same on all cores of the machines
 * that the recorder supports; its rate is measured when a recording begins. */
static inline uint64_t ame__ticks(void) {
    return __rdtsc();
}

#endif
