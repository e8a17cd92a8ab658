/* What an aborted attempt has written is undone, exactly. */
#include "block.h"
#include "core/tx.h"

static struct {
    unsigned char bytes[256];
} data __attribute__((aligned(64)));
static int attempts;
static unsigned char before[256];

/* Random writes of all kinds; the first attempt aborts after them. */
static void scribbles(void *args) {
    unsigned seed = *(unsigned *)args;
    unsigned char junk[100];
    memset(junk, 0xAB, sizeof junk);
    for (int i = 0; i < 300; i++) {
        unsigned char *to = data.bytes + rand_r(&seed) % 120;
        switch (rand_r(&seed) % 7) {
        case 0:
            ame_abi_write_u8(to, (uint8_t)i);
            break;
        case 1:
            ame_abi_write_u16(to, (uint16_t)(i * 77));
            break;
        case 2:
            ame_abi_write_u32(to, (uint32_t)i * 7777777);
            break;
        case 3:
            ame_abi_write_u64(to, (uint64_t)i * 0x123456789ABCDEF);
            break;
        case 4:
            ame_abi_write(to, junk, (size_t)rand_r(&seed) % 100);
            break;
        case 5:
            ame_abi_fill(to, i, (size_t)rand_r(&seed) % 100);
            break;
        case 6:
            ame_abi_copy(to, data.bytes + rand_r(&seed) % 120, (size_t)rand_r(&seed) % 100);
            break;
        case 7: {
            unsigned char copy[100];
            size_t size = (size_t)rand_r(&seed) % sizeof copy;
            ame_abi_read_for_write(copy, to, size);
            cr_assert_arr_eq(copy, to, size);
            ame_abi_write_back(to, junk, size);
            break;
        }
        }
    }
    if (++attempts == 1)
        ame__tx_abort(ame__self, AME__ABORT_READ_CHANGED);
    cr_assert_eq(attempts, 2);
}

static void checks_then_scribbles(void *args) {
    if (attempts == 1)
        cr_assert_arr_eq(data.bytes, before, sizeof before);
    scribbles(args);
}

Test(undo, every_byte_is_back_before_the_next_attempt, .init = software_only) {
    for (unsigned seed = 1; seed < 200; seed++) {
        attempts = 0;
        for (size_t i = 0; i < sizeof before; i++)
            before[i] = data.bytes[i] = (unsigned char)(i * seed);
        run_block(checks_then_scribbles, &seed);
        cr_assert_eq(attempts, 2);
    }
}

/* Neighbours of a written byte may be changed outside blocks meanwhile. */
static void writes_odd_bytes(void *args) {
    (void)args;
    for (int i = 1; i < 64; i += 2)
        ame_abi_write_u8(&data.bytes[i], 99);
    if (++attempts == 1) {
        for (int i = 0; i < 64; i += 2)
            data.bytes[i] = 7; /* as another thread would */
        ame__tx_abort(ame__self, AME__ABORT_READ_CHANGED);
    }
}

Test(undo, touches_no_byte_that_was_not_written, .init = software_only) {
    attempts = 0;
    memset(&data, 1, sizeof data);
    run_block(writes_odd_bytes, NULL);
    for (int i = 0; i < 64; i++)
        cr_assert_eq(data.bytes[i], i % 2 ? 99 : 7);
}

/* Writes to frames of functions that the block calls are not undone: when an
 * abort comes, these frames may be those of the undoing functions. */
__attribute__((noinline)) static uint64_t writes_own_frame(void) {
    volatile uint64_t local[64];
    for (int i = 0; i < 64; i++)
        ame_abi_write_u64((void *)&local[i], 0x4141414141414141);
    return local[63];
}

static void fills_frames_and_aborts(void *args) {
    (void)args;
    writes_own_frame();
    cr_assert_eq(ame__self->undo.count, 0);
    cr_assert_eq(ame__self->locks.count, 0);
    if (++attempts == 1)
        ame__tx_abort(ame__self, AME__ABORT_READ_CHANGED);
}

Test(undo, leaves_frames_below_the_block_alone, .init = software_only) {
    attempts = 0;
    run_block(fills_frames_and_aborts, NULL);
    cr_assert_eq(attempts, 2);
}
