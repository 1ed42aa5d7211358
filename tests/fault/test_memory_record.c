/* Records with each allocation failing: who makes or changes one is told by the call that it is for, and a record that
 * failed stays so. */
#include <stdlib.h>

#include "house.h"
#include "memory.h"

#define POINTS 2000 /* what allocates more often runs away */

static hc_property *record;
static hc_text *text;

static void nothing(void)
{
}

/* Its arena asks for each piece by itself. */
static void make(void)
{
    setenv("HC_TEST_THIN", "1", 1);
    record = hc_property_new(house.client);
    unsetenv("HC_TEST_THIN");
}

/* ---- what is done to it ---- */

static hc_status create(hc_error *err)
{
    record = hc_property_new(house.client);
    return hc_property_create(&(hc_id){{0}}, house.ana, record, err);
}

static hc_status make_for(hc_error *err)
{
    (void)err;
    record = hc_property_for(house.client, house.anas_ids[0], 1);
    return HC_OK;
}

static hc_status edit(hc_error *err)
{
    (void)err;
    record = hc_property_edit(house.anas_home);
    return HC_OK;
}

static hc_status make_new(hc_error *err)
{
    (void)err;
    record = hc_property_new(house.client);
    return HC_OK;
}

static hc_status set_title(hc_error *err)
{
    (void)err;
    hc_property_set_title(record, "A house by the creek, with a roof and all its doors");
    return HC_OK;
}

static hc_status set_agent_id(hc_error *err)
{
    (void)err;
    hc_property_set_agent_id(record, house.ben_id);
    return HC_OK;
}

static hc_status from_json(hc_error *err)
{
    static const char json[] = "{\"title\":\"From JSON\",\"price\":\"489000.00\",\"beds\":3}";

    return hc_property_from_json(record, json, sizeof json - 1, err);
}

static hc_status to_json(hc_error *err)
{
    return hc_property_to_json(&text, house.anas_home, err);
}

static const struct act {
    const char *name;
    bool tells; /* by itself; else the record does */
    void (*prepare)(void);
    hc_status (*run)(hc_error *err);
} acts[] = {
    {"hc_property_new", false, nothing, make_new},
    {"hc_property_for", false, nothing, make_for},
    {"hc_property_edit", false, nothing, edit},
    {"hc_property_set_title", false, make, set_title},
    {"hc_property_set_agent_id", false, make, set_agent_id},
    {"hc_property_from_json", true, make, from_json},
    {"hc_property_to_json", true, nothing, to_json},
    {"hc_property_create", true, nothing, create},
};
#define ACTS (sizeof acts / sizeof acts[0])

/* False when no allocation failed. */
static bool point(const struct act *act, int64_t n, bool and_after)
{
    hc_error err = {0};
    hc_status status;
    int64_t refused, idle = memory_live();
    hc_id id;

    act->prepare();
    memory_in(act->name);
    memory_fail(MEMORY_OF_LIBRARY, n, and_after);
    status = act->run(&err);
    refused = memory_restore();
    if (!act->tells)
        status = hc_property_create(&id, house.ana, record, &err);
    memory_told(refused > 0);
    ck_assert_msg((status == HC_ERR_NO_MEMORY) == (refused > 0), "%s, allocation %lld: %s", act->name, (long long)n,
                  hc_status_name(status));
    hc_property_free(record);
    hc_text_free(text);
    record = NULL;
    text = NULL;
    ck_assert(n == POINTS || memory_live() <= idle); /* the first fills caches */
    return refused > 0;
}

/* S13 */
START_TEST(a_record_without_memory_stays_so)
{
    const struct act *act = &acts[_i];

    for (int and_after = 0; and_after <= 1; and_after++) {
        int64_t n = 1;

        (void)point(act, POINTS, false);
        while (n < POINTS && point(act, n, and_after != 0))
            n++;
        ck_assert_msg(n < POINTS && (n > 1 || and_after == 0), "%s: %lld points", act->name, (long long)n - 1);
    }
}
END_TEST

/* Changes a price with each allocation failing once. Whether one was written without its event. */
static bool finds_half_a_change(void)
{
    bool found = false, failed = true;

    for (int64_t n = 1; failed; n++) {
        hc_property *change;

        record = house_read(house.ana, house.anas_ids[0]);
        change = hc_property_for(house.client, house.anas_ids[0], hc_property_version(record));
        hc_property_set_price(change, 48900000 + n);
        setenv("HC_TEST_THIN", "1", 1);
        memory_in("hc_property_update");
        memory_fail(MEMORY_OF_LIBRARY, n, false);
        memory_told(hc_property_update(NULL, house.ana, change, NULL) < 0);
        failed = memory_restore() > 0;
        hc_property_free(change);
        hc_property_free(record);
        found = found || house_sql("SELECT count(*) FROM properties p WHERE p.version<>(SELECT count(*) FROM events e "
                                   "WHERE e.resource='property' AND e.resource_id=p.id)") != 0;
    }
    record = NULL;
    return found;
}

/* S13: and the same look finds a library that goes on without memory. */
START_TEST(a_change_without_memory_is_whole_or_not_at_all)
{
    ck_assert(!finds_half_a_change());
    setenv("HC_BUG", "no-event-without-memory", 1);
    ck_assert(finds_half_a_change());
    unsetenv("HC_BUG");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_change_without_memory_is_whole_or_not_at_all);
    tcase_add_loop_test(tcase, a_record_without_memory_stays_so, 0, (int)ACTS);
}

static void open_house(void)
{
    house_allocator = &memory_allocator;
    house_open();
}

int main(void)
{
    return suite_main("fault.memory_record", fill, open_house, house_close);
}
