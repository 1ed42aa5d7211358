/* Free slots: hours, exceptions, clocks that change, buffers, notice, horizon; and all of it against a slow and obvious
 * reading of the same rules. */
#include <time.h>

#include "viewing.h"

viewings v;

static void check_starts(hc_slots *slots, size_t count, const int64_t *starts)
{
    ck_assert_uint_eq(hc_slots_count(slots), count);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(hc_slots_start(slots, i) == starts[i], "%zu: %+lld minutes", i,
                      (long long)((hc_slots_start(slots, i) - starts[i]) / HOUSE_MINUTE));
    hc_slots_free(slots);
}

static int64_t utc(const char *zone, const char *local)
{
    int64_t out;

    HOUSE_OK(hc_zone_to_utc(&out, house.client, local, zone, err));
    return out;
}

/* ---- by hand ---- */

START_TEST(a_week_of_an_agent_without_hours_is_the_office_week)
{
    hc_slots *slots = find_slots(house.guest, house.ana_id, MONDAY, AT(7, 0, 0), 0, 0);

    ck_assert_uint_eq(hc_slots_count(slots), 5 * 16);
    ck_assert_int_eq(hc_slots_start(slots, 0), AT(0, 9, 0));
    ck_assert_int_eq(hc_slots_end(slots, 0), AT(0, 9, 30));
    ck_assert_int_eq(hc_slots_start(slots, 79), AT(4, 16, 30));
    ck_assert_int_eq(hc_slots_start(slots, 80), 0);
    ck_assert_int_eq(hc_slots_end(slots, 80), 0);
    ck_assert_str_eq(hc_slots_time_zone(slots), "UTC");
    hc_slots_free(slots);
    slots = find_slots(house.bea, house.ana_id, 0, 0, 60, 60);
    ck_assert_int_eq(hc_slots_start(slots, 0), AT(0, 9, 0));
    ck_assert_int_le(hc_slots_start(slots, hc_slots_count(slots) - 1), HOUSE_START + 180 * HOUSE_DAY);
    ck_assert_int_gt(hc_slots_start(slots, hc_slots_count(slots) - 1), HOUSE_START + 176 * HOUSE_DAY);
    hc_slots_free(slots);
    ck_assert_uint_eq(hc_slots_count(NULL), 0);
    hc_slots_free(NULL);
}
END_TEST

START_TEST(hours_exceptions_and_what_is_booked_cut_the_day)
{
    change_agent(house.ana_id, "{\"working_hours\":{\"mon\":[[\"09:00\",\"10:30\"],[\"13:00\",\"14:00\"]]},"
                               "\"exceptions\":[{\"date\":\"2025-11-25\",\"hours\":[[\"20:00\",\"21:00\"]]},"
                               "{\"date\":\"2025-12-01\",\"hours\":[]}]}");
    check_starts(find_slots(house.bea, house.ana_id, MONDAY, AT(14, 0, 0), 30, 30), 7,
                 (const int64_t[]){AT(0, 9, 0), AT(0, 9, 30), AT(0, 10, 0), AT(0, 13, 0), AT(0, 13, 30), AT(1, 20, 0),
                                   AT(1, 20, 30)});
    book(house.ana, v.anas, AT(0, 9, 40), 20);
    check_starts(find_slots(house.bea, house.ana_id, MONDAY, AT(1, 0, 0), 30, 30), 4,
                 (const int64_t[]){AT(0, 9, 0), AT(0, 10, 0), AT(0, 13, 0), AT(0, 13, 30)});
    change_agent(house.ana_id, "{\"buffer_before\":10,\"buffer_after\":5}");
    check_starts(find_slots(house.bea, house.ana_id, MONDAY, AT(1, 0, 0), 30, 5), 9,
                 (const int64_t[]){AT(0, 9, 0), AT(0, 9, 5), /* 09:35 and five minutes after */
                                   AT(0, 13, 0), AT(0, 13, 5), AT(0, 13, 10), AT(0, 13, 15), AT(0, 13, 20),
                                   AT(0, 13, 25), AT(0, 13, 30)});
}
END_TEST

START_TEST(notice_binds_buyers_and_guests_and_not_the_agency)
{
    house_set_time(AT(0, 10, 10));
    check_starts(find_slots(house.bea, house.ana_id, 0, AT(0, 13, 0), 30, 30), 1, (const int64_t[]){AT(0, 12, 30)});
    check_starts(find_slots(house.guest, house.ana_id, 0, AT(0, 13, 0), 30, 30), 1, (const int64_t[]){AT(0, 12, 30)});
    check_starts(find_slots(house.ana, house.ana_id, 0, AT(0, 11, 30), 30, 30), 2,
                 (const int64_t[]){AT(0, 10, 30), AT(0, 11, 0)});
    change_agent(house.ana_id, "{\"min_notice\":0}");
    check_starts(find_slots(house.bea, house.ana_id, 0, AT(0, 11, 30), 30, 30), 2,
                 (const int64_t[]){AT(0, 10, 30), AT(0, 11, 0)});
    house_set_time(AT(0, 10, 30)); /* what starts now is not in the future */
    check_starts(find_slots(house.bea, house.ana_id, 0, AT(0, 11, 30), 30, 30), 1, (const int64_t[]){AT(0, 11, 0)});
}
END_TEST

/* D03: New York in March and November. */
START_TEST(hours_that_the_clocks_jump_over_are_no_slots_and_double_ones_are_offered_once)
{
    const char *zone = "America/New_York";

    house_set_time(utc(zone, "2026-03-06T12:00"));
    change_agent(house.ana_id,
                 "{\"time_zone\":\"America/New_York\",\"working_hours\":{\"sun\":[[\"01:00\",\"04:00\"]]}}");
    check_starts(
        find_slots(house.system, house.ana_id, utc(zone, "2026-03-08T00:00"), utc(zone, "2026-03-08T12:00"), 30, 30), 4,
        (const int64_t[]){utc(zone, "2026-03-08T01:00"), utc(zone, "2026-03-08T01:30"), utc(zone, "2026-03-08T03:00"),
                          utc(zone, "2026-03-08T03:30")});
    house_set_time(utc(zone, "2026-10-30T12:00"));
    check_starts(
        find_slots(house.system, house.ana_id, utc(zone, "2026-11-01T00:00"), utc(zone, "2026-11-01T12:00"), 60, 30), 5,
        (const int64_t[]){utc("UTC", "2026-11-01T05:00"), utc("UTC", "2026-11-01T05:30"),
                          utc("UTC", "2026-11-01T07:00"), utc("UTC", "2026-11-01T07:30"),
                          utc("UTC", "2026-11-01T08:00")});
    ck_assert_int_eq(utc(zone, "2026-11-01T03:00"), utc("UTC", "2026-11-01T08:00"));
}
END_TEST

START_TEST(the_zone_is_the_agents_else_the_listings)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots = NULL;

    search.agent_id = house.ana_id;
    search.property_id = house.anas_ids[0];
    change_listing(house.anas_ids[0], "{\"time_zone\":\"Asia/Kathmandu\"}");
    HOUSE_OK(hc_appointment_slots(&slots, house.bea, &search, err));
    ck_assert_str_eq(hc_slots_time_zone(slots), "Asia/Kathmandu");
    ck_assert_int_eq(hc_slots_start(slots, 0), AT(0, 3, 15));
    hc_slots_free(slots);
    change_agent(house.ana_id, "{\"time_zone\":\"America/Sao_Paulo\"}");
    HOUSE_OK(hc_appointment_slots(&slots, house.bea, &search, err));
    ck_assert_str_eq(hc_slots_time_zone(slots), "America/Sao_Paulo");
    ck_assert_int_eq(hc_slots_start(slots, 0), AT(0, 12, 0));
    hc_slots_free(slots);
}
END_TEST

START_TEST(an_exclusive_listing_must_be_free_too)
{
    hc_id lead = make_lead((hc_id){{0}}, house.ben_id, house.anas_ids[0]);
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots = NULL;

    change_listing(house.anas_ids[0], "{\"exclusive_showings\":true}");
    book(house.ben, lead, AT(0, 9, 0), 60);
    search.agent_id = house.ana_id;
    search.to = AT(0, 11, 0);
    HOUSE_OK(hc_appointment_slots(&slots, house.bea, &search, err));
    ck_assert_uint_eq(hc_slots_count(slots), 4);
    hc_slots_free(slots);
    search.property_id = house.anas_ids[0];
    HOUSE_OK(hc_appointment_slots(&slots, house.bea, &search, err));
    ck_assert_uint_eq(hc_slots_count(slots), 2);
    ck_assert_int_eq(hc_slots_start(slots, 0), AT(0, 10, 0));
    hc_slots_free(slots);
}
END_TEST

static hc_status search_for(hc_session *as, hc_slot_search search, hc_error *err)
{
    hc_slots *slots = NULL;
    hc_status status = hc_appointment_slots(&slots, as, &search, err);

    ck_assert(status >= 0 || slots == NULL);
    hc_slots_free(slots);
    return status;
}

START_TEST(what_cannot_be_searched_is_told_by_name)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots;

    HOUSE_FAILS(hc_appointment_slots(NULL, house.bea, &search, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_appointment_slots(&slots, house.bea, NULL, err), HC_ERR_INVALID, "agent_id");
    search.agent_id = house.bea_id;
    HOUSE_FAILS(search_for(house.guest, search, err), HC_ERR_NOT_FOUND, "agent_id");
    search.agent_id = house.ana_id;
    search.property_id = house.anas_ids[2]; /* withdrawn: not for strangers */
    HOUSE_FAILS(search_for(house.guest, search, err), HC_ERR_NOT_FOUND, "property_id");
    HOUSE_OK(search_for(house.ana, search, err));
    search.property_id = (hc_id){{0}};
    search.length = 7;
    HOUSE_FAILS(search_for(house.guest, search, err), HC_ERR_INVALID, "length");
    search.length = 485;
    HOUSE_FAILS(search_for(house.guest, search, err), HC_ERR_INVALID, "length");
    search.length = 0;
    search.step = -5;
    HOUSE_FAILS(search_for(house.guest, search, err), HC_ERR_INVALID, "step");
    search.step = 0;
    search.from = AT(5, 0, 0);
    search.to = AT(4, 0, 0);
    HOUSE_FAILS(search_for(house.guest, search, err), HC_ERR_INVALID, "to");
    search.from = INT64_MIN;
    search.to = INT64_MAX;
    HOUSE_OK(search_for(house.guest, search, err));
    search.from = INT64_MAX;
    HOUSE_OK(search_for(house.guest, search, err));
    search.struct_size = 3;
    HOUSE_FAILS(search_for(house.guest, search, err), HC_ERR_INVALID, "search");
}
END_TEST

/* ---- against a slow and obvious reading ---- */

static uint64_t state;

static int pick(int below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)(state % (uint64_t)below);
}

struct taken {
    int64_t from, to; /* with its buffers */
};

struct day {
    int date; /* days since the epoch, of an exception */
    int from[2], to[2], count;
};

static struct world {
    struct taken taken[64];
    int taken_count;
    struct day week[7], exceptions[12];
    int exception_count, before, after;
} w;

static int minutes_of(struct day *day, char *json)
{
    int n = 0, at = 60 * pick(12);

    day->count = pick(3);
    n += sprintf(json + n, "[");
    for (int i = 0; i < day->count; i++) {
        day->from[i] = at + 5 * pick(24);
        day->to[i] = day->from[i] + 5 + 5 * pick(60);
        at = day->to[i];
        n += sprintf(json + n, "%s[\"%02d:%02d\",\"%02d:%02d\"]", i == 0 ? "" : ",", day->from[i] / 60,
                     day->from[i] % 60, day->to[i] / 60, day->to[i] % 60);
    }
    n += sprintf(json + n, "]");
    return n;
}

static void make_hours(const char *zone, int today)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    char json[4096];
    int n = sprintf(json,
                    "{\"time_zone\":\"%s\",\"min_notice\":0,\"buffer_before\":%d,\"buffer_after\":%d,"
                    "\"working_hours\":{",
                    zone, w.before = pick(4) * 5, w.after = pick(22));

    for (int i = 0; i < 7; i++) {
        n += sprintf(json + n, "%s\"%s\":", i == 0 ? "" : ",", names[i]);
        n += minutes_of(&w.week[i], json + n);
    }
    n += sprintf(json + n, "},\"exceptions\":[");
    w.exception_count = pick(12);
    for (int i = 0; i < w.exception_count; i++) {
        time_t at = (time_t)(today + i * 3 + pick(3)) * 86400;
        struct tm date;

        w.exceptions[i].date = (int)(at / 86400);
        gmtime_r(&at, &date);
        n += sprintf(json + n, "%s{\"date\":\"%04d-%02d-%02d\",\"hours\":", i == 0 ? "" : ",", date.tm_year + 1900,
                     date.tm_mon + 1, date.tm_mday);
        n += minutes_of(&w.exceptions[i], json + n);
        n += sprintf(json + n, "}");
    }
    sprintf(json + n, "]}");
    change_agent(house.ana_id, json);
}

/* The wall clock at an instant, by the C library: date in days, minutes of the day. */
static void wall(int64_t micros, int *date, int *minutes)
{
    time_t at = (time_t)(micros / HOUSE_SECOND);
    struct tm local;

    localtime_r(&at, &local);
    *date = (int)((micros / HOUSE_SECOND + local.tm_gmtoff) / 86400);
    *minutes = local.tm_hour * 60 + local.tm_min;
}

/* The first instant at which the wall shows at least this, looking at every five minutes around. */
static int64_t instant(int date, int minutes)
{
    int64_t at = (int64_t)date * HOUSE_DAY - 15 * HOUSE_HOUR;

    for (;; at += 5 * HOUSE_MINUTE) {
        int d, m;
        wall(at, &d, &m);
        if (d > date + (minutes == 1440) || (d == date + (minutes == 1440) && m >= minutes % 1440))
            return at;
    }
}

static bool is_free(int64_t from, int64_t to)
{
    for (int i = 0; i < w.taken_count; i++)
        if (from < w.taken[i].to && w.taken[i].from < to)
            return false;
    return true;
}

static int64_t up(int64_t micros)
{
    const int64_t slot = 5 * HOUSE_MINUTE;

    return (micros + slot - 1) / slot * slot;
}

/* Whether this start is to be offered. */
static bool offered(int64_t start, int length, int step)
{
    int date, minutes;
    const struct day *day;

    wall(start, &date, &minutes);
    for (int64_t earlier = start - 3 * HOUSE_HOUR; earlier < start; earlier += 5 * HOUSE_MINUTE) {
        int d, m;
        wall(earlier, &d, &m);
        if (d == date && m == minutes)
            return false; /* the clock showed it before */
    }
    day = &w.week[(date + 3) % 7];
    for (int i = 0; i < w.exception_count; i++)
        if (w.exceptions[i].date == date)
            day = &w.exceptions[i];
    for (int i = 0; i < day->count; i++)
        if (minutes >= day->from[i] && minutes < day->to[i] && (minutes - day->from[i]) % step == 0 &&
            start + length * HOUSE_MINUTE <= instant(date, day->to[i]))
            return is_free(start - w.before * HOUSE_MINUTE, up(start + (length + w.after) * HOUSE_MINUTE));
    return false;
}

static void book_some(int64_t from, int days)
{
    w.taken_count = 0;
    while (w.taken_count < 40) {
        int64_t start = from + HOUSE_DAY + (int64_t)pick(days * 288) * 5 * HOUSE_MINUTE;
        int length = 5 + 5 * pick(30);
        struct taken mine = {start - w.before * HOUSE_MINUTE, up(start + (length + w.after) * HOUSE_MINUTE)};
        hc_error err = {0};
        hc_id id;
        hc_status status = try_book(&id, house.system, v.anas, start, length, &err);

        ck_assert_msg((status == HC_ERR_CONFLICT) == !is_free(mine.from, mine.to), "%s %s", hc_status_name(status),
                      err.message);
        if (status == HC_ERR_CONFLICT)
            continue;
        ck_assert_int_ge(status, HC_OK);
        w.taken[w.taken_count++] = mine;
    }
}

static void compare(int64_t from, int64_t to, int length, int step)
{
    hc_slots *slots = find_slots(house.system, house.ana_id, from, to, length, step);
    size_t at = 0;

    for (int64_t start = up(from); start + length * HOUSE_MINUTE <= to; start += 5 * HOUSE_MINUTE) {
        bool expected = offered(start, length, step);
        bool got = at < hc_slots_count(slots) && hc_slots_start(slots, at) == start;
        char text[HC_ZONE_TIME_SIZE];

        if (expected != got)
            hc_zone_from_utc(text, house.client, start, "UTC", NULL);
        ck_assert_msg(expected == got, "%s, %d minutes, step %d: %s", text, length, step, got ? "offered" : "missing");
        at += got;
    }
    ck_assert_uint_eq(at, hc_slots_count(slots));
    hc_slots_free(slots);
}

/* D03 */
START_TEST(slots_are_what_a_slow_reading_of_the_rules_finds)
{
    static const struct {
        const char *zone, *from;
    } cases[] = {{"America/New_York", "2026-03-04T00:00"},
                 {"America/New_York", "2026-10-28T00:00"},
                 {"America/Chicago", "2026-03-04T00:00"},
                 {"Europe/Berlin", "2026-03-25T00:00"},
                 {"Europe/Berlin", "2026-10-21T00:00"},
                 {"Asia/Kathmandu", "2026-06-01T00:00"},
                 {"America/Sao_Paulo", "2026-11-01T00:00"},
                 {"Australia/Lord_Howe", "2026-04-01T00:00"},
                 {"UTC", "2026-02-26T00:00"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t from = utc(cases[i].zone, cases[i].from);

        state = 88172645463325252u + i;
        memset(&w, 0, sizeof w);
        house_sql("DELETE FROM appointment_slots");
        house_sql("DELETE FROM appointments");
        house_set_time(from);
        make_hours(cases[i].zone, (int)(from / HOUSE_DAY));
        book_some(from, 8);
        setenv("TZ", cases[i].zone, 1);
        tzset();
        compare(from + 1, from + 10 * HOUSE_DAY, 5 + 5 * pick(20), 5 + 5 * pick(12));
        compare(from + 1, from + 10 * HOUSE_DAY, 30, 30);
        unsetenv("TZ");
        tzset();
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_week_of_an_agent_without_hours_is_the_office_week);
    tcase_add_test(tcase, hours_exceptions_and_what_is_booked_cut_the_day);
    tcase_add_test(tcase, notice_binds_buyers_and_guests_and_not_the_agency);
    tcase_add_test(tcase, hours_that_the_clocks_jump_over_are_no_slots_and_double_ones_are_offered_once);
    tcase_add_test(tcase, the_zone_is_the_agents_else_the_listings);
    tcase_add_test(tcase, an_exclusive_listing_must_be_free_too);
    tcase_add_test(tcase, what_cannot_be_searched_is_told_by_name);
    tcase_add_test(tcase, slots_are_what_a_slow_reading_of_the_rules_finds);
}

int main(void)
{
    return suite_main("api.appointment.slots", fill, open_viewings, house_close);
}
