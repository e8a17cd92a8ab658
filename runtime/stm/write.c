/* write.c - the write barriers: lock the stripe, log the old value, write; and the reads of what is
 * written next. */
#include "base/arch.h"
#include "memory/fresh.h"
#include "serial/gate.h"
#include "stm/bytes.h"
#include "stm/readers.h"
#include "stm/stm.h"
#include <ame/abi.h>

#include <string.h>

/* Memory between this frame and the one in which the block began belongs to
 * functions that the block has called: no other thread can see it, and on an
 * abort it is gone. It must not be undone: the frames that hold it then may be
 * those of the undoing functions. */
static inline bool in_own_frames(const struct ame_tx *tx, const void *address) {
    uintptr_t lowest = (uintptr_t)__builtin_frame_address(0);
    return (uintptr_t)address - lowest < tx->stack_base - lowest;
}

/* V3. Nothing was written, so the record may get its old version again. */
static AME__COLD bool give_back_to_reader(struct ame_tx *tx, uint32_t index, uint64_t seen,
                                          const void *address, const void *place) {
    struct ame_tx *reader = ame__stm_shielding(tx, index);
    if (!reader)
        return false;
    ame__store_release(&ame__orecs[index], seen);
    ame__stm_wait_for_reader(tx, reader, index, address, place);
    return true;
}

/* With a fence of its own, since the record is not to be had at once. */
static AME__COLD void end_entry(struct ame_tx *tx, bool *entering) {
    *entering = false;
    ame__stm_enter(tx);
}

static inline void append_lock(struct ame_tx *tx, uint32_t index, uint64_t previous,
                               const void *place) {
    tx->locks.entries[tx->locks.count++] =
        (struct ame__lock_entry){index, (uint32_t)(uintptr_t)place, previous};
}

/* In hardware, where the store is undone if another takes the record first (S5). Beside a block
 * that shows what it reads there is none (S6). */
static AME__NOINLINE bool lock_in_hardware(struct ame_tx *tx, uint32_t index, const void *address,
                                           const void *place) {
    ame__word *orec = &ame__orecs[index];
    if (ame__is_fresh(tx, address))
        return false;
    uint64_t seen = ame__load_relaxed(orec);
    if (ame__orec_locked(seen) || (tx->minds && ame__in_read_set(tx->minds, index)))
        ame__tx_abort(tx, AME__ABORT_HTM_CONFLICT);
    if (tx->minds)
        return false;
    if (!AME__LOG_RESERVE(&tx->locks) ||
        (AME__UNLIKELY(ame__load_relaxed(&ame__shown_blocks)) && ame__stm_shielding(tx, index)))
        ame__tx_abort(tx, AME__ABORT_HTM_CONFLICT);
    ame__store_relaxed(orec, (uint64_t)tx | AME__LOCKED);
    append_lock(tx, index, seen, place);
    return false;
}

/* Takes the stripe's record (O1); false: no need to, the memory is fresh (F1). */
static AME__NOINLINE bool lock_stripe(struct ame_tx *tx, uint32_t index, const void *address,
                                      const void *place) {
    ame__word *orec = &ame__orecs[index];
    if (ame__is_fresh(tx, address)) {
        if (AME__UNLIKELY(ame__load_relaxed(&tx->signal)))
            ame__stm_answer(tx);
        return false;
    }
    if (!AME__LOG_RESERVE(&tx->locks))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    bool entering = ame__load_relaxed(&tx->snapshot) == AME__INACTIVE;
    if (entering)
        ame__stm_announce(tx);
    for (;;) {
        if (AME__UNLIKELY(!ame__load_relaxed(&tx->read_limit)))
            entering ? end_entry(tx, &entering) : ame__stm_answer(tx);
        uint64_t seen = ame__load_acquire(orec);
        if (ame__orec_locked(seen)) {
            if (entering)
                end_entry(tx, &entering);
            else
                ame__stm_wait_for_owner(tx, index, seen, address, place, true);
            continue;
        }
        /* What the block reads of the stripe from now on has no check but this: it must be of the
         * same moment as all that it has read (S1). */
        if (seen > ame__load_relaxed(&tx->snapshot) && !ame__own_version(tx, seen) &&
            (ame__has_read(tx) || tx->count_reads.count)) {
            ame__stm_extend(tx, seen);
            continue;
        }
        /* Full fence: the lock is visible before the first write, before the clock is
         * read for the commit version (S2), and before traces of readers are looked for (V1). Where
         * the block enters by it, the snapshot is visible before the phase is read. */
        if (ame__cas_full(orec, seen, (uint64_t)tx | AME__LOCKED)) {
            if (entering && !ame__gate_admits()) {
                ame__store_release(orec, seen); /* nothing was written */
                end_entry(tx, &entering);
                continue;
            }
            if (AME__UNLIKELY(ame__load_relaxed(&ame__shown_blocks)) &&
                give_back_to_reader(tx, index, seen, address, place))
                continue;
            append_lock(tx, index, seen, place);
            return true;
        }
    }
}

/* Where the block's first access is a write: it enters, and takes the record, with one locked
 * instruction and no call. It has read nothing, so whatever version the record has is right.
 * What is not so clear is left to lock_stripe; if the block has announced itself already, after
 * ame__stm_enter. */
enum first_lock { TAKEN, NOT_TRIED, ANNOUNCED };

static inline bool is_first_write(const struct ame_tx *tx) {
    return ame__stm_enters_in_few_steps(tx) && !tx->fresh_extent &&
           tx->locks.count < tx->locks.capacity && tx->undo.count < tx->undo.capacity;
}

AME__ALWAYS_INLINE enum first_lock lock_first(struct ame_tx *tx, const void *address,
                                              const void *place) {
    if (!is_first_write(tx))
        return NOT_TRIED;
    uint32_t index = ame__orec_index(address);
    ame__word *orec = &ame__orecs[index];
    uint64_t seen = ame__load_acquire(orec); /* a guess, which is right if the record is taken */
    if (AME__UNLIKELY(ame__orec_locked(seen)))
        return NOT_TRIED;
    ame__gate_announce(tx);
    /* Full fence: the snapshot is visible before the phase is read (G2), and both it and the lock
     * before the first write and all that lock_stripe names (S2, S3, V1). */
    if (AME__UNLIKELY(!ame__cas_full(orec, seen, (uint64_t)tx | AME__LOCKED)))
        return ANNOUNCED;
    if (AME__UNLIKELY(!ame__gate_admits() || ame__load_relaxed(&ame__shown_blocks))) {
        ame__store_release(orec, seen); /* nothing was written */
        return ANNOUNCED;
    }
    append_lock(tx, index, seen, place);
    return TAKEN;
}

/* Fresh, and nobody waits for an answer, which a long list of hot memory would keep waiting. */
static inline bool is_hot(const struct ame_tx *tx, const void *address) {
    return ame__fresh_is_hot(tx, address) && AME__LIKELY(!ame__load_relaxed(&tx->signal));
}

/* Takes the stripe's record if need be. Whether what is written must be logged: not if the memory
 * is fresh, or the hardware undoes it. */
static inline bool own_stripe(struct ame_tx *tx, const void *address, const void *place) {
    uint32_t index = ame__orec_index(address);
    if (AME__LIKELY(ame__owned(tx, ame__load_relaxed(&ame__orecs[index]))))
        return tx->way != AME__HYBRID;
    if (is_hot(tx, address))
        return false;
    return tx->way == AME__HYBRID ? lock_in_hardware(tx, index, address, place)
                                  : lock_stripe(tx, index, address, place);
}

/* Written twice in a row: the older value is the one to keep. */
static inline bool is_last_logged(const struct ame_tx *tx, const void *address, uint32_t size) {
    if (tx->undo.count <= tx->undo_older)
        return false;
    const struct ame__undo_entry *last = &tx->undo.entries[tx->undo.count - 1];
    return last->address == address && last->size == size;
}

/* Exactly the bytes that will be written: a neighbour in the same word may be
 * changed outside blocks, and an undo must not touch it. A word at most. */
static inline void append_undo(struct ame_tx *tx, void *address, uint32_t size) {
    struct ame__undo_entry *entry = &tx->undo.entries[tx->undo.count++];
    entry->address = address;
    entry->size = size;
    memcpy(&entry->old, address, size);
}

static inline void log_old_value(struct ame_tx *tx, void *address, uint32_t size) {
    if (is_last_logged(tx, address, size))
        return;
    if (!AME__LOG_RESERVE(&tx->undo))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    append_undo(tx, address, size);
}

/* More than a word, but of one stripe. */
static void log_old_bytes(struct ame_tx *tx, char *address, size_t size) {
    if (is_last_logged(tx, address, (uint32_t)size))
        return;
    if (!AME__LOG_RESERVE(&tx->undo) || !AME__LOG_RESERVE(&tx->undo_wide))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    tx->undo.entries[tx->undo.count++] =
        (struct ame__undo_entry){address, tx->undo_wide.count, (uint32_t)size};
    ame__copy_part(tx->undo_wide.entries[tx->undo_wide.count++].old, address, size);
}

/* Makes [to, to + size) writable in place: stripes locked, old bytes logged. */
static void prepare_bytes(struct ame_tx *tx, char *to, size_t size, const void *place) {
    if (in_own_frames(tx, to) || ame__is_fresh(tx, to))
        return;
    for (size_t part; size; to += part, size -= part) {
        part = ame__stripe_rest(to) < size ? ame__stripe_rest(to) : size;
        if (!own_stripe(tx, to, place))
            continue;
        if (part > sizeof(uint64_t))
            log_old_bytes(tx, to, part);
        else
            log_old_value(tx, to, (uint32_t)part);
    }
}

AME__NOINLINE void ame__stm_write(struct ame_tx *tx, void *to, const void *from, size_t size,
                                  const void *place) {
    prepare_bytes(tx, to, size, place);
    memcpy(to, from, size);
}

/* The common cases stay in functions that call nothing, so that they save no registers: the stripe
 * is this block's and there is room in the log, or the memory is fresh. The rest is left to others.
 * They begin where a line of the cache does: wherever else the linker puts them, blocks of many
 * writes may be a tenth slower. */
static inline bool is_logged_at_once(struct ame_tx *tx, void *address, uint32_t size) {
    if (tx->way == AME__HYBRID || is_last_logged(tx, address, size))
        return true;
    if (AME__UNLIKELY(tx->undo.count == tx->undo.capacity))
        return false;
    append_undo(tx, address, size);
    return true;
}

static inline bool is_owned(const struct ame_tx *tx, const void *address) {
    return ame__owned(tx, ame__load_relaxed(&ame__orecs[ame__orec_index(address)]));
}

#define WRITE_BARRIER(bits)                                                                        \
    typedef struct {                                                                               \
        uint##bits##_t value;                                                                      \
    } __attribute__((packed)) unaligned_u##bits;                                                   \
    static AME__NOINLINE void write_u##bits(struct ame_tx *tx, void *address,                      \
                                            uint##bits##_t value, const void *place) {             \
        if (AME__UNLIKELY(ame__stripe_rest(address) < sizeof value)) {                             \
            ame__stm_write(tx, address, &value, sizeof value, place);                              \
            return;                                                                                \
        }                                                                                          \
        if (own_stripe(tx, address, place))                                                        \
            log_old_value(tx, address, sizeof value);                                              \
        ((volatile unaligned_u##bits *)address)->value = value;                                    \
    }                                                                                              \
    static AME__COLD void enter_and_write_u##bits(struct ame_tx *tx, void *address,                \
                                                  uint##bits##_t value, const void *place) {       \
        ame__stm_enter(tx);                                                                        \
        write_u##bits(tx, address, value, place);                                                  \
    }                                                                                              \
    static AME__NOINLINE void write_first_u##bits(struct ame_tx *tx, void *address,                \
                                                  uint##bits##_t value, const void *place) {       \
        enum first_lock lock =                                                                     \
            ame__stripe_rest(address) < sizeof value ? NOT_TRIED : lock_first(tx, address, place); \
        if (AME__UNLIKELY(lock == ANNOUNCED)) {                                                    \
            enter_and_write_u##bits(tx, address, value, place);                                    \
        } else if (lock == NOT_TRIED) {                                                            \
            write_u##bits(tx, address, value, place);                                              \
        } else {                                                                                   \
            append_undo(tx, address, sizeof value);                                                \
            ((volatile unaligned_u##bits *)address)->value = value;                                \
        }                                                                                          \
    }                                                                                              \
    static inline void write_otherwise_u##bits(struct ame_tx *tx, void *address,                   \
                                               uint##bits##_t value, const void *place) {          \
        if (AME__LIKELY(ame__load_relaxed(&tx->read_limit)))                                       \
            write_u##bits(tx, address, value, place);                                              \
        else /* not entered yet, most likely */                                                    \
            write_first_u##bits(tx, address, value, place);                                        \
    }                                                                                              \
    AME__ALIGNED_LINE void ame_abi_write_u##bits(void *address, uint##bits##_t value) {            \
        struct ame_tx *tx = ame__self;                                                             \
        if (ame__stripe_rest(address) >= sizeof value &&                                           \
            (in_own_frames(tx, address) ||                                                         \
             (AME__LIKELY(is_owned(tx, address)) ? is_logged_at_once(tx, address, sizeof value)    \
                                                 : is_hot(tx, address))))                          \
            ((volatile unaligned_u##bits *)address)->value = value;                                \
        else                                                                                       \
            write_otherwise_u##bits(tx, address, value, __builtin_return_address(0));              \
    }

/* The record is taken at once: the stripe needs no entry in the read set, leaves no trace for
 * writers, and is not looked at again. */
#define READ_FOR_WRITE_BARRIER(bits)                                                               \
    static AME__NOINLINE uint##bits##_t read_for_write_u##bits(void *address, const void *place) { \
        struct ame_tx *tx = ame__self;                                                             \
        size_t rest = ame__stripe_rest(address);                                                   \
        ame__prefetch_to_write(&ame__orecs[ame__orec_index(address)]);                             \
        ame__prefetch_to_write(address);                                                           \
        own_stripe(tx, address, place);                                                            \
        if (AME__UNLIKELY(rest < bits / 8))                                                        \
            own_stripe(tx, (char *)address + rest, place);                                         \
        return ((volatile unaligned_u##bits *)address)->value;                                     \
    }                                                                                              \
    static AME__COLD uint##bits##_t enter_and_read_u##bits(void *address, const void *place) {     \
        ame__stm_enter(ame__self);                                                                 \
        return read_for_write_u##bits(address, place);                                             \
    }                                                                                              \
    static AME__NOINLINE uint##bits##_t read_first_u##bits(void *address, const void *place) {     \
        ame__prefetch_to_write(&ame__orecs[ame__orec_index(address)]);                             \
        ame__prefetch_to_write(address);                                                           \
        enum first_lock lock = ame__stripe_rest(address) < bits / 8                                \
                                   ? NOT_TRIED                                                     \
                                   : lock_first(ame__self, address, place);                        \
        if (AME__UNLIKELY(lock == ANNOUNCED))                                                      \
            return enter_and_read_u##bits(address, place);                                         \
        if (lock == NOT_TRIED)                                                                     \
            return read_for_write_u##bits(address, place);                                         \
        return ((volatile unaligned_u##bits *)address)->value;                                     \
    }                                                                                              \
    AME__ALIGNED_LINE uint##bits##_t ame_abi_read_for_write_u##bits(void *address) {               \
        struct ame_tx *tx = ame__self;                                                             \
        ame__prefetch_to_write(&ame__orecs[ame__orec_index(address)]);                             \
        ame__prefetch_to_write(address);                                                           \
        if (in_own_frames(tx, address) ||                                                          \
            (ame__stripe_rest(address) >= bits / 8 && AME__LIKELY(is_owned(tx, address))))         \
            return ((volatile unaligned_u##bits *)address)->value;                                 \
        const void *place = __builtin_return_address(0);                                           \
        return ame__load_relaxed(&tx->read_limit) ? read_for_write_u##bits(address, place)         \
                                                  : read_first_u##bits(address, place);            \
    }

WRITE_BARRIER(8)
WRITE_BARRIER(16)
WRITE_BARRIER(32)
WRITE_BARRIER(64)
READ_FOR_WRITE_BARRIER(8)
READ_FOR_WRITE_BARRIER(16)
READ_FOR_WRITE_BARRIER(32)
READ_FOR_WRITE_BARRIER(64)

void ame_abi_write(void *to, const void *from_private, size_t size) {
    ame__stm_write(ame__self, to, from_private, size, __builtin_return_address(0));
}

/* As the reads for write of single words: nothing enters the read set. */
void ame_abi_read_for_write(void *to_private, void *from, size_t size) {
    prepare_bytes(ame__self, from, size, __builtin_return_address(0));
    memcpy(to_private, from, size);
}

/* All is owned and logged. */
void ame_abi_write_back(void *to, const void *from_private, size_t size) {
    memcpy(to, from_private, size);
}

/* Through a buffer, a piece at a time, from the end where the ranges
 * overlap that way round. */
void ame__stm_copy(struct ame_tx *tx, void *to, const void *from, size_t size, const void *place) {
    char buffer[AME__GROUP_STRIPES * AME__STRIPE_SIZE];
    bool backwards = (uintptr_t)to - (uintptr_t)from < size;
    for (size_t done = 0; done < size;) {
        size_t part = size - done < sizeof buffer ? size - done : sizeof buffer;
        size_t offset = backwards ? size - done - part : done;
        ame__stm_read(tx, buffer, (const char *)from + offset, part, place);
        ame__stm_write(tx, (char *)to + offset, buffer, part, place);
        done += part;
    }
}

void ame_abi_copy(void *to, const void *from, size_t size) {
    ame__stm_copy(ame__self, to, from, size, __builtin_return_address(0));
}

void ame__stm_fill(struct ame_tx *tx, void *to, int byte, size_t size, const void *place) {
    prepare_bytes(tx, to, size, place);
    memset(to, byte, size);
}

void ame_abi_fill(void *to, int byte, size_t size) {
    ame__stm_fill(ame__self, to, byte, size, __builtin_return_address(0));
}
