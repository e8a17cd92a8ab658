/* Publication: a letter is written outside blocks, as plain memory, and a block puts it into a box,
 * from where another block takes it; meanwhile others read it in its box. And slots, whose flag
 * says in which round their data was written: a block clears the flag, plain code writes the data,
 * a block sets the flag. Who sees the letter, or the flag, sees all that was written before; who
 * does not see it may not look. */
#include "stress.h"

enum { BOXES = 16, SLOTS = 16, WORDS = 24, LIVE = 0x1E77E4 };
#define POISON UINT64_C(0xC7C7C7C7C7C7C7C7)

struct letter {
    uint64_t state; /* LIVE; the first word, over which free() writes */
    uint64_t text;
    uint64_t words[WORDS]; /* what word_of tells */
};

static _Alignas(64) struct letter *boxes[BOXES * 8];
static struct slot {
    _Alignas(64) uint64_t round; /* 0: being written */
    uint64_t words[WORDS];
} slots[SLOTS];
static long sent, received;

static struct {
    uint32_t boxes, apart;
    int steps;
    uint64_t random;
} chosen;

static inline uint64_t word_of(uint64_t text, uint32_t i) {
    return text ^ i * UINT64_C(0x9E3779B97F4A7C15);
}

static inline struct letter **box_of(uint64_t random) {
    return &boxes[random % chosen.boxes * chosen.apart];
}

/* ---- letters ---- */

static void check_letter(const struct letter *letter) {
    CHECK(letter->state == LIVE);
    for (uint32_t i = 0; i < WORDS; i++)
        CHECK(letter->words[i] == word_of(letter->text, i));
}

static void poison(struct letter *letter, uint64_t random) {
    memset(letter, (int)(POISON & 0xff), sizeof *letter);
    linger(random);
    for (uint32_t i = 0; i < WORDS; i++)
        CHECK(letter->words[i] == POISON);
    CHECK(letter->state == POISON && letter->text == POISON);
}

static void send(struct letter **stock, uint64_t random) {
    struct letter *letter = *stock ? *stock : malloc(sizeof *letter), **box = box_of(random);
    CHECK(letter);
    *stock = letter;
    letter->state = LIVE;
    letter->text = random;
    for (uint32_t i = 0; i < WORDS; i++)
        letter->words[i] = word_of(random, i);
    bool free_box;
    atomic {
        free_box = !*box;
        if (free_box)
            *box = letter;
    }
    if (free_box) {
        *stock = NULL;
        __atomic_add_fetch(&sent, 1, __ATOMIC_RELAXED);
    } else {
        poison(letter, random >> 32);
    }
}

static void receive(struct letter **stock, uint64_t random) {
    struct letter *letter, **box = box_of(random);
    atomic {
        letter = *box;
        if (letter)
            *box = NULL;
    }
    if (!letter)
        return;
    check_letter(letter);
    poison(letter, random >> 32);
    __atomic_add_fetch(&received, 1, __ATOMIC_RELAXED);
    if (*stock || random >> 60 & 1)
        free(letter);
    else
        *stock = letter;
}

static void forward(uint64_t random) {
    struct letter **from = box_of(random), **to = box_of(random >> 8);
    atomic {
        if (*from && !*to) {
            *to = *from;
            *from = NULL;
        }
    }
}

static void read_in_box(uint64_t random) {
    struct letter **box = box_of(random);
    atomic {
        if (*box)
            check_letter(*box);
    }
}

static void read_all_boxes(void) {
    atomic {
        for (uint32_t i = 0; i < chosen.boxes; i++)
            if (*box_of(i))
                check_letter(*box_of(i));
    }
}

/* ---- slots: each belongs to one thread ---- */

static void write_slot(uint32_t number, uint64_t round) {
    struct slot *slot = &slots[number];
    atomic {
        slot->round = 0;
    }
    for (uint32_t i = 0; i < WORDS; i++)
        slot->words[i] = POISON;
    linger(round);
    for (uint32_t i = 0; i < WORDS; i++) {
        CHECK(slot->words[i] == POISON);
        slot->words[i] = word_of(round, i);
    }
    atomic {
        slot->round = round;
    }
}

static void read_slot(uint64_t random) {
    const struct slot *slot = &slots[random % SLOTS];
    atomic {
        uint64_t round = slot->round;
        for (uint32_t i = 0; round && i < WORDS; i++)
            CHECK(slot->words[i] == word_of(round, i));
    }
}

/* ---- the run ---- */

static void work(int number) {
    uint64_t random = chosen.random + (uint64_t)number;
    struct letter *stock = NULL;
    next_random(&random);
    for (int i = 0; i < chosen.steps; i++) {
        uint64_t r = next_random(&random);
        switch (next_random(&random) % 8) {
        case 0:
        case 1:
            send(&stock, r);
            break;
        case 2:
        case 3:
            receive(&stock, r);
            break;
        case 4:
            forward(r);
            break;
        case 5:
            read_in_box(r);
            read_slot(r);
            break;
        case 6:
            read_all_boxes();
            break;
        default:
            if (number < SLOTS)
                write_slot((uint32_t)number, r | 1);
        }
    }
    free(stock);
}

void stress_run(struct stress *run) {
    chosen.boxes = 1u << next_random(&run->random) % 5;
    chosen.apart = next_random(&run->random) % 2 ? 1 : 8;
    chosen.steps = stress_steps(run, 24000);
    chosen.random = next_random(&run->random);
    stress_threads(run, work);
    for (uint32_t i = 0; i < chosen.boxes; i++)
        if (*box_of(i)) {
            check_letter(*box_of(i));
            free(*box_of(i));
            received++;
        }
    CHECK(sent == received);
}
