/* Which words of q stand in a text: the same answer as cutting the text with hc__text_words(), sooner. */
#ifndef HC__QUERY_SEEK_H
#define HC__QUERY_SEEK_H

#include "query/expr.h"

#define HC__SEEK_POINTS 32 /* a word is cut there */

typedef struct hc__sought {
    const char *coded; /* '*' behind a prefix */
    size_t coded_size; /* without it */
    size_t size;       /* of `plain` */
    bool prefix;
    bool is_plain;               /* ASCII: may stand in a text that is */
    char plain[HC__SEEK_POINTS]; /* lower-case letters and digits */
} hc__sought;

typedef struct hc__seeker {
    hc__sought words[HC__WORD_LIMIT];
    size_t count;
    size_t least; /* bytes of a text that can hold one of them */
    uint32_t all; /* bit i: word i */
} hc__seeker;

void hc__seeker_init(hc__seeker *seeker, const char *const *words, size_t count);
/* `found` and the words that stand in `text`. */
uint32_t hc__seek(const hc__seeker *seeker, uint32_t found, const char *text, size_t size);

#endif
