/* Barriers against plain accesses: all sizes, alignments and overlaps. */
#include "block.h"
#include "core/orec.h"
#include "stm/read_set.h"

static unsigned char data[512] __attribute__((aligned(64))), model[512];

static void reads_and_writes_everywhere(void *args) {
    (void)args;
    unsigned seed = 5;
    for (int i = 0; i < 20000; i++) {
        unsigned offset = (unsigned)rand_r(&seed) % 300, other = (unsigned)rand_r(&seed) % 300;
        size_t size = (size_t)rand_r(&seed) % 200;
        uint64_t value = (uint64_t)rand_r(&seed) * 0x100000001, expected = 0;
        unsigned char buffer[200];
        switch (rand_r(&seed) % 9) {
        case 0:
            cr_assert_eq(ame_abi_read_u8(data + offset), model[offset]);
            break;
        case 1:
            memcpy(&expected, model + offset, 2);
            cr_assert_eq(ame_abi_read_u16(data + offset), expected);
            break;
        case 2:
            memcpy(&expected, model + offset, 4);
            cr_assert_eq(ame_abi_read_u32(data + offset), expected);
            break;
        case 3:
            memcpy(&expected, model + offset, 8);
            cr_assert_eq(ame_abi_read_u64(data + offset), expected);
            break;
        case 4:
            ame_abi_write_u64(data + offset, value);
            memcpy(model + offset, &value, 8);
            break;
        case 5:
            ame_abi_write_u16(data + offset, (uint16_t)value);
            memcpy(model + offset, &value, 2);
            break;
        case 6:
            ame_abi_copy(data + offset, data + other, size);
            memmove(model + offset, model + other, size);
            break;
        case 7:
            ame_abi_fill(data + offset, (int)value, size);
            memset(model + offset, (int)value, size);
            break;
        case 8:
            ame_abi_read(buffer, data + offset, size);
            cr_assert_arr_eq(buffer, model + offset, size);
            break;
        }
    }
}

Test(barriers, agree_with_plain_accesses, .init = software_only) {
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = model[i] = (unsigned char)(i * 7);
    run_block(reads_and_writes_everywhere, NULL);
    cr_assert_arr_eq(data, model, sizeof data);
}

static size_t stripes_in_read_set(void) {
    size_t sum = 0;
    AME__EACH_READ (ame__self, read)
        sum += read->more + 1;
    cr_assert_eq(sum, ame__stripes_read(ame__self));
    return sum;
}

static void reads_two_stripes_often(void *args) {
    (void)args;
    for (int i = 0; i < 1000; i++)
        ame_abi_read_u8(data + i % 128);
    cr_assert_eq(stripes_in_read_set(), 2);
}

Test(barriers, a_stripe_enters_the_read_set_once, .init = software_only) {
    run_block(reads_two_stripes_often, NULL);
}

static void reads_more_than_the_table(void *args) {
    const char *large = args;
    for (size_t i = 0; i < (size_t)AME__OREC_COUNT * 2 * AME__STRIPE_SIZE; i += AME__STRIPE_SIZE)
        ame_abi_read_u8(large + i);
    cr_assert_eq(stripes_in_read_set(), AME__OREC_COUNT);
    /* One access that walks through memory: as few entries as there can be, and one more where the
     * table ends. */
    cr_assert_leq(ame__self->reads_next - ame__self->reads,
                  AME__OREC_COUNT / (AME__MOST_READ_MORE + 1) + 1);
}

Test(barriers, the_read_set_is_bounded_by_the_table, .init = software_only) {
    char *large = calloc((size_t)AME__OREC_COUNT * 2, AME__STRIPE_SIZE);
    run_block(reads_more_than_the_table, large);
    for (size_t i = 0; i < AME__OREC_COUNT / 64; i++)
        cr_assert_eq(ame__self->read_bits[i], 0);
    free(large);
}
