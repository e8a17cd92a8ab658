/* Compresses and decompresses 200 KB in blocks; all buffers and streams are global. */
#include "blocks.h"

#include <lz4.h>
#include <lz4frame.h>
#include <lz4hc.h>

enum { SIZE = 200000, CHUNK = 20000 };
static char text[SIZE], packed[2 * SIZE], unpacked[SIZE];
static int packed_size, unpacked_size;

/* Words that come again, and now and then noise. */
static void fill(void) {
    uint32_t random = 1;
    for (int i = 0; i < SIZE;) {
        random = random * 1664525 + 1013904223;
        int word = (int)(random >> 24) % 97, length = 3 + word % 11;
        for (int j = 0; j < length && i < SIZE; j++, i++)
            text[i] = (char)(random >> 28 ? 'a' + (word * 7 + j * j) % 26 : random >> j);
    }
}

static void report(const char *what) {
    printf("%s: %d bytes, digest %" PRIx64 ", %s\n", what, packed_size,
           digest(0, packed, (size_t)packed_size),
           unpacked_size == SIZE && !memcmp(text, unpacked, SIZE) ? "the same again" : "DIFFERENT");
    memset(unpacked, 0, SIZE);
}

static void at_once(void) {
    atomic {
        packed_size = LZ4_compress_default(text, packed, SIZE, sizeof packed);
        unpacked_size = LZ4_decompress_safe(packed, unpacked, packed_size, SIZE);
    }
    ran_in_software("at once");
    report("at once");
}

static void thoroughly(void) {
    atomic {
        packed_size = LZ4_compress_HC(text, packed, SIZE, sizeof packed, 9);
        unpacked_size = LZ4_decompress_safe(packed, unpacked, packed_size, SIZE);
    }
    ran_in_software("thoroughly");
    report("thoroughly");
}

/* The stream's state goes from block to block. */
static void in_chunks(void) {
    LZ4_stream_t *stream;
    LZ4_streamDecode_t *back;
    atomic {
        stream = LZ4_createStream();
        back = LZ4_createStreamDecode();
        packed_size = unpacked_size = 0;
    }
    for (int at = 0; at < SIZE; at += CHUNK)
        atomic {
            int size = LZ4_compress_fast_continue(stream, text + at, packed + packed_size, CHUNK,
                                                  (int)sizeof packed - packed_size, 2);
            unpacked_size += LZ4_decompress_safe_continue(back, packed + packed_size, unpacked + at,
                                                          size, CHUNK);
            packed_size += size;
        }
    atomic {
        LZ4_freeStream(stream);
        LZ4_freeStreamDecode(back);
    }
    ran_in_software("in chunks");
    report("in chunks");
}

/* A frame with checksums, from contexts that the block allocates and frees. */
static void framed(void) {
    LZ4F_preferences_t preferences = LZ4F_INIT_PREFERENCES;
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled;
    atomic {
        size_t taken, written = SIZE;
        LZ4F_dctx *context;
        taken = LZ4F_compressFrame(packed, sizeof packed, text, SIZE, &preferences);
        packed_size = (int)taken;
        LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
        if (LZ4F_decompress(context, unpacked, &written, packed, &taken, NULL))
            written = 0;
        LZ4F_freeDecompressionContext(context);
        unpacked_size = (int)written;
    }
    ran_in_software("framed");
    report("framed");
}

int main(void) {
    fill();
    at_once();
    thoroughly();
    in_chunks();
    framed();
}
