/* journal.h - what the functions of journals, compiled with the plugin, are made of. The first
 * three have twins of their own; the rest touches nodes, which are private or never change. */
#ifndef AME_COUNT_JOURNAL_H
#define AME_COUNT_JOURNAL_H

#include <ame/merge.h>

struct ame__journal_node;

/* The node joins the block's changes, or at once the journal. */
void ame__journal_add(ame_journal *journal, struct ame__journal_node *node);

/* The nodes that were committed: from ends->first to ends->last, or NULL twice. */
void ame__journal_read(ame_journal *journal, ame_journal *ends);

/* The block's own entry that comes after `node`, its first if that is NULL; or NULL. */
const struct ame__journal_node *ame__journal_own(ame_journal *journal,
                                                 const struct ame__journal_node *node);

ame_pure size_t ame__journal_node_size(size_t size);
ame_pure void *ame__journal_node_fill(struct ame__journal_node *node, size_t size);
ame_pure const struct ame__journal_node *
ame__journal_node_next(const struct ame__journal_node *node);
ame_pure const void *ame__journal_node_bytes(const struct ame__journal_node *node, size_t *size);

#endif
