/* vacation.c - a travel agency, of the kind of STAMP's vacation (Cao Minh, Chung, Kozyrakis,
 * Olukotun: "STAMP: Stanford Transactional Applications for Multi-Processing", IISWC 2008): a
 * database of cars, flights, rooms and customers in trees; each client reserves the dearest that is
 * free among some offers, removes customers, or changes the offers. */
#include "rbtree.h"

enum { KINDS = 3, MOST_QUERIES = 4, TASKS = 16, SEATS = 100 };

struct offer {
    long used, free, price;
};

struct reservation {
    long kind, id, price;
    struct reservation *next;
};

struct customer {
    struct reservation *reservations;
};

static struct rb_tree offers[KINDS], customers;
static struct {
    long queries;   /* offers that a task looks at, at most */
    long range;     /* of ids that are asked for */
    long reserving; /* tasks of a hundred that make reservations */
    long ids;
    long tasks; /* for all clients together: four for each id, as in STAMP's largest */
} load;

static void *fresh(size_t size) {
    void *memory = malloc(size);
    CHECK(memory);
    return memory;
}

/* ---- the database: without blocks of its own ---- */

static void add_seats(long kind, long id, long seats, long price) {
    struct offer *offer = rb_find(&offers[kind], id);
    if (!offer) {
        offer = fresh(sizeof *offer);
        offer->used = offer->free = 0;
        rb_insert(&offers[kind], id, offer);
    }
    offer->free += seats;
    offer->price = price;
}

/* An offer with no seats left disappears. */
static void remove_seats(long kind, long id, long seats) {
    struct offer *offer = rb_find(&offers[kind], id);
    if (!offer || offer->free < seats)
        return;
    offer->free -= seats;
    if (offer->free == 0 && offer->used == 0) {
        rb_remove(&offers[kind], id);
        free(offer);
    }
}

static struct customer *customer_of(long id) {
    struct customer *customer = rb_find(&customers, id);
    if (!customer) {
        customer = fresh(sizeof *customer);
        customer->reservations = NULL;
        rb_insert(&customers, id, customer);
    }
    return customer;
}

static void reserve(struct customer *customer, long kind, long id) {
    struct offer *offer = rb_find(&offers[kind], id);
    struct reservation *reservation = fresh(sizeof *reservation);
    offer->free--;
    offer->used++;
    *reservation = (struct reservation){kind, id, offer->price, customer->reservations};
    customer->reservations = reservation;
}

static long remove_customer(long id) {
    struct customer *customer = rb_remove(&customers, id);
    long bill = 0;
    if (!customer)
        return 0;
    for (struct reservation *one = customer->reservations, *next; one; one = next) {
        struct offer *offer = rb_find(&offers[one->kind], one->id);
        next = one->next;
        offer->used--;
        offer->free++;
        bill += one->price;
        free(one);
    }
    free(customer);
    return bill;
}

/* ---- the clients ---- */

struct query {
    long kind, id, value;
};

static void make_reservation(const struct query *queries, long count, long customer) {
    ATOMIC {
        long best_id[KINDS] = {-1, -1, -1}, best_price[KINDS] = {-1, -1, -1};
        bool found = false;
        for (long i = 0; i < count; i++) {
            struct offer *offer = rb_find(&offers[queries[i].kind], queries[i].id);
            if (offer && offer->free > 0 && offer->price > best_price[queries[i].kind]) {
                best_price[queries[i].kind] = offer->price;
                best_id[queries[i].kind] = queries[i].id;
                found = true;
            }
        }
        if (found) {
            struct customer *who = customer_of(customer);
            for (long kind = 0; kind < KINDS; kind++)
                if (best_id[kind] >= 0)
                    reserve(who, kind, best_id[kind]);
        }
    }
}

static void change_offers(const struct query *queries, long count) {
    ATOMIC {
        for (long i = 0; i < count; i++)
            if (queries[i].value % 2)
                add_seats(queries[i].kind, queries[i].id, SEATS, queries[i].value);
            else
                remove_seats(queries[i].kind, queries[i].id, SEATS);
    }
}

static void do_task(uint64_t *random) {
    struct query queries[MOST_QUERIES];
    long count = 1 + random_below(random, load.queries);
    long action = random_below(random, 100), customer = random_below(random, load.range);
    for (long i = 0; i < count; i++)
        queries[i] = (struct query){random_below(random, KINDS), random_below(random, load.range),
                                    random_below(random, 500)};
    if (action < load.reserving) {
        make_reservation(queries, count, customer);
    } else if (action % 2) {
        long bill = 0;
        ATOMIC {
            bill = remove_customer(customer);
        }
        CHECK(bill >= 0);
    } else {
        change_offers(queries, count);
    }
}

static long tasks(struct worker *self) {
    if (self->operations >= load.tasks / bench_threads)
        return 0;
    for (int i = 0; i < TASKS; i++)
        do_task(&self->random);
    return TASKS;
}

static void fill(long queries, long percent, long reserving) {
    uint64_t random = 1;
    load.ids = bench_quick ? 64 : 16384;
    load.tasks = load.ids * 4;
    load.queries = queries;
    load.range = load.ids * percent / 100;
    load.reserving = reserving;
    for (long kind = 0; kind < KINDS; kind++)
        for (long id = 0; id < load.ids; id++)
            add_seats(kind, id, SEATS * (1 + random_below(&random, 5)),
                      50 + random_below(&random, 500));
    for (long id = 0; id < load.ids; id++)
        customer_of(id);
}

static void high_contention(void) {
    fill(4, 60, 90);
}

static void low_contention(void) {
    fill(2, 90, 98);
}

/* ---- the check: what customers have reserved is what the offers have in use ---- */

static void settle_customer(long id, void *value) {
    struct customer *customer = value;
    (void)id;
    for (struct reservation *one = customer->reservations, *next; one; one = next) {
        struct offer *offer = rb_find(&offers[one->kind], one->id);
        next = one->next;
        CHECK(offer && offer->used > 0);
        offer->used--;
        offer->free++;
        free(one);
    }
    free(customer);
}

static void settle_offer(long id, void *value) {
    struct offer *offer = value;
    (void)id;
    CHECK(offer->used == 0 && offer->free > 0 && offer->free % SEATS == 0);
    free(offer);
}

static void check(long tally, long operations) {
    (void)tally, (void)operations;
    rb_destroy(&customers, settle_customer);
    for (long kind = 0; kind < KINDS; kind++)
        rb_destroy(&offers[kind], settle_offer);
}

static const struct bench_case cases[] = {
    {"vacation_high", high_contention, tasks, check, true},
    {"vacation_low", low_contention, tasks, check, true},
};
BENCH_CASES(cases)
