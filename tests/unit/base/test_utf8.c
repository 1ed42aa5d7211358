#include "suite.h"

#include <string.h>

#include "base/utf8.h"
#include "homeconnect/error.h"

static hc__mem mem;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
}

static bool well_formed(const char *text)
{
    return hc__utf8_check(text, strlen(text), NULL);
}

/* P03 */
START_TEST(ill_formed_bytes_are_refused)
{
    ck_assert(well_formed("plain, \xc3\xa9, \xe2\x82\xac, \xf0\x9f\x8f\xa0"));
    ck_assert(well_formed("\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80"));
    ck_assert(!well_formed("\xc0\x27"));
    ck_assert(!well_formed("\xbf\x27"));
    ck_assert(!well_formed("\xc1\xbf"));
    ck_assert(!well_formed("\xe0\x9f\xbf"));
    ck_assert(!well_formed("\xf0\x8f\xbf\xbf"));
    ck_assert(!well_formed("\xed\xa0\x80"));
    ck_assert(!well_formed("\xf4\x90\x80\x80"));
    ck_assert(!well_formed("\xf5\x80\x80\x80"));
    ck_assert(!well_formed("eight by\xff"));
    ck_assert(!well_formed("ends in \xe2\x82"));
    ck_assert(hc__utf8_check("a\0b", 3, NULL));
}
END_TEST

START_TEST(every_code_point_goes_out_and_comes_back)
{
    for (uint32_t point = 0; point <= 0x10ffff; point++) {
        char bytes[5] = {0};
        size_t size = hc__utf8_put(bytes, point);
        bool surrogate = point >= 0xd800 && point <= 0xdfff;
        bool control = (point > 0 && point < 0x20) || (point >= 0x7f && point < 0xa0);
        size_t points = 0;
        size_t at = 0;

        ck_assert(hc__utf8_check(bytes, size, &points) == !surrogate);
        if (surrogate)
            continue;
        ck_assert_uint_eq(points, 1);
        ck_assert_uint_eq(hc__utf8_next(bytes, size, &at), point);
        ck_assert_uint_eq(at, size);
        ck_assert_msg(hc__has_control(bytes) == control, "U+%04X", (unsigned)point);
    }
}
END_TEST

START_TEST(folding_is_simple_and_settles)
{
    ck_assert_uint_eq(hc__fold('A'), 'a');
    ck_assert_uint_eq(hc__fold(0xc9), 0xe9);
    ck_assert_uint_eq(hc__fold(0x1e9e), 0xdf);
    ck_assert_uint_eq(hc__fold(0xdf), 0xdf);
    ck_assert_uint_eq(hc__fold(0x130), 0x130);
    ck_assert_uint_eq(hc__fold(0x212a), 'k');
    ck_assert_uint_eq(hc__fold(0x3c2), 0x3c3);
    ck_assert_uint_eq(hc__fold(0xab70), 0x13a0);
    ck_assert_uint_eq(hc__fold(0x10400), 0x10428);
    ck_assert_uint_eq(hc__fold_plain(0xc9), 'e');
    ck_assert_uint_eq(hc__fold_plain(0x130), 'i');
    ck_assert_uint_eq(hc__fold_plain(0x1ed8), 'o');
    ck_assert_uint_eq(hc__fold_plain(0xf8), 0xf8);
    ck_assert_uint_eq(hc__fold_plain(0xac01), 0xac01);
    ck_assert_uint_eq(hc__fold_plain(0x301), 0);
    for (uint32_t point = 0; point <= 0x10ffff; point++) {
        uint32_t folded = hc__fold(point);
        uint32_t plain = hc__fold_plain(point);

        ck_assert_uint_eq(hc__fold(folded), folded);
        ck_assert(hc__is_mark(point) ? plain == 0 : hc__fold_plain(plain) == plain);
        ck_assert(!(hc__is_mark(point) && hc__is_word(point)));
        ck_assert(!hc__is_word(point) || hc__is_word(plain));
    }
}
END_TEST

START_TEST(norm_folds_each_code_point_and_nothing_else)
{
    static const char text[] = "12 CREEK Rd., \xc3\x89T\xc3\x89 Stra\xc3\x9f"
                               "e \xc8\xba[@`{Z";
    hc__buf out;

    hc__buf_init(&out, &mem);
    hc__text_norm(&out, text, sizeof(text) - 1);
    ck_assert_str_eq(out.data, "12 creek rd., \xc3\xa9t\xc3\xa9 stra\xc3\x9f"
                               "e \xe2\xb1\xa5[@`{z");
    hc__buf_clear(&out);
    for (int i = 0; i < 1000; i++)
        hc__text_norm(&out, "\xc8\xba", 2);
    ck_assert_uint_eq(out.size, 3000);
    hc__buf_clear(&out);
    hc__text_norm(&out, "\xff\xff\xff\xff", 4);
    ck_assert_uint_eq(out.size, 12);
    hc__buf_free(&out);
}
END_TEST

typedef struct words {
    char text[400];
    size_t count;
    size_t stop_after;
} words;

static bool collect(const char *coded, size_t size, void *data)
{
    words *seen = data;

    ck_assert_uint_eq(strlen(coded), size);
    ck_assert_uint_le(size, 80);
    ck_assert_uint_eq(strspn(coded, "abcdefghijklmnopqrstuvwxyz0123456789"), size);
    if (seen->count++ > 0)
        strcat(seen->text, " ");
    strcat(seen->text, coded);
    return seen->count != seen->stop_after;
}

static const char *words_of(words *seen, const char *text, size_t stop_after)
{
    *seen = (words){"", 0, stop_after};
    hc__text_words(text, strlen(text), collect, seen);
    return seen->text;
}

START_TEST(words_are_folded_and_coded)
{
    words seen;

    ck_assert_str_eq(words_of(&seen, "", 0), "");
    ck_assert_str_eq(words_of(&seen, "  .,;  ", 0), "");
    ck_assert_str_eq(words_of(&seen, "\xcc\x81", 0), "");
    ck_assert_str_eq(words_of(&seen, "Bungalow by-the CREEK, 98103", 0), "zqbungalow zqby zqthe zqcreek zq98103");
    ck_assert_str_eq(words_of(&seen, "one two three", 2), "zqone zqtwo");
    ck_assert_str_eq(words_of(&seen, "Pizza", 0), "zqpizzzza");
    ck_assert_str_eq(words_of(&seen, "caf\xc3\xa9 CAFE\xcc\x81", 0), "zqcafe zqcafe");
    ck_assert_str_eq(words_of(&seen, "\xd0\x94\xd0\xbe\xd0\xbc", 0), "zqzqczqmzqk");
    ck_assert_str_eq(words_of(&seen, "\xe5\xae\xb6", 0), "zqzwh4m");
}
END_TEST

START_TEST(long_words_are_cut_at_a_whole_code_point)
{
    words seen;
    char text[400] = "";

    for (int i = 0; i < 40; i++)
        strcat(text, "a");
    ck_assert_uint_eq(strlen(words_of(&seen, text, 0)), 2 + 32);
    text[0] = '\0';
    for (int i = 0; i < 40; i++)
        strcat(text, "\xe5\xae\xb6");
    ck_assert_uint_eq(strlen(words_of(&seen, text, 0)), 2 + 15 * 5);
    /* Once a code point did not fit, a shorter one may not slip in behind it. */
    text[0] = '\0';
    for (int i = 0; i < 25; i++)
        strcat(text, "\xd0\xb4");
    strcat(text, "\xe5\xae\xb6"
                 "a");
    ck_assert_uint_eq(strlen(words_of(&seen, text, 0)), 2 + 25 * 3);
}
END_TEST

static size_t code_of(char *out, uint32_t point)
{
    char bytes[4];
    words seen = {"", 0, 0};

    hc__text_words(bytes, hc__utf8_put(bytes, point), collect, &seen);
    strcpy(out, seen.text);
    return seen.count;
}

/* The codes rise with the point but for z, so neighbours are the only ones that could start one another. */
START_TEST(no_code_is_the_start_of_another)
{
    char last[100] = "";
    char code[100];

    for (uint32_t point = 0x80; point <= 0x10ffff; point++) {
        if (!hc__is_word(point) || hc__fold_plain(point) != point)
            continue;
        ck_assert_uint_eq(code_of(code, point), 1);
        ck_assert_str_gt(code, last);
        ck_assert(last[0] == '\0' || strncmp(code, last, strlen(last)) != 0);
        ck_assert_int_eq(strncmp(code, "zqz", 3), 0);
        ck_assert_int_ne(code[3], 'z');
        strcpy(last, code);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, ill_formed_bytes_are_refused);
    tcase_add_test(tcase, every_code_point_goes_out_and_comes_back);
    tcase_add_test(tcase, folding_is_simple_and_settles);
    tcase_add_test(tcase, norm_folds_each_code_point_and_nothing_else);
    tcase_add_test(tcase, words_are_folded_and_coded);
    tcase_add_test(tcase, long_words_are_cut_at_a_whole_code_point);
    tcase_add_test(tcase, no_code_is_the_start_of_another);
}

int main(void)
{
    return suite_main("utf8", fill, setup, NULL);
}
