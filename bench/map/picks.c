/* picks.c - the keys, and which of them are looked up or changed. */
#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t *int_keys;
char **text_keys;

static uint64_t random_state = 1;

static uint64_t draw(void) { /* splitmix64 (Steele, Lea, Flood, OOPSLA 2014) */
    uint64_t z = random_state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static struct picks picks_of(uint32_t *keys, size_t count) {
    enum { LONGEST_TEXT = 48 };
    int64_t *ints = malloc(count * sizeof *ints);
    char **texts = malloc(count * (sizeof *texts + LONGEST_TEXT));
    char *text = (char *)(texts + count);
    for (size_t i = 0; i < count; i++, text += strlen(text) + 1) {
        ints[i] = int_keys[keys[i]];
        texts[i] = strcpy(text, text_keys[keys[i]]);
    }
    struct picks picks = {keys, ints, texts, NULL, 0, count};
#if HAVE_IMMER
    picks.strings = immer_strings(texts, count);
#endif
    return picks;
}

void free_picks(struct picks picks) {
    free((void *)picks.keys);
    free((void *)picks.ints);
    free((void *)picks.texts);
#if HAVE_IMMER
    immer_free_strings((void *)picks.strings);
#endif
}

struct picks uniform(size_t count, uint32_t first, size_t below) {
    uint32_t *keys = malloc(count * sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = first + (uint32_t)(draw() % below);
    return picks_of(keys, count);
}

/* `count` different ones from `first` on, in random order. */
struct picks different(size_t count, uint32_t first) {
    uint32_t *keys = malloc(count * sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = first + (uint32_t)i;
    for (size_t i = count; i > 1; i--) {
        size_t j = draw() % i;
        uint32_t key = keys[i - 1];
        keys[i - 1] = keys[j];
        keys[j] = key;
    }
    return picks_of(keys, count);
}

/* Frequency of the k-th key about 1/k: a uniform exponent gives that. */
struct picks zipf(size_t count, size_t below) {
    uint32_t *keys = malloc(count * sizeof *keys);
    for (size_t i = 0; i < count; i++) {
        double u = (double)(draw() >> 11) / 9007199254740992.0;
        keys[i] = (uint32_t)(__builtin_exp(u * __builtin_log((double)below)) - 1);
    }
    return picks_of(keys, count);
}

void make_keys(size_t count, const char *format) {
    int_keys = malloc(count * sizeof *int_keys);
    text_keys = malloc(count * sizeof *text_keys);
    for (size_t i = 0; i < count; i++) {
        char text[48];
        int_keys[i] = (int64_t)draw();
        snprintf(text, sizeof text, format, (unsigned long long)(draw() % 1000 * 1000000000 + i));
        text_keys[i] = strdup(text);
    }
}
