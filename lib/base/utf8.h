/* UTF-8 and the two foldings that search stands on, from fixed tables (Unicode 15.0), never from the locale. */
#ifndef HC__BASE_UTF8_H
#define HC__BASE_UTF8_H

#include <stdbool.h>
#include "base/buf.h"

/* True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). *points: code points. */
bool hc__utf8_check(const char *text, size_t size, size_t *points);
/* The next code point of checked text at *at, which is advanced. */
uint32_t hc__utf8_next(const char *text, size_t size, size_t *at);
size_t hc__utf8_put(char out[4], uint32_t point);

/* Unicode simple case folding (CaseFolding.txt, statuses C and S). */
uint32_t hc__fold(uint32_t point);
/* Simple fold, then the base letter of a canonical decomposition; 0 for a combining mark, which is dropped. */
uint32_t hc__fold_plain(uint32_t point);
bool hc__is_word(uint32_t point); /* letter or digit (general categories L*, N*) */
bool hc__is_mark(uint32_t point); /* general category M* */

/* The `*_norm` key of a text: each code point simple-folded, nothing else. Appends to `out`. */
void hc__text_norm(hc__buf *out, const char *text, size_t size);

/* Calls `word` for each search word of a text: a run of letters, digits and marks, each hc__fold_plain()ed, at most 32
 * code points (the rest of a longer run is dropped). `coded` is its stored form: "zq" and an injective,
 * prefix-preserving coding in [a-z0-9], at most 80 bytes, NUL-terminated. Stops when `word` returns false. */
typedef bool (*hc__word_fn)(const char *coded, size_t size, void *data);
void hc__text_words(const char *text, size_t size, hc__word_fn word, void *data);

#endif
