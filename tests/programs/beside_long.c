/* Short blocks beside a long one that runs nearly all the time: it sees each of them whole or not
 * at all, in the order in which they ran, and they see nothing of it before its end. The short ones
 * are of two kinds, in line and called. */
#include "check.h"
#include <stdalign.h>

enum {
    WRITERS = 2,
    PAIRS = 20,
    BLIND = 10,
    STACKS = 16,
    NODES = 8, /* of a writer */
    BALLAST = 100000,
    BLOCKS = STEPS(600),
    GOOD = 7,
    POISON = 666
};

struct pair {
    alignas(64) long left;
    alignas(64) long right; /* -left */
};

struct node {
    alignas(64) struct node *next;
    long value; /* GOOD, while it is on a stack */
};

static struct pair pairs[PAIRS], blind[BLIND];
static struct {
    alignas(64) long value;
} counted; /* as the counter says */
static alignas(64) ame_counter counter;
static alignas(64) struct {
    alignas(64) struct node *top;
} stacks[STACKS];
alignas(64) long ballast[BALLAST]; /* if it were static, the compiler would know that it is 0 */
static int done;                   /* outside the runtime's sight */

/* ---- short blocks ---- */

static bool move_in_line(struct pair *pair, long amount) {
    bool good;
    atomic {
        good = pair->left + pair->right == 0;
        pair->left += amount;
        pair->right -= amount;
    }
    return good;
}

__attribute__((noinline)) static void move(struct pair *pair, long amount) {
    pair->left += amount;
    pair->right -= amount;
}

static bool move_by_call(struct pair *a, struct pair *b, long amount) {
    bool good;
    atomic {
        good = a->left + a->right == 0 && b->left + b->right == 0;
        move(a, amount);
        move(b, -amount);
    }
    return good;
}

/* These read nothing of what they write. */
static void set_in_line(struct pair *pair, long amount) {
    atomic {
        pair->left = amount;
        pair->right = -amount;
    }
}

__attribute__((noinline)) static void set(struct pair *pair, long amount) {
    pair->left = amount;
    pair->right = -amount;
}

static void set_by_call(struct pair *pair, long amount) {
    atomic {
        set(pair, amount);
    }
}

static void count_one(void) {
    atomic {
        counted.value++;
        ame_counter_add(&counter, 1);
    }
}

static void push(int stack, struct node *node) {
    atomic {
        node->next = stacks[stack].top;
        stacks[stack].top = node;
    }
}

static struct node *pop(int stack) {
    struct node *node;
    atomic {
        node = stacks[stack].top;
        if (node)
            stacks[stack].top = node->next;
    }
    return node;
}

/* What was on the stack is this thread's own now. */
static void use_node(int from, int to) {
    struct node *node = pop(from);
    if (!node)
        return;
    node->value = POISON;
    node->value = GOOD;
    push(to, node);
}

static void keep_writing(int number) {
    uint64_t random = (uint64_t)number;
    struct node *nodes = aligned_alloc(alignof(struct node), NODES * sizeof *nodes);
    CHECK(nodes);
    for (int i = 0; i < NODES; i++) {
        nodes[i].value = GOOD;
        push(i % STACKS, &nodes[i]);
    }
    while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
        uint64_t r = next_random(&random);
        CHECK(move_in_line(&pairs[r % PAIRS], (long)(r >> 60)));
        CHECK(move_by_call(&pairs[(r >> 10) % PAIRS], &pairs[(r >> 20) % PAIRS], 1));
        set_in_line(&blind[(r >> 5) % BLIND], (long)(r >> 50));
        set_by_call(&blind[(r >> 15) % BLIND], (long)(r >> 50));
        if ((r >> 30) % 32 == 0) /* else who reads the counter would always begin again */
            count_one();
        use_node((int)(r >> 31 & (STACKS - 1)), (int)(r >> 40 & (STACKS - 1)));
    }
}

/* ---- the long block ---- */

/* For a dozen short blocks. To the compiler it may access anything. */
ame_pure __attribute__((noinline)) static void wait_a_moment(void) {
    for (int i = 0; i < 2000; i++)
        __asm__ volatile("" ::: "memory");
}

static void look_at_pair(const struct pair *pair) {
    long left = pair->left;
    wait_a_moment();
    CHECK(left + pair->right == 0);
}

static void look_at_stacks(void) {
    for (int i = 0; i < STACKS; i++) {
        for (const struct node *node = stacks[i].top; node; node = node->next)
            CHECK(node->value == GOOD);
        wait_a_moment();
    }
}

/* It is known to run, and asked to show what it reads, before it comes to what the others write. */
static void read_ballast(void) {
    enum { MOMENTS = 200 };
    long sum = 0;
    for (int i = 0; i < MOMENTS; i++) {
        sum += ballast[i * 997 % BALLAST];
        wait_a_moment();
    }
    for (int i = 0; i < BALLAST; i++)
        sum += ballast[i];
    CHECK(sum == 0);
}

/* Others may not come in between. */
static void change_pair(struct pair *pair, long amount) {
    pair->left += amount;
    wait_a_moment();
    pair->right -= amount;
    wait_a_moment();
    CHECK(pair->left + pair->right == 0);
}

static void set_pair(struct pair *pair, long amount) {
    pair->left = amount;
    wait_a_moment();
    pair->right = -amount;
    wait_a_moment();
    CHECK(pair->left == amount && pair->right == -amount);
}

static void look_at_counter(bool first) {
    long seen = first ? 0 : counted.value;
    long sum = ame_counter_read(&counter);
    for (int i = 0; i < 10; i++)
        wait_a_moment();
    CHECK(sum == (first ? counted.value : seen));
}

/* One thing only, since others wait for what it has read. */
static void run_long_block(uint64_t random, int kind, bool cancels) {
    atomic {
        read_ballast();
        if (kind == 0)
            look_at_pair(&pairs[random % PAIRS]);
        else if (kind == 1)
            change_pair(&pairs[random % PAIRS], 1000);
        else if (kind == 2)
            set_pair(&blind[random % BLIND], 1000);
        else if (kind == 3)
            look_at_stacks();
        else
            look_at_counter(kind == 4);
        if (cancels)
            atomic_cancel();
    }
}

static void work(int number) {
    enum { KINDS = 6 };
    if (number < WRITERS) {
        keep_writing(number);
        return;
    }
    for (int i = 0; i < BLOCKS; i++)
        run_long_block((uint64_t)i, i % KINDS, i % 4 == 0);
    __atomic_store_n(&done, 1, __ATOMIC_RELAXED);
}

int main(void) {
    run_threads(WRITERS + 1, work);
    for (int i = 0; i < PAIRS; i++)
        CHECK(pairs[i].left + pairs[i].right == 0);
    for (int i = 0; i < BLIND; i++)
        CHECK(blind[i].left + blind[i].right == 0);
    CHECK(ame_counter_read(&counter) == counted.value);
    return finish(0);
}
