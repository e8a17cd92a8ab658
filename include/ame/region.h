/* region.h - the marks by which the plugin finds blocks. Nobody writes these by hand: `atomic`
 * (atomic.h) and the words of GCC's dialect (gnu_tm.h) put them there. The plugin replaces all of
 * them, they exist in no library. `scope` is the variable that the begin initializes. */
#ifndef AME_REGION_H
#define AME_REGION_H

#pragma GCC visibility push(default)

/* Begin of a block, of one that ame_abi_cancel_outer cancels, and of one with two alternatives. 1:
 * the block runs. 0: it was cancelled, and control leaves it. 2: its second alternative runs. */
int ame_region_begin__compile_this_file_with_the_ame_plugin(void);
int ame_region_begin_outer__compile_this_file_with_the_ame_plugin(void);
int ame_region_begin_either__compile_this_file_with_the_ame_plugin(void);

/* The end, on every way out. */
void ame_region_end__compile_this_file_with_the_ame_plugin(int *scope);

/* Undoes the innermost block around it; then the begin is passed once more, with 0. */
void ame_region_cancel__compile_this_file_with_the_ame_plugin(void) __attribute__((__noreturn__));

#pragma GCC visibility pop
#endif
