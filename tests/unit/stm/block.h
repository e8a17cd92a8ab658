/* block.h - blocks written by hand, with barriers as the plugin would emit them. */
#ifndef TESTS_UNIT_STM_BLOCK_H
#define TESTS_UNIT_STM_BLOCK_H

#include <ame/abi.h>
#include <ame/runtime.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Runs `twin` as a block in software; its plain body must not be needed. */
static void must_not_run(void *args) {
    (void)args;
    abort();
}

__attribute__((unused)) static void run_block(void (*twin)(void *), void *args) {
    struct ame_abi_block block = {.plain = must_not_run, .twin = twin, .function = "test"};
    ame_abi_run(&block, args);
}

__attribute__((unused)) static void software_only(void) {
    setenv("AME_MODE", "stm", 1);
}

#endif
