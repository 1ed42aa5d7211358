/* Calls on documents, histories, favorites and saved searches with each allocation failing, beside those of
 * support/nouns.c: an error or success, no half state, no leak. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "homeconnect/document.h"
#include "homeconnect/favorite.h"
#include "homeconnect/lead.h"
#include "homeconnect/search.h"
#include "house.h"
#include "memory.h"
#include "watch.h"

#define POINTS 20000 /* a call that allocates more often runs away */
#define HOME   house.anas_ids[0]

static int32_t document_version; /* of the document, as the last call that succeeded left it */
static hc_id photos[3], deed, lead, search;
static hc_query *query;

/* ---- the calls ---- */

static hc_status document_get(hc_error *err)
{
    hc_document *document = NULL;
    hc_text *json = NULL;
    hc_status status = hc_document_get(&document, house.bea, HOME, err);

    ck_assert_int_eq(document != NULL, status >= 0);
    if (status >= 0)
        status = hc_document_to_json(&json, document, err);
    hc_text_free(json);
    hc_document_free(document);
    return status;
}

/* `now` is read when the call is over: which argument is computed first is the compiler's choice. */
static hc_status keep_version(hc_status status, const int32_t *now)
{
    if (status >= 0)
        document_version = *now;
    return status;
}

static hc_status document_reorder(hc_error *err)
{
    hc_id order[3] = {photos[document_version % 3], photos[(document_version + 1) % 3],
                      photos[(document_version + 2) % 3]};
    int32_t now = 0;

    return keep_version(hc_document_reorder(&now, house.ana, HOME, document_version, HC_DOCUMENT_IMAGES, order, 3, err),
                        &now);
}

struct step {
    int32_t version;
    hc_id id;
};

static hc_status add_and_remove(hc_session *as, void *data, hc_error *err)
{
    struct step *step = data;
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_status status;

    file.name = "Plan.pdf";
    file.url = "https://files.example.com/plan.pdf";
    file.type = "floor_plan";
    status = hc_document_add_file(&step->id, &step->version, as, HOME, document_version, &file, err);
    return status < 0 ? status : hc_document_remove(&step->version, as, HOME, step->version, step->id, err);
}

static hc_status document_add_remove(hc_error *err)
{
    struct step step = {0};

    return keep_version(hc_session_transact(house.ana, add_and_remove, &step, err), &step.version);
}

static hc_status document_list_shares(hc_error *err)
{
    hc_document_shares *shares = NULL;
    hc_status status = hc_document_list_shares(&shares, house.ana, HOME, err);

    ck_assert_int_eq(shares != NULL, status >= 0);
    ck_assert(status < 0 || hc_document_shares_count(shares) == 1);
    hc_document_shares_free(shares);
    return status;
}

static hc_status property_history(hc_error *err)
{
    hc_history *first = NULL, *second = NULL;
    hc_status status = hc_property_history(&first, house.bea, HOME, 1, NULL, err);

    ck_assert_int_eq(first != NULL, status >= 0);
    if (status >= 0)
        status = hc_property_history(&second, house.bea, HOME, 1, hc_history_cursor(first), err);
    ck_assert(status < 0 || hc_history_count(second) == 1);
    hc_history_free(first);
    hc_history_free(second);
    return status;
}

static hc_status favorite_list(hc_error *err)
{
    hc_favorite_page *page = NULL;
    hc_property_page *homes = NULL;
    hc_status status = hc_favorite_list(&page, house.bea, NULL, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    if (status >= 0)
        status = hc_favorite_listings(&homes, house.bea, page, err);
    ck_assert(status < 0 || hc_property_page_count(homes) == 1);
    hc_property_page_free(homes);
    hc_favorite_page_free(page);
    return status;
}

static hc_status search_query(hc_error *err)
{
    hc_query *back = NULL;
    hc_status status = hc_search_query(&back, house.bea, search, err);

    ck_assert_int_eq(back != NULL, status >= 0);
    hc_query_free(back);
    return status;
}

static hc_status search_get_many(hc_error *err)
{
    hc_search_page *page = NULL;
    hc_status status = hc_search_get_many(&page, house.bea, &search, 1, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_search_page_free(page);
    return status;
}

static hc_status search_matches(hc_error *err)
{
    hc_property_page *page = NULL;
    hc_status status = hc_search_matches(&page, NULL, house.bea, search, 1, 1, NULL, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_property_page_free(page);
    return status;
}

static hc_status search_mark(hc_error *err)
{
    static int64_t more;

    house_set_time(HOUSE_START + HOUSE_MINUTE + ++more);
    return hc_search_mark(house.bea, search, house_now(), err);
}

static const struct call {
    const char *name;
    bool writes;
    hc_status (*run)(hc_error *err);
} calls[] = {
    {"document_get", false, document_get},
    {"document_reorder", true, document_reorder},
    {"document_add_remove", true, document_add_remove},
    {"document_list_shares", false, document_list_shares},
    {"property_history", false, property_history},
    {"favorite_list", false, favorite_list},
    {"search_query", false, search_query},
    {"search_get_many", false, search_get_many},
    {"search_matches", false, search_matches},
    {"search_mark", true, search_mark},
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
    if (status < 0 || !call->writes)
        ck_assert_msg(!wrote, "%s, allocation %lld: half of it was written", call->name, (long long)n);
    else
        ck_assert_msg(wrote, "%s, allocation %lld: acknowledged, and not written", call->name, (long long)n);
    return refused > 0;
}

/* ---- what the calls are about ---- */

static void make_documents(void)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document_file file = HC_DOCUMENT_FILE_INIT;

    document_version = 0;
    image.url = "https://photos.example.com/1.jpg";
    for (size_t i = 0; i < 3; i++)
        HOUSE_OK(hc_document_add_image(&photos[i], &document_version, house.ana, HOME, document_version, &image, err));
    file.name = "Deed.pdf";
    file.url = "https://files.example.com/deed.pdf";
    file.type = HC_DOCUMENT_LEGAL;
    HOUSE_OK(hc_document_add_file(&deed, &document_version, house.ana, HOME, document_version, &file, err));
}

static void make_lead(void)
{
    hc_lead *record = hc_lead_new(house.client);

    hc_lead_set_property_id(record, HOME);
    HOUSE_OK(hc_lead_create(&lead, NULL, house.bea, record, err));
    hc_lead_free(record);
    HOUSE_OK(hc_document_share(house.ana, HOME, deed, lead, err));
}

static void make_search(void)
{
    hc_search *record = hc_search_new(house.client);

    HOUSE_OK(hc_query_parse(&query, house.client, "price le 500000 and city in ('Austin','Waco')", "-price", err));
    HOUSE_OK(hc_query_set_text(query, "creek", err));
    hc_search_set_name(record, "Creeks");
    HOUSE_OK(hc_search_create(&search, house.bea, record, query, err));
    hc_search_free(record);
}

static void change_twice(void)
{
    hc_property *edit = hc_property_for(house.client, HOME, 1);

    hc_property_set_price(edit, 47000000);
    hc_property_set_status(edit, HC_PROPERTY_STATUS_PENDING);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
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
    make_documents();
    make_lead();
    make_search();
    HOUSE_OK(hc_favorite_add(house.bea, HOME, err));
    change_twice();
    watch_open();
}

/* S13 */
START_TEST(every_allocation_of_a_call_may_fail)
{
    const struct call *call = &calls[_i];
    int64_t idle;

    open_house();
    for (int i = 0; i < 4; i++)
        point(call, MEMORY_OF_LIBRARY, POINTS, false); /* warms caches, also of calls that take turns */
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
    house_assert_derived();
    hc_query_free(query);
    watch_close();
    house_close();
    ck_assert_msg(memory_live() == 0, "%s: %lld blocks leak", call->name, (long long)memory_live());
    ck_assert_msg(sqlite3_memory_used() == 0, "%s: SQLite keeps %lld bytes", call->name,
                  (long long)sqlite3_memory_used());
}
END_TEST

START_TEST(the_harness_finds_what_is_kept_in_half)
{
    ck_assert(suite_finds("keeps-half", "every_allocation_of_a_call_may_fail", "half of it was written"));
}
END_TEST

static void fill(TCase *tcase)
{
    bool seeded = getenv("HC_BUG") != NULL; /* one call shows it */

    for (int i = 0; i < (int)CALLS; i++)
        if (!seeded || strcmp(calls[i].name, "document_add_remove") == 0)
            tcase_add_loop_test(tcase, every_allocation_of_a_call_may_fail, i, i + 1);
    tcase_add_test(tcase, the_harness_finds_what_is_kept_in_half);
}

int main(void)
{
    memory_wrap_sqlite();
    memory_thin();
    return suite_main("fault.memory_saved", fill, NULL, NULL);
}
