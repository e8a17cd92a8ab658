#include "stm/readers.h"
#include "serial/gate.h"
#include "stm/stm.h"

AME__ALIGNED_LINE ame__word ame__shown_blocks;

/* ---- the filter ---- */

enum {
    FILTER_FULL = AME__FILTER_BITS / 4, /* with more, it would not tell much */
    BLOCKS_WITH_FULL_FILTER = 256
};

static void fill_filter(struct ame_tx *tx) {
    for (int i = 0; i < AME__FILTER_WORDS; i++)
        ame__store_release(&tx->filter[i], ~UINT64_C(0));
    tx->filter_fill = AME__FILTER_BITS;
}

static void add_to_filter(struct ame_tx *tx, uint32_t orec) {
    struct ame__filter_position position = ame__filter_position(orec);
    uint64_t word = ame__load_relaxed(&tx->filter[position.word]);
    if (word & position.bit)
        return;
    ame__store_release(&tx->filter[position.word], word | position.bit);
    if (++tx->filter_fill > FILTER_FULL)
        fill_filter(tx);
}

void ame__stm_empty_filter(struct ame_tx *tx) {
    tx->filter_fill = 0;
    for (int i = 0; i < AME__FILTER_WORDS; i++)
        ame__store_release(&tx->filter[i], 0);
}

void ame__stm_renew_filter(struct ame_tx *tx) {
    if (!ame__stm_filter_may_be_renewed(tx) ||
        ++tx->blocks_with_full_filter < BLOCKS_WITH_FULL_FILTER)
        return;
    tx->blocks_with_full_filter = 0;
    ame__stm_empty_filter(tx);
}

/* ---- the reader's traces ---- */

enum { BLOCKS_TO_NAME = 1000 };

/* The word with the name of the stripe that is read next; 0 is no name. It takes the place of one
 * whose read did not come about. */
static uint64_t with_name(const struct ame_tx *tx, uint32_t orec) {
    uint64_t name = (uint64_t)orec + 1;
    size_t i = ame__stripes_read(tx);
    return i % 2 ? (uint32_t)ame__load_relaxed(&tx->named[i / 2]) | name << 32 : name;
}

static void show(struct ame_tx *tx) {
    ame__add_full(&ame__shown_blocks, 1);
    /* Release: the bits set until now can be seen by who sees this. */
    ame__store_release(&tx->traces, AME__SHOWN);
    ame__read_set_follow_traces(tx);
}

void ame__stm_leave_first_trace(struct ame_tx *tx, uint32_t orec) {
    if (tx->blocks_to_name) {
        add_to_filter(tx, orec);
        ame__store_relaxed(&tx->named[0], with_name(tx, orec));
    } else {
        if (tx->filter_fill < AME__FILTER_BITS)
            fill_filter(tx);
        ame__store_relaxed(&tx->traces, AME__HIDDEN);
        ame__read_set_follow_traces(tx);
    }
}

void ame__stm_show(struct ame_tx *tx) {
    if (ame__load_relaxed(&tx->traces) == AME__SHOWN)
        return;
    if (tx->filter_fill < AME__FILTER_BITS)
        fill_filter(tx);
    show(tx);
}

static void name_no_more(struct ame_tx *tx) {
    if (ame__load_relaxed(&tx->named[0]) && !ame__load_relaxed(&tx->names_wanted))
        tx->blocks_to_name = 1; /* too long to gain by it: none after this one, until it is asked */
    if (tx->filter_fill < AME__FILTER_BITS)
        fill_filter(tx);
    if (tx->shows_reads) {
        show(tx);
        return;
    }
    ame__store_full(&tx->traces, AME__HIDDEN); /* for all reads to come */
    ame__read_set_follow_traces(tx);
}

void ame__stm_leave_trace(struct ame_tx *tx, uint32_t orec) {
    if (ame__load_relaxed(&tx->traces) == AME__NAMED) {
        if (tx->blocks_to_name && !tx->shows_reads && ame__stripes_read(tx) < AME__NAMED_READS) {
            add_to_filter(tx, orec);
            ame__store_full(&tx->named[ame__stripes_read(tx) / 2], with_name(tx, orec));
            return;
        }
        name_no_more(tx);
    }
    if (ame__load_relaxed(&tx->traces) == AME__SHOWN)
        ame__or_full(&tx->read_bits[orec / 64], UINT64_C(1) << orec % 64);
}

void ame__stm_show_more(struct ame_tx *tx) {
    if (ame__load_relaxed(&tx->traces) != AME__HIDDEN)
        return;
    if (ame__stripes_read(tx) <= AME__NAMED_READS) {
        tx->blocks_to_name = BLOCKS_TO_NAME;
        tx->blocks_with_full_filter = BLOCKS_WITH_FULL_FILTER; /* it starts again at once */
    } else if (ame__stripes_read(tx) > AME__LONG_BLOCK) {
        show(tx);
    }
}

void ame__stm_leave(struct ame_tx *tx) {
    if (!ame__stm_has_traces(tx)) {
        ame__stm_leave_without_traces(tx);
        return;
    }
    ame__stm_end_snapshot(tx);
    tx->blocks_without_traces = 0;
    uint64_t traces = ame__load_relaxed(&tx->traces);
    if (AME__UNLIKELY(traces != AME__NAMED)) {
        ame__store_release(&tx->traces, AME__NAMED);
        ame__read_set_follow_traces(tx);
        if (traces == AME__SHOWN) {
            tx->next_shown_phase = 0;
            ame__gate_end_shown(tx);
            ame__add_full(&ame__shown_blocks, (uint64_t)-1);
        }
    }
    if (ame__load_relaxed(&tx->named[0])) {
        for (size_t i = 0; i < AME__NAMED_WORDS; i++)
            ame__store_release(&tx->named[i], 0);
        if (!--tx->blocks_to_name)
            ame__store_relaxed(&tx->names_wanted, 0);
    }
}

/* ---- the writer's side ---- */

static bool is_named(const struct ame_tx *other, uint32_t orec) {
    uint64_t name = (uint64_t)orec + 1;
    for (int i = 0; i < AME__NAMED_WORDS; i++) {
        /* Acquire: a name that is gone was taken back after all that its block did (V2). */
        uint64_t two = ame__load_acquire(&other->named[i]);
        if ((uint32_t)two == name || two >> 32 == name)
            return true;
    }
    return false;
}

static bool has_bit(const struct ame_tx *other, uint32_t orec) {
    return ame__load_acquire(&other->read_bits[orec / 64]) >> orec % 64 & 1; /* as in is_named */
}

bool ame__stm_may_have_read(const struct ame_tx *other, const struct ame_tx *writer, bool fenced) {
    /* These words may be of different blocks of that thread. What it read before the records were
     * locked left its trace before, which is taken back only after the block's end (V1, V2). */
    uint64_t traces = ame__load_acquire(&other->traces);
    if (traces == AME__HIDDEN && !fenced)
        return true;
    bool (*has_read)(const struct ame_tx *, uint32_t) = traces == AME__NAMED ? is_named : has_bit;
    for (size_t i = 0; i < writer->locks.count; i++)
        if (has_read(other, writer->locks.entries[i].orec))
            return true;
    return false;
}

bool ame__stm_shields(const struct ame_tx *other, const struct ame_tx *tx, uint32_t orec) {
    return ame__load_acquire(&other->traces) == AME__SHOWN && has_bit(other, orec) &&
           ame__stm_older(other, tx);
}

struct ame_tx *ame__stm_shielding(const struct ame_tx *tx, uint32_t orec) {
    struct ame_tx *other;
    AME__EACH_AWAKE (other)
        if (other != tx && ame__stm_shields(other, tx, orec))
            return other;
    return NULL;
}
