/* labyrinth.c - wires through a grid, of the kind of STAMP's labyrinth (Cao Minh et al., IISWC
 * 2008) with Lee's algorithm (1961): a block copies the grid, looks for a shortest way in the copy,
 * and takes its cells. As in STAMP, `labyrinth` copies without barriers, so that blocks conflict by
 * their ways only: a way through cells that are taken meanwhile is looked for again.
 * `labyrinth_whole` is what one would write with blocks alone: the copy is read in the block, too.
 */
#include "harness.h"

enum {
    WIDTH = 128,
    HEIGHT = 128,
    LAYERS = 3,
    CELLS = WIDTH * HEIGHT * LAYERS,
    PAIRS = 256,
    PAIRS_QUICK = 16,
    FREE = 0,
};

static alignas(64) int grid[CELLS]; /* FREE, or the pair's number + 1 */
static long pair_count;
static alignas(64) long taken_pairs; /* in a stripe of its own, as the grid is */

static struct pair {
    int from, to;
    int length; /* cells of its way; 0: there is none */
    int *cell;
} pairs[PAIRS];

/* ---- what blocks call: it touches no shared memory but for the racy copy ---- */

/* A cell may hold what a block wrote that will be undone: the block looks at its way again. */
PURE __attribute__((noinline)) static void copy_grid(int *copy) {
    const volatile int *from = grid;
    for (int i = 0; i < CELLS; i++)
        copy[i] = from[i];
}

/* The neighbours of a cell; returns how many. */
PURE static int neighbours(int cell, int *into) {
    int x = cell % WIDTH, y = cell / WIDTH % HEIGHT, z = cell / WIDTH / HEIGHT, count = 0;
    if (x > 0)
        into[count++] = cell - 1;
    if (x < WIDTH - 1)
        into[count++] = cell + 1;
    if (y > 0)
        into[count++] = cell - WIDTH;
    if (y < HEIGHT - 1)
        into[count++] = cell + WIDTH;
    if (z > 0)
        into[count++] = cell - WIDTH * HEIGHT;
    if (z < LAYERS - 1)
        into[count++] = cell + WIDTH * HEIGHT;
    return count;
}

/* Floods the copy with -1 - distance until `to` is reached; false if it never is. */
PURE static bool flood(int *copy, int from, int to) {
    int queue[CELLS], near[6];
    int first = 0, last = 0;
    if (copy[from] != FREE || copy[to] != FREE)
        return false;
    copy[from] = -1;
    queue[last++] = from;
    while (first < last) {
        int cell = queue[first++];
        if (cell == to)
            return true;
        for (int i = neighbours(cell, near) - 1; i >= 0; i--)
            if (copy[near[i]] == FREE) {
                copy[near[i]] = copy[cell] - 1;
                queue[last++] = near[i];
            }
    }
    return false;
}

/* The way back from `to`, downhill; returns its length, 0 if there is no way. */
PURE __attribute__((noinline)) static int route(int *copy, int from, int to, int *way) {
    int length = 0, cell = to;
    int near[6];
    if (!flood(copy, from, to))
        return 0;
    for (way[length++] = cell; cell != from; way[length++] = cell)
        for (int i = neighbours(cell, near) - 1; i >= 0; i--)
            if (copy[near[i]] == copy[cell] + 1) {
                cell = near[i];
                break;
            }
    return length;
}

/* ---- the blocks ---- */

static bool take_cells(const int *way, int length, int mark) {
    for (int i = 0; i < length; i++)
        if (grid[way[i]] != FREE)
            return false;
    for (int i = 0; i < length; i++)
        grid[way[i]] = mark;
    return true;
}

static void keep_way(struct pair *pair, const int *way, int length) {
    pair->length = length;
    pair->cell = bench_allocate((size_t)length * sizeof *way + 1);
    memcpy(pair->cell, way, (size_t)length * sizeof *way);
}

static bool connect_racy(struct pair *pair, int mark) {
    int copy[CELLS], way[CELLS];
    int length = 0;
    bool taken = false;
    ATOMIC {
        copy_grid(copy);
        length = route(copy, pair->from, pair->to, way);
        taken = take_cells(way, length, mark);
    }
    if (taken) {
        keep_way(pair, way, length);
    }
    return taken;
}

static bool connect_whole(struct pair *pair, int mark) {
    int way[CELLS];
    int length = 0;
    ATOMIC {
        int copy[CELLS];
        for (int i = 0; i < CELLS; i++)
            copy[i] = grid[i];
        length = route(copy, pair->from, pair->to, way);
        for (int i = 0; i < length; i++)
            grid[way[i]] = mark;
    }
    keep_way(pair, way, length);
    return true;
}

static long next_pair(void) {
    long next = -1;
    ATOMIC {
        if (taken_pairs < pair_count)
            next = taken_pairs++;
    }
    return next;
}

static long one_pair(struct worker *self) {
    (void)self;
    long next = next_pair();
    if (next < 0)
        return 0;
    while (!connect_racy(&pairs[next], (next + 1)))
        ;
    return 1;
}

static long one_pair_whole(struct worker *self) {
    (void)self;
    long next = next_pair();
    return next >= 0 && connect_whole(&pairs[next], (next + 1));
}

/* ---- before and after ---- */

static void set_up(void) {
    uint64_t random = 1;
    pair_count = bench_quick ? PAIRS_QUICK : PAIRS;
    taken_pairs = 0;
    memset(grid, 0, sizeof grid);
    for (int i = 0; i < PAIRS; i++) {
        pairs[i].from = random_below(&random, CELLS);
        do
            pairs[i].to = random_below(&random, CELLS);
        while (pairs[i].to == pairs[i].from);
    }
}

static void check_way(const struct pair *pair, int mark) {
    CHECK(pair->cell[0] == pair->to && pair->cell[pair->length - 1] == pair->from);
    for (int i = 0; i < pair->length; i++) {
        int near[6];
        bool joined = i == 0;
        for (int n = neighbours(pair->cell[i], near) - 1; n >= 0 && !joined; n--)
            joined = near[n] == pair->cell[i - 1];
        CHECK(joined && grid[pair->cell[i]] == mark);
    }
}

static void check(long tally, long operations) {
    long cells = 0, connected = 0;
    (void)tally;
    for (long i = 0; i < pair_count; i++) {
        if (pairs[i].length)
            check_way(&pairs[i], (i + 1));
        connected += pairs[i].length > 0;
        cells += pairs[i].length;
        free(pairs[i].cell);
    }
    for (int i = 0; i < CELLS; i++)
        cells -= grid[i] != FREE;
    CHECK(cells == 0 && operations == pair_count && connected > pair_count / 4);
}

static const struct bench_case cases[] = {
    {"labyrinth", set_up, one_pair, check, true},
    {"labyrinth_whole", set_up, one_pair_whole, check, true},
};
BENCH_CASES(cases)
