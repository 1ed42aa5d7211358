#include "base/utf8.h"

#include <string.h>

#include "base/unicode_tables.h"

#define HIGH_BITS   UINT64_C(0x8080808080808080)
#define ONES        UINT64_C(0x0101010101010101)
#define WORD_POINTS 32
#define CODED_SIZE  80

uint32_t hc__fold(uint32_t point)
{
    size_t slot;

    if (point < 0x80)
        return (uint32_t)hc__ascii_lower((char)point);
    if (point >= HC__FOLD_LIMIT)
        return point;
    slot = (size_t)hc__fold_block[point / 64] * 64 + point % 64;
    return point + (uint32_t)hc__fold_deltas[hc__fold_delta[slot]];
}

uint32_t hc__fold_plain(uint32_t point)
{
    size_t slot;

    if (point < 0x80)
        return (uint32_t)hc__ascii_lower((char)point);
    if (hc__is_mark(point))
        return 0;
    if (point >= HC__PLAIN_LIMIT)
        return point;
    slot = (size_t)hc__plain_block[point / 64] * 64 + point % 64;
    return point + (uint32_t)hc__plain_deltas[hc__plain_delta[slot]];
}

bool hc__is_word(uint32_t point)
{
    if (point >= HC__WORD_LIMIT)
        return false;
    return (hc__word_bits[hc__word_block[point / 256] * 8U + point % 256 / 32] >> point % 32 & 1) != 0;
}

bool hc__is_mark(uint32_t point)
{
    if (point >= HC__MARK_LIMIT)
        return false;
    return (hc__mark_bits[hc__mark_block[point / 256] * 8U + point % 256 / 32] >> point % 32 & 1) != 0;
}

/* Lower-cases ASCII from text to out, eight bytes at a time; the number of bytes before the first that is not ASCII. */
static size_t lower_run(char *out, const char *text, size_t size)
{
    size_t at = 0;

    for (; size - at >= 8; at += 8) {
        uint64_t eight;
        uint64_t upper;

        memcpy(&eight, text + at, 8);
        if ((eight & HIGH_BITS) != 0)
            break;
        upper = ((eight + (0x80 - 'A') * ONES) ^ (eight + (0x7f - 'Z') * ONES)) & HIGH_BITS;
        eight |= upper >> 2;
        memcpy(out + at, &eight, 8);
    }
    for (; at < size && (text[at] & 0x80) == 0; at++)
        out[at] = hc__ascii_lower(text[at]);
    return at;
}

void hc__text_norm(hc__buf *out, const char *text, size_t size)
{
    size_t at = 0;

    while (at < size) {
        size_t run;

        /* For the rest if it is ASCII, and one code point that is not. */
        if (!hc__buf_reserve(out, size - at + 4))
            return;
        run = lower_run(out->data + out->size, text + at, size - at);
        out->size += run;
        at += run;
        if (at < size)
            out->size += hc__utf8_put(out->data + out->size, hc__fold(hc__utf8_next(text, size, &at)));
    }
    if (out->data != NULL)
        out->data[out->size] = '\0';
}

typedef struct word_code {
    char coded[CODED_SIZE + 1];
    size_t size;
    int points;
    bool full; /* a code point did not fit: none may follow, or a prefix would not stay one */
} word_code;

static void code_start(word_code *code)
{
    memcpy(code->coded, "zq", 2);
    code->size = 2;
    code->points = 0;
    code->full = false;
}

static void code_wide(word_code *code, uint32_t point)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    const uint32_t third = 36 * 36 * 36;
    uint32_t value = point - 0x80;
    char bytes[6] = {'z'};
    size_t size = 1;
    int places = 2;

    if (point == 'z') {
        bytes[size++] = 'z';
        places = 0;
    } else if (point >= 0x500) {
        uint32_t part = (point - 0x500) / third;

        value = part < 2 ? (point - 0x500) % third : point - 0x500 - 2 * third;
        bytes[size++] = (char)(part < 2 ? 'w' + (int)part : 'y');
        places = part < 2 ? 3 : 4;
    }
    for (int i = places - 1; i >= 0; i--) {
        bytes[size + (size_t)i] = digits[value % 36];
        value /= 36;
    }
    size += (size_t)places;
    if (code->size + size > CODED_SIZE) {
        code->full = true;
        return;
    }
    memcpy(code->coded + code->size, bytes, size);
    code->size += size;
}

static inline void code_point(word_code *code, uint32_t point)
{
    if (code->full || code->points == WORD_POINTS)
        return;
    code->points++;
    if (point >= 0x80 || point == 'z')
        code_wide(code, point);
    else if (code->size < CODED_SIZE)
        code->coded[code->size++] = (char)point;
    else
        code->full = true;
}

/* The plain form of an ASCII letter or digit, 0 for other bytes. */
static const char ascii_words[256] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8',
    ['9'] = '9', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h',
    ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q',
    ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
    ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i',
    ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r',
    ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z'};

static char ascii_word(char c)
{
    return ascii_words[(unsigned char)c];
}

/* Letters and digits that are their own code, as far as they go and fit: most of most texts. */
static size_t code_run(word_code *code, const char *text, size_t size)
{
    size_t room = CODED_SIZE - code->size, points = (size_t)(WORD_POINTS - code->points), at = 0;
    char *out = code->coded + code->size;

    room = points < room ? points : room;
    room = size < room ? size : room;
    room = code->full ? 0 : room;
    for (; at < room; at++) {
        char c = ascii_word(text[at]);

        if ((unsigned char)(c - 1) >= 'z' - 1) /* none, or a z */
            break;
        out[at] = c;
    }
    code->size += at;
    code->points += (int)at;
    return at;
}

void hc__text_words(const char *text, size_t size, hc__word_fn word, void *data)
{
    size_t at = 0;
    word_code made;

    code_start(&made);
    while (at <= size) {
        bool inside = false;

        at += code_run(&made, text + at, size - at);
        if (at == size) {
            at++;
        } else if ((text[at] & 0x80) == 0) {
            char c = ascii_word(text[at++]);

            inside = c != '\0';
            if (inside)
                code_point(&made, (uint32_t)c);
        } else {
            uint32_t point = hc__utf8_next(text, size, &at);
            bool letter = hc__is_word(point);

            inside = letter || hc__is_mark(point);
            if (letter)
                code_point(&made, hc__fold_plain(point));
        }
        if (!inside && made.points > 0) {
            made.coded[made.size] = '\0';
            if (!word(made.coded, made.size, data))
                return;
            code_start(&made);
        }
    }
}
