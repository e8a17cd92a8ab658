#include "base/membarrier.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool call(int command) {
    return syscall(SYS_membarrier, command, 0, 0) == 0;
}

bool ame__fence_all_threads(void) {
    int saved = errno;
    bool done = call(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    /* EPERM: each process says once that it will use it. */
    if (!done && errno == EPERM)
        done = call(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
               call(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    errno = saved;
    return done;
}
