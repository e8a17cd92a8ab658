/* genome.c - gene sequencing, of the kind of STAMP's genome (Cao Minh et al., IISWC 2008): many
 * copies of short segments of a gene go into a hash set; then, for shorter and shorter overlaps,
 * segments are linked whose end and beginning are the same, found by hash. The gene is drawn so
 * that there is one answer: no text of LEAST_OVERLAP letters comes twice, and neighbouring segments
 * overlap by as much at least. */
#include "harness.h"

#include <pthread.h>

enum {
    GENE = 65536,
    GENE_QUICK = 256,
    LENGTH = 16,
    LEAST_OVERLAP = 12,
    COPIES = 16, /* of each segment, on average */
    BUCKETS = 32768,
    AT_ONCE = 12, /* segments that a block inserts */
};

struct piece {
    const char *text;
    struct piece *in_set; /* next in its bucket */
    struct piece *in_starts;
    struct piece *before, *after;
    int overlap;
};

static char gene[GENE + 1];
static long gene_length, segment_count, piece_count;
static const char **segments;
static struct piece **pieces; /* those of the set */
static struct piece *set[BUCKETS], *starts[BUCKETS];
static pthread_barrier_t phase;
static char *built;

static size_t bucket_of(const char *text, int length) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (int i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001B3);
    return (hash ^ hash >> 32) % BUCKETS;
}

/* Not memcmp, which GCC's transactions cannot call. */
static bool same(const char *a, const char *b, int length) {
    for (int i = 0; i < length; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

/* ---- phase 1: each segment once ---- */

static void insert(const char *text) {
    struct piece **link = &set[bucket_of(text, LENGTH)];
    while (*link && !same((*link)->text, text, LENGTH))
        link = &(*link)->in_set;
    if (*link)
        return;
    struct piece *piece = malloc(sizeof *piece);
    CHECK(piece);
    *piece = (struct piece){.text = text};
    *link = piece;
}

static long insert_segments(long from, long to) {
    for (long at = from; at < to; at += AT_ONCE)
        ATOMIC {
            for (long i = at; i < at + AT_ONCE && i < to; i++)
                insert(segments[i]);
        }
    return to - from;
}

static void list_pieces(void) {
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct piece *piece = set[i]; piece; piece = piece->in_set)
            pieces[piece_count++] = piece;
}

/* ---- phase 2: link them ---- */

static void clear_starts(int thread) {
    for (size_t i = (size_t)thread; i < BUCKETS; i += (size_t)bench_threads)
        starts[i] = NULL;
}

static void enter_start(struct piece *piece, int overlap) {
    struct piece **bucket = &starts[bucket_of(piece->text, overlap)];
    ATOMIC {
        piece->in_starts = *bucket;
        *bucket = piece;
    }
}

static void link_end(struct piece *piece, int overlap) {
    const char *end = piece->text + LENGTH - overlap;
    struct piece **bucket = &starts[bucket_of(end, overlap)];
    ATOMIC {
        struct piece *next = *bucket;
        while (next && (next->before || next == piece || !same(next->text, end, overlap)))
            next = next->in_starts;
        if (next) {
            next->before = piece;
            piece->after = next;
            piece->overlap = overlap;
        }
    }
}

/* Each thread has its own share of the pieces; `before` is still at the first barrier, `after` is
 * written by the piece's own thread. */
static void link_pieces(int thread, long from, long to) {
    for (int overlap = LENGTH - 1; overlap >= LEAST_OVERLAP; overlap--) {
        clear_starts(thread);
        pthread_barrier_wait(&phase);
        for (long i = from; i < to; i++)
            if (!pieces[i]->before)
                enter_start(pieces[i], overlap);
        pthread_barrier_wait(&phase);
        for (long i = from; i < to; i++)
            if (!pieces[i]->after)
                link_end(pieces[i], overlap);
        pthread_barrier_wait(&phase);
    }
}

/* ---- phase 3: write the gene down ---- */

static void build(void) {
    struct piece *piece = NULL;
    char *to = built;
    for (long i = 0; i < piece_count; i++)
        if (!pieces[i]->before) {
            CHECK(!piece);
            piece = pieces[i];
        }
    CHECK(piece);
    for (; piece; piece = piece->after) {
        int fresh = LENGTH - piece->overlap;
        CHECK(to + fresh <= built + gene_length);
        memcpy(to, piece->text, (size_t)fresh);
        to += fresh;
    }
}

/* ---- all of it ---- */

static long share(long count, int thread) {
    return count * thread / bench_threads;
}

static long sequence(struct worker *self) {
    int me = self->number;
    if (self->tally++)
        return 0;
    long done = insert_segments(share(segment_count, me), share(segment_count, me + 1));
    pthread_barrier_wait(&phase);
    if (me == 0)
        list_pieces();
    pthread_barrier_wait(&phase);
    link_pieces(me, share(piece_count, me), share(piece_count, me + 1));
    if (me == 0)
        build();
    return done;
}

/* ---- the gene ---- */

/* Letter by letter: one that would repeat the last LEAST_OVERLAP letters is drawn again. */
static void draw_gene(uint64_t *random) {
    const size_t codes = (size_t)1 << 2 * LEAST_OVERLAP;
    bool *seen = bench_allocate(codes);
    size_t code = 0;
    gene_length = bench_quick ? GENE_QUICK : GENE;
    for (long i = 0; i < gene_length; i++) {
        size_t letter, before = code << 2;
        do {
            letter = (size_t)random_below(random, 4);
            code = (before | letter) & (codes - 1);
        } while (i >= LEAST_OVERLAP - 1 && seen[code]);
        seen[code] = i >= LEAST_OVERLAP - 1;
        gene[i] = "ACGT"[letter];
    }
    free(seen);
}

/* Where segments begin: the first and the last place, and others close enough. */
static void draw_segments(uint64_t *random) {
    long last = gene_length - LENGTH, places = 0, *place;
    place = bench_allocate((size_t)gene_length * sizeof *place);
    for (long at = 0; at < last; at += 1 + random_below(random, LENGTH - LEAST_OVERLAP))
        place[places++] = at;
    place[places++] = last;
    segment_count = places * COPIES;
    segments = bench_allocate((size_t)segment_count * sizeof *segments);
    for (long i = 0; i < segment_count; i++) {
        long at = i < places ? place[i] : place[random_below(random, places)];
        segments[i] = &gene[at];
    }
    for (long i = segment_count - 1; i > 0; i--) {
        long other = random_below(random, i + 1);
        const char *moved = segments[i];
        segments[i] = segments[other];
        segments[other] = moved;
    }
    pieces = bench_allocate((size_t)places * sizeof *pieces);
    free(place);
}

static void set_up(void) {
    uint64_t random = 1;
    draw_gene(&random);
    draw_segments(&random);
    built = bench_allocate((size_t)gene_length);
    piece_count = 0;
    memset(set, 0, sizeof set);
    CHECK(!pthread_barrier_init(&phase, NULL, (unsigned)bench_threads));
}

static void check(long tally, long operations) {
    (void)tally;
    CHECK(operations == segment_count && !memcmp(built, gene, (size_t)gene_length));
    for (long i = 0; i < piece_count; i++)
        free(pieces[i]);
    free(pieces);
    free(segments);
    free(built);
    pthread_barrier_destroy(&phase);
}

static const struct bench_case cases[] = {{"genome", set_up, sequence, check, true}};
BENCH_CASES(cases)
