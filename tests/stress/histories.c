/* Random blocks over shared cells. Each attempt notes what it reads and writes, in memory of its
 * thread; afterwards history.h judges all of it, attempts that were undone included. What one
 * attempt can see by itself it checks at once: no value changes under its eyes, and each cell
 * agrees with its mirror, which lies elsewhere. */
#include "history.h"
#include "stress.h"

#include <time.h>

enum {
    MOST_CELLS = 256,
    WORDS_APART = 8, /* at most: a stripe of its own for each cell */
    COUNTERS = 2,
    LANES = 4, /* threads that add to the counters: each has 16 bits of them */
    LANE_BITS = 16,
    MOST_ADDITIONS = (1 << LANE_BITS) - 256,
    ALL_CELLS = MOST_CELLS + COUNTERS * LANES, /* in the history each lane is a cell */
    MOST_OPERATIONS = 16,
    MOST_NOTES = MOST_OPERATIONS * MOST_CELLS
};

static _Alignas(64) uint64_t values[MOST_CELLS * WORDS_APART];
static _Alignas(64) uint64_t mirrors[MOST_CELLS * WORDS_APART]; /* ~value */
static ame_counter counters[COUNTERS];

/* ---- of the run ---- */

static struct {
    uint32_t cells, words_apart;
    int steps;
    unsigned long_blocks, alone; /* per mille */
    uint64_t random;
} chosen;

/* ---- what a thread has for itself: only pure functions and code outside blocks touch it ---- */

enum kind { READ, READ_BOTH, UPDATE, WRITE_FIRST, COPY, SCAN, ADD, SUM, ALONE, PAUSE, KINDS };

struct operation {
    uint8_t kind;
    uint8_t cell;
    uint16_t count;
};

struct note {
    uint32_t cell;
    bool write, forgotten;
    uint64_t value;
    uint64_t known_before; /* of a write: what was known of the cell before */
    bool written_before;
};

struct view {
    uint64_t attempt; /* that the rest belongs to */
    uint64_t value;   /* what the cell must hold */
    uint64_t first;   /* what it held before this attempt wrote it */
    bool written;
};

struct self {
    int thread;
    uint64_t random;
    struct operation operations[MOST_OPERATIONS];
    bool open; /* an attempt has begun and not ended */
    uint64_t began, attempt;
    size_t notes_count;
    struct note notes[MOST_NOTES];
    struct view views[ALL_CELLS];
    uint64_t added[COUNTERS];
    struct history history;
};

static struct self *selves[MAX_THREADS + 1];

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void keep_attempt(struct self *self, bool undone) {
    history_block(&self->history, self->thread, undone, self->began, now());
    for (size_t i = 0; i < self->notes_count; i++) {
        const struct note *note = &self->notes[i];
        const struct view *view = &self->views[note->cell];
        if (!note->write)
            history_read(&self->history, note->cell, note->value);
        else if (!undone && !note->forgotten && note->value == view->value)
            history_write(&self->history, note->cell, note->value, view->first);
    }
    self->open = false;
}

/* The first call in a block: the attempt before, if there was one, is undone. */
ame_pure __attribute__((noinline)) static void attempt_begins(struct self *self) {
    if (self->open)
        keep_attempt(self, true);
    self->open = true;
    self->attempt++;
    self->notes_count = 0;
}

static bool seen(const struct self *self, uint32_t cell) {
    return self->views[cell].attempt == self->attempt;
}

static void see(struct self *self, uint32_t cell, uint64_t value) {
    self->views[cell] = (struct view){.attempt = self->attempt, .value = value, .first = value};
}

static struct note *new_note(struct self *self, uint32_t cell, uint64_t value) {
    CHECK(self->notes_count < MOST_NOTES);
    struct note *note = &self->notes[self->notes_count++];
    *note = (struct note){.cell = cell, .value = value};
    return note;
}

ame_pure __attribute__((noinline)) static void note_read(struct self *self, uint32_t cell,
                                                         uint64_t value) {
    if (seen(self, cell)) {
        CHECK(self->views[cell].value == value);
        return;
    }
    see(self, cell, value);
    new_note(self, cell, value);
}

static void note_value(struct self *self, uint32_t cell, uint64_t value) {
    struct view *view = &self->views[cell];
    struct note *note = new_note(self, cell, value);
    note->write = true;
    note->known_before = view->value;
    note->written_before = view->written;
    view->written = true;
    view->value = value;
}

/* A value that no other attempt ever writes. The cell must have been read. */
static uint64_t new_value(const struct self *self) {
    return (uint64_t)(self->thread + 1) << 56 | self->attempt << 16 | (self->notes_count + 1);
}

ame_pure __attribute__((noinline)) static uint64_t note_write(struct self *self, uint32_t cell) {
    uint64_t value = new_value(self);
    note_value(self, cell, value);
    return value;
}

/* The same for a block that writes before it reads: the value is noted afterwards. */
ame_pure __attribute__((noinline)) static uint64_t value_to_write(const struct self *self) {
    return new_value(self) | UINT64_C(1) << 15;
}

ame_pure __attribute__((noinline)) static void note_written(struct self *self, uint32_t cell,
                                                            uint64_t value) {
    note_value(self, cell, value);
}

ame_pure __attribute__((noinline)) static size_t notes_of(const struct self *self) {
    return self->notes_count;
}

/* The part of the block since then was undone; what it has read it has read. */
ame_pure __attribute__((noinline)) static void forget_writes(struct self *self, size_t since) {
    for (size_t i = self->notes_count; i-- > since;) {
        struct note *note = &self->notes[i];
        if (!note->write)
            continue;
        struct view *view = &self->views[note->cell];
        note->forgotten = true;
        view->value = note->known_before;
        view->written = note->written_before;
    }
}

ame_pure __attribute__((noinline)) static struct operation operation(const struct self *self,
                                                                     int number) {
    return self->operations[number];
}

ame_pure __attribute__((noinline)) static uint64_t random_of(struct self *self) {
    return next_random(&self->random);
}

/* ---- counters: a read tells of each lane how many additions of its thread it sees ---- */

static uint32_t cell_of_lane(uint32_t counter, int lane) {
    return MOST_CELLS + counter * LANES + (uint32_t)lane;
}

ame_pure __attribute__((noinline)) static void note_addition(struct self *self, uint32_t counter) {
    uint32_t cell = cell_of_lane(counter, self->thread);
    if (!seen(self, cell))
        see(self, cell, self->added[counter]);
    note_value(self, cell, self->views[cell].value + 1);
}

ame_pure __attribute__((noinline)) static void note_sum(struct self *self, uint32_t counter,
                                                        uint64_t sum) {
    for (int lane = 0; lane < LANES; lane++) {
        uint64_t additions = sum >> LANE_BITS * lane & ((1 << LANE_BITS) - 1);
        uint32_t cell = cell_of_lane(counter, lane);
        if (lane == self->thread && !seen(self, cell))
            CHECK(additions == self->added[counter]);
        note_read(self, cell, additions);
    }
}

/* ---- the blocks ---- */

static inline size_t place(uint32_t cell) {
    return (size_t)cell * chosen.words_apart;
}

static void operate(struct self *self, struct operation operation) {
    uint32_t cell = operation.cell;
    size_t at = place(cell);
    uint64_t value;
    switch ((enum kind)operation.kind) {
    case READ:
        note_read(self, cell, values[at]);
        break;
    case READ_BOTH:
        value = mirrors[at];
        CHECK(values[at] == ~value);
        note_read(self, cell, ~value);
        break;
    case UPDATE:
        note_read(self, cell, values[at]);
        value = note_write(self, cell);
        values[at] = value;
        mirrors[at] = ~value;
        break;
    case WRITE_FIRST:
        value = value_to_write(self);
        values[at] = value;
        note_read(self, cell, ~mirrors[at]);
        note_written(self, cell, value);
        mirrors[at] = ~value;
        break;
    case COPY: {
        uint64_t copy[MOST_CELLS];
        size_t count = operation.count;
        if (chosen.words_apart != 1)
            break;
        memcpy(copy, &values[cell], count * sizeof *copy);
        for (uint32_t i = 0; i < count; i++)
            note_read(self, cell + i, copy[i]);
        break;
    }
    case SCAN:
        for (uint32_t i = 0; i < operation.count; i++)
            note_read(self, cell + i, values[place(cell + i)]);
        break;
    case ADD:
        note_addition(self, cell % COUNTERS);
        ame_counter_add(&counters[cell % COUNTERS], INT64_C(1) << LANE_BITS * self->thread);
        break;
    case SUM:
        note_sum(self, cell % COUNTERS, (uint64_t)ame_counter_read(&counters[cell % COUNTERS]));
        break;
    case ALONE:
        ame_irrevocable();
        break;
    case PAUSE:
        linger(random_of(self));
        break;
    case KINDS:
        break;
    }
}

static void operate_all(struct self *self, int from, int to) {
    for (int i = from; i < to; i++)
        operate(self, operation(self, i));
}

enum shape { FLAT, NESTED, INNER_CANCELLED, CANCELLED, ALTERNATIVES, SHAPES };

/* Operations up to `first`, in an inner block those up to `second`, then the rest. */
static void run_block(struct self *self, enum shape shape, int first, int second, int count) {
    size_t notes;
    switch (shape) {
    case FLAT:
        atomic {
            attempt_begins(self);
            operate_all(self, 0, count);
        }
        break;
    case NESTED:
        atomic {
            attempt_begins(self);
            operate_all(self, 0, first);
            atomic {
                operate_all(self, first, second);
            }
            operate_all(self, second, count);
        }
        break;
    case INNER_CANCELLED:
        atomic {
            attempt_begins(self);
            operate_all(self, 0, first);
            notes = notes_of(self);
            atomic {
                operate_all(self, first, second);
                atomic_cancel();
            }
            forget_writes(self, notes);
            operate_all(self, second, count);
        }
        break;
    case CANCELLED:
        atomic {
            attempt_begins(self);
            operate_all(self, 0, count);
            atomic_cancel();
        }
        forget_writes(self, 0);
        break;
    case ALTERNATIVES:
#if WITH_ALTERNATIVES /* without: a program without the word atomic_retry */
        atomic {
            attempt_begins(self);
            operate_all(self, 0, first);
            notes = notes_of(self);
            atomic_either {
                operate_all(self, first, second);
                atomic_retry();
            }
            atomic_or_else {
                forget_writes(self, notes);
            }
            operate_all(self, second, count);
        }
#endif
        break;
    case SHAPES:
        break;
    }
}

/* ---- a thread ---- */

static struct operation choose_operation(struct self *self, bool may_be_alone) {
    uint64_t random = next_random(&self->random);
    struct operation operation = {.kind = (uint8_t)(random % ALONE),
                                  .cell = (uint8_t)((random >> 8) % chosen.cells)};
    operation.count = (uint16_t)((random >> 16) % (chosen.cells - operation.cell) % 16 + 1);
    random >>= 32;
    if (operation.kind == ADD &&
        (self->thread >= LANES || self->added[operation.cell % COUNTERS] > MOST_ADDITIONS))
        operation.kind = UPDATE;
    if (random % 8 == 0)
        operation.kind = PAUSE;
    else if (may_be_alone && (random >> 8) % 1000 < chosen.alone)
        operation.kind = ALONE;
    return operation;
}

static void step(struct self *self) {
    uint64_t random = next_random(&self->random);
    enum shape shape = random % 2 ? FLAT : (enum shape)(random / 2 % SHAPES);
    if (shape == ALTERNATIVES && !WITH_ALTERNATIVES)
        shape = NESTED;
    int count = 1 + (int)((random >> 8) % 8);
    int first = (int)((random >> 16) % (unsigned)(count + 1));
    int second = first + (int)((random >> 24) % (unsigned)(count - first + 1));
    /* What was done alone can't be undone. */
    bool may_be_alone = shape == FLAT || shape == NESTED;
    for (int i = 0; i < count; i++)
        self->operations[i] = choose_operation(self, may_be_alone);
    if ((random >> 32) % 1000 < chosen.long_blocks)
        self->operations[(random >> 48) % (unsigned)count] =
            (struct operation){.kind = SCAN, .count = (uint16_t)chosen.cells};
    self->began = now();
    run_block(self, shape, first, second, count);
    /* Full fence: the time is taken when the block's writes can be seen. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (uint32_t c = 0; c < COUNTERS && self->thread < LANES; c++)
        if (seen(self, cell_of_lane(c, self->thread)))
            self->added[c] = self->views[cell_of_lane(c, self->thread)].value;
    keep_attempt(self, false);
}

static void work(int number) {
    for (int i = 0; i < chosen.steps; i++)
        step(selves[number]);
}

/* ---- the run ---- */

static struct self *new_self(int thread) {
    struct self *self = calloc(1, sizeof *self);
    CHECK(self);
    self->thread = thread;
    self->random = next_random(&chosen.random);
    return self;
}

/* All that is there in the end, as one more block. */
static void read_all(struct self *self) {
    self->began = now();
    attempt_begins(self);
    for (uint32_t cell = 0; cell < chosen.cells; cell++) {
        CHECK(values[place(cell)] == ~mirrors[place(cell)]);
        note_read(self, cell, values[place(cell)]);
    }
    for (uint32_t c = 0; c < COUNTERS; c++)
        note_sum(self, c, (uint64_t)ame_counter_read(&counters[c]));
    keep_attempt(self, false);
}

void stress_run(struct stress *run) {
    static const uint32_t cells[] = {1, 2, 4, 16, 64, MOST_CELLS};
    chosen.cells = cells[next_random(&run->random) % 6];
    chosen.words_apart = next_random(&run->random) % 2 ? 1 : WORDS_APART;
    chosen.long_blocks = next_random(&run->random) % 2 ? 0 : 50;
    chosen.alone = next_random(&run->random) % 4 ? 0 : 5;
    chosen.steps = stress_steps(run, 12000);
    chosen.random = next_random(&run->random);
    memset(mirrors, 0xff, sizeof mirrors);
    for (int i = 0; i <= run->threads; i++)
        selves[i] = new_self(i);
    stress_threads(run, work);
    read_all(selves[run->threads]);

    struct history all = {0};
    for (int i = 0; i <= run->threads; i++) {
        history_append(&all, &selves[i]->history);
        history_free(&selves[i]->history);
        free(selves[i]);
    }
    CHECK(history_check(&all, stderr) == HISTORY_SERIALIZABLE);
    history_free(&all);
}
