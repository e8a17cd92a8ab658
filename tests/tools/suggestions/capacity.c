/* Blocks that write more than a hardware transaction can hold. */
#include "threads.h"

enum { LINES = 1 << 14, PIECE = 64 };

static struct {
    _Alignas(64) long value;
} data[LINES];

static void work(int thread) {
    if (thread) /* the others would end its hardware transactions before they are full */
        return;
    for (int i = 0; i < LINES; i++) /* hardware leaves pages that were never touched to software */
        data[i].value = 1;
    for (int round = 0; round < 40; round++)
        if (mended)
            for (int begin = 0; begin < LINES; begin += PIECE)
                atomic {
                    for (int i = begin; i < begin + PIECE; i++)
                        data[i].value += round;
                }
        else
            atomic { /* LINE-conflict */
                for (int i = 0; i < LINES; i++)
                    data[i].value += round;
            }
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    return data[LINES - 1].value != 781;
}
