#ifndef TWO_FILES_H
#define TWO_FILES_H

enum { ARTICLES = 32 };

/* In two_files_stock.c. */
extern long stock[ARTICLES];
long stock_take(int article, long wanted); /* no block of its own */
void stock_put(int article, long count);   /* with one */
void stock_for_each(void (*visit)(int article, long count, void *context), void *context);

#endif
