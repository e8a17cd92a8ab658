/* ame info: what there is and what works. */
#include "commands.h"
#include "paths.h"
#include "util.h"
#include <ame/runtime.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Prints a path, or what is missing; frees it. Returns whether it is there. */
static bool print_path(const char *name, char *path, const char *missing) {
    bool there = path != NULL;
    printf("%-12s %s\n", name, there ? path : missing);
    free(path);
    return there;
}

int command_info(int count, char **arguments) {
    if (count > 1) {
        complain("info: unexpected argument %s; see `ame help info`", arguments[1]);
        return EXIT_USAGE;
    }
    bool hardware, complete = true;
    uint64_t records, stripe;
    char *why = NULL;
    const char *status = ame_hardware_status(&hardware);
    ame_orec_geometry(&records, &stripe);
    printf("%-12s %s, for LLVM 19\n", "ame", AME_VERSION);
    printf("%-12s %s (AME_MODE)\n", "mode", ame_mode_name());
    printf("%-12s %s: %s\n", "hardware", hardware ? "works" : "not used", status);
    printf("%-12s %" PRIu64 " records of %" PRIu64 " bytes each: %" PRIu64 " MiB apart share one\n",
           "conflicts", records, stripe, records * stripe >> 20);
    char *compiler = paths_compiler(&why);
    complete &= print_path("compiler", compiler, why);
    complete &= print_path("plugin", paths_plugin(), "libame-pass.so is missing");
    complete &= print_path("front end", paths_clang_plugin(), "libame-clang.so is missing");
    complete &= print_path("runtime", paths_runtime(), "libame.a is missing");
    complete &= print_path("headers", paths_include(), "include/ame is missing");
    free(why);
    int written = finish_output();
    return complete ? written : EXIT_FAILURE;
}
