/* Bathrooms: a sum in hundredths here, counts by kind in RESO. */
#include "base/decimal.h"
#include "transfer/reso.h"

#define COUNT_LIMIT 100 /* the most baths, 99.75, are in so many rooms */

/* The kinds that make the sum, largest first, as they stand in hc__reso_member. */
static const struct {
    hc__reso_member member;
    int64_t hundredths;
} kinds[] = {{hc__reso_BathroomsFull, 100},
             {hc__reso_BathroomsThreeQuarter, 75},
             {hc__reso_BathroomsHalf, 50},
             {hc__reso_BathroomsOneQuarter, 25}};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* -1: not given; -2: no count. */
static int64_t count_of(const hc__reso_value *value)
{
    int64_t count;

    if (!hc__reso_given(value))
        return -1;
    if (value->kind != HC__JSON_NUMBER && value->kind != HC__JSON_STRING)
        return -2;
    return hc__decimal_parse(&count, value->text, value->size, 0, HC__EXACT) == HC__DECIMAL_OK && count >= 0 &&
                   count <= COUNT_LIMIT
               ? count
               : -2;
}

/* What the parts of a sum would be: whole baths, and at most one other. False for a fraction that is none of them. */
static bool parts_of(int64_t counts[KINDS], int64_t hundredths)
{
    counts[0] = hundredths / 100;
    for (size_t i = 1; i < KINDS; i++)
        counts[i] = hundredths % 100 == kinds[i].hundredths;
    return hundredths % 25 == 0;
}

static int64_t rooms(const int64_t counts[KINDS])
{
    int64_t all = 0;

    for (size_t i = 0; i < KINDS; i++)
        all += counts[i] > 0 ? counts[i] : 0;
    return all;
}

/* Whether the sum alone tells what was given. */
static bool tells_all(const int64_t given[KINDS], int64_t partial, int64_t total, int64_t hundredths)
{
    int64_t counts[KINDS];

    if (!parts_of(counts, hundredths) || partial >= 0 || (total >= 0 && total != rooms(counts)))
        return false;
    for (size_t i = 0; i < KINDS; i++)
        if ((given[i] < 0 ? 0 : given[i]) != counts[i])
            return false;
    return true;
}

static hc__baths_found read_decimal(int64_t *hundredths, const hc__reso_value *value, const char **reason)
{
    if (value->kind != HC__JSON_STRING && value->kind != HC__JSON_NUMBER)
        *reason = "must be a number";
    else if (hc__decimal_parse(hundredths, value->text, value->size, 2, HC__EXACT) != HC__DECIMAL_OK ||
             *hundredths % 25 != 0)
        *reason = "must be a number of quarters, such as 2.25";
    else
        return HC__BATHS_EXACT;
    return HC__BATHS_FAULT;
}

hc__baths_found hc__baths_read(int64_t *hundredths, const hc__reso_value members[hc__reso_members], const char **reason)
{
    int64_t given[KINDS], partial = count_of(&members[hc__reso_BathroomsPartial]);
    int64_t total = count_of(&members[hc__reso_BathroomsTotalInteger]);
    bool fault = partial == -2 || total == -2, any = false, fractions = false;

    *hundredths = 0;
    for (size_t i = 0; i < KINDS; i++) {
        given[i] = count_of(&members[kinds[i].member]);
        fault = fault || given[i] == -2;
        any = any || given[i] >= 0;
        fractions = fractions || (i > 0 && given[i] >= 0);
        *hundredths += given[i] > 0 ? given[i] * kinds[i].hundredths : 0;
    }
    if (fault) {
        *reason = "needs counts of 0 to 100 in the Bathrooms members";
        return HC__BATHS_FAULT;
    }
    if (any && !fractions && partial > 0)
        *hundredths += partial * 50; /* of what kind is not told */
    if (any)
        return tells_all(given, partial, total, *hundredths) ? HC__BATHS_EXACT : HC__BATHS_KEEP;
    if (hc__reso_given(&members[hc__reso_BathroomsTotalDecimal]))
        return read_decimal(hundredths, &members[hc__reso_BathroomsTotalDecimal], reason);
    if (total < 0 && partial < 0)
        return HC__BATHS_NONE;
    if (total < partial)
        total = partial;
    if (partial < 0)
        partial = 0;
    *hundredths = (total - partial) * 100 + partial * 50;
    return HC__BATHS_KEEP;
}

void hc__baths_put(hc__json_writer *writer, int64_t hundredths)
{
    int64_t counts[KINDS];

    if (!parts_of(counts, hundredths))
        return;
    for (size_t i = 0; i < KINDS; i++)
        if (i == 0 || counts[i] > 0) {
            hc__json_key(writer, hc__reso_name(kinds[i].member));
            hc__json_int(writer, counts[i]);
        }
    hc__json_key(writer, hc__reso_name(hc__reso_BathroomsTotalInteger));
    hc__json_int(writer, rooms(counts));
}

bool hc__reso_is_baths(hc__reso_member member)
{
    return member >= hc__reso_BathroomsFull && member <= hc__reso_BathroomsTotalDecimal;
}
