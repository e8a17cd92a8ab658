/* paths.h - the compiler and the files of ame, found from where the tool lies. */
#ifndef AME_TOOLS_PATHS_H
#define AME_TOOLS_PATHS_H

#include <stdbool.h>

struct paths {
    char *plugin;       /* libame-pass.so, for -fpass-plugin= */
    char *clang_plugin; /* libame-clang.so, for -fplugin= */
    char *runtime;      /* libame.a */
    char *include;      /* the directory that holds ame/ */
    char *compiler;     /* clang 19 */
};

/* False, after a message, when something is not there. */
bool paths_find(struct paths *paths);
void paths_free(struct paths *paths);

/* One of them, for `ame info`; NULL when it is not there. The second ones set
 * `*why` then. The results are the caller's to free. */
char *paths_plugin(void);
char *paths_clang_plugin(void);
char *paths_runtime(void);
char *paths_include(void);
char *paths_compiler(char **why);

#endif
