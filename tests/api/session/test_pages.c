/* Pages of every noun: what they say of themselves, and that a NULL page is an empty one. */
#include <string.h>

#include "homeconnect/activity.h"
#include "homeconnect/appointment.h"
#include "homeconnect/audit.h"
#include "homeconnect/chat.h"
#include "homeconnect/favorite.h"
#include "homeconnect/lead.h"
#include "homeconnect/lead_history.h"
#include "homeconnect/search.h"
#include "house.h"

static hc_id lead;

/* Two rows of each noun that has none yet. */
static void open_pages(void)
{
    char session[HC_CHAT_SESSION_SIZE];

    house_open();
    for (int i = 0; i < 2; i++) {
        hc_lead *inquiry = hc_lead_new(house.client);
        hc_activity *entry = hc_activity_new(house.client);
        hc_search *search = hc_search_new(house.client);
        hc_query *query = NULL;
        hc_id id;

        hc_lead_set_property_id(inquiry, house.anas_ids[i]);
        HOUSE_OK(hc_lead_create(&lead, NULL, house.bea, inquiry, err));
        hc_lead_free(inquiry);
        HOUSE_OK(hc_lead_log(&id, house.ana, lead, HC_LEAD_TOUCH_NOTE, "A note.", err));
        hc_activity_set_action(entry, "view_property");
        hc_activity_set_target_id(entry, house.anas_ids[0]);
        HOUSE_OK(hc_activity_append(&id, house.bea, entry, err));
        hc_activity_free(entry);
        HOUSE_OK(hc_query_parse(&query, house.client, i == 0 ? "beds ge 1" : "beds ge 2", NULL, err));
        hc_search_set_name(search, i == 0 ? "One" : "Two");
        HOUSE_OK(hc_search_create(&id, house.bea, search, query, err));
        hc_search_free(search);
        hc_query_free(query);
        HOUSE_OK(hc_favorite_add(house.bea, house.anas_ids[i], err));
        HOUSE_OK(hc_chat_start(session, house.bea, err));
    }
    HOUSE_OK(hc_lead_log(&(hc_id){{0}}, house.ana, lead, HC_LEAD_TOUCH_NOTE, "Another.", err));
}

/* A NULL page, a page of one row that has more behind it, the one behind it, and all rows. */
#define PAGES(noun, list)                                                                                              \
    START_TEST(noun##_pages)                                                                                           \
    {                                                                                                                  \
        hc_##noun##_page *page = NULL, *next = NULL;                                                                   \
        hc_query *query = NULL;                                                                                        \
        int64_t total;                                                                                                 \
                                                                                                                       \
        ck_assert_uint_eq(hc_##noun##_page_count(NULL), 0);                                                            \
        ck_assert_ptr_null(hc_##noun##_page_at(NULL, 0));                                                              \
        ck_assert_ptr_null(hc_##noun##_page_cursor(NULL));                                                             \
        ck_assert_ptr_null(hc_##noun##_page_previous_cursor(NULL));                                                    \
        ck_assert_int_eq(hc_##noun##_page_has_more(NULL), 0);                                                          \
        ck_assert_int_eq(hc_##noun##_page_is_short(NULL), 0);                                                          \
        ck_assert_int_eq(hc_##noun##_page_total(NULL), -1);                                                            \
        ck_assert_int_eq(hc_##noun##_page_total_is_exact(NULL), 0);                                                    \
        hc_##noun##_page_free(NULL);                                                                                   \
        query = asking(#noun);                                                                                         \
        HOUSE_OK(hc_query_set_limit(query, 1, err));                                                                   \
        HOUSE_OK(list);                                                                                                \
        ck_assert_uint_eq(hc_##noun##_page_count(page), 1);                                                            \
        ck_assert_ptr_nonnull(hc_##noun##_page_at(page, 0));                                                           \
        ck_assert_ptr_null(hc_##noun##_page_at(page, 1));                                                              \
        ck_assert_ptr_nonnull(hc_##noun##_page_cursor(page));                                                          \
        ck_assert_ptr_null(hc_##noun##_page_previous_cursor(page));                                                    \
        ck_assert_int_eq(hc_##noun##_page_has_more(page), 1);                                                          \
        ck_assert_int_eq(hc_##noun##_page_is_short(page), 0);                                                          \
        total = hc_##noun##_page_total(page);                                                                          \
        ck_assert_int_ge(total, 2);                                                                                    \
        ck_assert_int_eq(hc_##noun##_page_total_is_exact(page), 1);                                                    \
        HOUSE_OK(hc_query_set_cursor(query, hc_##noun##_page_cursor(page), err));                                      \
        next = page;                                                                                                   \
        HOUSE_OK(list);                                                                                                \
        ck_assert_uint_eq(hc_##noun##_page_count(page), 1);                                                            \
        ck_assert_ptr_nonnull(hc_##noun##_page_previous_cursor(page));                                                 \
        ck_assert_int_eq(hc_##noun##_page_has_more(page), total > 2);                                                  \
        hc_##noun##_page_free(next);                                                                                   \
        hc_##noun##_page_free(page);                                                                                   \
        hc_query_free(query);                                                                                          \
        query = asking(#noun);                                                                                         \
        HOUSE_OK(list);                                                                                                \
        ck_assert_int_eq((int64_t)hc_##noun##_page_count(page), total);                                                \
        ck_assert_int_eq(hc_##noun##_page_has_more(page), 0);                                                          \
        ck_assert_ptr_null(hc_##noun##_page_cursor(page));                                                             \
        hc_##noun##_page_free(page);                                                                                   \
        hc_query_free(query);                                                                                          \
    }                                                                                                                  \
    END_TEST

static hc_query *asking(const char *noun)
{
    static const struct {
        const char *noun;
        int32_t kind;
    } kinds[] = {{"property", HC_KIND_PROPERTY},
                 {"user", HC_KIND_USER},
                 {"agent", HC_KIND_AGENT},
                 {"lead", HC_KIND_LEAD},
                 {"audit", HC_KIND_AUDIT},
                 {"search", HC_KIND_SEARCH},
                 {"activity", HC_KIND_ACTIVITY},
                 {"favorite", HC_KIND_FAVORITE},
                 {"chat", HC_KIND_CHAT},
                 {"lead_touch", HC_KIND_LEAD_TOUCH},
                 {"lead_change", HC_KIND_LEAD_CHANGE}};
    hc_query *query = NULL;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].noun, noun) == 0)
            HOUSE_OK(hc_query_new(&query, house.client, kinds[i].kind, err));
    ck_assert_ptr_nonnull(query);
    HOUSE_OK(hc_query_set_count(query, 1, err));
    return query;
}

PAGES(property, hc_property_list(&page, house.guest, query, err))
PAGES(user, hc_user_list(&page, house.admin, query, err))
PAGES(agent, hc_agent_list(&page, house.guest, query, err))
PAGES(lead, hc_lead_list(&page, house.ana, query, err))
PAGES(audit, hc_audit_list(&page, house.admin, query, err))
PAGES(search, hc_search_list(&page, house.bea, query, err))
PAGES(activity, hc_activity_list(&page, house.bea, query, err))
PAGES(favorite, hc_favorite_list(&page, house.bea, query, err))
PAGES(chat, hc_chat_list(&page, house.bea, query, err))
PAGES(lead_touch, hc_lead_touches(&page, house.ana, lead, query, err))

#define NO_OUT(noun)                                                                                                   \
    do {                                                                                                               \
        HOUSE_FAILS(hc_##noun##_get(NULL, house.admin, lead, err), HC_ERR_MISUSE, "out");                              \
        HOUSE_FAILS(hc_##noun##_get_many(NULL, house.admin, &lead, 1, err), HC_ERR_MISUSE, "out");                     \
        HOUSE_FAILS(hc_##noun##_list(NULL, house.admin, NULL, err), HC_ERR_MISUSE, "out");                             \
        hc_##noun##_free(NULL);                                                                                        \
    } while (0)

START_TEST(what_is_asked_for_needs_a_place)
{
    NO_OUT(property);
    NO_OUT(user);
    NO_OUT(agent);
    NO_OUT(lead);
    NO_OUT(appointment);
    NO_OUT(audit);
    NO_OUT(search);
    ck_assert_uint_eq(hc_appointment_page_count(NULL), 0);
    ck_assert_ptr_null(hc_appointment_page_at(NULL, 0));
    ck_assert_ptr_null(hc_appointment_page_cursor(NULL));
    ck_assert_ptr_null(hc_appointment_page_previous_cursor(NULL));
    ck_assert_int_eq(hc_appointment_page_has_more(NULL), 0);
    ck_assert_int_eq(hc_appointment_page_is_short(NULL), 0);
    ck_assert_int_eq(hc_appointment_page_total(NULL), -1);
    ck_assert_int_eq(hc_appointment_page_total_is_exact(NULL), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, property_pages);
    tcase_add_test(tcase, user_pages);
    tcase_add_test(tcase, agent_pages);
    tcase_add_test(tcase, lead_pages);
    tcase_add_test(tcase, audit_pages);
    tcase_add_test(tcase, search_pages);
    tcase_add_test(tcase, activity_pages);
    tcase_add_test(tcase, favorite_pages);
    tcase_add_test(tcase, chat_pages);
    tcase_add_test(tcase, lead_touch_pages);
    tcase_add_test(tcase, what_is_asked_for_needs_a_place);
}

int main(void)
{
    return suite_main("api.session.pages", fill, open_pages, house_close);
}
