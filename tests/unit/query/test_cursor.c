/* Cursors: sealed, and good for one query, order and caller. */
#include <pthread.h>

#include "shelf.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static char cursor[400];

static void first_page(void)
{
    for (int i = 0; i < 6; i++)
        shelf_add("h", 100 * (i + 1));
    ask("sort=price&limit=2");
    listed();
    snprintf(cursor, sizeof(cursor), "%s", hc__cursor_text(page.next));
}

static void is_refused(const char *text_of)
{
    ck_assert_int_eq(hc__query_set_cursor(&query, text_of, &err), HC_OK);
    ck_assert_msg(run_list() == HC_ERR_INVALID, "%s", text_of);
    ck_assert_str_eq(err.field, "cursor");
    ck_assert_uint_eq(shelf.batches, 0);
    ck_assert_ptr_null(page.rows);
}

/* P04 */
START_TEST(an_altered_cursor_is_refused)
{
    char altered[2 * sizeof(cursor)];

    first_page();
    for (size_t i = 0; cursor[i] != '\0'; i++) {
        strcpy(altered, cursor);
        altered[i] = letters[(size_t)(strchr(letters, cursor[i]) - letters) ^ 1];
        is_refused(altered);
        altered[i] = letters[(size_t)(strchr(letters, cursor[i]) - letters) ^ 32];
        is_refused(altered);
        altered[i] = '=';
        is_refused(altered);
        strcpy(altered, cursor);
        altered[i] = '\0';
        is_refused(altered);
    }
    snprintf(altered, sizeof(altered), "%sA", cursor);
    is_refused(altered);
    snprintf(altered, sizeof(altered), "%s%s", cursor, cursor);
    is_refused(altered);
    go(cursor);
    ck_assert_str_eq(listed(), "h h");
}
END_TEST

START_TEST(a_cursor_is_bound_to_query_order_and_caller)
{
    static const char *const others[] = {"sort=-price&limit=2",
                                         "sort=price&limit=2&city=Austin",
                                         "sort=price,beds&limit=2",
                                         "limit=2",
                                         "sort=beds&limit=2",
                                         "sort=price&limit=2&scope=all",
                                         "sort=price&limit=2&status=active",
                                         "sort=price&limit=2&max_price=3"};
    hc__list_context before;

    first_page();
    before = reader;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        ask(others[i]);
        is_refused(cursor);
    }
    ask("sort=price&limit=2");
    reader.principal.bytes[15] = 1;
    is_refused(cursor);
    reader = before;
    reader.role = 3;
    is_refused(cursor);
    reader = before;
    reader.entitled = false;
    is_refused(cursor);
    reader = before;
    reader.currency = "EUR";
    is_refused(cursor);
    reader = before;
    /* The size of a page is no part of it. */
    ask("sort=price&limit=3");
    go(cursor);
    ck_assert_str_eq(listed(), "h h h");
}
END_TEST

START_TEST(a_walk_of_any_length_keeps_one_place_for_its_cursors)
{
    const char *at;

    first_page();
    ck_assert_int_eq(hc__query_set_cursor(&query, cursor, &err), HC_OK);
    at = query.cursor;
    ck_assert_int_eq(hc__query_set_cursor(&query, at, &err), HC_OK); /* its own */
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(hc__query_set_cursor(&query, cursor, &err), HC_OK);
    ck_assert_ptr_eq(query.cursor, at);
    ck_assert_str_eq(query.cursor, cursor);
}
END_TEST

START_TEST(a_text_that_is_no_cursor_is_refused)
{
    static const char *const texts[] = {
        "", "A", "AQ", "not a cursor", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "'; --", "\xff"};
    static char big[2000];

    first_page();
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        is_refused(texts[i]);
    memset(big, 'A', sizeof(big) - 1);
    ck_assert_int_eq(hc__query_set_cursor(&query, big, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "cursor");
    big[1025] = '\0';
    ck_assert_int_eq(hc__query_set_cursor(&query, big, &err), HC_ERR_INVALID);
    big[1024] = '\0';
    is_refused(big);
}
END_TEST

static void *ask_for_text(void *late)
{
    return (void *)(uintptr_t)hc__cursor_text(late);
}

/* It is made when it is first asked for, on whichever thread. */
START_TEST(a_cursor_is_sealed_once)
{
    pthread_t threads[4];
    void *made;

    first_page();
    ck_assert_ptr_eq(hc__cursor_text(page.next), hc__cursor_text(page.next));
    ck_assert_ptr_null(hc__cursor_text(page.previous));
    go(cursor);
    listed();
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_for_text, page.next), 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_join(threads[i], &made), 0);
        ck_assert_ptr_eq(made, hc__cursor_text(page.next));
    }
    go(made);
    listed();
    ck_assert_uint_eq(page.count, 2);
}
END_TEST

/* Another process with another key, and the same page twice. */
START_TEST(cursors_are_sealed_under_the_key)
{
    static const uint8_t bytes[32] = {8};
    const hc__secret *key;
    hc__secret *other;

    first_page();
    listed();
    ck_assert_str_ne(cursor, hc__cursor_text(page.next)); /* a nonce of its own */
    ck_assert_int_eq(hc__secret_new(&other, bytes, sizeof(bytes), &err), HC_OK);
    key = reader.cursor_key;
    reader.cursor_key = other;
    is_refused(cursor);
    reader.cursor_key = key;
    hc__secret_free(other);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_altered_cursor_is_refused);
    tcase_add_test(tcase, a_cursor_is_bound_to_query_order_and_caller);
    tcase_add_test(tcase, a_walk_of_any_length_keeps_one_place_for_its_cursors);
    tcase_add_test(tcase, a_text_that_is_no_cursor_is_refused);
    tcase_add_test(tcase, a_cursor_is_sealed_once);
    tcase_add_test(tcase, cursors_are_sealed_under_the_key);
}

int main(void)
{
    return suite_main("unit.query.cursor", fill, shelf_open, shelf_close);
}
