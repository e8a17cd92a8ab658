/* journal.c - ame_journal. Compiled with the plugin: blocks run the twins, where the node is
 * allocated in the block and the caller's bytes are read as what blocks share. */
#include "count/journal.h"
#include <ame/error.h>

#include <stdlib.h>
#include <string.h>

int ame_journal_append(ame_journal *journal, const void *bytes, size_t size) {
    struct ame__journal_node *node = malloc(ame__journal_node_size(size));
    if (!node)
        return AME_ENOMEM;
    memcpy(ame__journal_node_fill(node, size), bytes, size);
    ame__journal_add(journal, node);
    return AME_OK;
}

void ame_journal_iterate(ame_journal *journal, ame_journal_iterator *iterator) {
    ame_journal ends;
    ame__journal_read(journal, &ends);
    *iterator = (ame_journal_iterator){
        .journal = journal, .next = ends.first, .last = ends.last, .own = NULL};
}

bool ame_journal_next(ame_journal_iterator *iterator, const void **bytes, size_t *size) {
    const struct ame__journal_node *node = iterator->next;
    if (node)
        iterator->next = node == iterator->last ? NULL : ame__journal_node_next(node);
    else if ((node = ame__journal_own(iterator->journal, iterator->own)))
        iterator->own = node;
    else
        return false;
    size_t length;
    const void *start = ame__journal_node_bytes(node, &length);
    if (bytes)
        *bytes = start;
    if (size)
        *size = length;
    return true;
}
