/* Places: distances, boxes, polygons. */
#include "query/geo.h"
#include "query_case.h"

#define DEGREE INT64_C(100000000)

START_TEST(distances_are_whole_metres_on_a_sphere)
{
    /* A degree of the great circle: 6371008.8 * pi / 180 = 111195.08 */
    ck_assert_int_eq(hc__geo_metres(0, 0, 0, DEGREE), 111195);
    ck_assert_int_eq(hc__geo_metres(0, 0, DEGREE, 0), 111195);
    ck_assert_int_eq(hc__geo_metres(60 * DEGREE, 0, 60 * DEGREE, DEGREE), 55597);
    ck_assert_int_eq(hc__geo_metres(0, 179 * DEGREE, 0, -179 * DEGREE), 222390);
    ck_assert_int_eq(hc__geo_metres(90 * DEGREE, 0, -90 * DEGREE, 0), 20015114);
    ck_assert_int_eq(hc__geo_metres(0, 0, 0, 180 * DEGREE), 20015114);
    ck_assert_int_eq(hc__geo_metres(5, 7, 5, 7), 0);
    /* Austin, the Capitol to the airport */
    ck_assert_int_eq(hc__geo_metres(3027468000, -9774035000, 3019453000, -9766987000), 11193);
}
END_TEST

/* Whatever lies within the radius lies in the box. */
START_TEST(a_box_holds_its_circle)
{
    static const int64_t radii[] = {1, 5, 1000, 50000, 200000};
    uint64_t state = 88172645463325252;
    size_t inside = 0;

    for (int i = 0; i < 20000; i++) {
        int64_t n[4], radius = radii[i % 5];

        for (int j = 0; j < 4; j++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            n[j] = (int64_t)(state % (uint64_t)(2 * DEGREE)) - DEGREE;
        }
        int64_t latitude = (i % 7 == 0 ? 89 * DEGREE : i % 7 == 1 ? -89 * DEGREE : i % 7 * 12 * DEGREE) + n[0];
        int64_t longitude = i % 3 == 0 ? 180 * DEGREE - (n[1] < 0 ? -n[1] : n[1]) : n[1];
        int64_t near_lat = latitude + n[2] / (i % 50 + 1), near_lng = longitude + n[3] / (i % 50 + 1);
        hc__box box = hc__geo_around(latitude, longitude, radius);

        if (near_lng > 180 * DEGREE)
            near_lng -= 360 * DEGREE;
        if (near_lat > 90 * DEGREE || near_lat < -90 * DEGREE ||
            hc__geo_metres(latitude, longitude, near_lat, near_lng) > radius)
            continue;
        inside++;
        ck_assert_msg(hc__geo_in_box(&box, near_lat, near_lng), "%ld %ld radius %ld misses %ld %ld", (long)latitude,
                      (long)longitude, (long)radius, (long)near_lat, (long)near_lng);
    }
    ck_assert_uint_gt(inside, 2000);
}
END_TEST

/* On the other side of the earth, where rounding may make a sine larger than 1. */
START_TEST(no_distance_is_longer_than_half_around)
{
    for (int64_t i = 0; i < 20000; i++) {
        int64_t latitude = i * 449999 % (180 * DEGREE) - 90 * DEGREE, longitude = i * 899981 - 180 * DEGREE;
        int64_t metres = hc__geo_metres(latitude, longitude, -latitude, longitude + 180 * DEGREE);

        ck_assert_msg(metres == 20015114 || metres == 20015113, "%ld %ld: %ld", (long)latitude, (long)longitude,
                      (long)metres);
    }
}
END_TEST

/* Which touches a pole, or the line where longitudes begin again. */
START_TEST(a_box_at_the_edge_of_the_earth)
{
    const int64_t pole = 90 * DEGREE, half = 180 * DEGREE;
    hc__box box = hc__geo_around(0, 0, 1000);
    int64_t up = box.north, along = box.east;

    ck_assert(up > 0 && along > 0 && box.south == -up && box.west == -along);
    for (int64_t beyond = 0; beyond <= 5; beyond += 5) {
        box = hc__geo_around(up - pole - beyond, 0, 1000);
        ck_assert(box.west == -half && box.east == half && box.south == -pole && box.north == 2 * up - pole - beyond);
        box = hc__geo_around(pole - up + beyond, 0, 1000);
        ck_assert(box.west == -half && box.east == half && box.north == pole && box.south == pole - 2 * up + beyond);
    }
    box = hc__geo_around(up - pole + 1, 0, 1000);
    ck_assert(box.south == 1 - pole && box.east < half);
    box = hc__geo_around(0, along - half, 1000);
    ck_assert(box.west == -half && box.east == 2 * along - half);
    box = hc__geo_around(0, along - half - 1, 1000);
    ck_assert(box.west == half - 1 && box.east == 2 * along - half - 1);
    box = hc__geo_around(0, half - along, 1000);
    ck_assert(box.east == half && box.west == half - 2 * along);
    box = hc__geo_around(0, half - along + 1, 1000);
    ck_assert(box.east == 1 - half && box.west == half - 2 * along + 1);
}
END_TEST

/* Whichever corner is farthest. */
START_TEST(a_polygon_lies_between_its_farthest_corners)
{
    static const int64_t corners[] = {5, 50, 1, 60, 9, 55, 4, 40}; /* longitude, latitude */
    int64_t turned[8];
    hc__expr ring = {.kind = HC__EXPR_POLYGON, .field = HC_NO_FIELD, .numbers = turned, .number_count = 8};

    for (size_t turn = 0; turn < 8; turn += 2) {
        hc__box box;

        for (size_t i = 0; i < 8; i++)
            turned[i] = corners[(i + turn) % 8];
        box = hc__geo_bounds(&ring);
        ck_assert(box.west == 1 && box.east == 9 && box.south == 40 && box.north == 60);
    }
}
END_TEST

/* As near to an edge as a place can be, on either side of it, whichever way around the corners go. */
START_TEST(a_place_beside_an_edge_is_on_its_side)
{
    static const int64_t left[] = {0, 0, 2, 3, -3, 3}, back[] = {-3, 3, 2, 3, 0, 0};

    ck_assert(hc__geo_in_polygon(left, 3, 2, 1) && hc__geo_in_polygon(back, 3, 2, 1));
    ck_assert(!hc__geo_in_polygon(left, 3, 1, 1) && !hc__geo_in_polygon(back, 3, 1, 1));
}
END_TEST

/* A point on the line of an edge, but beyond its ends. */
START_TEST(an_edge_ends_at_its_corners)
{
    static const int64_t square[] = {0, 0, 2 * DEGREE, 0, 2 * DEGREE, 2 * DEGREE, 0, 2 * DEGREE};

    for (int64_t at = 0; at <= 2; at += 2) { /* latitude, longitude */
        ck_assert(hc__geo_in_polygon(square, 4, at * DEGREE, DEGREE));
        ck_assert(hc__geo_in_polygon(square, 4, DEGREE, at * DEGREE));
        for (int64_t off = -1; off <= 3; off += 4) {
            ck_assert(!hc__geo_in_polygon(square, 4, at * DEGREE, off * DEGREE));
            ck_assert(!hc__geo_in_polygon(square, 4, off * DEGREE, at * DEGREE));
        }
    }
}
END_TEST

START_TEST(a_box_may_cross_the_antimeridian)
{
    hc__box box = hc__geo_around(0, 180 * DEGREE - 1000, 5000);

    ck_assert_int_gt(box.west, box.east);
    ck_assert(hc__geo_in_box(&box, 0, -180 * DEGREE + 1000));
    ck_assert(!hc__geo_in_box(&box, 0, 0));
    box = hc__geo_around(90 * DEGREE, 0, 5000);
    ck_assert(hc__geo_in_box(&box, 90 * DEGREE - 1000, 123 * DEGREE));
}
END_TEST

START_TEST(the_edges_of_a_box_are_inside)
{
    static const hc__box boxes[] = {{1, 2, 3, 4}, {5, 5, 5, 5}, {170, -1, -170, 1}}; /* west, south, east, north */
    static const struct {
        int box;
        int64_t latitude, longitude;
        bool in;
    } at[] = {{0, 2, 1, true},    {0, 4, 3, true},     {0, 1, 1, false},   {0, 5, 3, false},  {0, 3, 0, false},
              {0, 3, 4, false},   {1, 5, 5, true},     {1, 5, 4, false},   {1, 5, 6, false},  {1, 4, 5, false},
              {1, 6, 5, false},   {2, 0, 170, true},   {2, 0, -170, true}, {2, 0, 180, true}, {2, 0, -180, true},
              {2, 0, 169, false}, {2, 0, -169, false}, {2, 0, 0, false},   {2, 2, 180, false}};

    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
        ck_assert_msg(hc__geo_in_box(&boxes[at[i].box], at[i].latitude, at[i].longitude) == at[i].in, "%zu", i);
}
END_TEST

START_TEST(the_edge_of_a_polygon_is_inside)
{
    /* an arrow head: (0,0) (4,4) (8,0) (4,2), longitude first */
    static const int64_t corners[] = {0, 0, 4, 4, 8, 0, 4, 2};
    static const struct {
        int64_t lng, lat;
        bool in;
    } at[] = {{0, 0, true}, {4, 4, true},  {8, 0, true},  {4, 2, true},  {2, 2, true},   {2, 1, true},
              {4, 3, true}, {4, 1, false}, {4, 0, false}, {0, 4, false}, {-1, 0, false}, {9, 0, false},
              {6, 1, true}, {1, 2, false}, {7, 1, true},  {4, 5, false}};

    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
        ck_assert_msg(hc__geo_in_polygon(corners, 4, at[i].lat, at[i].lng) == at[i].in, "%ld %ld", (long)at[i].lng,
                      (long)at[i].lat);
}
END_TEST

/* One unit beside a long edge is told apart: no rounding. */
START_TEST(a_polygon_is_exact)
{
    static const int64_t corners[] = {-18000000000, -9000000000, 18000000000, 9000000000, -18000000000, 9000000000};

    ck_assert(hc__geo_in_polygon(corners, 3, 4500000000, 9000000000));
    ck_assert(!hc__geo_in_polygon(corners, 3, 4500000000 - 1, 9000000000));
    ck_assert(hc__geo_in_polygon(corners, 3, 4500000000 + 1, 9000000000));
    ck_assert(!hc__geo_in_polygon(corners, 3, 4500000000, 9000000000 + 1));
    ck_assert(hc__geo_in_polygon(corners, 3, 4500000000, 9000000000 - 1));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, distances_are_whole_metres_on_a_sphere);
    tcase_add_test(tcase, a_box_holds_its_circle);
    tcase_add_test(tcase, no_distance_is_longer_than_half_around);
    tcase_add_test(tcase, a_box_at_the_edge_of_the_earth);
    tcase_add_test(tcase, a_polygon_lies_between_its_farthest_corners);
    tcase_add_test(tcase, a_place_beside_an_edge_is_on_its_side);
    tcase_add_test(tcase, an_edge_ends_at_its_corners);
    tcase_add_test(tcase, a_box_may_cross_the_antimeridian);
    tcase_add_test(tcase, the_edges_of_a_box_are_inside);
    tcase_add_test(tcase, the_edge_of_a_polygon_is_inside);
    tcase_add_test(tcase, a_polygon_is_exact);
}

int main(void)
{
    return suite_main("unit.query.geo", fill, case_open, case_close);
}
