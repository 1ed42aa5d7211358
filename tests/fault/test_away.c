/* The document store is away for the whole of a long run: every operation on SQL succeeds, what is appended waits, and
 * all of it is delivered after it came back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "homeconnect/chat.h"
#include "pair.h"

#define CHATS 20

static int64_t operations(void)
{
    const char *asked = getenv("HC_LONG");

    if (getenv("HC_BUG") != NULL)
        return 40; /* it is seen at once */
    return house_is_a_file() || (asked != NULL && strcmp(asked, "1") == 0) ? 10000 : 2000;
}

typedef struct riding {
    int32_t version;
} riding;

static hc_status ride_along(hc_session *as, void *data, hc_error *err)
{
    const riding *r = data;
    hc_property *home = hc_property_for(house.client, house.anas_ids[0], r->version);
    hc_activity *entry = entry_of("changed a price", &house.anas_ids[0], "{\"why\":\"market\"}");
    int32_t version;
    hc_id id;
    hc_status status;

    hc_property_set_price(home, 48900000 + r->version);
    status = hc_property_update(&version, as, home, err);
    if (status >= 0)
        status = hc_activity_append(&id, as, entry, err);
    hc_activity_free(entry);
    hc_property_free(home);
    return status;
}

static char chats[CHATS][HC_CHAT_SESSION_SIZE];
static int64_t messages, entries;

static void operate(int64_t i)
{
    static riding r; /* a listing begins at 1 */
    char text[24];
    hc_id id;

    switch (i % 4) {
    case 0:
        r.version++;
        HOUSE_OK(hc_session_transact(house.ana, ride_along, &r, err));
        entries++;
        break;
    case 1:
        snprintf(text, sizeof text, "m%lld", (long long)(messages / CHATS));
        HOUSE_OK(hc_chat_append(house.bea, chats[messages % CHATS], HC_CHAT_ROLE_USER, text, strlen(text), err));
        messages++;
        break;
    case 2:
        HOUSE_OK(log_as(&id, house.bea, entry_of("view_property", &house.anas_ids[0], NULL), err));
        entries++;
        break;
    default:
        hc_property_free(house_read(house.bea, house.bens_id));
        break;
    }
}

/* S26 S27 */
START_TEST(a_long_run_without_the_document_store_loses_nothing)
{
    const int64_t count = operations();

    for (int i = 0; i < CHATS; i++)
        HOUSE_OK(hc_chat_start(chats[i], house.bea, err));
    pair_deliver();
    pair_away();
    for (int64_t i = 0; i < count; i++) {
        operate(i);
        if (i % (count / 4) == 0)
            HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, NULL, err)); /* as a host does, now and then */
    }
    ck_assert_int_eq(pair_pending(), messages + entries);
    pair_back();
    pair_deliver();
    ck_assert_ptr_null(pair_difference());
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs"), entries);
    ck_assert_int_eq(house_sql("SELECT sum(json_array_length(messages)) FROM ai_chat_history"), messages);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM ai_chat_history c, json_each(c.messages) m WHERE"
                               " json_extract(m.value,'$.content') IS NOT 'm'||(c.bucket*100+m.key)"),
                     0);
    printf("MongoDB away for %lld operations on %s: all succeeded, %lld effects delivered after it\n", (long long)count,
           house_engine(), (long long)(messages + entries));
}
END_TEST

START_TEST(the_harness_finds_what_is_marked_before_it_is_there)
{
    ck_assert(suite_finds("mark-before-apply", "a_long_run_without_the_document_store_loses_nothing",
                          "pair_pending() == messages"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_long_run_without_the_document_store_loses_nothing);
    if (house_is_a_file()) /* each engine would say the same */
        tcase_add_test(tcase, the_harness_finds_what_is_marked_before_it_is_there);
}

int main(void)
{
    return pair_main("fault.away", fill, pair_open, pair_close);
}
