/* count.h - the tests' program calls step(1) to step(10) in blocks of their own and prints the sum
 * and how many blocks committed in software and alone; the tests say where step comes from. */
#ifndef COUNT_H
#define COUNT_H

#ifdef __cplusplus
extern "C" {
#endif
long step(long x);                        /* returns x + 1 and adds x to `shared` */
long twice(long x);                       /* calls step twice */
void call_blocks(long (*function)(long)); /* runs the blocks */
int report(void);
extern long shared;
#ifdef __cplusplus
}
#endif

#endif
