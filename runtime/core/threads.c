#include "core/threads.h"
#include "base/diag.h"
#include "core/orec.h"
#include "core/tx.h"
#include "events/recorder.h"

#include <pthread.h>
#include <sys/mman.h>

#if AME__ASAN
void __lsan_register_root_region(const void *region, size_t size);
#endif

__thread struct ame_tx *ame__self __attribute__((tls_model("initial-exec")));
__thread const void *ame__reads __attribute__((tls_model("initial-exec")));

/* All descriptors, newest first. T1: a descriptor is complete before it is linked
 * and never unlinked, so readers walk the list without a lock. */
ame__word ame__all_descriptors;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end;

static void end_thread(void *descriptor) {
    struct ame_tx *tx = descriptor;
    ame__thread_leaves_block(tx);
    ame__recorder_close_thread(tx->recorder);
    tx->recorder = NULL;
    ame__self = NULL;
    /* Release: the next owner sees the descriptor as this thread left it. */
    ame__store_release(&tx->live, 0);
}

static void start_process(void) {
    if (pthread_key_create(&thread_end, end_thread))
        ame__die("no thread-specific key is left; ame needs one (see PTHREAD_KEYS_MAX)");
    ame__process_starts();
    ame__recorder_start(AME__OREC_COUNT);
}

static struct ame_tx *reuse_descriptor(void) {
    for (struct ame_tx *tx = ame__tx_first(); tx; tx = tx->next)
        if (!ame__load_relaxed(&tx->live) && ame__cas_full(&tx->live, 0, 1))
            return tx;
    return NULL;
}

/* When all are given away, the other threads do without. */
static uint32_t next_tag(const struct ame_tx *newest) {
    if (!newest)
        return 1;
    return newest->tag && newest->tag < AME__TAG_MASK ? newest->tag + 1 : 0;
}

static struct ame_tx *new_descriptor(void) {
    /* Zero, and of the read bits only the pages that blocks come to use. */
    struct ame_tx *tx =
        mmap(NULL, sizeof *tx, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (tx == MAP_FAILED)
        return NULL;
#if AME__ASAN
    __lsan_register_root_region(tx, sizeof *tx); /* the logs are reached from here */
#endif
    ame__store_relaxed(&tx->time, ame__time_of(0));
    ame__store_relaxed(&tx->snapshot, AME__INACTIVE);
    ame__store_relaxed(&tx->live, 1);
    tx->random = (uintptr_t)tx | 1;
    uint64_t first;
    do {
        /* Acquire: the tag of the newest is read (T1). */
        first = ame__load_acquire(&ame__all_descriptors);
        tx->next = (struct ame_tx *)first;
        tx->tag = next_tag(tx->next);
    } while (!ame__cas_full(&ame__all_descriptors, first, (uint64_t)tx));
    return tx;
}

AME__COLD struct ame_tx *ame__tx_self(void) {
    if (ame__self)
        return ame__self;
    pthread_once(&once, start_process);
    struct ame_tx *tx = reuse_descriptor();
    if (!tx)
        tx = new_descriptor();
    if (!tx)
        ame__die("out of memory for a thread's first atomic block");
    tx->recorder = ame__recorder_open_thread();
    ame__self = tx;
    ame__reads = (const void *)&tx->read_limit;
    pthread_setspecific(thread_end, tx);
    return tx;
}
