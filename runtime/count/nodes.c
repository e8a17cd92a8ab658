/* nodes.c - the entries of journals. */
#include "base/diag.h"
#include "count/cell.h"
#include "count/journal.h"
#include "htm/htm.h"

#include <stdlib.h>

_Static_assert(offsetof(ame_journal, last) == 0, "a journal that has grown has another first word");

/* The last one takes its place first, then what was the last before leads to the new ones: until
 * then a walk would end too early, but nobody walks while this thread is in state ADDING (C2). */
void ame__merge_nodes(ame_journal *journal, struct ame__journal_node *last) {
    struct ame__journal_node *first = last->next, *before;
    do
        before = (struct ame__journal_node *)ame__load_relaxed((ame__word *)&journal->last);
    while (!ame__cas_full((ame__word *)&journal->last, (uint64_t)before, (uint64_t)last));
    if (before)
        ame__store_release((ame__word *)&before->next, (uint64_t)first);
    else
        ame__store_release((ame__word *)&journal->first, (uint64_t)first);
}

static void log_node(struct ame_tx *tx, struct ame__journal_node *node) {
    node->order = ++tx->appended;
}

void ame__journal_add(ame_journal *journal, struct ame__journal_node *node) {
    if (ame__in_hardware()) {
        log_node(ame__self, node);
        ame__log_change(ame__self, journal, AME__APPEND, (uint64_t)node);
        return;
    }
    struct ame_tx *tx = ame__merge_alone_begin();
    ame__merge_nodes(journal, node);
    ame__merge_alone_end(tx, journal);
}

void ame__journal_read(ame_journal *journal, ame_journal *ends) {
    uint64_t words[2];
    ame__read_cell_words(ame__tx_self(), journal, words, 2, __builtin_return_address(0));
    *ends = (ame_journal){(void *)words[0], (void *)words[1]};
}

/* A circle's nodes are in order, and may have been joined with later ones since the walk came
 * by; the circles of a journal may lie anywhere in the log. */
const struct ame__journal_node *ame__journal_own(ame_journal *journal,
                                                 const struct ame__journal_node *node) {
    const struct ame_tx *tx = ame__self;
    const struct ame__journal_node *following = NULL;
    uint64_t cell = ame__cell_of(journal, AME__APPEND);
    if (!tx || tx->way == AME__OUTSIDE)
        return NULL;
    if (node && node->next->order > node->order)
        return node->next;
    for (size_t i = 0; i < tx->deltas.count; i++) {
        if (tx->deltas.entries[i].cell != cell)
            continue;
        const struct ame__journal_node *first =
            ((const struct ame__journal_node *)tx->deltas.entries[i].operand)->next;
        if ((!node || first->order > node->order) &&
            (!following || first->order < following->order))
            following = first;
    }
    return following;
}

void ame_journal_clear(ame_journal *journal) {
    if (ame__in_hardware())
        ame__htm_abort_now(); /* the message below could not be seen */
    if (ame__self && ame__self->way != AME__OUTSIDE)
        ame__die("ame_journal_clear: called in an atomic block; put another journal in its place "
                 "in the block, and clear this one after it");
    struct ame__journal_node *node = journal->first, *last = journal->last;
    while (node) {
        struct ame__journal_node *next = node == last ? NULL : node->next;
        free(node);
        node = next;
    }
    *journal = (ame_journal){NULL, NULL};
}

/* ---- for instrumented code ---- */

size_t ame__journal_node_size(size_t size) {
    size_t whole;
    return __builtin_add_overflow(sizeof(struct ame__journal_node), size, &whole) ? SIZE_MAX
                                                                                  : whole;
}

void *ame__journal_node_fill(struct ame__journal_node *node, size_t size) {
    *node = (struct ame__journal_node){.next = node, .size = size};
    return node->bytes;
}

const struct ame__journal_node *ame__journal_node_next(const struct ame__journal_node *node) {
    return node->next;
}

const void *ame__journal_node_bytes(const struct ame__journal_node *node, size_t *size) {
    *size = node->size;
    return node->bytes;
}

/* ---- in software and hybrid blocks ---- */

void ame__twin_journal_add(ame_journal *, struct ame__journal_node *) AME__TWIN("ame__journal_add");
void ame__twin_journal_read(ame_journal *, ame_journal *) AME__TWIN("ame__journal_read");
const struct ame__journal_node *ame__twin_journal_own(ame_journal *,
                                                      const struct ame__journal_node *)
    AME__TWIN("ame__journal_own");

void ame__twin_journal_add(ame_journal *journal, struct ame__journal_node *node) {
    log_node(ame__self, node);
    ame__log_change(ame__self, journal, AME__APPEND, (uint64_t)node);
}

/* `ends` is the caller's own local. */
void ame__twin_journal_read(ame_journal *journal, ame_journal *ends) {
    ame__journal_read(journal, ends);
}

const struct ame__journal_node *ame__twin_journal_own(ame_journal *journal,
                                                      const struct ame__journal_node *node) {
    return ame__journal_own(journal, node);
}
