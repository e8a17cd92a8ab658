/* instructions.c - how many instructions this thread has executed, by the processor's counter. */
#include "subject.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

double instructions(void) {
    static int counter = -2;
    uint64_t count = 0;
    if (counter == -2) {
        struct perf_event_attr what = {.type = PERF_TYPE_HARDWARE,
                                       .size = sizeof what,
                                       .config = PERF_COUNT_HW_INSTRUCTIONS,
                                       .exclude_kernel = 1,
                                       .exclude_hv = 1};
        counter = (int)syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
    }
    if (counter < 0 || read(counter, &count, sizeof count) != (ssize_t)sizeof count)
        return 0;
    return (double)count;
}
