/* Calls on leads with each allocation failing, beside those of support/nouns.c: an error or success, no half state, no
 * leak. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "homeconnect/lead.h"
#include "homeconnect/lead_history.h"
#include "house.h"
#include "memory.h"

#define POINTS 20000 /* a call that allocates more often runs away */
#define WARM   40

static hc_id lead, listing;
static int32_t version;
static hc_text *token;
static hc_lead *inquiry;
static int turn;

/* ---- the calls; those that change the lead go to and fro ---- */

static hc_status ask_as(hc_session *as, const hc_lead *what, hc_error *err)
{
    hc_text *got = NULL;
    hc_id id;
    hc_status status = hc_lead_create(&id, &got, as, what, err);

    ck_assert_int_eq(got != NULL, status >= 0 && as == house.guest);
    hc_text_free(got);
    return status;
}

/* A new lead and a known one in turn, an hour apart, so that no limit stands in the way. */
static hc_status guest_asks(hc_error *err)
{
    hc_lead *what = hc_lead_new(house.client);
    char email[40];
    hc_status status;

    house_pass(HOUSE_HOUR);
    snprintf(email, sizeof email, "asker%d@example.com", ++turn % 2 == 0 ? 0 : turn);
    hc_lead_set_property_id(what, listing);
    hc_lead_set_contact_email(what, email);
    status = ask_as(house.guest, what, err);
    hc_lead_free(what);
    return status;
}

static hc_status buyer_asks(hc_error *err)
{
    return ask_as(house.bea, inquiry, err);
}

static hc_status lead_update(hc_error *err)
{
    hc_lead *edit = hc_lead_for(house.client, lead, version);
    int32_t now = 0;
    hc_status status;

    hc_lead_set_contact_email(edit, turn % 2 == 0 ? "kim@work.example" : "kim@example.com");
    hc_lead_set_notes(edit, turn++ % 2 == 0 ? "One note." : "Another note.");
    status = hc_lead_update(&now, house.ana, edit, err);
    hc_lead_free(edit);
    version = status >= 0 ? now : version;
    return status;
}

static hc_status lead_assign(hc_error *err)
{
    static bool away;
    int32_t now = 0;
    hc_status status =
        hc_lead_assign(&now, house.system, lead, version, away ? house.ana_id : house.ben_id, "to and fro", err);

    away = status >= 0 ? !away : away;
    version = status >= 0 ? now : version;
    return status;
}

static hc_status lead_touches(hc_error *err)
{
    hc_lead_touch_page *page = NULL;
    hc_status status = hc_lead_touches(&page, house.ana, lead, NULL, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_lead_touch_page_free(page);
    return status;
}

static hc_status read_inquiry(hc_error *err)
{
    hc_session *holder = NULL;
    hc_lead *row = NULL;
    hc_status status =
        hc_session_lead(&holder, house.client, hc_text_data(token), hc_text_size(token), "203.0.113.9", err);

    ck_assert_int_eq(holder != NULL, status >= 0);
    if (status >= 0)
        status = hc_lead_inquiry(&row, holder, err);
    hc_lead_free(row);
    hc_session_free(holder);
    return status;
}

static const struct call {
    const char *name;
    hc_status (*run)(hc_error *err);
} calls[] = {
    {"guest_asks", guest_asks},   {"buyer_asks", buyer_asks},     {"lead_update", lead_update},
    {"lead_assign", lead_assign}, {"lead_touches", lead_touches}, {"read_inquiry", read_inquiry},
};
#define CALLS (sizeof calls / sizeof calls[0])

/* ---- the points ---- */

/* False when no allocation failed: the call needs fewer than n. */
static bool point(const struct call *call, memory_of whose, int64_t n, bool and_after)
{
    hc_error err = {0};
    hc_status status;
    int64_t refused;

    memory_in(call->name);
    memory_fail(whose, n, and_after);
    status = call->run(&err);
    refused = memory_restore();
    memory_told(refused > 0 && status < 0);
    ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && refused > 0 && err.status == status),
                  "%s, allocation %lld%s of %s: %s %s, refused %lld", call->name, (long long)n,
                  and_after ? " and after" : "", whose == MEMORY_OF_SQLITE ? "SQLite" : "the library",
                  hc_status_name(status), err.message, (long long)refused);
    return refused > 0;
}

static void set_areas(void)
{
    hc_agent *row = NULL, *edit;

    HOUSE_OK(hc_agent_get(&row, house.system, house.ben_id, err));
    edit = hc_agent_edit(row);
    hc_agent_set_service_areas(edit, "[{\"city\":\"Austin\",\"state\":\"TX\"}]");
    HOUSE_OK(hc_agent_update(NULL, house.system, edit, err));
    hc_agent_free(edit);
    hc_agent_free(row);
}

static void open_house(void)
{
    hc_property *home;
    hc_id id;

    house_allocator = &memory_allocator;
    house_set_time(HOUSE_START);
    house_folder();
    snprintf(house.uri, sizeof house.uri, "sqlite:%s?durability=relaxed", house.path);
    house_client();
    house_people();
    house_listings();
    set_areas();
    home = house_sketch("Nobody's home", 100);
    HOUSE_OK(hc_property_create(&listing, house.system, home, err));
    hc_property_free(home);
    inquiry = hc_lead_new(house.client);
    hc_lead_set_property_id(inquiry, listing);
    hc_lead_set_contact_email(inquiry, "kim@example.com");
    hc_lead_set_contact_phone(inquiry, "512 555 0100");
    HOUSE_OK(hc_lead_create(&id, &token, house.guest, inquiry, err));
    hc_lead_set_property_id(inquiry, house.anas_ids[0]);
    HOUSE_OK(hc_lead_create(&lead, NULL, house.ana, inquiry, err));
    hc_lead_set_property_id(inquiry, listing);
    version = 1;
}

/* S13 */
START_TEST(every_allocation_of_a_call_may_fail)
{
    const struct call *call = &calls[_i];
    int64_t idle;

    open_house();
    for (int i = 0; i < WARM; i++)
        point(call, MEMORY_OF_LIBRARY, POINTS, false); /* caches know each way that a call may go */
    idle = memory_live();
    for (int whose = MEMORY_OF_LIBRARY; whose <= MEMORY_OF_SQLITE; whose++)
        for (int and_after = 0; and_after <= 1; and_after++) {
            int64_t n = memory_first((memory_of)whose);

            while (n < POINTS && point(call, (memory_of)whose, n, and_after != 0))
                n += memory_each((memory_of)whose);
            ck_assert_msg(n < POINTS, "%s: %lld points", call->name, (long long)n);
        }
    point(call, MEMORY_OF_LIBRARY, POINTS, false);
    /* Whatever failed, each lead has its history, and each agent's load is what is open. */
    ck_assert_int_eq(house_sql("SELECT count(*) FROM leads l WHERE NOT EXISTS "
                               "(SELECT 1 FROM lead_history h WHERE h.lead_id = l.id AND h.old_status IS NULL)"),
                     0);
    /* And each inquiry of a buyer has the name of their account. */
    ck_assert_int_eq(house_sql("SELECT count(*) FROM lead_touches t JOIN users u ON u.id = t.actor_id "
                               "WHERE u.role = 'buyer' AND t.contact_name IS NULL"),
                     0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM agent_load a WHERE open_leads <> (SELECT count(*) FROM leads l "
                               "WHERE l.agent_id = a.user_id AND l.status IN ('new','contacted','qualified'))"),
                     0);
    ck_assert_msg(memory_live() <= idle, "%s: %lld blocks more than before", call->name,
                  (long long)(memory_live() - idle));
    house_assert_derived();
    hc_text_free(token);
    hc_lead_free(inquiry);
    house_close();
    ck_assert_msg(memory_live() == 0, "%s: %lld blocks leak", call->name, (long long)memory_live());
    ck_assert_msg(sqlite3_memory_used() == 0, "%s: SQLite keeps %lld bytes", call->name,
                  (long long)sqlite3_memory_used());
}
END_TEST

START_TEST(the_harness_finds_a_unit_that_goes_on_without_memory)
{
    ck_assert(suite_finds("goes-on-without-memory", "every_allocation_of_a_call_may_fail", "the lead was changed"));
}
END_TEST

static void fill(TCase *tcase)
{
    bool seeded = getenv("HC_BUG") != NULL; /* one call shows it */

    for (int i = 0; i < (int)CALLS; i++)
        if (!seeded || strcmp(calls[i].name, "lead_assign") == 0)
            tcase_add_loop_test(tcase, every_allocation_of_a_call_may_fail, i, i + 1);
    tcase_add_test(tcase, the_harness_finds_a_unit_that_goes_on_without_memory);
}

int main(void)
{
    memory_wrap_sqlite();
    memory_thin();
    return suite_main("fault.memory_lead", fill, NULL, NULL);
}
