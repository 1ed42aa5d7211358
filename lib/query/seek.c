#include "query/seek.h"

#include <string.h>
#include "base/utf8.h"

/* The coded form spells ASCII as it is but for z, which is doubled; z before anything else begins another code point.
 */
static bool plain_of(hc__sought *word)
{
    for (size_t i = 2; i < word->coded_size; i++) {
        if (word->coded[i] == 'z' && (++i == word->coded_size || word->coded[i] != 'z'))
            return false;
        if (word->size == HC__SEEK_POINTS)
            return false;
        word->plain[word->size++] = word->coded[i];
    }
    return true;
}

void hc__seeker_init(hc__seeker *seeker, const char *const *words, size_t count)
{
    *seeker = (hc__seeker){.count = count};
    for (size_t i = 0; i < count; i++) {
        hc__sought *word = &seeker->words[i];
        size_t size = strlen(words[i]);

        word->coded = words[i];
        word->prefix = words[i][size - 1] == '*';
        word->coded_size = size - word->prefix;
        word->is_plain = plain_of(word);
        seeker->all |= UINT32_C(1) << i;
    }
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

/* A letter or digit in lower case; 0 for what stands between words. */
static const char folded[128] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8',
    ['9'] = '9', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h',
    ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q',
    ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
    ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i',
    ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r',
    ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
};

static bool is_plain(const char *text, size_t size)
{
    uint64_t seen = 0;
    size_t at = 0;

    for (; size - at >= 8; at += 8) {
        uint64_t eight;

        memcpy(&eight, text + at, 8);
        seen |= eight;
    }
    for (; at < size; at++)
        seen |= (uint64_t)(uint8_t)text[at];
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

static bool is_word(const hc__sought *word, const char *text, size_t size)
{
    if (size > HC__SEEK_POINTS)
        size = HC__SEEK_POINTS;
    if (word->prefix ? size < word->size : size != word->size)
        return false;
    for (size_t i = 0; i < word->size; i++)
        if (folded[(uint8_t)text[i]] != word->plain[i])
            return false;
    return true;
}

static uint32_t seek_plain(const hc__seeker *seeker, uint32_t found, const char *text, size_t size)
{
    size_t at = 0;

    while (at < size && found != seeker->all) {
        size_t start;

        while (at < size && folded[(uint8_t)text[at]] == 0)
            at++;
        for (start = at; at < size && folded[(uint8_t)text[at]] != 0; at++)
            ;
        for (size_t i = 0; at > start && i < seeker->count; i++)
            if (seeker->words[i].is_plain && is_word(&seeker->words[i], text + start, at - start))
                found |= UINT32_C(1) << i;
    }
    return found;
}

uint32_t hc__seek(const hc__seeker *seeker, uint32_t found, const char *text, size_t size)
{
    seeking s = {seeker, found};

    if (found == seeker->all)
        return found;
    if (is_plain(text, size))
        return seek_plain(seeker, found, text, size);
    hc__text_words(text, size, on_word, &s);
    return s.found;
}
