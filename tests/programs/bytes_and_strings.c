/* memcpy, memmove, memset and the string functions in blocks, on memory that
 * others change, at all alignments. */
#include "check.h"

enum { THREADS = 4, SIZE = 400, TEXTS = 8, TEXT = 64 };

static unsigned char bytes[THREADS][SIZE]; /* bytes[t] is uniform: one value all over */
static char texts[TEXTS][TEXT];            /* each a word repeated, with dashes between */
static char scratch[SIZE];

static const char *const words[] = {"a", "bee", "cormorant", "dromedary", "eel"};

static void write_text(char *text, const char *word, size_t times) {
    strcpy(text, word);
    for (size_t i = 1; i < times; i++) {
        strcat(text, "-");
        strncat(text, word, TEXT);
    }
}

static void check_text(const char *text) {
    size_t word = strchr(text, '-') ? (size_t)(strchr(text, '-') - text) : strlen(text);
    size_t times = (strlen(text) + 1) / (word + 1);
    CHECK(strlen(text) == times * (word + 1) - 1);
    for (size_t i = 1; i < times; i++) {
        CHECK(text[i * (word + 1) - 1] == '-');
        CHECK(!strncmp(text, text + i * (word + 1), word));
        CHECK(!memcmp(text, text + i * (word + 1), word));
    }
}

static void change_bytes(uint64_t r) {
    unsigned char *row = bytes[r % THREADS], value = (unsigned char)(r >> 8);
    size_t at = (r >> 16) % SIZE, from = (r >> 32) % THREADS;
    switch (r >> 60) {
    case 0:
        atomic {
            memcpy(row, bytes[from], SIZE);
        }
        break;
    case 1: /* overlapping both ways: a uniform row stays uniform */
        atomic {
            memmove(row + at, row, SIZE - at);
            memmove(row, row + at, SIZE - at);
        }
        break;
    case 2:
        atomic {
            memcpy(scratch, row, SIZE);
            memset(row, 0, SIZE);
            memcpy(row, scratch + 1, SIZE - 1);
            row[SIZE - 1] = (unsigned char)*scratch;
        }
        break;
    default:
        atomic {
            memset(row, value, at);
            memset(row + at, value, SIZE - at);
        }
    }
}

static void check_bytes(uint64_t r) {
    unsigned char copy[SIZE];
    atomic {
        memcpy(copy, bytes[r % THREADS], SIZE);
        CHECK(!memchr(bytes[r % THREADS], (unsigned char)(copy[0] + 1), SIZE));
        CHECK(!memcmp(bytes[r % THREADS], bytes[r % THREADS] + 1, SIZE - 1));
    }
    for (int i = 0; i < SIZE; i++)
        CHECK(copy[i] == copy[0]);
}

static void change_text(uint64_t r) {
    char *text = texts[r % TEXTS];
    const char *word = words[(r >> 8) % 5];
    atomic {
        if (r >> 63) {
            char *copy = strdup(texts[(r >> 16) % TEXTS]);
            CHECK(copy && !strcmp(copy, texts[(r >> 16) % TEXTS]));
            strcpy(text, copy);
            free(copy);
        } else {
            write_text(text, word, 1 + (r >> 24) % 5);
        }
        check_text(text);
    }
    atomic {
        check_text(texts[(r >> 32) % TEXTS]);
    }
}

static void work(int number) {
    uint64_t random = (uint64_t)number + 5;
    for (int i = 0; i < STEPS(6000); i++) {
        change_bytes(next_random(&random));
        check_bytes(next_random(&random));
        change_text(next_random(&random));
    }
}

int main(void) {
    for (int i = 0; i < TEXTS; i++)
        write_text(texts[i], words[i % 5], 2);
    run_threads(THREADS, work);
    return finish(0);
}
