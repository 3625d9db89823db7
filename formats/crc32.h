/**
 * CRC-32 as in gzip and zip (polynomial 0xedb88320).
 */
#ifndef TALLY_FORMATS_CRC32_H
#define TALLY_FORMATS_CRC32_H

#include <stddef.h>
#include <stdint.h>

/** Go on with these bytes. @crc  what was returned before, 0 at the beginning */
uint32_t tally_crc32(uint32_t crc, const void *bytes, size_t len);

#endif
