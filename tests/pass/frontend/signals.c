/* Blocks in signal handlers, by any of the ways to register one. */
// RUN: (! %checked -fno-caret-diagnostics -c -o /dev/null %s 2> %t.messages) && %FileCheck %s --implicit-check-not=ame: < %t.messages
#define _GNU_SOURCE
#include <ame/atomic.h>
#include <signal.h>
#include <stddef.h>

int number;

static void by_initializer(int signal) {
    // CHECK: signals.c:[[@LINE+2]]:5: error: ame: an atomic block in 'by_initializer', which runs in a signal handler, where blocks are not supported
    // CHECK-NEXT: signals.c:[[@LINE+5]]:42: note: 'by_initializer' becomes a signal handler here
    atomic {
        number = signal;
    }
}
struct sigaction action = {.sa_handler = by_initializer};

static void direct(int signal) {
    // CHECK: signals.c:[[@LINE+2]]:5: error: ame: an atomic block in 'direct', which runs in a signal handler, where blocks are not supported
    // CHECK-NEXT: signals.c:[[@LINE+32]]:20: note: 'direct' becomes a signal handler here
    atomic {
        number = signal;
    }
}

static void with_information(int signal, siginfo_t *information, void *context) {
    (void)information, (void)context;
    // CHECK: signals.c:[[@LINE+2]]:5: error: ame: an atomic block in 'with_information', which runs in a signal handler, where blocks are not supported
    // CHECK-NEXT: signals.c:[[@LINE+24]]:26: note: 'with_information' becomes a signal handler here
    atomic {
        number = signal;
    }
}

static void helper(void) {
    // CHECK: signals.c:[[@LINE+2]]:5: error: ame: an atomic block in 'helper', which runs in a signal handler, where blocks are not supported
    // CHECK-NEXT: signals.c:[[@LINE+18]]:24: note: 'by_call' becomes a signal handler here
    atomic {
        number++;
        atomic {
            number++;
        }
    }
}
static void by_call(int signal) {
    (void)signal;
    helper();
}

void registers(void) {
    struct sigaction other = {.sa_flags = SA_SIGINFO};
    signal(SIGINT, direct);
    other.sa_sigaction = &with_information;
    sigaction(SIGTERM, &other, NULL);
    other.sa_handler = by_call;
    sigaction(SIGHUP, &other, NULL);
}
