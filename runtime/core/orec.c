#include "core/orec.h"
#include "core/clock.h"

AME__ALIGNED_LINE ame__word ame__orecs[AME__OREC_COUNT];

struct ame__clock ame__clock = {AME__TAG_MASK}; /* the first time */
