/* gnu_tm.h - transactions as `gcc -fgnu-tm` has them; `ame cc -fgnu-tm` includes it first.
 *
 * The words become pragmas, for which the clang plugin puts blocks (llvm-pass/frontend/GnuTm.cpp).
 * The pragmas stay in preprocessed files. No name of ame's but these is visible to the program. */
#ifndef AME_GNU_TM_H
#define AME_GNU_TM_H

/* No warnings of what users can't change. */
#pragma GCC system_header

#ifdef __cplusplus
#error "ame: transactions are for C; compile this file as C"
#endif

#include <ame/region.h>

#pragma GCC visibility push(default)
/* abi.h has it too, but with headers that a program may not want. */
void ame_abi_cancel_outer(void) __attribute__((__noreturn__));
#pragma GCC visibility pop

#define __transaction_atomic _Pragma("ame transaction_atomic")
#define __transaction_relaxed _Pragma("ame transaction_relaxed")
#define __transaction_cancel _Pragma("ame transaction_cancel")

#endif
