/* The log of what a block has read (stm/read_set.h), as barriers and reads in line write it. */
#include "block.h"
#include "stm/read_set.h"

enum { STRIPES = 300 };
static _Alignas(4096) char data[STRIPES * AME__STRIPE_SIZE];

static const char code[2]; /* stands for places in it */

/* As a read in line does, whose stripe is not in the read set yet. */
static void enter_in_line(const char *address, const void *place) {
    struct ame_tx *tx = ame__self;
    cr_assert_lt(tx->reads_next, tx->reads_in_line);
    uint32_t orec = ame__orec_index(address);
    ame__add_read_bits(&tx->read_bits[orec / 64], UINT64_C(1) << orec % 64);
    *tx->reads_next++ = (struct ame__read_entry){.address = address, .place = (uintptr_t)place};
}

static void fill_log_in_line(const void *place, int step) {
    while (ame__self->reads_next < ame__self->reads_in_line) {
        size_t stripe = ame__stripes_read(ame__self) * (size_t)step;
        enter_in_line(data + stripe * AME__STRIPE_SIZE + 8, place);
    }
}

static size_t entries(void) {
    return (size_t)(ame__self->reads_next - ame__self->reads);
}

static void read_by_call(size_t stripe) {
    ame_abi_read_u64(data + stripe * AME__STRIPE_SIZE + 8);
}

static void walks_in_line(void *args) {
    (void)args;
    read_by_call(0);
    fill_log_in_line(code, 1);
    size_t stripes = ame__stripes_read(ame__self);
    cr_assert_eq(entries(), stripes);
    const struct ame__read_entry *room = ame__self->reads_end;
    read_by_call(stripes); /* finds no room */
    cr_assert_eq(ame__self->reads_end, room, "there is, once the walk is one entry");
    cr_assert_eq(ame__stripes_read(ame__self), stripes + 1);
    cr_assert_eq(entries(), 3);
    const struct ame__read_entry *walk = &ame__self->reads[1];
    cr_assert_eq(walk->address, data + AME__STRIPE_SIZE + 8);
    cr_assert_eq(walk->place, (uintptr_t)code);
    cr_assert_eq(walk->more + 1, stripes - 1);
    cr_assert_lt(ame__self->reads_next, ame__self->reads_in_line, "and reads in line go on");
}

static void check_that_nothing_is_left(void) {
    cr_assert_not(ame__has_read(ame__self));
    cr_assert_eq(ame__stripes_read(ame__self), 0);
    for (size_t i = 0; i < AME__OREC_COUNT / 64; i++)
        cr_assert_eq(ame__self->read_bits[i], 0);
}

Test(read_set, a_walk_in_line_becomes_one_entry_when_the_log_is_full, .init = software_only) {
    run_block(walks_in_line, NULL);
    check_that_nothing_is_left();
}

static void reads_here_and_there(void *args) {
    (void)args;
    read_by_call(0);
    fill_log_in_line(code, 2);
    size_t stripes = ame__stripes_read(ame__self),
           room = (size_t)(ame__self->reads_end - ame__self->reads);
    read_by_call(1);
    cr_assert_eq((size_t)(ame__self->reads_end - ame__self->reads), 2 * room);
    cr_assert_eq(entries(), stripes + 1, "nothing to join");
    cr_assert_eq(ame__self->reads_in_line, ame__self->reads_end);
}

Test(read_set, else_the_log_grows, .init = software_only) {
    run_block(reads_here_and_there, NULL);
    check_that_nothing_is_left();
}

static void reads_at_two_places(void *args) {
    (void)args;
    read_by_call(0);
    size_t count = 0;
    while (ame__self->reads_next < ame__self->reads_in_line) {
        size_t stripe = ame__stripes_read(ame__self);
        enter_in_line(data + stripe * AME__STRIPE_SIZE, &code[stripe % 2]);
        count++;
    }
    read_by_call(count + 1);
    cr_assert_eq(entries(), count + 2, "a report names the place of each");
}

Test(read_set, what_two_accesses_read_is_not_joined, .init = software_only) {
    run_block(reads_at_two_places, NULL);
    check_that_nothing_is_left();
}

/* ---- when reads in line may enter something ---- */

static void hides(void *args) {
    (void)args;
    cr_assert_null(ame__self->reads_in_line, "not before the block has entered");
    read_by_call(0);
    cr_assert_eq(ame__load_relaxed(&ame__self->traces), AME__HIDDEN);
    cr_assert_eq(ame__self->reads_in_line, ame__self->reads_end);
}

static void names(void *args) {
    (void)args;
    read_by_call(0);
    cr_assert_eq(ame__load_relaxed(&ame__self->traces), AME__NAMED);
    cr_assert_null(ame__self->reads_in_line, "each leaves a trace");
}

static void shows(void *args) {
    (void)args;
    read_by_call(0);
    cr_assert_eq(ame__load_relaxed(&ame__self->traces), AME__SHOWN);
    cr_assert_null(ame__self->reads_in_line, "each leaves a trace");
}

Test(read_set, only_hidden_reads_enter_it_in_line, .init = software_only) {
    run_block(hides, NULL);
    cr_assert_null(ame__self->reads_in_line);
    ame__self->blocks_to_name = 10;
    run_block(names, NULL);
    cr_assert_null(ame__self->reads_in_line);
    ame__self->shows_reads = true;
    run_block(shows, NULL);
    cr_assert_null(ame__self->reads_in_line);
    ame__self->shows_reads = false;
}

/* ---- its size ---- */

Test(read_set, takes_64_MB_at_most) {
    cr_assert_leq(sizeof(struct ame__read_entry) * AME__OREC_COUNT, 64 << 20);
}
