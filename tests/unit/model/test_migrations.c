#include <string.h>

#include "model/entity.h"
#include "model/migrations.h"
#include "suite.h"

static hc__mem mem;
static hc__buf text;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    hc__buf_init(&text, &mem);
}

static void teardown(void)
{
    hc__buf_free(&text);
}

START_TEST(versions_rise_by_one)
{
    for (size_t i = 0; i < hc__migration_count; i++)
        ck_assert_int_eq(hc__migrations[i].version, (int32_t)i + 1);
}
END_TEST

START_TEST(the_first_version_creates_every_kind)
{
    static const char *const kinds[] = {"users",     "agents",        "properties",     "sessions",
                                        "events",    "price_history", "status_history", "idempotency_keys",
                                        "audit_log", "import_rows"};

    ck_assert_uint_eq(hc__migrations[0].step_count, sizeof(kinds) / sizeof(kinds[0]));
    for (uint32_t i = 0; i < hc__migrations[0].step_count; i++) {
        ck_assert_int_eq(hc__migrations[0].steps[i].what, HC_STEP_CREATE_KIND);
        ck_assert_str_eq(hc__migrations[0].steps[i].kind->name, kinds[i]);
    }
}
END_TEST

START_TEST(the_text_tells_everything_that_a_store_is_made_of)
{
    hc__migration_text(&text, &hc__migrations[0]);
    ck_assert(!text.failed);
    ck_assert_ptr_nonnull(strstr(text.data, "version 1\n create users storage 1 flags 0\n  field id type 1 "));
    ck_assert_ptr_nonnull(
        strstr(text.data, "\n  field price type 5 length 14 scale 2 flags 0 range 1 99999999999999\n"));
    ck_assert_ptr_nonnull(strstr(text.data, " initial 9 USD\n"));
    ck_assert_ptr_nonnull(strstr(text.data, " words active|pending|sold\n"));
    ck_assert_ptr_nonnull(strstr(text.data, "\n  index email_norm flags 1 email_norm\n"));
    ck_assert_ptr_nonnull(strstr(text.data, "\n  index city_price flags 0 city_norm status price id\n"));
}
END_TEST

/* Later fields must not change what an older version made. */
START_TEST(newer_fields_and_indexes_are_no_part_of_an_older_version)
{
    static const hc_field fields[] = {{.name = "id", .type = HC_TYPE_ID, .since = 1},
                                      {.name = "late", .type = HC_TYPE_BOOL, .since = 2}};
    static const uint16_t at[] = {1, 0};
    static const hc_index indexes[] = {{.name = "late_index", .field_count = 2, .fields = at, .since = 2}};
    static const hc_kind kind = {.name = "things",
                                 .storage = HC_KIND_TRANSACTIONAL,
                                 .fields = fields,
                                 .field_count = 2,
                                 .index_count = 1,
                                 .indexes = indexes,
                                 .since = 1};
    static const hc_step create[] = {{HC_STEP_CREATE_KIND, 0, &kind}};
    static const hc_step add[] = {{HC_STEP_ADD_FIELD, 1, &kind}, {HC_STEP_CREATE_INDEX, 0, &kind}};
    static const hc_migration first = {1, 1, create};
    static const hc_migration second = {2, 2, add};

    hc__migration_text(&text, &first);
    ck_assert_str_eq(text.data, "version 1\n create things storage 1 flags 0\n"
                                "  field id type 1 length 0 scale 0 flags 0 range 0 0\n");
    hc__buf_clear(&text);
    hc__migration_text(&text, &second);
    ck_assert_str_eq(text.data, "version 2\n add to things\n  field late type 2 length 0 scale 0 flags 0 range 0 0\n"
                                " create at things\n  index late_index flags 0 late id\n");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, versions_rise_by_one);
    tcase_add_test(tcase, the_first_version_creates_every_kind);
    tcase_add_test(tcase, the_text_tells_everything_that_a_store_is_made_of);
    tcase_add_test(tcase, newer_fields_and_indexes_are_no_part_of_an_older_version);
}

int main(void)
{
    return suite_main("model.migrations", fill, setup, teardown);
}
