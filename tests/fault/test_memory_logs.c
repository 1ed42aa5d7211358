/* Calls on log entries and chats with each allocation failing: an error or success, no half state, no leak. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "homeconnect/activity.h"
#include "homeconnect/chat.h"
#include "house.h"
#include "memory.h"
#include "watch.h"

#define POINTS 20000 /* a call that allocates more often runs away */
#define MANY   5

static hc_activity *entries[MANY]; /* NULL without memory, which the calls report */
static char chat[HC_CHAT_SESSION_SIZE];
static hc_query *query;

/* ---- the calls ---- */

static hc_activity *entry_of(const hc_id *target)
{
    hc_activity *entry = hc_activity_new(house.client);

    hc_activity_set_action(entry, "view_property");
    hc_activity_set_target_id(entry, *target);
    hc_activity_set_metadata(entry, "{\"device\":\"mobile\",\"note\":\"token=abc\",\"deep\":{\"a\":[1,2.5,null]}}");
    hc_activity_set_session_id(entry, "visit");
    return entry;
}

static hc_status activity_append(hc_error *err)
{
    hc_activity *entry = entry_of(&house.anas_ids[0]);
    hc_id id;
    hc_status status = hc_activity_append(&id, house.bea, entry, err);

    hc_activity_free(entry);
    return status;
}

static hc_status activity_append_many(hc_error *err)
{
    hc_status status;

    for (int i = 0; i < MANY; i++)
        entries[i] = entry_of(i % 2 == 0 ? &house.anas_ids[0] : &house.bens_id);
    status = hc_activity_append_many(house.guest, (const hc_activity *const *)entries, MANY, err);
    for (int i = 0; i < MANY; i++)
        hc_activity_free(entries[i]);
    return status;
}

static hc_status activity_list(hc_error *err)
{
    hc_activity_page *page = NULL;
    hc_status status = hc_activity_list(&page, house.bea, query, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_activity_page_free(page);
    return status;
}

static hc_status activity_of_listing(hc_error *err)
{
    hc_activity_page *page = NULL;
    hc_status status = hc_activity_of_listing(&page, house.ana, house.anas_ids[0], query, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_activity_page_free(page);
    return status;
}

static hc_status activity_counts(hc_error *err)
{
    hc_activity_counts *counts = NULL;
    int32_t day = (int32_t)(house_now() / HOUSE_DAY);
    hc_status status = hc_activity_counts_of_agent(&counts, house.ana, house.ana_id, day - 3, day, err);

    ck_assert_int_eq(counts != NULL, status >= 0);
    ck_assert(status < 0 || hc_activity_counts_total(counts, NULL) > 0);
    hc_activity_counts_free(counts);
    return status;
}

static hc_status chat_start(hc_error *err)
{
    char id[HC_CHAT_SESSION_SIZE];
    hc_status status = hc_chat_start(id, house.bea, err);

    ck_assert_int_eq(id[0] != '\0', status >= 0);
    return status;
}

/* So often that it goes from document to document. */
static hc_status chat_append(hc_error *err)
{
    return hc_chat_append(house.bea, chat, HC_CHAT_ROLE_USER, "a \"message\"\n", 12, err);
}

static hc_status chat_set_summary(hc_error *err)
{
    return hc_chat_set_summary(house.bea, chat, "short", err);
}

static hc_status chat_list(hc_error *err)
{
    hc_chat_page *page = NULL;
    hc_status status = hc_chat_list(&page, house.bea, NULL, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_chat_page_free(page);
    return status;
}

static hc_status chat_messages(hc_error *err)
{
    hc_message_page *page = NULL;
    hc_status status = hc_chat_messages(&page, house.bea, chat, 0, 150, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_message_page_free(page);
    return status;
}

static const struct call {
    const char *name;
    bool writes;
    hc_status (*run)(hc_error *err);
} calls[] = {
    {"activity_append", true, activity_append},
    {"activity_append_many", true, activity_append_many},
    {"activity_list", false, activity_list},
    {"activity_of_listing", false, activity_of_listing},
    {"activity_counts_of_agent", false, activity_counts},
    {"chat_start", true, chat_start},
    {"chat_append", true, chat_append},
    {"chat_set_summary", true, chat_set_summary},
    {"chat_list", false, chat_list},
    {"chat_messages", false, chat_messages},
};
#define CALLS (sizeof calls / sizeof calls[0])

/* ---- one point ---- */

/* False when no allocation failed: the call needs fewer than n. */
static bool point(const struct call *call, memory_of whose, int64_t n, bool and_after)
{
    hc_error err = {0};
    hc_status status;
    int64_t refused;
    bool wrote;

    memory_in(call->name);
    memory_fail(whose, n, and_after);
    status = call->run(&err);
    refused = memory_restore();
    memory_told(refused > 0 && status < 0);
    wrote = watch_wrote();
    ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && refused > 0 && err.status == status),
                  "%s, allocation %lld%s of %s: %s %s, refused %lld", call->name, (long long)n,
                  and_after ? " and after" : "", whose == MEMORY_OF_SQLITE ? "SQLite" : "the library",
                  hc_status_name(status), err.message, (long long)refused);
    if (call->writes ? status < 0 : !house_is_a_pair()) /* where a list has its reader's own changes delivered first */
        ck_assert_msg(!wrote, "%s, allocation %lld: half of it was written", call->name, (long long)n);
    else if (!house_is_a_pair())
        ck_assert_msg(wrote, "%s, allocation %lld: acknowledged, and not written", call->name, (long long)n);
    return refused > 0;
}

static void open_house(void)
{
    house_allocator = &memory_allocator;
    house_set_time(HOUSE_START);
    house_folder();
    snprintf(house.uri, sizeof house.uri, "sqlite:%s?durability=relaxed", house.path);
    house_client();
    house_people();
    house_listings();
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_ACTIVITY, err));
    HOUSE_OK(hc_query_set_filter(query, "action eq 'view_property'", err));
    HOUSE_OK(hc_chat_start(chat, house.bea, err));
    for (int i = 0; i < 120; i++)
        HOUSE_OK(chat_append(err));
    HOUSE_OK(activity_append_many(err));
    HOUSE_OK(activity_append(err));
    watch_open();
}

/* S13 */
START_TEST(every_allocation_of_a_call_may_fail)
{
    const struct call *call = &calls[_i];
    int64_t idle;

    open_house();
    for (int i = 0; i < 2; i++)
        point(call, MEMORY_OF_LIBRARY, POINTS, false); /* warms caches, and leaves what a warm call leaves */
    idle = memory_live();
    for (int whose = MEMORY_OF_LIBRARY; whose <= MEMORY_OF_SQLITE; whose++)
        for (int and_after = 0; and_after <= 1; and_after++) {
            int64_t n = memory_first((memory_of)whose);

            while (n < POINTS && point(call, (memory_of)whose, n, and_after != 0))
                n += memory_each((memory_of)whose);
            ck_assert_msg(n > 1 && n < POINTS, "%s: %lld points", call->name, (long long)n);
        }
    point(call, MEMORY_OF_LIBRARY, POINTS, false);
    ck_assert_msg(memory_live() <= idle, "%s: %lld blocks more than before", call->name,
                  (long long)(memory_live() - idle));
    hc_query_free(query);
    watch_close();
    house_close();
    ck_assert_msg(memory_live() == 0, "%s: %lld blocks leak", call->name, (long long)memory_live());
    ck_assert_msg(sqlite3_memory_used() == 0, "%s: SQLite keeps %lld bytes", call->name,
                  (long long)sqlite3_memory_used());
}
END_TEST

START_TEST(the_harness_finds_a_unit_that_goes_on_without_memory)
{
    ck_assert(
        suite_finds("goes-on-without-memory", "every_allocation_of_a_call_may_fail", "acknowledged, and not written"));
}
END_TEST

static void fill(TCase *tcase)
{
    bool seeded = getenv("HC_BUG") != NULL; /* one call shows it */

    for (int i = 0; i < (int)CALLS; i++)
        if (!seeded || strcmp(calls[i].name, "activity_append") == 0)
            tcase_add_loop_test(tcase, every_allocation_of_a_call_may_fail, i, i + 1);
    if (getenv("HC_TEST_DOCUMENTS") == NULL) /* where entries are rows of the one store */
        tcase_add_test(tcase, the_harness_finds_a_unit_that_goes_on_without_memory);
}

int main(void)
{
    memory_wrap_sqlite();
    memory_thin();
    return suite_main("fault.memory_logs", fill, NULL, NULL);
}
