#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "failing.h"
#include "homeconnect/property.h"
#include "transfer/reso.h"

static hc__mem mem;
static hc__arena arena;
static hc__incoming row;
static hc_error err;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    hc__arena_init(&arena, &mem, NULL, 0);
}

static void teardown(void)
{
    hc__arena_free(&arena);
}

#define HEAD "\"ListingKey\":\"k1\",\"StandardStatus\":\"Active\""

static hc_status take(const char *members)
{
    char text[8000];

    snprintf(text, sizeof text, "{%s%s%s}", HEAD, members[0] == '\0' ? "" : ",", members);
    row = (hc__incoming){.line = 1};
    ck_assert_int_eq(hc__record_init(&row.listing, &hc__property_entity, &arena, NULL), HC_OK);
    return hc__reso_read(&row, &mem, text, strlen(text), NULL, &err);
}

static void assert_int(const char *members, uint16_t field, int64_t expected)
{
    ck_assert_msg(take(members) == HC_OK, "%s: %s", members, err.message);
    ck_assert_msg(hc__record_int(&row.listing, field) == expected, "%s: %lld", members,
                  (long long)hc__record_int(&row.listing, field));
}

static void assert_text(const char *members, uint16_t field, const char *expected)
{
    ck_assert_msg(take(members) == HC_OK, "%s: %s", members, err.message);
    if (expected == NULL)
        ck_assert_ptr_null(hc__record_text(&row.listing, field));
    else
        ck_assert_str_eq(hc__record_text(&row.listing, field), expected);
}

static void assert_refused(const char *members, const char *field)
{
    ck_assert_msg(take(members) == HC_ERR_INVALID, "%s was taken", members);
    ck_assert_str_eq(err.field, field);
    ck_assert_str_ne(err.message, "");
}

START_TEST(baths_are_the_sum_of_their_kinds)
{
    const uint16_t baths = hc__property_f_baths, extras = hc__property_f_extras;

    assert_int("\"BathroomsFull\":2,\"BathroomsHalf\":1", baths, 250);
    ck_assert_ptr_null(hc__record_text(&row.listing, extras));
    assert_int("\"BathroomsFull\":2,\"BathroomsHalf\":1,\"BathroomsTotalInteger\":3", baths, 250);
    ck_assert_ptr_null(hc__record_text(&row.listing, extras));
    assert_int("\"BathroomsFull\":1,\"BathroomsThreeQuarter\":1,\"BathroomsOneQuarter\":1", baths, 200);
    ck_assert_str_eq(hc__record_text(&row.listing, extras),
                     "{\"BathroomsFull\":1,\"BathroomsOneQuarter\":1,\"BathroomsThreeQuarter\":1}");
    assert_int("\"BathroomsTotalDecimal\":2.25", baths, 225);
    assert_int("\"BathroomsTotalDecimal\":\"1.75\"", baths, 175);
    assert_int("\"BathroomsFull\":2,\"BathroomsPartial\":1", baths, 250);
    ck_assert_str_eq(hc__record_text(&row.listing, extras), "{\"BathroomsFull\":2,\"BathroomsPartial\":1}");
    assert_int("\"BathroomsFull\":2,\"BathroomsHalf\":1,\"BathroomsPartial\":9", baths, 250);
    assert_int("\"BathroomsTotalInteger\":3", baths, 300);
    ck_assert_str_eq(hc__record_text(&row.listing, extras), "{\"BathroomsTotalInteger\":3}");
    assert_int("\"BathroomsTotalInteger\":3,\"BathroomsPartial\":1", baths, 250);
    assert_refused("\"BathroomsTotalDecimal\":2.3", "baths");
    assert_refused("\"BathroomsFull\":-1", "baths");
    assert_int("\"BathroomsFull\":99,\"BathroomsThreeQuarter\":1,\"BathroomsTotalInteger\":100", baths, 9975);
    ck_assert(hc__record_is_null(&row.listing, extras));
    assert_refused("\"BathroomsFull\":99,\"BathroomsTotalInteger\":101", "baths");
    assert_refused("\"BathroomsFull\":100", "baths");
    assert_refused("\"BathroomsFull\":1.5", "baths");
    assert_refused("\"BathroomsFull\":true", "baths");
    ck_assert_int_eq(take("\"BathroomsFull\":null"), HC_OK);
    ck_assert(hc__record_is_set(&row.listing, baths) && hc__record_is_null(&row.listing, baths));
    ck_assert_int_eq(take(""), HC_OK);
    ck_assert(!hc__record_is_set(&row.listing, baths));
}
END_TEST

START_TEST(types_are_house_apartment_condo_and_land)
{
    const uint16_t type = hc__property_f_property_type;

    assert_int("\"PropertyType\":\"Residential\",\"PropertySubType\":\"Single Family Residence\"", type,
               HC_PROPERTY_HOUSE);
    assert_int("\"PropertyType\":\"Residential\",\"PropertySubType\":\"SingleFamilyResidence\"", type,
               HC_PROPERTY_HOUSE);
    assert_int("\"PropertySubType\":\"PropertyEnums.PropertySubType'Townhouse'\"", type, HC_PROPERTY_HOUSE);
    assert_int("\"PropertyType\":\"Residential\",\"PropertySubType\":\"Condominium\"", type, HC_PROPERTY_CONDO);
    assert_int("\"PropertyType\":\"Residential\",\"PropertySubType\":\"Stock Cooperative\"", type, HC_PROPERTY_CONDO);
    assert_int("\"PropertyType\":\"Residential\",\"PropertySubType\":\"Apartment\"", type, HC_PROPERTY_APARTMENT);
    assert_int("\"PropertyType\":\"Land\"", type, HC_PROPERTY_LAND);
    assert_int("\"PropertyType\":\"Residential\"", type, HC_PROPERTY_HOUSE);
    assert_refused("\"PropertyType\":\"Residential\",\"PropertySubType\":\"Duplex\"", "property_type");
    assert_refused("\"PropertyType\":\"Residential\",\"PropertySubType\":\"Quadruplex\"", "property_type");
    assert_refused("\"PropertyType\":\"Residential Lease\"", "property_type");
    assert_refused("\"PropertyType\":\"Commercial Sale\"", "property_type");
    assert_refused("\"PropertyType\":\"Farm\"", "property_type");
    assert_refused("\"PropertyType\":\"Residential\",\"PropertySubType\":\"Castle\"", "property_subtype");
    assert_refused("\"PropertyType\":[\"Residential\"]", "PropertyType");
}
END_TEST

START_TEST(statuses_are_read_in_three_spellings)
{
    static const struct {
        const char *text;
        int32_t code;
    } cases[] = {{"{\"ListingKey\":\"k\",\"StandardStatus\":\"Active Under Contract\"}",
                  HC_PROPERTY_STANDARD_ACTIVE_UNDER_CONTRACT},
                 {"{\"ListingKey\":\"k\",\"StandardStatus\":\"ActiveUnderContract\"}",
                  HC_PROPERTY_STANDARD_ACTIVE_UNDER_CONTRACT},
                 {"{\"ListingKey\":\"k\",\"StandardStatus\":\"org.reso.metadata.enums.StandardStatus'ComingSoon'\"}",
                  HC_PROPERTY_STANDARD_COMING_SOON},
                 {"{\"ListingKey\":\"k\",\"MlsStatus\":\"Closed\"}", HC_PROPERTY_STANDARD_CLOSED},
                 {"{\"ListingKey\":\"k\",\"StandardStatus\":\"active\"}", 0},
                 {"{\"ListingKey\":\"k\",\"StandardStatus\":\"'\"}", 0},
                 {"{\"ListingKey\":\"k\",\"StandardStatus\":null}", 0},
                 {"{\"ListingKey\":\"k\"}", 0}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hc_status expected = cases[i].code == 0 ? HC_ERR_INVALID : HC_OK;

        row = (hc__incoming){.line = 1};
        ck_assert_int_eq(hc__record_init(&row.listing, &hc__property_entity, &arena, NULL), HC_OK);
        ck_assert_msg(hc__reso_read(&row, &mem, cases[i].text, strlen(cases[i].text), NULL, &err) == expected, "%s",
                      cases[i].text);
        if (expected == HC_OK)
            ck_assert_int_eq(hc__record_int(&row.listing, hc__property_f_standard_status), cases[i].code);
        else
            ck_assert_str_eq(err.field, "standard_status");
    }
}
END_TEST

START_TEST(places_areas_and_dates_are_converted)
{
    assert_text("\"StateOrProvince\":\"Texas\"", hc__property_f_state, "TX");
    assert_text("\"StateOrProvince\":\"NewMexico\"", hc__property_f_state, "NM");
    assert_text("\"StateOrProvince\":\"TX\"", hc__property_f_state, "TX");
    assert_text("\"StateOrProvince\":\"Bavaria\"", hc__property_f_state, "Bavaria");
    assert_text("\"UnparsedAddress\":\"12 Creek Rd\",\"StreetName\":\"Other\"", hc__property_f_address, "12 Creek Rd");
    assert_text("\"StreetNumber\":\"12\",\"StreetName\":\"Creek\",\"StreetSuffix\":\"Rd\",\"UnitNumber\":\"5\"",
                hc__property_f_address, "12 Creek Rd Unit 5");
    assert_int("\"LivingArea\":100.0,\"LivingAreaUnits\":\"Square Meters\"", hc__property_f_sqft, 1076);
    assert_int("\"LivingArea\":1500.5", hc__property_f_sqft, 1500);
    assert_refused("\"LivingArea\":1,\"LivingAreaUnits\":\"Tatami\"", "sqft");
    assert_int("\"LotSizeArea\":0.25,\"LotSizeUnits\":\"Acres\"", hc__property_f_lot_sqft, 10890);
    assert_int("\"LotSizeSquareFeet\":5000,\"LotSizeArea\":0.25,\"LotSizeUnits\":\"Acres\"", hc__property_f_lot_sqft,
               5000);
    assert_int("\"LotSizeAcres\":2", hc__property_f_lot_sqft, 87120);
    assert_int("\"OnMarketDate\":\"1970-01-03\"", hc__property_f_list_date, 2);
    assert_int("\"ListingContractDate\":\"1970-01-03T12:00:00Z\"", hc__property_f_list_date, 2);
    assert_int("\"Latitude\":30.123456785", hc__property_f_latitude, INT64_C(3012345678));
    assert_int("\"ListPrice\":489000.00", hc__property_f_price, 48900000);
    assert_refused("\"ListPrice\":489000.005", "price");
    assert_refused("\"ListPrice\":4.89e5", "price");
    assert_refused("\"ListPrice\":null", "price");
    assert_int("\"InternetAddressDisplayYN\":false", hc__property_f_display_address_ok, 0);
    assert_int("\"InternetAddressDisplayYN\":true", hc__property_f_display_address_ok, 1);
    ck_assert_int_eq(take("\"InternetAddressDisplayYN\":null"), HC_OK);
    ck_assert(!hc__record_is_set(&row.listing, hc__property_f_display_address_ok));
}
END_TEST

START_TEST(what_we_have_no_field_for_is_kept)
{
    assert_text("\"Zoning\":\"R1\",\"Rooms\":[{\"b\":1,\"a\":2}],\"@odata.id\":\"x\",\"ListAgentFullName\":\"Ana\"",
                hc__property_f_extras,
                "{\"ListAgentFullName\":\"Ana\",\"Rooms\":[{\"a\":2,\"b\":1}],\"Zoning\":\"R1\"}");
    assert_text("", hc__property_f_extras, NULL);
    ck_assert(hc__record_is_set(&row.listing, hc__property_f_extras));
    assert_text("\"agent_id\":\"x\",\"price\":1", hc__property_f_extras, "{\"agent_id\":\"x\",\"price\":1}");
}
END_TEST

START_TEST(a_title_is_made_of_the_remarks_or_the_address)
{
    const uint16_t title = hc__property_f_title;

    assert_text("\"PublicRemarks\":\"Bungalow by the creek. New roof.\"", title, "Bungalow by the creek.");
    ck_assert(row.title_is_made);
    assert_text("\"PublicRemarks\":\"Short\"", title, "Short");
    assert_text("\"PublicRemarks\":\"\",\"UnparsedAddress\":\"12 Creek Rd\"", title, "12 Creek Rd");
    assert_text(
        "\"PublicRemarks\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cccccccccccccccccccc\"",
        title, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
}
END_TEST

/* P10 */
START_TEST(hostile_json_is_refused)
{
    char deep[2000];

    assert_refused("\"ListPrice\":1,\"ListPrice\":2", "json");
    assert_refused("\"X\":01", "json");
    assert_refused("\"X\":\"\xc0\x27\"", "json");
    assert_refused("\"X\":\"\\ud800\"", "json");
    assert_refused("\"X\":\"\\u0000\"", "json");
    assert_refused("\"ListPrice\":{\"a\":1}", "price");
    memset(deep, '[', sizeof deep);
    memcpy(deep, "\"X\":", 4);
    deep[sizeof deep - 1] = '\0';
    ck_assert_int_lt(take(deep), 0);
    row.listing.fault = HC_OK;
    ck_assert_int_lt(hc__reso_read(&row, &mem, "[1]", 3, NULL, &err), 0);
    ck_assert_int_lt(hc__reso_read(&row, &mem, "{} x", 4, NULL, &err), 0);
    ck_assert_int_lt(hc__reso_read(&row, &mem, "{\"ListingKey\":\"k\"", 17, NULL, &err), 0);
    ck_assert_int_lt(hc__reso_read(&row, &mem, "{\"ListingKey\":null}", 19, NULL, &err), 0);
    ck_assert_str_eq(err.field, "source_key");
}
END_TEST

static void assert_written(const char *members, const char *part, const char *not_part)
{
    hc__buf out;

    hc__buf_init(&out, &mem);
    ck_assert_msg(take(members) == HC_OK, "%s", err.message);
    ck_assert_int_eq(hc__reso_write(&out, &row.listing, &mem, (hc__lister){"Ana Ortiz", "Ortiz & Co"}, &err), HC_OK);
    ck_assert_int_eq(hc__json_check(&mem, out.data, out.size, NULL, "out", &err), HC_OK);
    ck_assert_msg(strstr(out.data, part) != NULL, "%s", out.data);
    if (not_part != NULL)
        ck_assert_msg(strstr(out.data, not_part) == NULL, "%s", out.data);
    hc__buf_free(&out);
}

START_TEST(what_goes_out_mirrors_what_came_in)
{
    assert_written("\"BathroomsTotalDecimal\":2.5",
                   "\"BathroomsFull\":2,\"BathroomsHalf\":1,\"BathroomsTotalInteger\":3", "Decimal");
    assert_written("\"BathroomsTotalDecimal\":2.25",
                   "\"BathroomsFull\":2,\"BathroomsOneQuarter\":1,\"BathroomsTotalInteger\":3", NULL);
    assert_written("\"BathroomsTotalInteger\":3", "\"BathroomsTotalInteger\":3", "BathroomsFull");
    assert_written("\"BathroomsFull\":1,\"BathroomsHalf\":2", "\"BathroomsHalf\":2", "\"BathroomsFull\":2");
    assert_written("\"ListPrice\":489000", "\"ListPrice\":489000.00", NULL);
    assert_written("\"LivingArea\":1000", "\"LivingArea\":1000", NULL);
    assert_written("\"LivingArea\":1000", "\"LivingAreaUnits\":\"Square Feet\"", NULL);
    assert_written("\"PropertyType\":\"Residential\"",
                   "\"PropertyType\":\"Residential\",\"PropertySubType\":\"Single Family Residence\"", "title");
    assert_written("\"PropertyType\":\"Land\"", "\"PropertyType\":\"Land\"", "PropertySubType");
    assert_written("\"PropertySubType\":\"Townhouse\"", "\"PropertySubType\":\"Townhouse\"", NULL);
    assert_written("\"Zoning\":\"R1\"", "\"Zoning\":\"R1\"", NULL);
    assert_written("\"X\":1", "\"ListAgentFullName\":\"Ana Ortiz\",\"ListOfficeName\":\"Ortiz & Co\"", NULL);
    assert_written("\"ListAgentFullName\":\"Rex\"", "\"ListAgentFullName\":\"Rex\"", "Ana Ortiz");
    assert_written("\"OnMarketDate\":\"2025-01-02\"", "\"OnMarketDate\":\"2025-01-02\"", NULL);
}
END_TEST

/* Whatever a member holds: it is refused by a name, or what goes out again is JSON. */
START_TEST(each_member_may_hold_anything)
{
    static const char *const values[] = {"null",
                                         "\"\"",
                                         "\"x\"",
                                         "\"2\"",
                                         "\"-1\"",
                                         "\"2.5\"",
                                         "\"2.75\"",
                                         "\"2025-01-02\"",
                                         "\"2025-01-02T03:04:05Z\"",
                                         "5",
                                         "0",
                                         "-1",
                                         "2.25",
                                         "3.1",
                                         "1e400",
                                         "99999999999999999999",
                                         "true",
                                         "{}",
                                         "{\"a\":1}",
                                         "[]",
                                         "[1,\"b\"]",
                                         "\"Acres\"",
                                         "\"Square Meters\"",
                                         "\"Furlongs\"",
                                         "\"One. Two.\\nThree\""};
    static const char *const with[] = {"", "\"BathroomsFull\":2,\"BathroomsHalf\":1,\"LotSizeUnits\":\"Acres\",",
                                       "\"BathroomsTotalDecimal\":2.5,\"LotSizeArea\":2,\"StreetName\":\"Creek\",",
                                       "\"BathroomsPartial\":1,\"BathroomsTotalInteger\":3,\"LivingArea\":100,"};
    int taken = 0, refused = 0;

    for (int member = 0; member < (int)hc__reso_members; member++)
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
            for (size_t k = 0; k < sizeof with / sizeof with[0]; k++) {
                const char *name = hc__reso_name((hc__reso_member)member);
                bool key = strcmp(name, "ListingKey") == 0, is_status = strcmp(name, "StandardStatus") == 0;
                char text[1000];
                hc__buf out;
                hc_status status;

                snprintf(text, sizeof text, "{%s%s%s\"%s\":%s}", key ? "" : "\"ListingKey\":\"k1\",",
                         is_status ? "" : "\"StandardStatus\":\"Active\",", with[k], name, values[i]);
                row = (hc__incoming){.line = 1};
                ck_assert_int_eq(hc__record_init(&row.listing, &hc__property_entity, &arena, NULL), HC_OK);
                status = hc__reso_read(&row, &mem, text, strlen(text), NULL, &err);
                if (status < 0) {
                    refused++;
                    ck_assert_msg(status == HC_ERR_INVALID && err.field[0] != '\0', "%s: %d", text, (int)status);
                    continue;
                }
                taken++;
                hc__buf_init(&out, &mem);
                ck_assert_int_eq(
                    hc__reso_write(&out, &row.listing, &mem, (hc__lister){"Ana Ortiz", "Ortiz & Co"}, &err), HC_OK);
                ck_assert_msg(hc__json_check(&mem, out.data, out.size, NULL, "out", &err) == HC_OK, "%s: %s", text,
                              out.data);
                hc__buf_free(&out);
            }
    ck_assert_int_gt(taken, 500);
    ck_assert_int_gt(refused, 500);
}
END_TEST

static hc_status there_and_back(const hc__mem *from)
{
    static const char text[] = "{" HEAD ",\"BathroomsHalf\":3,\"Zoning\":{\"a\":[1,2]},\"ListPrice\":5.00,"
                               "\"StreetNumber\":\"12\",\"StreetName\":\"Creek\",\"PublicRemarks\":\"A. B\"}";
    hc__incoming one = {.line = 1};
    hc__arena memory;
    hc__buf out;
    hc_status status;

    hc__arena_init(&memory, from, NULL, 0);
    hc__buf_init(&out, from);
    status = hc__record_init(&one.listing, &hc__property_entity, &memory, &err);
    if (status == HC_OK)
        status = hc__reso_read(&one, from, text, strlen(text), "USD", &err);
    if (status == HC_OK)
        status = hc__reso_write(&out, &one.listing, from, (hc__lister){"Ana", NULL}, &err);
    if (status == HC_OK && out.failed)
        status = HC_ERR_NO_MEMORY;
    hc__buf_free(&out);
    hc__arena_free(&memory);
    return status;
}

/* S13 */
START_TEST(every_failing_allocation_is_told_and_nothing_leaks)
{
    setenv("HC_TEST_THIN", "1", 1); /* each piece of an arena, too */
    for (long n = 1;; n++) {
        failing state = {.fail_at = n};
        hc_allocator allocator = failing_allocator(&state);
        hc__mem failing_mem;
        hc_status status;

        ck_assert_int_eq(hc__mem_init(&failing_mem, &allocator, NULL), HC_OK);
        status = there_and_back(&failing_mem);
        ck_assert_int_eq(state.live, 0);
        ck_assert_int_eq(status, state.failed > 0 ? HC_ERR_NO_MEMORY : HC_OK);
        if (state.failed == 0)
            break;
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, baths_are_the_sum_of_their_kinds);
    tcase_add_test(tcase, types_are_house_apartment_condo_and_land);
    tcase_add_test(tcase, statuses_are_read_in_three_spellings);
    tcase_add_test(tcase, places_areas_and_dates_are_converted);
    tcase_add_test(tcase, what_we_have_no_field_for_is_kept);
    tcase_add_test(tcase, a_title_is_made_of_the_remarks_or_the_address);
    tcase_add_test(tcase, every_failing_allocation_is_told_and_nothing_leaks);
    tcase_add_test(tcase, hostile_json_is_refused);
    tcase_add_test(tcase, what_goes_out_mirrors_what_came_in);
    tcase_add_test(tcase, each_member_may_hold_anything);
}

int main(void)
{
    return suite_main("unit.transfer.reso", fill, setup, teardown);
}
