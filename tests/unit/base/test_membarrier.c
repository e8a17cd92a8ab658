/* What other threads pay when one asks them for a fence. */
#include "base/membarrier.h"

#include <ame/runtime.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* 0, or why the system would not do it. */
static int call_without_saying_so(void) {
    return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) ? errno : 0;
}

/* To say so later would keep a thread for tens of milliseconds, in the midst of a commit. */
Test(membarrier, the_runtime_has_said_that_it_will_call_it) {
    cr_assert_not(ame_in_block(), "the runtime is in this program");
    int error = call_without_saying_so();
    if (error == ENOSYS)
        cr_skip("this system has no membarrier");
    cr_assert_eq(error, 0);
    pid_t child = fork();
    if (!child)
        _exit(call_without_saying_so());
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
}

Test(membarrier, leaves_errno_alone) {
    errno = ERANGE;
    ame__fence_all_threads_later();
    ame__fence_all_threads();
    cr_assert_eq(errno, ERANGE);
}
