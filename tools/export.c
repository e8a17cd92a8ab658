/* ame export: a recording in formats of other tools. */
#include "export.h"

#include "commands.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct format {
    const char *name;
    bool needs_all; /* each event, not just their sums */
    void (*write)(const struct report *report);
} formats[] = {{"json", false, export_json},
               {"folded", false, export_folded},
               {"chrome", true, export_chrome},
               {"html", true, export_page}};

static const struct format *find_format(const char *name) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(name, formats[i].name))
            return &formats[i];
    complain("export: unknown format %s; see `ame help export`", name);
    return NULL;
}

int command_export(int count, char **arguments) {
    static const struct option options[] = {{"input", required_argument, NULL, 'i'},
                                            {"format", required_argument, NULL, 'f'},
                                            {NULL, 0, NULL, 0}};
    const char *input = DEFAULT_RECORDING;
    const struct format *format = &formats[0];
    for (int option; (option = next_option("export", count, arguments, ":i:f:", options)) != -1;) {
        if (option == '?')
            return EXIT_USAGE;
        if (option == 'i')
            input = optarg;
        else if (!(format = find_format(optarg)))
            return EXIT_USAGE;
    }
    struct report report = {0};
    if (!no_more_arguments("export", count, arguments))
        return EXIT_USAGE;
    if (!(format->needs_all ? report_open_all : report_open)(&report, input))
        return EXIT_FAILURE;
    format->write(&report);
    report_close(&report);
    return finish_output();
}
