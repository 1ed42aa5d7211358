/* S13 of viewings: every allocation of a call may fail; then nothing is written, and nothing leaks. */
#include "memory.h"
#include "viewing.h"

viewings v;

#define POINTS 4000

static hc_id booked, asked;

static hc_status book_one(hc_error *err)
{
    hc_id id;

    return try_book(&id, house.ana, v.anas, AT(0, 12, 0), 30, err);
}

static hc_status meet_another(hc_error *err)
{
    hc_id id;
    hc_status status = try_book(&id, house.ana, v.anas, AT(0, 9, 0), 30, err);

    return status == HC_ERR_CONFLICT ? HC_OK : status;
}

static hc_status move_one(hc_error *err)
{
    return hc_appointment_reschedule(NULL, house.ana, booked, 1, AT(0, 13, 0), 0, err);
}

static hc_status confirm_one(hc_error *err)
{
    return hc_appointment_confirm(NULL, house.ana, asked, 1, err);
}

static hc_status cancel_one(hc_error *err)
{
    return hc_appointment_cancel(NULL, house.ana, booked, 1, "no reason", err);
}

static hc_status find_all(hc_error *err)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots = NULL;
    hc_status status;

    search.agent_id = house.ana_id;
    search.property_id = house.anas_ids[0];
    status = hc_appointment_slots(&slots, house.ana, &search, err);
    ck_assert_int_eq(slots != NULL, status >= 0);
    hc_slots_free(slots);
    return status;
}

static hc_status write_ics(hc_error *err)
{
    hc_ics_options options = HC_ICS_OPTIONS_INIT;
    hc_text *text = NULL;
    hc_status status;

    options.host = "creek.example";
    status = hc_appointment_ics(&text, house.ana, booked, &options, err);
    ck_assert_int_eq(text != NULL, status >= 0);
    hc_text_free(text);
    return status;
}

static hc_status get_both(hc_error *err)
{
    const hc_id ids[] = {booked, asked};
    hc_appointment_page *page = NULL;
    hc_status status = hc_appointment_get_many(&page, house.ana, ids, 2, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_appointment_page_free(page);
    return status;
}

static hc_status list_own(hc_error *err)
{
    hc_appointment_page *page = NULL;
    hc_status status = hc_appointment_list(&page, house.ana, NULL, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    ck_assert(status < 0 || hc_appointment_page_count(page) == 2);
    hc_appointment_page_free(page);
    return status;
}

static hc_status write_notes(hc_error *err)
{
    hc_appointment *edit = hc_appointment_for(house.client, booked, 1);
    hc_status status;

    hc_appointment_set_notes(edit, "by the back door");
    status = hc_appointment_update(NULL, house.ana, edit, err);
    hc_appointment_free(edit);
    return status;
}

static hc_status sweep(hc_error *err)
{
    return hc_client_run(house.client, HOUSE_SECOND, NULL, err);
}

static hc_status change_hours(hc_error *err)
{
    static const char json[] = "{\"working_hours\":{\"mon\":[[\"08:00\",\"18:00\"]]},\"time_zone\":\"America/Chicago\","
                               "\"exceptions\":[{\"date\":\"2026-12-24\",\"hours\":[]}]}";
    hc_agent *edit = hc_agent_for(house.client, house.ben_id, 1);
    hc_status status = hc_agent_from_json(edit, json, strlen(json), err);

    if (status >= 0)
        status = hc_agent_update(NULL, house.ben, edit, err);
    hc_agent_free(edit);
    return status;
}

static const struct {
    const char *name;
    hc_status (*run)(hc_error *err);
    bool repeats; /* changes nothing, or not twice */
} calls[] = {{"appointment_create", book_one, false},     {"appointment_create_conflict", meet_another, true},
             {"appointment_reschedule", move_one, false}, {"appointment_confirm", confirm_one, false},
             {"appointment_cancel", cancel_one, false},   {"appointment_slots", find_all, true},
             {"appointment_ics", write_ics, true},        {"appointment_get_many", get_both, true},
             {"appointment_list", list_own, true},        {"appointment_update", write_notes, false},
             {"client_run_sweep", sweep, false},          {"agent_update_hours", change_hours, false}};

/* What changes whenever another connection committed to a file. */
static int64_t commits(void *look)
{
    return look == NULL ? 0 : house_look_sql(look, "PRAGMA data_version");
}

START_TEST(every_allocation_of_a_call_may_fail)
{
    int64_t n = 1, known = -1;
    bool failed = true;
    snapshot before;
    void *look;

    house_allocator = &memory_allocator;
    open_viewings();
    change_agent(house.ana_id, "{\"time_zone\":\"America/Chicago\",\"buffer_before\":10}");
    change_listing(house.anas_ids[0], "{\"exclusive_showings\":true}");
    booked = book(house.ana, v.anas, AT(0, 9, 0), 60);
    asked = book(house.bea, v.anas, AT(1, 18, 0), 30);
    house_settle();
    if (calls[_i].run == sweep)
        house_set_time(AT(1, 18, 0));
    look = house_is_a_file() ? house_look() : NULL;
    for (; failed && n < POINTS; n++) {
        int64_t version = commits(look);
        hc_error err = {0};
        hc_status status;

        if (look == NULL || version != known)
            before = house_snapshot();
        known = version;
        memory_in(calls[_i].name);
        memory_fail(MEMORY_OF_LIBRARY, n, look != NULL);
        status = calls[_i].run(&err);
        failed = memory_restore() > 0;
        memory_told(failed && status < 0);
        ck_assert_msg(status >= 0 || (failed && status == HC_ERR_NO_MEMORY && err.status == status),
                      "%s, allocation %lld: %s %s", calls[_i].name, (long long)n, hc_status_name(status), err.message);
        /* a sweep is several transactions */
        if (((status < 0 && calls[_i].run != sweep) || calls[_i].repeats) && (look == NULL || commits(look) != version))
            house_assert_unchanged_since(before);
        if (status >= 0 && !calls[_i].repeats)
            break; /* it did without that allocation */
    }
    if (look != NULL)
        house_look_close(look);
    ck_assert_int_gt(n, 3);
    ck_assert_int_lt(n, POINTS);
    house_close();
    ck_assert_msg(memory_live() == 0, "%s: %lld blocks leak", calls[_i].name, (long long)memory_live());
    house_allocator = NULL;
    printf("out of memory: %-28s %4lld points\n", calls[_i].name, (long long)n - 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_allocation_of_a_call_may_fail, 0, (int)(sizeof calls / sizeof calls[0]));
}

int main(void)
{
    return suite_main("api.appointment.memory", fill, NULL, NULL);
}
