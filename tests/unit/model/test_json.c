#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "homeconnect/property.h"
#include "model/record.h"
#include "suite.h"

#define P(name) hc__property_f_##name

static hc__mem mem;
static hc__arena arena;
static hc__record record;
static hc__buf out;
static hc_error err;

static void fresh(const hc__entity *entity)
{
    hc__arena_free(&arena);
    ck_assert_int_eq(hc__record_init(&record, entity, &arena, &err), HC_OK);
}

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    hc__arena_init(&arena, &mem, NULL, 0);
    hc__buf_init(&out, &mem);
    fresh(&hc__property_entity);
}

static void teardown(void)
{
    hc__buf_free(&out);
    hc__arena_free(&arena);
}

static hc_status read_json(const char *json)
{
    fresh(&hc__property_entity);
    memset(&err, 0, sizeof(err));
    return hc__record_from_json(&record, json, strlen(json), HC__BY_ADMIN, &err);
}

static const char *write_json(const uint64_t *fields)
{
    hc__buf_clear(&out);
    hc__record_to_json(&out, &record, HC__OWNER_ONLY, fields);
    ck_assert(!out.failed);
    return out.data;
}

START_TEST(values_are_written_in_the_forms_of_the_interface)
{
    uint64_t fields[2] = {0};
    static const uint16_t chosen[] = {
        P(id),       P(title),           P(price),     P(beds),       P(baths),  P(property_type), P(created_at),
        P(latitude), P(standard_status), P(list_date), P(display_ok), P(extras), P(words_title)};
    hc_id id = {{0x01, 0x90, 0xa1, 0xb2, 0xc3, 0xd4, 0x7e, 0x5f, 0x8a, 0x9b, 0x0c, 0x1d, 0x2e, 0x3f, 0x4a, 0x5b}};

    for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++)
        fields[chosen[i] / 64] |= UINT64_C(1) << (chosen[i] % 64);
    hc__record_set_id(&record, P(id), id);
    hc__record_set_text(&record, P(title), "a\"b\\c\n\x01\x1f/é", 11);
    hc__record_set_int(&record, P(price), 48900000);
    hc__record_set_int(&record, P(baths), 225);
    hc__record_set_int(&record, P(property_type), HC_PROPERTY_HOUSE);
    hc__record_set_int(&record, P(created_at), INT64_C(1763861318123456));
    hc__record_set_int(&record, P(latitude), -1);
    hc__record_set_int(&record, P(standard_status), HC_PROPERTY_STANDARD_COMING_SOON);
    hc__record_set_int(&record, P(list_date), -1);
    hc__record_set_int(&record, P(display_ok), 0);
    hc__record_set_text(&record, P(extras), " {\"b\" : 1.50, \"a\":[1, null]} ", 29);
    ck_assert_int_eq(record.fault, HC_OK);
    ck_assert_str_eq(write_json(fields),
                     "{\"id\":\"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\",\"title\":\"a\\\"b\\\\c\\n\\u0001\\u001f/é\","
                     "\"price\":\"489000.00\",\"beds\":null,\"baths\":\"2.25\",\"property_type\":\"house\","
                     "\"created_at\":\"2025-11-23T01:28:38.123456Z\",\"latitude\":\"-0.00000001\","
                     "\"standard_status\":\"Coming Soon\",\"list_date\":\"1969-12-31\",\"display_ok\":false,"
                     "\"extras\":{\"a\":[1,null],\"b\":1.5}}");
}
END_TEST

START_TEST(members_more_private_than_the_audience_are_left_out)
{
    hc__record_to_json(&out, &record, HC__PUBLIC, NULL);
    ck_assert_ptr_null(strstr(out.data, "\"address\""));
    ck_assert_ptr_null(strstr(out.data, "\"extras\""));
    ck_assert_ptr_nonnull(strstr(out.data, "\"price\":null"));
    hc__buf_clear(&out);
    hc__record_to_json(&out, &record, HC__SECRET, NULL);
    ck_assert_ptr_nonnull(strstr(out.data, "\"address\":null"));
    ck_assert_ptr_null(strstr(out.data, "_norm"));
    ck_assert_ptr_null(strstr(out.data, "words"));
    fresh(&hc__user_entity);
    hc__record_set_text(&record, hc__user_f_email, "ana@example.com", 15);
    hc__buf_clear(&out);
    hc__record_to_json(&out, &record, HC__PUBLIC, NULL);
    ck_assert_ptr_null(strstr(out.data, "ana@"));
    hc__buf_clear(&out);
    hc__record_to_json(&out, &record, HC__SECRET, NULL);
    ck_assert_ptr_nonnull(strstr(out.data, "ana@"));
    ck_assert_ptr_null(strstr(out.data, "password_hash"));
    ck_assert_ptr_null(strstr(out.data, "token_epoch"));
}
END_TEST

static const char listing[] =
    "{\"title\":\"Bungalow \\u00e9 \\ud83d\\ude00\",\"description\":null,\"price\":489000.5,\"address\":\"12 Creek "
    "Rd\","
    "\"city\":\"Austin\",\"state\":\"TX\",\"zip_code\":\"02134\",\"beds\":3,\"baths\":\"2.5\",\"sqft\":1400,"
    "\"property_type\":\"house\",\"status\":\"active\",\"latitude\":30.25,\"longitude\":\"-97.75\",\"display_ok\":true,"
    "\"list_date\":\"2026-02-03\",\"extras\":{\"z\":\"\\u0041\",\"a\":{\"b\":[]}},"
    "\"agent_id\":\"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\"}";

START_TEST(a_listing_survives_the_round_trip)
{
    char first[4096];
    uint64_t set[2];
    cJSON *tree;

    ck_assert_msg(read_json(listing) == HC_OK, "%s", err.message);
    ck_assert_int_eq(hc__record_int(&record, P(price)), 48900050);
    ck_assert_int_eq(hc__record_int(&record, P(latitude)), INT64_C(3025000000));
    ck_assert_str_eq(hc__record_text(&record, P(extras)), "{\"a\":{\"b\":[]},\"z\":\"A\"}");
    ck_assert(hc__record_is_set(&record, P(description)));
    ck_assert(!hc__record_is_set(&record, P(country)));
    memcpy(set, record.set, sizeof(set));
    strcpy(first, write_json(set));
    tree = cJSON_Parse(first);
    ck_assert_ptr_nonnull(tree);
    cJSON_Delete(tree);
    ck_assert_msg(read_json(first) == HC_OK, "%s", err.message);
    ck_assert_mem_eq(set, record.set, sizeof(set));
    ck_assert_str_eq(write_json(set), first);
}
END_TEST

static void expect(const char *json, hc_status status, const char *field)
{
    hc_status got = read_json(json);

    ck_assert_msg(got == status, "%s: %d %s", json, got, err.message);
    ck_assert_str_eq(err.field, field);
    ck_assert_int_eq(err.status, status);
}

/* A03 */
START_TEST(unknown_and_forbidden_members_are_refused_by_name)
{
    expect("{\"is_verified\":true}", HC_ERR_INVALID, "is_verified");
    expect("{\"id\":\"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\"}", HC_ERR_FORBIDDEN, "id");
    expect("{\"created_at\":\"2026-01-01T00:00:00Z\"}", HC_ERR_FORBIDDEN, "created_at");
    expect("{\"version\":1}", HC_ERR_FORBIDDEN, "version");
    expect("{\"price_reduced\":true}", HC_ERR_FORBIDDEN, "price_reduced");
    expect("{\"words_text\":\"x\"}", HC_ERR_INVALID, "words_text");
    expect("{\"ListPrice\":\"1\"}", HC_ERR_INVALID, "ListPrice");
    expect("{\"Title\":\"x\"}", HC_ERR_INVALID, "Title");
    fresh(&hc__user_entity);
    ck_assert_int_eq(hc__record_from_json(&record, "{\"role\":\"admin\"}", 16, HC__BY_OWNER, &err), HC_ERR_FORBIDDEN);
    ck_assert_str_eq(err.field, "role");
    ck_assert_int_eq(hc__record_from_json(&record, "{\"password_hash\":\"x\"}", 21, HC__BY_ADMIN, &err),
                     HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "password_hash");
}
END_TEST

/* P05 P06 P07 P11 */
START_TEST(values_of_the_wrong_form_are_refused_by_name)
{
    expect("{\"price\":1e309}", HC_ERR_INVALID, "price");
    expect("{\"price\":10.005}", HC_ERR_INVALID, "price");
    expect("{\"price\":-0.01}", HC_ERR_INVALID, "price");
    expect("{\"price\":\"1,000\"}", HC_ERR_INVALID, "price");
    expect("{\"price\":true}", HC_ERR_INVALID, "price");
    expect("{\"price\":null}", HC_ERR_INVALID, "price");
    expect("{\"price\":[1]}", HC_ERR_INVALID, "price");
    expect("{\"price\":{\"$ne\":1}}", HC_ERR_INVALID, "price");
    expect("{\"beds\":\"3\"}", HC_ERR_INVALID, "beds");
    expect("{\"beds\":2.5}", HC_ERR_INVALID, "beds");
    expect("{\"baths\":100}", HC_ERR_INVALID, "baths");
    expect("{\"status\":\"SOLD \"}", HC_ERR_INVALID, "status");
    expect("{\"status\":1}", HC_ERR_INVALID, "status");
    expect("{\"display_ok\":1}", HC_ERR_INVALID, "display_ok");
    expect("{\"display_ok\":\"true\"}", HC_ERR_INVALID, "display_ok");
    expect("{\"title\":5}", HC_ERR_INVALID, "title");
    expect("{\"agent_id\":\"0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B\"}", HC_ERR_INVALID, "agent_id");
    expect("{\"extras\":5}", HC_ERR_INVALID, "extras");
    expect("{\"extras\":\"x\"}", HC_ERR_INVALID, "extras");
    ck_assert_str_eq(err.message, "extras must be a JSON object or array");
    expect("{\"extras\":{\"a\":[1,1e400]}}", HC_ERR_INVALID, "extras");
    ck_assert_msg(strstr(err.message, "extras cannot be kept: JSON") != NULL && strstr(err.message, "number") != NULL,
                  "%s", err.message);
}
END_TEST

/* P10 */
START_TEST(broken_documents_are_refused)
{
    static const char *const bad[] = {"",
                                      "[]",
                                      "null",
                                      "\"x\"",
                                      "{",
                                      "{\"beds\":3",
                                      "{\"beds\":3}x",
                                      "{}{}",
                                      "{\"beds\":3,}",
                                      "{\"beds\":03}",
                                      "{\"beds\":3,\"beds\":4}",
                                      "{\"title\":\"\\ud800\"}",
                                      "\xef\xbb\xbf{}",
                                      "{\"title\":\"a\\u0000b\"}"};
    char deep[2048] = "{\"extras\":";

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(read_json(bad[i]) < 0, "%s", bad[i]);
    for (size_t i = 0; i < 900; i++)
        strcat(deep, "[");
    ck_assert_int_lt(read_json(deep), 0);
    ck_assert_int_eq(read_json("{}"), HC_OK);
}
END_TEST

START_TEST(every_plain_and_escaped_length_is_written_right)
{
    char text[80];
    uint64_t fields[2] = {UINT64_C(1) << P(description), 0};

    for (size_t size = 0; size < sizeof(text); size++)
        for (size_t special = 0; special <= size; special++) {
            cJSON *tree;

            memset(text, 'x', size);
            if (special < size)
                text[special] = "\"\\\n\x1f"[special % 4];
            fresh(&hc__property_entity);
            hc__record_set_text(&record, P(description), text, size);
            tree = cJSON_Parse(write_json(fields));
            ck_assert_ptr_nonnull(tree);
            ck_assert_str_eq(cJSON_GetObjectItem(tree, "description")->valuestring,
                             hc__record_text(&record, P(description)));
            cJSON_Delete(tree);
        }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, values_are_written_in_the_forms_of_the_interface);
    tcase_add_test(tcase, members_more_private_than_the_audience_are_left_out);
    tcase_add_test(tcase, a_listing_survives_the_round_trip);
    tcase_add_test(tcase, unknown_and_forbidden_members_are_refused_by_name);
    tcase_add_test(tcase, values_of_the_wrong_form_are_refused_by_name);
    tcase_add_test(tcase, broken_documents_are_refused);
    tcase_add_test(tcase, every_plain_and_escaped_length_is_written_right);
}

int main(void)
{
    return suite_main("model.json", fill, setup, teardown);
}
