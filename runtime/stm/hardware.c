/* hardware.c - what a hybrid block's barriers find (S5): all records that are free lie below its
 * read limit, and all that it reads is in the read set already.
 *
 * Reads in line see that in memory which all threads share, and which lies there many times: one
 * piece of it stands for the whole read set, so these looks take few lines of the cache, on which
 * the size of hardware transactions depends. */
#define _GNU_SOURCE /* memfd_create */
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

void ame__stm_prepare_hardware(struct ame_tx *tx) {
    if (AME__UNLIKELY(ame__load_relaxed(&tx->signal)))
        ame__store_relaxed(&tx->signal, 0);
    ame__store_relaxed(&tx->read_limit, AME__HARDWARE_LIMIT);
    ame__reads = all_reads_are_good;
}

static inline void end_hardware(struct ame_tx *tx) {
    ame__reads = (const void *)&tx->read_limit;
    ame__store_relaxed(&tx->read_limit, 0); /* the next block's first access enters it */
}

void ame__stm_finish_hardware(struct ame_tx *tx, bool committed) {
    end_hardware(tx);
    if (committed)
        ame__stm_commit_hardware(tx);
}

void ame__stm_finish_hardware_watched(struct ame_tx *tx, bool committed) {
    end_hardware(tx);
    if (committed)
        ame__stm_commit_hardware_watched(tx);
}
