/* Filters and query strings that are nearly right: each is refused by a name, or means what its own text says again. */
#include "query_case.h"

#define LONGEST 400

static int refusals, taken;

/* A filter that is taken has a text, and that text is its own. */
static void try_filter(const char *filter)
{
    char once[4 * LONGEST];
    hc_status status;

    again();
    status = hc__query_parse(&query, filter, NULL, &err);
    if (status < 0) {
        refusals++;
        ck_assert_msg((status == HC_ERR_INVALID || status == HC_ERR_TOO_LARGE) && err.status == status, "%s: %d",
                      filter, (int)status);
        ck_assert_msg(err.field[0] != '\0' && err.message[0] != '\0', "%s", filter);
        return;
    }
    taken++;
    hc__query_print(&text, &query);
    ck_assert_uint_lt(text.size, sizeof once);
    snprintf(once, sizeof once, "%s", text.data == NULL ? "" : text.data);
    ck_assert_str_eq(canonical(once), once);
}

static void try_string(const char *string)
{
    hc_status status;

    again();
    status = hc__query_parse_string(&query, string, strlen(string), &err);
    refusals += status < 0;
    taken += status >= 0;
    ck_assert_msg(status >= 0 || ((status == HC_ERR_INVALID || status == HC_ERR_TOO_LARGE) && err.field[0] != '\0'),
                  "%s: %d", string, (int)status);
}

/* The text with a character left out, with one in its place, with one more, and its beginning alone. */
static void nearly(const char *right, void (*try)(const char *wrong))
{
    static const char letters[] = "(),' \t\n\r0A_.-e%&=\x80";
    size_t size = strlen(right);
    char wrong[LONGEST];

    ck_assert_uint_lt(size + 2, sizeof wrong);
    try(right);
    for (size_t at = 0; at < size; at++) {
        snprintf(wrong, sizeof wrong, "%.*s", (int)at, right);
        try(wrong);
        snprintf(wrong, sizeof wrong, "%.*s%s", (int)at, right, right + at + 1);
        try(wrong);
        for (const char *letter = letters; *letter != '\0'; letter++) {
            snprintf(wrong, sizeof wrong, "%.*s%c%s", (int)at, right, *letter, right + at + 1);
            try(wrong);
            snprintf(wrong, sizeof wrong, "%.*s%c%s", (int)at, right, *letter, right + at);
            try(wrong);
        }
    }
}

static const char *const filters[] = {
    "price ge 100.50 and not (beds in (1,null,3) or contains(title,'a''b'))",
    "startswith(city,'Au') and created_at le now() and price_reduced eq true",
    "geo.near(30.25,-97.75,1500) and list_date ge 2024-02-29",
    "geo.polygon('POLYGON((-98 30,-97 30,-97 31,-98 30))')",
    "geo.bbox(-98,30,-97,31) and property_type in ('house','land')",
    "agent_id eq '01890a5d-ac96-774b-bcce-b302099a8057' and city ne null",
};

START_TEST(a_filter_that_is_nearly_right_is_refused_or_means_itself)
{
    refusals = taken = 0;
    nearly(filters[_i], try_filter);
    ck_assert_int_gt(refusals, 100);
    ck_assert_int_gt(taken, 10);
}
END_TEST

static const char *const strings[] = {
    "city=San%20Marcos,Au%c3%9Ftin&max_price=500000&near=30.25,-97.75,900",
    "bbox=-98,30,-97,31&sort=-price&limit=20&count=true&q=a+b*",
    "polygon=-98+30,-97+30,-97+31&fields=title,price&zip=78704&price_reduced=false",
};

START_TEST(a_query_string_that_is_nearly_right_is_refused_or_taken)
{
    refusals = taken = 0;
    nearly(strings[_i], try_string);
    ck_assert_int_gt(refusals, 100);
    ck_assert_int_gt(taken, 100);
}
END_TEST

/* ---- limits that one letter does not reach ---- */

START_TEST(places_are_on_earth)
{
    static const struct {
        const char *filter, *field;
    } cases[] = {{"geo.near(90.1,0,5)", "geo.near"},
                 {"geo.near(-90.1,0,5)", "geo.near"},
                 {"geo.near(0,180.1,5)", "geo.near"},
                 {"geo.near(0,-180.1,5)", "geo.near"},
                 {"geo.near(0,0,0)", "geo.near"},
                 {"geo.near(0,0,200000.5)", "geo.near"},
                 {"geo.near(0,0,200001)", "geo.near"},
                 {"geo.near('0',0,5)", "geo.near"},
                 {"geo.near(0,'0',5)", "geo.near"},
                 {"geo.near(0,0,'5')", "geo.near"},
                 {"geo.bbox('0',0,1,1)", "geo.bbox"},
                 {"geo.bbox(0,'0',1,1)", "geo.bbox"},
                 {"geo.bbox(0,0,'1',1)", "geo.bbox"},
                 {"geo.bbox(0,0,1,'1')", "geo.bbox"},
                 {"geo.polygon('POLYGON((0 0 0,1 1,2 2))')", "geo.polygon"},
                 {"geo.polygon('POLYGON((0,1 1,2 2))')", "geo.polygon"},
                 {"geo.polygon('POLYGON((0 0,1 91,2 2))')", "geo.polygon"},
                 {"geo.polygon('POLYGON((x 0,1 1,2 2))')", "geo.polygon"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        refused(cases[i].filter, HC_ERR_INVALID, cases[i].field);
    ck_assert_str_eq(canonical("geo.near(90,-180,200000)"), "geo.near(90.00000000,-180.00000000,200000)");
    ck_assert_str_eq(canonical("geo.near(-90,180,1)"), "geo.near(-90.00000000,180.00000000,1)");
}
END_TEST

START_TEST(names_and_words_are_told_only_in_part)
{
    char filter[300] = "", name[201];

    memset(name, 'n', 200);
    name[200] = '\0';
    snprintf(filter, sizeof filter, "%s eq 1", name);
    again();
    ck_assert_int_eq(hc__query_parse(&query, filter, NULL, &err), HC_ERR_INVALID);
    ck_assert_uint_lt(strlen(err.message), 200);
    for (size_t size = 62; size <= 65; size++) { /* of a longer one, 63 letters */
        snprintf(filter, sizeof filter, "%.*s eq 1", (int)size, name);
        again();
        ck_assert_int_eq(hc__query_parse(&query, filter, NULL, &err), HC_ERR_INVALID);
        ck_assert_uint_eq(strspn(err.message, "n"), size < 63 ? size : 63);
    }
    ck_assert_int_eq(hc__query_set_sort(&query, name, &err), HC_ERR_INVALID);
    ck_assert_uint_lt(strlen(err.message), 200);
    ck_assert_int_eq(hc__query_set_fields(&query, name, &err), HC_ERR_INVALID);
    ck_assert_uint_lt(strlen(err.message), 200);
    ck_assert_int_eq(hc__query_set_sort(&query, "price asc", &err), HC_OK);
    ck_assert_int_eq(hc__query_set_sort(&query, "price\xff", &err), HC_ERR_INVALID);
}
END_TEST

/* Each filter that is set by itself counts, too. */
START_TEST(filters_that_are_set_again_and_again_come_to_an_end)
{
    hc_status status = HC_OK;
    int sets = 0;

    again();
    while (status == HC_OK && sets < 1000)
        if ((status = hc__query_set_filter(&query, "beds ge 1 and baths ge 1 and city eq 'Austin'", &err)) == HC_OK)
            sets++;
    ck_assert_int_gt(sets, 10);
    ck_assert(sets == 1000 || status == HC_ERR_TOO_LARGE);
}
END_TEST

START_TEST(words_have_limits)
{
    char long_text[5000];

    again();
    memset(long_text, 'a', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    ck_assert_int_eq(hc__query_set_text(&query, long_text, &err), HC_ERR_TOO_LARGE);
    ck_assert_str_eq(err.field, "q");
    ck_assert_str_eq(err.message, "q has at most 4096 bytes");
    memset(long_text + 1, ' ', 4096);
    long_text[4097] = '\0';
    ck_assert_int_eq(hc__query_set_text(&query, long_text, &err), HC_ERR_TOO_LARGE);
    long_text[4096] = '\0';
    ck_assert_int_eq(hc__query_set_text(&query, long_text, &err), HC_OK);
    ck_assert_int_eq(hc__query_set_text(&query, "a b c d e f g h i", &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.message, "q has at most 8 words");
    ck_assert_int_eq(hc__query_set_text(&query, "a b c d e f g h a\tb\nc\rd", &err), HC_OK); /* each once */
    ck_assert_int_eq(hc__query_set_text(&query, " \t* ", &err), HC_ERR_INVALID);
    ck_assert_int_eq(hc__query_set_text(&query, "a\xff", &err), HC_ERR_INVALID);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_filter_that_is_nearly_right_is_refused_or_means_itself, 0,
                        sizeof filters / sizeof filters[0]);
    tcase_add_loop_test(tcase, a_query_string_that_is_nearly_right_is_refused_or_taken, 0,
                        sizeof strings / sizeof strings[0]);
    tcase_add_test(tcase, places_are_on_earth);
    tcase_add_test(tcase, names_and_words_are_told_only_in_part);
    tcase_add_test(tcase, filters_that_are_set_again_and_again_come_to_an_end);
    tcase_add_test(tcase, words_have_limits);
}

int main(void)
{
    return suite_main("unit.query.syntax", fill, case_open, case_close);
}
