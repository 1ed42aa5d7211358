/* Saved searches: kept in our own words, given back as the same query, and what is new among their matches. */
#include <stdio.h>
#include <string.h>

#include "homeconnect/property.h"
#include "homeconnect/search.h"
#include "house.h"
#include "meanwhile.h"

static hc_query *query_of(const char *filter, const char *sort, const char *text)
{
    hc_query *query = NULL;

    HOUSE_OK(hc_query_parse(&query, house.client, filter, sort, err));
    HOUSE_OK(hc_query_set_text(query, text, err));
    return query;
}

static hc_search *named(const char *name)
{
    hc_search *search = hc_search_new(house.client);

    hc_search_set_name(search, name);
    return search;
}

static hc_id save(hc_session *as, const char *name, const char *filter, const char *sort, const char *text)
{
    hc_query *query = query_of(filter, sort, text);
    hc_search *search = named(name);
    hc_id id;

    HOUSE_OK(hc_search_create(&id, as, search, query, err));
    hc_search_free(search);
    hc_query_free(query);
    return id;
}

static hc_search *read_search(hc_session *as, hc_id id)
{
    hc_search *search = NULL;

    HOUSE_OK(hc_search_get(&search, as, id, err));
    return search;
}

static size_t matches(hc_session *as, hc_id id, int64_t since)
{
    hc_property_page *page = NULL;
    size_t count;

    HOUSE_OK(hc_search_matches(&page, NULL, as, id, since, 0, NULL, err));
    count = hc_property_page_count(page);
    hc_property_page_free(page);
    return count;
}

START_TEST(a_search_is_kept_in_canonical_words)
{
    hc_id id = save(house.bea, "Three beds", "ListPrice le 500000.00 and BedroomsTotal ge 3 and City eq 'AUSTIN'",
                    "price desc,-beds", "Creek  bung*"),
          owner;
    hc_search *search = read_search(house.bea, id);

    ck_assert_str_eq(hc_search_name(search), "Three beds");
    ck_assert_str_eq(hc_search_filter(search), "price le 500000.00 and beds ge 3 and city eq 'austin'");
    ck_assert_str_eq(hc_search_sort(search), "-price,-beds");
    ck_assert_str_eq(hc_search_words(search), "Creek  bung*");
    ck_assert_int_eq(hc_search_version(search), 1);
    ck_assert_int_eq(hc_search_matched_at(search), HOUSE_START);
    ck_assert_int_eq(hc_search_created_at(search), HOUSE_START);
    owner = hc_search_user_id(search);
    ck_assert_mem_eq(&owner, &house.bea_id, sizeof owner);
    hc_search_free(search);
    id = save(house.bea, "Everything", NULL, NULL, NULL);
    search = read_search(house.bea, id);
    ck_assert_ptr_null(hc_search_filter(search));
    ck_assert_ptr_null(hc_search_sort(search));
    ck_assert_ptr_null(hc_search_words(search));
    hc_search_free(search);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='search' AND change='created'"), 2);
}
END_TEST

static void assert_same_listings(hc_query *a, hc_query *b, const char *what)
{
    hc_property_page *x = NULL, *y = NULL;

    HOUSE_OK(hc_property_list(&x, house.bea, a, err));
    HOUSE_OK(hc_property_list(&y, house.bea, b, err));
    ck_assert_msg(hc_property_page_count(x) == hc_property_page_count(y), "%s", what);
    for (size_t i = 0; i < hc_property_page_count(x); i++) {
        hc_id left = hc_property_id(hc_property_page_at(x, i)), right = hc_property_id(hc_property_page_at(y, i));
        ck_assert_msg(memcmp(&left, &right, sizeof left) == 0, "%s", what);
    }
    hc_property_page_free(x);
    hc_property_page_free(y);
}

START_TEST(what_comes_back_is_the_same_query)
{
    static const struct {
        const char *filter, *sort, *text;
    } queries[] = {
        {"", "", NULL},
        {"city eq 'O''Fallon' or startswith(zip_code,'787')", "price", NULL},
        {"not (beds gt 3 and baths lt 2.25) or price ne null", "-price,beds,created_at", "creek"},
        {"geo.near(30.245,-97.769,5000)", "distance", NULL},
        {"geo.bbox(-98,30,-97,31) and property_type in ('house','condo')", "-days_on_market", NULL},
        {"geo.polygon('POLYGON((-98 30,-97 30,-97 31,-98 31))')", "-list_date", "bung* by"},
        {"price gt 100000.005 and contains(description,'pecan')", "relevance", "tree"},
        {"price eq 1.005", "", NULL},
        {"created_at lt now() and list_date ge 2024-02-29", "price_per_sqft", NULL},
        {"standard_status eq 'Active Under Contract' or status eq 'sold'", "", NULL},
        {"id eq '019aaf00-0000-7000-8000-000000000001' or display_ok eq true", "", NULL},
        {"latitude ge 30.24500000 and year_built ne 1938 or price_reduced eq false", "", NULL},
        {"updated_at ge 2025-01-02T03:04:05.678901Z and currency eq 'CAD'", "sqft", NULL},
        {"contains(title,'\xc3\x89t\xc3\xa9 \xf0\x9f\x8f\xa0')", "", "\xc3\x89t\xc3\xa9"},
    };

    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        hc_id id = save(house.bea, "q", queries[i].filter, queries[i].sort, queries[i].text);
        hc_query *query = query_of(queries[i].filter, queries[i].sort, queries[i].text), *back = NULL;
        hc_text *left = NULL, *right = NULL;

        HOUSE_OK(hc_search_query(&back, house.bea, id, err));
        HOUSE_OK(hc_query_text(&left, query, err));
        HOUSE_OK(hc_query_text(&right, back, err));
        ck_assert_str_eq(hc_text_data(left), hc_text_data(right));
        assert_same_listings(query, back, queries[i].filter);
        hc_text_free(left);
        hc_text_free(right);
        hc_query_free(query);
        hc_query_free(back);
    }
}
END_TEST

START_TEST(matches_are_what_is_new_since_a_mark)
{
    hc_property_page *page = NULL;
    hc_property *edit;
    int64_t until = 0;
    hc_search *search;
    hc_id home, id;
    snapshot before;

    house_pass(HOUSE_MINUTE);
    id = save(house.bea, "Cheap", "price le 400000", NULL, NULL);
    ck_assert_uint_eq(matches(house.bea, id, 0), 0); /* ben's is older */
    ck_assert_uint_eq(matches(house.bea, id, HOUSE_START), 1);
    house_pass(HOUSE_MINUTE);
    home = house_list_home(house.ana, "Small and new", 20000000);
    house_list_home(house.ana, "Dear and new", 90000000);
    edit = hc_property_for(house.client, house.anas_ids[0], 1);
    hc_property_set_price(edit, 39900000); /* it came down to what bea looks for */
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    house_pass(HOUSE_MINUTE);
    HOUSE_OK(hc_search_matches(&page, &until, house.bea, id, 0, 0, NULL, err));
    ck_assert_uint_eq(hc_property_page_count(page), 2);
    ck_assert_int_eq(until, house_now());
    hc_property_page_free(page);
    before = house_snapshot();
    HOUSE_FAILS(hc_search_mark(house.bea, id, until + 1, err), HC_ERR_INVALID, "until");
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_search_mark(house.bea, id, until, err));
    ck_assert_uint_eq(matches(house.bea, id, 0), 0);
    before = house_snapshot();
    ck_assert_int_eq(hc_search_mark(house.bea, id, until - HOUSE_SECOND, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(hc_search_mark(house.bea, id, until, NULL), HC_NOTE_SAME);
    house_assert_unchanged_since(before);
    search = read_search(house.bea, id);
    ck_assert_int_eq(hc_search_matched_at(search), until);
    ck_assert_int_eq(hc_search_version(search), 1);
    hc_search_free(search);
    house_pass(HOUSE_MINUTE);
    edit = hc_property_for(house.client, home, 1);
    hc_property_set_standard_status(edit, HC_PROPERTY_STANDARD_WITHDRAWN); /* changed, and no longer public */
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    ck_assert_uint_eq(matches(house.bea, id, 0), 0);
    ck_assert_uint_eq(matches(house.admin, id, 0), 0);
}
END_TEST

START_TEST(matches_come_in_pages)
{
    hc_id id = save(house.bea, "All", NULL, "price", NULL);
    hc_property_page *page = NULL;
    const char *cursor = NULL;
    char kept[512];

    for (size_t i = 0; i < 3; i++) {
        HOUSE_OK(hc_search_matches(&page, NULL, house.bea, id, 1, 1, cursor, err));
        ck_assert_uint_eq(hc_property_page_count(page), 1);
        ck_assert_int_eq(hc_property_page_has_more(page), i < 2);
        if (i < 2)
            snprintf(kept, sizeof kept, "%s", hc_property_page_cursor(page));
        cursor = kept;
        hc_property_page_free(page);
    }
    HOUSE_FAILS(hc_search_matches(&page, NULL, house.bea, id, 2, 1, kept, err), HC_ERR_INVALID, "cursor");
    ck_assert_ptr_null(page);
    HOUSE_FAILS(hc_search_matches(&page, NULL, house.bea, id, 1, 201, NULL, err), HC_ERR_INVALID, "limit");
    HOUSE_FAILS(hc_search_matches(&page, NULL, house.bea, id, -1, 1, NULL, err), HC_ERR_INVALID, "since");
    HOUSE_FAILS(hc_search_matches(NULL, NULL, house.bea, id, 1, 1, NULL, err), HC_ERR_MISUSE, "out");
}
END_TEST

START_TEST(a_search_is_renamed_and_deleted_at_its_version)
{
    hc_id id = save(house.bea, "Old", NULL, NULL, NULL);
    hc_search *search = read_search(house.bea, id), *edit = hc_search_edit(search);
    int32_t version = 0;
    snapshot before;

    house_pass(HOUSE_MINUTE);
    hc_search_set_name(edit, "New");
    HOUSE_OK(hc_search_update(&version, house.bea, edit, err));
    ck_assert_int_eq(version, 2);
    before = house_snapshot();
    HOUSE_FAILS(hc_search_update(NULL, house.bea, edit, err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_search_delete(house.bea, id, 1, err), HC_ERR_CONFLICT, "version");
    hc_search_free(edit);
    edit = hc_search_for(house.client, id, 2);
    hc_search_set_name(edit, "New");
    ck_assert_int_eq(hc_search_update(NULL, house.bea, edit, NULL), HC_NOTE_SAME);
    hc_search_set_name(edit, "");
    HOUSE_FAILS(hc_search_update(NULL, house.bea, edit, err), HC_ERR_INVALID, "name");
    house_assert_unchanged_since(before);
    hc_search_free(edit);
    hc_search_free(search);
    search = read_search(house.bea, id);
    ck_assert_str_eq(hc_search_name(search), "New");
    ck_assert_int_eq(hc_search_updated_at(search), house_now());
    hc_search_free(search);
    HOUSE_OK(hc_search_delete(house.bea, id, 2, err));
    HOUSE_FAILS(hc_search_get(&search, house.bea, id, err), HC_ERR_NOT_FOUND, "id");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='search' AND change='deleted'"), 1);
}
END_TEST

/* Z01 Z10 */
START_TEST(a_search_is_its_owners)
{
    hc_id id = save(house.bea, "Mine", "price le 400000", NULL, NULL), made;
    hc_search *search = NULL, *edit = hc_search_for(house.client, id, 1), *other = named("x");
    hc_search_page *page = NULL;
    hc_property_page *homes = NULL;
    hc_query *query = NULL;
    snapshot before = house_snapshot();

    hc_search_set_name(edit, "Theirs");
    HOUSE_FAILS(hc_search_get(&search, house.ana, id, err), HC_ERR_NOT_FOUND, "id");
    house_assert_audited("authz_fail", house.ana);
    HOUSE_FAILS(hc_search_get(&search, house.guest, id, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_search_query(&query, house.ana, id, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_search_matches(&homes, NULL, house.ana, id, 0, 0, NULL, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_search_update(NULL, house.ana, edit, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_search_delete(house.ana, id, 1, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_search_mark(house.ana, id, HOUSE_START, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_search_create(&made, house.guest, other, NULL, err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(hc_search_create(&made, house.system, other, NULL, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_search_list(&page, house.guest, NULL, err), HC_ERR_UNAUTHENTICATED, "scope");
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_search_list(&page, house.ana, NULL, err));
    ck_assert_uint_eq(hc_search_page_count(page), 0);
    hc_search_page_free(page);
    HOUSE_OK(hc_search_list(&page, house.bea, NULL, err));
    ck_assert_uint_eq(hc_search_page_count(page), 1);
    ck_assert_str_eq(hc_search_name(hc_search_page_at(page, 0)), "Mine");
    hc_search_page_free(page);
    house_pass(HOUSE_MINUTE);
    HOUSE_OK(hc_search_mark(house.system, id, house_now(), err)); /* which told bea of her matches */
    HOUSE_OK(hc_search_update(NULL, house.admin, edit, err));
    hc_search_free(edit);
    hc_search_free(other);
}
END_TEST

/* Z10: who tells people of their matches sees no more of the listings than they do. */
START_TEST(a_search_finds_nothing_by_what_its_owner_may_not_see)
{
    hc_id by_address = save(house.bea, "A", "address eq '101 Oak Street'", NULL, NULL);
    hc_id by_word = save(house.bea, "W", NULL, NULL, "oak"), any = save(house.bea, "All", NULL, NULL, NULL);
    hc_session *const askers[] = {house.bea, house.system, house.admin};
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], 1);
    hc_property_page *page = NULL;

    hc_property_set_address(edit, "101 Oak Street");
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(matches(askers[i], by_address, 1), 1);
        ck_assert_uint_ge(matches(askers[i], by_word, 1), 1);
    }
    edit = hc_property_for(house.client, house.anas_ids[0], 2);
    hc_property_set_display_address_ok(edit, 0);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(matches(askers[i], by_address, 1), 0);
        ck_assert_uint_eq(matches(askers[i], by_word, 1), 0);
        HOUSE_OK(hc_search_matches(&page, NULL, askers[i], any, 1, 0, NULL, err));
        ck_assert_uint_gt(hc_property_page_count(page), 0);
        for (size_t k = 0; k < hc_property_page_count(page); k++) {
            hc_id id = hc_property_id(hc_property_page_at(page, k));

            ck_assert_int_eq(hc_property_address(hc_property_page_at(page, k)) == NULL,
                             memcmp(id.bytes, house.anas_ids[0].bytes, sizeof id) == 0);
        }
        hc_property_page_free(page);
    }
}
END_TEST

START_TEST(what_cannot_be_kept_is_refused)
{
    static const char one[] =
        "title eq 'ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ'";
    hc_search *search = named("x"), *nameless = hc_search_new(house.client);
    hc_query *query = query_of(NULL, NULL, NULL), *users = NULL;
    char filter[4096] = "", words[2000];
    hc_id id;
    snapshot before = house_snapshot();

    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_OWN, err));
    HOUSE_FAILS(hc_search_create(&id, house.ana, search, query, err), HC_ERR_INVALID, "scope");
    HOUSE_OK(hc_query_new(&users, house.client, HC_KIND_USER, err));
    HOUSE_FAILS(hc_search_create(&id, house.ana, search, users, err), HC_ERR_MISUSE, "query");
    HOUSE_FAILS(hc_search_create(&id, house.ana, nameless, NULL, err), HC_ERR_INVALID, "name");
    HOUSE_FAILS(hc_search_create(&id, house.ana, NULL, NULL, err), HC_ERR_NO_MEMORY, "");
    HOUSE_FAILS(hc_search_create(NULL, house.ana, search, NULL, err), HC_ERR_MISUSE, "out");
    memset(words, 'a', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_PUBLIC, err));
    HOUSE_OK(hc_query_set_text(query, words, err));
    HOUSE_FAILS(hc_search_create(&id, house.ana, search, query, err), HC_ERR_TOO_LARGE, "query");
    house_assert_unchanged_since(before);
    for (int i = 0; i < 40; i++) { /* long, and kept all the same */
        strcat(filter, i == 0 ? "" : " or ");
        strcat(filter, one);
    }
    HOUSE_OK(hc_query_set_text(query, NULL, err));
    HOUSE_OK(hc_query_set_filter(query, filter, err));
    HOUSE_OK(hc_search_create(&id, house.ana, search, query, err));
    hc_query_free(query);
    hc_query_free(users);
    hc_search_free(search);
    hc_search_free(nameless);
}
END_TEST

/* Else it would be there, and each look for its matches would fail. */
START_TEST(an_order_that_the_query_cannot_have_is_refused)
{
    static const char *const orders[] = {"distance", "price,-relevance"};
    hc_query *query = query_of("not geo.near(30.245,-97.769,5000)", NULL, NULL);
    hc_search *search = named("x");
    snapshot before = house_snapshot();
    hc_id id;

    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        HOUSE_OK(hc_query_set_sort(query, orders[i], err));
        HOUSE_FAILS(hc_search_create(&id, house.bea, search, query, err), HC_ERR_INVALID, "sort");
    }
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_query_set_text(query, "creek", err));
    HOUSE_OK(hc_search_create(&id, house.bea, search, query, err));
    matches(house.bea, id, 0);
    hc_query_free(query);
    hc_search_free(search);
    id = save(house.bea, "Near", "beds ge 1 and geo.near(30.245,-97.769,5000)", "distance", NULL);
    ck_assert_uint_eq(matches(house.bea, id, 0), 1);
}
END_TEST

/* P14 */
START_TEST(a_key_stands_for_the_name_and_the_query)
{
    hc_query *query = query_of("price le 400000", NULL, NULL), *other = query_of("price le 500000", NULL, NULL);
    hc_search *search = named("Cheap");
    hc_id first, again;

    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "k", err));
    HOUSE_OK(hc_search_create(&first, house.bea, search, query, err));
    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "k", err));
    ck_assert_int_eq(hc_search_create(&again, house.bea, search, query, NULL), HC_NOTE_REPLAYED);
    ck_assert_mem_eq(&first, &again, sizeof first);
    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "k", err));
    HOUSE_FAILS(hc_search_create(&again, house.bea, search, other, err), HC_ERR_CONFLICT, "idempotency_key");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM saved_searches"), 1);
    hc_query_free(query);
    hc_query_free(other);
    hc_search_free(search);
}
END_TEST

START_TEST(a_user_keeps_a_hundred_searches_at_most)
{
    hc_search *search = named("one more");
    hc_id id;

    for (int i = 0; i < 100; i++)
        save(house.bea, "s", NULL, NULL, NULL);
    HOUSE_FAILS(hc_search_create(&id, house.bea, search, NULL, err), HC_ERR_TOO_LARGE, "searches");
    HOUSE_OK(hc_search_create(&id, house.ana, search, NULL, err));
    hc_search_free(search);
}
END_TEST

static hc_status save_one(hc_session *as, hc_error *err)
{
    hc_search *search = named("the hundredth");
    hc_id id;
    hc_status status = hc_search_create(&id, as, search, NULL, err);

    hc_search_free(search);
    return status;
}

static hc_status save_elsewhere(void *data)
{
    return save_one(data, NULL);
}

static hc_status save_first(hc_session *as, void *data, hc_error *err)
{
    hc_status status = save_one(as, err);

    if (status >= 0)
        ck_assert_int_lt(meanwhile(save_elsewhere, data), 0); /* it waits for this one */
    return status;
}

START_TEST(two_do_not_save_the_hundredth_at_once)
{
    hc_session *second = house_login("bea@example.com", HOUSE_PASSWORD);

    for (int i = 0; i < 99; i++)
        save(house.bea, "s", NULL, NULL, NULL);
    hc_session_set_timeout(second, HOUSE_SECOND / 2);
    HOUSE_OK(hc_session_transact(house.bea, save_first, second, err));
    HOUSE_FAILS(save_one(second, err), HC_ERR_TOO_LARGE, "searches");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM saved_searches"), 100);
    hc_session_free(second);
}
END_TEST

START_TEST(words_of_another_program_that_are_no_query_are_told)
{
    hc_id id = save(house.bea, "s", "price le 1", "price", "creek");
    hc_query *query = NULL;
    hc_property_page *page = NULL;

    house_change("UPDATE saved_searches SET filter='price; DROP TABLE'");
    HOUSE_FAILS(hc_search_query(&query, house.bea, id, err), HC_ERR_CORRUPT, "filter");
    ck_assert_ptr_null(query);
    HOUSE_FAILS(hc_search_matches(&page, NULL, house.bea, id, 0, 0, NULL, err), HC_ERR_CORRUPT, "filter");
    house_change("UPDATE saved_searches SET filter=NULL, sort='password_hash'");
    HOUSE_FAILS(hc_search_query(&query, house.bea, id, err), HC_ERR_CORRUPT, "sort");
    house_change("UPDATE saved_searches SET sort=NULL, words='...'");
    HOUSE_FAILS(hc_search_query(&query, house.bea, id, err), HC_ERR_CORRUPT, "words");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_search_is_kept_in_canonical_words);
    tcase_add_test(tcase, what_comes_back_is_the_same_query);
    tcase_add_test(tcase, matches_are_what_is_new_since_a_mark);
    tcase_add_test(tcase, matches_come_in_pages);
    tcase_add_test(tcase, a_search_is_renamed_and_deleted_at_its_version);
    tcase_add_test(tcase, a_search_is_its_owners);
    tcase_add_test(tcase, a_search_finds_nothing_by_what_its_owner_may_not_see);
    tcase_add_test(tcase, what_cannot_be_kept_is_refused);
    tcase_add_test(tcase, an_order_that_the_query_cannot_have_is_refused);
    tcase_add_test(tcase, a_key_stands_for_the_name_and_the_query);
    tcase_add_test(tcase, a_user_keeps_a_hundred_searches_at_most);
    tcase_add_test(tcase, two_do_not_save_the_hundredth_at_once);
    tcase_add_test(tcase, words_of_another_program_that_are_no_query_are_told);
}

int main(void)
{
    return suite_main("api.search.search", fill, house_open, house_close);
}
