/* search.c - transactional twins of qsort, qsort_r and bsearch. They call the twin of the function
 * that compares; where it has none the block runs alone. */
#include "libc/twin.h"

#include <string.h>

typedef int comparison(const void *, const void *);
typedef int comparison_with(const void *, const void *, void *extra);

struct order {
    comparison *compare; /* of these two one is NULL */
    comparison_with *compare_with;
    void *extra;
    size_t size; /* of an element */
};

static inline int in_order(const struct order *order, const void *a, const void *b) {
    return (order->compare ? order->compare(a, b) : order->compare_with(a, b, order->extra)) <= 0;
}

/* Merge sort, which is stable, as glibc's is: equal elements end where they do there. `spare` has
 * room for all elements. */
static void sort(const struct order *order, char *elements, size_t count, char *spare) {
    if (count < 2)
        return;
    size_t size = order->size, left_count = count / 2, right_count = count - left_count;
    char *left = elements, *right = elements + left_count * size, *to = spare;
    sort(order, left, left_count, spare);
    sort(order, right, right_count, spare);
    while (left_count && right_count) {
        char **next = in_order(order, left, right) ? &left : &right;
        *(next == &left ? &left_count : &right_count) -= 1;
        memcpy(to, *next, size);
        *next += size;
        to += size;
    }
    /* What is left of the right half is in its place. */
    memcpy(to, left, left_count * size);
    memcpy(elements, spare, (size_t)(to - spare) + left_count * size);
}

/* Sorts a copy: what the function compares is this block's own memory. */
static void sort_shared(void *elements, size_t count, const struct order *order,
                        const void *place) {
    size_t bytes;
    struct ame_tx *tx = ame__self;
    if (__builtin_mul_overflow(count, order->size, &bytes))
        ame__tx_abort(tx, AME__ABORT_MEMORY);
    if (count < 2 || !bytes)
        return;
    struct ame__scratch copy, spare;
    ame__scratch_start(&copy);
    ame__scratch_start(&spare);
    char *sorted = ame__scratch_reserve(&copy, bytes);
    ame__stm_read(tx, sorted, elements, bytes, place);
    sort(order, sorted, count, ame__scratch_reserve(&spare, bytes));
    ame__stm_write(tx, elements, sorted, bytes, place);
    ame__scratch_end(&spare);
    ame__scratch_end(&copy);
}

void ame__twin_qsort(void *, size_t, size_t, comparison *) AME__TWIN("qsort");
void ame__twin_qsort(void *elements, size_t count, size_t size, comparison *compare) {
    const void *place = AME__PLACE;
    const void *twin = ame__tx_twin_of(ame__self, (const void *)compare, "qsort", place);
    struct order order = {.compare = (comparison *)twin, .size = size};
    sort_shared(elements, count, &order, place);
}

void ame__twin_qsort_r(void *, size_t, size_t, comparison_with *, void *) AME__TWIN("qsort_r");
void ame__twin_qsort_r(void *elements, size_t count, size_t size, comparison_with *compare,
                       void *extra) {
    const void *place = AME__PLACE;
    const void *twin = ame__tx_twin_of(ame__self, (const void *)compare, "qsort_r", place);
    struct order order = {.compare_with = (comparison_with *)twin, .extra = extra, .size = size};
    sort_shared(elements, count, &order, place);
}

void *ame__twin_bsearch(const void *, const void *, size_t, size_t, comparison *)
    AME__TWIN("bsearch");
void *ame__twin_bsearch(const void *key, const void *elements, size_t count, size_t size,
                        comparison *compare) {
    const void *twin = ame__tx_twin_of(ame__self, (const void *)compare, "bsearch", AME__PLACE);
    /* Halves as the C library does, which finds the same one of several that are equal. */
    for (size_t first = 0, end = count; first < end;) {
        size_t middle = (first + end) / 2;
        const char *element = (const char *)elements + middle * size;
        int order = ((comparison *)twin)(key, element);
        if (!order)
            return (void *)element;
        if (order < 0)
            end = middle;
        else
            first = middle + 1;
    }
    return NULL;
}
