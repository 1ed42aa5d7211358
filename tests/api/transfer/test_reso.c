#include "importing.h"

static void open_house(void)
{
    house_open();
    job = (importing){0};
    job.options.format = HC_FORMAT_RESO;
    job.options.source_system = "mls";
}

#define HOME(key, when, price)                                                                                         \
    "{\"ListingKey\":\"" key "\",\"ModificationTimestamp\":\"" when                                                    \
    "\",\"StandardStatus\":\"Active\",\"ListPrice\":" price                                                            \
    ",\"UnparsedAddress\":\"12 Creek Rd\",\"City\":\"Austin\",\"StateOrProvince\":\"Texas\",\"PostalCode\":\"02134\"," \
    "\"PropertyType\":\"Residential\",\"PropertySubType\":\"Condominium\",\"BathroomsFull\":2,\"BathroomsHalf\":1,"    \
    "\"PublicRemarks\":\"By the creek. New roof.\",\"Zoning\":\"R1\"}"

START_TEST(both_envelopes_are_read)
{
    hc_property *home;

    import_text(house.ana,
                "{\"@reso.context\":\"x\",\"value\":[" HOME("k1", "2025-01-02T00:00:00Z",
                                                            "5.00") "," HOME("k2", "2025-01-02T00:00:00Z", "6") "]}",
                2, 0, 0, 0);
    import_text(house.ana, HOME("k3", "2025-01-02T00:00:00Z", "7"), 1, 0, 0, 0);
    import_text(house.ana, "[" HOME("k3", "2025-01-02T00:00:00Z", "7") "]", 0, 0, 1, 0);
    home = imported(house.guest, "k1");
    ck_assert_str_eq(hc_property_title(home), "By the creek.");
    ck_assert_str_eq(hc_property_state(home), "TX");
    ck_assert_str_eq(hc_property_zip_code(home), "02134");
    ck_assert_int_eq(hc_property_price(home), 500);
    ck_assert_int_eq(hc_property_baths(home), 250);
    ck_assert_int_eq(hc_property_property_type(home), HC_PROPERTY_CONDO);
    ck_assert_str_eq(hc_property_source_key(home), "k1");
    ck_assert_ptr_null(hc_property_extras(home));
    hc_property_free(home);
    home = imported(house.ana, "k1");
    ck_assert_str_eq(hc_property_extras(home), "{\"Zoning\":\"R1\"}");
    hc_property_free(home);
}
END_TEST

START_TEST(a_newer_resource_changes_fields_but_not_a_title_made_before)
{
    hc_property *home, *edit;

    import_text(house.ana, HOME("k1", "2025-01-02T00:00:00Z", "5"), 1, 0, 0, 0);
    home = imported(house.ana, "k1");
    edit = hc_property_edit(home);
    hc_property_set_title(edit, "Ana's own words");
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    hc_property_free(home);
    import_text(house.ana, HOME("k1", "2025-01-01T23:59:59Z", "4"), 0, 0, 1, 0);
    import_text(house.ana, HOME("k1", "2025-01-03T00:00:00+01:00", "6"), 0, 1, 0, 0);
    home = imported(house.ana, "k1");
    ck_assert_int_eq(hc_property_price(home), 600);
    ck_assert_str_eq(hc_property_title(home), "Ana's own words");
    hc_property_free(home);
}
END_TEST

START_TEST(statuses_off_the_market_are_not_public)
{
    hc_property *home, *hidden;

    import_text(house.ana,
                "[{\"ListingKey\":\"w\",\"StandardStatus\":\"Withdrawn\",\"ListPrice\":1,\"UnparsedAddress\":\"a\","
                "\"City\":\"c\",\"StateOrProvince\":\"TX\",\"PostalCode\":\"1\",\"PropertyType\":\"Land\"},"
                "{\"ListingKey\":\"u\",\"StandardStatus\":\"ActiveUnderContract\",\"ListPrice\":1,"
                "\"UnparsedAddress\":\"a\",\"City\":\"c\",\"StateOrProvince\":\"TX\",\"PostalCode\":\"1\","
                "\"PropertyType\":\"Land\"}]",
                2, 0, 0, 0);
    home = imported(house.ana, "w");
    ck_assert(hc_property_is_null(home, HC_PROPERTY_STATUS));
    HOUSE_FAILS(hc_property_get(&hidden, house.guest, hc_property_id(home), err), HC_ERR_NOT_FOUND, "id");
    hc_property_free(home);
    home = imported(house.guest, "u");
    ck_assert_int_eq(hc_property_status(home), HC_PROPERTY_STATUS_PENDING);
    ck_assert_int_eq(hc_property_standard_status(home), HC_PROPERTY_STANDARD_ACTIVE_UNDER_CONTRACT);
    hc_property_free(home);
}
END_TEST

START_TEST(a_bad_resource_is_refused_alone)
{
    import_text(
        house.ana,
        "{\"value\":[\n" HOME("k1", "2025-01-02T00:00:00Z", "5") ",\n" HOME(
            "k2", "2025-01-02T00:00:00Z",
            "0") ",\n" HOME("k3", "yesterday",
                            "5") ",\n"
                                 "{\"ListPrice\":5},\n{\"ListingKey\":\"k5\",\"ListingKey\":\"k6\"},\n7,\n" HOME(
                                     "k7", "2025-01-02T00:00:00Z", "5") "\n]}",
        2, 0, 0, 5);
    ck_assert_ptr_nonnull(strstr(job.report, "{\"line\":3,\"key\":\"k2\",\"field\":\"price\""));
    ck_assert_ptr_nonnull(strstr(job.report, "{\"line\":4,\"key\":\"k3\",\"field\":\"as_of\""));
    ck_assert_ptr_nonnull(strstr(job.report, "{\"line\":5,\"key\":\"\",\"field\":\"source_key\""));
    ck_assert_ptr_nonnull(strstr(job.report, "\"line\":6"));
}
END_TEST

/* P10 */
START_TEST(a_resource_that_is_too_large_is_refused_alone)
{
    static char text[(3 << 20) + 2000];
    size_t at = (size_t)snprintf(text, sizeof text, "[" HOME("k1", "2025-01-02T00:00:00Z", "5") ",{\"x\":\"");

    memset(text + at, 'x', 3 << 20);
    snprintf(text + at + (3 << 20), sizeof text - at - (3 << 20), "\"}," HOME("k3", "2025-01-02T00:00:00Z", "5") "]");
    import_text(house.ana, text, 2, 0, 0, 1);
    ck_assert_msg(strstr(job.report, "too large") != NULL, "%s", job.report);
}
END_TEST

/* Feeds have no line ends: the key alone tells which it was. */
START_TEST(a_resource_that_cannot_be_read_is_told_by_its_key_too)
{
    static const char *const parts[] = {
        "\"key\":\"k1\",\"field\":\"city\",\"reason\":\"City must be one value, no object or list\"",
        "\"key\":\"k2\",\"field\":\"LivingArea\",\"reason\":\"LivingArea must be", "\"key\":\"k3\",\"field\":\"json\",",
        "\"key\":\"\",\"field\":\"ListingKey\",\"reason\":\"ListingKey must be", "\"key\":\"\",\"field\":\"json\","};

    import_text(house.ana,
                "[{\"City\":[\"Austin\",[{}]],\"LivingArea\":{},\"ListingKey\":\"k1\"},"
                "{\"LivingArea\":{\"ListingKey\":\"no\"},\"ListingKey\":\"k2\"},"
                "{\"ListingKey\":\"k3\",\"City\":\"Austin\",\"City\":\"Austin\"},"
                "{\"ListingKey\":[\"k4\"]},{\"City\":[\"Austin\" 5],\"ListingKey\":\"k5\"}," HOME(
                    "k6", "2025-01-02T00:00:00Z", "5") "]",
                1, 0, 0, 5);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        ck_assert_msg(strstr(job.report, parts[i]) != NULL, "%s is not in %s", parts[i], job.report);
}
END_TEST

START_TEST(a_document_that_is_no_document_is_an_error)
{
    static const char *const bad[] = {"",    "x",         "{\"value\":[",     "{\"value\":[]",
                                      "[]]", "\xff\xfe{", "{\"value\":[{},]}"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_error err = {0};

        ck_assert_msg(import_bytes(house.ana, bad[i], strlen(bad[i]), &err) < 0, "%s", bad[i]);
        ck_assert_str_ne(err.message, "");
    }
    job.options.source_system = NULL;
    HOUSE_FAILS(import_bytes(house.ana, "[]", 2, err), HC_ERR_INVALID, "source_system");
    job.options.source_system = "mls";
    job.options.currency = "dollars";
    HOUSE_FAILS(import_bytes(house.ana, "[]", 2, err), HC_ERR_INVALID, "currency");
    job.options.currency = "CAD";
    import_text(house.ana, HOME("k1", "2025-01-02T00:00:00Z", "5"), 1, 0, 0, 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE currency = 'CAD'"), 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, both_envelopes_are_read);
    tcase_add_test(tcase, a_newer_resource_changes_fields_but_not_a_title_made_before);
    tcase_add_test(tcase, statuses_off_the_market_are_not_public);
    tcase_add_test(tcase, a_bad_resource_is_refused_alone);
    tcase_add_test(tcase, a_resource_that_is_too_large_is_refused_alone);
    tcase_add_test(tcase, a_resource_that_cannot_be_read_is_told_by_its_key_too);
    tcase_add_test(tcase, a_document_that_is_no_document_is_an_error);
}

int main(void)
{
    return suite_main("api.transfer.reso", fill, open_house, house_close);
}
