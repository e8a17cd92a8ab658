/* Blocks add to a count, and read it, which all others change. */
#include "threads.h"

static ame_counter served;
static struct {
    _Alignas(64) long most;
} seen[THREADS];

static void work(int thread) {
    for (int i = 0; i < 300; i++) {
        atomic {
            ame_counter_add(&served, 1);
            think();
            if (!mended)
                seen[thread].most = ame_counter_read(&served); /* LINE-conflict */
            think();
        }
        if (mended && i % 100 == 0)
            seen[thread].most = ame_counter_read(&served);
    }
}

int main(int count, char **arguments) {
    run_threads(count, arguments);
    return ame_counter_read(&served) != THREADS * 300;
}
