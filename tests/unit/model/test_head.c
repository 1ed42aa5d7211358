/* What a document says of itself, for its head. */
#include <string.h>

#include "base/id.h"
#include "model/head.h"
#include "suite.h"

#define NOW INT64_C(1763892000000000)

static hc__mem mem;
static hc__arena arena;
static hc__record document, head;
static hc_error err;
static hc_id id;

static void fresh(const hc__entity *entity)
{
    ck_assert_int_eq(hc__record_init(&document, entity, &arena, &err), HC_OK);
    ck_assert_int_eq(hc__record_init(&head, &hc__head_entity, &arena, &err), HC_OK);
    hc__record_set_id(&document, 0, id);
}

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    hc__arena_init(&arena, &mem, NULL, 0);
    ck_assert_int_eq(hc__id_make_document(&id, NOW, &err), HC_OK);
}

static void teardown(void)
{
    hc__arena_free(&arena);
}

START_TEST(of_a_listings_documents)
{
    static const char text[] = "0199c3a0-0000-7000-8000-000000000001";
    hc_id listing;

    fresh(&hc__document_entity);
    ck_assert(hc__id_read(&listing, text, sizeof text - 1));
    hc__record_set_id(&document, hc__document_f_property_id, listing);
    hc__record_set_int(&document, hc__document_f_version, 7);
    hc__record_set_int(&document, hc__document_f_created_at, NOW);
    hc__record_set_int(&document, hc__document_f_updated_at, NOW + 1000);
    ck_assert_int_eq(hc__head_of(&head, &document, &err), HC_OK);
    ck_assert(hc__id_equal(hc__record_id(&head, hc__head_f_id), id));
    ck_assert_str_eq(hc__record_text(&head, hc__head_f_kind), "property_documents");
    ck_assert_str_eq(hc__record_text(&head, hc__head_f_key), text);
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_bucket), 0);
    ck_assert(hc__record_is_null(&head, hc__head_f_owner_id));
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_version), 7);
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_created_at), NOW);
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_updated_at), NOW + 1000);
}
END_TEST

static void make_chat(const char *messages, int64_t told)
{
    fresh(&hc__chat_entity);
    hc__record_set_id(&document, hc__chat_f_user_id, id);
    hc__record_set_text(&document, hc__chat_f_session_id, "0123456789abcdef0123456789abcdef", 32);
    hc__record_set_int(&document, hc__chat_f_bucket, 2);
    hc__record_set_int(&document, hc__chat_f_version, 9);
    hc__record_set_int(&document, hc__chat_f_message_count, told);
    hc__record_set_text(&document, hc__chat_f_summary, "short", 5);
    hc__record_set_int(&document, hc__chat_f_created_at, NOW);
    hc__record_set_int(&document, hc__chat_f_updated_at, NOW);
    if (messages != NULL)
        hc__record_set_text(&document, hc__chat_f_messages, messages, strlen(messages));
}

START_TEST(of_a_conversation)
{
    static const char two[] = "[{\"content\":\"a\"},{\"content\":\"]\"}]";

    make_chat(two, 0); /* another program did not count */
    ck_assert_int_eq(hc__head_of(&head, &document, &err), HC_OK);
    ck_assert_str_eq(hc__record_text(&head, hc__head_f_kind), "ai_chat_history");
    ck_assert_str_eq(hc__record_text(&head, hc__head_f_key), "0123456789abcdef0123456789abcdef");
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_bucket), 2);
    ck_assert(hc__id_equal(hc__record_id(&head, hc__head_f_owner_id), id));
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_version), 9);
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_items), 2);
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_bytes), (int64_t)sizeof two - 1);
    ck_assert_str_eq(hc__record_text(&head, hc__head_f_summary), "short");
    make_chat("[]", 0);
    ck_assert_int_eq(hc__head_of(&head, &document, &err), HC_OK);
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_items), 0);
    make_chat(NULL, 3);
    ck_assert_int_eq(hc__head_of(&head, &document, &err), HC_OK);
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_items), 0);
    ck_assert_int_eq(hc__record_int(&head, hc__head_f_bytes), 0);
    make_chat("{}", 3);
    ck_assert_int_eq(hc__head_of(&head, &document, &err), HC_ERR_CORRUPT);
    ck_assert_str_eq(err.field, "messages");
}
END_TEST

START_TEST(entries_have_none)
{
    ck_assert(hc__has_head(&hc__document_entity));
    ck_assert(hc__has_head(&hc__chat_entity));
    ck_assert(!hc__has_head(&hc__activity_entity));
    ck_assert(!hc__has_head(&hc__property_entity));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, of_a_listings_documents);
    tcase_add_test(tcase, of_a_conversation);
    tcase_add_test(tcase, entries_have_none);
}

int main(void)
{
    return suite_main("model.head", fill, setup, teardown);
}
