#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "failing.h"
#include "homeconnect/property.h"
#include "transfer/mapping.h"

static hc__mem mem;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
}

#define WITH_FIELDS(text) "{\"source_system\":\"s\",\"key\":\"id\",\"fields\":{" text "}}"

static void assert_refused(const char *text, const char *part)
{
    hc__mapping *mapping;
    hc_error err = {0};

    ck_assert_msg(hc__mapping_parse(&mapping, &mem, text, strlen(text), &err) == HC_ERR_INVALID, "%s", text);
    ck_assert_ptr_null(mapping);
    ck_assert_str_eq(err.field, "mapping");
    ck_assert_msg(strstr(err.message, part) != NULL, "%s: %s", text, err.message);
}

START_TEST(a_faulty_mapping_is_refused_by_the_name_of_the_member)
{
    assert_refused("", "");
    assert_refused("[]", "must be a JSON object");
    assert_refused("{\"key\":\"id\"}", "no field");
    assert_refused("{\"fields\":{\"price\":\"p\"}}", "key is missing");
    assert_refused("{\"keys\":\"id\"}", "keys is not known");
    assert_refused("{\"key\":{\"colum\":\"id\"}}", "key.colum is not known");
    assert_refused("{\"key\":{\"const\":\"id\"}}", "key.const is not known of key and as_of");
    assert_refused("{\"key\":\"id\",\"as_of\":{\"const\":\"2025-01-02\"}}",
                   "as_of.const is not known of key and as_of");
    assert_refused("{\"separator\":\"ab\"}", "separator");
    assert_refused("{\"source_system\":\"\"}", "source_system");
    assert_refused(WITH_FIELDS("\"prize\":\"p\""), "fields.prize is not a field");
    assert_refused(WITH_FIELDS("\"agent_id\":\"a\""), "fields.agent_id is a field that the library sets");
    assert_refused(WITH_FIELDS("\"city_norm\":\"a\""), "fields.city_norm");
    assert_refused(WITH_FIELDS("\"source_key\":\"a\""), "fields.source_key");
    assert_refused(WITH_FIELDS("\"price\":\"p\",\"ListPrice\":\"q\""), "fields.ListPrice is mapped twice");
    assert_refused(WITH_FIELDS("\"price\":\"p\",\"price\":\"q\""), "");
    assert_refused(WITH_FIELDS("\"price\":7"), "fields.price must be");
    assert_refused(WITH_FIELDS("\"price\":{}"), "fields.price needs one of");
    assert_refused(WITH_FIELDS("\"price\":{\"column\":\"a\",\"template\":\"{b}\"}"), "fields.price needs one of");
    assert_refused(WITH_FIELDS("\"price\":{\"column\":\"\"}"), "fields.price.column");
    assert_refused(WITH_FIELDS("\"title\":{\"template\":\"Parcel {id\"}"), "fields.title.template has a brace");
    assert_refused(WITH_FIELDS("\"title\":{\"template\":\"Parcel {}\"}"), "fields.title.template has a brace");
    assert_refused(WITH_FIELDS("\"title\":{\"template\":\"a } b\"}"), "fields.title.template");
    assert_refused(WITH_FIELDS("\"title\":{\"template\":\"Parcel\"}"), "names no column");
}
END_TEST

START_TEST(a_member_that_does_not_fit_its_field_is_refused)
{
    assert_refused(WITH_FIELDS("\"price\":{\"const\":\"cheap\"}"), "fields.price.const");
    assert_refused(WITH_FIELDS("\"standard_status\":{\"const\":\"active\"}"), "standard_status");
    assert_refused(WITH_FIELDS("\"city\":{\"const\":\"a\",\"empty\":[]}"), "stands alone");
    assert_refused(WITH_FIELDS("\"city\":{\"const\":5}"), "fields.city.const must be a string");
    assert_refused(WITH_FIELDS("\"price\":{\"column\":\"p\",\"round\":\"half_even\"}"),
                   "fields.price.round must be exact");
    assert_refused(WITH_FIELDS("\"baths\":{\"column\":\"p\",\"round\":\"floor\"}"), "fields.baths.round must be exact");
    assert_refused(WITH_FIELDS("\"sqft\":{\"column\":\"p\",\"round\":\"up\"}"), "fields.sqft.round");
    assert_refused(WITH_FIELDS("\"sqft\":{\"column\":\"p\",\"unit\":\"cents\"}"), "fields.sqft.unit");
    assert_refused(WITH_FIELDS("\"beds\":{\"column\":\"p\",\"unit\":\"sqm\"}"), "fields.beds.unit");
    assert_refused(WITH_FIELDS("\"city\":{\"column\":\"p\",\"format\":\"YYYY-MM-DD\"}"), "for dates only");
    assert_refused(WITH_FIELDS("\"list_date\":{\"column\":\"p\",\"format\":\"MM/DD\"}"), "fields.list_date.format");
    assert_refused(WITH_FIELDS("\"list_date\":{\"column\":\"p\",\"format\":\"YYYY-MM-DD DD\"}"), "list_date.format");
    assert_refused(WITH_FIELDS("\"list_date\":{\"column\":\"p\",\"format\":\"Month D YYYY\"}"), "list_date.format");
    assert_refused(WITH_FIELDS("\"city\":{\"column\":\"p\",\"map\":[]}"), "fields.city.map");
    assert_refused(WITH_FIELDS("\"city\":{\"column\":\"p\",\"map\":{\"a\":1}}"), "fields.city.map");
    assert_refused(WITH_FIELDS("\"city\":{\"column\":\"p\",\"empty\":\"?\"}"), "fields.city.empty");
}
END_TEST

START_TEST(dates_are_read_by_their_format)
{
    static const struct {
        const char *format, *text;
        int64_t seconds; /* -1: refused */
    } cases[] = {{"M/D/YYYY", "10/13/2014", 1413158400},
                 {"M/D/YYYY", "2/5/2015", 1423094400},
                 {"M/D/YYYY", "02/05/2015", 1423094400},
                 {"MM/DD/YYYY", "2/5/2015", -1},
                 {"M/D/YYYY", "2/29/2015", -1},
                 {"M/D/YYYY", "2/5/2015 ", -1},
                 {"M/D/YYYY", "2/5/15", -1},
                 {"M/D/YYYY", "", -1},
                 {"YYYYMMDDThhmmss", "20141013T010203", 1413162123},
                 {"YYYYMMDDThhmmss", "20141013T250203", -1},
                 {"D.M.YYYY", "3.1.1970", 172800},
                 {"YYYY-MM-DD hh:mm", "1969-12-31 23:59", -60}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t micros = -1;
        bool read;

        ck_assert(hc__date_format_valid(cases[i].format));
        read = hc__date_by_format(&micros, cases[i].format, cases[i].text, strlen(cases[i].text));
        ck_assert_msg(read == (cases[i].seconds != -1), "%s by %s", cases[i].text, cases[i].format);
        if (read)
            ck_assert_int_eq(micros, cases[i].seconds * 1000000);
    }
}
END_TEST

typedef struct fixture {
    hc__mapping *mapping;
    hc__arena arena;
    hc__record listing;
    hc__mapped mapped;
    hc_error err;
} fixture;

static hc_status apply(fixture *f, const char *fields, const char *const header[3], const char *const cells[3])
{
    char text[2000];
    hc__csv_field names[3], values[3];
    hc__csv_record record = {.count = 3};

    *f = (fixture){0};
    snprintf(text, sizeof text, "{\"key\":\"a\",\"fields\":{%s}}", fields);
    ck_assert_msg(hc__mapping_parse(&f->mapping, &mem, text, strlen(text), &f->err) == HC_OK, "%s", f->err.message);
    for (int i = 0; i < 3; i++) {
        names[i] = (hc__csv_field){header[i], strlen(header[i])};
        values[i] = (hc__csv_field){cells[i], strlen(cells[i])};
    }
    record.fields = names;
    ck_assert_int_eq(hc__mapping_resolve(f->mapping, &record, &f->err), HC_OK);
    record.fields = values;
    hc__arena_init(&f->arena, &mem, NULL, 0);
    ck_assert_int_eq(hc__record_init(&f->listing, &hc__property_entity, &f->arena, NULL), HC_OK);
    return hc__mapping_apply(f->mapping, &record, &f->listing, &f->mapped, &f->err);
}

static void done(fixture *f)
{
    hc__arena_free(&f->arena);
    hc__mapping_free(f->mapping);
}

static const char *const abc[3] = {"a", "b", "c"};

static void assert_int(const char *fields, const char *cell, uint16_t field, int64_t expected)
{
    fixture f;
    const char *const cells[3] = {"k", cell, ""};

    ck_assert_msg(apply(&f, fields, abc, cells) == HC_OK, "%s: %s", fields, f.err.message);
    ck_assert_int_eq(hc__record_int(&f.listing, field), expected);
    done(&f);
}

static void assert_fault(const char *fields, const char *cell, const char *field)
{
    fixture f;
    const char *const cells[3] = {"k", cell, ""};

    ck_assert_msg(apply(&f, fields, abc, cells) == HC_ERR_INVALID, "%s takes %s", fields, cell);
    ck_assert_str_eq(f.err.field, field);
    done(&f);
}

/* P05 P06 */
START_TEST(numbers_are_exact_or_refused)
{
    static const char *const bad[] = {
        "-0.01", "0",  "1000000000000.00",        "1e309", "NaN", "inf", "1,000", "10.005", "0x10",
        "+5",    " 5", "\xef\xbc\x91\xef\xbc\x92"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fault("\"price\":\"b\"", bad[i], "price");
    assert_int("\"price\":\"b\"", "221900.0", hc__property_f_price, 22190000);
    assert_int("\"price\":\"b\"", "999999999999.99", hc__property_f_price, INT64_C(99999999999999));
    assert_int("\"baths\":\"b\"", "2.25", hc__property_f_baths, 225);
    assert_fault("\"baths\":\"b\"", "2.255", "baths");
    assert_fault("\"baths\":\"b\"", "100", "baths");
    assert_fault("\"beds\":\"b\"", "-1", "beds");
    assert_fault("\"sqft\":\"b\"", "4294967297", "sqft");
    assert_fault("\"sqft\":\"b\"", "1180.5", "sqft");
    assert_int("\"sqft\":\"b\"", "1180.000", hc__property_f_sqft, 1180);
    assert_int("\"sqft\":{\"column\":\"b\",\"round\":\"half_even\"}", "1180.5", hc__property_f_sqft, 1180);
    assert_int("\"latitude\":\"b\"", "47.721000000000004", hc__property_f_latitude, INT64_C(4772100000));
    assert_int("\"longitude\":\"b\"", "-122.239999999999995", hc__property_f_longitude, INT64_C(-12224000000));
}
END_TEST

START_TEST(units_are_converted_half_even)
{
    assert_int("\"sqft\":{\"column\":\"b\",\"unit\":\"sqm\"}", "100", hc__property_f_sqft, 1076);
    assert_int("\"lot_sqft\":{\"column\":\"b\",\"unit\":\"acres\"}", "0.25", hc__property_f_lot_sqft, 10890);
    assert_int("\"lot_sqft\":{\"column\":\"b\",\"unit\":\"hectares\"}", "1", hc__property_f_lot_sqft, 107639);
    assert_int("\"lot_sqft\":{\"column\":\"b\",\"unit\":\"sqyd\",\"round\":\"exact\"}", "3", hc__property_f_lot_sqft,
               27);
    assert_int("\"price\":{\"column\":\"b\",\"unit\":\"thousands\"}", "489.5", hc__property_f_price, 48950000);
    assert_int("\"price\":{\"column\":\"b\",\"unit\":\"cents\"}", "48950001", hc__property_f_price, 48950001);
    assert_fault("\"price\":{\"column\":\"b\",\"unit\":\"cents\"}", "0.5", "price");
    assert_fault("\"price\":{\"column\":\"b\",\"unit\":\"thousands\"}", "0.000001", "price");
    assert_fault("\"lot_sqft\":{\"column\":\"b\",\"unit\":\"acres\"}", "99999999999", "lot_sqft");
}
END_TEST

START_TEST(a_unit_is_rounded_as_the_mapping_says)
{
    assert_int("\"sqft\":{\"column\":\"b\",\"unit\":\"sqft\"}", "1180.75", hc__property_f_sqft, 1181);
    assert_int("\"sqft\":{\"column\":\"b\",\"unit\":\"sqft\",\"round\":\"floor\"}", "1180.75", hc__property_f_sqft,
               1180);
    assert_int("\"sqft\":{\"column\":\"b\",\"unit\":\"sqm\",\"round\":\"floor\"}", "109.98", hc__property_f_sqft, 1183);
    assert_int("\"sqft\":{\"column\":\"b\",\"unit\":\"sqm\",\"round\":\"half_even\"}", "109.98", hc__property_f_sqft,
               1184);
    assert_int("\"sqft\":{\"column\":\"b\",\"unit\":\"sqm\",\"round\":\"floor\"}", "92.90304", hc__property_f_sqft,
               1000); /* as the foot is defined: the factor has ten decimals */
    assert_fault("\"sqft\":{\"column\":\"b\",\"unit\":\"sqm\",\"round\":\"exact\"}", "110", "sqft");
}
END_TEST

START_TEST(empty_cells_are_null_or_refused_or_a_default)
{
    fixture f;
    const char *const cells[3] = {"k", "?", ""};

    ck_assert_int_eq(apply(&f, "\"beds\":{\"column\":\"b\",\"empty\":[\"?\"]},\"year_built\":\"c\"", abc, cells),
                     HC_OK);
    ck_assert(hc__record_is_set(&f.listing, hc__property_f_beds) &&
              hc__record_is_null(&f.listing, hc__property_f_beds));
    ck_assert(hc__record_is_set(&f.listing, hc__property_f_year_built));
    done(&f);
    assert_fault("\"price\":{\"column\":\"b\",\"empty\":[\"?\"]}", "?", "price");
    assert_fault("\"price\":\"c\"", "1", "price");
    assert_int("\"price\":{\"column\":\"c\",\"default\":\"5.00\"}", "1", hc__property_f_price, 500);
    assert_int("\"price\":\"b\",\"display_ok\":\"c\"", "5", hc__property_f_display_ok, 0);
    assert_fault("\"beds\":\"b\"", "?", "beds");
}
END_TEST

START_TEST(templates_maps_and_constants_make_values)
{
    fixture f;
    const char *const cells[3] = {"712", "YES", "Creek Rd"};

    ck_assert_int_eq(apply(&f,
                           "\"title\":{\"template\":\"{{{a}}} on {c}\"},\"country\":{\"const\":\"US\"},"
                           "\"property_type\":{\"column\":\"b\",\"map\":{\"YES\":\"house\",\"*\":\"land\"}},"
                           "\"description\":{\"column\":\"c\",\"map\":{\"*\":\"other\"}}",
                           abc, cells),
                     HC_OK);
    ck_assert_str_eq(hc__record_text(&f.listing, hc__property_f_title), "{712} on Creek Rd");
    ck_assert_str_eq(hc__record_text(&f.listing, hc__property_f_country), "US");
    ck_assert_str_eq(hc__record_text(&f.listing, hc__property_f_description), "other");
    ck_assert_int_eq(hc__record_int(&f.listing, hc__property_f_property_type), HC_PROPERTY_HOUSE);
    ck_assert_str_eq(f.mapped.key, "712");
    ck_assert(!f.mapped.has_as_of);
    done(&f);
    assert_fault("\"property_type\":{\"column\":\"b\",\"map\":{\"YES\":\"house\"}}", "NO", "property_type");
    assert_fault("\"title\":{\"template\":\"{c} {c}\"}", "x", "title");
}
END_TEST

START_TEST(columns_must_be_in_the_header_once)
{
    static const char text[] = WITH_FIELDS("\"price\":\"p\"");
    hc__mapping *mapping;
    hc_error err;
    hc__csv_field names[3] = {{"id", 2}, {"p", 1}, {"p", 1}};
    hc__csv_record record = {.fields = names, .count = 1};

    ck_assert_int_eq(hc__mapping_parse(&mapping, &mem, text, strlen(text), &err), HC_OK);
    ck_assert_int_eq(hc__mapping_resolve(mapping, &record, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "csv");
    ck_assert_ptr_nonnull(strstr(err.message, "column p"));
    record.count = 3;
    ck_assert_int_eq(hc__mapping_resolve(mapping, &record, &err), HC_ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(err.message, "more than once"));
    record.count = 2;
    ck_assert_int_eq(hc__mapping_resolve(mapping, &record, &err), HC_OK);
    hc__mapping_free(mapping);
}
END_TEST

/* What a mapping that is taken makes of a cell: a listing, or a refusal by a name. */
static void map_cells(hc__mapping *mapping)
{
    static const char *const cells[] = {"",           "x",          "5",          "-1",    "2.5",
                                        "0,5",        "1e9",        "yes",        "a",     "Active",
                                        "2025-01-02", "02.01.2025", "1 Jan 2025", "30.25", "99999999999999"};
    hc__csv_field names[2] = {{"id", 2}, {"p", 1}};
    hc__csv_record record = {.fields = names, .count = 2};
    hc_error err;

    if (hc__mapping_resolve(mapping, &record, &err) < 0)
        return;
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        hc__csv_field row[2] = {{"k1", 2}, {cells[i], strlen(cells[i])}};
        hc__record listing;
        hc__mapped mapped;
        hc__arena arena;
        hc_status status;

        hc__arena_init(&arena, &mem, NULL, 0);
        ck_assert_int_eq(hc__record_init(&listing, &hc__property_entity, &arena, &err), HC_OK);
        record.fields = row;
        status = hc__mapping_apply(mapping, &record, &listing, &mapped, &err);
        ck_assert_msg(status == HC_OK || (status == HC_ERR_INVALID && err.field[0] != '\0' && err.message[0] != '\0'),
                      "%s: %d", cells[i], (int)status);
        hc__arena_free(&arena);
    }
}

START_TEST(whatever_a_member_says_is_refused_or_done)
{
    static const char *const fields[] = {
        "price",           "city",  "beds",          "baths", "list_date", "latitude",          "price_reduced",
        "standard_status", "title", "property_type", "sqft",  "lot_sqft",  "source_modified_at"};
    static const char *const members[] = {"column", "const", "template", "unit", "round",
                                          "format", "empty", "default",  "map",  "nothing"};
    static const char *const values[] = {"\"p\"",
                                         "\"\"",
                                         "\"5\"",
                                         "\"house\"",
                                         "\"{p} {id}\"",
                                         "\"acres\"",
                                         "\"sqm\"",
                                         "\"cents\"",
                                         "\"exact\"",
                                         "\"half_even\"",
                                         "\"DD.MM.YYYY\"",
                                         "\"D Mon YYYY\"",
                                         "[\"x\",\"\"]",
                                         "[1]",
                                         "[]",
                                         "{\"a\":\"Active\"}",
                                         "{\"*\":\"5\"}",
                                         "{\"\":\"a\"}",
                                         "{}",
                                         "true",
                                         "null",
                                         "7"};
    int taken = 0, refused = 0;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        for (size_t k = 0; k < sizeof members / sizeof members[0]; k++)
            for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
                hc__mapping *mapping = NULL;
                hc_error err = {0};
                char text[300];
                hc_status status;

                snprintf(text, sizeof text, WITH_FIELDS("\"%s\":{%s\"%s\":%s}"), fields[i],
                         k < 3 ? "" : "\"column\":\"p\",", members[k], values[v]);
                status = hc__mapping_parse(&mapping, &mem, text, strlen(text), &err);
                if (status < 0) {
                    refused++;
                    ck_assert_msg(status == HC_ERR_INVALID && err.message[0] != '\0', "%s: %d", text, (int)status);
                    continue;
                }
                taken++;
                map_cells(mapping);
                hc__mapping_free(mapping);
            }
    ck_assert_int_gt(taken, 300);
    ck_assert_int_gt(refused, 1000);
}
END_TEST

/* One mapping and one row, with everything that can be said. */
static hc_status map_one_row(const hc__mem *from)
{
    static const char text[] = WITH_FIELDS(
        "\"title\":{\"template\":\"Home {id}, {p}\",\"empty\":[\"?\"],\"default\":\"none\"},\"price\":\"p\","
        "\"city\":{\"const\":\"Austin\"},\"state\":{\"column\":\"id\",\"map\":{\"a\":\"b\",\"*\":\"TX\"}}");
    hc__csv_field names[2] = {{"id", 2}, {"p", 1}}, cells[2] = {{"k1", 2}, {"5.00", 4}};
    hc__csv_record record = {.fields = names, .count = 2};
    hc__mapping *mapping;
    hc__mapped mapped;
    hc__record listing;
    hc__arena arena;
    hc_error err;
    hc_status status = hc__mapping_parse(&mapping, from, text, strlen(text), &err);

    if (status < 0)
        return status;
    hc__arena_init(&arena, from, NULL, 0);
    status = hc__mapping_resolve(mapping, &record, &err);
    if (status == HC_OK)
        status = hc__record_init(&listing, &hc__property_entity, &arena, &err);
    record.fields = cells;
    if (status == HC_OK)
        status = hc__mapping_apply(mapping, &record, &listing, &mapped, &err);
    hc__arena_free(&arena);
    hc__mapping_free(mapping);
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
        status = map_one_row(&failing_mem);
        ck_assert_int_eq(state.live, 0);
        ck_assert_int_eq(status, state.failed > 0 ? HC_ERR_NO_MEMORY : HC_OK);
        if (state.failed == 0)
            break;
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_faulty_mapping_is_refused_by_the_name_of_the_member);
    tcase_add_test(tcase, a_member_that_does_not_fit_its_field_is_refused);
    tcase_add_test(tcase, dates_are_read_by_their_format);
    tcase_add_test(tcase, numbers_are_exact_or_refused);
    tcase_add_test(tcase, units_are_converted_half_even);
    tcase_add_test(tcase, a_unit_is_rounded_as_the_mapping_says);
    tcase_add_test(tcase, empty_cells_are_null_or_refused_or_a_default);
    tcase_add_test(tcase, templates_maps_and_constants_make_values);
    tcase_add_test(tcase, whatever_a_member_says_is_refused_or_done);
    tcase_add_test(tcase, every_failing_allocation_is_told_and_nothing_leaks);
    tcase_add_test(tcase, columns_must_be_in_the_header_once);
}

int main(void)
{
    return suite_main("unit.transfer.mapping", fill, setup, NULL);
}
