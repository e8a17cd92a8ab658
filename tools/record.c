/* ame record: runs a program with AME_RECORD set. */
#define _GNU_SOURCE
#include "commands.h"
#include "runner.h"
#include "trace.h"

#include <dirent.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Whether `name` is that of a further process: `first`, a point, and a number, or two with a
 * point between them. */
static bool is_further(const char *name, const char *first) {
    size_t length = strlen(first);
    return !strncmp(name, first, length) && name[length] == '.' && name[length + 1] &&
           name[length + 1 + strspn(name + length + 1, "0123456789.")] == '\0';
}

/* Files beside the recording that further processes have begun or written since `start`. */
static void name_further(const char *absolute, const char *path, const struct timespec *start) {
    enum { NAMED = 3 };
    char *directory = must_copy(absolute);
    char *slash = strrchr(directory, '/');
    *slash = '\0';
    DIR *entries = opendir(*directory ? directory : "/");
    size_t count = 0, folder = strlen(path) - strlen(slash + 1);
    char *list = must_copy("");
    for (const struct dirent *entry; entries && (entry = readdir(entries));) {
        struct stat status;
        if (!is_further(entry->d_name, slash + 1) ||
            fstatat(dirfd(entries), entry->d_name, &status, 0) ||
            status.st_mtim.tv_sec < start->tv_sec)
            continue;
        if (count++ < NAMED) {
            char *longer =
                must_print("%s%s%.*s%s", list, *list ? ", " : "", (int)folder, path, entry->d_name);
            free(list);
            list = longer;
        }
    }
    if (count > NAMED)
        complain("further processes recorded to %s and %zu more", list, count - NAMED);
    else if (count)
        complain("further processes recorded to %s", list);
    if (entries)
        closedir(entries);
    free(list);
    free(directory);
}

static void summarize(const char *absolute, const char *path) {
    struct trace trace;
    struct stat status;
    if (stat(absolute, &status)) {
        complain("the program ran no atomic block, so nothing was recorded; was it built with "
                 "`ame cc`?");
        return;
    }
    if (trace_read(&trace, absolute)) {
        uint64_t commits = 0;
        for (size_t i = 0; i < trace.blocks.count; i++) {
            const struct ame__block_totals *total = &trace.blocks.items[i].total;
            commits += total->commits_htm + total->commits_stm + total->commits_serial;
        }
        complain("%" PRIu64 " commits and %" PRIu64 " aborts recorded in %s (%" PRIu64
                 " KiB); see `ame report%s%s`",
                 commits, trace.aborts, path, ((uint64_t)status.st_size + 1023) / 1024,
                 strcmp(path, DEFAULT_RECORDING) ? " -i " : "",
                 strcmp(path, DEFAULT_RECORDING) ? path : "");
    }
    trace_free(&trace);
}

int command_record(int count, char **arguments) {
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"software", no_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    const char *path = DEFAULT_RECORDING;
    bool software = false;
    /* The plus: the program's own options are not ours. */
    for (int option; (option = getopt_long(count, arguments, "+:o:s", options, NULL)) != -1;) {
        if (option != 'o' && option != 's') {
            complain(option == ':' ? "record: %s needs a value; see `ame help record`"
                                   : "record: unknown option %s; see `ame help record`",
                     arguments[optind - 1]);
            return EXIT_USAGE;
        }
        if (option == 'o')
            path = optarg;
        else
            software = true;
    }
    if (optind >= count || !*path) {
        complain("record: name %s; see `ame help record`",
                 *path ? "the program to run" : "a file after -o");
        return EXIT_USAGE;
    }
    char *absolute = runner_prepare(path);
    if (!absolute)
        return EXIT_FAILURE;
    bool ran;
    struct timespec start;
    clock_gettime(CLOCK_REALTIME, &start);
    int result = runner_run(arguments + optind, absolute, software, &ran);
    if (ran) {
        summarize(absolute, path);
        name_further(absolute, path, &start);
    }
    free(absolute);
    return result;
}
