/* A child of fork() uses versions, nodes and counted objects while threads of its parent do. */
#include "nodes/nodes.h"
#include <ame/count.h>
#include <ame/map.h>

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORKS = AME__ASAN ? 20 : 300, NODES = 200, WORDS = 64, SECONDS = 20 };

static ame_map *shared;
static int ended;

/* Takes and gives more nodes than a thread keeps. */
static void trade(void) {
    void *nodes[NODES];
    for (int i = 0; i < NODES; i++)
        nodes[i] = ame__take_node(WORDS);
    for (int i = 0; i < NODES; i++)
        ame__give_node(nodes[i], WORDS);
}

static void change(void) {
    for (int i = 0; i < 20; i++)
        ame_map_release(ame_map_set(shared, ame_int_key(i), ame_int_value(i)));
}

struct object {
    ame_ref references;
    struct object *next;
};

static void destroy(ame_ref *references) {
    struct object *object = (struct object *)references;
    if (object->next)
        ame_ref_release(&object->next->references, destroy);
    free(object);
}

/* Of each chain one object is destroyed, the others wait for later. */
static void drop(void) {
    struct object *first = NULL;
    for (int i = 0; i < 20; i++) {
        struct object *object = malloc(sizeof *object);
        ame_ref_init(&object->references);
        object->next = first;
        first = object;
    }
    ame_ref_release(&first->references, destroy);
    ame_ref_destroy_waiting(10);
}

static void *use_all(void *unused) {
    while (!__atomic_load_n(&ended, __ATOMIC_RELAXED)) {
        trade();
        change();
        drop();
    }
    return unused;
}

Test(forks, leave_all_locks_free_in_the_child) {
    pthread_t threads[2];
    shared = ame_map_new(AME_KEY_INT);
    for (int i = 0; i < 100; i++) {
        ame_map *next = ame_map_set(shared, ame_int_key(i), ame_int_value(-1));
        ame_map_release(shared);
        shared = next;
    }
    ame_ref_destroy_in_steps(1);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, use_all, NULL), 0);
    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(SECONDS);
            trade();
            change();
            drop();
            ame_map_reclaim(SIZE_MAX);
            _exit(0);
        }
        int status = -1;
        cr_assert_gt(child, 0);
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0, "child %d ended with %x", i, status);
    }
    __atomic_store_n(&ended, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ame_map_release(shared);
}
