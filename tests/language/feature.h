/* feature.h - for the tests of the language: one file a feature, each tried in every mode. */
#ifndef FEATURE_H
#define FEATURE_H

#include "../checks.h"
#include "faults.h"
#include <ame/ame.h>
#include <stdlib.h>
#include <string.h>

/* Runs the feature with a fault at each of its barriers, one run for each (see faults.h). In
 * software mode at least one fault must have happened. */
#define TRY(prepare, feature, check)                                                               \
    do {                                                                                           \
        unsigned faults_ = with_every_fault(prepare, feature, check);                              \
        CHECK(faults_ > 0 || strcmp(ame_mode_name(), "stm") != 0);                                 \
    } while (0)

/* For a feature that makes its block run alone, or in hardware, which runs what has no twin as it
 * is: it runs without faults in every mode. */
#define TRY_SERIAL(prepare, feature, check)                                                        \
    do {                                                                                           \
        struct ame_statistics before_, after_;                                                     \
        ame_get_statistics(&before_);                                                              \
        with_every_fault(prepare, feature, check);                                                 \
        ame_get_statistics(&after_);                                                               \
        CHECK(after_.commits_serial + after_.commits_htm >                                         \
              before_.commits_serial + before_.commits_htm);                                       \
    } while (0)

#endif
