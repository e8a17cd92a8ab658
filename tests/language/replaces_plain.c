#include "replaces_plain.h"

int plain_calls;

int plain_add(int a, int b) {
    plain_calls++;
    return a + b;
}

int plain_subtract(int a, int b) {
    plain_calls++;
    return a - b;
}
