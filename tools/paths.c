#define _GNU_SOURCE
#include "paths.h"

#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The first of `candidates`, relative to the tool's directory or absolute, which
 * is there; NULL if none is. Ends with NULL. */
static char *find_beside_tool(const char *const *candidates) {
    char directory[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", directory, sizeof directory - 1);
    if (length <= 0)
        return NULL;
    directory[length] = '\0';
    *strrchr(directory, '/') = '\0';
    for (; *candidates; candidates++) {
        char *path = **candidates == '/' ? must_copy(*candidates)
                                         : must_print("%s/%s", directory, *candidates);
        char *real = realpath(path, NULL);
        free(path);
        if (real)
            return real;
    }
    return NULL;
}

/* The build tree comes first: AME__TOOL_* come from CMake. */
char *paths_plugin(void) {
    static const char *const candidates[] = {"../llvm-pass/libame-pass.so",
                                             "../" AME__TOOL_LIBDIR "/libame-pass.so", NULL};
    return find_beside_tool(candidates);
}

char *paths_clang_plugin(void) {
    static const char *const candidates[] = {"../llvm-pass/libame-clang.so",
                                             "../" AME__TOOL_LIBDIR "/libame-clang.so", NULL};
    return find_beside_tool(candidates);
}

char *paths_runtime(void) {
    static const char *const candidates[] = {"../runtime/libame.a",
                                             "../" AME__TOOL_LIBDIR "/libame.a", NULL};
    return find_beside_tool(candidates);
}

/* The source tree's headers count only for a tool that lies in a build tree. */
char *paths_include(void) {
    static const char *const in_build[] = {"../runtime/libame.a", NULL};
    static const char *const source[] = {AME__TOOL_SOURCE_INCLUDE, NULL};
    static const char *const installed[] = {"../" AME__TOOL_INCLUDEDIR, NULL};
    char *runtime = find_beside_tool(in_build);
    char *include = find_beside_tool(runtime ? source : installed);
    free(runtime);
    return include;
}

/* ---- the compiler ---- */

/* Whether `name` can be run, looked for in PATH unless it holds a slash. */
static char *find_program(const char *name) {
    if (strchr(name, '/'))
        return access(name, X_OK) ? NULL : must_copy(name);
    const char *directories = getenv("PATH");
    while (directories && *directories) {
        size_t length = strcspn(directories, ":");
        char *path =
            must_print("%.*s/%s", length ? (int)length : 1, length ? directories : ".", name);
        if (!access(path, X_OK))
            return path;
        free(path);
        directories += length + (directories[length] == ':');
    }
    return NULL;
}

/* The first line that `compiler --version` prints, "" when that fails. */
static void first_version_line(const char *compiler, char *line, int size) {
    int pipes[2];
    pid_t child;
    posix_spawn_file_actions_t actions;
    char *arguments[] = {(char *)compiler, "--version", NULL};
    *line = '\0';
    if (pipe2(pipes, O_CLOEXEC))
        return;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
    int error = posix_spawn(&child, compiler, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    FILE *output = fdopen(pipes[0], "r");
    if (error || !output || !fgets(line, size, output))
        *line = '\0';
    if (output)
        fclose(output);
    else
        close(pipes[0]);
    if (!error)
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            continue;
}

static bool is_clang_19(const char *compiler) {
    char line[256];
    first_version_line(compiler, line, sizeof line);
    return strstr(line, "clang version 19.") != NULL;
}

char *paths_compiler(char **why) {
    const char *chosen = getenv("AME_CC");
    if (chosen && *chosen) {
        char *compiler = find_program(chosen);
        if (compiler && is_clang_19(compiler))
            return compiler;
        *why = must_print(compiler ? "AME_CC=%s is not clang 19; the plugin works with no other"
                                   : "AME_CC=%s cannot be run",
                          chosen);
        free(compiler);
        return NULL;
    }
    char *compiler = find_program("clang-19");
    if (!compiler)
        compiler = find_program("/usr/lib/llvm-19/bin/clang");
    if (!compiler)
        *why = must_print("clang-19 is not in PATH; install it (Debian: apt-get install clang-19) "
                          "or name it in AME_CC");
    return compiler;
}

/* ---- all together ---- */

static bool found(const char *path, const char *what) {
    if (!path)
        complain("%s is not where it belongs, beside this tool; build or install ame again", what);
    return path != NULL;
}

bool paths_find(struct paths *paths) {
    char *why = NULL;
    *paths = (struct paths){.plugin = paths_plugin(),
                            .clang_plugin = paths_clang_plugin(),
                            .runtime = paths_runtime(),
                            .include = paths_include(),
                            .compiler = paths_compiler(&why)};
    if (!paths->compiler)
        complain("%s", why);
    free(why);
    bool complete = paths->compiler && found(paths->plugin, "libame-pass.so") &&
                    found(paths->clang_plugin, "libame-clang.so") &&
                    found(paths->runtime, "libame.a") && found(paths->include, "include/ame");
    if (!complete)
        paths_free(paths);
    return complete;
}

void paths_free(struct paths *paths) {
    free(paths->plugin);
    free(paths->clang_plugin);
    free(paths->runtime);
    free(paths->include);
    free(paths->compiler);
    *paths = (struct paths){0};
}
