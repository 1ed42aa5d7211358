#include "query/geo.h"

#include <math.h>

#define EARTH_RADIUS 6371008.8 /* metres, IUGG mean */
#define PI           3.14159265358979323846
#define HALF_TURN    (180 * HC__PLACE_ONE)
#define WHOLE_TURN   (360 * HC__PLACE_ONE)
#define POLE         (90 * HC__PLACE_ONE)
#define SLACK        INT64_C(1000) /* 1e-5 degrees, above any error of the doubles */

__extension__ typedef __int128 wide;

static double radians(int64_t degrees)
{
    return (double)degrees * (PI / 180.0 / 1e8);
}

int64_t hc__geo_metres(int64_t lat1, int64_t lng1, int64_t lat2, int64_t lng2)
{
    double up = sin(radians(lat2 - lat1) / 2);
    double along = sin(radians(lng2 - lng1) / 2);
    double h = up * up + cos(radians(lat1)) * cos(radians(lat2)) * along * along;
    double metres = floor(2 * EARTH_RADIUS * asin(sqrt(h < 1 ? h : 1)) + 0.5);

    return (int64_t)metres;
}

hc__box hc__geo_around(int64_t latitude, int64_t longitude, int64_t metres)
{
    double angle = ((double)metres + 1) / EARTH_RADIUS;
    int64_t up = (int64_t)(angle * (180.0 / PI) * 1e8) + SLACK;
    hc__box box = {-HALF_TURN, latitude - up, HALF_TURN, latitude + up};
    int64_t along;

    if (box.south <= -POLE || box.north >= POLE) { /* around a pole: every longitude */
        box.south = box.south < -POLE ? -POLE : box.south;
        box.north = box.north > POLE ? POLE : box.north;
        return box;
    }
    along = (int64_t)(asin(sin(angle) / cos(radians(latitude))) * (180.0 / PI) * 1e8) + SLACK;
    box.west = longitude - along;
    box.east = longitude + along;
    if (box.west < -HALF_TURN)
        box.west += WHOLE_TURN;
    if (box.east > HALF_TURN)
        box.east -= WHOLE_TURN;
    return box;
}

hc__box hc__geo_bounds(const hc__expr *expr)
{
    const int64_t *n = expr->numbers;
    hc__box box;

    if (expr->kind == HC__EXPR_NEAR)
        return hc__geo_around(n[0], n[1], n[2]);
    box = (hc__box){n[0], n[1], n[2], n[3]};
    if (expr->kind == HC__EXPR_BOX)
        return box;
    box = (hc__box){n[0], n[1], n[0], n[1]};
    for (size_t i = 2; i < expr->number_count; i += 2) {
        box.west = n[i] < box.west ? n[i] : box.west;
        box.east = n[i] > box.east ? n[i] : box.east;
        box.south = n[i + 1] < box.south ? n[i + 1] : box.south;
        box.north = n[i + 1] > box.north ? n[i + 1] : box.north;
    }
    return box;
}

bool hc__geo_in_box(const hc__box *box, int64_t latitude, int64_t longitude)
{
    if (latitude < box->south || latitude > box->north)
        return false;
    if (box->west <= box->east)
        return longitude >= box->west && longitude <= box->east;
    return longitude >= box->west || longitude <= box->east;
}

/* Above 0: (x, y) is left of the line from a to b; 0: on it. */
static wide side(const int64_t *a, const int64_t *b, int64_t x, int64_t y)
{
    return (wide)(b[0] - a[0]) * (y - a[1]) - (wide)(x - a[0]) * (b[1] - a[1]);
}

static bool between(int64_t a, int64_t b, int64_t x)
{
    return a < b ? x >= a && x <= b : x >= b && x <= a;
}

bool hc__geo_in_polygon(const int64_t *corners, size_t count, int64_t latitude, int64_t longitude)
{
    bool inside = false;

    for (size_t i = 0, j = count - 1; i < count; j = i++) {
        const int64_t *a = corners + 2 * j, *b = corners + 2 * i;
        wide turn = side(a, b, longitude, latitude);

        if (turn == 0 && between(a[0], b[0], longitude) && between(a[1], b[1], latitude))
            return true;
        if ((a[1] > latitude) != (b[1] > latitude) && (b[1] > a[1]) == (turn > 0))
            inside = !inside;
    }
    return inside;
}

bool hc__geo_holds(const hc__expr *expr, int64_t latitude, int64_t longitude)
{
    const int64_t *n = expr->numbers;
    hc__box box;

    switch (expr->kind) {
    case HC__EXPR_NEAR:
        return hc__geo_metres(n[0], n[1], latitude, longitude) <= n[2];
    case HC__EXPR_POLYGON:
        return hc__geo_in_polygon(n, expr->number_count / 2, latitude, longitude);
    default:
        box = hc__geo_bounds(expr);
        return hc__geo_in_box(&box, latitude, longitude);
    }
}
