#include "importing.h"

static void open_house(void)
{
    house_open();
    job = (importing){0};
}

/* ---- export ---- */

typedef struct exported {
    char *text;
    size_t size;
    int64_t rows;
    int writes;
    int fail_at;
} exported;

static hc_status on_write(const char *bytes, size_t size, void *data, hc_error *err)
{
    exported *out = data;

    (void)err;
    if (++out->writes == out->fail_at)
        return HC_ERR_NO_SPACE;
    out->text = realloc(out->text, out->size + size + 1);
    ck_assert_ptr_nonnull(out->text);
    memcpy(out->text + out->size, bytes, size);
    out->size += size;
    out->text[out->size] = '\0';
    return HC_OK;
}

static void export_own(exported *out, hc_session *as, const char *filter, int32_t format)
{
    hc_query *query;

    *out = (exported){0};
    HOUSE_OK(hc_query_parse(&query, house.client, filter, "created_at", err));
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_OWN, err));
    HOUSE_OK(hc_export_run(&out->rows, as, query, format, on_write, out, err));
    hc_query_free(query);
}

static const char own_mapping[] =
    "{\"source_system\":\"export\",\"key\":\"id\",\"as_of\":\"updated_at\",\"fields\":{\"title\":\"title\","
    "\"description\":\"description\",\"price\":\"price\",\"currency\":\"currency\",\"address\":\"address\","
    "\"city\":\"city\",\"state\":\"state\",\"zip_code\":\"zip_code\",\"country\":\"country\","
    "\"property_type\":\"property_type\",\"property_subtype\":\"property_subtype\",\"beds\":\"beds\","
    "\"baths\":\"baths\",\"sqft\":\"sqft\",\"lot_sqft\":\"lot_sqft\",\"year_built\":\"year_built\","
    "\"latitude\":\"latitude\",\"longitude\":\"longitude\",\"listing_id\":\"listing_id\","
    "\"standard_status\":\"standard_status\",\"list_date\":\"list_date\",\"original_price\":\"original_price\","
    "\"close_price\":\"close_price\",\"close_date\":\"close_date\",\"display_ok\":\"display_ok\","
    "\"display_address_ok\":\"display_address_ok\",\"time_zone\":\"time_zone\","
    "\"exclusive_showings\":\"exclusive_showings\"}}";

/* A listing with something in every field that may be told. */
static hc_property *rich(void)
{
    hc_property *home = house_sketch("Bungalow, \"Creek\"\nside", 48900001);

    hc_property_set_description(home, "Walk, run; \xc3\xa9lan.\r\nNew roof");
    hc_property_set_country(home, "US");
    hc_property_set_property_subtype(home, HC_PROPERTY_SUBTYPE_TOWNHOUSE);
    hc_property_set_beds(home, 3);
    hc_property_set_baths(home, 225);
    hc_property_set_sqft(home, 1180);
    hc_property_set_lot_sqft(home, 5650);
    hc_property_set_year_built(home, 1955);
    hc_property_set_latitude(home, INT64_C(3024571234));
    hc_property_set_longitude(home, INT64_C(-9776543211));
    hc_property_set_listing_id(home, "MLS-1");
    hc_property_set_list_date(home, 20000);
    hc_property_set_original_price(home, 50000000);
    hc_property_set_extras(home, "{\"Zoning\":\"R1\",\"Rooms\":[1,2.5]}");
    return home;
}

static void assert_alike(const hc_property *a, const hc_property *b)
{
    ck_assert_str_eq(hc_property_description(a), hc_property_description(b));
    ck_assert_int_eq(hc_property_price(a), hc_property_price(b));
    ck_assert_str_eq(hc_property_address(a), hc_property_address(b));
    ck_assert_str_eq(hc_property_city(a), hc_property_city(b));
    ck_assert_str_eq(hc_property_zip_code(a), hc_property_zip_code(b));
    ck_assert_int_eq(hc_property_property_type(a), hc_property_property_type(b));
    ck_assert_int_eq(hc_property_property_subtype(a), hc_property_property_subtype(b));
    ck_assert_int_eq(hc_property_beds(a), hc_property_beds(b));
    ck_assert_int_eq(hc_property_baths(a), hc_property_baths(b));
    ck_assert_int_eq(hc_property_sqft(a), hc_property_sqft(b));
    ck_assert_int_eq(hc_property_lot_sqft(a), hc_property_lot_sqft(b));
    ck_assert_int_eq(hc_property_year_built(a), hc_property_year_built(b));
    ck_assert_int_eq(hc_property_latitude(a), hc_property_latitude(b));
    ck_assert_int_eq(hc_property_longitude(a), hc_property_longitude(b));
    ck_assert_str_eq(hc_property_listing_id(a), hc_property_listing_id(b));
    ck_assert_int_eq(hc_property_standard_status(a), hc_property_standard_status(b));
    ck_assert_int_eq(hc_property_list_date(a), hc_property_list_date(b));
    ck_assert_int_eq(hc_property_original_price(a), hc_property_original_price(b));
}

/* Exports ana's rich listing, imports it as ben's, and gives both back. */
static void there_and_back(int32_t format, hc_property **first, hc_property **second, exported *out)
{
    hc_property *home = rich();
    char text[HC_ID_TEXT_SIZE];
    hc_id id;

    HOUSE_OK(hc_property_create(&id, house.ana, home, err));
    hc_property_free(home);
    export_own(out, house.ana, "listing_id eq 'MLS-1'", format);
    ck_assert_int_eq(out->rows, 1);
    job.options.format = format;
    job.options.mapping = format == HC_FORMAT_CSV ? own_mapping : NULL;
    job.options.source_system = format == HC_FORMAT_CSV ? NULL : "export";
    import_text(house.ben, out->text, 1, 0, 0, 0);
    import_text(house.ben, out->text, 0, 0, 1, 0);
    hc_id_format(text, id);
    *first = house_read(house.ana, id);
    *second = imported(house.ben, text);
    assert_alike(*first, *second);
}

START_TEST(a_csv_comes_back_as_it_went)
{
    exported out;
    hc_property *first, *second;

    there_and_back(HC_FORMAT_CSV, &first, &second, &out);
    ck_assert_str_eq(hc_property_title(first), hc_property_title(second));
    ck_assert_int_eq(strncmp(out.text, "id,agent_id,title,description,price,", 36), 0);
    ck_assert_ptr_null(strstr(out.text, "city_norm"));
    ck_assert_ptr_null(strstr(out.text, "Zoning"));
    hc_property_free(first);
    hc_property_free(second);
    free(out.text);
}
END_TEST

START_TEST(reso_comes_back_as_it_went)
{
    exported out;
    hc_property *first, *second;

    there_and_back(HC_FORMAT_RESO, &first, &second, &out);
    ck_assert_ptr_nonnull(strstr(out.text, "\"@reso.context\":\"urn:reso:metadata:2.0:resource:property\""));
    ck_assert_ptr_nonnull(strstr(out.text, "\"PropertySubType\":\"Townhouse\""));
    ck_assert_ptr_nonnull(strstr(out.text, "\"ListAgentFullName\":\"Ana"));
    ck_assert_ptr_nonnull(strstr(out.text, "\"BathroomsFull\":2,\"BathroomsOneQuarter\":1"));
    ck_assert_ptr_nonnull(strstr(out.text, "\"Zoning\":\"R1\""));
    ck_assert_ptr_nonnull(strstr(hc_property_extras(second), "\"Rooms\":[1,2.5]"));
    hc_property_free(first);
    hc_property_free(second);
    free(out.text);
}
END_TEST

START_TEST(lines_are_one_json_object_each)
{
    exported out;
    size_t lines = 0;

    export_own(&out, house.ana, NULL, HC_FORMAT_JSONL);
    for (size_t i = 0; i < out.size; i++)
        lines += out.text[i] == '\n';
    ck_assert_int_eq(out.rows, 3);
    ck_assert_uint_eq(lines, 3);
    ck_assert_int_eq(strncmp(out.text, "{\"id\":\"", 7), 0);
    ck_assert_ptr_null(strstr(out.text, "_norm"));
    free(out.text);
}
END_TEST

START_TEST(an_export_without_rows_is_still_a_document)
{
    exported out;

    export_own(&out, house.ana, "city eq 'Nowhere'", HC_FORMAT_RESO);
    ck_assert_str_eq(out.text, "{\"@reso.context\":\"urn:reso:metadata:2.0:resource:property\",\"value\":[]}\n");
    free(out.text);
    export_own(&out, house.ana, "city eq 'Nowhere'", HC_FORMAT_CSV);
    ck_assert_int_eq(out.rows, 0);
    ck_assert_ptr_nonnull(strstr(out.text, "\r\n"));
    free(out.text);
}
END_TEST

START_TEST(an_export_of_more_than_the_public_sees_is_in_the_audit_log)
{
    static const char told[] = "SELECT count(*) FROM audit_log WHERE event='sensitive_read' AND reason='export'";
    hc_query *query;
    exported out;

    HOUSE_OK(hc_query_parse(&query, house.client, "city eq 'Nowhere'", "price", err));
    out = (exported){0};
    HOUSE_OK(hc_export_run(NULL, house.ana, query, HC_FORMAT_CSV, on_write, &out, err));
    free(out.text);
    ck_assert_int_eq(house_sql(told), 0);
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_ALL, err));
    out = (exported){0};
    HOUSE_FAILS(hc_export_run(NULL, house.ana, query, HC_FORMAT_CSV, on_write, &out, err), HC_ERR_FORBIDDEN, "scope");
    free(out.text);
    ck_assert_int_eq(house_sql(told), 0);
    (void)house_snapshot();
    out = (exported){0};
    HOUSE_OK(hc_export_run(NULL, house.admin, query, HC_FORMAT_CSV, on_write, &out, err));
    free(out.text);
    ck_assert_int_eq(house_sql(told), 1);
    house_assert_audited("sensitive_read", house.admin);
    hc_query_free(query);
}
END_TEST

static void many(void)
{
    static char text[40000];
    size_t at = (size_t)snprintf(text, sizeof text, HEADER);

    for (int i = 0; i < 450; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "r%d,2025-01-02,%d.00,2\n", i, 1000 + i);
    import_text(house.ana, text, 450, 0, 0, 0);
}

START_TEST(all_pages_are_exported_in_order_and_a_failed_write_ends_it)
{
    exported out = {0};
    hc_query *query;
    const char *at;
    hc_error err;
    int last = 0, count = 0;

    memset(&err, 'x', sizeof err);
    many();
    HOUSE_OK(hc_query_parse(&query, house.client, "startswith(title,'Home r')", "price", err));
    HOUSE_OK(hc_query_set_limit(query, 7, err));
    HOUSE_OK(hc_export_run(&out.rows, house.guest, query, HC_FORMAT_JSONL, on_write, &out, err));
    ck_assert_int_eq(out.rows, 450);
    ck_assert_int_eq(hc_query_limit(query), 7);
    for (at = strstr(out.text, "\"title\":\"Home r"); at != NULL; at = strstr(at + 1, "\"title\":\"Home r")) {
        int number = (int)strtol(at + 15, NULL, 10);

        ck_assert_int_ge(number, last);
        last = number;
        count++;
    }
    ck_assert_int_eq(count, 450);
    free(out.text);
    out = (exported){.fail_at = 2};
    ck_assert_int_eq(hc_export_run(&out.rows, house.guest, query, HC_FORMAT_CSV, on_write, &out, &err),
                     HC_ERR_NO_SPACE);
    ck_assert_int_eq(err.status, HC_ERR_NO_SPACE); /* the callback said no more than that */
    ck_assert_int_eq(out.rows, 200);               /* of the piece that was taken */
    ck_assert_str_eq(err.field, "");
    ck_assert_str_ne(err.message, "");
    free(out.text);
    HOUSE_FAILS(hc_export_run(NULL, house.guest, query, 9, on_write, &out, err), HC_ERR_INVALID, "format");
    HOUSE_FAILS(hc_export_run(NULL, house.guest, NULL, 1, on_write, &out, err), HC_ERR_MISUSE, "query");
    HOUSE_FAILS(hc_export_run(NULL, NULL, query, 1, on_write, &out, err), HC_ERR_MISUSE, "session");
    hc_query_free(query);
}
END_TEST

/* Z10 */
START_TEST(an_export_tells_no_more_than_a_read)
{
    exported out = {0};
    hc_property *home = rich();
    hc_query *query;
    hc_id id;

    hc_property_set_display_address_ok(home, 0);
    HOUSE_OK(hc_property_create(&id, house.ana, home, err));
    hc_property_free(home);
    HOUSE_OK(hc_query_parse(&query, house.client, "listing_id eq 'MLS-1'", NULL, err));
    for (int32_t format = HC_FORMAT_CSV; format <= HC_FORMAT_JSONL; format++) {
        out = (exported){0};
        HOUSE_OK(hc_export_run(&out.rows, house.guest, query, format, on_write, &out, err));
        ck_assert_int_eq(out.rows, 1);
        ck_assert_ptr_null(strstr(out.text, "Creek Rd"));
        ck_assert_ptr_null(strstr(out.text, "30.24571234"));
        ck_assert_ptr_null(strstr(out.text, "Zoning"));
        free(out.text);
    }
    hc_query_free(query);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_csv_comes_back_as_it_went);
    tcase_add_test(tcase, reso_comes_back_as_it_went);
    tcase_add_test(tcase, lines_are_one_json_object_each);
    tcase_add_test(tcase, an_export_without_rows_is_still_a_document);
    tcase_add_test(tcase, an_export_of_more_than_the_public_sees_is_in_the_audit_log);
    tcase_add_test(tcase, all_pages_are_exported_in_order_and_a_failed_write_ends_it);
    tcase_add_test(tcase, an_export_tells_no_more_than_a_read);
}

int main(void)
{
    return suite_main("api.transfer.export", fill, open_house, house_close);
}
