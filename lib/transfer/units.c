#include "transfer/mapping.h"

#include <string.h>

/* One of these is `factor` / `divisor` of the field's own unit (square feet, or the currency's). */
struct hc__unit_of_measure {
    const char *name;
    bool money;
    int64_t factor, divisor;
};

static const hc__unit_of_measure units[] = {
    {"sqft", false, 1, 1},
    {"sqm", false, INT64_C(107639104167), INT64_C(10000000000)}, /* domain.md D8 */
    {"sqyd", false, 9, 1},
    {"acres", false, 43560, 1},
    {"hectares", false, INT64_C(107639104167), 1000000},
    {"thousands", true, 1000, 1},
    {"cents", true, 1, 100},
};

/* Decimals that are read before a conversion; no measure in the wild has more. */
#define READ_SCALE 6

static bool is_money(uint16_t field)
{
    return field == hc__property_f_price || field == hc__property_f_original_price ||
           field == hc__property_f_close_price;
}

const hc__unit_of_measure *hc__unit_find(uint16_t field, const char *name)
{
    bool area = field == hc__property_f_sqft || field == hc__property_f_lot_sqft;

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].name, name) == 0 && (units[i].money ? is_money(field) : area))
            return &units[i];
    return NULL;
}

void hc__unit_set(hc__record *listing, uint16_t field, const char *text, size_t size, const hc__unit_of_measure *unit,
                  hc__rounding rounding)
{
    int64_t factor = unit->factor, divisor = unit->divisor, value, units_of_field, back;

    switch (hc__decimal_parse(&value, text, size, READ_SCALE, HC__EXACT)) {
    case HC__DECIMAL_SYNTAX:
        hc__record_refuse(listing, field, "must be a plain decimal number, such as 12.5");
        return;
    case HC__DECIMAL_INEXACT:
        hc__record_refuse(listing, field, "has too many decimals");
        return;
    case HC__DECIMAL_RANGE:
        hc__record_refuse(listing, field, NULL);
        return;
    case HC__DECIMAL_OK:
        break;
    }
    for (int i = 0; i < listing->entity->kind.fields[field].scale; i++)
        factor *= 10;
    for (int i = 0; i < READ_SCALE; i++)
        divisor *= 10;
    if (!hc__muldiv(&units_of_field, value, factor, divisor) || !hc__muldiv(&back, units_of_field, divisor, factor))
        hc__record_refuse(listing, field, NULL);
    else if (rounding == HC__EXACT && back != value)
        hc__record_refuse(listing, field, "has too many decimals");
    else /* what comes back as it was is whole, though the factor of a metre has no end */
        hc__record_set_int(listing, field, units_of_field - (rounding == HC__FLOOR && back > value));
}
