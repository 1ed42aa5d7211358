/* Text: the check against a slow decoder, foldings and search words by what they promise. */
#include "base/utf8.h"
#include "fuzz.h"

/* RFC 3629 by the bits. */
static bool slow_check(const uint8_t *text, size_t size, size_t *points)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    *points = 0;
    for (size_t at = 0; at < size; ++*points) {
        size_t length = text[at] < 0x80             ? 1
                        : (text[at] & 0xe0) == 0xc0 ? 2
                        : (text[at] & 0xf0) == 0xe0 ? 3
                        : (text[at] & 0xf8) == 0xf0 ? 4
                                                    : 0;
        uint32_t point = length < 2 ? text[at] : text[at] & (0x7fu >> length);

        if (length == 0 || length > size - at)
            return false;
        for (size_t i = 1; i < length; i++) {
            if ((text[at + i] & 0xc0) != 0x80)
                return false;
            point = point << 6 | (text[at + i] & 0x3f);
        }
        if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
            return false;
        at += length;
    }
    return true;
}

static void check_points(const fuzz *run, size_t points)
{
    size_t at = 0, seen = 0;

    for (; at < run->size; seen++) {
        size_t start = at;
        uint32_t point = hc__utf8_next(run->text, run->size, &at), folded = hc__fold(point);
        char bytes[4];

        FUZZ_ASSERT(hc__utf8_put(bytes, point) == at - start && memcmp(bytes, run->text + start, at - start) == 0);
        FUZZ_ASSERT(hc__fold(folded) == folded);
        folded = hc__fold_plain(point);
        FUZZ_ASSERT(folded == 0 || hc__fold_plain(folded) == folded);
        FUZZ_ASSERT(!(hc__is_word(point) && hc__is_mark(point)));
    }
    FUZZ_ASSERT(seen == points && at == run->size);
}

static bool count_word(const char *coded, size_t size, void *data)
{
    size_t *left = data;

    FUZZ_ASSERT(size > 2 && size <= 80 && coded[size] == '\0' && memcmp(coded, "zq", 2) == 0);
    for (size_t i = 2; i < size; i++)
        FUZZ_ASSERT((coded[i] >= 'a' && coded[i] <= 'z') || (coded[i] >= '0' && coded[i] <= '9'));
    FUZZ_ASSERT(*left > 0);
    --*left;
    return *left > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__buf norm, again;
    size_t points = 0, slow_points, words = 8;
    bool good;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    good = hc__utf8_check(run.text, run.size, &points);
    FUZZ_ASSERT(good == slow_check((const uint8_t *)run.text, run.size, &slow_points));
    if (!good)
        return fuzz_end(&run);
    FUZZ_ASSERT(points == slow_points);
    check_points(&run, points);
    hc__text_words(run.text, run.size, count_word, &words);
    hc__buf_init(&norm, &run.mem);
    hc__buf_init(&again, &run.plain);
    hc__text_norm(&norm, run.text, run.size);
    FUZZ_ASSERT(norm.failed == (run.state.failed > 0));
    if (!norm.failed && norm.size > 0) {
        FUZZ_ASSERT(hc__utf8_check(norm.data, norm.size, &slow_points) && slow_points == points);
        hc__text_norm(&again, norm.data, norm.size);
        FUZZ_ASSERT(again.size == norm.size && memcmp(again.data, norm.data, norm.size) == 0);
    }
    hc__buf_free(&norm);
    hc__buf_free(&again);
    return fuzz_end(&run);
}
