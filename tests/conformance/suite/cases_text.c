/* Text, keys, words: bytes that engines like to misread. */
#include "harness.h"

#include <stdio.h>

/* P02 P03: wildcards, quotes, comments, statements, and the ends of each length of UTF-8. */
static const char *const corpus[] = {
    "",
    "%",
    "_",
    "\\",
    "\\%",
    "%%",
    "a%b",
    "a_b",
    "axb",
    "' OR '1'='1",
    "'; DROP TABLE conf_items; --",
    "\" OR \"\"=\"",
    "` OR 1=1",
    "--",
    "/* */",
    "/*",
    "#",
    ";",
    "?",
    "$1",
    ":name",
    "@x",
    "NULL",
    "null",
    "TRUE",
    "0x41",
    "1e309",
    " lead",
    "trail ",
    "trail",
    "\t\r\n",
    "\x01\x1f\x7f",
    "\xc2\x80",
    "\xdf\xbf",
    "\xe0\xa0\x80",
    "\xef\xbf\xbd",
    "\xf0\x90\x80\x80",
    "\xf4\x8f\xbf\xbf",
    "e\xcc\x81",
    "\xc3\xa9",
    "\xc3\x89",
    "stra\xc3\x9f"
    "e",
    "STRASSE",
    "I",
    "i",
    "\xc4\xb0",
    "\xe2\x80\xae"
    "evil",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
    "..\\..\\etc",
    "\xf0\x9f\x8f\xa0\xf0\x9f\x8f\xa0",
    "a",
    "A",
    "ab",
    "abc",
    "b",
};
#define CORPUS (sizeof(corpus) / sizeof(corpus[0]))

static hc_status seed(test *t)
{
    hc_op *ops = take(t, CORPUS * sizeof(*ops));

    for (uint32_t i = 0; i < CORPUS; i++) {
        ops[i] = insert_item(t, i);
        set(t, &ops[i], ITEM_TITLE, text(HC_TYPE_TEXT, corpus[i]));
        set(t, &ops[i], ITEM_CODE, text(HC_TYPE_KEY, corpus[i]));
        set(t, &ops[i], ITEM_HASH, bytes(t, HC_TYPE_BYTES, corpus[i], strlen(corpus[i]) < 32 ? strlen(corpus[i]) : 32));
        set(t, &ops[i], ITEM_SOURCE, text(HC_TYPE_KEY, corpus[i]));
        set(t, &ops[i], ITEM_SOURCE_NO, number(HC_TYPE_INT32, 1)); /* unique: no two are folded together */
    }
    return run_all(t, ops, CORPUS);
}

/* By code point, which is byte by byte; with HC_QUIRK_UTF16_ORDER the surrogates of what is past U+FFFF come before
 * U+E000. */
static int text_order(const test *t, const char *a, const char *b)
{
    unsigned char x, y;

    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    x = (unsigned char)*a;
    y = (unsigned char)*b;
    if ((t->quirks & HC_QUIRK_UTF16_ORDER) != 0) {
        x = x >= 0xf0 ? (unsigned char)(x - 2) : x >= 0xee ? (unsigned char)(x + 5) : x;
        y = y >= 0xf0 ? (unsigned char)(y - 2) : y >= 0xee ? (unsigned char)(y + 5) : y;
    }
    return (x > y) - (x < y);
}

/* The oracle. */
static bool holds(const test *t, int32_t what, const char *stored, const char *asked)
{
    int order = text_order(t, stored, asked);

    switch (what) {
    case HC_TEST_EQ:
        return order == 0;
    case HC_TEST_NE:
        return order != 0;
    case HC_TEST_LT:
        return order < 0;
    case HC_TEST_LE:
        return order <= 0;
    case HC_TEST_GT:
        return order > 0;
    case HC_TEST_GE:
        return order >= 0;
    case HC_TEST_STARTS_WITH:
        return strncmp(stored, asked, strlen(asked)) == 0;
    default:
        return strstr(stored, asked) != NULL;
    }
}

static void values_are_taken_literally(test *t)
{
    static const int32_t tests[] = {HC_TEST_EQ, HC_TEST_NE, HC_TEST_LT,          HC_TEST_LE,
                                    HC_TEST_GT, HC_TEST_GE, HC_TEST_STARTS_WITH, HC_TEST_CONTAINS};

    CHECK_OK(seed(t));
    for (size_t i = 0; i < CORPUS; i++) {
        for (size_t k = 0; k < sizeof(tests) / sizeof(tests[0]); k++) {
            int64_t expected = 0;

            for (size_t j = 0; j < CORPUS; j++)
                expected += holds(t, tests[k], corpus[j], corpus[i]);
            CHECK(count_items(t, leaf(t, tests[k], ITEM_TITLE, text(HC_TYPE_TEXT, corpus[i]))) == expected);
            CHECK(count_items(t, leaf(t, tests[k], ITEM_CODE, text(HC_TYPE_KEY, corpus[i]))) == expected);
        }
    }
    CHECK(count_items(t, NULL) == (int64_t)CORPUS);
}

static void text_sorts_by_code_point(test *t)
{
    hc_op op;

    CHECK_OK(seed(t));
    op = query(t, t->kind, NULL);
    order_by(t, &op, ITEM_TITLE, 0);
    CHECK_OK(run_one(t, op));
    CHECK(t->row_count == CORPUS);
    for (size_t i = 1; i < t->row_count; i++) /* copies end with a NUL */
        CHECK(text_order(t, t->rows[i - 1].values[ITEM_TITLE].as.bytes, t->rows[i].values[ITEM_TITLE].as.bytes) < 0);
}

static void long_patterns_are_only_long(test *t)
{
    char *pattern = take(t, 10241);
    hc_op op = insert_item(t, 1);

    for (int i = 0; i < 5120; i++)
        memcpy(pattern + (ptrdiff_t)2 * i, i % 2 == 0 ? "%a" : "_\\", 2);
    set(t, &op, ITEM_TITLE, text(HC_TYPE_TEXT, pattern));
    CHECK_OK(run_one(t, op));
    CHECK(count_items(t, leaf(t, HC_TEST_CONTAINS, ITEM_TITLE, text(HC_TYPE_TEXT, pattern + 2))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_STARTS_WITH, ITEM_TITLE, text(HC_TYPE_TEXT, pattern))) == 1);
    pattern[10239] = 'x';
    CHECK(count_items(t, leaf(t, HC_TEST_CONTAINS, ITEM_TITLE, text(HC_TYPE_TEXT, pattern))) == 0);
}

static void empty_text_is_not_null(test *t)
{
    hc_op op = insert_item(t, 1);

    set(t, &op, ITEM_TITLE, text(HC_TYPE_TEXT, ""));
    set(t, &op, ITEM_HASH, bytes(t, HC_TYPE_BYTES, "", 0));
    CHECK_OK(run_one(t, op));
    CHECK_OK(run_one(t, insert_item(t, 2)));
    CHECK(count_items(t, null_test(t, HC_TEST_IS_NULL, ITEM_TITLE)) == 1);
    CHECK(count_items(t, null_test(t, HC_TEST_IS_NULL, ITEM_HASH)) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_EQ, ITEM_HASH, bytes(t, HC_TYPE_BYTES, "", 0))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_STARTS_WITH, ITEM_TITLE, text(HC_TYPE_TEXT, ""))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_CONTAINS, ITEM_TITLE, text(HC_TYPE_TEXT, ""))) == 1);
    CHECK(count_items(t, leaf(t, HC_TEST_STARTS_WITH, ITEM_TITLE, null_value())) == 0);
}

static const hc_predicate *match(test *t, uint16_t field, const char *a, const char *b)
{
    hc_value values[2] = {text(HC_TYPE_TOKENS, a), text(HC_TYPE_TOKENS, b == NULL ? "" : b)};

    return leaf_list(t, HC_TEST_MATCH, field, values, b == NULL ? 1 : 2);
}

static hc_status seed_words(test *t)
{
    static const char *const words[] = {"zqcreek zqhouse", "zqcreekside", "zqhouse zqold zqcreek", NULL, "", "zqcrew"};
    hc_op *ops = take(t, 6 * sizeof(*ops));

    for (uint32_t i = 0; i < 6; i++) {
        ops[i] = insert_item(t, i);
        set(t, &ops[i], ITEM_WORDS, words[i] == NULL ? null_value() : text(HC_TYPE_TOKENS, words[i]));
        set(t, &ops[i], ITEM_WORDS_OPEN, text(HC_TYPE_TOKENS, i == 1 ? "zqopen zqcreek" : "zqopen"));
    }
    return run_transaction(t, ops, 6);
}

static void words_match_whole_or_by_prefix(test *t)
{
    CHECK_OK(seed_words(t));
    CHECK(count_items(t, match(t, ITEM_WORDS, "zqcreek", NULL)) == 2);
    CHECK(count_items(t, match(t, ITEM_WORDS, "zqcreek*", NULL)) == 3);
    CHECK(count_items(t, match(t, ITEM_WORDS, "zqcre*", NULL)) == 4);
    CHECK(count_items(t, match(t, ITEM_WORDS, "zqhouse", "zqcreek")) == 2);
    CHECK(count_items(t, match(t, ITEM_WORDS, "zqold", "zqcr*")) == 1);
    CHECK(count_items(t, match(t, ITEM_WORDS, "creek", NULL)) == 0);
    CHECK(count_items(t, match(t, ITEM_WORDS, "zqopen", NULL)) == 0); /* the other field's */
    CHECK(count_items(t, match(t, ITEM_WORDS_OPEN, "zqcreek", NULL)) == 1);
    CHECK(count_items(t, either(t, match(t, ITEM_WORDS, "zqcrew", NULL), match(t, ITEM_WORDS_OPEN, "zqcreek", NULL))) ==
          2);
    CHECK(count_items(t, both(t, match(t, ITEM_WORDS, "zqhouse", NULL),
                              leaf(t, HC_TEST_GT, ITEM_RANK, number(HC_TYPE_INT32, 0)))) == 1);
    CHECK(count_items(t, match(t, ITEM_WORDS, "zq' OR \"x", NULL)) == -1);
}

static void words_follow_their_rows(test *t)
{
    hc_op op;

    CHECK_OK(seed_words(t));
    op = update(t->kind, leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, 0)), 1);
    set(t, &op, ITEM_WORDS, text(HC_TYPE_TOKENS, "zqnew"));
    set(t, &op, ITEM_BIG, number(HC_TYPE_INT64, 9));
    CHECK_OK(run_one(t, op));
    CHECK(count_items(t, match(t, ITEM_WORDS, "zqhouse", NULL)) == 1);
    CHECK(count_items(t, match(t, ITEM_WORDS, "zqnew", NULL)) == 1);
    CHECK(count_items(t, match(t, ITEM_WORDS_OPEN, "zqopen", NULL)) == 6);
    op = update(t->kind, match(t, ITEM_WORDS_OPEN, "zqopen", NULL), 6); /* only words, found by the words that change */
    set(t, &op, ITEM_WORDS_OPEN, null_value());
    CHECK_OK(run_one(t, op));
    CHECK(count_items(t, match(t, ITEM_WORDS_OPEN, "zqopen", NULL)) == 0);
    CHECK_OK(run_one(t, removal(t->kind, match(t, ITEM_WORDS, "zqcr*", NULL), 3)));
    CHECK(count_items(t, match(t, ITEM_WORDS, "zqcr*", NULL)) == 0 && count_items(t, NULL) == 3);
    /* a failed unit leaves the words as they were */
    op = update(t->kind, NULL, 99);
    set(t, &op, ITEM_WORDS, text(HC_TYPE_TOKENS, "zqghost"));
    CHECK(run_one(t, op) == HC_ERR_CONFLICT);
    CHECK(count_items(t, match(t, ITEM_WORDS, "zqghost", NULL)) == 0);
}

static void the_newest_matches_come_first(test *t)
{
    static const uint32_t newest[] = {2, 1, 0};
    hc_order arrival = {HC_ORDER_ARRIVAL, HC_ORDER_DESCENDING};
    hc_op op;

    CHECK_OK(seed_words(t));
    op = query(t, t->kind, match(t, ITEM_WORDS, "zqcreek*", NULL));
    op.order = &arrival;
    CHECK_OK(query_ids(t, &op));
    CHECK(rows_are(t, newest, 3));
    op.limit = 2;
    CHECK_OK(query_ids(t, &op));
    CHECK(rows_are(t, newest, 2));
    op.limit = 0;
    op.scan_limit = 2;
    op.filter = leaf(t, HC_TEST_LE, ITEM_RANK, number(HC_TYPE_INT32, 1));
    CHECK_OK(query_ids(t, &op));
    CHECK(rows_are(t, newest + 1, 1) && t->batch.ops[0].result->cut == 1 && t->batch.ops[0].result->examined == 2);
    op.where = both(t, both(t, op.where, match(t, ITEM_WORDS, "zqho*", NULL)),
                    leaf(t, HC_TEST_GE, ITEM_RANK, number(HC_TYPE_INT32, 0)));
    op.scan_limit = 0;
    op.filter = NULL;
    CHECK_OK(query_ids(t, &op));
    CHECK(t->row_count == 2);
}

/* In another order than that of the words' index, which some engine may walk all the same. */
static void a_page_of_words_examines_what_it_shows(test *t)
{
    static const uint32_t first[] = {0, 1};
    hc_op op;

    CHECK_OK(seed_words(t));
    op = query(t, t->kind, match(t, ITEM_WORDS_OPEN, "zqopen", NULL));
    op.filter = leaf(t, HC_TEST_LE, ITEM_RANK, number(HC_TYPE_INT32, 100));
    op.limit = 2;
    op.scan_limit = 5;
    for (op.index = HC_INDEX_ID; op.index <= BY_RANK; op.index++) {
        CHECK_OK(query_ids(t, &op));
        CHECK(rows_are(t, first, 2) && t->batch.ops[0].result->examined == 2 && t->batch.ops[0].result->cut == 0);
    }
}

static hc_op where_words_stand(test *t, const hc_predicate *match, uint16_t first, uint16_t second)
{
    static const hc_order newest = {HC_ORDER_ARRIVAL, HC_ORDER_DESCENDING};
    uint16_t *fields = take(t, 3 * sizeof(*fields));
    hc_op op = query(t, t->kind, match);

    fields[0] = ITEM_ID;
    fields[1] = first;
    fields[2] = second;
    op.fields = fields;
    op.field_count = 3;
    op.order = &newest;
    op.order_count = 1;
    return op;
}

static bool found(const test *t, size_t row, uint32_t id, int64_t first, int64_t second)
{
    const result_row *at = &t->rows[row];

    return is_id(&at->values[0], id) && at->values[1].type == HC_TYPE_INT64 && at->values[1].as.integer == first &&
           at->values[2].type == HC_TYPE_INT64 && at->values[2].as.integer == second;
}

static void words_are_found_in_their_fields(test *t)
{
    hc_value asked[] = {text(HC_TYPE_TOKENS, "zqcre*"), text(HC_TYPE_TOKENS, "zqopen")};
    const hc_predicate *two = match_list(t, ITEM_WORDS, ITEM_WORDS_OPEN, asked, 2);
    hc_op op;

    CHECK_OK(seed_words(t));
    CHECK(count_items(t, two) == 4);
    CHECK(count_items(t, match_list(t, ITEM_WORDS_OPEN, ITEM_WORDS_FAR, asked, 2)) == 1);
    CHECK(count_items(t, match_list(t, ITEM_WORDS, ITEM_WORDS_FAR, asked, 2)) == 4);
    CHECK(count_items(t, either(t, match_list(t, ITEM_WORDS, ITEM_WORDS_FAR, asked, 2),
                                leaf(t, HC_TEST_EQ, ITEM_RANK, number(HC_TYPE_INT32, 4)))) == 5);
    op = where_words_stand(t, two, ITEM_WORDS_OPEN, ITEM_WORDS);
    CHECK_OK(run_one(t, op));
    CHECK(t->row_count == 4 && found(t, 0, 5, 2, 1) && found(t, 1, 2, 2, 1) && found(t, 2, 1, 3, 1) &&
          found(t, 3, 0, 2, 1));
    op.filter = leaf(t, HC_TEST_LE, ITEM_RANK, number(HC_TYPE_INT32, 1));
    op.index = BY_ARRIVAL;
    op.scan_limit = 3;
    CHECK_OK(run_one(t, op));
    CHECK(t->row_count == 2 && found(t, 0, 1, 3, 1) && t->rows[1].what == HC_ROW_SCANNED);
    /* asked for where it cannot be told */
    CHECK(run_one(t, where_words_stand(t, two, ITEM_WORDS, ITEM_WORDS_FAR)) == HC_ERR_MISUSE);
    CHECK(run_one(t, where_words_stand(t, NULL, ITEM_WORDS, ITEM_WORDS_OPEN)) == HC_ERR_MISUSE);
    op = where_words_stand(t, two, ITEM_WORDS, ITEM_WORDS_OPEN);
    op.order = NULL;
    op.order_count = 0;
    CHECK(run_one(t, op) == HC_ERR_MISUSE);
}

static void ten_thousand_words_in_one_row(test *t)
{
    char *many = take(t, 100000);
    size_t size = 0;
    hc_op op = insert_item(t, 1);

    for (int i = 0; i < 10000; i++)
        size += (size_t)snprintf(many + size, 100000 - size, "zq%d ", i);
    set(t, &op, ITEM_WORDS, text(HC_TYPE_TOKENS, many));
    CHECK_OK(run_one(t, op));
    CHECK(count_items(t, match(t, ITEM_WORDS, "zq9999", "zq0")) == 1);
    CHECK(count_items(t, match(t, ITEM_WORDS, "zq10000", NULL)) == 0);
}

/* ---- as many rows as make an engine think about its way ---- */

#define CROWD        900
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Item i of the crowd has the word, which its number tells. */
static bool in_crowd(const char *word, uint32_t i)
{
    return strcmp(word, "zqall*") == 0 || (strcmp(word, "zqmost") == 0 && i % 3 != 0) ||
           (strcmp(word, "zqsome") == 0 && i % 10 == 7) || (strcmp(word, "zqfew") == 0 && i % 150 == 7);
}

static hc_status seed_crowd(test *t)
{
    static const char *const words[] = {"zqmost", "zqsome", "zqfew"};
    hc_op *ops = take(t, CROWD * sizeof(*ops));

    for (uint32_t i = 0; i < CROWD; i++) {
        char *line = take(t, 64), *end = line + snprintf(line, 64, "zqallhere");

        for (size_t k = 0; k < COUNT(words); k++)
            if (in_crowd(words[k], i))
                end += snprintf(end, (size_t)(line + 64 - end), " %s", words[k]);
        ops[i] = insert_item(t, i);
        set(t, &ops[i], i % 2 == 0 ? ITEM_WORDS : ITEM_WORDS_OPEN, text(HC_TYPE_TOKENS, line));
    }
    return run_transaction(t, ops, CROWD);
}

/* The newest of the crowd that have both words, of which the filter lets through those above `least`. */
static bool crowd_answers(test *t, const char *a, const char *b, uint32_t least, int64_t limit, int64_t scan_limit)
{
    hc_value asked[] = {text(HC_TYPE_TOKENS, a), text(HC_TYPE_TOKENS, b)};
    hc_order newest = {HC_ORDER_ARRIVAL, HC_ORDER_DESCENDING};
    hc_op op = query(t, t->kind, match_list(t, ITEM_WORDS, ITEM_WORDS_OPEN, asked, 2));
    int64_t examined = 0, given = 0;
    bool cut = false;

    op.order = &newest;
    op.order_count = 1;
    op.filter = least == 0 ? NULL : leaf(t, HC_TEST_GE, ITEM_RANK, number(HC_TYPE_INT32, least));
    op.limit = limit;
    op.scan_limit = scan_limit;
    if (query_ids(t, &op) < 0)
        return false;
    for (uint32_t i = CROWD; i-- > 0 && !cut && (limit == 0 || given < limit);) {
        if (!in_crowd(a, i) || !in_crowd(b, i))
            continue;
        cut = scan_limit != 0 && examined == scan_limit;
        examined += !cut;
        if (cut || i < least)
            continue;
        if (given >= (int64_t)t->row_count || !is_id(&t->rows[given].values[0], i))
            return false;
        given++;
    }
    return t->batch.ops[0].result->count == given && (t->batch.ops[0].result->cut != 0) == cut &&
           (scan_limit == 0 || t->batch.ops[0].result->examined == examined);
}

/* Words that all rows have, most, some and few, alone and together: engines find them in other ways, and the answer is
 * the same. */
static void common_words_and_rare_ones_answer_alike(test *t)
{
    static const char *const words[] = {"zqall*", "zqmost", "zqsome", "zqfew", "zqnone"};
    static const int64_t limits[] = {0, 1, 6, 40, CROWD};
    static const int64_t scan_limits[] = {0, 1, 6, 60, 2 * CROWD};

    CHECK_OK(seed_crowd(t));
    for (size_t a = 0; a < COUNT(words); a++)
        for (size_t b = 0; b <= a; b++)
            for (size_t limit = 0; limit < COUNT(limits); limit++)
                for (size_t scan = 0; scan < COUNT(scan_limits); scan++)
                    for (uint32_t least = 0; least <= CROWD; least += CROWD / 2) {
                        size_t mark = t->pool_used;

                        CHECK(crowd_answers(t, words[a], words[b], least, limits[limit], scan_limits[scan]));
                        t->pool_used = mark;
                    }
}

const test_case text_cases[] = {
    {"values_are_taken_literally", values_are_taken_literally, ON_DOCUMENTS},
    {"text_sorts_by_code_point", text_sorts_by_code_point, ON_DOCUMENTS},
    {"long_patterns_are_only_long", long_patterns_are_only_long, ON_DOCUMENTS},
    {"empty_text_is_not_null", empty_text_is_not_null, ON_DOCUMENTS},
    {"words_match_whole_or_by_prefix", words_match_whole_or_by_prefix, PLAIN},
    {"words_follow_their_rows", words_follow_their_rows, PLAIN},
    {"the_newest_matches_come_first", the_newest_matches_come_first, PLAIN},
    {"a_page_of_words_examines_what_it_shows", a_page_of_words_examines_what_it_shows, PLAIN},
    {"words_are_found_in_their_fields", words_are_found_in_their_fields, PLAIN},
    {"common_words_and_rare_ones_answer_alike", common_words_and_rare_ones_answer_alike, PLAIN},
    {"ten_thousand_words_in_one_row", ten_thousand_words_in_one_row, PLAIN},
    {NULL, NULL, PLAIN},
};
