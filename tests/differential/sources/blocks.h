/* blocks.h - for programs that are compiled twice: with PLAIN, where a block is just a block, and
 * with the plugin. What they print must be the same. */
#ifndef BLOCKS_H
#define BLOCKS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef PLAIN

#define atomic
static void ran_in_software(const char *what) {
    (void)what;
}
#define ran_alone ran_in_software

#else

#include "report.h"

static struct ame_statistics before;

/* In the mode `stm` all blocks since the last call were software blocks, or some ran alone. */
static void check_path(const char *what, bool alone) {
    struct ame_statistics now;
    ame_get_statistics(&now);
    uint64_t software = now.commits_stm - before.commits_stm;
    uint64_t serial = now.commits_serial - before.commits_serial;
    before = now;
    if (strcmp(ame_mode_name(), "stm") == 0 && (alone ? !serial : !software || serial)) {
        fprintf(stderr, "%s: %" PRIu64 " blocks in software, %" PRIu64 " alone\n", what, software,
                serial);
        exit(1);
    }
}
static void ran_in_software(const char *what) {
    check_path(what, false);
}
/* If that becomes unnecessary, this test shall notice and say ran_in_software. */
__attribute__((unused)) static void ran_alone(const char *what) {
    check_path(what, true);
}

#endif

/* FNV-1a */
static uint64_t digest(uint64_t so_far, const void *from, size_t size) {
    const unsigned char *byte = from;
    while (size--)
        so_far = (so_far ^ *byte++) * UINT64_C(0x100000001b3);
    return so_far;
}

#endif
