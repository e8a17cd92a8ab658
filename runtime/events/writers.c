#include "events/writers.h"
#include "events/format.h"
#include "events/recorder.h"

#include <string.h>
#include <sys/mman.h>

enum { NOTES = 1 << 13 };

struct note {
    ame__word version; /* 0: it is being written */
    uint32_t orec;
    struct ame__writer writer;
};
static struct note *notes; /* NULL before the first recording; then it stays */

bool ame__writers_forget(void) {
    size_t size = NOTES * sizeof *notes;
    if (notes)
        return !madvise(notes, size, MADV_DONTNEED);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    notes = memory;
    return true;
}

static struct note *note_of(uint32_t orec) {
    return &notes[orec % NOTES];
}

static uint64_t bits_of(const void *address, uint32_t size) {
    uint64_t ones = size < 64 ? (UINT64_C(1) << size) - 1 : UINT64_MAX;
    return ones << ((uintptr_t)address & 63);
}

void ame__recorder_writes(uint32_t orec, uint32_t place, const struct ame_abi_block *block,
                          uint32_t thread, bool commits) {
    struct note *note = note_of(orec);
    /* Who reads it meanwhile finds that it has no version, before and after. */
    ame__store_release(&note->version, 0);
    note->orec = orec;
    note->writer = (struct ame__writer){
        .place = (const void *)(uintptr_t)place,
        .block = block,
        .thread = thread,
        .flags = commits ? AME__OTHER_COMMITTED | AME__OTHER_SAME_VALUE : 0,
    };
}

void ame__recorder_wrote(uint32_t orec, const void *address, const void *old, uint32_t size) {
    struct note *note = note_of(orec);
    if (note->orec != orec) /* another's, since */
        return;
    if (memcmp(address, old, size))
        note->writer.flags &= ~(uint32_t)AME__OTHER_SAME_VALUE;
    note->writer.bytes |= bits_of(address, size);
    if (!note->writer.address)
        note->writer.address = address;
}

void ame__recorder_wrote_as(uint32_t orec, uint64_t version) {
    if (note_of(orec)->orec == orec)
        ame__store_release(&note_of(orec)->version, version); /* the rest is there before it */
}

void ame__recorder_writer(uint32_t orec, uint64_t version, struct ame__writer *writer) {
    const struct note *note = note_of(orec);
    if (ame__load_acquire(&note->version) != version || note->orec != orec)
        return;
    struct ame__writer copy = note->writer;
    if (ame__load_acquire(&note->version) == version && note->orec == orec)
        *writer = copy;
}
