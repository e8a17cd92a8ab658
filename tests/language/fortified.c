/* What -D_FORTIFY_SOURCE makes of functions of the C library: none of these blocks runs alone. */
#ifdef __OPTIMIZE__
#undef _FORTIFY_SOURCE
#define _FORTIFY_SOURCE 2
#endif
#define _GNU_SOURCE
#include "feature.h"
#include <stdarg.h>
#include <stdio.h>

static char text[64], line[128];
static size_t size;

static void prepare(void) {
    strcpy(text, "some text");
    memset(line, 0, sizeof line);
    size = 4;
}

__attribute__((noinline)) static void print(const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(line + 40, 30, format, list);
    va_end(list);
    va_start(list, format);
    vsprintf(line + 70, format, list);
    va_end(list);
}

static void fortified(void) {
    atomic {
        char local[64], *made;
        memcpy(local, text, size);
        memmove(local + 2, local, size);
        memset(local + 6, '-', size);
        *(char *)mempcpy(local + 10, text, size) = '\0';
        strcpy(line, local);
        strncpy(local, text, size);
        strcat(line, local + 10);
        strncat(line, text, size);
        snprintf(local, sizeof local, "%d", (int)size);
        sprintf(local + 10, "%s", text);
        stpcpy(stpcpy(local + 20, text), text);
        print("%s%s", local, local + 10);
        if (asprintf(&made, "%s", local + 25) > 0)
            strcpy(line + 100, made);
        free(made);
        size++;
    }
}

static void check(void) {
    CHECK(strcmp(line, "sosome----somesomesome") == 0);
    CHECK(strcmp(line + 40, "4some text") == 0 && strcmp(line + 70, "4some text") == 0);
    CHECK(strcmp(line + 100, "textsome text") == 0);
    CHECK_EQUAL(size, 5);
}

int main(void) {
    struct ame_statistics before, after;
    ame_get_statistics(&before);
    TRY(prepare, fortified, check);
    ame_get_statistics(&after);
    CHECK(after.commits_serial == before.commits_serial || strcmp(ame_mode_name(), "stm") != 0);
    return 0;
}
