#include "core/orec.h"

AME__ALIGNED_LINE ame__word ame__orecs[AME__OREC_COUNT];
