/* Where nodes lie: B1 to B3 of nodes/slabs.h, and what happens without addresses or memory. */
#include "nodes/nodes.h"
#include "nodes/slabs.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { REGION = 1 << 21, PAGE = 4096, LARGE = 1024, LARGE_SIZE = AME__SLAB_SIZES - 1 };

static void reserve(void) {
    ame__reserve_slabs();
    cr_assert_neq(ame__load_relaxed(&ame__slabs_begin), -2 * AME__SLABS_RESERVED);
}
TestSuite(slabs, .init = reserve);

/* 32, 48, 64, 128, 192 ... 1024 bytes. */
static uint32_t bytes_of(uint32_t size) {
    return size < 3 ? 32 + 16 * size : 64 * (size - 1);
}

static void *take(uint32_t size) {
    void *node = NULL;
    ame__take_from_slabs(size, bytes_of(size), &node, 1);
    return node;
}

static uint64_t state = 88172645463325252;

static uint32_t random_number(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 11) % below);
}

/* ---- what is taken ---- */

Test(slabs, nodes_lie_apart_and_on_few_lines) {
    enum { NODES = 3000, MOST = 40 };
    static struct {
        void *node;
        uint32_t size;
    } held[NODES];
    uint64_t bytes = 0;
    for (int round = 0; round < 200000; round++) {
        uint32_t i = random_number(NODES), size = random_number(AME__SLAB_SIZES);
        if (held[i].node) {
            const unsigned char *node = held[i].node;
            for (uint32_t b = 0; b < bytes_of(held[i].size); b++)
                cr_assert_eq(node[b], (unsigned char)i, "another node lies over it");
            bytes -= bytes_of(held[i].size);
            ame__give_to_slabs(&held[i].node, 1);
            held[i].node = NULL;
            continue;
        }
        void *node = take(size);
        cr_assert(ame__is_of_slab(node));
        cr_assert_eq((uintptr_t)node % (size < 2 ? 16 : 64), 0);
        cr_assert_eq(ame__size_in_slab(node), size);
        cr_assert_eq(ame__bytes_in_slab(node), bytes_of(size));
        memset(node, (int)i, bytes_of(size));
        held[i].node = node;
        held[i].size = size;
        bytes += bytes_of(size);
    }
    cr_assert_eq(ame__slab_bytes(), bytes);
}

Test(slabs, many_at_once_come_from_the_end_on) {
    void *nodes[40];
    for (int i = 0; i < 40; i++)
        nodes[i] = NULL;
    cr_assert_eq(ame__take_from_slabs(3, bytes_of(3), nodes, 40), 40);
    for (int i = 1; i < 40; i++)
        cr_assert_eq((char *)nodes[i - 1] - (char *)nodes[i], bytes_of(3));
}

/* ---- what is given ---- */

enum { MANY = 100 * (REGION / LARGE) };
static void *many[MANY];

static void take_many(uint32_t size) {
    for (int i = 0; i < MANY; i++) {
        many[i] = take(size);
        cr_assert(many[i]);
        memset(many[i], 1, bytes_of(size));
    }
}

static uintptr_t highest(void) {
    uintptr_t node = 0;
    for (int i = 0; i < MANY; i++)
        if ((uintptr_t)many[i] > node)
            node = (uintptr_t)many[i];
    return node;
}

Test(slabs, that_are_free_serve_any_size) {
    take_many(LARGE_SIZE);
    uintptr_t end = highest();
    ame__give_to_slabs(many, MANY);
    cr_assert_eq(ame__slab_bytes(), 0);
    take_many(LARGE_SIZE - 1);
    cr_assert_leq(highest(), end);
}

/* Of the regions up to `end`, how many have any memory. */
static int regions_with_memory(uintptr_t end) {
    int count = 0;
    for (uintptr_t region = ame__slabs_begin; region <= end; region += REGION) {
        unsigned char pages[REGION / PAGE];
        cr_assert_eq(mincore((void *)region, REGION, pages), 0);
        count += memchr(pages, 1, sizeof pages) != NULL;
    }
    return count;
}

Test(slabs, that_are_free_go_back_but_for_some) {
    enum { KEPT = 32 };
    take_many(LARGE_SIZE);
    uintptr_t end = highest();
    int all = regions_with_memory(end);
    cr_assert_geq(all, 100);
    ame__give_to_slabs(many, MANY / 3);
    cr_assert_eq(regions_with_memory(end), all, "no more are free than are not");
    ame__give_to_slabs(many + MANY / 3, MANY - MANY / 3);
    cr_assert_eq(regions_with_memory(end), KEPT);
    ame__give_back_slabs();
    cr_assert_eq(regions_with_memory(end), 1);
    take_many(LARGE_SIZE);
    cr_assert_eq(highest(), end);
}

/* ---- pages ---- */

/* What the system says of the memory around an address. */
static bool is_on_huge_pages(const void *address) {
    FILE *maps = fopen("/proc/self/smaps", "r");
    char line[512];
    bool inside = false, huge = false;
    while (fgets(line, sizeof line, maps)) {
        uintptr_t begin, end;
        if (sscanf(line, "%lx-%lx", &begin, &end) == 2)
            inside = begin <= (uintptr_t)address && (uintptr_t)address < end;
        else if (inside && !strncmp(line, "VmFlags:", 8))
            huge = strstr(line, " hg") != NULL;
    }
    fclose(maps);
    return huge;
}

Test(slabs, the_first_region_is_on_small_pages) {
    int i = 0;
    do
        cr_assert_lt(i, MANY);
    while ((uintptr_t)(many[i++] = take(LARGE_SIZE)) < ame__slabs_begin + REGION);
    cr_assert_not(is_on_huge_pages(many[0]));
    cr_assert(is_on_huge_pages(many[i - 1]) || access("/sys/kernel/mm/transparent_hugepage", F_OK));
}

/* ---- without ---- */

static void limit(int resource, rlim_t most) {
    struct rlimit limits;
    getrlimit(resource, &limits);
    limits.rlim_cur = most;
    cr_assert_eq(setrlimit(resource, &limits), 0);
}

Test(no_slabs, nodes_are_of_malloc) {
    if (AME__ASAN)
        return;
    limit(RLIMIT_AS, UINT64_C(1) << 34);
    void *node = ame__take_node(16);
    cr_assert(node);
    cr_assert_not(ame__is_of_slab(node));
    cr_assert_geq(ame__usable_size(node), 128);
    ame__drop_node(node);
}

/* In the end malloc gets none either. */
Test(slabs, without_memory_there_are_no_nodes) {
    if (AME__ASAN)
        return;
    static void *nodes[1 << 20];
    int count = 0;
    limit(RLIMIT_DATA, UINT64_C(1) << 26);
    while (count < 1 << 20 && (nodes[count] = ame__take_node(128)))
        memset(nodes[count++], 1, 1024);
    cr_assert_gt(count, 1 << 14);
    cr_assert_lt(count, 1 << 20);
    for (int i = 0; i < count; i++)
        ame__give_node(nodes[i], 128);
    int again = 0;
    while (again < count && (nodes[again] = ame__take_node(128)))
        again++;
    cr_assert_geq(again, count - 100, "but for what magazines take: %d of %d", again, count);
}
