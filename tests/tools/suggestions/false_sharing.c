/* Each thread has a field of its own, but all lie on one line of memory. */
#include "threads.h"

#include <stdlib.h>

struct done {
    long read, parsed, stored, sent;
} *done;

static struct {
    _Alignas(64) long read;
    _Alignas(64) long parsed;
    _Alignas(64) long stored;
    _Alignas(64) long sent;
} padded;

static void work(int thread) {
    long *mine[] = {&padded.read, &padded.parsed, &padded.stored, &padded.sent};
    for (int i = 0; i < 300; i++) {
        if (mended)
            atomic {
                *mine[thread] = i + 1;
                think();
            }
        else if (thread == 0)
            atomic {
                done->read = i + 1; /* LINE-conflict */
                think();
            }
        else if (thread == 1)
            atomic {
                done->parsed = i + 1; /* LINE-conflict */
                think();
            }
        else if (thread == 2)
            atomic {
                done->stored = i + 1; /* LINE-conflict */
                think();
            }
        else
            atomic {
                done->sent = i + 1; /* LINE-conflict */
                think();
            }
    }
}

int main(int count, char **arguments) {
    done = aligned_alloc(64, sizeof *done * 2);
    memset(done, 0, sizeof *done);
    run_threads(count, arguments);
    return done->read + done->sent + padded.read + padded.sent != 600;
}
