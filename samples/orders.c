/* orders.c - threads that handle orders. As it is (STEP 0) more threads do not make it faster;
 * docs/profiling.md finds out why, and changes one thing at a time, up to STEP 4. */
#include <ame/ame.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifndef STEP
#define STEP 4
#endif

enum { SHOPS = 4, ORDERS = 2000 };

static struct shop {
    _Alignas(STEP >= 4 ? 64 : 8) long sold;
    long income;
} shops[SHOPS];
static _Alignas(64) long served;
static _Alignas(64) ame_counter served_counter;
static _Alignas(64) bool changed;

/* Some work. */
static __attribute__((noinline)) long price(uint64_t order) {
    uint64_t value = order;
    for (int i = 0; i < 20000; i++)
        value = (value ^ value >> 7) * 0x9E3779B97F4A7C15u;
    return (long)(value >> 54);
}

static void print_order(void *order) {
    printf("order %ld\n", (long)order);
}

static void note(long order) {
    if (STEP >= 1)
        ame_on_commit(print_order, (void *)order);
    else
        printf("order %ld\n", order);
}

static void count_order(void) {
    if (STEP >= 2)
        ame_counter_add(&served_counter, 1);
    else
        served++;
}

static void note_change(void) {
    if (STEP < 3 || !changed)
        changed = true;
}

static void sell(struct shop *shop, long order) {
    count_order();
    note_change();
    shop->sold++;
    shop->income += price((uint64_t)order);
    note(order);
}

static void *handle_orders(void *shop) {
    for (long i = 0; i < ORDERS; i++)
        atomic {
            sell(shop, i);
        }
    return NULL;
}

int main(void) {
    pthread_t threads[SHOPS];
    for (int i = 0; i < SHOPS; i++)
        pthread_create(&threads[i], NULL, handle_orders, &shops[i]);
    for (int i = 0; i < SHOPS; i++)
        pthread_join(threads[i], NULL);
    return served + ame_counter_read(&served_counter) != SHOPS * ORDERS;
}
