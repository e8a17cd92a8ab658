#include <ame/ame.h>
#include <pthread.h>
#include <stdio.h>

static long account[2] = {1000, 0}, refused;

static void *transfer(void *unused) {
    for (int i = 0; i < 1000; i++)
        atomic {
            if (account[0] > 0) {
                account[0]--;
                account[1]++;
            } else {
                refused++;
            }
        }
    return unused;
}

int main(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, transfer, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    printf("%ld + %ld, %ld refused\n", account[0], account[1], refused);
}
