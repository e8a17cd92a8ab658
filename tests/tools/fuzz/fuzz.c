/* fuzz.c - libFuzzer on the reader of recordings and all that prints them: whatever the bytes, they
 * end without a crash, a leak or undefined behaviour. corpus/ is where it starts from. */
#include "export.h"
#include "report.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_all(const struct report *report) {
    report_print(report);
    stat_print(report);
    annotate_print(report, 3, 0, NULL);
    diff_print(report, report);
    export_json(report);
    export_folded(report);
    export_chrome(report);
    timeline_print(report);
    export_page(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct report report = {.top = 10};
    FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "rb") : NULL;
    if (!file)
        return 0;
    if (report_open_stream(&report, file)) {
        print_all(&report);
        report_close(&report);
    }
    fclose(file);
    return 0;
}
