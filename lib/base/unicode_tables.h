/* Made by unicode_tables.py from Unicode 14.0.0. Do not edit. */
#ifndef HC__BASE_UNICODE_TABLES_H
#define HC__BASE_UNICODE_TABLES_H

#include <stdint.h>

/* Mappings: to = point + deltas[delta[block[point / 64] * 64 + point % 64]]; points from the limit on map to
 * themselves. Classes: bit point % 256 of block[point / 256]; points from the limit on are not members. */
#define HC__FOLD_LIMIT 0x1e940U
extern const uint8_t hc__fold_block[1957];
extern const uint16_t hc__fold_delta[3520];
extern const int32_t hc__fold_deltas[99];

#define HC__PLAIN_LIMIT 0x2fa40U
extern const uint8_t hc__plain_block[3049];
extern const uint16_t hc__plain_delta[6656];
extern const int32_t hc__plain_deltas[1668];

#define HC__WORD_LIMIT 0x31400U
extern const uint8_t hc__word_block[788];
extern const uint32_t hc__word_bits[992];

#define HC__MARK_LIMIT 0xe0200U
extern const uint8_t hc__mark_block[3586];
extern const uint32_t hc__mark_bits[544];

#endif
