/* Privatization by proxy: a buffer is public, or private to one thread, and any thread's block may
 * hand it over to any other. That one learns of it by reading alone, and from then on uses the
 * buffer outside blocks, as plain memory, with poison in between; then it makes the buffer public
 * again, or hands it on. */
#include "stress.h"

enum { MOST_BUFFERS = 32, MOST_WORDS = 40, PUBLIC = 0 };
#define POISON UINT64_C(0xB6B6B6B6B6B6B6B6)

/* The words are all equal after every block. */
static _Alignas(64) uint64_t words[MOST_BUFFERS * MOST_WORDS];
static _Alignas(64) uint32_t owner[MOST_BUFFERS * 16]; /* PUBLIC, or the number of a thread + 1 */

static struct {
    uint32_t buffers, words, owner_apart;
    int threads, steps;
    uint64_t random;
} chosen;

static inline uint64_t *words_of(uint32_t buffer) {
    return &words[buffer * chosen.words];
}

static inline uint32_t *owner_of(uint32_t buffer) {
    return &owner[buffer * chosen.owner_apart];
}

/* ---- blocks on public buffers ---- */

static void change(uint32_t buffer, uint64_t random) {
    uint64_t *w = words_of(buffer);
    atomic {
        if (*owner_of(buffer) == PUBLIC)
            for (uint32_t i = 0; i < chosen.words; i++) {
                CHECK(w[i] != POISON);
                w[i]++;
                if (i == chosen.words / 2)
                    linger(random);
            }
    }
}

static void look(uint32_t buffer) {
    const uint64_t *w = words_of(buffer);
    atomic {
        if (*owner_of(buffer) == PUBLIC)
            for (uint32_t i = 0; i < chosen.words; i++)
                CHECK(w[i] == w[0] && w[i] != POISON);
    }
}

static void look_at_all(void) {
    atomic {
        for (uint32_t buffer = 0; buffer < chosen.buffers; buffer++)
            if (*owner_of(buffer) == PUBLIC) {
                const uint64_t *w = words_of(buffer);
                for (uint32_t i = 0; i < chosen.words; i++)
                    CHECK(w[i] == w[0] && w[i] != POISON);
            }
    }
}

static uint32_t random_thread(uint64_t random) {
    return 1 + (uint32_t)(random % (unsigned)chosen.threads);
}

static void hand_over(uint32_t buffer, uint64_t random) {
    atomic {
        if (*owner_of(buffer) == PUBLIC)
            *owner_of(buffer) = random_thread(random);
    }
}

/* ---- the buffers of one thread ---- */

static void use_privately(uint32_t buffer, uint64_t random) {
    uint64_t *w = words_of(buffer), value = w[0];
    for (uint32_t i = 0; i < chosen.words; i++) {
        CHECK(w[i] == value);
        w[i] = POISON;
    }
    linger(random);
    for (uint32_t i = 0; i < chosen.words; i++) {
        CHECK(w[i] == POISON);
        w[i] = random;
    }
    linger(random >> 32);
    for (uint32_t i = 0; i < chosen.words; i++)
        CHECK(w[i] == random);
}

static void give_back(uint32_t buffer, uint64_t random) {
    uint32_t to = random % 2 ? PUBLIC : random_thread(random >> 8);
    atomic {
        *owner_of(buffer) = to;
    }
}

/* Finds what is private to this thread by a block that only reads. */
static void use_own(uint32_t self, uint64_t random) {
    uint32_t mine[MOST_BUFFERS] = {0}, count;
    atomic {
        count = 0;
        for (uint32_t buffer = 0; buffer < chosen.buffers; buffer++)
            if (*owner_of(buffer) == self)
                mine[count++] = buffer;
    }
    for (uint32_t i = 0; i < count; i++) {
        use_privately(mine[i], next_random(&random) | 1);
        give_back(mine[i], random);
    }
}

static void take_and_use(uint32_t self, uint32_t buffer, uint64_t random) {
    bool mine;
    atomic {
        mine = *owner_of(buffer) == PUBLIC;
        if (mine)
            *owner_of(buffer) = self;
    }
    if (!mine)
        return;
    use_privately(buffer, random | 1);
    give_back(buffer, random >> 16);
}

/* ---- the run ---- */

static void work(int number) {
    uint64_t random = chosen.random + (uint64_t)number;
    uint32_t self = (uint32_t)number + 1;
    next_random(&random);
    for (int i = 0; i < chosen.steps; i++) {
        uint64_t r = next_random(&random);
        uint32_t buffer = (uint32_t)(r >> 32) % chosen.buffers;
        switch (r % 8) {
        case 0:
        case 1:
            change(buffer, r >> 8);
            break;
        case 2:
            look(buffer);
            break;
        case 3:
            look_at_all();
            break;
        case 4:
            hand_over(buffer, r >> 8);
            break;
        case 5:
            take_and_use(self, buffer, r >> 8);
            break;
        default:
            use_own(self, r >> 8);
        }
    }
}

void stress_run(struct stress *run) {
    chosen.buffers = 1u << next_random(&run->random) % 6;
    chosen.words = 1 + (uint32_t)(next_random(&run->random) % MOST_WORDS);
    chosen.owner_apart = next_random(&run->random) % 2 ? 1 : 16;
    chosen.threads = run->threads;
    chosen.steps = stress_steps(run, 40000);
    chosen.random = next_random(&run->random);
    stress_threads(run, work);
    for (uint32_t buffer = 0; buffer < chosen.buffers; buffer++)
        for (uint32_t i = 0; i < chosen.words; i++)
            CHECK(words_of(buffer)[i] == words_of(buffer)[0]);
}
