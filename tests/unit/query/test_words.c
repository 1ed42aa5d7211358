/* Search words of a query and of a listing. */
#include "base/utf8.h"
#include "query/seek.h"
#include "query_case.h"

static const char *words_of(const char *q)
{
    again();
    ck_assert_msg(hc__query_set_text(&query, q, &err) == HC_OK, "%s: %s", q, err.message);
    for (size_t i = 0; i < query.word_count; i++) {
        hc__buf_text(&text, i > 0 ? " " : "");
        hc__buf_text(&text, query.words[i]);
    }
    return text.data;
}

START_TEST(q_is_cut_into_words)
{
    ck_assert_str_eq(words_of("Creek bungalow"), "zqcreek zqbungalow");
    ck_assert_str_eq(words_of("  creek\tCREEK cr\xc3\xa9"
                              "ek "),
                     "zqcreek");
    ck_assert_str_eq(words_of("bunga*"), "zqbunga*");
    ck_assert_str_eq(words_of("creek creek*"), "zqcreek zqcreek*");
    ck_assert_str_eq(words_of("3-bed*"), "zq3 zqbed*");
    ck_assert_str_eq(words_of("12*3 * a"), "zq12 zq3 zqa");
    ck_assert_str_eq(words_of("a b c d e f g h a b"), "zqa zqb zqc zqd zqe zqf zqg zqh");
}
END_TEST

/* P02 P03 */
START_TEST(q_is_refused_when_it_is_no_text_to_search)
{
    static const char *const bad[] = {"", "*", "%_", "'; --", "\xc0\xaf", "a b c d e f g h i"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        again();
        ck_assert_msg(hc__query_set_text(&query, bad[i], &err) == HC_ERR_INVALID, "%s", bad[i]);
        ck_assert_str_eq(err.field, "q");
        ck_assert_uint_eq(query.word_count, 0);
    }
    ck_assert_str_eq(words_of("' OR zq*:\"x\" NEAR(a b)"), "zqor zqzzq zqx zqnear zqa zqb");
    ck_assert_int_eq(hc__query_set_text(&query, NULL, &err), HC_OK);
    ck_assert_uint_eq(query.word_count, 0);
}
END_TEST

static hc__arena arena;
static hc__buf words[HC__WORD_FIELDS];

static void set(hc__record *record, uint16_t field, const char *value)
{
    hc__record_set_text(record, field, value, strlen(value));
}

static void derive(const char *description, bool show)
{
    hc__record record;

    ck_assert_int_eq(hc__record_init(&record, &hc__property_entity, &arena, &err), HC_OK);
    set(&record, hc__property_f_title, "Creek house, creek view");
    set(&record, hc__property_f_description, description);
    set(&record, hc__property_f_address, "12 Oak Creek, Austin");
    set(&record, hc__property_f_city, "Austin");
    set(&record, hc__property_f_zip_code, "78704");
    hc__record_set_int(&record, hc__property_f_display_address_ok, show);
    hc__listing_words(words, &record, &mem);
    for (size_t i = 0; i < HC__WORD_FIELDS; i++)
        ck_assert(!words[i].failed);
}

static void open_words(void)
{
    hc__arena_init(&arena, &mem, NULL, 0);
    for (size_t i = 0; i < HC__WORD_FIELDS; i++)
        hc__buf_init(&words[i], &mem);
}

static void close_words(void)
{
    for (size_t i = 0; i < HC__WORD_FIELDS; i++)
        hc__buf_free(&words[i]);
    hc__arena_free(&arena);
}

START_TEST(a_listing_has_each_word_once_a_field_and_hides_its_address)
{
    open_words();
    derive("A view of a creek", true);
    ck_assert_str_eq(words[0].data, "zqcreek zqhouse zqview");
    ck_assert_str_eq(words[1].data, "zqaustin zq78704 zq12 zqoak zqcreek");
    ck_assert_str_eq(words[2].data, "zqa zqview zqof zqcreek");
    ck_assert_uint_eq(words[3].size, 0);
    derive("A view", false);
    ck_assert_str_eq(words[0].data, "zqcreek zqhouse zqview");
    ck_assert_str_eq(words[1].data, "zqaustin zq78704");
    ck_assert_str_eq(words[2].data, "zqa zqview");
    ck_assert_str_eq(words[3].data, "zq12 zqoak zqcreek zqaustin");
    close_words();
}
END_TEST

/* More words than the first table holds, each twice. */
START_TEST(long_texts_keep_each_word_once)
{
    static char long_text[16000];
    size_t used = 0, spaces = 0;

    open_words();
    for (int i = 0; i < 3000; i++)
        used += (size_t)sprintf(long_text + used, "w%d ", i % 1500);
    derive(long_text, true);
    for (size_t i = 0; i < words[2].size; i++)
        spaces += words[2].data[i] == ' ';
    ck_assert_uint_eq(spaces + 1, 1500);
    close_words();
}
END_TEST

/* ---- looking for words is cutting them out, sooner ---- */

typedef struct cutting {
    const hc__seeker *seeker;
    uint32_t found;
} cutting;

static bool each_cut(const char *coded, size_t size, void *data)
{
    cutting *c = data;

    for (size_t i = 0; i < c->seeker->count; i++) {
        const char *word = query.words[i];
        size_t length = strlen(word) - (word[strlen(word) - 1] == '*');

        if ((word[length] == '*' ? size >= length : size == length) && memcmp(coded, word, length) == 0)
            c->found |= UINT32_C(1) << i;
    }
    return true;
}

static uint64_t state = 88172645463325252;

static uint64_t draw(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static size_t draw_text(char *out, size_t pieces, bool plain)
{
    static const char *const parts[] = {"a",
                                        "Z",
                                        "zz",
                                        "9",
                                        " ",
                                        "-",
                                        "ab",
                                        "aB",
                                        " ",
                                        "zq",
                                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                        "\xc3\xa9",
                                        "e\xcc\x81",
                                        "\xe6\x9d\xb1",
                                        "\xf0\x9f\x8f\xa1",
                                        "_"};
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < pieces; i++)
        used += (size_t)sprintf(out + used, "%s", parts[draw(plain ? 11 : 16)]);
    return used;
}

START_TEST(seeking_finds_what_cutting_finds)
{
    size_t found = 0;

    for (int i = 0; i < 20000; i++) {
        char q[300], in[2000];
        cutting c = {NULL, 0};
        hc__seeker seeker;
        uint32_t some;
        size_t size;

        again();
        draw_text(q, 1 + draw(5), draw(2) == 0);
        if (draw(3) == 0)
            strcat(q, "*");
        if (hc__query_set_text(&query, q, NULL) < 0)
            continue;
        size = draw_text(in, draw(12), draw(3) != 0);
        hc__seeker_init(&seeker, query.words, query.word_count);
        c.seeker = &seeker;
        hc__text_words(in, size, each_cut, &c);
        some = hc__seek(&seeker, 0, in, size);
        ck_assert_msg(some == c.found, "%s in %s: %x, %x", q, in, some, c.found);
        found += some != 0;
    }
    ck_assert_uint_gt(found, 1000);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, q_is_cut_into_words);
    tcase_add_test(tcase, q_is_refused_when_it_is_no_text_to_search);
    tcase_add_test(tcase, a_listing_has_each_word_once_a_field_and_hides_its_address);
    tcase_add_test(tcase, long_texts_keep_each_word_once);
    tcase_add_test(tcase, seeking_finds_what_cutting_finds);
}

int main(void)
{
    return suite_main("unit.query.words", fill, case_open, case_close);
}
