/* hardware.c - what a hybrid block's barriers find (S5): all records that are free lie below its
 * read limit, and all that it reads is in the read set already.
 *
 * Reads in line see that in memory which all threads share, and which lies there many times: one
 * piece of it stands for the whole read set, so these looks take few lines of the cache, on which
 * the size of hardware transactions depends. */
#define _GNU_SOURCE /* memfd_create */
#include "base/arch.h"
#include "count/count.h"
#include "serial/gate.h"
#include "stm/readers.h"
#include "stm/stm.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PAGE = 1 << 12,
    BITS = AME__OREC_COUNT / 8, /* bytes */
    PIECE = BITS < 1 << 14 ? BITS : 1 << 14,
};

/* Before the first hybrid block. */
static const char *all_reads_are_good;

/* The limit at the end of a page, and then the pieces. None may be missing: a page fault would
 * abort the hardware transaction. */
static bool map_pieces(int file) {
    char *memory = mmap(NULL, PAGE + BITS, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    for (size_t offset = 0; offset < BITS; offset += PIECE)
        if (mmap(memory + PAGE + offset, PIECE, PROT_READ, MAP_SHARED | MAP_FIXED | MAP_POPULATE,
                 file, 0) == MAP_FAILED)
            return false;
    char *limit = memory + PAGE - AME_ABI_READ_BITS;
    if (mprotect(memory, PAGE, PROT_READ | PROT_WRITE))
        return false;
    *(uint64_t *)limit = AME__HARDWARE_LIMIT;
    all_reads_are_good = limit;
    return true;
}

bool ame__stm_start_hardware(void) {
    char ones[PIECE];
    memset(ones, 0xff, sizeof ones);
    int file = memfd_create("ame", MFD_CLOEXEC);
    bool done =
        file >= 0 && write(file, ones, sizeof ones) == (ssize_t)sizeof ones && map_pieces(file);
    if (file >= 0)
        close(file);
    return done;
}

/* Blocks that leave no versions give nobody cause to move the clock, so that tells nothing. */
static void be_younger_than(struct ame_tx *tx, const struct ame_tx *other) {
    uint64_t age = ame__load_relaxed(&other->age);
    if (ame__load_relaxed(&tx->age) <= age)
        ame__store_relaxed(&tx->age, age + 1);
}

void ame__stm_prepare_hardware(struct ame_tx *tx, bool first) {
    if (AME__UNLIKELY(ame__load_relaxed(&tx->signal)))
        ame__store_relaxed(&tx->signal, 0);
    ame__store_relaxed(&tx->read_limit, AME__HARDWARE_LIMIT);
    tx->minds = ame__phase_shows(ame__load_relaxed(&ame__phase));
    if (tx->minds && first)
        be_younger_than(tx, tx->minds);
    ame__reads = all_reads_are_good;
}

AME__ALWAYS_INLINE void finish(struct ame_tx *tx, bool committed, bool watched) {
    bool unseen = tx->minds != NULL;
    tx->minds = NULL;
    ame__reads = (const void *)&tx->read_limit;
    ame__store_relaxed(&tx->read_limit, 0); /* the next block's first access enters it */
    if (!committed)
        return;
    if (watched)
        ame__stm_commit_hardware_watched(tx);
    else
        ame__stm_commit_hardware(tx);
    if (AME__UNLIKELY(ame__load_relaxed(&ame__counts_in_hardware)) && unseen)
        ame__count_wait_for_additions(tx); /* C5 */
}

void ame__stm_finish_hardware(struct ame_tx *tx, bool committed) {
    finish(tx, committed, false);
}

void ame__stm_finish_hardware_watched(struct ame_tx *tx, bool committed) {
    finish(tx, committed, true);
}

void ame__stm_answer_to_show(struct ame_tx *tx) {
    uint64_t age = ame__load_relaxed(&tx->age);
    if (tx->asked_to_show != age) { /* for the first time: the block may end soon */
        tx->asked_to_show = age;
        return;
    }
    ame__stm_show(tx);
    uint64_t now = ame__ticks();
    if (tx->count_reads.count || now < tx->next_shown_phase)
        return;
    /* Most of the time goes to something else than to validation. */
    tx->next_shown_phase = now + ame__stripes_read(tx) * 32;
    ame__gate_try_shown(tx);
}

void ame__stm_end_shown_phase(struct ame_tx *tx) {
    ame__gate_end_shown(tx);
}
