/* Allocation and the string functions of the C library in blocks. */
#include "feature.h"

static char text[64], *kept, *grown, **names;
static void *freed;
static int result[8];

static void prepare(void) {
    strcpy(text, "The first text");
    kept = strdup("kept");
    grown = malloc(8);
    strcpy(grown, "grown");
    names = calloc(4, sizeof *names);
    freed = malloc(100);
    memset(result, 0, sizeof result);
}

static void release(void) {
    free(kept);
    free(grown);
    for (int i = 0; i < 4; i++)
        free(names[i]);
    free(names);
    free(freed);
}

/* ---- allocation ---- */

static char *join(const char *first, const char *second) {
    size_t length = strlen(first) + strlen(second);
    char *joined = malloc(length + 1);
    if (!joined)
        abort();
    strcpy(joined, first);
    strcat(joined, second);
    return joined;
}

static void shuffle(char **at, int count) {
    for (int i = 0; i < count; i++) {
        char *old = at[i];
        at[i] = at[count - 1];
        at[count - 1] = old;
    }
}

static void allocation(void) {
    char *local = strdup("local"), *made;
    int zeroes;
    atomic {
        int *scratch = calloc(10, sizeof *scratch);
        scratch[3] = (int)strlen(local);
        zeroes = scratch[0] + scratch[9];
        result[0] = scratch[3];
        free(scratch);
        names[0] = join(kept, text);
        names[1] = strndup(text + 4, 5);
        names[2] = malloc(32);
        memset(names[2], 'x', 31);
        names[2][31] = 0;
        for (int i = 0; i < 5; i++) {
            char *temporary = malloc(16);
            strcpy(temporary, text + i);
            result[1] += temporary[0];
            free(temporary);
        }
        grown = realloc(grown, 200);
        strcat(grown, " larger");
        names[2] = realloc(names[2], 4);
        names[2][3] = 0;
        free(freed);
        freed = NULL;
        free(NULL);
        free(local);
        made = aligned_alloc(64, 128);
        strcpy(made, "aligned");
        local = made;
        void *page;
        result[2] = posix_memalign(&page, 256, 10) == 0 && (unsigned long)page % 256 == 0;
        free(page);
        kept = realloc(kept, 0x100);
        shuffle(names, 4);
    }
    result[3] = zeroes == 0 && strcmp(local, "aligned") == 0 && (unsigned long)local % 64 == 0;
    free(made);
}

static void check_allocation(void) {
    CHECK_EQUAL(result[0], 5);
    CHECK_EQUAL(result[1], 'T' + 'h' + 'e' + ' ' + 'f');
    CHECK(result[2] && result[3]);
    CHECK(strcmp(names[1], "keptThe first text") == 0 && strcmp(names[2], "first") == 0);
    CHECK(strcmp(names[3], "xxx") == 0 && names[0] == NULL);
    CHECK(strcmp(grown, "grown larger") == 0 && strcmp(kept, "kept") == 0 && !freed);
    release();
}

/* ---- strings and bytes ---- */

static int look(const char *at, size_t length) {
    int found = 0;
    found += memchr(at, 'f', length) == at + 4;
    found += (strchr(at, 't') == at + 8) * 2;
    found += (strrchr(at, 't') == at + 13) * 4;
    found += (strstr(at, "text") == at + 10) * 8;
    found += (strcmp(at, "The first text") == 0) * 16;
    found += (strncmp(at, "The second", 4) == 0) * 32;
    found += (strcasecmp(at, "the FIRST text") == 0) * 64;
    found += (strncasecmp(at, "THE", 3) == 0) * 128;
    found += (strnlen(at, 3) == 3) * 256;
    found += (memcmp(at, "The fiXXX", 6) == 0) * 512;
    found += (strcmp(at, "Them") < 0 && strcmp(at, "The") > 0 && memcmp(at, "U", 1) < 0) * 1024;
    return found;
}

static void strings(void) {
    char local[32] = "local", *end = local;
    atomic {
        result[0] = look(text, sizeof text);
        names[0] = strcpy(text + 32, local);
        end = stpcpy(local, "changed");
        strncpy(text + 40, text, 8);
        memcpy(text, local + 2, 3);
        memmove(text + 1, text, 5);
        strncat(local, text, 4);
        result[1] = (int)(end - local);
        memset(text + 20, '#', 3);
        end = strchr(local, 'g');
        *end = 'G';
        result[2] = (int)strlen(names[0]) + look(local, 3);
        names[0] = NULL;
    }
    result[3] = strcmp(local, "chanGedaang") == 0;
    result[4] = *end;
}

static void check_strings(void) {
    CHECK_EQUAL(result[0], 2047);
    CHECK_EQUAL(result[1], 7);
    CHECK_EQUAL(result[2], 5 + 256);
    CHECK_EQUAL(result[3], 1);
    CHECK_EQUAL(result[4], 'G');
    CHECK(memcmp(text, "aang firs", 5) == 0 && memcmp(text + 40, "The firs", 8) == 0);
    CHECK(memcmp(text + 20, "###", 3) == 0 && text[23] == 0 && strcmp(text + 32, "localThe") != 0);
    release();
}

/* ---- through pointers to them ---- */

static void *(*allocate)(size_t) = malloc;
static void (*give_back)(void *) = free;
static size_t (*measure)(const char *) = strlen;
static void *(*copy)(void *, const void *, size_t) = memcpy;

static void through_pointers(void) {
    size_t length = 0;
    atomic {
        length = measure(text);
        names[0] = allocate(length + 1);
        copy(names[0], text, length + 1);
        give_back(freed);
        freed = NULL;
        text[0] = 't';
    }
    result[0] = (int)length;
}

static void check_through_pointers(void) {
    CHECK_EQUAL(result[0], 14);
    CHECK(strcmp(names[0], "The first text") == 0 && text[0] == 't');
    release();
}

int main(void) {
    TRY(prepare, allocation, check_allocation);
    TRY(prepare, strings, check_strings);
    with_every_fault(prepare, through_pointers, check_through_pointers); /* whether alone or not */
    return 0;
}
