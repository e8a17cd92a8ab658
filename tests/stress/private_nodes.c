/* Privatization: blocks link nodes into lists, walk them, change them and unlink them. Whoever has
 * unlinked a node owns it from then on, and fills it with poison outside any block, then frees it
 * or uses it again. A block that meets poison acts on a state that is gone; poison that changes was
 * overwritten, or undone, by such a block. Nodes of different lists are connected in pairs, so a
 * walk goes from list to list. */
#include "stress.h"

enum { MOST_LISTS = 16, APART = 8, LIVE = 0x11FE };
#define POISON UINT64_C(0xA5A5A5A5A5A5A5A5)

struct node {
    uint64_t state;       /* LIVE; the first word, over which free() writes */
    uint64_t key, mirror; /* ~key */
    struct node *next;
    struct node *peer; /* NULL, or a node whose peer is this one */
    uint64_t changes, same_changes;
    uint64_t rest[]; /* all `key` */
};

static _Alignas(64) struct node *first_of_list[MOST_LISTS * APART];

static struct {
    uint32_t lists, apart, keys, words;
    int steps;
    uint64_t random;
} chosen;

/* Nodes that were linked and not yet unlinked. */
static long population;

static inline struct node **list_of(uint64_t random) {
    return &first_of_list[random % chosen.lists * chosen.apart];
}

/* ---- outside blocks: nodes that nobody else has ---- */

static size_t node_size(void) {
    return sizeof(struct node) + chosen.words * sizeof(uint64_t);
}

static void fill(struct node *node, uint64_t key) {
    *node = (struct node){.state = LIVE, .key = key, .mirror = ~key};
    for (uint32_t i = 0; i < chosen.words; i++)
        node->rest[i] = key;
}

static void check_private(const struct node *node) {
    CHECK(node->state == LIVE && node->mirror == ~node->key);
    CHECK(node->changes == node->same_changes);
    for (uint32_t i = 0; i < chosen.words; i++)
        CHECK(node->rest[i] == node->key);
}

static void poison(struct node *node, uint64_t random) {
    const uint64_t *words = (const uint64_t *)node;
    check_private(node);
    memset(node, (int)(POISON & 0xff), node_size());
    linger(random);
    for (size_t i = 0; i < node_size() / sizeof *words; i++)
        CHECK(words[i] == POISON);
}

/* A thread's stock: nodes that it uses again. */
struct stock {
    struct node *node;
};

static void retire(struct stock *stock, struct node *node, uint64_t random) {
    poison(node, random);
    if (stock->node || random >> 32 & 1)
        free(node);
    else
        stock->node = node;
}

static struct node *new_node(struct stock *stock, uint64_t key) {
    struct node *node = stock->node ? stock->node : malloc(node_size());
    stock->node = NULL;
    CHECK(node);
    fill(node, key);
    return node;
}

/* ---- in blocks ---- */

static void check_node(const struct node *node) {
    CHECK(node->state == LIVE);
    CHECK(node->mirror == ~node->key);
    CHECK(node->changes == node->same_changes);
    if (chosen.words)
        CHECK(node->rest[node->key % chosen.words] == node->key);
    if (node->peer)
        CHECK(node->peer->peer == node && node->peer->state == LIVE);
}

static void walk(uint64_t random) {
    struct node **list = list_of(random);
    atomic {
        uint64_t last = 0;
        for (const struct node *node = *list; node; node = node->next) {
            check_node(node);
            CHECK(node->key >= last);
            last = node->key;
            if (node->peer && random >> 20 & 1)
                check_node(node->peer);
        }
    }
}

static void walk_all(void) {
    atomic {
        for (uint32_t l = 0; l < chosen.lists; l++)
            for (const struct node *node = *list_of(l); node; node = node->next)
                check_node(node);
    }
}

static void change(uint64_t random) {
    struct node **list = list_of(random);
    atomic {
        for (struct node *node = *list; node; node = node->next)
            if (random >> (node->key % 32) & 1) {
                node->changes++;
                linger(random >> 32);
                node->same_changes++;
            }
    }
}

static void connect(struct node *node, struct node **other) {
    for (struct node *peer = *other; peer; peer = peer->next)
        if (!peer->peer && peer != node) {
            peer->peer = node;
            node->peer = peer;
            return;
        }
}

static struct node **place_of(struct node **list, uint64_t key) {
    while (*list && (*list)->key < key)
        list = &(*list)->next;
    return list;
}

static bool link_in(struct node *node, struct node **list, struct node **other) {
    struct node **place = place_of(list, node->key);
    if (*place && (*place)->key == node->key)
        return false;
    node->next = *place;
    *place = node;
    connect(node, other);
    return true;
}

/* Published: what was written outside the block must be seen with it. */
static void insert(struct stock *stock, uint64_t random) {
    struct node **list = list_of(random), **other = list_of(random >> 8);
    struct node *node = new_node(stock, random >> 16 & (chosen.keys - 1));
    bool linked;
    atomic {
        linked = link_in(node, list, other);
    }
    if (linked)
        __atomic_add_fetch(&population, 1, __ATOMIC_RELAXED);
    else
        retire(stock, node, random);
}

static void insert_made_in_block(uint64_t random) {
    struct node **list = list_of(random), **other = list_of(random >> 8);
    uint64_t key = random >> 16 & (chosen.keys - 1);
    bool linked = false, memory = false;
    atomic {
        struct node *node = malloc(node_size());
        memory = node;
        if (node) {
            fill(node, key);
            linked = link_in(node, list, other);
            if (!linked)
                free(node);
        }
    }
    CHECK(memory);
    __atomic_add_fetch(&population, linked, __ATOMIC_RELAXED);
}

static void disconnect(struct node *node) {
    if (!node->peer)
        return;
    node->peer->peer = NULL;
    node->peer = NULL;
}

static struct node *unlink_one(struct node **list, uint64_t key) {
    struct node **place = place_of(list, key);
    struct node *node = *place;
    if (!node)
        return NULL;
    *place = node->next;
    disconnect(node);
    return node;
}

static void take(struct stock *stock, uint64_t random) {
    struct node **list = list_of(random), *node;
    atomic {
        node = unlink_one(list, random >> 16 & (chosen.keys - 1));
    }
    if (!node)
        return;
    __atomic_sub_fetch(&population, 1, __ATOMIC_RELAXED);
    retire(stock, node, random);
}

static void take_and_free_in_block(uint64_t random) {
    struct node **list = list_of(random);
    bool taken;
    atomic {
        struct node *node = unlink_one(list, random >> 16 & (chosen.keys - 1));
        taken = node;
        if (node) {
            if (random >> 40 & 1)
                node->state = POISON;
            free(node);
        }
    }
    __atomic_sub_fetch(&population, taken, __ATOMIC_RELAXED);
}

static void take_whole_list(struct stock *stock, uint64_t random) {
    struct node **list = list_of(random), *mine;
    atomic {
        mine = *list;
        *list = NULL;
        for (struct node *node = mine; node; node = node->next)
            disconnect(node);
    }
    long count = 0;
    for (struct node *node = mine, *next; node; node = next) {
        next = node->next;
        retire(stock, node, next_random(&random));
        count++;
    }
    __atomic_sub_fetch(&population, count, __ATOMIC_RELAXED);
}

static void move(uint64_t random) {
    struct node **from = list_of(random), **to = list_of(random >> 8);
    atomic {
        struct node *node = unlink_one(from, random >> 16 & (chosen.keys - 1));
        if (node && !link_in(node, to, from)) {
            struct node **place = place_of(from, node->key);
            node->next = *place;
            *place = node;
        }
    }
}

/* ---- the run ---- */

static void work(int number) {
    uint64_t random = chosen.random + (uint64_t)number;
    struct stock stock = {NULL};
    next_random(&random);
    for (int i = 0; i < chosen.steps; i++) {
        uint64_t r = next_random(&random);
        switch (next_random(&random) % 16) {
        case 0:
        case 1:
        case 2:
            insert(&stock, r);
            break;
        case 3:
        case 4:
            insert_made_in_block(r);
            break;
        case 5:
        case 6:
            take(&stock, r);
            break;
        case 7:
            take_and_free_in_block(r);
            break;
        case 8:
            if (r >> 60 == 0)
                take_whole_list(&stock, r);
            break;
        case 9:
            move(r);
            break;
        case 10:
        case 11:
            change(r);
            break;
        case 12:
            walk_all();
            break;
        default:
            walk(r);
        }
    }
    free(stock.node);
}

void stress_run(struct stress *run) {
    chosen.lists = 1u << next_random(&run->random) % 5;
    chosen.apart = next_random(&run->random) % 2 ? 1 : APART;
    chosen.keys = 8u << next_random(&run->random) % 4;
    chosen.words = next_random(&run->random) % 3 * 7;
    chosen.steps = stress_steps(run, 8000);
    chosen.random = next_random(&run->random);
    stress_threads(run, work);
    for (uint32_t l = 0; l < chosen.lists; l++)
        for (struct node *node = *list_of(l), *next; node; node = next) {
            next = node->next;
            check_private(node);
            if (node->peer)
                CHECK(node->peer->peer == node);
            population--;
            disconnect(node);
            free(node);
        }
    CHECK(population == 0);
}
