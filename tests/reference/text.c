/* Case folding and search words, for the characters that the rows are made of: small enough to check by eye against
 * CaseFolding.txt and UnicodeData.txt. */
#include <stdlib.h>
#include <string.h>

#include "reference.h"

#define WORD_POINTS 32

uint32_t next_point(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    size_t more = at[0] < 0x80 ? 0 : at[0] < 0xe0 ? 1 : at[0] < 0xf0 ? 2 : 3;
    uint32_t point = more == 0 ? at[0] : at[0] & (0x3fU >> more);

    for (size_t i = 1; i <= more; i++)
        point = point << 6 | (at[i] & 0x3f);
    *text += more + 1;
    return point;
}

static char *put_point(char *out, uint32_t point)
{
    if (point < 0x80) {
        *out++ = (char)point;
    } else if (point < 0x800) {
        *out++ = (char)(0xc0 | point >> 6);
        *out++ = (char)(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        *out++ = (char)(0xe0 | point >> 12);
        *out++ = (char)(0x80 | (point >> 6 & 0x3f));
        *out++ = (char)(0x80 | (point & 0x3f));
    } else {
        *out++ = (char)(0xf0 | point >> 18);
        *out++ = (char)(0x80 | (point >> 12 & 0x3f));
        *out++ = (char)(0x80 | (point >> 6 & 0x3f));
        *out++ = (char)(0x80 | (point & 0x3f));
    }
    return out;
}

/* CaseFolding.txt, statuses C and S. */
static const struct {
    uint32_t from, last, to;
} foldings[] = {
    {'A', 'Z', 'a'},
    {0xb5, 0xb5, 0x3bc},         /* micro sign: Greek mu */
    {0xc0, 0xd6, 0xe0},          /* À..Ö */
    {0xd8, 0xde, 0xf8},          /* Ø..Þ */
    {0x17f, 0x17f, 's'},         /* long s */
    {0x1c4, 0x1c4, 0x1c6},       /* Ǆ */
    {0x1c5, 0x1c5, 0x1c6},       /* ǅ */
    {0x386, 0x386, 0x3ac},       /* Ά */
    {0x38c, 0x38c, 0x3cc},       /* Ό */
    {0x391, 0x3a1, 0x3b1},       /* Α..Ρ */
    {0x3a3, 0x3a9, 0x3c3},       /* Σ..Ω */
    {0x3c2, 0x3c2, 0x3c3},       /* final sigma */
    {0x401, 0x401, 0x451},       /* Ё */
    {0x410, 0x42f, 0x430},       /* А..Я */
    {0x1e9e, 0x1e9e, 0xdf},      /* ẞ: ß. ß itself, İ and ı and the ligature ﬁ have no simple folding */
    {0x212a, 0x212a, 'k'},       /* Kelvin sign */
    {0x212b, 0x212b, 0xe5},      /* Angstrom sign */
    {0x10400, 0x10427, 0x10428}, /* Deseret capitals */
};

static uint32_t fold_point(uint32_t point)
{
    for (size_t i = 0; i < sizeof(foldings) / sizeof(foldings[0]); i++)
        if (point >= foldings[i].from && point <= foldings[i].last)
            return foldings[i].to + (point - foldings[i].from);
    return point;
}

char *fold(const char *text)
{
    char *out = malloc(strlen(text) * 2 + 1);
    char *at = out;

    while (*text != '\0')
        at = put_point(at, fold_point(next_point(&text)));
    *at = '\0';
    return out;
}

/* Base letters of canonical decompositions, after folding. */
static const struct {
    uint32_t from, last, to;
} bases[] = {
    {0xe0, 0xe5, 'a'},   {0xe7, 0xe7, 'c'},     {0xe8, 0xeb, 'e'},     {0xec, 0xef, 'i'},     {0xf1, 0xf1, 'n'},
    {0xf2, 0xf6, 'o'},   {0xf9, 0xfc, 'u'},     {0xfd, 0xfd, 'y'},     {0xff, 0xff, 'y'},     {0x130, 0x130, 'i'},
    {0x15f, 0x15f, 's'}, {0x3ac, 0x3ac, 0x3b1}, {0x3cc, 0x3cc, 0x3bf}, {0x439, 0x439, 0x438}, {0x451, 0x451, 0x435},
};

static uint32_t base_point(uint32_t point)
{
    point = fold_point(point);
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
        if (point >= bases[i].from && point <= bases[i].last)
            return bases[i].to;
    return point;
}

static bool is_mark(uint32_t point)
{
    return (point >= 0x300 && point <= 0x36f) || point == 0xfe0f;
}

/* Letters and digits among the characters in use. */
static bool is_letter(uint32_t point)
{
    static const struct {
        uint32_t from, last;
    } letters[] = {
        {'0', '9'},       {'A', 'Z'},       {'a', 'z'},       {0xb5, 0xb5},       {0xc0, 0xd6},     {0xd8, 0xf6},
        {0xf8, 0x24f},    {0x386, 0x386},   {0x388, 0x3ce},   {0x400, 0x45f},     {0x1e9e, 0x1e9e}, {0x212a, 0x212b},
        {0x4e00, 0x9fff}, {0xac00, 0xd7a3}, {0xfb01, 0xfb01}, {0x10400, 0x1044f},
    };

    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
        if (point >= letters[i].from && point <= letters[i].last)
            return true;
    return false;
}

void split_words(struct words *out, const char *text)
{
    char word[WORD_POINTS * 4 + 1];
    char *end = word;
    size_t points = 0;

    for (bool last = false; !last;) {
        uint32_t point = 0;

        last = *text == '\0';
        if (!last)
            point = next_point(&text);
        if (!last && is_letter(point)) {
            if (points++ < WORD_POINTS)
                end = put_point(end, base_point(point));
        } else if (last || !is_mark(point)) {
            if (points > 0) {
                *end = '\0';
                out->word = realloc(out->word, (out->count + 1) * sizeof(char *));
                out->word[out->count++] = strdup(word);
            }
            end = word;
            points = 0;
        }
    }
}

bool has_word(const struct words *words, const char *word, bool prefix)
{
    for (size_t i = 0; i < words->count; i++)
        if (prefix ? strncmp(words->word[i], word, strlen(word)) == 0 : strcmp(words->word[i], word) == 0)
            return true;
    return false;
}
