#define _GNU_SOURCE
#include "events/modules.h"

#include "base/log.h"

#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The file that a module was loaded from, or NULL (the kernel's own has none). */
static char *module_path(const char *name) {
    return realpath(*name ? name : "/proc/self/exe", NULL);
}

static int list_module(struct dl_phdr_info *info, size_t size, void *argument) {
    struct ame__modules *modules = argument;
    (void)size;
    char *path = module_path(info->dlpi_name);
    struct stat file;
    if (!path || stat(path, &file)) {
        free(path);
        return 0;
    }
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !segment->p_memsz || !AME__LOG_RESERVE(modules))
            continue;
        char *copy = strdup(path);
        if (!copy)
            continue;
        struct ame__module_chunk chunk = {
            .start = info->dlpi_addr + segment->p_vaddr,
            .end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz,
            .bias = info->dlpi_addr,
            .file_size = (uint64_t)file.st_size,
            .file_mtime_ns =
                (uint64_t)file.st_mtim.tv_sec * 1000000000u + (uint64_t)file.st_mtim.tv_nsec,
        };
        modules->entries[modules->count++] = (struct ame__module){chunk, copy};
    }
    free(path);
    return 0;
}

void ame__modules_list(struct ame__modules *modules) {
    *modules = (struct ame__modules){0};
    dl_iterate_phdr(list_module, modules);
}

void ame__modules_free(struct ame__modules *modules) {
    for (size_t i = 0; i < modules->count; i++)
        free(modules->entries[i].path);
    free(modules->entries);
    *modules = (struct ame__modules){0};
}
