/* change.h - what changes of versions and of transients have in common: memory for a planned
 * edit, in line in functions that have the edit as a local. */
#ifndef AME_VECTOR_CHANGE_H
#define AME_VECTOR_CHANGE_H

#include "vector/edit.h"

AME__ALWAYS_INLINE bool ame__allocate_change(struct ame__vector_change *change) {
    size_t words = change->words;
    if (!words)
        return true;
    change->fresh = ame__take_node(words);
    return change->fresh;
}

AME__ALWAYS_INLINE bool ame__allocate_edit(struct ame__vector_edit *edit) {
    uint32_t lowest = edit->lowest, count = edit->count;
    if (!ame__allocate_change(&edit->changes[0]))
        return false;
    for (uint32_t level = lowest; level < count; level++) {
        if (ame__allocate_change(&edit->changes[level]))
            continue;
        while (level-- > lowest)
            ame__drop_node(edit->changes[level].fresh);
        if (edit->changes[0].words)
            ame__drop_node(edit->changes[0].fresh);
        return false;
    }
    return true;
}

#endif
