/* Threads that start, run a few blocks and end, all the time: nothing of a thread
 * is lost with it, and what it leaves serves the next one. */
#include "check.h"

enum { GENERATIONS = SANITIZED ? 100 : 500, AT_ONCE = 4, BLOCKS = 20 };

static long total;
static ame_counter counted;
static long *list; /* chain of allocations, each holds the next one's address */

static void live(int number) {
    for (int i = 0; i < BLOCKS; i++) {
        atomic {
            total++;
            ame_counter_add(&counted, 1);
            if (i % 2 == number % 2) {
                long *link = malloc(sizeof *link);
                CHECK(link);
                *link = (long)list;
                list = link;
            } else if (list) {
                long *link = list;
                list = (long *)*link;
                free(link);
            }
        }
    }
}

int main(void) {
    for (int i = 0; i < GENERATIONS; i++)
        run_threads(1 + i % AT_ONCE, live);
    long threads = 0;
    for (int i = 0; i < GENERATIONS; i++)
        threads += 1 + i % AT_ONCE;
    CHECK(total == threads * BLOCKS && ame_counter_read(&counted) == total);
    struct ame_statistics s;
    ame_get_statistics(&s);
    CHECK(s.commits_htm + s.commits_stm + s.commits_serial == (uint64_t)total);
    while (list) {
        long *link = list;
        list = (long *)*link;
        free(link);
    }
    return finish(0);
}
