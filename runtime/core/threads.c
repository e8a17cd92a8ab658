#include "core/threads.h"
#include "base/diag.h"
#include "core/tx.h"
#include "events/recorder.h"

#include <pthread.h>
#include <sys/mman.h>

#if AME__ASAN
void __lsan_register_root_region(const void *region, size_t size);
#endif

__thread struct ame_tx *ame__self __attribute__((tls_model("initial-exec")));
__thread const void *ame__reads __attribute__((tls_model("initial-exec")));

struct ame_tx *ame__descriptors[AME__MOST_THREADS];
ame__word ame__descriptor_count;
AME__ALIGNED_LINE ame__word ame__awake[AME__MOST_THREADS / 64];

uint64_t ame__at_once;

static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end;

/* Full fence: T2; and what its blocks have done is done. */
void ame__tx_falls_asleep(const struct ame_tx *tx) {
    ame__and_full(&ame__awake[tx->number / 64], ~(UINT64_C(1) << tx->number % 64));
}

void ame__tx_wakes_up(const struct ame_tx *tx) {
    ame__or_full(&ame__awake[tx->number / 64], UINT64_C(1) << tx->number % 64);
}

void ame__tx_recording_begins(void) {
    struct ame_tx *tx;
    ame__fence_full(); /* T3: the recording can be seen before */
    AME__EACH_DESCRIPTOR (tx)
        ame__store_relaxed(&tx->at_once, 0);
}

void ame__tx_looked_at_recording(struct ame_tx *tx) {
    ame__store_full(&tx->at_once, ame__at_once); /* T3 */
}

static void end_thread(void *descriptor) {
    struct ame_tx *tx = descriptor;
    ame__tx_wakes_up(tx); /* it may have been cancelled in its sleep */
    ame__thread_leaves_block(tx);
    ame__recorder_close_thread(tx->recorder);
    tx->recorder = NULL;
    ame__self = NULL;
    ame__tx_falls_asleep(tx);
    /* Release: the next owner sees the descriptor as this thread left it. */
    ame__store_release(&tx->live, 0);
}

static void start_process(void) {
    if (pthread_key_create(&thread_end, end_thread))
        ame__die("no thread-specific key is left; ame needs one (see PTHREAD_KEYS_MAX)");
    ame__process_starts();
    ame__recorder_start();
}

static struct ame_tx *reuse_descriptor(void) {
    struct ame_tx *tx;
    AME__EACH_DESCRIPTOR (tx)
        if (!ame__load_relaxed(&tx->live) && ame__cas_full(&tx->live, 0, 1))
            return tx;
    return NULL;
}

/* Each begins at another line of its first page: the lines at which writers look in all descriptors
 * would else share one set of the cache. */
static struct ame_tx *allocate_descriptor(uint32_t number) {
    enum { LINE = 64, PAGE = 4096 };
    /* Zero, and of the read bits only the pages that blocks come to use. */
    char *memory = mmap(NULL, sizeof(struct ame_tx) + PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        ame__die("out of memory for a thread's first atomic block");
    return (struct ame_tx *)(memory + number % (PAGE / LINE) * LINE);
}

static struct ame_tx *new_descriptor(void) {
    pthread_mutex_lock(&making);
    uint32_t number = (uint32_t)ame__load_relaxed(&ame__descriptor_count);
    if (number == AME__MOST_THREADS)
        ame__die("more than %d threads at once run atomic blocks; use fewer", AME__MOST_THREADS);
    struct ame_tx *tx = allocate_descriptor(number);
#if AME__ASAN
    __lsan_register_root_region(tx, sizeof *tx); /* the logs are reached from here */
#endif
    ame__store_relaxed(&tx->snapshot, AME__INACTIVE);
    ame__store_relaxed(&tx->live, 1);
    tx->random = (uintptr_t)tx | 1;
    tx->number = number;
    tx->tag = number < AME__TAG_MASK ? number + 1 : 0; /* the other threads do without */
    ame__descriptors[number] = tx;
    ame__store_release(&ame__descriptor_count, number + 1); /* T1 */
    pthread_mutex_unlock(&making);
    return tx;
}

AME__COLD struct ame_tx *ame__tx_self(void) {
    if (ame__self)
        return ame__self;
    pthread_once(&once, start_process);
    struct ame_tx *tx = reuse_descriptor();
    if (!tx)
        tx = new_descriptor();
    ame__tx_wakes_up(tx);
    ame__tx_looked_at_recording(tx);
    tx->recorder = ame__recorder_open_thread(&tx->watching);
    tx->notes_left = AME__FIRST_NOTES;
    tx->recorded_thread = ame__recorder_thread(tx->recorder);
    ame__self = tx;
    ame__reads = (const void *)&tx->read_limit;
    pthread_setspecific(thread_end, tx);
    return tx;
}
