/* arch.h - what is particular to the processor (x86-64 for now). */
#ifndef AME_BASE_ARCH_H
#define AME_BASE_ARCH_H

#include <stdint.h>
#include <x86intrin.h>

#ifndef __x86_64__
#error "ame: only x86-64 is supported; the processor's part is runtime/base/arch.h and runtime/htm"
#endif

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
