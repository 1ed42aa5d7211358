/* The SQL store is away and the document store is not: nobody is let in, since who may read what is said in SQL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entries.h"
#include "homeconnect/chat.h"
#include "homeconnect/document.h"
#include "killable.h"

#define HOME     house.anas_ids[0]
#define PATIENCE (60 * HOUSE_SECOND)

static void setup(void)
{
    if (!killable_start())
        _exit(0); /* the reason is printed */
    house_open();
}

static void teardown(void)
{
    house_close();
    killable_stop();
}

static char chat[HC_CHAT_SESSION_SIZE];

/* Every way to a document: what each says. */
static int refused(hc_status want)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document *document = NULL;
    hc_activity_page *entries = NULL;
    hc_activity_counts *counts = NULL;
    hc_message_page *messages = NULL;
    hc_chat_page *chats = NULL;
    hc_id id;
    int out = 0;

    image.url = "https://photos.example.com/1.jpg";
    out += hc_document_get(&document, house.guest, HOME, NULL) == want;
    out += hc_document_get(&document, house.ana, HOME, NULL) == want;
    out += hc_document_get(&document, house.system, HOME, NULL) == want;
    out += hc_activity_list(&entries, house.bea, NULL, NULL) == want;
    out += hc_activity_of_listing(&entries, house.ana, HOME, NULL, NULL) == want;
    out += hc_activity_counts_of_listing(&counts, house.ana, HOME, 20000, 20100, NULL) == want;
    out += hc_chat_messages(&messages, house.bea, chat, 0, 10, NULL) == want;
    out += hc_chat_list(&chats, house.bea, NULL, NULL) == want;
    out += log_as(&id, house.bea, entry_of("view_property", &HOME, NULL), NULL) == want;
    out += log_as(&id, house.guest, entry_of("Search", NULL, NULL), NULL) == want;
    out += hc_chat_append(house.bea, chat, HC_CHAT_ROLE_USER, "x", 1, NULL) == want;
    out += hc_document_add_image(&id, NULL, house.ana, HOME, 1, &image, NULL) == want;
    ck_assert_ptr_null(document);
    ck_assert_ptr_null(entries);
    ck_assert_ptr_null(counts);
    ck_assert_ptr_null(messages);
    ck_assert_ptr_null(chats);
    return out;
}

/* S28: fail closed; nothing is written beside it. */
START_TEST(without_the_sql_store_no_document_is_read_or_written)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    int64_t until = killable_micros() + PATIENCE;
    hc_session *again = NULL;
    hc_id id;
    snapshot before;

    image.url = "https://photos.example.com/0.jpg";
    HOUSE_OK(hc_document_add_image(&id, NULL, house.ana, HOME, 0, &image, err));
    HOUSE_OK(hc_chat_start(chat, house.bea, err));
    HOUSE_OK(hc_chat_append(house.bea, chat, HC_CHAT_ROLE_USER, "x", 1, err));
    HOUSE_OK(log_as(&id, house.bea, entry_of("view_property", &HOME, NULL), err));
    before = house_snapshot();
    killable()->kill();
    ck_assert_int_eq(refused(HC_ERR_UNAVAILABLE), 12);
    ck_assert_msg(killable()->again(), "%s", killable()->reason());
    while (hc_session_guest(&again, house.client, NULL, NULL) < 0 ||
           hc_document_get(&(hc_document *){NULL}, again, house.anas_ids[2], NULL) != HC_ERR_NOT_FOUND) {
        hc_session_free(again);
        again = NULL;
        usleep(20000);
        ck_assert_msg(killable_micros() < until, "the store is back, and nobody is let in");
    }
    hc_session_free(again);
    house_assert_unchanged_since(before);
    HOUSE_OK(log_as(&id, house.bea, entry_of("view_property", &HOME, NULL), err));
}
END_TEST

START_TEST(the_harness_finds_documents_that_are_open_without_sql)
{
    ck_assert(
        suite_finds("open-without-sql", "without_the_sql_store_no_document_is_read_or_written", "messages == NULL"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, without_the_sql_store_no_document_is_read_or_written);
    tcase_add_test(tcase, the_harness_finds_documents_that_are_open_without_sql);
}

int main(void)
{
    if (getenv("HC_TEST_DOCUMENTS") == NULL) {
        printf("skipped: no document store (see tests/support/with_mongodb.c)\n");
        return 77;
    }
    return suite_main("fault.sql_away", fill, setup, teardown);
}
