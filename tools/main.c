#include "commands.h"
#include "util.h"
#include <ame/runtime.h>

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int count, char **arguments);
    const char *summary;
    const char *help;
} commands[] = {
    {"cc", command_cc, "compile and link C programs with atomic blocks",
     "usage: ame cc [--show] ARGUMENTS...\n"
     "\n"
     "Runs clang-19 with the plugin and the headers of ame; every argument goes to\n"
     "clang. When it links a program, the runtime is added; a shared library takes\n"
     "the runtime of the program that loads it (link that with -rdynamic).\n"
     "\n"
     "  --show     print the command instead of running it\n"
     "  -fgnu-tm   the transactions of GCC: __transaction_atomic,\n"
     "             __transaction_relaxed, __transaction_cancel and their attributes\n"
     "\n"
     "Environment:\n"
     "  AME_CC   the compiler to run (must be clang 19) instead of clang-19\n"},
    {"record", command_record, "run a program and record its blocks and conflicts",
     "usage: ame record [-s] [-o FILE] [--] PROGRAM ARGUMENTS...\n"
     "\n"
     "Runs the program and records what its atomic blocks do, for `ame report`. The\n"
     "exit status is the program's; 128 and the signal if a signal ended it.\n"
     "\n"
     "  -o, --output FILE   the recording (default: ame.data); an older recording\n"
     "                      there is replaced, another file never\n"
     "  -s, --software      run blocks in software only, as AME_MODE=stm does:\n"
     "                      hardware does not tell the places of its conflicts\n"
     "\n"
     "Further processes (fork, exec) record to FILE.PID.\n"
     "\n"
     "Environment:\n"
     "  AME_RECORD_MAX   bound for the events in the file, in MiB (default: 1024);\n"
     "                   aborts beyond it are counted without their places\n"},
    {"report", command_report, "show where time went and what conflicts with what",
     "usage: ame report [OPTIONS]\n"
     "\n"
     "Shows a recording: which lines to change first, and how; the time of all\n"
     "threads, the blocks, the pairs of places that conflicted, other aborts, and\n"
     "what made blocks run alone. Sorted by the time that was lost, in attempts that\n"
     "were aborted and in waiting.\n"
     "\n"
     "  -i, --input FILE        the recording (default: ame.data; -: standard input)\n"
     "  -s, --sort KEY          lost (default) or aborts\n"
     "      --percent-limit N   leave out blocks and pairs below N % of all threads'\n"
     "                          time\n"
     "      --top N             show at most N pairs (default: 10; 0: all)\n"
     "      --by KEY            sum conflicts up by site (source line), field or type\n"
     "                          instead of by pair\n"
     "\n"
     "Build the program with -g to see source lines.\n"},
    {"stat", command_stat, "run a program and count what its blocks do",
     "usage: ame stat [-s] [--] PROGRAM ARGUMENTS...\n"
     "       ame stat -i FILE\n"
     "\n"
     "Runs the program and prints, on standard error, counts, rates and times: of the\n"
     "whole, of each thread, and of each block how often it committed in hardware, in\n"
     "software and alone, why it was aborted, why it left hardware, and what made it\n"
     "run alone. The exit status is the program's.\n"
     "\n"
     "  -s, --software     run blocks in software only, as AME_MODE=stm does\n"
     "  -i, --input FILE   print that of a recording instead, on standard output\n"},
    {"annotate", command_annotate, "show source lines with what they cost",
     "usage: ame annotate [OPTIONS] [SOURCE...]\n"
     "\n"
     "Prints the source around the lines that conflicts name, with their costs in\n"
     "the margin, in percent of all threads' time: what was lost by attempts and in\n"
     "waits that ended at the line, and what the line made others lose. At the line\n"
     "of a block: its committed and its wasted time. SOURCE, the end of a file's\n"
     "path, chooses files.\n"
     "\n"
     "  -i, --input FILE   the recording (default: ame.data; -: standard input)\n"
     "  -c, --context N    lines before and after (default: 3)\n"},
    {"diff", command_diff, "compare two recordings, before and after a change",
     "usage: ame diff BEFORE AFTER\n"
     "\n"
     "Shows how the time of all threads, the blocks and the conflicts have changed\n"
     "from one recording to the other. Blocks and conflicts are the same if their\n"
     "functions, files and data have the same names: lines may move.\n"},
    {"timeline", command_timeline, "show what each thread did over time",
     "usage: ame timeline [-i FILE]\n"
     "\n"
     "Prints a line for each thread, in which each column says what the thread did\n"
     "most in that part of the time: commit, waste, wait, or be outside of blocks. The\n"
     "recording tells this about every 100 ms, at first more often.\n"
     "\n"
     "  -i, --input FILE   the recording (default: ame.data; -: standard input)\n"},
    {"export", command_export, "write a recording in a format of other tools",
     "usage: ame export [-f FORMAT] [-i FILE]\n"
     "\n"
     "Writes to standard output:\n"
     "\n"
     "  -f json     all that the report knows; docs/profiler-formats.md has the schema\n"
     "  -f folded   stacks in one line each with microseconds, for flamegraph.pl,\n"
     "              inferno or speedscope: block, functions, then why time was lost\n"
     "  -f html     one page to look at in a browser, without network: threads over\n"
     "              time, conflict graph, tables to sort and filter, source\n"
     "  -f chrome   a timeline for Perfetto (ui.perfetto.dev) or chrome://tracing\n"
     "\n"
     "  -i, --input FILE   the recording (default: ame.data; -: standard input)\n"},
    {"info", command_info, "what ame finds on this machine",
     "usage: ame info\n"
     "\n"
     "Prints the version, the mode that AME_MODE chooses, whether hardware\n"
     "transactions work, the runtime's tables, and the compiler and files in use.\n"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_overview(void) {
    printf("usage: ame COMMAND ...\n"
           "\n"
           "Atomic blocks for C: build programs and find what slows their blocks down.\n"
           "\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-8s %s\n", commands[i].name, commands[i].summary);
    printf("  %-8s %s\n"
           "\n"
           "`ame help COMMAND` tells more; `ame --version` prints the version.\n",
           "help", "this text, or the help of a command");
}

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    complain("unknown command %s; `ame help` lists the commands", name);
    return NULL;
}

static int help(int count, char **arguments) {
    if (count < 2) {
        print_overview();
        return finish_output();
    }
    const struct command *command = find_command(arguments[1]);
    if (!command)
        return EXIT_USAGE;
    fputs(command->help, stdout);
    return finish_output();
}

int main(int count, char **arguments) {
    if (count < 2) {
        complain("no command; `ame help` lists the commands");
        return EXIT_USAGE;
    }
    const char *name = arguments[1];
    if (!strcmp(name, "--version")) {
        printf("ame %s\n", AME_VERSION);
        return finish_output();
    }
    if (!strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-h"))
        return help(count - 1, arguments + 1);
    const struct command *command = find_command(name);
    if (!command)
        return EXIT_USAGE;
    /* `ame cc --help` asks for ours; clang's is `clang-19 --help`. */
    if (count > 2 && !strcmp(arguments[2], "--help")) {
        fputs(command->help, stdout);
        return finish_output();
    }
    return command->run(count - 1, arguments + 1);
}
