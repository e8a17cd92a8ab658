#include "versions/grace.h"
#include "base/forks.h"
#include "base/heap.h"
#include "base/membarrier.h"
#include "base/wait.h"
#include "nodes/lock.h"

#include <pthread.h>
#include <string.h>

enum {
    EACH = 256, /* versions wait for a fence together: some hundred KB */
};

/* A thread. It is never freed, but used again. */
struct reader {
    struct AME__ALIGNED_LINE {
        ame__word reading; /* odd: it reads (Q1) */
    };
    struct AME__ALIGNED_LINE {
        struct reader *next;
        ame__word used;                /* by a living thread */
        bool reads;                    /* counted in `readers` */
        bool owes;                     /* it has given back what may wait */
        ame__word lock;                /* of what follows */
        struct ame__version **waiting; /* oldest first */
        size_t count, room;
        size_t marked; /* the first of them: may go after fence `mark` */
        uint64_t mark;
        size_t look_at; /* `count` when it is next worth it */
    };
};

static ame__word all;     /* the struct readers */
static ame__word making;  /* the lock of who adds one */
static ame__word readers; /* threads that read (Q2) */
static __thread struct reader *self __attribute__((tls_model("initial-exec")));

static pthread_key_t thread_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool may_read; /* threads' ends are known, and there are fences */

#define EACH_READER(reader)                                                                        \
    for (struct reader *reader = (struct reader *)ame__load_acquire(&all); reader;                 \
         reader = reader->next)

/* ---- fences, numbered as they begin ---- */

static ame__word fences_begun, fences_done; /* the last one that is done */

static void fence(void) {
    uint64_t number = ame__add_full(&fences_begun, 1) + 1, done;
    if (!ame__fence_all_threads())
        return; /* it could be done before: then all waits */
    while ((done = ame__load_relaxed(&fences_done)) < number)
        if (ame__cas_full(&fences_done, done, number))
            return;
}

/* ---- readers ---- */

static bool is_done(const struct reader *reader) {
    uint64_t reading = ame__load_acquire(&reader->reading);
    if (reading % 2 && reader == self)
        return false;
    /* Most are done in a fraction of a microsecond; others are not running just now. */
    for (unsigned steps = 0; reading % 2 && ame__load_acquire(&reader->reading) == reading;) {
        if (steps == AME__WAIT_PAUSES + 4)
            return false;
        ame__wait_step(&steps);
    }
    return true;
}

/* The number of a fence of which nobody who read before it still does; 0: of none. */
static uint64_t settled_fence(void) {
    uint64_t done = ame__load_acquire(&fences_done);
    EACH_READER (reader)
        if (!is_done(reader))
            return 0;
    return done;
}

/* ---- what waits ---- */

/* Under the lock, whose full fence is what the number may not be older than. */
static void mark_all(struct reader *of) {
    of->marked = of->count;
    of->mark = ame__load_relaxed(&fences_begun) + 1;
    of->look_at = of->count + EACH;
}

static void release(struct ame__version *version) {
    ame_ref_release(&version->references, ame__destroy_version);
}

/* Some of those that may go after fence `settled`, in the caller's hands. */
static size_t take_marked(struct reader *of, uint64_t settled, struct ame__version *taken[EACH]) {
    ame__lock(&of->lock);
    size_t count = of->mark <= settled ? of->marked : 0;
    if (count > EACH)
        count = EACH;
    if (count) {
        memcpy(taken, of->waiting, count * sizeof *taken);
        of->count -= count;
        of->marked -= count;
        memmove(of->waiting, of->waiting + count, of->count * sizeof *taken);
        if (!of->marked)
            mark_all(of);
    }
    ame__unlock(&of->lock);
    return count;
}

/* Not under the lock, as it takes others. */
static void release_marked(struct reader *of, uint64_t settled) {
    struct ame__version *taken[EACH];
    size_t count;
    while ((count = take_marked(of, settled, taken)))
        for (size_t i = 0; i < count; i++)
            release(taken[i]);
}

static bool mark_what_waits(struct reader *of) {
    ame__lock(&of->lock);
    bool any = of->count != 0;
    mark_all(of);
    ame__unlock(&of->lock);
    return any;
}

static void give_back(struct reader *of) {
    if (mark_what_waits(of)) {
        fence();
        release_marked(of, settled_fence());
    }
}

/* ---- threads ---- */

/* Its thread is no more. */
static void stop_reading(struct reader *reader) {
    uint64_t reading = ame__load_relaxed(&reader->reading);
    if (reading % 2)
        ame__store_release(&reader->reading, reading + 1);
    if (reader->reads)
        ame__add_full(&readers, (uint64_t)-1);
    reader->reads = false;
}

/* Functions that run at a later end of the thread may read and give back again, and then this is
 * called once more. */
static void end_thread(void *argument) {
    struct reader *reader = argument;
    stop_reading(reader);
    give_back(reader);
    reader->owes = false;
    self = NULL;
    ame__store_release(&reader->used, 0);
}

static void start(void) {
    may_read =
        !AME__TSAN && !pthread_key_create(&thread_end, end_thread) && ame__fence_all_threads();
}

static struct reader *new_reader(void) {
    char *memory = ame__calloc(1, sizeof(struct reader) + AME__CACHE_LINE);
    if (!memory)
        return NULL;
    struct reader *reader =
        (struct reader *)(memory + (-(uintptr_t)memory & (AME__CACHE_LINE - 1)));
    ame__store_relaxed(&reader->used, 1);
    ame__lock(&making);
    reader->next = (struct reader *)ame__load_relaxed(&all);
    ame__store_release(&all, (uint64_t)reader);
    ame__unlock(&making);
    return reader;
}

static struct reader *unused_reader(void) {
    EACH_READER (reader)
        if (!ame__load_relaxed(&reader->used) && ame__cas_full(&reader->used, 0, 1))
            return reader;
    return NULL;
}

/* NULL: there is none to be had. */
static AME__COLD struct reader *make_known(void) {
    pthread_once(&once, start);
    if (self || !may_read)
        return self;
    struct reader *reader = unused_reader();
    if (!reader && !(reader = new_reader()))
        return NULL;
    if (pthread_setspecific(thread_end, reader)) {
        ame__store_release(&reader->used, 0);
        return NULL;
    }
    return self = reader;
}

/* ---- forks ---- */

static void hold(void) {
    ame__lock(&making);
    EACH_READER (reader)
        ame__lock(&reader->lock);
}

static void let_go(void) {
    EACH_READER (reader)
        ame__unlock(&reader->lock);
    ame__unlock(&making);
}

/* In the child there are no other threads. */
static void forget_others(void) {
    EACH_READER (reader)
        if (reader != self) {
            stop_reading(reader);
            ame__store_relaxed(&reader->used, 0);
        }
}

__attribute__((constructor)) static void know_forks(void) {
    ame__hold_at_forks(hold, let_go);
    pthread_atfork(NULL, NULL, forget_others);
}

/* ---- reading and giving back ---- */

static AME__COLD struct reader *begin_first(void) {
    struct reader *reader = make_known();
    if (reader && !reader->reads) {
        reader->reads = true;
        ame__add_full(&readers, 1); /* Q2 */
    }
    return reader;
}

bool ame__begin_reading(void) {
    struct reader *reader = self;
    if (AME__UNLIKELY(!reader || !reader->reads) && !(reader = begin_first()))
        return false;
    uint64_t reading = ame__load_relaxed(&reader->reading);
    if (AME__UNLIKELY(reading % 2))
        return false;
    /* No fence: Q1. A call of a function that the compiler does not see. */
    ame__store_relaxed(&reader->reading, reading + 1);
    return true;
}

void ame__end_reading(void) {
    /* Release: all that was looked at is looked at. */
    ame__store_release(&self->reading, ame__load_relaxed(&self->reading) + 1);
}

static bool others_read(void) {
    return ame__load_acquire(&readers) != (self && self->reads && self->reading % 2 == 0);
}

/* False: no memory. */
static bool append(struct reader *to, struct ame__version *version) {
    if (to->count == to->room) {
        size_t room = to->room ? 2 * to->room : 2 * EACH;
        struct ame__version **waiting = ame__realloc(to->waiting, room * sizeof *waiting);
        if (!waiting)
            return false;
        to->waiting = waiting;
        to->room = room;
    }
    to->waiting[to->count++] = version;
    return true;
}

/* Those that are marked have waited for as many more, so that another thread's fence mostly did for
 * them, too. */
static void look_at_waiting(struct reader *mine, uint64_t mark) {
    if (ame__load_relaxed(&fences_done) < mark)
        fence();
    uint64_t settled = settled_fence();
    if (settled) {
        release_marked(mine, settled);
        return;
    }
    ame__lock(&mine->lock);
    mine->look_at = 2 * mine->count;
    ame__unlock(&mine->lock);
}

/* False: no memory to remember it by. */
static bool let_wait(struct reader *mine, struct ame__version *version) {
    if (!mine)
        return false;
    ame__lock(&mine->lock);
    bool waits = append(mine, version);
    if (!mine->marked)
        mark_all(mine);
    bool enough = mine->count >= mine->look_at;
    uint64_t mark = mine->mark;
    ame__unlock(&mine->lock);
    mine->owes |= waits;
    if (enough)
        look_at_waiting(mine, mark);
    return waits;
}

void ame__release_after_readers(struct ame__version *version) {
    if (others_read()) {
        if (let_wait(self ? self : make_known(), version))
            return;
        do /* no memory is left to remember it by */
            fence();
        while (!settled_fence());
    } else if (self && self->owes) {
        self->owes = false;
        give_back(self);
    }
    release(version);
}

void ame__release_what_waits(void) {
    bool any = false;
    EACH_READER (reader)
        any |= mark_what_waits(reader);
    if (!any)
        return;
    fence();
    uint64_t settled = settled_fence();
    EACH_READER (reader)
        release_marked(reader, settled);
}
