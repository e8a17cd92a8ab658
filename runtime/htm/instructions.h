/* instructions.h - Intel RTM. The bytes, since assemblers and compilers know the instructions only
 * where they are told that the processor has them. */
#ifndef AME_HTM_INSTRUCTIONS_H
#define AME_HTM_INSTRUCTIONS_H

#include "base/compiler.h"

#include <stdint.h>

#define AME__XBEGIN_STARTED (~UINT32_C(0))

/* To the next instruction: where the transaction aborts, this returns a second time, with the
 * processor's code. */
AME__ALWAYS_INLINE uint32_t ame__xbegin(void) {
    uint32_t code = AME__XBEGIN_STARTED;
    __asm__ volatile(".byte 0xc7, 0xf8; .long 0" : "+a"(code)::"memory");
    return code;
}

AME__ALWAYS_INLINE void ame__xend(void) {
    __asm__ volatile(".byte 0x0f, 0x01, 0xd5" ::: "memory");
}

/* `code`: a constant. */
#define ame__xabort(code) __asm__ volatile(".byte 0xc6, 0xf8, %c0" ::"i"(code) : "memory")

#endif
