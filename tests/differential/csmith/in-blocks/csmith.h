/* Stands before csmith's own header: what main() of a generated program does with the globals
 * then happens in blocks, and the program says at its end how its blocks ran. */
#ifndef IN_BLOCKS_CSMITH_H
#define IN_BLOCKS_CSMITH_H

#include_next <csmith.h>

#include "report.h"

#define IN_A_BLOCK(statement)                                                                      \
    do {                                                                                           \
        atomic {                                                                                   \
            statement;                                                                             \
        }                                                                                          \
    } while (0)
#define crc32_gentab() IN_A_BLOCK(crc32_gentab())
#define transparent_crc(value, name, print) IN_A_BLOCK(transparent_crc(value, name, print))
#define transparent_crc_bytes(from, size, name, print)                                             \
    IN_A_BLOCK(transparent_crc_bytes(from, size, name, print))

#endif
