#include "query/listing.h"

#include <string.h>
#include "base/fail.h"

static const hc_field days_field = {.name = "days_on_market",
                                    .type = HC_TYPE_INT32,
                                    .flags = HC_FIELD_NULLABLE | HC__FIELD_COMPUTED,
                                    .min = -3652059,
                                    .max = 3652059};

static bool is_listing(const hc__entity *entity)
{
    return entity == &hc__property_entity;
}

static bool is_word(const char *name, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(name, word, size) == 0;
}

uint16_t hc__named_field(const hc__entity *entity, const char *name, size_t size)
{
    uint16_t field;

    if (is_listing(entity) && (is_word(name, size, "days_on_market") || is_word(name, size, "DaysOnMarket")))
        return HC__DAYS_ON_MARKET;
    field = hc__entity_find(entity, name, size);
    return field != HC_NO_FIELD && entity->info[field].privacy != HC__SECRET ? field : HC_NO_FIELD;
}

const hc_field *hc__field_of(const hc__entity *entity, uint16_t field)
{
    return field == HC__DAYS_ON_MARKET ? &days_field : &entity->kind.fields[field];
}

hc__use hc__use_of(const hc__entity *entity, uint16_t field)
{
    return field == HC__DAYS_ON_MARKET ? HC__FILTER_NUMBER : entity->info[field].use;
}

bool hc__has_places(const hc__entity *entity)
{
    return is_listing(entity);
}

bool hc__has_words(const hc__entity *entity)
{
    return is_listing(entity);
}

uint16_t hc__address_guard(const hc__entity *entity)
{
    return is_listing(entity) ? hc__property_f_display_address_ok : HC_NO_FIELD;
}

uint16_t hc__words_last(bool entitled)
{
    return entitled ? hc__property_f_words_hidden : hc__property_f_words_text;
}

static bool names(const hc__query *query, uint16_t field)
{
    return query->where != NULL && hc__expr_names(query->where, field);
}

hc_status hc__listing_defaults(const hc__expr *out[2], size_t *count, hc__arena *arena, const hc__query *query,
                               const hc__list_context *context, hc_error *err)
{
    *count = 0;
    if (!is_listing(query->entity))
        return HC_OK;
    if (query->scope == HC__SCOPE_PUBLIC && !names(query, hc__property_f_status) &&
        !names(query, hc__property_f_standard_status)) {
        out[*count] = hc__expr_int(arena, hc__property_f_status, HC_TEST_EQ, HC_TYPE_ENUM, 1);
        if (out[(*count)++] == NULL)
            return hc__no_memory(err);
    }
    if (context->currency != NULL && names(query, hc__property_f_price) && !names(query, hc__property_f_currency)) {
        hc_value value = {HC_TYPE_TEXT, (uint32_t)strlen(context->currency), {.bytes = context->currency}};

        out[*count] = hc__expr_test(arena, hc__property_f_currency, HC_TEST_EQ, &value, 1);
        if (out[(*count)++] == NULL)
            return hc__no_memory(err);
    }
    return HC_OK;
}

/* More days on the market is an earlier day of listing. */
static int32_t mirrored(int32_t test)
{
    switch (test) {
    case HC_TEST_LT:
        return HC_TEST_GT;
    case HC_TEST_LE:
        return HC_TEST_GE;
    case HC_TEST_GT:
        return HC_TEST_LT;
    case HC_TEST_GE:
        return HC_TEST_LE;
    default:
        return test;
    }
}

/* Closed: the days that it took. Open: the days since it was listed. */
static const hc__expr *days_test(hc__arena *arena, const hc__expr *test, int64_t today)
{
    hc_value *dates = hc__arena_copy(arena, test->values, test->value_count * sizeof(hc_value));
    const hc__expr *open[2], *either[2];

    if (dates == NULL)
        return NULL;
    for (size_t i = 0; i < test->value_count; i++)
        dates[i] = (hc_value){.type = HC_TYPE_DATE, .as.integer = today - test->values[i].as.integer};
    open[0] = hc__expr_test(arena, hc__property_f_days_to_close, HC_TEST_IS_NULL, NULL, 0);
    open[1] = hc__expr_test(arena, hc__property_f_list_date, mirrored(test->test), dates, test->value_count);
    if (open[0] == NULL || open[1] == NULL)
        return NULL;
    either[0] = hc__expr_test(arena, hc__property_f_days_to_close, test->test, test->values, test->value_count);
    either[1] = hc__expr_join(arena, HC__EXPR_AND, open, 2);
    return either[0] == NULL || either[1] == NULL ? NULL : hc__expr_join(arena, HC__EXPR_OR, either, 2);
}

const hc__expr *hc__listing_days(hc__arena *arena, const hc__expr *test, int64_t today)
{
    const hc__expr *both[2];

    switch (test->test) {
    case HC_TEST_TRUE:
    case HC_TEST_FALSE: /* of any stored field: days_on_market has no place in the entity's table */
        return hc__expr_test(arena, hc__property_f_list_date, test->test, NULL, 0);
    case HC_TEST_NE: {
        hc__expr equal = *test;

        equal.test = HC_TEST_EQ;
        both[0] = days_test(arena, &equal, today);
        return both[0] == NULL ? NULL : hc__expr_not(arena, both[0]);
    }
    case HC_TEST_IS_NULL:
    case HC_TEST_NOT_NULL:
        both[0] = hc__expr_test(arena, hc__property_f_days_to_close, test->test, NULL, 0);
        both[1] = hc__expr_test(arena, hc__property_f_list_date, test->test, NULL, 0);
        if (both[0] == NULL || both[1] == NULL)
            return NULL;
        return hc__expr_join(arena, test->test == HC_TEST_IS_NULL ? HC__EXPR_AND : HC__EXPR_OR, both, 2);
    default:
        return days_test(arena, test, today);
    }
}

bool hc__listing_days_of(int64_t *out, const hc_value *days_to_close, const hc_value *list_date, int64_t today)
{
    if (days_to_close->type != HC_TYPE_NULL)
        *out = days_to_close->as.integer;
    else if (list_date->type != HC_TYPE_NULL)
        *out = today - list_date->as.integer;
    else
        return false;
    return true;
}
