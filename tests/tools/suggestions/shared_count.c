/* All blocks add to one count. */
#include "threads.h"

static long served;
static ame_counter served_counter;

static void work(int thread) {
    for (int i = 0; i < 300; i++) {
        if (mended)
            atomic {
                ame_counter_add(&served_counter, 1);
                think();
            }
        else
            atomic {
                served++; /* LINE-conflict */
                think();
            }
    }
    (void)thread;
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    return served + ame_counter_read(&served_counter) != THREADS * 300;
}
