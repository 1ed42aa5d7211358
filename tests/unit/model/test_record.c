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
    fresh(&hc__property_entity);
}

static void teardown(void)
{
    hc__arena_free(&arena);
}

static void set_required(void)
{
    hc__record_set_text(&record, P(title), "Bungalow", 8);
    hc__record_set_int(&record, P(price), 48900000);
    hc__record_set_text(&record, P(address), "12 Creek Rd", 11);
    hc__record_set_text(&record, P(city), "Austin", 6);
    hc__record_set_text(&record, P(state), "TX", 2);
    hc__record_set_text(&record, P(zip_code), "02134", 5);
    hc__record_set_int(&record, P(property_type), HC_PROPERTY_HOUSE);
}

/* The fault names the field, and the value stays what it was. */
static void expect_refused(uint16_t field)
{
    const char *name = record.entity->kind.fields[field].name;

    memset(&err, 0, sizeof(err));
    ck_assert_msg(hc__record_check(&record, HC__FOR_CREATE, HC__BY_ADMIN, &err) == HC_ERR_INVALID, "%s", name);
    ck_assert_str_eq(err.field, name);
    ck_assert_ptr_nonnull(strstr(err.message, name));
    ck_assert(hc__record_is_null(&record, field));
    ck_assert(!hc__record_is_set(&record, field));
}

static void expect_spelling_refused(uint16_t field, const char *text)
{
    fresh(&hc__property_entity);
    hc__record_set_spelled(&record, field, text, strlen(text), HC__EXACT);
    expect_refused(field);
}

static void expect_number_refused(uint16_t field, int64_t value)
{
    fresh(&hc__property_entity);
    hc__record_set_int(&record, field, value);
    expect_refused(field);
}

/* P05 */
START_TEST(prices_outside_cents_of_the_range_are_refused)
{
    static const char *const bad[] = {"-0.01",
                                      "0",
                                      "0.00",
                                      "1000000000000.00",
                                      "1e309",
                                      "NaN",
                                      "inf",
                                      "1,000",
                                      "１２",
                                      "10.005",
                                      "0x10",
                                      "+5",
                                      "",
                                      " 5",
                                      "5 ",
                                      ".5",
                                      "5.",
                                      "--5",
                                      "99999999999999999999999999999"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_spelling_refused(P(price), bad[i]);
    expect_number_refused(P(price), 0);
    expect_number_refused(P(price), -1);
    expect_number_refused(P(price), INT64_C(100000000000000));
    expect_number_refused(P(price), INT64_MIN);
    fresh(&hc__property_entity);
    hc__record_set_spelled(&record, P(price), "999999999999.99", 15, HC__EXACT);
    ck_assert_int_eq(hc__record_int(&record, P(price)), INT64_C(99999999999999));
    hc__record_set_spelled(&record, P(price), "0.010", 5, HC__EXACT);
    ck_assert_int_eq(hc__record_int(&record, P(price)), 1);
    ck_assert_int_eq(record.fault, HC_OK);
}
END_TEST

/* P06 */
START_TEST(numbers_outside_their_declared_range_or_scale_are_refused)
{
    static const struct {
        uint16_t field;
        int64_t low, high;
    } ranges[] = {{P(beds), 0, 999},
                  {P(baths), 0, 9975},
                  {P(sqft), 0, 99999999},
                  {P(lot_sqft), 0, 99999999},
                  {P(year_built), 1500, 2200},
                  {P(latitude), INT64_C(-9000000000), INT64_C(9000000000)},
                  {P(longitude), INT64_C(-18000000000), INT64_C(18000000000)},
                  {P(display_ok), 0, 1}};

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        expect_number_refused(ranges[i].field, ranges[i].low - 1);
        expect_number_refused(ranges[i].field, ranges[i].high + 1);
        fresh(&hc__property_entity);
        hc__record_set_int(&record, ranges[i].field, ranges[i].low);
        hc__record_set_int(&record, ranges[i].field, ranges[i].high);
        ck_assert_int_eq(record.fault, HC_OK);
        ck_assert_int_eq(hc__record_int(&record, ranges[i].field), ranges[i].high);
    }
    expect_spelling_refused(P(baths), "2.255");
    expect_spelling_refused(P(baths), "100");
    expect_spelling_refused(P(beds), "-1");
    expect_spelling_refused(P(beds), "2.5");
    expect_number_refused(P(sqft), (INT64_C(1) << 32) + 1);
    fresh(&hc__property_entity);
    hc__record_set_spelled(&record, P(latitude), "47.51123456789", 14, HC__HALF_EVEN);
    ck_assert_int_eq(hc__record_int(&record, P(latitude)), INT64_C(4751123457));
}
END_TEST

/* P06 */
START_TEST(an_agents_rates_have_their_ranges)
{
    static const struct {
        uint16_t field;
        const char *good, *bad;
    } cases[] = {{hc__agent_f_rating, "5.00", "5.01"},
                 {hc__agent_f_rating, "0", "-0.01"},
                 {hc__agent_f_commission_rate, "100.00", "100.01"},
                 {hc__agent_f_commission_rate, "2.5", "-1"},
                 {hc__agent_f_commission_rate, "2.55", "2.555"},
                 {hc__agent_f_capacity, "10000", "10001"},
                 {hc__agent_f_total_sales, "1000000", "1000001"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fresh(&hc__agent_entity);
        hc__record_set_spelled(&record, cases[i].field, cases[i].good, strlen(cases[i].good), HC__EXACT);
        ck_assert_int_eq(record.fault, HC_OK);
        fresh(&hc__agent_entity);
        hc__record_set_spelled(&record, cases[i].field, cases[i].bad, strlen(cases[i].bad), HC__EXACT);
        expect_refused(cases[i].field);
    }
}
END_TEST

/* P07 */
START_TEST(enums_take_their_words_and_no_others)
{
    expect_spelling_refused(P(status), "SOLD ");
    expect_spelling_refused(P(status), "archived");
    expect_spelling_refused(P(status), "");
    expect_spelling_refused(P(status), "1");
    expect_number_refused(P(status), 0);
    expect_number_refused(P(status), 4);
    expect_number_refused(P(property_subtype), 32);
    expect_number_refused(P(property_subtype), INT64_C(1) << 32 | 1);
    ck_assert_ptr_nonnull(strstr(err.message, "Apartment"));
    fresh(&hc__property_entity);
    hc__record_set_spelled(&record, P(standard_status), "Active Under Contract", 21, HC__EXACT);
    ck_assert_int_eq(hc__record_int(&record, P(standard_status)), HC_PROPERTY_STANDARD_ACTIVE_UNDER_CONTRACT);
}
END_TEST

static void set_repeated(uint16_t field, const char *unit, size_t count)
{
    size_t size = strlen(unit) * count;
    char *text = malloc(size + 1);

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * strlen(unit), unit, strlen(unit));
    fresh(&hc__property_entity);
    hc__record_set_text(&record, field, text, size);
    free(text);
}

/* P08 */
START_TEST(texts_are_limited_in_code_points_and_bytes)
{
    static const char *const units[] = {"a", "é", "€", "😀", "\xcc\x81" /* combining acute */};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        set_repeated(P(title), units[i], 255);
        ck_assert_int_eq(record.fault, HC_OK);
        set_repeated(P(title), units[i], 256);
        expect_refused(P(title));
    }
    set_repeated(P(description), "😀", 20000);
    ck_assert_int_eq(record.fault, HC_OK);
    set_repeated(P(description), "a", 1 << 20);
    expect_refused(P(description));
    set_repeated(P(title), "", 0);
    expect_refused(P(title));
    set_repeated(P(source_key), "a", 255);
    ck_assert_int_eq(record.fault, HC_OK);
    set_repeated(P(source_key), "é", 128); /* 256 bytes */
    expect_refused(P(source_key));
}
END_TEST

/* P03 */
START_TEST(text_that_is_no_utf8_or_holds_a_nul_is_refused)
{
    static const struct {
        const char *text;
        size_t size;
    } bad[] = {{"\xc0\x27", 2},         {"\xed\xa0\x80", 3}, {"\xbf\x27", 2}, {"a\0b", 3},
               {"\xf4\x90\x80\x80", 4}, {"\xff", 1},         {"\xe2\x82", 2}};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fresh(&hc__property_entity);
        hc__record_set_text(&record, P(city), bad[i].text, bad[i].size);
        expect_refused(P(city));
    }
}
END_TEST

/* P15 */
START_TEST(a_size_beyond_32_bits_is_refused_before_a_byte_is_read)
{
    hc__record_set_text(&record, P(description), "x", ((size_t)1 << 32) + 1);
    expect_refused(P(description));
    fresh(&hc__property_entity);
    hc__record_set_text(&record, P(description_norm), "x", (size_t)1 << 32);
    ck_assert_int_eq(record.fault, HC_ERR_INVALID);
    fresh(&hc__property_entity);
    hc__record_set_text(&record, P(extras), "{", (size_t)1 << 33);
    ck_assert_int_eq(record.fault, HC_ERR_INVALID);
}
END_TEST

/* P09 */
START_TEST(markup_and_control_characters_are_kept_as_they_are)
{
    static const char text[] = "<script>\xe2\x80\xae\r\n\x1b[31m' OR '1'='1";

    hc__record_set_text(&record, P(title), text, strlen(text));
    ck_assert_str_eq(hc__record_text(&record, P(title)), text);
}
END_TEST

/* P11 */
START_TEST(ids_are_read_in_canonical_form_only)
{
    static const char *const bad[] = {"0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B", "{0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b}",
                                      "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5", "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b", ""};
    static const char good[] = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
    hc__buf out;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_spelling_refused(P(agent_id), bad[i]);
    fresh(&hc__property_entity);
    hc__record_set_spelled(&record, P(agent_id), good, strlen(good), HC__EXACT);
    ck_assert_int_eq(record.fault, HC_OK);
    hc__buf_init(&out, &mem);
    hc__record_spell(&out, &record, P(agent_id));
    ck_assert_str_eq(out.data, good);
    hc__buf_free(&out);
}
END_TEST

START_TEST(codes_are_capital_letters_of_the_right_length)
{
    static const char *const bad[] = {"usd", "US", "USDX", "U$D", "ÜSD", ""};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_spelling_refused(P(currency), bad[i]);
    fresh(&hc__property_entity);
    hc__record_set_text(&record, P(currency), "EUR", 3);
    ck_assert_str_eq(hc__record_text(&record, P(currency)), "EUR");
}
END_TEST

START_TEST(times_and_dates_need_their_form)
{
    static const char *const bad_times[] = {"2026-03-08T02:30:00", "2026-03-08 02:30:00Z", "0000-01-01T00:00:00Z",
                                            "2026-03-08T24:00:00Z", "2026-03-08T23:59:60Z"};
    static const char *const bad_dates[] = {"2026-2-3", "2026-02-30", "20260203", "2026-02-03Z", "10000-01-01"};

    for (size_t i = 0; i < 5; i++) {
        fresh(&hc__agent_entity);
        hc__record_set_spelled(&record, hc__agent_f_license_verified_at, bad_times[i], strlen(bad_times[i]), HC__EXACT);
        expect_refused(hc__agent_f_license_verified_at);
        expect_spelling_refused(P(list_date), bad_dates[i]);
    }
    expect_number_refused(P(list_date), INT32_MAX);
    expect_number_refused(P(created_at), INT64_MAX);
    fresh(&hc__property_entity);
    hc__record_set_spelled(&record, P(list_date), "1970-01-02", 10, HC__EXACT);
    ck_assert_int_eq(hc__record_int(&record, P(list_date)), 1);
}
END_TEST

START_TEST(the_first_fault_sticks_and_says_what_would_be_right)
{
    hc__record_set_int(&record, P(beds), 1000);
    hc__record_set_int(&record, P(sqft), -1);
    hc__record_set_int(&record, P(beds), 3);
    set_required();
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_CREATE, HC__BY_OWNER, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "beds");
    ck_assert_str_eq(err.message, "beds must be 0 to 999");
    fresh(&hc__property_entity);
    hc__record_set_int(&record, P(price), 0);
    ck_assert_int_eq(hc__record_fault(&record, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.message, "price must be 0.01 to 999999999999.99");
    fresh(&hc__property_entity);
    hc__record_set_int(&record, 9999, 0);
    ck_assert_int_eq(hc__record_fault(&record, &err), HC_ERR_INVALID);
    fresh(&hc__property_entity);
    hc__record_set_int(&record, P(title), 1);
    expect_refused(P(title));
    fresh(&hc__property_entity);
    hc__record_set_text(&record, P(price), "1", 1);
    expect_refused(P(price));
}
END_TEST

START_TEST(create_needs_the_required_fields)
{
    ck_assert_int_eq(hc__record_check(NULL, HC__FOR_CREATE, HC__BY_OWNER, &err), HC_ERR_NO_MEMORY);
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_CREATE, HC__BY_OWNER, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "title");
    set_required();
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_CREATE, HC__BY_OWNER, &err), HC_OK);
}
END_TEST

/* A03 Z03 */
START_TEST(fields_that_the_caller_may_not_write_are_forbidden)
{
    static const uint16_t minted[] = {P(id), P(version), P(created_at), P(price_reduced), P(city_norm), P(deleted_at)};
    hc_id somebody = {{1}};

    for (size_t i = 0; i < sizeof(minted) / sizeof(minted[0]); i++) {
        fresh(&hc__property_entity);
        set_required();
        switch (record.entity->kind.fields[minted[i]].type) {
        case HC_TYPE_ID:
            hc__record_set_id(&record, minted[i], somebody);
            break;
        case HC_TYPE_KEY:
            hc__record_set_text(&record, minted[i], "x", 1);
            break;
        default:
            hc__record_set_int(&record, minted[i], 1);
        }
        ck_assert_int_eq(hc__record_check(&record, HC__FOR_CREATE, HC__BY_ADMIN, &err), HC_ERR_FORBIDDEN);
        ck_assert_str_eq(err.field, record.entity->kind.fields[minted[i]].name);
    }
    fresh(&hc__property_entity);
    set_required();
    hc__record_set_id(&record, P(agent_id), somebody);
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_CREATE, HC__BY_OWNER, &err), HC_ERR_FORBIDDEN);
    ck_assert_str_eq(err.field, "agent_id");
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_CREATE, HC__BY_ADMIN, &err), HC_OK);
    fresh(&hc__user_entity);
    hc__record_set_int(&record, hc__user_f_role, 3);
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_CREATE, HC__BY_OWNER, &err), HC_ERR_FORBIDDEN);
    ck_assert_str_eq(err.field, "role");
}
END_TEST

/* P12 */
START_TEST(update_needs_an_id_and_the_version_it_was_read_at)
{
    static const uint8_t key[16] = {7};
    hc_value id = {HC_TYPE_ID, 16, {.bytes = key}};
    hc_value version = {HC_TYPE_INT32, 0, {.integer = 3}};

    hc__record_set_int(&record, P(price), 1);
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_UPDATE, HC__BY_OWNER, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "id");
    ck_assert(hc__record_put(&record, P(id), &id));
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_UPDATE, HC__BY_OWNER, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "version");
    ck_assert(hc__record_put(&record, P(version), &version));
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_UPDATE, HC__BY_OWNER, &err), HC_OK);
    ck_assert(!hc__record_is_set(&record, P(version)));
    hc__record_set_id(&record, P(id), (hc_id){{8}});
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_UPDATE, HC__DERIVED, &err), HC_ERR_FORBIDDEN);
}
END_TEST

START_TEST(clearing_works_on_nullable_fields_only)
{
    hc__record_set_int(&record, P(beds), 3);
    hc__record_set_null(&record, P(beds));
    ck_assert(hc__record_is_null(&record, P(beds)) && hc__record_is_set(&record, P(beds)));
    hc__record_set_text(&record, P(description), NULL, 0);
    ck_assert(hc__record_is_set(&record, P(description)));
    ck_assert_int_eq(record.fault, HC_OK);
    hc__record_set_null(&record, P(price));
    expect_refused(P(price));
    ck_assert_str_eq(err.message, "price cannot be cleared");
}
END_TEST

START_TEST(put_copies_bytes_and_reads_back)
{
    char text[] = "Austin";
    hc_value value = {HC_TYPE_TEXT, 6, {.bytes = text}};
    hc_value empty = {HC_TYPE_TEXT, 0, {.bytes = NULL}};
    hc_value null = {HC_TYPE_NULL, 0, {.integer = 0}};
    char large[5000];

    ck_assert(hc__record_put(&record, P(city), &value));
    text[0] = 'X';
    ck_assert_str_eq(hc__record_text(&record, P(city)), "Austin");
    ck_assert(hc__record_put(&record, P(description), &empty));
    ck_assert_str_eq(hc__record_text(&record, P(description)), "");
    memset(large, 'y', sizeof(large));
    value = (hc_value){HC_TYPE_TEXT, sizeof(large), {.bytes = large}};
    for (int i = 0; i < 100; i++)
        ck_assert(hc__record_put(&record, P(description), &value));
    ck_assert_uint_eq(strlen(hc__record_text(&record, P(description))), sizeof(large));
    ck_assert(hc__record_put(&record, P(description), &null));
    ck_assert_ptr_null(hc__record_text(&record, P(description)));
    ck_assert(!hc__record_is_set(&record, P(city)));
    ck_assert(!hc__record_shows(&record, P(words_title)) && !hc__record_shows(&record, HC_NO_FIELD));
}
END_TEST

static void *refuse_all(size_t size, void *data)
{
    (void)data;
    (void)size;
    return NULL;
}

/* S13 */
START_TEST(without_memory_the_record_says_so)
{
    hc__mem none = mem;
    hc__arena empty;
    uint64_t room[2048 / 8];
    hc_value value = {HC_TYPE_TEXT, 4000, {.bytes = NULL}};
    char text[4001];

    none.fn.allocate = refuse_all;
    hc__arena_init(&empty, &none, NULL, 0);
    ck_assert_int_eq(hc__record_init(&record, &hc__property_entity, &empty, &err), HC_ERR_NO_MEMORY);
    hc__arena_init(&empty, &none, room, sizeof(room));
    ck_assert_int_eq(hc__record_init(&record, &hc__property_entity, &empty, &err), HC_OK);
    memset(text, 'a', sizeof(text));
    text[4000] = '\0';
    value.as.bytes = text;
    ck_assert(!hc__record_put(&record, P(description), &value));
    ck_assert(hc__record_is_null(&record, P(description)));
    hc__record_set_text(&record, P(description), text, 4000);
    ck_assert_int_eq(hc__record_check(&record, HC__FOR_CREATE, HC__BY_OWNER, &err), HC_ERR_NO_MEMORY);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, prices_outside_cents_of_the_range_are_refused);
    tcase_add_test(tcase, numbers_outside_their_declared_range_or_scale_are_refused);
    tcase_add_test(tcase, an_agents_rates_have_their_ranges);
    tcase_add_test(tcase, enums_take_their_words_and_no_others);
    tcase_add_test(tcase, texts_are_limited_in_code_points_and_bytes);
    tcase_add_test(tcase, text_that_is_no_utf8_or_holds_a_nul_is_refused);
    tcase_add_test(tcase, a_size_beyond_32_bits_is_refused_before_a_byte_is_read);
    tcase_add_test(tcase, markup_and_control_characters_are_kept_as_they_are);
    tcase_add_test(tcase, ids_are_read_in_canonical_form_only);
    tcase_add_test(tcase, codes_are_capital_letters_of_the_right_length);
    tcase_add_test(tcase, times_and_dates_need_their_form);
    tcase_add_test(tcase, the_first_fault_sticks_and_says_what_would_be_right);
    tcase_add_test(tcase, create_needs_the_required_fields);
    tcase_add_test(tcase, fields_that_the_caller_may_not_write_are_forbidden);
    tcase_add_test(tcase, update_needs_an_id_and_the_version_it_was_read_at);
    tcase_add_test(tcase, clearing_works_on_nullable_fields_only);
    tcase_add_test(tcase, put_copies_bytes_and_reads_back);
    tcase_add_test(tcase, without_memory_the_record_says_so);
}

int main(void)
{
    return suite_main("model.record", fill, setup, teardown);
}
