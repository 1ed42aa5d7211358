/* Wall time of places: what may be booked at, and what does not exist. */
#include "descriptors.h"
#include "viewing.h"

viewings v;

static int64_t utc(const char *text)
{
    int64_t out;

    HOUSE_OK(hc_zone_to_utc(&out, house.client, text, "UTC", err));
    return out;
}

/* D03 */
START_TEST(wall_time_becomes_utc_by_the_zone)
{
    static const struct {
        const char *zone, *local, *utc;
    } cases[] = {
        {"America/New_York", "2026-03-08T01:59", "2026-03-08T06:59"},
        {"America/New_York", "2026-03-08T03:00", "2026-03-08T07:00"},
        {"America/New_York", "2026-11-01T00:30", "2026-11-01T04:30"},
        {"America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"}, /* the first of two */
        {"America/New_York", "2026-11-01T01:30:00-04:00", "2026-11-01T05:30"},
        {"America/New_York", "2026-11-01T01:30:00-05:00", "2026-11-01T06:30"},
        {"America/New_York", "2026-11-01T01:30-05:00", "2026-11-01T06:30"},
        {"America/New_York", "2026-11-01T02:00", "2026-11-01T07:00"},
        {"America/Chicago", "2026-03-08T03:30:00", "2026-03-08T08:30"},
        {"Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"},
        {"Europe/Berlin", "2026-10-25T02:30+01:00", "2026-10-25T01:30"},
        {"Asia/Kathmandu", "2026-06-01T09:00", "2026-06-01T03:15"},
        {"Asia/Kathmandu", "2026-06-01T09:00+05:45", "2026-06-01T03:15"},
        {"America/Sao_Paulo", "2026-11-01T00:30", "2026-11-01T03:30"},
        {"Pacific/Kiritimati", "2026-01-01T00:00:00+14:00", "2025-12-31T10:00"},
        {"UTC", "2026-06-01T09:00Z", "2026-06-01T09:00"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t out;
        HOUSE_OK(hc_zone_to_utc(&out, house.client, cases[i].local, cases[i].zone, err));
        ck_assert_msg(out == utc(cases[i].utc), "%s %s", cases[i].zone, cases[i].local);
    }
}
END_TEST

/* D03 */
START_TEST(times_that_do_not_exist_are_refused_by_name)
{
    static const char *const bad[][2] = {
        {"2026-03-08T02:30", "America/Chicago"},
        {"2026-03-08T02:30:00-06:00", "America/Chicago"},
        {"2026-03-08T02:00", "America/New_York"},
        {"2026-03-29T02:15", "Europe/Berlin"},
        {"2026-06-01T09:00-06:00", "America/Chicago"}, /* it is -05:00 in June */
        {"2026-06-01T09:00Z", "America/Chicago"},
        {"2026-06-30T23:59:60", "UTC"},
        {"2026-06-30T24:00", "UTC"},
        {"0000-01-01T00:00", "UTC"},
        {"10000-01-01T00:00", "UTC"},
        {"2026-02-29T09:00", "UTC"},
        {"2026-06-01 09:00", "UTC"},
        {"2026-06-01T9:00", "UTC"},
        {"2026-06-01T09", "UTC"},
        {"2026-06-01T09:00:", "UTC"},
        {"2026-06-01T09:00:00.5", "UTC"},
        {"2026-06-01T09:00+5:45", "UTC"},
        {"2026-06-01", "UTC"},
        {"", "UTC"},
        {"2026-06-01T09:00:00+00:00:00:00:00", "UTC"},
    };
    int64_t out = 1;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        HOUSE_FAILS(hc_zone_to_utc(&out, house.client, bad[i][0], bad[i][1], err), HC_ERR_INVALID, "time");
        ck_assert_int_eq(out, 0);
    }
    HOUSE_FAILS(hc_zone_to_utc(&out, house.client, NULL, "UTC", err), HC_ERR_INVALID, "time");
}
END_TEST

START_TEST(zones_are_names_and_lead_nowhere_else)
{
    static const char *const bad[] = {"",         "America/Nowhere", "America",       "../../etc/passwd", "/etc/passwd",
                                      "zone.tab", "leapseconds",     "America/../UTC"};
    char text[HC_ZONE_TIME_SIZE];
    int64_t out;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        HOUSE_FAILS(hc_zone_to_utc(&out, house.client, "2026-06-01T09:00", bad[i], err), HC_ERR_INVALID, "time_zone");
        HOUSE_FAILS(hc_zone_from_utc(text, house.client, 0, bad[i], err), HC_ERR_INVALID, "time_zone");
        ck_assert_str_eq(text, "");
    }
    HOUSE_FAILS(hc_zone_to_utc(&out, house.client, "2026-06-01T09:00", NULL, err), HC_ERR_INVALID, "time_zone");
}
END_TEST

START_TEST(utc_becomes_wall_time_with_its_offset)
{
    char text[HC_ZONE_TIME_SIZE];

    HOUSE_OK(hc_zone_from_utc(text, house.client, utc("2026-11-01T06:30"), "America/New_York", err));
    ck_assert_str_eq(text, "2026-11-01T01:30:00-05:00");
    HOUSE_OK(hc_zone_from_utc(text, house.client, utc("2026-06-01T03:15") + 999999, "Asia/Kathmandu", err));
    ck_assert_str_eq(text, "2026-06-01T09:00:00+05:45");
    HOUSE_OK(hc_zone_from_utc(text, house.client, -1, "UTC", err));
    ck_assert_str_eq(text, "1969-12-31T23:59:59+00:00");
    /* D03: nothing is told that is not so, nor counted past the end */
    HOUSE_FAILS(hc_zone_from_utc(text, house.client, INT64_MAX, "Asia/Kathmandu", err), HC_ERR_INVALID, "micros");
    ck_assert_str_eq(text, "");
    HOUSE_FAILS(hc_zone_from_utc(text, house.client, INT64_MIN, "America/New_York", err), HC_ERR_INVALID, "micros");
    HOUSE_FAILS(hc_zone_from_utc(text, house.client, utc("9999-12-31T23:00"), "Asia/Kathmandu", err), HC_ERR_INVALID,
                "micros");
    HOUSE_OK(hc_zone_from_utc(text, house.client, utc("9999-12-31T23:00"), "UTC", err));
    ck_assert_str_eq(text, "9999-12-31T23:00:00+00:00");
}
END_TEST

/* D03: what a record takes has an offset. */
START_TEST(json_times_have_an_offset)
{
    static const char *const bad[] = {"2026-03-08T02:30",     "2026-03-08T02:30:00",  "2026-06-30T23:59:60Z",
                                      "2026-06-30T24:00:00Z", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z"};
    hc_appointment *a = hc_appointment_new(house.client);
    char json[80];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_appointment *b = hc_appointment_new(house.client);
        snprintf(json, sizeof json, "{\"scheduled_time\":\"%s\"}", bad[i]);
        HOUSE_FAILS(hc_appointment_from_json(b, json, strlen(json), err), HC_ERR_INVALID, "scheduled_time");
        hc_appointment_free(b);
    }
    HOUSE_OK(hc_appointment_from_json(a, "{\"scheduled_time\":\"2026-03-08T12:00:00+14:00\"}", 46, err));
    ck_assert_int_eq(hc_appointment_scheduled_time(a), utc("2026-03-07T22:00"));
    hc_appointment_free(a);
}
END_TEST

/* The host's own folder. */
START_TEST(a_host_may_bring_its_zones)
{
    char folder[300], path[400];
    uint8_t bytes[65536];
    hc_client_options options;
    hc_client *client;
    FILE *file = fopen("/usr/share/zoneinfo/Asia/Kathmandu", "rb");
    size_t size;
    int64_t out;

    ck_assert_ptr_nonnull(file);
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    snprintf(folder, sizeof folder, "%s", house.folder);
    snprintf(path, sizeof path, "%s/Village", folder);
    file = fopen(path, "wb");
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
    house_options(&options);
    options.zoneinfo = folder;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_zone_to_utc(&out, client, "2026-06-01T09:00", "Village", err));
    ck_assert_int_eq(out, utc("2026-06-01T03:15"));
    HOUSE_FAILS(hc_zone_to_utc(&out, client, "2026-06-01T09:00", "Asia/Kathmandu", err), HC_ERR_INVALID, "time_zone");
    HOUSE_OK(hc_zone_to_utc(&out, client, "2026-06-01T09:00", "UTC", err));
    hc_client_close(client);
    options.zoneinfo = "";
    HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_INVALID, "zoneinfo");
    options.zoneinfo = NULL;
    options.appointment_cutoff = -1;
    HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_INVALID, "appointment_cutoff");
}
END_TEST

/* Else the hours of New York would be those of London, or of the listing's place. */
static void unreadable(hc_client *client, hc_session *as)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    char text[HC_ZONE_TIME_SIZE];
    hc_slots *slots;
    int64_t out;
    hc_id id;

    search.agent_id = house.ana_id;
    search.from = AT(0, 0, 0);
    search.to = AT(1, 0, 0);
    HOUSE_FAILS(hc_zone_to_utc(&out, client, "2026-06-01T09:00", "America/Denver", err), HC_ERR_IO, "zoneinfo");
    HOUSE_FAILS(hc_zone_from_utc(text, client, 0, "America/Denver", err), HC_ERR_IO, "zoneinfo");
    HOUSE_FAILS(hc_appointment_slots(&slots, as, &search, err), HC_ERR_IO, "zoneinfo");
    HOUSE_FAILS(try_book(&id, as, v.anas, AT(0, 15, 0), 30, err), HC_ERR_IO, "zoneinfo");
}

/* S43 */
START_TEST(a_zone_that_cannot_be_read_is_none_that_is_not_known)
{
    hc_client_options options;
    hc_client *client;
    hc_session *system;
    char none[400];

    change_agent(house.ana_id, "{\"time_zone\":\"America/New_York\"}");
    change_listing(house.anas_ids[0], "{\"time_zone\":\"America/Chicago\"}");
    book(house.system, v.anas, AT(0, 14, 0), 30);
    hc_slots_free(find_slots(house.system, house.ana_id, AT(0, 0, 0), AT(1, 0, 0), 0, 0));
    leave_descriptors(0);
    unreadable(house.client, house.system);
    leave_descriptors(-1);
    house_options(&options);
    snprintf(none, sizeof none, "%s/none", house.folder);
    options.zoneinfo = none;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_system(&system, client, err));
    unreadable(client, system);
    hc_session_free(system);
    hc_client_close(client);
    book(house.system, v.anas, AT(0, 15, 0), 30);
}
END_TEST

START_TEST(an_agents_zone_and_hours_are_checked_when_they_are_written)
{
    static const char *const bad[][2] = {
        {"{\"time_zone\":\"Texas\"}", "time_zone"},
        {"{\"time_zone\":\"../x\"}", "time_zone"},
        {"{\"working_hours\":[[\"09:00\",\"17:00\"]]}", "working_hours"},
        {"{\"working_hours\":{\"mon\":[[\"17:00\",\"09:00\"]]}}", "working_hours"},
        {"{\"exceptions\":{\"2026-12-24\":[]}}", "exceptions"},
        {"{\"exceptions\":[{\"date\":\"2026-12-24\",\"hours\":[]},{\"date\":\"2026-12-24\",\"hours\":[]}]}",
         "exceptions"}};
    snapshot before = house_snapshot();

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_agent *edit = hc_agent_for(house.client, house.ana_id, 1);
        HOUSE_OK(hc_agent_from_json(edit, bad[i][0], strlen(bad[i][0]), err));
        HOUSE_FAILS(hc_agent_update(NULL, house.ana, edit, err), HC_ERR_INVALID, bad[i][1]);
        hc_agent_free(edit);
    }
    house_assert_unchanged_since(before);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, wall_time_becomes_utc_by_the_zone);
    tcase_add_test(tcase, times_that_do_not_exist_are_refused_by_name);
    tcase_add_test(tcase, zones_are_names_and_lead_nowhere_else);
    tcase_add_test(tcase, utc_becomes_wall_time_with_its_offset);
    tcase_add_test(tcase, json_times_have_an_offset);
    tcase_add_test(tcase, a_host_may_bring_its_zones);
    tcase_add_test(tcase, a_zone_that_cannot_be_read_is_none_that_is_not_known);
    tcase_add_test(tcase, an_agents_zone_and_hours_are_checked_when_they_are_written);
}

int main(void)
{
    return suite_main("api.appointment.zone", fill, open_viewings, house_close);
}
