/* texts.h - for tests of twins against the C library's functions: random texts, memory that
 * ends with a page, and blocks that end the program. */
#ifndef TESTS_UNIT_LIBC_TEXTS_H
#define TESTS_UNIT_LIBC_TEXTS_H

#include "../stm/block.h"
#include "base/compiler.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TWIN(result, name, ...) result twin_##name(__VA_ARGS__) __asm__("ame_twin." #name)

static uint64_t state = 88172645463325252u;

static inline unsigned any(unsigned below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state % below);
}

static inline int sign(int x) {
    return (x > 0) - (x < 0);
}

/* Few letters, so that strings often agree; bytes beyond 127 among them. */
static inline void any_text(char *text, size_t length) {
    static const char letters[] = "aAb\xe9\x7f";
    for (size_t i = 0; i < length; i++)
        text[i] = letters[any(sizeof letters - 1)];
    text[length] = '\0';
}

/* The end of a page, after which nothing can be read. */
static inline char *page_end(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(two, MAP_FAILED);
    cr_assert_eq(mprotect(two + page, page, PROT_NONE), 0);
    return two + page;
}

/* As outside blocks, where the room is too small: a message of the C library, and abort(). */
static inline void assert_block_aborts(void (*block)(void *), size_t number) {
    pid_t child = fork();
    if (!child) {
        signal(SIGABRT, SIG_DFL);
        fclose(stderr);
        run_block(block, NULL);
        _exit(0);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "block %zu", number);
}

#endif
