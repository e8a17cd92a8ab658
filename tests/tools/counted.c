/* counted.c - blocks that are aborted more often than there is time to record, for
 * test_counted.sh: prints what the runtime itself has counted. */
#include <ame/ame.h>
#include <ame/runtime.h>

#include <inttypes.h>
#include <stdio.h>

enum { BLOCKS = 200000, RARELY = BLOCKS / 5 };

static long often, rarely;

int main(void) {
    struct ame_statistics counted;
    for (int i = 0; i < BLOCKS; i++) {
        atomic { /* LINE-often */
            often++;
        }
        if (i % RARELY == 0)
            atomic { /* LINE-rarely */
                rarely++;
            }
    }
    ame_get_statistics(&counted);
    printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", counted.commits_htm,
           counted.commits_stm, counted.commits_serial, counted.aborts_htm);
    return often != BLOCKS || rarely != 5 || counted.aborts_conflict || counted.aborts_serial;
}
