/* Built without the plugin: blocks that call these run alone, unless they are replaced. */
#ifndef REPLACES_PLAIN_H
#define REPLACES_PLAIN_H

extern int plain_calls;
int plain_add(int a, int b);
int plain_subtract(int a, int b);

#endif
