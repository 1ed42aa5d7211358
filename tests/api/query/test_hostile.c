/* Texts that mean something to an engine, a pattern or a shell, on whatever store: kept as they are, and what filters,
 * words and keys find is what a comparison in C finds. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "house.h"

/* Of at most 20 code points, so that each is also a zip code. */
static const char *const hostile[] = {
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE x;--",
    "\" OR \"\"=\"",
    "\\' OR 1=1 #",
    "\\",
    "\\\\",
    "a\\",
    "a\\'b",
    "'",
    "''",
    "'''",
    "\"",
    "`",
    "`users`",
    "--",
    "-- ",
    "/*",
    "/**/",
    "/*!50000 OR 1=1*/",
    "#",
    ";",
    "%",
    "%%",
    "_",
    "a%b",
    "a_b",
    "axb",
    "[a-z]",
    "*",
    "a*",
    "?",
    "?1",
    ":name",
    "@x",
    "@@version",
    "$1",
    "$1::text",
    "$$",
    "$tag$a$tag$",
    "E'\\x41'",
    "x'41'",
    "0x41",
    "\\x41",
    "\\u0041",
    "\\N",
    "NULL",
    "null",
    "true",
    "1",
    "01",
    "1.0",
    "1e0",
    " 1",
    "1 ",
    "a",
    "a ",
    " a",
    "A",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\x01",
    "\x7f",
    "{\"$gt\":\"\"}",
    "{}",
    "[]",
    "%s%n%x",
    "%27%20OR",
    "&#39;",
    "<b>x</b>",
    "${jndi:x}",
    "$(id)",
    "|| id",
    "\xe2\x80\x99 OR 1=1", /* a quote that is none */
    "\xef\xbc\x87",        /* a wide one */
    "\xca\xbc",            /* a letter that some engines take for one */
    "\xe2\x80\xae evil",   /* right to left */
    "\xe2\x80\x8b",        /* no width */
    "a\xcc\x81",           /* a mark of its own */
    "\xf0\x9f\x8f\xa0",    /* four bytes */
    "\xf4\x8f\xbf\xbf",    /* the last code point */
    "\xef\xbf\xbd",
};
#define HOSTILE (sizeof hostile / sizeof hostile[0])

/* Bytes that are no text: refused everywhere, and nothing is written. */
static const char *const broken[] = {"\xc0\x27",         "\xbf\x27", "\xbf\x5c", "\xed\xa0\x80",
                                     "\xf5\x80\x80\x80", "a\xff",    "\xc3",     "\xe2\x80"};

static void open_hostile(void)
{
    house_open();
    for (size_t i = 0; i < HOSTILE; i++) {
        hc_property *home = house_sketch(hostile[i], 100);
        hc_id id;

        hc_property_set_city(home, hostile[i]);
        hc_property_set_zip_code(home, hostile[i]);
        HOUSE_OK(hc_property_create(&id, house.ana, home, err));
        hc_property_free(home);
    }
}

/* ---- the oracle: letters of ASCII are the only ones here with two cases ---- */

static bool same(const char *text, const char *wanted, size_t size, bool folded)
{
    for (size_t i = 0; i < size; i++) {
        int x = (unsigned char)text[i], y = (unsigned char)wanted[i];

        if (folded ? tolower(x) != tolower(y) : x != y)
            return false;
    }
    return true;
}

typedef enum test { EQ, NE, STARTS, CONTAINS } test;

static bool matches(test how, const char *text, const char *wanted, bool folded)
{
    size_t size = strlen(text), least = strlen(wanted);

    switch (how) {
    case EQ:
        return size == least && same(text, wanted, size, folded);
    case NE:
        return size != least || !same(text, wanted, size, folded);
    case STARTS:
        return size >= least && same(text, wanted, least, folded);
    default:
        for (size_t i = 0; i + least <= size; i++)
            if (same(text + i, wanted, least, folded))
                return true;
        return false;
    }
}

/* Of the listings of this test alone: they cost 1.00. */
static size_t expected(test how, const char *wanted, bool folded)
{
    size_t count = 0;

    for (size_t i = 0; i < HOSTILE; i++)
        count += matches(how, hostile[i], wanted, folded);
    return count;
}

static size_t listed(const char *filter)
{
    hc_query *query = NULL;
    hc_property_page *page = NULL;
    size_t count;

    HOUSE_OK(hc_query_parse(&query, house.client, filter, NULL, err));
    HOUSE_OK(hc_query_set_limit(query, 200, err));
    HOUSE_OK(hc_property_list(&page, house.guest, query, err));
    count = hc_property_page_count(page);
    ck_assert_int_eq(hc_property_page_has_more(page), 0);
    hc_property_page_free(page);
    hc_query_free(query);
    return count;
}

static void quoted(char *out, const char *text)
{
    for (; *text != '\0'; text++) {
        *out++ = *text;
        if (*text == '\'')
            *out++ = '\'';
    }
    *out = '\0';
}

/* P02 P03 */
START_TEST(a_filter_finds_what_is_there_letter_by_letter)
{
    static const char *const fields[] = {"title", "city", "zip_code"};
    static const char *const forms[] = {"price eq 1 and %s eq '%s'", "price eq 1 and %s ne '%s'",
                                        "price eq 1 and startswith(%s,'%s')", "price eq 1 and contains(%s,'%s')"};

    for (size_t i = 0; i < HOSTILE; i++) {
        char value[128], filter[256];

        quoted(value, hostile[i]);
        for (size_t field = 0; field < 3; field++) {
            test how = (test)((i + field) % 4); /* each text meets three of the four, each field all of them */
            size_t want = expected(how, hostile[i], field < 2), is;

            snprintf(filter, sizeof filter, forms[how], fields[field], value);
            is = listed(filter);
            ck_assert_msg(is == want, "%s: %zu, not %zu", filter, is, want);
        }
        snprintf(filter, sizeof filter, "price eq 1 and title in ('%s','no such')", value);
        ck_assert_uint_eq(listed(filter), expected(EQ, hostile[i], true));
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties"), (int64_t)HOSTILE + 4);
}
END_TEST

/* P03 P09: as it was given, byte for byte. */
START_TEST(what_was_given_comes_back)
{
    hc_query *query = NULL;
    hc_property_page *page = NULL;
    bool seen[HOSTILE] = {false};

    HOUSE_OK(hc_query_parse(&query, house.client, "price eq 1", NULL, err));
    HOUSE_OK(hc_query_set_limit(query, 200, err));
    HOUSE_OK(hc_property_list(&page, house.guest, query, err));
    ck_assert_uint_eq(hc_property_page_count(page), HOSTILE);
    for (size_t i = 0; i < HOSTILE; i++) {
        const hc_property *row = hc_property_page_at(page, i);

        ck_assert_str_eq(hc_property_title(row), hc_property_zip_code(row));
        ck_assert_str_eq(hc_property_title(row), hc_property_city(row));
        for (size_t j = 0; j < HOSTILE; j++)
            seen[j] = seen[j] || strcmp(hostile[j], hc_property_title(row)) == 0;
    }
    for (size_t i = 0; i < HOSTILE; i++)
        ck_assert_msg(seen[i], "%s is lost", hostile[i]);
    hc_property_page_free(page);
    hc_query_free(query);
}
END_TEST

/* P03: of words too, as q and as what others type into it. */
START_TEST(q_takes_words_and_nothing_else)
{
    static const struct {
        const char *q;
        size_t count;
    } tries[] = {{"drop", 1},     {"drop table", 1},      {"jndi", 1},           {"version", 1},
                 {"50000", 1},    {"users", 1},           {"null", 2},           {"dro* tab*", 1},
                 {"\"drop\"", 1}, {"drop OR nothing", 0}, {"drop NOT table", 0}, {"+drop -table", 1},
                 {"(drop)", 1},   {"drop & table", 1},    {"drop:*", 1}};

    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        hc_query *query = NULL;
        hc_property_page *page = NULL;

        HOUSE_OK(hc_query_parse(&query, house.client, "price eq 1", NULL, err));
        HOUSE_OK(hc_query_set_text(query, tries[i].q, err));
        HOUSE_OK(hc_property_list(&page, house.guest, query, err));
        ck_assert_msg(hc_property_page_count(page) == tries[i].count, "%s: %zu, not %zu", tries[i].q,
                      hc_property_page_count(page), tries[i].count);
        hc_property_page_free(page);
        hc_query_free(query);
    }
}
END_TEST

/* P03: where a text is a key, a name, a source or a password. */
START_TEST(texts_elsewhere_are_texts)
{
    for (size_t i = 0; i < HOSTILE; i++) {
        hc_login login = HC_LOGIN_INIT;
        hc_session *as = NULL;
        hc_property *home = house_sketch("By key", 200);
        hc_id first, again;

        HOUSE_OK(hc_session_set_idempotency_key(house.ana, hostile[i], err));
        HOUSE_OK(hc_property_create(&first, house.ana, home, err));
        HOUSE_OK(hc_session_set_idempotency_key(house.ana, hostile[i], err));
        ck_assert_int_eq(hc_property_create(&again, house.ana, home, NULL), HC_NOTE_REPLAYED);
        ck_assert_mem_eq(&first, &again, sizeof first);
        hc_property_free(home);
        login.email = i % 2 == 0 ? hostile[i] : "ana@example.com";
        login.password = hostile[i];
        login.password_size = strlen(hostile[i]);
        ck_assert_int_eq(hc_auth_login(&as, house.guest, &login, NULL), HC_ERR_UNAUTHENTICATED);
        ck_assert_ptr_null(as);
        if (i % 8 == 7) /* limits on tries are another test's */
            house_pass(HOUSE_HOUR);
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='By key'"), (int64_t)HOSTILE);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM users"), 4);
}
END_TEST

/* P03 */
START_TEST(bytes_that_are_no_text_are_refused)
{
    snapshot before = house_snapshot();

    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        hc_property *home = house_sketch(broken[i], 100);
        hc_query *query = NULL;
        char filter[64];
        hc_id id;

        HOUSE_FAILS(hc_property_create(&id, house.ana, home, err), HC_ERR_INVALID, "title");
        hc_property_free(home);
        snprintf(filter, sizeof filter, "title eq '%s'", broken[i]);
        HOUSE_FAILS(hc_query_parse(&query, house.client, filter, NULL, err), HC_ERR_INVALID, "filter");
        HOUSE_OK(hc_query_parse(&query, house.client, NULL, NULL, err));
        HOUSE_FAILS(hc_query_set_text(query, broken[i], err), HC_ERR_INVALID, "q");
        hc_query_free(query);
    }
    house_assert_unchanged_since(before);
}
END_TEST

/* P02: a pattern of nothing but wildcards costs no more than another, and stands for itself. */
START_TEST(wildcards_match_themselves)
{
    char filter[300] = "contains(title,'";

    for (int i = 0; i < 64; i++)
        strcat(filter, "%a");
    strcat(filter, "')");
    ck_assert_uint_eq(listed(filter), 0);
    ck_assert_uint_eq(listed("price eq 1 and contains(title,'%a%')"), 0);
    ck_assert_uint_eq(listed("price eq 1 and startswith(title,'%%')"), 1);
}
END_TEST

/* P08: a text of the most code points, of four bytes each, and one more. */
START_TEST(long_texts_have_one_limit_everywhere)
{
    char text[256 * 4 + 1];
    hc_property *home, *row;
    hc_id id;

    for (size_t i = 0; i < 256; i++)
        memcpy(text + 4 * i, "\xf0\x9f\x8f\xa0", 5);
    home = house_sketch(text, 100);
    HOUSE_FAILS(hc_property_create(&id, house.ana, home, err), HC_ERR_INVALID, "title");
    hc_property_free(home);
    text[255 * 4] = '\0';
    home = house_sketch(text, 300);
    HOUSE_OK(hc_property_create(&id, house.ana, home, err));
    hc_property_free(home);
    row = house_read(house.guest, id);
    ck_assert_str_eq(hc_property_title(row), text);
    hc_property_free(row);
    memcpy(text + 128 * 4, "')", 3);
    {
        char filter[800] = "price eq 3 and startswith(title,'";

        ck_assert_uint_eq(listed(strcat(filter, text)), 1);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_filter_finds_what_is_there_letter_by_letter);
    tcase_add_test(tcase, what_was_given_comes_back);
    tcase_add_test(tcase, q_takes_words_and_nothing_else);
    tcase_add_test(tcase, texts_elsewhere_are_texts);
    tcase_add_test(tcase, bytes_that_are_no_text_are_refused);
    tcase_add_test(tcase, wildcards_match_themselves);
    tcase_add_test(tcase, long_texts_have_one_limit_everywhere);
}

int main(void)
{
    return suite_main("api.query.hostile", fill, open_hostile, house_close);
}
