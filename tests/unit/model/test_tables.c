#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "homeconnect/appointment.h"
#include "homeconnect/property.h"
#include "homeconnect/user.h"
#include "model/entity.h"
#include "model/migrations.h"
#include "suite.h"

#define all       hc__entities
#define ALL_COUNT hc__entity_count

static void check_text_field(const hc_field *field, const hc__field_info *info)
{
    if (field->type == HC_TYPE_TEXT) {
        ck_assert_msg(field->length > 0 && field->length == info->most, "%s", field->name);
        ck_assert_int_le(info->least, info->most);
    }
    if (field->type == HC_TYPE_BYTES || (field->type == HC_TYPE_KEY && info->most > 0))
        ck_assert_msg(field->length == info->most, "%s", field->name);
}

static void check_field(const hc__entity *entity, uint16_t at)
{
    const hc_field *field = &entity->kind.fields[at];
    const hc__field_info *info = &entity->info[at];
    int64_t top = 1;

    ck_assert_int_ge(field->since, entity->kind.since);
    ck_assert_uint_eq(info->name_size, strlen(field->name));
    ck_assert_uint_eq(strlen(info->json), info->name_size + 3);
    ck_assert_uint_eq(hc__entity_find(entity, field->name, strlen(field->name)), at);
    if (info->reso[0] != '\0')
        ck_assert_uint_eq(hc__entity_find(entity, info->reso, strlen(info->reso)), at);
    check_text_field(field, info);
    for (int32_t i = 0; field->type == HC_TYPE_DECIMAL && i < field->length; i++)
        top *= 10;
    if (field->type == HC_TYPE_DECIMAL)
        ck_assert_msg(field->max < top && field->min > -top && field->min < field->max, "%s", field->name);
    ck_assert_msg((field->type == HC_TYPE_ENUM) == (field->words != NULL), "%s", field->name);
    if (info->norm != HC_NO_FIELD) {
        const hc_field *norm = &entity->kind.fields[info->norm];

        ck_assert_int_eq(norm->type, HC_TYPE_KEY);
        ck_assert_msg(norm->length == 0 || norm->length >= 4 * field->length, "%s", norm->name);
        ck_assert_int_eq(entity->info[info->norm].privacy, HC__SECRET);
    }
    if (info->use == HC__FILTER_LONG)
        ck_assert_uint_ne(info->norm, HC_NO_FIELD);
    if (info->writer == HC__BY_OWNER || info->writer == HC__BY_ADMIN)
        ck_assert_int_ne(info->privacy, HC__SECRET);
    if (field->initial != NULL && field->initial->type != HC_TYPE_NOW)
        ck_assert_msg(field->initial->type == field->type, "%s", field->name);
}

START_TEST(every_line_of_every_table_holds_together)
{
    for (size_t e = 0; e < ALL_COUNT; e++) {
        ck_assert_int_eq(all[e]->kind.fields[0].type, HC_TYPE_ID);
        for (uint32_t i = 0; i < all[e]->kind.field_count; i++)
            check_field(all[e], (uint16_t)i);
    }
}
END_TEST

START_TEST(ordered_indexes_have_the_id)
{
    for (size_t e = 0; e < ALL_COUNT; e++)
        for (uint32_t i = 0; i < all[e]->kind.index_count; i++) {
            const hc_index *index = &all[e]->kind.indexes[i];

            uint32_t ids = 0;

            for (uint32_t k = 0; k < index->field_count; k++) {
                ck_assert_uint_lt(index->fields[k], all[e]->kind.field_count);
                ids += index->fields[k] == 0;
            }
            ck_assert_msg(ids == ((index->flags & HC_INDEX_UNIQUE) == 0), "%s", index->name);
        }
}
END_TEST

/* Whether the last migration that names the index dropped it. */
static bool is_dropped(const hc_kind *kind, uint32_t index)
{
    bool dropped = false;

    for (size_t m = 0; m < hc__migration_count; m++)
        for (uint32_t i = 0; i < hc__migrations[m].step_count; i++) {
            const hc_step *step = &hc__migrations[m].steps[i];

            if (step->kind == kind && step->position == index && step->what >= HC_STEP_CREATE_INDEX)
                dropped = step->what == HC_STEP_DROP_INDEX;
        }
    return dropped;
}

START_TEST(plans_use_each_index_that_no_migration_dropped)
{
    for (size_t e = 0; e < ALL_COUNT; e++) {
        const hc_kind *kind = &all[e]->kind;

        for (uint32_t i = 0; i < kind->index_count; i++) {
            uint32_t times = all[e]->planned == NULL;

            for (uint32_t k = 0; all[e]->planned != NULL && k < all[e]->planned_count; k++)
                times += all[e]->planned[k] == i;
            ck_assert_msg(times == !is_dropped(kind, i), "%s %s", kind->name, kind->indexes[i].name);
        }
    }
}
END_TEST

START_TEST(listings_have_the_counted_indexes_and_no_others)
{
    static const char *const expected[] = {
        "source_system source_key",
        "status price id",
        "status created_at id",
        "status list_date id",
        "city_norm status price id",
        "city_norm status created_at id",
        "zip_code status price id",
        "agent_id status created_at id",
        "latitude longitude id",
        "status display_ok deleted_at id",
        "city_norm status price id property_type beds display_ok deleted_at currency",
        "city_norm status created_at id property_type beds display_ok deleted_at currency",
    };
    const hc_kind *kind = &hc__property_entity.kind;

    ck_assert_uint_eq(kind->index_count, sizeof(expected) / sizeof(expected[0]));
    for (uint32_t i = 0; i < kind->index_count; i++) {
        char text[128] = "";

        for (uint32_t k = 0; k < kind->indexes[i].field_count; k++) {
            strcat(text, k == 0 ? "" : " ");
            strcat(text, kind->fields[kind->indexes[i].fields[k]].name);
        }
        ck_assert_str_eq(text, expected[i]);
    }
}
END_TEST

START_TEST(the_columns_of_the_origin_keep_their_names_and_order)
{
    static const char *const users[] = {"id",   "email", "password_hash", "full_name",
                                        "role", "phone", "created_at",    "updated_at"};
    static const char *const agents[] = {"user_id", "agency_name", "license_number", "bio",
                                         "rating",  "total_sales", "commission_rate"};
    static const char *const properties[] = {"id",      "agent_id", "title",         "description", "price",
                                             "address", "city",     "state",         "zip_code",    "beds",
                                             "baths",   "sqft",     "property_type", "status",      "created_at"};

    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
        ck_assert_str_eq(hc__user_entity.kind.fields[i].name, users[i]);
    for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++)
        ck_assert_str_eq(hc__agent_entity.kind.fields[i].name, agents[i]);
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
        ck_assert_str_eq(hc__property_entity.kind.fields[i].name, properties[i]);
}
END_TEST

/* What another program leaves out must have a default or be nullable. */
START_TEST(added_columns_of_the_origin_tables_need_no_value)
{
    static const struct {
        const hc__entity *entity;
        uint32_t origin; /* columns that the origin has, created_at and updated_at of users among them */
    } tables[] = {{&hc__user_entity, 8}, {&hc__agent_entity, 7}, {&hc__property_entity, 15}};

    for (size_t t = 0; t < 3; t++)
        for (uint32_t i = tables[t].origin; i < tables[t].entity->kind.field_count; i++) {
            const hc_field *field = &tables[t].entity->kind.fields[i];

            ck_assert_msg((field->flags & HC_FIELD_NULLABLE) != 0 || field->initial != NULL, "%s", field->name);
        }
}
END_TEST

/* ---- the public headers ---- */

static char *header_of(const char *noun)
{
    char path[1024];
    FILE *file;
    char *text = calloc(1, 1 << 18);
    size_t size;

    ck_assert_ptr_nonnull(text);
    snprintf(path, sizeof(path), HC_SOURCE_DIR "/include/homeconnect/%s.h", noun);
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s", path);
    size = fread(text, 1, (1 << 18) - 1, file);
    ck_assert_uint_gt(size, 1000);
    fclose(file);
    return text;
}

static void upper(char *out, const char *text)
{
    for (; *text != '\0'; text++)
        *out++ = isalnum((unsigned char)*text) ? (char)toupper((unsigned char)*text) : '_';
    *out = '\0';
}

/* Whether the header defines PREFIX_NAME, and as `value`. */
static bool defines(const char *header, const char *prefix, const char *name, int value)
{
    char macro[160];
    char word[96];
    const char *at;

    upper(word, name);
    snprintf(macro, sizeof(macro), "#define %s%s ", prefix, word);
    at = strstr(header, macro);
    return at != NULL && atoi(at + strlen(macro)) == value;
}

static void check_header(const hc__entity *entity)
{
    char *header = header_of(entity->noun);
    char prefix[40];
    char noun[32];
    char text[160];

    upper(noun, entity->noun);
    snprintf(prefix, sizeof(prefix), "HC_%s_", noun);
    for (uint32_t i = 0; i < entity->kind.field_count; i++) {
        const char *name = entity->kind.fields[i].name;
        bool shown = entity->info[i].privacy != HC__SECRET;
        bool set = entity->info[i].writer <= HC__BY_ADMIN;

        ck_assert_msg(defines(header, prefix, name, (int)i) == shown, "macro of %s", name);
        snprintf(text, sizeof(text), "hc_%s_%s(const hc_%s *%s);", entity->noun, name, entity->noun, entity->noun);
        ck_assert_msg((strstr(header, text) != NULL) == shown, "getter of %s", name);
        snprintf(text, sizeof(text), "void hc_%s_set_%s(hc_%s *%s, ", entity->noun, name, entity->noun, entity->noun);
        ck_assert_msg((strstr(header, text) != NULL) == set, "setter of %s", name);
    }
    free(header);
}

START_TEST(headers_have_a_macro_and_an_accessor_pair_for_each_public_field)
{
    check_header(&hc__user_entity);
    check_header(&hc__agent_entity);
    check_header(&hc__property_entity);
    check_header(&hc__activity_entity);
    check_header(&hc__appointment_entity);
    check_header(&hc__lead_entity);
    check_header(&hc__favorite_entity);
    check_header(&hc__search_entity);
}
END_TEST

static void check_words(const hc__entity *entity, uint16_t field, const char *prefix)
{
    char *header = header_of(entity->noun);
    const char *const *words = entity->kind.fields[field].words;

    for (int i = 0; words[i] != NULL; i++) {
        ck_assert_msg(defines(header, prefix, words[i], i + 1), "%s%s", prefix, words[i]);
        ck_assert_int_eq(hc__field_word(&entity->kind.fields[field], words[i], strlen(words[i])), i + 1);
    }
    free(header);
}

START_TEST(headers_name_every_word_by_its_code)
{
    check_words(&hc__user_entity, hc__user_f_role, "HC_USER_ROLE_");
    check_words(&hc__user_entity, hc__user_f_status, "HC_USER_STATUS_");
    check_words(&hc__activity_entity, hc__activity_f_event_class, "HC_ACTIVITY_CLASS_");
    check_words(&hc__property_entity, hc__property_f_property_type, "HC_PROPERTY_");
    check_words(&hc__property_entity, hc__property_f_status, "HC_PROPERTY_STATUS_");
    check_words(&hc__property_entity, hc__property_f_standard_status, "HC_PROPERTY_STANDARD_");
    check_words(&hc__property_entity, hc__property_f_property_subtype, "HC_PROPERTY_SUBTYPE_");
    check_words(&hc__lead_entity, hc__lead_f_status, "HC_LEAD_STATUS_");
    check_words(&hc__lead_entity, hc__lead_f_lost_reason, "HC_LEAD_LOST_");
    check_words(&hc__lead_entity, hc__lead_f_assign_reason, "HC_LEAD_ASSIGN_");
    check_words(&hc__lead_entity, hc__lead_f_financing, "HC_LEAD_FINANCING_");
    check_words(&hc__lead_entity, hc__lead_f_score_band, "HC_LEAD_BAND_");
    check_words(&hc__appointment_entity, hc__appointment_f_status, "HC_APPOINTMENT_STATUS_");
    check_words(&hc__appointment_entity, hc__appointment_f_method, "HC_APPOINTMENT_METHOD_");
    check_words(&hc__appointment_entity, hc__appointment_f_cancelled_by, "HC_APPOINTMENT_CANCELLED_BY_");
    ck_assert_int_eq(HC_PROPERTY_STANDARD_ACTIVE_UNDER_CONTRACT, 2);
    ck_assert_int_eq(HC_USER_ROLE_ADMIN, 3);
}
END_TEST

/* P01 P07 */
START_TEST(names_and_words_match_exactly_or_not_at_all)
{
    const hc__entity *entity = &hc__property_entity;
    const hc_field *status = &entity->kind.fields[hc__property_f_status];

    ck_assert_uint_eq(hc__entity_find(entity, "price; DROP TABLE", 17), HC_NO_FIELD);
    ck_assert_uint_eq(hc__entity_find(entity, "Price", 5), HC_NO_FIELD);
    ck_assert_uint_eq(hc__entity_find(entity, "ListPrice", 9), hc__property_f_price);
    ck_assert_uint_eq(hc__entity_find(entity, "City\0x", 6), HC_NO_FIELD);
    ck_assert_uint_eq(hc__entity_find(entity, "", 0), HC_NO_FIELD);
    ck_assert_int_eq(hc__field_word(status, "sold", 4), HC_PROPERTY_STATUS_SOLD);
    ck_assert_int_eq(hc__field_word(status, "SOLD ", 5), 0);
    ck_assert_int_eq(hc__field_word(status, "archived", 8), 0);
    ck_assert_int_eq(hc__field_word(status, "sold\0", 5), 0);
    ck_assert_int_eq(hc__field_word(status, "", 0), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_line_of_every_table_holds_together);
    tcase_add_test(tcase, ordered_indexes_have_the_id);
    tcase_add_test(tcase, plans_use_each_index_that_no_migration_dropped);
    tcase_add_test(tcase, listings_have_the_counted_indexes_and_no_others);
    tcase_add_test(tcase, the_columns_of_the_origin_keep_their_names_and_order);
    tcase_add_test(tcase, added_columns_of_the_origin_tables_need_no_value);
    tcase_add_test(tcase, headers_have_a_macro_and_an_accessor_pair_for_each_public_field);
    tcase_add_test(tcase, headers_name_every_word_by_its_code);
    tcase_add_test(tcase, names_and_words_match_exactly_or_not_at_all);
}

int main(void)
{
    return suite_main("model.tables", fill, NULL, NULL);
}
