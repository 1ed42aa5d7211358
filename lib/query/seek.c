#include "query/seek.h"

#include <string.h>
#include "base/utf8.h"

/* The coded form spells ASCII as it is but for z, which is doubled; z before anything else begins another code point.
 */
static bool plain_of(hc__sought *word)
{
    for (size_t i = 2; i < word->coded_size; i++) {
        if (word->coded[i] == 'z' && word->coded[++i] != 'z') /* a z is never the last */
            return false;
        if (word->size == HC__SEEK_POINTS)
            return false;
        word->plain[word->size++] = word->coded[i];
    }
    return true;
}

void hc__seeker_init(hc__seeker *seeker, const char *const *words, size_t count)
{
    size_t least = SIZE_MAX;

    *seeker = (hc__seeker){.count = count};
    for (size_t i = 0; i < count; i++) {
        hc__sought *word = &seeker->words[i];
        size_t size = strlen(words[i]);

        word->coded = words[i];
        word->prefix = words[i][size - 1] == '*';
        word->coded_size = size - word->prefix;
        word->is_plain = plain_of(word);
        seeker->all |= UINT32_C(1) << i;
        if (!word->is_plain)
            least = 0;
        else if (word->size < least)
            least = word->size;
    }
    seeker->least = least;
}

/* ---- any text ---- */

typedef struct seeking {
    const hc__seeker *seeker;
    uint32_t found;
} seeking;

static bool on_word(const char *coded, size_t size, void *data)
{
    seeking *s = data;

    for (size_t i = 0; i < s->seeker->count; i++) {
        const hc__sought *word = &s->seeker->words[i];

        if ((word->prefix ? size >= word->coded_size : size == word->coded_size) &&
            memcmp(coded, word->coded, word->coded_size) == 0)
            s->found |= UINT32_C(1) << i;
    }
    return s->found != s->seeker->all;
}

/* ---- ASCII ---- */

#define ONES      UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)
#define WINDOW    4096

static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Lower case, eight bytes at a time. False: not all of it is ASCII. */
static bool lowered(char out[WINDOW], const char *text, size_t size)
{
    uint64_t seen = 0;

    for (size_t at = 0; at < size; at += 8) {
        size_t part = size - at < 8 ? size - at : 8;
        uint64_t eight = 0, upper;

        memcpy(&eight, text + at, part);
        seen |= eight;
        upper = ((eight + (0x80 - 'A') * ONES) ^ (eight + (0x7f - 'Z') * ONES)) & HIGH_BITS;
        eight |= upper >> 2;
        memcpy(out + at, &eight, part);
    }
    return (seen & HIGH_BITS) == 0;
}

static bool stands_in(const hc__sought *word, const char *text, size_t size)
{
    size_t room = size < word->size ? 0 : size - word->size + 1; /* places where it can begin */
    const char *at = text, *end = text + room;

    while (at < end && (at = memchr(at, word->plain[0], (size_t)(end - at))) != NULL) {
        const char *after = at + word->size;
        bool whole = word->prefix || word->size == HC__SEEK_POINTS || after == text + size || !in_word(*after);

        if (whole && (at == text || !in_word(at[-1])) && memcmp(at, word->plain, word->size) == 0)
            return true;
        at++;
    }
    return false;
}

static uint32_t seek_plain(const hc__seeker *seeker, uint32_t found, const char *text, size_t size)
{
    for (size_t i = 0; i < seeker->count; i++) {
        uint32_t bit = UINT32_C(1) << i;

        if ((found & bit) == 0 && seeker->words[i].is_plain && stands_in(&seeker->words[i], text, size))
            found |= bit;
    }
    return found;
}

uint32_t hc__seek(const hc__seeker *seeker, uint32_t found, const char *text, size_t size)
{
    seeking s = {seeker, found};
    char window[WINDOW];

    if (found == seeker->all || size < seeker->least)
        return found;
    if (size <= WINDOW && lowered(window, text, size))
        return seek_plain(seeker, found, window, size);
    hc__text_words(text, size, on_word, &s);
    return s.found;
}
