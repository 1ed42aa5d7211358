/* Cursors: sealed, and good for one query, order and caller. */
#include <pthread.h>

#include "query/cursor.h"
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

/* The cursor of a first page of `asked` is refused by `other`, which has pages, too. */
static void is_of(const char *asked, const char *other)
{
    ask(asked);
    listed();
    snprintf(cursor, sizeof(cursor), "%s", hc__cursor_text(page.next));
    go(cursor);
    ck_assert_int_eq(run_list(), HC_OK);
    ask(other);
    ck_assert_int_eq(run_list(), HC_OK);
    memset(&page, 0, sizeof(page));
    is_refused(cursor);
}

static void shelf_of_words(const char *words)
{
    for (int i = 0; i < 3; i++)
        put_text(shelf_add("h", 100), P(words_title), words);
}

START_TEST(a_cursor_is_bound_to_each_word_and_where_it_ends)
{
    shelf_of_words(" zqpool zqbig zqlake zqpo zqol zqpozqol ");
    is_of("q=pool&limit=2", "q=lake&limit=2");
    is_of("q=pool%20big&limit=2", "q=lake%20big&limit=2");
    is_of("q=big%20pool&limit=2", "q=big%20lake&limit=2");
    is_of("q=po%D1%80l&limit=2", "q=po%20ol&limit=2"); /* zqpozqol, and zqpo zqol: the same but for what parts them */
    is_of("q=pool&limit=2", "limit=2");
}
END_TEST

START_TEST(a_cursor_is_bound_to_each_number_of_a_place)
{
    for (int i = 0; i < 3; i++) {
        hc_value *row = shelf_add("h", 100);

        put_int(row, P(latitude), INT64_C(3000000000));
        put_int(row, P(longitude), INT64_C(-9700000000));
    }
    is_of("near=30,-97,900&limit=2", "near=30,-97,901&limit=2");
    is_of("near=30,-97,900&limit=2", "near=30.001,-97,900&limit=2");
    is_of("bbox=-98,29,-96,31&limit=2", "bbox=-98,29,-96,31.5&limit=2");
    is_of("polygon=-98+29,-96+29,-97+31&limit=2", "polygon=-98+29,-96+29,-97+32&limit=2");
}
END_TEST

/* Listings and agents have lists of the same words and orders. */
START_TEST(what_a_cursor_is_bound_to_tells_the_kinds_apart)
{
    const hc__bound *of_listings = hc__cursor_bound(&pages, &query, &reader);
    const hc__bound *again_so = hc__cursor_bound(&pages, &query, &reader), *of_agents;
    hc__query agents;

    hc__query_init(&agents, &mem, &hc__agent_entity);
    of_agents = hc__cursor_bound(&pages, &agents, &reader);
    hc__query_free(&agents);
    ck_assert_mem_eq(again_so->bytes, of_listings->bytes, of_listings->size);
    ck_assert(of_agents->size != of_listings->size ||
              memcmp(of_agents->bytes, of_listings->bytes, of_agents->size) != 0);
}
END_TEST

/* Those that clients hold outlive a version of the library: cursor.h has the layout. */
START_TEST(a_cursor_has_the_layout_that_is_written_down)
{
    static const uint8_t version = 1;
    uint8_t expected[1 + 8 + 8 + 1 + 3 * 9 + 16] = {0};
    uint8_t *at = expected + 1;
    hc__buf sealed, plain;

    for (int i = 0; i < 3; i++)
        put_int(shelf_add("h", 0x0102030405), P(beds), 3);
    ask("sort=price,baths,-beds&limit=2");
    listed();
    snprintf(cursor, sizeof(cursor), "%s", hc__cursor_text(page.next));
    hc__cursor_binding(at, hc__cursor_bound(&pages, &query, &reader), reader.cursor_key);
    memcpy(at + 8, (const uint8_t[]){0x00, 0x08, 0x15, 0x1c, 0x40, 0x44, 0x06, 0x00}, 8);
    at[16] = 3;
    memcpy(at + 17, (const uint8_t[]){0, 5, 4, 3, 2, 1, 0, 0, 0}, 9);
    at[26] = 1; /* no baths */
    at[36] = 3;
    memcpy(at + 44, page.rows[1].values[0].as.bytes, 16);
    hc__buf_init(&sealed, &mem);
    hc__buf_init(&plain, &mem);
    ck_assert(hc__base64url_read(&sealed, cursor, strlen(cursor)));
    ck_assert_int_eq(sealed.data[0], 1);
    ck_assert(hc__unseal(&plain, reader.cursor_key, &version, 1, sealed.data + 1, sealed.size - 1));
    ck_assert_uint_eq(plain.size, sizeof(expected));
    ck_assert_mem_eq(plain.data, expected, sizeof(expected));
    hc__buf_free(&sealed);
    hc__buf_free(&plain);
    go(cursor);
    ck_assert_str_eq(listed(), "h");
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
    tcase_add_test(tcase, a_cursor_is_bound_to_each_word_and_where_it_ends);
    tcase_add_test(tcase, a_cursor_is_bound_to_each_number_of_a_place);
    tcase_add_test(tcase, what_a_cursor_is_bound_to_tells_the_kinds_apart);
    tcase_add_test(tcase, a_cursor_has_the_layout_that_is_written_down);
    tcase_add_test(tcase, a_walk_of_any_length_keeps_one_place_for_its_cursors);
    tcase_add_test(tcase, a_text_that_is_no_cursor_is_refused);
    tcase_add_test(tcase, a_cursor_is_sealed_once);
    tcase_add_test(tcase, cursors_are_sealed_under_the_key);
}

int main(void)
{
    return suite_main("unit.query.cursor", fill, shelf_open, shelf_close);
}
