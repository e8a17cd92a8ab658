#include "map/hash.h"
#include "base/arch.h"
#include "base/diag.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static uint64_t seed;

static uint64_t seed_from_text(const char *text) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 0);
    /* strtoull takes signs and leading blanks, and wraps "-1" around. */
    if (errno || *end || text[0] < '0' || text[0] > '9')
        ame__die("AME_HASH_SEED=\"%s\" is not a seed; give a decimal or 0x number below 2^64, or "
                 "unset it",
                 text);
    return value;
}

/* Runs before the constructors of programs (101 is the first priority that is
 * not reserved), so no map is ever made with another seed; and so lookups need no
 * test whether there is one. */
__attribute__((constructor(101))) static void choose_seed(void) {
    if (!__builtin_cpu_supports("popcnt"))
        ame__die("this processor has no POPCNT instruction, which ame_map needs (x86-64-v2)");
    const char *text = secure_getenv("AME_HASH_SEED");
    if (text && *text)
        seed = seed_from_text(text);
    else if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        /* No entropy yet, or no such call: hashing works as well, only an
         * attacker might guess the seed. */
        seed = XXH3_64bits_withSeed(&text, sizeof text, ame__ticks());
}

uint64_t ame__hash_int(int64_t key, uint64_t round) {
    return XXH3_64bits_withSeed(&key, sizeof key, seed ^ round);
}

uint64_t ame__hash_typed(const struct ame_key_functions *functions, const void *key,
                         uint64_t round) {
    return functions->hash(key, seed ^ round);
}

uint64_t ame__hash_short(uint64_t first, uint64_t second, uint64_t third, uint64_t round) {
    uint64_t words[AME__TEXT_WORDS] = {first, second, third};
    return XXH3_64bits_withSeed(words, sizeof words, seed ^ round);
}

uint64_t ame__hash_chunk(const char *bytes, size_t size, uint64_t previous) {
    return XXH3_64bits_withSeed(bytes, size, seed ^ previous);
}
