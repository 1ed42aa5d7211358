/* Places on the sphere. Coordinates are int64 at 8 decimals of a degree. */
#ifndef HC__QUERY_GEO_H
#define HC__QUERY_GEO_H

#include "query/expr.h"

#define HC__PLACE_SCALE 8
#define HC__PLACE_ONE   INT64_C(100000000)

/* Inclusive bounds. west > east: the two ends of the world, across the antimeridian. */
typedef struct hc__box {
    int64_t west, south, east, north;
} hc__box;

/* A box around everything within `metres` of a point, distances being rounded to whole metres. */
hc__box hc__geo_around(int64_t latitude, int64_t longitude, int64_t metres);
/* A box around a NEAR, BOX or POLYGON. */
hc__box hc__geo_bounds(const hc__expr *expr);
bool hc__geo_in_box(const hc__box *box, int64_t latitude, int64_t longitude);
/* Even-odd, in the plane of longitude and latitude; the edge counts as inside. Exact. */
bool hc__geo_in_polygon(const int64_t *corners, size_t count, int64_t latitude, int64_t longitude);
/* The exact test of a NEAR, BOX or POLYGON. */
bool hc__geo_holds(const hc__expr *expr, int64_t latitude, int64_t longitude);

#endif
