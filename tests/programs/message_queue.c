/* Messages through a bounded queue: allocated in the sender's block, freed in the
 * receiver's. Each arrives once, whole, and in the order of its sender. */
#include "check.h"

enum { SENDERS = 2, RECEIVERS = 2, CAPACITY = 16, MAX_WORDS = 40 };

struct message {
    int sender;
    long number;
    size_t words;
    long *data; /* an allocation of its own */
};

static struct message *queue[CAPACITY];
static long head, tail; /* taken and put so far */
static long received[SENDERS];
static ame_counter sum_sent, sum_received;

static bool send(int sender, long number, size_t words) {
    bool sent = false;
    atomic {
        sent = tail - head < CAPACITY;
        if (sent) {
            struct message *message = malloc(sizeof *message);
            long *data = number % 2 ? malloc(words * sizeof *data) : calloc(words, sizeof *data);
            CHECK(message && data);
            *message = (struct message){sender, number, words, data};
            for (size_t i = 0; i < words; i++) {
                CHECK(number % 2 || data[i] == 0);
                data[i] = number + (long)i;
            }
            if (number % 8 == 0) { /* grown after the fact */
                message->data = data = realloc(data, (words + 10) * sizeof *data);
                CHECK(data);
            }
            queue[tail++ % CAPACITY] = message;
            ame_counter_add(&sum_sent, number);
        }
    }
    return sent;
}

static bool receive(void) {
    bool got = false;
    atomic {
        got = head < tail;
        if (got) {
            struct message *message = queue[head % CAPACITY];
            queue[head++ % CAPACITY] = NULL;
            CHECK(received[message->sender] == message->number);
            received[message->sender]++;
            for (size_t i = 0; i < message->words; i++)
                CHECK(message->data[i] == message->number + (long)i);
            ame_counter_add(&sum_received, message->number);
            free(message->data);
            free(message);
        }
    }
    return got;
}

static void work(int number) {
    long messages = STEPS(20000);
    uint64_t random = (uint64_t)number;
    if (number < SENDERS) {
        for (long i = 0; i < messages; i++)
            while (!send(number, i, 1 + next_random(&random) % MAX_WORDS))
                sched_yield();
    } else {
        for (long i = 0; i < messages * SENDERS / RECEIVERS; i++)
            while (!receive())
                sched_yield();
    }
}

int main(void) {
    run_threads(SENDERS + RECEIVERS, work);
    CHECK(head == tail && head == SENDERS * (long)STEPS(20000));
    for (int i = 0; i < SENDERS; i++)
        CHECK(received[i] == STEPS(20000));
    CHECK(ame_counter_read(&sum_sent) == ame_counter_read(&sum_received));
    return finish(0);
}
