/* intruder.c - network intrusion detection, of the kind of STAMP's intruder (Cao Minh et al., IISWC
 * 2008): fragments of flows arrive in one queue in any order, are put together in a map of flows,
 * and whole flows go through a second queue to a detector, which works outside blocks: for more
 * than half of the time, as there. */
#include "rbtree.h"

enum {
    FLOWS = 16384,
    FLOWS_QUICK = 100,
    MOST_FRAGMENTS = 4,
    MOST_LENGTH = 64, /* of a fragment */
    ATTACKS_OF_100 = 10,
};

struct fragment {
    long flow;
    int number, of;
    int length;
    char text[MOST_LENGTH];
};

/* Fragments that have come of a flow. */
struct partial {
    int come, length;
    const struct fragment *fragment[MOST_FRAGMENTS];
};

struct whole {
    long flow;
    struct whole *next;
    char text[MOST_FRAGMENTS * MOST_LENGTH + 1];
};

static struct fragment *fragments;
static long flow_count, fragment_count, attack_count;
static alignas(64) long arrived; /* fragments taken */
static alignas(64) struct rb_tree partials;
static alignas(64) struct whole *wholes;

/* ---- capture ---- */

static const struct fragment *take_fragment(void) {
    const struct fragment *fragment = NULL;
    ATOMIC {
        if (arrived < fragment_count)
            fragment = &fragments[arrived++];
    }
    return fragment;
}

/* ---- reassembly ---- */

static void *fresh(size_t size) {
    void *memory = malloc(size);
    CHECK(memory);
    return memory;
}

static struct partial *partial_of(long flow) {
    struct partial *partial = rb_find(&partials, flow);
    if (!partial) {
        partial = fresh(sizeof *partial);
        *partial = (struct partial){0};
        rb_insert(&partials, flow, partial);
    }
    return partial;
}

static void finish_flow(const struct partial *partial, long flow, int count) {
    struct whole *whole = fresh(sizeof *whole);
    char *to = whole->text;
    for (int i = 0; i < count; i++) {
        memcpy(to, partial->fragment[i]->text, (size_t)partial->fragment[i]->length);
        to += partial->fragment[i]->length;
    }
    *to = 0;
    whole->flow = flow;
    whole->next = wholes;
    wholes = whole;
}

static void add_fragment(const struct fragment *fragment) {
    ATOMIC {
        struct partial *partial = partial_of(fragment->flow);
        partial->fragment[fragment->number] = fragment;
        partial->length += fragment->length;
        if (++partial->come == fragment->of) {
            finish_flow(partial, fragment->flow, fragment->of);
            rb_remove(&partials, fragment->flow);
            free(partial);
        }
    }
}

/* ---- detection ---- */

static struct whole *take_whole(void) {
    struct whole *whole;
    ATOMIC {
        whole = wholes;
        if (whole)
            wholes = whole->next;
    }
    return whole;
}

/* In small letters. */
static const char *const signatures[] = {
    "about:config", "/bin/sh",    "cmd.exe",    "../../etc", "<script",   "union select",
    "xp_cmdshell",  "%n%n%n%n",   "jndi:ldap",  "\x90\x90",  "wget http", "eval(",
    "passwd",       "drop table", "powershell", "nc -l -p",
};
enum { SIGNATURES = sizeof signatures / sizeof *signatures };

static bool is_attack(char *text) {
    for (char *at = text; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at += 'a' - 'A';
    for (int i = 0; i < SIGNATURES; i++)
        if (strstr(text, signatures[i]))
            return true;
    return false;
}

static long attacks_seen[BENCH_THREADS][8];

static long one_fragment(struct worker *self) {
    const struct fragment *fragment = take_fragment();
    if (fragment)
        add_fragment(fragment);
    struct whole *whole = take_whole();
    if (whole) {
        attacks_seen[self->number][0] += is_attack(whole->text);
        self->tally++;
        free(whole);
    }
    return fragment || whole;
}

/* ---- the flows ---- */

static long cut(uint64_t *random, long flow, const char *text, struct fragment *into) {
    int length = (int)strlen(text), of = 1 + (int)random_below(random, MOST_FRAGMENTS);
    for (int i = 0; i < of; i++) {
        int from = length * i / of, to = length * (i + 1) / of;
        into[i] = (struct fragment){.flow = flow, .number = i, .of = of, .length = to - from};
        memcpy(into[i].text, text + from, (size_t)(to - from));
    }
    return of;
}

static void shuffle(uint64_t *random) {
    for (long i = fragment_count - 1; i > 0; i--) {
        long other = random_below(random, i + 1);
        struct fragment moved = fragments[i];
        fragments[i] = fragments[other];
        fragments[other] = moved;
    }
}

static void set_up(void) {
    uint64_t random = 1;
    flow_count = bench_quick ? FLOWS_QUICK : FLOWS;
    fragments = bench_allocate((size_t)(flow_count * MOST_FRAGMENTS) * sizeof *fragments);
    fragment_count = attack_count = arrived = 0;
    memset(attacks_seen, 0, sizeof attacks_seen);
    for (long flow = 0; flow < flow_count; flow++) {
        /* One fragment has room for all of it. */
        char text[MOST_LENGTH + 1] = {0};
        for (long i = 1 + random_below(&random, MOST_LENGTH); i > 0; i--)
            text[i - 1] = (char)('!' + random_below(&random, 90));
        if (random_below(&random, 100) < ATTACKS_OF_100) {
            strcpy(text, signatures[random_below(&random, SIGNATURES)]);
            attack_count++;
        }
        fragment_count += cut(&random, flow, text, &fragments[fragment_count]);
    }
    shuffle(&random);
}

static void check(long tally, long operations) {
    long seen = 0;
    (void)operations;
    for (int i = 0; i < BENCH_THREADS; i++)
        seen += attacks_seen[i][0];
    CHECK(seen == attack_count && tally == flow_count && !wholes);
    CHECK(rb_destroy(&partials, NULL) == 0);
    free(fragments);
}

static const struct bench_case cases[] = {{"intruder", set_up, one_fragment, check, true}};
BENCH_CASES(cases)
