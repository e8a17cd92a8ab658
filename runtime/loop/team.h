/* team.h - the threads of one loop.
 *
 * Every loop starts threads of its own and joins them. A thread costs some ten
 * microseconds here, little beside the loops that are worth sharing; a pool kept
 * between loops would have to deal with loops that run at once, with fork and
 * with the end of the process, and would hold threads that the program has no
 * name for. */
#ifndef AME_LOOP_TEAM_H
#define AME_LOOP_TEAM_H

#include <ame/loop.h>

/* Runs the body for one index. 0: go on. */
typedef int ame__loop_step(const void *loop, uint64_t index);

/* Calls step(loop, i) once for each i below `count`, on several threads of which
 * the caller is one, until one returns non-zero, which is returned then.
 * AME_ETHREAD: see loop.h. */
int ame__team_run(ame__loop_step *step, const void *loop, uint64_t count,
                  const struct ame_loop_options *options);

/* The same on the calling thread alone, in order. */
int ame__run_in_order(ame__loop_step *step, const void *loop, uint64_t count);

/* For clean-up handlers, which run before the runtime learns that the thread ends:
 * if a block is left that way, it ends here. */
void ame__leave_block_at_thread_end(void);

#endif
