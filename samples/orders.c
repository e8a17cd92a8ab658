/* orders.c - threads that handle orders, each for a shop of its own. As it was (STEP 0) its threads
 * wait for each other; docs/profiling.md finds out why, and changes one thing at a time. */
#include <ame/ame.h>

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef STEP
#define STEP 4
#endif

enum { SHOPS = 4, ORDERS = 2000 };

struct sale {
    struct sale *next;
    long price;
};

static struct shop {
    _Alignas(STEP >= 3 ? 64 : 8) long sold;
    struct sale *own_history; /* from STEP 4 on */
} shops[SHOPS];
static _Alignas(64) long served;
static _Alignas(64) ame_counter served_counter; /* from STEP 2 on */
static _Alignas(64) struct sale *history;

/* Some work. */
static __attribute__((noinline)) long find_price(uint64_t order) {
    uint64_t value = order;
    for (int i = 0; i < 20000; i++)
        value = (value ^ value >> 7) * 0x9E3779B97F4A7C15u;
    return (long)(value >> 54);
}

static void print_order(void *order) {
    printf("order %ld\n", (long)order);
}

static void tell(long order) {
    if (STEP >= 1)
        ame_on_commit(print_order, (void *)order);
    else
        dprintf(STDOUT_FILENO, "order %ld\n", order);
}

static void count_order(void) {
    if (STEP >= 2)
        ame_counter_add(&served_counter, 1);
    else
        served++;
}

static struct sale *remember(struct sale **list) {
    struct sale *sale = malloc(sizeof *sale);
    sale->next = *list;
    *list = sale;
    return sale;
}

static void sell(struct shop *shop, long order) {
    count_order();
    shop->sold++;
    struct sale *sale = remember(STEP >= 4 ? &shop->own_history : &history);
    sale->price = find_price((uint64_t)order);
    tell(order);
}

static void *handle_orders(void *shop) {
    for (long i = 0; i < ORDERS; i++)
        atomic {
            sell(shop, i);
        }
    return NULL;
}

static long length(const struct sale *list) {
    long length = 0;
    for (; list; list = list->next)
        length++;
    return length;
}

int main(void) {
    pthread_t threads[SHOPS];
    for (int i = 0; i < SHOPS; i++)
        pthread_create(&threads[i], NULL, handle_orders, &shops[i]);
    for (int i = 0; i < SHOPS; i++)
        pthread_join(threads[i], NULL);
    long sales = length(history);
    for (int i = 0; i < SHOPS; i++)
        sales += length(shops[i].own_history);
    return sales != SHOPS * ORDERS || served + ame_counter_read(&served_counter) != sales;
}
