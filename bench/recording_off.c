/* Blocks, a number of times, for bench/recording_off.sh to count their instructions. */
#include <ame/ame.h>

#include <stdlib.h>
#include <string.h>

enum { WORDS = 8 * 64 };
static _Alignas(64) long words[WORDS];
static void *volatile pieces[16];

static void empty(int i) {
    atomic {
        (void)i;
    }
}

static void read_one(int i) {
    static volatile long sink __attribute__((unused));
    long seen;
    atomic {
        seen = words[i % WORDS];
    }
    sink = seen;
}

static void write_one(int i) {
    atomic {
        words[i % WORDS] = i;
    }
}

static void write_64_lines(int i) {
    atomic {
        for (int j = 0; j < WORDS; j += 8)
            words[j] = i;
    }
}

static void allocate(int i) {
    atomic {
        free(pieces[i % 16]);
        pieces[i % 16] = malloc(48);
    }
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*run)(int);
    } cases[] = {{"empty", empty},
                 {"read", read_one},
                 {"write", write_one},
                 {"write_64_lines", write_64_lines},
                 {"allocate", allocate}};
    int times = count > 2 ? atoi(arguments[2]) : 0;
    for (size_t i = 0; times && i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(cases[i].name, arguments[1]))
            for (int n = 0; n < times; n++)
                cases[i].run(n);
    return count <= 2;
}
