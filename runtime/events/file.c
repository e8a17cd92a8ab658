#define _GNU_SOURCE
#include "events/file.h"

#include "base/arch.h"
#include "base/diag.h"
#include "base/log.h"
#include "events/format.h"
#include "events/modules.h"
#include "events/names.h"
#include <ame/abi.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t file_lock = PTHREAD_MUTEX_INITIALIZER;

static struct {
    char *path;     /* absolute: the program may change its directory */
    int descriptor; /* -1: not opened yet (a child after fork) */
    dev_t device;   /* what the descriptor stood for when it was opened */
    ino_t inode;
    bool closed;                   /* failed or ended: nothing more is written */
    uint64_t offset;               /* where the next chunk begins */
    uint64_t events, events_limit; /* bytes */
    uint64_t ticks_per_second;
    struct ame__names names;
    struct ame__modules modules; /* those written */
} file = {.descriptor = -1};

/* Writing is a point of cancellation, and locks are held; and the program's errno
 * is its own. */
struct guard {
    int cancellation, saved_errno;
};

static struct guard protect(void) {
    struct guard guard = {.saved_errno = errno};
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &guard.cancellation);
    return guard;
}

static void unprotect(struct guard guard) {
    pthread_setcancelstate(guard.cancellation, NULL);
    errno = guard.saved_errno;
}

static struct guard lock_file(void) {
    struct guard guard = protect();
    pthread_mutex_lock(&file_lock);
    return guard;
}

static void unlock_file(struct guard guard) {
    pthread_mutex_unlock(&file_lock);
    unprotect(guard);
}

/* ---- clocks ---- */

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The closest of a few readings: the thread may be interrupted in the middle of one. */
static struct ame__clock_chunk read_clocks(void) {
    enum { READINGS = 3 };
    struct ame__clock_chunk clocks = {0};
    uint64_t closest = UINT64_MAX;
    for (int i = 0; i < READINGS; i++) {
        uint64_t before = ame__ticks(), ns = nanoseconds(CLOCK_MONOTONIC), after = ame__ticks();
        if (after - before < closest) {
            closest = after - before;
            clocks = (struct ame__clock_chunk){before + closest / 2, ns};
        }
    }
    return clocks;
}

/* A millisecond of waiting tells the rate to about one part in ten thousand. */
static uint64_t measure_tick_rate(void) {
    struct ame__clock_chunk first = read_clocks(), now;
    do
        now = read_clocks();
    while (now.ns - first.ns < 1000000);
    return (uint64_t)((double)(now.ticks - first.ticks) * 1e9 / (double)(now.ns - first.ns));
}

uint64_t ame__file_ticks_per_second(void) {
    if (!file.ticks_per_second)
        file.ticks_per_second = measure_tick_rate();
    return file.ticks_per_second;
}

/* ---- writing; all with the lock held ---- */

static void fail(const char *why) {
    ame__warn("cannot write the recording %s: %s; it ends here", file.path, why);
    file.closed = true;
}

/* A program may close descriptors that it does not know and use the number
 * again: what is behind it now must not be written to. */
static bool still_ours(void) {
    struct stat now;
    return !fstat(file.descriptor, &now) && now.st_dev == file.device && now.st_ino == file.inode;
}

static bool write_pieces(struct iovec *pieces, int count) {
    if (!still_ours()) {
        fail("the program has closed its descriptor");
        return false;
    }
    uint64_t end = file.offset;
    while (count) {
        ssize_t written = pwritev(file.descriptor, pieces, count, (off_t)end);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            fail(written ? strerror(errno) : "nothing was written");
            /* A torn chunk reads as a recording that was cut short. */
            return false;
        }
        end += (uint64_t)written;
        while (count && (size_t)written >= pieces->iov_len) {
            written -= (ssize_t)pieces->iov_len;
            pieces++;
            count--;
        }
        if (count) {
            pieces->iov_base = (char *)pieces->iov_base + written;
            pieces->iov_len -= (size_t)written;
        }
    }
    file.offset = end;
    return true;
}

static bool write_header(void) {
    struct ame__clock_chunk now = read_clocks();
    struct ame__file_header header = {
        .magic = AME__FORMAT_MAGIC,
        .version = AME__FORMAT_VERSION,
        .header_size = sizeof header,
        .start_ticks = now.ticks,
        .start_ns = now.ns,
        .start_date_ns = nanoseconds(CLOCK_REALTIME),
        .ticks_per_second = ame__file_ticks_per_second(),
        .pid = (uint32_t)getpid(),
    };
    struct iovec piece = {&header, sizeof header};
    return write_pieces(&piece, 1);
}

/* Never overwrites: what exists is somebody's data, perhaps the recording of the
 * program that started this one. */
static int create(const char *path) {
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

/* The name beside `path` that is tried as the number-th one, or NULL. */
static char *name_beside(const char *path, int number) {
    char *name;
    int length = number == 1 ? asprintf(&name, "%s.%ld", path, (long)getpid())
                             : asprintf(&name, "%s.%ld.%d", path, (long)getpid(), number);
    return length < 0 ? NULL : name;
}

/* Takes a file beside file.path, whose name that becomes. */
static int create_beside(bool warn) {
    char *path = NULL;
    int descriptor, number = 1;
    do {
        free(path);
        path = name_beside(file.path, number++);
        descriptor = path ? create(path) : -1;
    } while (descriptor < 0 && path && errno == EEXIST);
    if (!path)
        return -1;
    if (warn)
        ame__warn("%s exists already; the recording goes to %s", file.path, path);
    free(file.path);
    file.path = path;
    return descriptor;
}

static bool open_file(bool own_name) {
    int descriptor = own_name ? create(file.path) : -1;
    if (descriptor < 0 && (!own_name || errno == EEXIST))
        descriptor = create_beside(own_name);
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status)) {
        ame__warn("cannot create the recording %s: %s; the program runs without one", file.path,
                  strerror(errno));
        file.closed = true;
        return false;
    }
    file.descriptor = descriptor;
    file.device = status.st_dev;
    file.inode = status.st_ino;
    return write_header();
}

static bool can_append(void) {
    return !file.closed && file.path && (file.descriptor >= 0 || open_file(false));
}

static bool append(uint32_t kind, const void *head, size_t head_size, const void *tail,
                   size_t tail_size) {
    if (!can_append())
        return false;
    struct ame__chunk_header header = {kind, (uint32_t)(head_size + tail_size)};
    struct iovec pieces[] = {
        {&header, sizeof header}, {(void *)head, head_size}, {(void *)tail, tail_size}};
    return write_pieces(pieces, 3);
}

static bool module_is_written(const struct ame__module *module) {
    /* From the end: the last one at an address is the one that counts. */
    for (size_t i = file.modules.count; i-- > 0;)
        if (file.modules.entries[i].chunk.start == module->chunk.start)
            return !strcmp(file.modules.entries[i].path, module->path);
    return false;
}

static void append_new_modules(struct ame__modules *now) {
    for (size_t i = 0; i < now->count; i++) {
        struct ame__module *module = &now->entries[i];
        if (module_is_written(module) ||
            !append(AME__CHUNK_MODULE, &module->chunk, sizeof module->chunk, module->path,
                    strlen(module->path) + 1))
            continue;
        if (AME__LOG_RESERVE(&file.modules)) {
            file.modules.entries[file.modules.count++] = *module;
            module->path = NULL;
        }
    }
}

static void append_block(const struct ame_abi_block *block) {
    const char *function = block->function ? block->function : "";
    const char *source = block->file ? block->file : "";
    struct ame__block_chunk chunk = {
        .block = (uint64_t)block,
        .place = (uint64_t)(block->place ? block->place : (const void *)block->plain),
        .line = block->line,
        .flags = block->twin ? 0 : AME__BLOCK_SERIAL_ONLY,
    };
    char names[4096];
    int length = snprintf(names, sizeof names, "%.1000s%c%.3000s", function, '\0', source);
    if (append(AME__CHUNK_BLOCK, &chunk, sizeof chunk, names, (size_t)length + 1))
        ame__names_add(&file.names, block);
}

/* ---- the interface ---- */

static uint64_t limit_from_environment(void) {
    const uint64_t mebibyte = 1 << 20, normal = 1024;
    const char *text = secure_getenv("AME_RECORD_MAX");
    if (!text || !*text)
        return normal * mebibyte;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end || *text < '0' || *text > '9' || errno || value > UINT64_MAX / mebibyte) {
        ame__warn("AME_RECORD_MAX=%s is not a number of MiB; %llu is used", text,
                  (unsigned long long)normal);
        return normal * mebibyte;
    }
    return value * mebibyte;
}

static char *absolute(const char *path) {
    if (*path == '/')
        return strdup(path);
    char *directory = getcwd(NULL, 0), *result = NULL;
    if (directory && asprintf(&result, "%s/%s", directory, path) < 0)
        result = NULL;
    free(directory);
    return result;
}

/* Of the recording before. */
static void forget(void) {
    if (file.descriptor >= 0 && still_ours())
        close(file.descriptor);
    free(file.path);
    file.descriptor = -1;
    file.closed = false;
    file.offset = file.events = 0;
    ame__names_clear(&file.names);
    ame__modules_free(&file.modules);
}

bool ame__file_open(const char *path) {
    struct guard guard = lock_file();
    forget();
    file.events_limit = limit_from_environment();
    file.path = absolute(path);
    if (!file.path)
        ame__warn("cannot create the recording %s: %s; the program runs without one", path,
                  strerror(errno));
    bool opened = file.path && open_file(true);
    unlock_file(guard);
    return opened;
}

bool ame__file_append(uint32_t kind, const void *head, size_t head_size, const void *tail,
                      size_t tail_size) {
    struct guard guard = lock_file();
    bool written = append(kind, head, head_size, tail, tail_size);
    unlock_file(guard);
    return written;
}

bool ame__file_append_two(const struct ame__chunk *first, const struct ame__chunk *second) {
    struct ame__chunk_header headers[] = {{first->kind, (uint32_t)first->size},
                                          {second->kind, (uint32_t)second->size}};
    struct iovec pieces[] = {{&headers[0], sizeof headers[0]},
                             {(void *)first->data, first->size},
                             {&headers[1], sizeof headers[1]},
                             {(void *)second->data, second->size}};
    struct guard guard = lock_file();
    bool written = can_append() && write_pieces(pieces, 4);
    unlock_file(guard);
    return written;
}

bool ame__file_append_events(const void *events, size_t size) {
    struct guard guard = lock_file();
    bool written =
        size <= file.events_limit - file.events && append(AME__CHUNK_EVENTS, events, size, NULL, 0);
    if (written)
        file.events += size;
    unlock_file(guard);
    return written;
}

static bool named(const void *address) {
    struct guard guard = lock_file();
    bool found = file.closed || ame__names_contain(&file.names, address);
    unlock_file(guard);
    return found;
}

void ame__file_name_block(const struct ame_abi_block *block) {
    if (named(block))
        return;
    /* A block that is new may be one of a module that is. */
    struct guard guard = protect();
    struct ame__modules modules;
    ame__modules_list(&modules);
    pthread_mutex_lock(&file_lock);
    append_new_modules(&modules);
    append_block(block);
    pthread_mutex_unlock(&file_lock);
    ame__modules_free(&modules);
    unprotect(guard);
}

void ame__file_name_text(const char *text) {
    if (named(text))
        return;
    struct ame__text_chunk chunk = {(uint64_t)text};
    char copy[256];
    snprintf(copy, sizeof copy, "%s", text);
    struct guard guard = lock_file();
    if (append(AME__CHUNK_TEXT, &chunk, sizeof chunk, copy, strlen(copy) + 1))
        ame__names_add(&file.names, text);
    unlock_file(guard);
}

void ame__file_clock(bool end) {
    struct guard guard = protect();
    struct ame__modules modules = {0};
    if (end)
        ame__modules_list(&modules);
    pthread_mutex_lock(&file_lock);
    if (file.descriptor >= 0) { /* else a child that has recorded nothing */
        append_new_modules(&modules);
        struct ame__clock_chunk now = read_clocks();
        append(end ? AME__CHUNK_END : AME__CHUNK_CLOCK, &now, sizeof now, NULL, 0);
    }
    file.closed |= end;
    pthread_mutex_unlock(&file_lock);
    ame__modules_free(&modules);
    unprotect(guard);
}

/* ---- fork ---- */

void ame__file_before_fork(void) {
    pthread_mutex_lock(&file_lock);
}

void ame__file_after_fork_in_parent(void) {
    pthread_mutex_unlock(&file_lock);
}

void ame__file_after_fork_in_child(void) {
    if (file.descriptor >= 0 && still_ours())
        close(file.descriptor);
    file.descriptor = -1;
    file.offset = 0;
    file.events = 0;
    ame__names_clear(&file.names);
    ame__modules_free(&file.modules);
    pthread_mutex_unlock(&file_lock);
}
