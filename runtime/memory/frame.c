/* frame.c - memory of alloca() in a block. The block is a function of its own, and the memory must
 * live until the function around it returns: a list of pieces in that function's frame. */
#include "base/diag.h"
#include "memory/memory.h"
#include "stm/stm.h"
#include <ame/abi.h>

#include <stdlib.h>

void *ame__twin_alloca(void **, size_t, size_t) AME__TWIN("ame_abi_alloca");
void ame__twin_free_allocas(void **) AME__TWIN("ame_abi_free_allocas");
void *ame__twin_aligned_alloc(size_t, size_t) AME__TWIN("aligned_alloc");
void ame__twin_free(void *) AME__TWIN("free");

/* What stands before each piece; it takes up a whole unit of the alignment. */
struct piece {
    struct piece *next;
};

static struct piece *new_piece(void *allocate(size_t, size_t), size_t size, size_t *alignment) {
    if (*alignment < 2 * sizeof(struct piece))
        *alignment = 2 * sizeof(struct piece);
    size_t units = size / *alignment + 2;
    struct piece *piece = allocate(*alignment, units * *alignment);
    if (!piece)
        ame__die("no memory for alloca(%zu) in an atomic block", size);
    return piece;
}

void *ame_abi_alloca(void **pieces, size_t size, size_t alignment) {
    struct piece *piece = new_piece(aligned_alloc, size, &alignment);
    piece->next = *pieces;
    *pieces = piece;
    return (char *)piece + alignment;
}

void ame_abi_free_allocas(void **pieces) {
    struct piece *next;
    for (struct piece *piece = *pieces; piece; piece = next) {
        next = piece->next;
        free(piece);
    }
}

void *ame__twin_alloca(void **pieces, size_t size, size_t alignment) {
    const void *place = __builtin_return_address(0);
    struct piece *piece = new_piece(ame__twin_aligned_alloc, size, &alignment);
    ame__stm_read(ame__self, &piece->next, pieces, sizeof piece->next, place);
    ame__stm_write(ame__self, pieces, &piece, sizeof piece, place);
    return (char *)piece + alignment;
}

void ame__twin_free_allocas(void **pieces) {
    const void *place = __builtin_return_address(0);
    struct piece *piece, *next;
    ame__stm_read(ame__self, &piece, pieces, sizeof piece, place);
    for (; piece; piece = next) {
        ame__stm_read(ame__self, &next, &piece->next, sizeof next, place);
        ame__twin_free(piece);
    }
}
