/* AME_MODE: what each value does, and what a wrong one says. */
#include <ame/abi.h>
#include <ame/runtime.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing(void *args) {
    (void)args;
}

static struct ame_statistics in_mode(const char *mode) {
    struct ame_abi_block block = {.plain = nothing, .twin = nothing, .function = "test"};
    struct ame_statistics statistics;
    setenv("AME_MODE", mode, 1);
    ame_abi_run(&block, NULL);
    ame_get_statistics(&statistics);
    return statistics;
}

Test(mode, stm) {
    cr_assert_eq(in_mode("stm").commits_stm, 1);
}

Test(mode, serial) {
    cr_assert_eq(in_mode("serial").commits_serial, 1);
}

Test(mode, automatic_and_hardware_use_what_there_is) {
    bool works;
    ame_hardware_status(&works);
    struct ame_statistics statistics = in_mode("htm");
    cr_assert_eq(statistics.commits_htm + statistics.commits_stm, 1);
    if (!works)
        cr_assert_eq(statistics.commits_stm, 1);
}

Test(mode, empty_is_automatic) {
    in_mode("");
    cr_assert_str_eq(ame_mode_name(), "auto");
}

/* What a process says that runs its first block in `mode`, and its exit status. */
static int said(const char *mode, char *text, size_t size) {
    int ends[2], status;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (!child) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        in_mode(mode);
        _exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t part; (part = read(ends[0], text + length, size - 1 - length)) > 0;)
        length += (size_t)part;
    text[length] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status), "no crash");
    return WEXITSTATUS(status);
}

Test(mode, wrong_one_ends_the_program_with_one_line) {
    char text[512];
    cr_assert_eq(said("fast", text, sizeof text), EXIT_FAILURE);
    const char *line = "ame: AME_MODE=fast is not a mode; use auto, htm, hybrid, simulated, stm or serial\n";
    cr_assert_eq(strncmp(text, line, strlen(line)), 0, "it said: %s", text);
    /* What may follow is LeakSanitizer's, of a process that was forked. */
    cr_assert_null(strstr(text + 1, "ame: "));
}

Test(mode, hardware_that_is_not_there_is_said_once) {
    char text[512];
    bool works;
    const char *why = ame_hardware_status(&works);
    cr_assert_eq(said("htm", text, sizeof text), 0);
    if (works) {
        cr_assert_str_empty(text);
        return;
    }
    cr_assert(strstr(text, why));
    cr_assert_eq(strchr(text, '\n'), text + strlen(text) - 1);
}
