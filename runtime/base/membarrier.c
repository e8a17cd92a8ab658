#include "base/membarrier.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool call(int command) {
    return syscall(SYS_membarrier, command, 0, 0) == 0;
}

void ame__fence_all_threads_later(void) {
    int saved = errno;
    call(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
    errno = saved;
}

bool ame__fence_all_threads(void) {
    int saved = errno;
    bool done = call(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    /* EPERM: not said before. */
    if (!done && errno == EPERM)
        done = call(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
               call(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    errno = saved;
    return done;
}
