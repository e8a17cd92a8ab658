/* clock.h - the software path's clock. Commit versions are drawn from it, but it
 * moves only on demand (see stm/stm.h): at 64 cores its line is read by every
 * begin and written only when a block meets a version beyond its snapshot or a
 * writer has to wait, so it mostly stays shared. */
#ifndef AME_CORE_CLOCK_H
#define AME_CORE_CLOCK_H

#include "base/atomics.h"

extern ame__word ame__clock;

#endif
