/* Blocks take memory from one pool. */
#include "threads.h"

enum { SIZE = 1 << 20, PIECE = 128 };

struct pool {
    _Alignas(64) char *next;
    _Alignas(64) char memory[SIZE];
};

static struct pool shared, own[THREADS];

static void *pool_alloc(struct pool *pool, size_t size) {
    char *memory = pool->next; /* LINE-conflict */
    pool->next += size;
    return memory;
}

static void work(int thread) {
    for (int i = 0; i < 300; i++)
        atomic {
            struct pool *pool = mended ? &own[thread] : &shared;
            int *numbers = pool_alloc(pool, PIECE);
            think();
            numbers[0] = i;
        }
}

int main(int count, char **arguments) {
    shared.next = shared.memory;
    for (int i = 0; i < THREADS; i++)
        own[i].next = own[i].memory;
    run_threads(count, arguments);
    size_t used = (size_t)(shared.next - shared.memory);
    for (int i = 0; i < THREADS; i++)
        used += (size_t)(own[i].next - own[i].memory);
    return used != (size_t)THREADS * 300 * PIECE;
}
