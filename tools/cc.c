/* ame cc: clang with what programs with atomic blocks need. */
#include "array.h"
#include "commands.h"
#include "paths.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Arguments with which clang links no program. Shared libraries take the runtime
 * of the program that loads them: two runtimes in a process know nothing of each
 * other's blocks. */
static const char *const no_program[] = {
    "-c",        "-S",        "-E",           "-fsyntax-only", "-M",      "-MM",
    "--analyze", "--version", "-dumpversion", "-dumpmachine",  "-shared", "--shared",
    "-r",        "--help",    "-emit-ast",    "--precompile",  NULL};

/* Arguments with which a program exports its runtime. It gets all of it, since nobody knows yet
 * what the shared libraries that it loads will call. */
static const char *const exporting[] = {"-rdynamic", "-Wl,-E", "-Wl,--export-dynamic",
                                        "-Wl,-export-dynamic", NULL};

/* Arguments whose value is the next argument, which is no input then. */
static const char *const with_value[] = {"-o",        "-I",          "-D",
                                         "-U",        "-L",          "-l",
                                         "-x",        "-include",    "-imacros",
                                         "-isystem",  "-iquote",     "-idirafter",
                                         "-isysroot", "-iprefix",    "-MF",
                                         "-MT",       "-MQ",         "-T",
                                         "-u",        "-z",          "-e",
                                         "-target",   "-arch",       "-Xclang",
                                         "-Xlinker",  "-Xassembler", "-Xpreprocessor",
                                         "-mllvm",    "-framework",  "--param",
                                         "-B",        "-F",          "-cxx-isystem",
                                         "-A",        NULL};

static bool is_one_of(const char *argument, const char *const *list) {
    for (; *list; list++)
        if (!strcmp(argument, *list))
            return true;
    return false;
}

struct invocation {
    bool links_program;
    bool exports;
    bool language_set; /* -x: would make the compiler read the runtime as source */
};

static struct invocation understand(int count, char **arguments) {
    struct invocation invocation = {0};
    bool inputs = false, excluded = false;
    for (int i = 0; i < count; i++) {
        const char *argument = arguments[i];
        invocation.language_set |= !strncmp(argument, "-x", 2);
        invocation.exports |= is_one_of(argument, exporting);
        excluded |= is_one_of(argument, no_program) || !strncmp(argument, "-print-", 7) ||
                    !strncmp(argument, "--print-", 8) || !strncmp(argument, "--help", 6);
        if (is_one_of(argument, with_value))
            i++;
        else
            inputs |= *argument != '-' || !argument[1];
    }
    invocation.links_program = inputs && !excluded;
    return invocation;
}

typedef ARRAY(char *) command_line;

/* GCC's transactions: the clang plugin knows the words, clang does not know the flag. */
static void push_arguments(command_line *command, const struct paths *paths, int count,
                           char **arguments) {
    bool gnu_tm = false;
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "-fgnu-tm")) {
            ARRAY_PUSH(command, must_copy(arguments[i]));
        } else if (!gnu_tm) {
            gnu_tm = true;
            ARRAY_PUSH(command, must_copy("-fplugin-arg-ame-gnu-tm"));
            ARRAY_PUSH(command, must_copy("-include"));
            ARRAY_PUSH(command, must_print("%s/ame/gnu_tm.h", paths->include));
        }
    }
}

static void build_command(command_line *command, const struct paths *paths, int count,
                          char **arguments) {
    struct invocation invocation = understand(count, arguments);
    ARRAY_PUSH(command, must_copy(paths->compiler));
    ARRAY_PUSH(command, must_print("-fpass-plugin=%s", paths->plugin));
    ARRAY_PUSH(command, must_print("-fplugin=%s", paths->clang_plugin));
    ARRAY_PUSH(command, must_print("-I%s", paths->include));
    push_arguments(command, paths, count, arguments);
    if (invocation.links_program) {
        if (invocation.language_set) {
            ARRAY_PUSH(command, must_copy("-x"));
            ARRAY_PUSH(command, must_copy("none"));
        }
        if (invocation.exports)
            ARRAY_PUSH(command, must_copy("-Wl,--whole-archive"));
        ARRAY_PUSH(command, must_copy(paths->runtime));
        if (invocation.exports)
            ARRAY_PUSH(command, must_copy("-Wl,--no-whole-archive"));
        ARRAY_PUSH(command, must_copy("-lpthread"));
    }
    ARRAY_PUSH(command, NULL);
}

/* As a shell would read it back. */
static void print_quoted(const char *argument) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=./,:@%^";
    if (*argument && !argument[strspn(argument, plain)]) {
        fputs(argument, stdout);
        return;
    }
    putchar('\'');
    for (; *argument; argument++)
        if (*argument == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*argument);
    putchar('\'');
}

static int show(const command_line *command) {
    for (size_t i = 0; command->items[i]; i++) {
        if (i)
            putchar(' ');
        print_quoted(command->items[i]);
    }
    putchar('\n');
    return finish_output();
}

static int run(const command_line *command) {
    execv(command->items[0], command->items);
    complain("cannot run %s: %s", command->items[0], strerror(errno));
    return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

int command_cc(int count, char **arguments) {
    struct paths paths;
    command_line command = {0};
    bool only_show = count > 1 && !strcmp(arguments[1], "--show");
    int first = only_show ? 2 : 1;
    if (!paths_find(&paths))
        return EXIT_FAILURE;
    build_command(&command, &paths, count - first, arguments + first);
    int status = only_show ? show(&command) : run(&command);
    for (size_t i = 0; i < command.count; i++)
        free(command.items[i]);
    free(command.items);
    paths_free(&paths);
    return status;
}
