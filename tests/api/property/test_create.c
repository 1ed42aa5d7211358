/* Making listings: what is filled in, what is refused, whose they are. */
#include <stdio.h>
#include <string.h>

#include "house.h"

static bool is_zero(hc_id id)
{
    static const hc_id none;

    return memcmp(&id, &none, sizeof id) == 0;
}

static bool same_id(hc_id a, hc_id b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* One create that must fail and write nothing; takes the record. */
static void refused(hc_session *as, hc_property *home, hc_status want, const char *field)
{
    snapshot before = house_snapshot();
    hc_id id = {{1}};

    HOUSE_FAILS(hc_property_create(&id, as, home, err), want, field);
    ck_assert(is_zero(id));
    house_assert_unchanged_since(before);
    hc_property_free(home);
}

static hc_property *created(hc_session *as, hc_property *home)
{
    hc_id id;

    HOUSE_OK(hc_property_create(&id, as, home, err));
    hc_property_free(home);
    return house_read(as, id);
}

START_TEST(what_is_not_set_gets_its_default)
{
    hc_property *home = created(house.ana, house_sketch("Plain", 12345678));
    int32_t today = (int32_t)(house_now() / HOUSE_DAY);

    ck_assert_int_eq(hc_property_version(home), 1);
    ck_assert(same_id(hc_property_agent_id(home), house.ana_id));
    ck_assert_int_eq(hc_property_status(home), HC_PROPERTY_STATUS_ACTIVE);
    ck_assert_int_eq(hc_property_standard_status(home), HC_PROPERTY_STANDARD_ACTIVE);
    ck_assert_str_eq(hc_property_currency(home), "USD");
    ck_assert_int_eq(hc_property_original_price(home), 12345678);
    ck_assert_int_eq(hc_property_list_date(home), today);
    ck_assert_int_eq(hc_property_display_ok(home), 1);
    ck_assert_int_eq(hc_property_display_address_ok(home), 1);
    ck_assert_int_eq(hc_property_exclusive_showings(home), 0);
    ck_assert_int_eq(hc_property_price_reduced(home), 0);
    ck_assert_int_eq(hc_property_created_at(home), house_now());
    ck_assert_int_eq(hc_property_updated_at(home), house_now());
    ck_assert_int_eq(hc_property_status_changed_at(home), house_now());
    for (int32_t field = 0; field <= HC_PROPERTY_EXTRAS; field++) {
        static const int32_t null[] = {HC_PROPERTY_DESCRIPTION,
                                       HC_PROPERTY_BEDS,
                                       HC_PROPERTY_BATHS,
                                       HC_PROPERTY_SQFT,
                                       HC_PROPERTY_DELETED_AT,
                                       HC_PROPERTY_COUNTRY,
                                       HC_PROPERTY_PROPERTY_SUBTYPE,
                                       HC_PROPERTY_LATITUDE,
                                       HC_PROPERTY_LONGITUDE,
                                       HC_PROPERTY_LOT_SQFT,
                                       HC_PROPERTY_YEAR_BUILT,
                                       HC_PROPERTY_LISTING_ID,
                                       HC_PROPERTY_CLOSE_PRICE,
                                       HC_PROPERTY_CLOSE_DATE,
                                       HC_PROPERTY_SOURCE_SYSTEM,
                                       HC_PROPERTY_SOURCE_KEY,
                                       HC_PROPERTY_TIME_ZONE,
                                       HC_PROPERTY_EXTRAS,
                                       HC_PROPERTY_PREVIOUS_PRICE,
                                       HC_PROPERTY_DAYS_TO_CLOSE,
                                       HC_PROPERTY_PRICE_PER_SQFT,
                                       HC_PROPERTY_PRICE_CHANGED_AT};
        int32_t want = 0;
        for (size_t i = 0; i < sizeof null / sizeof null[0]; i++)
            want |= null[i] == field;
        ck_assert_msg(hc_property_is_null(home, field) == want, "field %d", (int)field);
    }
    hc_property_free(home);
}
END_TEST

START_TEST(a_new_listing_has_one_event_and_no_history)
{
    int64_t events = house_sql("SELECT count(*) FROM events");
    hc_id id = house_list_home(house.ana, "Evented", 100);
    char sql[256], text[HC_ID_TEXT_SIZE];

    hc_id_format(text, id);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events"), events + 1);
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM events WHERE lower(hex(resource_id))='%.8s%.4s%.4s%.4s%.12s' AND version=1 AND "
             "change='created'"
             " AND resource='property' AND actor_id IS NOT NULL",
             text, text + 9, text + 14, text + 19, text + 24);
    ck_assert_int_eq(house_sql(sql), 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM price_history"), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM status_history"), 0);
}
END_TEST

START_TEST(each_required_field_is_asked_for_by_name)
{
    static const char *const names[] = {"title", "price", "address", "city", "state", "zip_code", "property_type"};

    for (size_t missing = 0; missing < 7; missing++) {
        hc_property *home = hc_property_new(house.client);
        if (missing != 0)
            hc_property_set_title(home, "T");
        if (missing != 1)
            hc_property_set_price(home, 1);
        if (missing != 2)
            hc_property_set_address(home, "A");
        if (missing != 3)
            hc_property_set_city(home, "C");
        if (missing != 4)
            hc_property_set_state(home, "S");
        if (missing != 5)
            hc_property_set_zip_code(home, "Z");
        if (missing != 6)
            hc_property_set_property_type(home, HC_PROPERTY_LAND);
        refused(house.ana, home, HC_ERR_INVALID, names[missing]);
    }
    refused(house.ana, hc_property_new(house.client), HC_ERR_INVALID, "title");
}
END_TEST

/* P05 */
START_TEST(prices_outside_the_range_are_refused)
{
    static const int64_t bad[] = {0, -1, -48900000, INT64_C(100000000000000), INT64_MAX, INT64_MIN};
    static const char *const texts[] = {"-0.01", "0",      "0.00", "1000000000000.00",
                                        "1e309", "NaN",    "inf",  "1,000",
                                        "１２",  "10.005", "0x10", "+5",
                                        "",      " 5",     "5 ",   ".5",
                                        "5.",    "--5",    "1e2",  "Infinity"};
    static const char *const numbers[] = {"-0.01", "0", "1000000000000.00", "1e309", "10.005", "true", "[1]", "{}"};
    hc_property *home;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(house.ana, house_sketch("P", bad[i]), HC_ERR_INVALID, "price");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char json[80];
        home = house_sketch("P", 1);
        snprintf(json, sizeof json, "{\"price\":\"%s\"}", texts[i]);
        HOUSE_FAILS(hc_property_from_json(home, json, strlen(json), err), HC_ERR_INVALID, "price");
        refused(house.ana, home, HC_ERR_INVALID, "price");
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char json[80];
        home = house_sketch("P", 1);
        snprintf(json, sizeof json, "{\"price\":%s}", numbers[i]);
        HOUSE_FAILS(hc_property_from_json(home, json, strlen(json), err), HC_ERR_INVALID, "price");
        refused(house.ana, home, HC_ERR_INVALID, "price");
    }
    home = created(house.ana, house_sketch("Least", 1));
    ck_assert_int_eq(hc_property_price(home), 1);
    hc_property_free(home);
    home = created(house.ana, house_sketch("Most", INT64_C(99999999999999)));
    ck_assert_int_eq(hc_property_price(home), INT64_C(99999999999999));
    hc_property_free(home);
}
END_TEST

/* P06 */
START_TEST(numbers_outside_their_ranges_are_refused_by_name)
{
    static const struct {
        const char *field, *json;
    } bad[] = {
        {"beds", "-1"},
        {"beds", "1000"},
        {"beds", "2.5"},
        {"sqft", "4294967297"},
        {"sqft", "100000000"},
        {"sqft", "-1"},
        {"baths", "2.255"},
        {"baths", "100"},
        {"baths", "-0.25"},
        {"lot_sqft", "1e9"},
        {"year_built", "1499"},
        {"year_built", "2201"},
        {"latitude", "90.1"},
        {"longitude", "-180.1"},
        {"latitude", "1.123456789"},
        {"close_price", "0"},
        {"original_price", "-1"},
        {"list_date", "\"2026-02-30\""},
        {"display_ok", "2"},
        {"exclusive_showings", "1.0"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_property *home = house_sketch("P", 1);
        char json[80];
        hc_error err = {0};
        snprintf(json, sizeof json, "{\"%s\":%s}", bad[i].field, bad[i].json);
        ck_assert_msg(hc_property_from_json(home, json, strlen(json), &err) == HC_ERR_INVALID, "%s", json);
        ck_assert_str_eq(err.field, bad[i].field);
        refused(house.ana, home, HC_ERR_INVALID, bad[i].field);
    }
}
END_TEST

/* P06 */
START_TEST(setters_refuse_what_is_out_of_range)
{
    static const struct {
        const char *field;
        void (*set)(hc_property *home, int32_t value);
        int32_t low, high;
    } ints[] = {
        {"beds", hc_property_set_beds, 0, 999},
        {"sqft", hc_property_set_sqft, 0, 99999999},
        {"lot_sqft", hc_property_set_lot_sqft, 0, 99999999},
        {"year_built", hc_property_set_year_built, 1500, 2200},
        {"display_ok", hc_property_set_display_ok, 0, 1},
        {"property_type", hc_property_set_property_type, 1, 4},
        {"status", hc_property_set_status, 1, 3},
        {"standard_status", hc_property_set_standard_status, 1, 11},
        {"property_subtype", hc_property_set_property_subtype, 1, 31},
    };

    for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++) {
        const int32_t bad[] = {ints[i].low - 1, ints[i].high + 1, INT32_MIN, INT32_MAX};
        for (size_t k = 0; k < 4; k++) {
            hc_property *home = house_sketch("P", 1);
            ints[i].set(home, bad[k]);
            ints[i].set(home, ints[i].low); /* does not heal the record */
            refused(house.ana, home, HC_ERR_INVALID, ints[i].field);
        }
    }
}
END_TEST

/* P07 */
START_TEST(words_of_enumerations_are_taken_exactly)
{
    static const char *const bad[] = {"\"SOLD \"", "\"archived\"", "0",          "4",
                                      "\"\"",      "\"Active\"",   "[\"sold\"]", "true"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_property *home = house_sketch("P", 1);
        char json[80];
        hc_error err = {0};
        snprintf(json, sizeof json, "{\"status\":%s}", bad[i]);
        ck_assert_msg(hc_property_from_json(home, json, strlen(json), &err) == HC_ERR_INVALID, "%s", json);
        ck_assert_str_eq(err.field, "status");
        refused(house.ana, home, HC_ERR_INVALID, "status");
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE status NOT IN ('active','pending','sold')"), 0);
}
END_TEST

static char *filled(const char *unit, size_t times)
{
    size_t size = strlen(unit);
    char *text = malloc(size * times + 1);

    for (size_t i = 0; i < times; i++)
        memcpy(text + i * size, unit, size);
    text[size * times] = '\0';
    return text;
}

static void title_of(const char *unit, size_t times, hc_status want)
{
    char *text = filled(unit, times);
    hc_property *home = house_sketch("P", 1);

    hc_property_set_title(home, text);
    if (want < 0) {
        refused(house.ana, home, want, "title");
    } else {
        home = created(house.ana, home);
        ck_assert_str_eq(hc_property_title(home), text);
        hc_property_free(home);
    }
    free(text);
}

/* P08 */
START_TEST(texts_are_limited_in_code_points_and_in_bytes)
{
    hc_property *home = house_sketch("P", 1);
    char *text = filled("x", 1 << 20);

    title_of("a", 255, HC_OK);
    title_of("\xc3\xa9", 255, HC_OK);         /* é: 510 bytes */
    title_of("\xf0\x9f\x8f\xa0", 255, HC_OK); /* a house of four bytes */
    title_of("a", 256, HC_ERR_INVALID);
    title_of("\xf0\x9f\x8f\xa0", 256, HC_ERR_INVALID);
    title_of("a\xcc\x81", 128, HC_ERR_INVALID); /* combining marks are code points too */
    title_of("\xcc\x81", 100000, HC_ERR_INVALID);
    title_of("", 1, HC_ERR_INVALID);
    hc_property_set_description(home, text);
    refused(house.ana, home, HC_ERR_INVALID, "description");
    free(text);
    text = filled("\xe2\x82\xac", 20000);
    home = house_sketch("P", 1);
    hc_property_set_description(home, text);
    home = created(house.ana, home);
    ck_assert_str_eq(hc_property_description(home), text);
    hc_property_free(home);
    free(text);
}
END_TEST

/* P03 P08 */
START_TEST(text_that_is_not_utf8_is_refused)
{
    static const char *const bad[] = {"\xc0\x27",         "\xbf\x27", "a\xff",   "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80", "\xe2\x82", "\xc1\xbf"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_property *home = house_sketch("P", 1);
        hc_property_set_city(home, bad[i]);
        refused(house.ana, home, HC_ERR_INVALID, "city");
    }
}
END_TEST

/* P03 P09 */
START_TEST(markup_and_controls_are_stored_as_they_are)
{
    static const char *const texts[] = {"<script>alert(1)</script>",    "\xe2\x80\xae<b>\r\n\tX: y",
                                        "\x1b[31mred\x1b[0m",           "' OR '1'='1",
                                        "'; DROP TABLE properties; --", "/* */ %s %n {} ${x} \\"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hc_property *home = house_sketch(texts[i], 1);
        hc_text *json = NULL;
        hc_property *copy = hc_property_new(house.client);
        hc_property_set_description(home, texts[i]);
        home = created(house.ana, home);
        ck_assert_str_eq(hc_property_title(home), texts[i]);
        ck_assert_str_eq(hc_property_description(home), texts[i]);
        HOUSE_OK(hc_property_to_json(&json, home, err));
        for (const char *c = hc_text_data(json); *c != '\0'; c++)
            ck_assert_msg((unsigned char)*c >= 0x20, "a raw control character in JSON");
        hc_text_free(json);
        hc_property_free(copy);
        hc_property_free(home);
    }
    ck_assert_int_gt(house_sql("SELECT count(*) FROM properties"), 4);
}
END_TEST

/* P11 */
START_TEST(ids_have_one_spelling)
{
    static const char *const bad[] = {"018F3C5E-7A10-7B00-8000-000000000001",
                                      "{018f3c5e-7a10-7b00-8000-000000000001}",
                                      "018f3c5e-7a10-7b00-8000-00000000001",
                                      "018f3c5e-7a10-7b00-8000-0000000000011",
                                      "018f3c5e7a107b008000000000000001",
                                      "urn:uuid:018f3c5e-7a10-7b00-8000-000000000001",
                                      "018f3c5e-7a10-7b00-8000-00000000000g",
                                      "018f3c5e_7a10_7b00_8000_000000000001",
                                      ""};
    char text[HC_ID_TEXT_SIZE], json[128];
    hc_id id;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_property *home = house_sketch("P", 1);
        memset(&id, 1, sizeof id);
        ck_assert_int_eq(hc_id_parse(&id, bad[i], strlen(bad[i]), NULL), HC_ERR_INVALID);
        ck_assert(is_zero(id));
        snprintf(json, sizeof json, "{\"agent_id\":\"%s\"}", bad[i]);
        HOUSE_FAILS(hc_property_from_json(home, json, strlen(json), err), HC_ERR_INVALID, "agent_id");
        refused(house.admin, home, HC_ERR_INVALID, "agent_id");
    }
    hc_id_format(text, house.ana_id);
    HOUSE_OK(hc_id_parse(&id, text, 36, err));
    ck_assert(same_id(id, house.ana_id));
}
END_TEST

/* P15 */
START_TEST(sizes_above_4_gib_are_refused_before_they_are_read)
{
    size_t huge = (size_t)5 << 30;
    hc_property *home = house_sketch("P", 1);
    hc_session *session = NULL;
    hc_query *query = NULL;
    hc_user *user = hc_user_new(house.client);
    hc_id id;

    ck_assert_int_lt(hc_property_from_json(home, "{}", huge, NULL), 0);
    hc_property_free(home);
    ck_assert_int_lt(hc_query_parse_string(&query, house.client, "city=A", huge, NULL), 0);
    ck_assert_ptr_null(query);
    ck_assert_int_eq(hc_session_open(&session, house.client, "x", huge, NULL, NULL), HC_ERR_UNAUTHENTICATED);
    ck_assert_ptr_null(session);
    ck_assert_int_eq(hc_id_parse(&id, "018f3c5e-7a10-7b00-8000-000000000001", huge, NULL), HC_ERR_INVALID);
    hc_user_set_email(user, "huge@example.com");
    hc_user_set_full_name(user, "Huge");
    hc_user_set_role(user, HC_USER_ROLE_BUYER);
    HOUSE_FAILS(hc_user_create(&id, house.system, user, "short", huge, err), HC_ERR_INVALID, "password");
    hc_user_free(user);
}
END_TEST

/* Z03 */
START_TEST(only_an_admin_names_the_agent)
{
    hc_property *home = house_sketch("Z03", 100);
    hc_id nobody = {{9}};

    hc_property_set_agent_id(home, house.ben_id);
    refused(house.ana, home, HC_ERR_FORBIDDEN, "agent_id");
    house_assert_audited("input_validation_fail", house.ana);
    home = house_sketch("Z03", 100);
    hc_property_set_agent_id(home, house.ben_id);
    refused(house.bea, home, HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.bea);
    home = house_sketch("Z03", 100);
    hc_property_set_agent_id(home, house.bea_id); /* no agent */
    refused(house.admin, home, HC_ERR_INVALID, "agent_id");
    home = house_sketch("Z03", 100);
    hc_property_set_agent_id(home, nobody);
    refused(house.admin, home, HC_ERR_INVALID, "agent_id");
    home = house_sketch("Z03", 100);
    hc_property_set_agent_id(home, house.ben_id);
    home = created(house.admin, home);
    ck_assert(same_id(hc_property_agent_id(home), house.ben_id));
    hc_property_free(home);
}
END_TEST

/* A03 Z03 */
START_TEST(fields_of_the_library_are_refused_by_name)
{
    static const struct {
        const char *field, *value;
    } forbidden[] = {{"id", "\"018f3c5e-7a10-7b00-8000-000000000001\""},
                     {"created_at", "\"2020-01-01T00:00:00Z\""},
                     {"updated_at", "\"2020-01-01T00:00:00Z\""},
                     {"version", "7"},
                     {"deleted_at", "null"},
                     {"price_per_sqft", "\"1.00\""},
                     {"price_reduced", "true"},
                     {"days_to_close", "1"},
                     {"previous_price", "\"1.00\""},
                     {"status_changed_at", "null"}};
    hc_property *home;

    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        char json[160];
        home = house_sketch("A03", 100);
        snprintf(json, sizeof json, "{\"%s\":%s}", forbidden[i].field, forbidden[i].value);
        HOUSE_FAILS(hc_property_from_json(home, json, strlen(json), err), HC_ERR_FORBIDDEN, forbidden[i].field);
        hc_property_free(home);
    }
    home = house_sketch("A03", 100);
    HOUSE_FAILS(hc_property_from_json(home, "{\"is_verified\":true}", 20, err), HC_ERR_INVALID, "is_verified");
    hc_property_free(home);
    home = house_sketch("A03", 100);
    HOUSE_FAILS(hc_property_from_json(home, "{\"city_norm\":\"x\"}", 17, err), HC_ERR_INVALID, "city_norm");
    hc_property_free(home);
    home = house_sketch("A03", 100); /* an admin's field */
    hc_property_set_source_key(home, "k");
    refused(house.ana, home, HC_ERR_FORBIDDEN, "source_key");
    house_assert_audited("input_validation_fail", house.ana);
}
END_TEST

/* Z02 */
START_TEST(those_who_may_not_list_are_told_first)
{
    hc_property *bad = house_sketch("Z02", -1);

    refused(house.bea, house_sketch("Z02", 100), HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.bea);
    refused(house.guest, house_sketch("Z02", 100), HC_ERR_UNAUTHENTICATED, "");
    house_assert_audited("authz_fail", NULL);
    refused(house.bea, bad, HC_ERR_FORBIDDEN, "");
}
END_TEST

struct within {
    const hc_property *listing;
    int runs;
};

static hc_status create_within(hc_session *as, void *data, hc_error *err)
{
    struct within *within = data;
    hc_id id;

    within->runs++;
    return hc_property_create(&id, as, within->listing, err);
}

/* A host's unit is not run again to find out why. */
static void refused_within(hc_session *as, hc_property *listing)
{
    struct within within = {listing, 0};

    HOUSE_FAILS((within.runs = 0, hc_session_transact(as, create_within, &within, err)), HC_ERR_FORBIDDEN,
                "license_number");
    ck_assert_int_eq(within.runs, 1);
    hc_property_free(listing);
}

START_TEST(a_listing_needs_a_licence_that_is_valid_today)
{
    hc_agent *profile = NULL, *edit;

    house_set_time(house_now() + 365 * HOUSE_DAY); /* the last day */
    hc_session_free(house.ana);
    house.ana = house_login("ana@example.com", HOUSE_PASSWORD);
    hc_property_free(created(house.ana, house_sketch("Last day", 100)));
    house_pass(HOUSE_DAY);
    hc_session_free(house.ana);
    hc_session_free(house.admin);
    house.ana = house_login("ana@example.com", HOUSE_PASSWORD);
    house.admin = house_login("ada@example.com", HOUSE_PASSWORD);
    (void)house_snapshot();
    refused(house.ana, house_sketch("Too late", 100), HC_ERR_FORBIDDEN, "license_number");
    house_assert_audited("authz_fail", house.ana);
    HOUSE_OK(hc_agent_get(&profile, house.admin, house.ana_id, err));
    edit = hc_agent_edit(profile);
    hc_agent_set_license_expires_on(edit, (int32_t)(house_now() / HOUSE_DAY));
    hc_agent_set_null(edit, HC_AGENT_LICENSE_VERIFIED_AT);
    HOUSE_OK(hc_agent_update(NULL, house.admin, edit, err));
    hc_agent_free(edit);
    hc_agent_free(profile);
    refused(house.ana, house_sketch("Unverified", 100), HC_ERR_FORBIDDEN, "license_number");
    refused_within(house.ana, house_sketch("In a unit", 100));
}
END_TEST

static hc_id keyed(hc_session *as, const char *key, int64_t cents, hc_status want)
{
    hc_property *home = house_sketch("Keyed", cents);
    hc_error err = {0};
    hc_status status;
    hc_id id;

    HOUSE_OK(hc_session_set_idempotency_key(as, key, err));
    status = hc_property_create(&id, as, home, &err);
    hc_property_free(home);
    ck_assert_msg(status == want, "%s: %s %s", hc_status_name(status), err.field, err.message);
    if (want < 0)
        ck_assert_str_eq(err.field, "idempotency_key");
    return id;
}

/* P14 */
START_TEST(a_repeat_by_key_gives_the_first_answer)
{
    hc_id first = keyed(house.ana, "k-1", 100, HC_OK);
    snapshot before = house_snapshot();

    ck_assert(same_id(keyed(house.ana, "k-1", 100, HC_NOTE_REPLAYED), first));
    ck_assert(is_zero(keyed(house.ana, "k-1", 101, HC_ERR_CONFLICT)));
    house_assert_unchanged_since(before);
    ck_assert(!same_id(keyed(house.ben, "k-1", 100, HC_OK), first)); /* another actor's key is another key */
    ck_assert(!same_id(keyed(house.ana, "k-2", 100, HC_OK), first));
    ck_assert(!same_id(house_list_home(house.ana, "Keyed", 100), first)); /* a key serves one call */
    house_pass(25 * HOUSE_HOUR);
    hc_session_free(house.ana);
    house.ana = house_login("ana@example.com", HOUSE_PASSWORD);
    ck_assert(!same_id(keyed(house.ana, "k-1", 100, HC_OK), first)); /* it lived a day */
}
END_TEST

/* P14 */
START_TEST(a_key_of_a_call_that_failed_is_free_again)
{
    hc_property *home = house_sketch("Keyed", 100);
    hc_id id;

    HOUSE_OK(hc_session_set_idempotency_key(house.admin, "k-9", err));
    hc_property_set_agent_id(home, house.bea_id);
    refused(house.admin, home, HC_ERR_INVALID, "agent_id");
    home = house_sketch("Keyed", 100);
    HOUSE_OK(hc_session_set_idempotency_key(house.admin, "k-9", err));
    ck_assert_int_eq(hc_property_create(&id, house.admin, home, NULL), HC_OK);
    hc_property_free(home);
}
END_TEST

static hc_property *sourced(const char *system, const char *key)
{
    hc_property *home = house_sketch("Sourced", 100);

    hc_property_set_source_system(home, system);
    hc_property_set_source_key(home, key);
    return home;
}

START_TEST(a_source_key_is_known_once)
{
    hc_property *edit;
    hc_id other;

    hc_property_free(created(house.admin, sourced("mls", "1")));
    refused(house.admin, sourced("mls", "1"), HC_ERR_CONFLICT, "source_key");
    hc_property_free(created(house.admin, sourced("mls2", "1")));
    other = house_list_home(house.admin, "Other", 1);
    edit = hc_property_for(house.client, other, 1);
    hc_property_set_source_system(edit, "mls");
    hc_property_set_source_key(edit, "1");
    HOUSE_FAILS(hc_property_update(NULL, house.admin, edit, err), HC_ERR_CONFLICT, "source_key");
    hc_property_free(edit);
}
END_TEST

START_TEST(the_client_has_a_currency)
{
    hc_client_options options;
    hc_client *euro = NULL;
    hc_session *system = NULL;
    hc_property *home;
    hc_id id;

    house_options(&options);
    options.currency = "EUR";
    HOUSE_OK(hc_client_open(&euro, &options, err));
    HOUSE_OK(hc_session_system(&system, euro, err));
    home = house_sketch("Euro", 100);
    HOUSE_OK(hc_property_create(&id, system, home, err));
    hc_property_free(home);
    home = house_read(house.guest, id);
    ck_assert_str_eq(hc_property_currency(home), "EUR");
    hc_property_free(home);
    home = house_sketch("Own", 100);
    hc_property_set_currency(home, "eur");
    refused(house.ana, home, HC_ERR_INVALID, "currency");
    home = house_sketch("Own", 100);
    hc_property_set_currency(home, "CHF");
    home = created(house.ana, home);
    ck_assert_str_eq(hc_property_currency(home), "CHF");
    hc_property_free(home);
    hc_session_free(system);
    hc_client_close(euro);
}
END_TEST

static void set_required(hc_property *home)
{
    hc_property_set_title(home, "T");
    hc_property_set_price(home, 1);
    hc_property_set_address(home, "A");
    hc_property_set_city(home, "C");
    hc_property_set_state(home, "S");
    hc_property_set_zip_code(home, "Z");
    hc_property_set_property_type(home, HC_PROPERTY_LAND);
}

/* Z03 A03 */
START_TEST(a_row_that_was_read_is_no_input)
{
    hc_property *theirs = house_read(house.ben, house.anas_ids[0]), *keyed_by_id, *row;
    hc_property_page *page = NULL;
    snapshot before = house_snapshot();
    hc_id id;

    /* Nothing of it was set: not its agent, not what only the library writes. */
    HOUSE_FAILS(hc_property_create(&id, house.ben, theirs, err), HC_ERR_INVALID, "title");
    HOUSE_OK(hc_property_get_many(&page, house.ben, house.anas_ids, 1, err));
    HOUSE_FAILS(hc_property_create(&id, house.admin, hc_property_page_at(page, 0), err), HC_ERR_INVALID, "title");
    hc_property_page_free(page);
    house_assert_unchanged_since(before);
    hc_property_set_title(theirs, "Mine now");
    HOUSE_FAILS(hc_property_create(&id, house.ben, theirs, err), HC_ERR_INVALID, "price");
    set_required(theirs); /* what else it holds is nobody's input, and theirs to read at most */
    ck_assert_ptr_nonnull(hc_property_description(theirs));
    row = created(house.ben, theirs);
    ck_assert_ptr_null(hc_property_description(row));
    ck_assert(same_id(hc_property_agent_id(row), house.ben_id));
    hc_property_free(row);
    keyed_by_id = hc_property_for(house.client, house.anas_ids[0], 1);
    set_required(keyed_by_id);
    row = created(house.ben, keyed_by_id); /* a new one, with an id of its own */
    id = hc_property_id(row);
    ck_assert(!same_id(id, house.anas_ids[0]));
    hc_property_free(row);
}
END_TEST

/* H04 */
START_TEST(misuse_is_told_and_harms_nothing)
{
    hc_property *home = house_sketch("Misuse", 100);
    snapshot before = house_snapshot();
    hc_id id;

    HOUSE_FAILS(hc_property_create(NULL, house.ana, home, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_property_create(&id, NULL, home, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_property_create(&id, house.ana, NULL, err), HC_ERR_NO_MEMORY, "");
    ck_assert_int_eq(hc_property_create(&id, house.ana, NULL, NULL), HC_ERR_NO_MEMORY);
    hc_property_set_title(NULL, "x");
    hc_property_set_null(NULL, 1);
    hc_property_set_price(NULL, 1);
    ck_assert_int_eq(hc_property_is_null(NULL, 1), 1);
    ck_assert_ptr_null(hc_property_edit(NULL));
    ck_assert_ptr_null(hc_property_title(NULL));
    ck_assert_int_eq(hc_property_price(NULL), 0);
    hc_property_free(NULL);
    hc_property_set_null(home, 9999);
    HOUSE_FAILS(hc_property_create(&id, house.ana, home, err), HC_ERR_INVALID, "");
    hc_property_free(home);
    home = house_sketch("Null", 100);
    hc_property_set_null(home, HC_PROPERTY_TITLE);
    HOUSE_FAILS(hc_property_create(&id, house.ana, home, err), HC_ERR_INVALID, "title");
    hc_property_free(home);
    house_assert_unchanged_since(before);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_is_not_set_gets_its_default);
    tcase_add_test(tcase, a_new_listing_has_one_event_and_no_history);
    tcase_add_test(tcase, each_required_field_is_asked_for_by_name);
    tcase_add_test(tcase, prices_outside_the_range_are_refused);
    tcase_add_test(tcase, numbers_outside_their_ranges_are_refused_by_name);
    tcase_add_test(tcase, setters_refuse_what_is_out_of_range);
    tcase_add_test(tcase, words_of_enumerations_are_taken_exactly);
    tcase_add_test(tcase, texts_are_limited_in_code_points_and_in_bytes);
    tcase_add_test(tcase, text_that_is_not_utf8_is_refused);
    tcase_add_test(tcase, markup_and_controls_are_stored_as_they_are);
    tcase_add_test(tcase, ids_have_one_spelling);
    tcase_add_test(tcase, sizes_above_4_gib_are_refused_before_they_are_read);
    tcase_add_test(tcase, only_an_admin_names_the_agent);
    tcase_add_test(tcase, fields_of_the_library_are_refused_by_name);
    tcase_add_test(tcase, those_who_may_not_list_are_told_first);
    tcase_add_test(tcase, a_listing_needs_a_licence_that_is_valid_today);
    tcase_add_test(tcase, a_repeat_by_key_gives_the_first_answer);
    tcase_add_test(tcase, a_key_of_a_call_that_failed_is_free_again);
    tcase_add_test(tcase, a_source_key_is_known_once);
    tcase_add_test(tcase, the_client_has_a_currency);
    tcase_add_test(tcase, a_row_that_was_read_is_no_input);
    tcase_add_test(tcase, misuse_is_told_and_harms_nothing);
}

int main(void)
{
    return suite_main("api.property.create", fill, house_open, house_close);
}
