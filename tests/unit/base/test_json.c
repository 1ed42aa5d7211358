#include "suite.h"

#include <cjson/cJSON.h>
#include <locale.h>
#include <string.h>

#include "base/json.h"
#include "failing.h"
#include "homeconnect/error.h"

static hc__mem mem;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
}

static hc_status check_bytes(const char *text, size_t size)
{
    hc_error err;
    hc_status status = hc__json_check(&mem, text, size, NULL, "body", &err);

    if (status != HC_OK) {
        ck_assert_int_eq(err.status, status);
        ck_assert_str_eq(err.field, "body");
        ck_assert_str_ne(err.message, "");
    }
    return status;
}

static hc_status check(const char *text)
{
    return check_bytes(text, strlen(text));
}

START_TEST(the_grammar_is_strict)
{
    static const char *const good[] = {
        "{}",
        "[]",
        " [1, -0, 0.5, 1e5, 1E+5, -1.25e-7] ",
        "\"\"",
        "true",
        "false",
        "null",
        "0",
        "{\"a\":{\"a\":1},\"b\":[{\"a\":2},{\"a\":3}]}",
        "\t\r\n {\"\":0}\n",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20aC\"",
        "\"\\ud83c\\udfe0\"",
        "\"\xf0\x9f\x8f\xa0\x7f\"",
    };
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "[",
        "}",
        "]",
        "{]",
        "[}",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{1:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "01",
        "-",
        "-01",
        "+1",
        ".5",
        "1.",
        "1.e5",
        "1e",
        "1e+",
        "0x10",
        "NaN",
        "Infinity",
        "-Infinity",
        "tru",
        "True",
        "nul",
        "nullx",
        "true false",
        "[1]x",
        "{}{}",
        "[1]]",
        "/**/1",
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud83c\"",
        "\"\\udfe0\\ud83c\"",
        "\"\\ud83cx\\udfe0\"",
        "\"\\ud83c\\u0041\"",
        "\"\\u0000\"",
        "\"tab\there\"",
        "\"line\nbreak\"",
        "\"\xc0\x27\"",
        "\"\xed\xa0\x80\"",
        "\"\xff\"",
        "\"\\\xc3\xa9\"",
        "\xff",
        "[\"a\",\"b\":1]",
        "\xc2\xa0 1",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert_msg(check(good[i]) == HC_OK, "refused: %s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(check(bad[i]) == HC_ERR_INVALID, "accepted: %s", bad[i]);
    ck_assert_int_eq(check_bytes("\"a\0b\"", 5), HC_ERR_INVALID);
    ck_assert_int_eq(check_bytes("1\0", 2), HC_ERR_INVALID);
    ck_assert_int_eq(check_bytes("\0", 1), HC_ERR_INVALID);
}
END_TEST

static char *repeat(const char *head, const char *part, size_t times, const char *tail, size_t *size)
{
    size_t part_size = strlen(part);
    char *text = malloc(strlen(head) + part_size * times + strlen(tail) + 1);
    char *at = stpcpy(text, head);

    for (size_t i = 0; i < times; i++, at += part_size)
        memcpy(at, part, part_size);
    *size = (size_t)(stpcpy(at, tail) - text);
    return text;
}

static hc_status check_repeated(const char *head, const char *part, size_t times, const char *tail)
{
    size_t size;
    char *text = repeat(head, part, times, tail, &size);
    hc_status status = check_bytes(text, size);

    free(text);
    return status;
}

/* P10 */
START_TEST(hostile_json_is_refused_without_recursion)
{
    hc__buf many;

    ck_assert_int_eq(check_repeated("\"", "x", 10 << 20, "\""), HC_ERR_TOO_LARGE);
    ck_assert_int_eq(check_repeated("\"", "x", (1 << 20) - 2, "\""), HC_OK);
    ck_assert_int_eq(check_repeated("\"", "x", (1 << 20) - 1, "\""), HC_ERR_TOO_LARGE);
    ck_assert_int_eq(check_repeated("", "[", 100000, ""), HC_ERR_TOO_LARGE);
    ck_assert_int_eq(check_repeated("", "{\"a\":", 100000, ""), HC_ERR_TOO_LARGE);
    ck_assert_int_eq(check_repeated("", "[", 33, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), HC_ERR_TOO_LARGE);
    ck_assert_int_eq(check_repeated("", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), HC_OK);
    ck_assert_int_eq(check_repeated("", "9", 1000000, ""), HC_ERR_TOO_LARGE);
    ck_assert_int_eq(check_repeated("0.", "1", 100, ""), HC_ERR_TOO_LARGE);
    ck_assert_int_eq(check_repeated("[0", ",0", 9998, "]"), HC_OK);
    ck_assert_int_eq(check_repeated("[0", ",0", 9999, "]"), HC_ERR_TOO_LARGE);
    ck_assert_int_eq(check("{\"role\":\"buyer\",\"role\":\"admin\"}"), HC_ERR_INVALID);
    ck_assert_int_eq(check("{\"role\":\"buyer\",\"\\u0072ole\":\"admin\"}"), HC_ERR_INVALID);
    ck_assert_int_eq(check("{\"a\":1} trailing"), HC_ERR_INVALID);
    ck_assert_int_eq(check("\xef\xbb\xbf{}"), HC_ERR_INVALID);
    ck_assert_int_eq(check_bytes("\xff\xfe{\0}\0", 6), HC_ERR_INVALID);
    ck_assert_int_eq(check_bytes("{\0}\0", 4), HC_ERR_INVALID);

    hc__buf_init(&many, &mem);
    hc__buf_char(&many, '{');
    for (int i = 0; i < 9000; i++)
        hc__buf_format(&many, "%s\"key%d\":0", i == 0 ? "" : ",", i);
    hc__buf_text(&many, "}");
    ck_assert_int_eq(check_bytes(many.data, many.size), HC_OK);
    many.size--;
    hc__buf_text(&many, ",\"key4711\":0}");
    ck_assert_int_eq(check_bytes(many.data, many.size), HC_ERR_INVALID);
    hc__buf_free(&many);
}
END_TEST

START_TEST(the_reader_pulls_tokens)
{
    static const char text[] =
        " {\"a\\n\": [1.50, \"x\\u00e9\\ud83c\\udfe0\", true, {}], \"b\": null, \"raw\" : {\"x\": [1, 2]} } ";
    hc__json_reader reader;
    const char *raw;
    size_t size;

    hc__json_open(&reader, &mem, text, sizeof(text) - 1, NULL);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_OBJECT);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_KEY);
    ck_assert_str_eq(reader.text, "a\n");
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_ARRAY);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_NUMBER);
    ck_assert_uint_eq(reader.size, 4);
    ck_assert_mem_eq(reader.text, "1.50", 4);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_STRING);
    ck_assert_str_eq(reader.text, "x\xc3\xa9\xf0\x9f\x8f\xa0");
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_TRUE);
    ck_assert(hc__json_skip(&reader, &raw, &size, NULL));
    ck_assert_uint_eq(size, 2);
    ck_assert(!hc__json_skip(&reader, &raw, &size, NULL));
    ck_assert_int_eq(reader.status, HC_OK);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_KEY);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_NULL);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_KEY);
    ck_assert(hc__json_skip(&reader, &raw, &size, NULL));
    ck_assert_uint_eq(size, 13);
    ck_assert_mem_eq(raw, "{\"x\": [1, 2]}", 13);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_OBJECT_END);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_END);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_END);
    hc__json_close(&reader);
    ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_ERROR);
}
END_TEST

START_TEST(what_the_writer_writes_the_reader_reads)
{
    hc__json_writer writer;
    hc__json_reader reader;
    hc__buf out;
    char all[256];

    for (int i = 0; i < 255; i++)
        all[i] = (char)(i < 127 ? i + 1 : 'a' + i % 26);
    hc__buf_init(&out, &mem);
    hc__json_begin(&writer, &out);
    hc__json_object(&writer);
    hc__json_key(&writer, "a\"b");
    hc__json_array(&writer);
    hc__json_int(&writer, INT64_MIN);
    hc__json_bool(&writer, true);
    hc__json_bool(&writer, false);
    hc__json_null(&writer);
    hc__json_raw(&writer, "12.50", 5);
    hc__json_object(&writer);
    hc__json_object_end(&writer);
    hc__json_array(&writer);
    hc__json_array_end(&writer);
    hc__json_array_end(&writer);
    hc__json_key(&writer, "s");
    hc__json_string(&writer, "tab\t, \"quote\" \\ \x01 \xc3\xa9", 20);
    hc__json_object_end(&writer);
    ck_assert_str_eq(out.data, "{\"a\\\"b\":[-9223372036854775808,true,false,null,12.50,{},[]],"
                               "\"s\":\"tab\\t, \\\"quote\\\" \\\\ \\u0001 \xc3\xa9\"}");
    ck_assert_int_eq(check_bytes(out.data, out.size), HC_OK);
    for (size_t from = 0; from < 40; from++)
        for (size_t size = 0; size + from < sizeof(all); size += 7) {
            hc__buf_clear(&out);
            hc__json_begin(&writer, &out);
            hc__json_string(&writer, all + from, size);
            hc__json_open(&reader, &mem, out.data, out.size, NULL);
            ck_assert_int_eq(hc__json_next(&reader, NULL), HC__JSON_STRING);
            ck_assert_uint_eq(reader.size, size);
            ck_assert_mem_eq(reader.text, all + from, size);
            hc__json_close(&reader);
        }
    hc__buf_free(&out);
}
END_TEST

static void assert_canonical(const char *text, const char *expected)
{
    hc_error err;
    hc__buf out;
    hc__buf again;

    hc__buf_init(&out, &mem);
    hc__buf_init(&again, &mem);
    ck_assert_int_eq(hc__json_canonical(&out, &mem, text, strlen(text), NULL, "metadata", &err), HC_OK);
    ck_assert_str_eq(out.data, expected);
    ck_assert_int_eq(hc__json_canonical(&again, &mem, out.data, out.size, NULL, "metadata", &err), HC_OK);
    ck_assert_str_eq(again.data, expected);
    hc__buf_free(&out);
    hc__buf_free(&again);
}

START_TEST(the_canonical_form_is_one)
{
    hc_error err;
    hc__buf out;

    assert_canonical(" { \"b\" : [ 1 , { } , [ ] , \"\\u00e9\\/\" ], \"a\" : { \"z\":true,\"y\":null,\"\":false } } ",
                     "{\"a\":{\"\":false,\"y\":null,\"z\":true},\"b\":[1,{},[],\"\xc3\xa9/\"]}");
    assert_canonical("{\"ab\":1,\"a\":2,\"b\":3,\"\xc3\xa9\":4,\"B\":5,\"aa\":6}",
                     "{\"B\":5,\"a\":2,\"aa\":6,\"ab\":1,\"b\":3,\"\xc3\xa9\":4}");
    assert_canonical("[0,-0,-0.0,1.0,1e3,1000,-1.50,0.1,1e-7,1.7976931348623157e308]",
                     "[0,0,0,1,1000,1000,-1.5,0.1,1e-07,1.7976931348623157e+308]");
    assert_canonical("[9223372036854775807,-9223372036854775808,9223372036854775808,1e18,1e19,5e-324]",
                     "[9223372036854775807,-9223372036854775808,9.223372036854776e+18,1000000000000000000,1e+19,"
                     "5e-324]");
    assert_canonical("0.30000000000000004", "0.30000000000000004");
    assert_canonical("\"top\"", "\"top\"");

    hc__buf_init(&out, &mem);
    hc__buf_text(&out, "kept");
    ck_assert_int_eq(hc__json_canonical(&out, &mem, "[1,1e400]", 9, NULL, "metadata", &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "metadata");
    ck_assert_str_eq(out.data, "kept");
    hc__buf_free(&out);
}
END_TEST

START_TEST(the_locale_has_no_say)
{
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
        return;
    assert_canonical("[0.5,1e-7]", "[0.5,1e-07]");
}
END_TEST

START_TEST(a_tree_holds_what_passed)
{
    hc_error err;
    cJSON *tree;

    ck_assert_int_eq(hc__json_tree(&tree, &mem, "{\"a\":[1,2]}", 11, NULL, "body", &err), HC_OK);
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(tree, "a")), 2);
    cJSON_Delete(tree);
    ck_assert_int_eq(hc__json_tree(&tree, &mem, "{\"a\":01}", 8, NULL, "body", &err), HC_ERR_INVALID);
    ck_assert_ptr_null(tree);
}
END_TEST

/* S13 */
START_TEST(every_failing_allocation_is_reported)
{
    static const char text[] = "{\"b\":[1,2.5,{\"c\":\"\\u00e9\"}],\"a\":\"text\",\"d\":{\"e\":1,\"f\":2,\"g\":3}}";
    hc__buf big;
    long n = 0;

    hc__buf_init(&big, &mem);
    hc__buf_char(&big, '[');
    for (int i = 0; i < 300; i++)
        hc__buf_format(&big, "%s{\"x%d\":\"%040d\"}", i == 0 ? "" : ",", i, i);
    hc__buf_char(&big, ']');
    for (int pass = 0; pass < 4; pass++) {
        failing state = {0, 0, false, 1, 0};

        for (n = 1; state.failed > 0; n++) {
            hc_allocator allocator = failing_allocator(&state);
            hc__mem weak;
            hc__buf out;
            hc_error err;
            hc_status status;

            state = (failing){0, n, pass % 2 == 1, 0, 0};
            ck_assert_int_eq(hc__mem_init(&weak, &allocator, NULL), HC_OK);
            hc__buf_init(&out, &weak);
            status = pass < 2 ? hc__json_canonical(&out, &weak, text, sizeof(text) - 1, NULL, "x", &err)
                              : hc__json_canonical(&out, &weak, big.data, big.size, NULL, "x", &err);
            ck_assert_int_eq(status, state.failed > 0 ? HC_ERR_NO_MEMORY : HC_OK);
            hc__buf_free(&out);
            ck_assert_int_eq(state.live, 0);
        }
        ck_assert_int_gt(n, 3);
    }
    hc__buf_free(&big);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_grammar_is_strict);
    tcase_add_test(tcase, hostile_json_is_refused_without_recursion);
    tcase_add_test(tcase, the_reader_pulls_tokens);
    tcase_add_test(tcase, what_the_writer_writes_the_reader_reads);
    tcase_add_test(tcase, the_canonical_form_is_one);
    tcase_add_test(tcase, the_locale_has_no_say);
    tcase_add_test(tcase, a_tree_holds_what_passed);
    tcase_add_test(tcase, every_failing_allocation_is_reported);
}

int main(void)
{
    return suite_main("json", fill, setup, NULL);
}
