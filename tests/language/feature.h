/* feature.h - for the tests of the language: one file a feature, each tried in every mode. */
#ifndef FEATURE_H
#define FEATURE_H

#include "faults.h"
#include <ame/ame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#define CHECK_EQUAL(value, expected)                                                               \
    do {                                                                                           \
        long long value_ = (long long)(value), expected_ = (long long)(expected);                  \
        if (value_ != expected_) {                                                                 \
            fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #value, value_,   \
                    expected_);                                                                    \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* Runs the feature with a fault at each of its barriers, one run for each (see faults.h). In
 * software mode at least one fault must have happened. */
#define TRY(prepare, feature, check)                                                               \
    do {                                                                                           \
        unsigned faults_ = with_every_fault(prepare, feature, check);                              \
        CHECK(faults_ > 0 || strcmp(ame_mode_name(), "stm") != 0);                                 \
    } while (0)

/* For a feature that makes its block run alone: it runs without faults in every mode. */
#define TRY_SERIAL(prepare, feature, check)                                                        \
    do {                                                                                           \
        struct ame_statistics before_, after_;                                                     \
        ame_get_statistics(&before_);                                                              \
        with_every_fault(prepare, feature, check);                                                 \
        ame_get_statistics(&after_);                                                               \
        CHECK(after_.commits_serial > before_.commits_serial);                                     \
    } while (0)

#endif
