/* The recording's format: what may not change without a new version. */
#include "core/tx.h"
#include "events/format.h"

#include <criterion/criterion.h>

Test(format, sizes_are_those_of_version_4) {
    cr_assert_eq(AME__FORMAT_VERSION, 4);
    cr_assert_eq(sizeof(struct ame__file_header), 56);
    cr_assert_eq(sizeof(struct ame__chunk_header), 8);
    cr_assert_eq(sizeof(struct ame__module_chunk), 40);
    cr_assert_eq(sizeof(struct ame__block_chunk), 24);
    cr_assert_eq(sizeof(struct ame__text_chunk), 8);
    cr_assert_eq(sizeof(struct ame__event), 128);
    cr_assert_eq(sizeof(struct ame__block_totals), 120);
    cr_assert_eq(sizeof(struct ame__thread_chunk), 40);
    cr_assert_eq(sizeof(struct ame__clock_chunk), 16);
    cr_assert_eq(sizeof(struct ame__mark_chunk), 16);
    cr_assert_eq(sizeof(struct ame__name_chunk), 8);
    cr_assert_eq(AME__CHUNK_END, 8);
    cr_assert_eq(AME__CHUNK_NAME, 10);
}

/* The runtime writes its own reasons, and the tool reads the format's. */
Test(format, reasons_are_those_of_the_runtime) {
    cr_assert_eq((int)AME__RECORDED_READ_CHANGED, (int)AME__ABORT_READ_CHANGED);
    cr_assert_eq((int)AME__RECORDED_WOUNDED, (int)AME__ABORT_WOUNDED);
    cr_assert_eq((int)AME__RECORDED_COUNT_CHANGED, (int)AME__ABORT_COUNT_CHANGED);
    cr_assert_eq((int)AME__RECORDED_SERIAL, (int)AME__ABORT_SERIAL);
    cr_assert_eq((int)AME__RECORDED_MEMORY, (int)AME__ABORT_MEMORY);
    cr_assert_eq((int)AME__RECORDED_HTM_CONFLICT, (int)AME__ABORT_HTM_CONFLICT);
    cr_assert_eq((int)AME__RECORDED_HTM_CAPACITY, (int)AME__ABORT_HTM_CAPACITY);
    cr_assert_eq((int)AME__RECORDED_HTM_EXPLICIT, (int)AME__ABORT_HTM_EXPLICIT);
    cr_assert_eq((int)AME__RECORDED_HTM_OTHER, (int)AME__ABORT_HTM_OTHER);
    /* A retry is told with the attempt that commits. */
    cr_assert_eq((int)AME__RECORDED_READ_WAITED, (int)AME__ABORT_RETRY);
    cr_assert_eq((int)AME__ABORT_RETRY + 1, (int)AME__ABORT_REASONS);
}

Test(format, ways_are_those_of_the_runtime) {
    cr_assert_eq((int)AME__HTM, 1);
    cr_assert_eq((int)AME__STM, 2);
    cr_assert_eq((int)AME__SERIAL, 3);
}
