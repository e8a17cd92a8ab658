#include "count.h"
#include <ame/ame.h>
#include <stdio.h>

long shared;
static long sum;

void call_blocks(long (*function)(long)) {
    for (long i = 1; i <= 10; i++)
        atomic {
            sum += function ? function(i) : step(i);
        }
}

int report(void) {
    struct ame_statistics statistics;
    ame_get_statistics(&statistics);
    printf("sum %ld shared %ld software %llu alone %llu\n", sum, shared,
           (unsigned long long)statistics.commits_stm,
           (unsigned long long)statistics.commits_serial);
    return fflush(stdout);
}
