/* check.h - messages about shared structures that are misused. */
#ifndef AME_SHARED_CHECK_H
#define AME_SHARED_CHECK_H

#include "base/compiler.h"
#include <ame/atomic.h>

#include <stdint.h>

/* `what` is NULL or no `type`. */
ame_pure _Noreturn void ame__not_shared(const void *what, const char *type, const char *function);

/* Before a structure is freed, so that who uses it still is told. In a file of its own, as the
 * compiler leaves out stores to memory that is freed next. */
ame_safe void ame__break_seal(uint64_t *seal);

/* A function that `caller` has called has changed what it decides on. */
ame_pure _Noreturn void ame__changed_meanwhile(const char *caller);

#endif
