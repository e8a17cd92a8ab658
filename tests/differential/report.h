/* report.h - the program says on stderr how its blocks ran. For the one file that includes it. */
#ifndef REPORT_H
#define REPORT_H

#include <ame/ame.h>
#include <inttypes.h>
#include <stdio.h>

__attribute__((destructor)) static void report_blocks(void) {
    struct ame_statistics blocks;
    ame_get_statistics(&blocks);
    fprintf(stderr, "blocks: %" PRIu64 " software %" PRIu64 " alone %" PRIu64 " undone\n",
            blocks.commits_stm, blocks.commits_serial, blocks.aborts_conflict);
}

#endif
