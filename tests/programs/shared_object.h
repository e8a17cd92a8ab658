#ifndef SHARED_OBJECT_H
#define SHARED_OBJECT_H

/* What the shared object gives to the program, found by dlsym. */
struct shared_object {
    void (*add)(long *value, long amount);                                 /* no block of its own */
    void (*move)(long *from, long *to, long amount, void (*report)(long)); /* with one */
};

#endif
