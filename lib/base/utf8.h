/* UTF-8 and the two foldings that search stands on, from fixed tables (Unicode 14.0), never from the locale. */
#ifndef HC__BASE_UTF8_H
#define HC__BASE_UTF8_H

#include <stdbool.h>
#include "base/buf.h"

/* True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). *points: code points. */
bool hc__utf8_check(const char *text, size_t size, size_t *points);
/* The next code point of checked text at *at, which is advanced. */
uint32_t hc__utf8_next(const char *text, size_t size, size_t *at);
size_t hc__utf8_put(char out[4], uint32_t point);
bool hc__has_control(const char *text); /* general category Cc, C1 included */

/* For names and addresses that are ASCII: whatever the locale. */
static inline char hc__ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Unicode simple case folding (CaseFolding.txt, statuses C and S). */
uint32_t hc__fold(uint32_t point);
/* Simple fold, then the base letter of a canonical decomposition; 0 for a combining mark, which is dropped. What
 * decomposes into several letters (Hangul syllables) stays whole. */
uint32_t hc__fold_plain(uint32_t point);
bool hc__is_word(uint32_t point); /* letter or digit (general categories L*, N*) */
bool hc__is_mark(uint32_t point); /* general category M* */

/* The `*_norm` key of a text: each code point simple-folded, nothing else. Appends to `out`. */
void hc__text_norm(hc__buf *out, const char *text, size_t size);

/* Calls `word` for each search word of a text: a run of letters, digits and marks, each hc__fold_plain()ed, at most 32
 * code points after that (the rest of a longer run is dropped). `coded` is its stored form: "zq" and a coding in
 * [a-z0-9], at most 80 bytes in all, cut after a whole code point, NUL-terminated. Stops when `word` returns false.
 *
 * The coding, a code point at a time: [a-y0-9] is itself; z is "zz"; U+0080..U+04FF is "z", then two digits in base 36
 * of the distance from U+0080 (the first is 0-9a-v); the next 36^3 "zw" and three digits from U+0500; the next 36^3 "zx"
 * and three; the rest "zy" and four. No code is the start of another, so the coding is injective, and one coded word is
 * the start of another just when the word is. */
typedef bool (*hc__word_fn)(const char *coded, size_t size, void *data);
void hc__text_words(const char *text, size_t size, hc__word_fn word, void *data);

#endif
