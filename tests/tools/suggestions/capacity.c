/* Blocks that write more than a hardware transaction can hold. */
#include "threads.h"

enum { LINES = 1 << 14, PIECE = 64 };

static struct {
    _Alignas(64) long value;
} data[THREADS][LINES];

static void work(int thread) {
    for (int i = 0; i < LINES; i++) /* hardware leaves pages that were never touched to software */
        data[thread][i].value = 1;
    for (int round = 0; round < 40; round++)
        if (mended)
            for (int begin = 0; begin < LINES; begin += PIECE)
                atomic {
                    for (int i = begin; i < begin + PIECE; i++)
                        data[thread][i].value += round;
                }
        else
            atomic { /* LINE-conflict */
                for (int i = 0; i < LINES; i++)
                    data[thread][i].value += round;
            }
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    return data[3][LINES - 1].value != 781;
}
