#include "core/orec.h"
#include "core/clock.h"

AME__ALIGNED_LINE ame__word ame__orecs[AME__OREC_COUNT];
AME__ALIGNED_LINE ame__word ame__clock;
