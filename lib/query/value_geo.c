/* Places from text: coordinates as int64 at 8 decimals, never through floating point. */
#include "base/decimal.h"
#include "base/fail.h"
#include "query/geo.h"
#include "query/value.h"

#define METRES_LIMIT 200000

static hc_status coordinate(int64_t *out, const hc__literal *literal, int64_t limit, bool up, const char *what,
                            const char *name, hc_error *err)
{
    hc__decimal_result result = HC__DECIMAL_SYNTAX;

    if (literal->kind == HC__LITERAL_BARE)
        result = hc__decimal_parse(out, literal->text, literal->size, HC__PLACE_SCALE, HC__FLOOR);
    if (result == HC__DECIMAL_INEXACT && up)
        *out += 1;
    if (result == HC__DECIMAL_SYNTAX || result == HC__DECIMAL_RANGE || *out < -limit || *out > limit)
        return hc__fail(err, HC_ERR_INVALID, name, "%s: the %s is a number from -%d to %d", name, what,
                        (int)(limit / HC__PLACE_ONE), (int)(limit / HC__PLACE_ONE));
    return HC_OK;
}

static hc_status latitude(int64_t *out, const hc__literal *literal, bool up, const char *name, hc_error *err)
{
    return coordinate(out, literal, 90 * HC__PLACE_ONE, up, "latitude", name, err);
}

static hc_status longitude(int64_t *out, const hc__literal *literal, bool up, const char *name, hc_error *err)
{
    return coordinate(out, literal, 180 * HC__PLACE_ONE, up, "longitude", name, err);
}

static hc_status made(const hc__expr **out, hc__arena *arena, hc__expr_kind kind, const int64_t *numbers, size_t count,
                      hc_error *err)
{
    *out = hc__expr_geo(arena, kind, numbers, count);
    return *out == NULL ? hc__no_memory(err) : HC_OK;
}

hc_status hc__value_near(const hc__expr **out, hc__arena *arena, const hc__literal numbers[3], const char *name,
                         hc_error *err)
{
    int64_t at[3];
    hc__decimal_result result = HC__DECIMAL_SYNTAX;
    hc_status status = latitude(&at[0], &numbers[0], false, name, err);

    if (status == HC_OK)
        status = longitude(&at[1], &numbers[1], false, name, err);
    if (status < 0)
        return status;
    /* Distances are whole metres, so the floor of a radius says the same. */
    if (numbers[2].kind == HC__LITERAL_BARE)
        result = hc__decimal_parse(&at[2], numbers[2].text, numbers[2].size, 0, HC__FLOOR);
    if ((result != HC__DECIMAL_OK && result != HC__DECIMAL_INEXACT) || at[2] < 1 || at[2] > METRES_LIMIT ||
        (at[2] == METRES_LIMIT && result == HC__DECIMAL_INEXACT))
        return hc__fail(err, HC_ERR_INVALID, name, "%s: the radius is 1 to %d metres", name, METRES_LIMIT);
    return made(out, arena, HC__EXPR_NEAR, at, 3, err);
}

hc_status hc__value_box(const hc__expr **out, hc__arena *arena, const hc__literal numbers[4], const char *name,
                        hc_error *err)
{
    int64_t at[4], west, south;
    hc_status status = longitude(&west, &numbers[0], false, name, err);

    if (status == HC_OK)
        status = longitude(&at[0], &numbers[0], true, name, err);
    if (status == HC_OK)
        status = latitude(&south, &numbers[1], false, name, err);
    if (status == HC_OK)
        status = latitude(&at[1], &numbers[1], true, name, err);
    if (status == HC_OK)
        status = longitude(&at[2], &numbers[2], false, name, err);
    if (status == HC_OK)
        status = latitude(&at[3], &numbers[3], false, name, err);
    if (status < 0)
        return status;
    if (south > at[3])
        return hc__fail(err, HC_ERR_INVALID, name, "%s: west,south,east,north, and south is not above north", name);
    if (west <= at[2] && at[0] > at[2]) { /* thinner than the last decimal: no place, not all around the world */
        at[0] = at[2];
        at[1] = at[3] + 1;
    }
    return made(out, arena, HC__EXPR_BOX, at, 4, err);
}

/* One "lng lat", up to the comma. */
static hc_status corner(int64_t out[2], const char *text, size_t size, const char *name, hc_error *err)
{
    hc__literal parts[2] = {{HC__LITERAL_BARE, "", 0}, {HC__LITERAL_BARE, "", 0}};
    size_t at = 0, count = 0;
    hc_status status;

    while (at < size) {
        size_t start;

        while (at < size && text[at] == ' ')
            at++;
        start = at;
        while (at < size && text[at] != ' ')
            at++;
        if (at > start && count < 2)
            parts[count] = (hc__literal){HC__LITERAL_BARE, text + start, at - start};
        count += at > start;
    }
    if (count != 2)
        return hc__fail(err, HC_ERR_INVALID, name, "%s: each corner is \"longitude latitude\"", name);
    status = longitude(&out[0], &parts[0], false, name, err);
    return status < 0 ? status : latitude(&out[1], &parts[1], false, name, err);
}

hc_status hc__value_polygon(const hc__expr **out, hc__arena *arena, const char *text, size_t size, const char *name,
                            hc_error *err)
{
    int64_t at[2 * (HC__POLYGON_LIMIT + 1)];
    size_t count = 0, start = 0;

    for (size_t i = 0; i <= size; i++) {
        hc_status status;

        if (i < size && text[i] != ',')
            continue;
        if (count > HC__POLYGON_LIMIT)
            return hc__fail(err, HC_ERR_TOO_LARGE, name, "%s: at most %d corners", name, HC__POLYGON_LIMIT);
        status = corner(at + 2 * count, text + start, i - start, name, err);
        if (status < 0)
            return status;
        count++;
        start = i + 1;
    }
    /* Closed, perhaps twice: what is kept must read the same again. */
    while (count > 1 && at[0] == at[2 * count - 2] && at[1] == at[2 * count - 1])
        count--;
    if (count < 3)
        return hc__fail(err, HC_ERR_INVALID, name, "%s: at least 3 corners", name);
    if (count > HC__POLYGON_LIMIT)
        return hc__fail(err, HC_ERR_TOO_LARGE, name, "%s: at most %d corners", name, HC__POLYGON_LIMIT);
    return made(out, arena, HC__EXPR_POLYGON, at, 2 * count, err);
}
