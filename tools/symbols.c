#include "symbols.h"

#include "debuginfo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A module's file is opened when the first address in it is asked for. */
struct module {
    const struct trace_module *recorded;
    Dwfl *session; /* NULL until opened, or when that failed */
    Dwfl_Module *file;
    bool opened;
};

struct place {
    uint64_t address;
    struct symbol_location *location;
};

struct cache {
    ARRAY(struct place) places;
    struct index index; /* by address */
};

struct symbols {
    ARRAY(struct module) modules;
    struct cache instructions; /* asked for by symbols_at */
    struct cache functions;    /* asked for by symbols_function */
};

static char *debug_directories; /* NULL: the usual ones */
static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .debuginfo_path = &debug_directories,
};

struct symbols *symbols_new(const struct trace *trace) {
    struct symbols *symbols = must_resize(NULL, 1, sizeof *symbols);
    *symbols = (struct symbols){0};
    for (size_t i = 0; i < trace->modules.count; i++) {
        struct module module = {.recorded = &trace->modules.items[i]};
        ARRAY_PUSH(&symbols->modules, module);
    }
    return symbols;
}

static struct module *find_module(struct symbols *symbols, uint64_t address) {
    for (size_t i = symbols->modules.count; i-- > 0;) {
        struct module *module = &symbols->modules.items[i];
        const struct ame__module_chunk *segment = &module->recorded->segment;
        if (address >= segment->start && address < segment->end)
            return module;
    }
    return NULL;
}

static void open_module(struct module *module) {
    if (module->opened)
        return;
    module->opened = true;
    struct stat status; /* a recording may name anything: a pipe would keep the report waiting */
    if (stat(module->recorded->path, &status) || !S_ISREG(status.st_mode))
        return;
    module->session = dwfl_begin(&callbacks);
    if (!module->session)
        return;
    dwfl_report_begin(module->session);
    module->file = dwfl_report_elf(module->session, module->recorded->path, module->recorded->path,
                                   -1, module->recorded->segment.bias, true);
    dwfl_report_end(module->session, NULL, NULL);
}

Dwfl_Module *symbols_module(struct symbols *symbols, uint64_t address) {
    struct module *module = find_module(symbols, address);
    if (module)
        open_module(module);
    return module ? module->file : NULL;
}

static bool ends_name(const char *rest) {
    return !*rest || *rest == '.';
}

char *symbols_source_name(const char *name) {
    static const char twin[] = "ame_twin.", body[] = ".ame_body", renamed[] = ".llvm.";
    if (!strncmp(name, twin, strlen(twin)))
        name += strlen(twin);
    char *copy = must_copy(name);
    char *suffix = strstr(copy, body);
    if (suffix && ends_name(suffix + strlen(body)))
        *suffix = '\0';
    suffix = strstr(copy, renamed);
    if (suffix && suffix != copy)
        *suffix = '\0';
    return copy;
}

/* The least that can be said of an address. */
static char *name_without_debug_info(const struct module *module, uint64_t address) {
    GElf_Sym symbol;
    GElf_Off offset;
    if (!module)
        return must_print("0x%" PRIx64, address);
    const char *name = module->file ? dwfl_module_addrinfo(module->file, address, &offset, &symbol,
                                                           NULL, NULL, NULL)
                                    : NULL;
    if (name) {
        char *source_name = symbols_source_name(name);
        char *text = must_print("%s+0x%" PRIx64, source_name, (uint64_t)offset);
        free(source_name);
        return text;
    }
    const char *slash = strrchr(module->recorded->path, '/');
    return must_print("%s+0x%" PRIx64, slash ? slash + 1 : module->recorded->path,
                      address - module->recorded->segment.bias);
}

static struct symbol_location *one_frame(struct symbol_frame frame) {
    struct symbol_location *location = must_resize(NULL, 1, sizeof *location);
    location->frames = must_resize(NULL, 1, sizeof *location->frames);
    location->frames[0] = frame;
    location->count = 1;
    return location;
}

static struct symbol_location *look_up_place(struct symbols *symbols, uint64_t address) {
    struct module *module = find_module(symbols, address);
    struct symbol_location found;
    if (module)
        open_module(module);
    if (!module || !module->file || !debuginfo_frames(module->file, address, &found))
        return one_frame(
            (struct symbol_frame){.function = name_without_debug_info(module, address)});
    struct symbol_location *location = must_resize(NULL, 1, sizeof *location);
    *location = found;
    return location;
}

static struct symbol_location *look_up_function(struct symbols *symbols, uint64_t address) {
    struct module *module = find_module(symbols, address);
    struct symbol_frame frame = {0};
    if (module)
        open_module(module);
    if (!module || !module->file || !debuginfo_declaration(module->file, address, &frame))
        frame.function = name_without_debug_info(module, address);
    /* The address is the function's own: its name needs no offset. */
    size_t length = strlen(frame.function);
    if (length > 4 && !strcmp(frame.function + length - 4, "+0x0"))
        frame.function[length - 4] = '\0';
    return one_frame(frame);
}

struct place_key {
    const struct cache *cache;
    uint64_t address;
};

static bool place_equal(const void *context, size_t position) {
    const struct place_key *key = context;
    return key->cache->places.items[position].address == key->address;
}

/* Keeps what was looked up: the same places come again and again. */
static const struct symbol_location *
look_up_once(struct symbols *symbols, struct cache *cache, uint64_t address,
             struct symbol_location *look_up(struct symbols *, uint64_t)) {
    struct place_key key = {cache, address};
    size_t at = index_find(&cache->index, hash_word(0, address), place_equal, &key);
    if (at == INDEX_ABSENT) {
        at = cache->places.count;
        struct place found = {address, look_up(symbols, address)};
        index_add(&cache->index, hash_word(0, address), at);
        ARRAY_PUSH(&cache->places, found);
    }
    return cache->places.items[at].location;
}

const struct symbol_location *symbols_at(struct symbols *symbols, uint64_t address) {
    return look_up_once(symbols, &symbols->instructions, address, look_up_place);
}

const struct symbol_frame *symbols_function(struct symbols *symbols, uint64_t address) {
    return look_up_once(symbols, &symbols->functions, address, look_up_function)->frames;
}

static void free_cache(struct cache *cache) {
    for (size_t i = 0; i < cache->places.count; i++) {
        struct symbol_location *location = cache->places.items[i].location;
        for (size_t j = 0; j < location->count; j++) {
            free(location->frames[j].function);
            free(location->frames[j].file);
        }
        free(location->frames);
        free(location);
    }
    free(cache->places.items);
    index_free(&cache->index);
}

void symbols_free(struct symbols *symbols) {
    for (size_t i = 0; i < symbols->modules.count; i++)
        if (symbols->modules.items[i].session)
            dwfl_end(symbols->modules.items[i].session);
    free(symbols->modules.items);
    free_cache(&symbols->instructions);
    free_cache(&symbols->functions);
    free(symbols);
}
