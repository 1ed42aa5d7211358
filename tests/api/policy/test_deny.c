/* Permission is part of the statement, and a doubt denies. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "house.h"

/* ---- Z10: totals, facets, pages and cursors tell nothing that a read hides ---- */

static hc_query *query(const char *filter, int32_t scope)
{
    hc_query *out = NULL;

    HOUSE_OK(hc_query_parse(&out, house.client, filter, "price", err));
    HOUSE_OK(hc_query_set_scope(out, scope, err));
    HOUSE_OK(hc_query_set_limit(out, 2, err));
    HOUSE_OK(hc_query_set_count(out, 1, err));
    return out;
}

/* Z10 */
START_TEST(totals_and_pages_count_what_may_be_seen)
{
    static const struct {
        const char *filter;
        int64_t guest, ana;
    } cases[] = {{"", 3, 3},
                 {"standard_status eq 'Withdrawn'", 0, 1},
                 {"contains(title,'land')", 0, 1},
                 {"price le 100000.00", 0, 1},
                 {"agent_id eq '%s'", 2, 3}};
    char text[HC_ID_TEXT_SIZE];

    hc_id_format(text, house.ana_id);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int owner = 0; owner < 2; owner++) {
            char filter[128];
            hc_session *as = owner ? house.ana : house.guest;
            hc_query *q;
            hc_property_page *page = NULL;
            int64_t rows = 0, want = owner ? cases[i].ana : cases[i].guest;
            if (strchr(cases[i].filter, '%') == NULL)
                snprintf(filter, sizeof filter, "%s", cases[i].filter);
            else
                snprintf(filter, sizeof filter, "agent_id eq '%s'", text);
            q = query(filter, owner ? HC_SCOPE_OWN : HC_SCOPE_PUBLIC);
            do {
                if (page != NULL)
                    HOUSE_OK(hc_query_set_cursor(q, hc_property_page_cursor(page), err));
                hc_property_page_free(page);
                HOUSE_OK(hc_property_list(&page, as, q, err));
                ck_assert_msg(hc_property_page_total(page) == want, "%s: %lld", filter,
                              (long long)hc_property_page_total(page));
                rows += (int64_t)hc_property_page_count(page);
            } while (hc_property_page_has_more(page));
            ck_assert_int_eq(rows, want);
            hc_property_page_free(page);
            hc_query_free(q);
        }
}
END_TEST

/* ---- Z11: between check and write nobody gets in ---- */

#define ROUNDS 40
static atomic_int stop;

static void *give_to_and_fro(void *data)
{
    (void)data;
    for (int32_t version = 1; version <= ROUNDS; version++) {
        hc_property *edit = NULL, *row = NULL;
        if (hc_property_get(&row, house.system, house.anas_ids[0], NULL) < 0)
            continue;
        edit = hc_property_edit(row);
        hc_property_set_agent_id(edit, version % 2 == 0 ? house.ana_id : house.ben_id);
        hc_property_update(NULL, house.system, edit, NULL);
        hc_property_free(edit);
        hc_property_free(row);
    }
    atomic_store(&stop, 1);
    return NULL;
}

/* Z11 */
START_TEST(no_write_of_hers_follows_the_listing_being_given_away)
{
    pthread_t thread;
    int64_t written = 0, bad;

    atomic_store(&stop, 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, give_to_and_fro, NULL), 0);
    while (!atomic_load(&stop)) {
        hc_property *row = NULL, *edit;
        hc_status status;
        if (hc_property_get(&row, house.ana, house.anas_ids[0], NULL) < 0)
            continue;
        edit = hc_property_edit(row);
        hc_property_set_price(edit, hc_property_price(row) + 1);
        status = hc_property_update(NULL, house.ana, edit, NULL);
        ck_assert_msg(status == HC_OK || status == HC_ERR_CONFLICT || status == HC_ERR_FORBIDDEN ||
                          status == HC_ERR_BUSY || status == HC_ERR_NOT_FOUND,
                      "%s", hc_status_name(status));
        written += status == HC_OK;
        hc_property_free(edit);
        hc_property_free(row);
    }
    pthread_join(thread, NULL);
    /* Each version has one event; ana's price changes and only those have a history row by her. */
    bad = house_sql("SELECT count(*) FROM price_history h WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.resource_id="
                    "h.property_id AND e.version=h.version AND e.actor_id=h.actor_id)");
    ck_assert_int_eq(bad, 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM price_history"), written);
    ck_assert_int_eq(
        house_sql("SELECT max(n) FROM (SELECT count(*) n FROM events GROUP BY resource, resource_id, version) e"), 1);
    ck_assert_int_eq(house_sql("SELECT units(price,2) - 48900000 FROM properties WHERE title='Bungalow by the creek'"),
                     written);
}
END_TEST

/* ---- Z12: a check that cannot be made denies ---- */

/* Z12 */
START_TEST(without_a_way_to_check_nothing_is_given_out_or_written)
{
    hc_property *row = (hc_property *)1, *edit = hc_property_edit(house.anas_home);
    hc_property_page *page = (hc_property_page *)1;
    hc_id id;
    hc_property *home = house_sketch("Z12", 1);

    /* The tables that say who may: gone while the listings are still there. */
    (void)house_change("ALTER TABLE sessions RENAME TO sessions_gone");
    hc_property_set_price(edit, 5);
    ck_assert_int_lt(hc_property_get(&row, house.ana, house.anas_ids[0], NULL), 0);
    ck_assert_ptr_null(row);
    ck_assert_int_lt(hc_property_list(&page, house.ana, NULL, NULL), 0);
    ck_assert_ptr_null(page);
    ck_assert_int_lt(hc_property_update(NULL, house.ana, edit, NULL), 0);
    ck_assert_int_lt(hc_property_create(&id, house.ana, home, NULL), 0);
    (void)house_change("ALTER TABLE sessions_gone RENAME TO sessions");
    (void)house_change("ALTER TABLE agents RENAME TO agents_gone");
    ck_assert_int_lt(hc_property_create(&id, house.ana, home, NULL), 0); /* no licence can be looked up */
    ck_assert_int_lt(hc_property_delete(house.ana, house.anas_ids[0], 1, NULL), 0);
    (void)house_change("ALTER TABLE agents_gone RENAME TO agents");
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM properties WHERE price=scaled(5,2) OR title='Z12' OR deleted_at IS NOT NULL"),
        0);
    hc_property_free(edit);
    hc_property_free(home);
}
END_TEST

/* Z12 */
START_TEST(who_is_disabled_by_another_program_is_out)
{
    hc_property *home = house_sketch("Z12", 1), *row = NULL;
    hc_id id;

    (void)house_change("UPDATE users SET status='disabled' WHERE email='ana@example.com'");
    HOUSE_FAILS(hc_property_get(&row, house.ana, house.anas_ids[0], err), HC_ERR_UNAUTHENTICATED, "token");
    HOUSE_FAILS(hc_property_create(&id, house.ana, home, err), HC_ERR_UNAUTHENTICATED, "token");
    hc_property_free(home);
}
END_TEST

/* Z12 */
START_TEST(a_role_that_the_library_does_not_know_may_nothing)
{
    hc_property *home = house_sketch("Z12", 1), *row = NULL;
    void *look = house_look();
    hc_id id;

    /* What the CHECK of the schema does not let in, as a damaged store holds it. */
    house_look_change(look, house_is_a_file()                         ? "PRAGMA ignore_check_constraints=1"
                            : strcmp(house_engine(), "postgres") == 0 ? "ALTER TABLE users DROP CONSTRAINT role"
                                                                      : "ALTER TABLE users DROP CONSTRAINT users_role");
    ck_assert_int_eq(house_look_change(look, "UPDATE users SET role='owner' WHERE email='ana@example.com'"), 1);
    house_look_close(look);
    ck_assert_int_lt(hc_property_get(&row, house.ana, house.anas_ids[2], NULL), 0);
    ck_assert_ptr_null(row);
    ck_assert_int_lt(hc_property_create(&id, house.ana, home, NULL), 0);
    ck_assert_int_lt(hc_property_delete(house.ana, house.anas_ids[0], 1, NULL), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='Z12' OR deleted_at IS NOT NULL"), 0);
    hc_property_free(home);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, totals_and_pages_count_what_may_be_seen);
    tcase_add_test(tcase, no_write_of_hers_follows_the_listing_being_given_away);
    tcase_add_test(tcase, without_a_way_to_check_nothing_is_given_out_or_written);
    tcase_add_test(tcase, who_is_disabled_by_another_program_is_out);
    tcase_add_test(tcase, a_role_that_the_library_does_not_know_may_nothing);
}

int main(void)
{
    return suite_main("api.policy.deny", fill, house_open, house_close);
}
