/* damage.c - gives the report damaged copies of a recording: cut off after each
 * length, and with each byte changed in several ways. The report may refuse them
 * or say less; it may not crash or hang.
 *   damage RECORDING DIRECTORY */
#include "commands.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *original;
static size_t length;
static char copy_path[4096];

static void report_on(const char *data, size_t size) {
    FILE *file = fopen(copy_path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
        perror(copy_path);
        exit(1);
    }
    char *arguments[] = {"report", "-i", copy_path, NULL};
    optind = 0; /* glibc: start anew */
    command_report(3, arguments);
}

static void read_original(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) {
        perror(path);
        exit(1);
    }
    length = (size_t)ftell(file);
    original = malloc(length);
    rewind(file);
    if (!original || fread(original, 1, length, file) != length) {
        perror(path);
        exit(1);
    }
    fclose(file);
}

int main(int count, char **arguments) {
    static const unsigned char changes[] = {0x01, 0x80, 0xff};
    if (count != 3)
        return 2;
    read_original(arguments[1]);
    snprintf(copy_path, sizeof copy_path, "%s/damaged", arguments[2]);
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
        return 1;
    char *copy = malloc(length);
    if (!copy)
        return 1;
    for (size_t i = 0; i <= length; i++)
        report_on(original, i);
    for (size_t i = 0; i < length; i++)
        for (size_t j = 0; j < sizeof changes; j++) {
            memcpy(copy, original, length);
            copy[i] = (char)(copy[i] ^ changes[j]);
            report_on(copy, length);
        }
    free(copy);
    free(original);
    return 0;
}
