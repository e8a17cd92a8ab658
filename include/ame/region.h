/* region.h - the marks by which the plugin finds blocks. Nobody writes these by hand: `atomic`
 * (atomic.h) and the words of GCC's dialect (gnu_tm.h) put them there. The plugin replaces all of
 * them, they exist in no library. `scope` is the variable that the begin initializes. */
#ifndef AME_REGION_H
#define AME_REGION_H

#pragma GCC visibility push(default)

/* Begin of a block, and of one that ame_abi_cancel_outer cancels. Never 0. */
int ame_region_begin__compile_this_file_with_the_ame_plugin(void);
int ame_region_begin_outer__compile_this_file_with_the_ame_plugin(void);

/* The end, on every way out. */
void ame_region_end__compile_this_file_with_the_ame_plugin(int *scope);

/* Undoes the block; control then leaves it. */
void ame_region_cancel__compile_this_file_with_the_ame_plugin(int *scope);

/* Whether this is the run that follows a cancel, and does nothing but leave. */
int ame_region_cancelled__compile_this_file_with_the_ame_plugin(int *scope);

#pragma GCC visibility pop
#endif
