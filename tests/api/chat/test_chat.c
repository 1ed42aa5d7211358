/* Conversations: kept for who had them, in bounded documents, and nothing of them is lost. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "homeconnect/chat.h"
#include "house.h"

typedef char chat_id[HC_CHAT_SESSION_SIZE];

static void started(chat_id out, hc_session *as)
{
    HOUSE_OK(hc_chat_start(out, as, err));
}

static hc_status say(hc_session *as, const char *session, int32_t role, const char *text, hc_error *err)
{
    return hc_chat_append(as, session, role, text, strlen(text), err);
}

static hc_message_page *page_of(hc_session *as, const char *session, int64_t before, int32_t limit)
{
    hc_message_page *page = NULL;

    HOUSE_OK(hc_chat_messages(&page, as, session, before, limit, err));
    return page;
}

START_TEST(a_conversation_is_read_as_it_was_said)
{
    chat_id id;
    hc_message_page *page;

    started(id, house.bea);
    ck_assert_uint_eq(strlen(id), 32);
    page = page_of(house.bea, id, 0, 10);
    ck_assert_uint_eq(hc_message_page_count(page), 0);
    ck_assert_int_eq(hc_message_page_before(page), 0);
    ck_assert_ptr_null(hc_message_page_content(page, 0));
    hc_message_page_free(page);

    house_set_time(HOUSE_START + 1234567);
    HOUSE_OK(say(house.bea, id, HC_CHAT_ROLE_USER, "Find me a 3 bed house in \"Austin\"\n\xc3\xa9", err));
    house_pass(HOUSE_SECOND);
    HOUSE_OK(say(house.bea, id, HC_CHAT_ROLE_TOOL, "[]", err));
    HOUSE_OK(say(house.bea, id, HC_CHAT_ROLE_ASSISTANT, "Here are some options...", err));
    page = page_of(house.bea, id, 0, 200);
    ck_assert_uint_eq(hc_message_page_count(page), 3);
    ck_assert_int_eq(hc_message_page_role(page, 0), HC_CHAT_ROLE_USER);
    ck_assert_str_eq(hc_message_page_content(page, 0), "Find me a 3 bed house in \"Austin\"\n\xc3\xa9");
    ck_assert_int_eq(hc_message_page_timestamp(page, 0), HOUSE_START + 1234000);
    ck_assert_int_eq(hc_message_page_role(page, 1), HC_CHAT_ROLE_TOOL);
    ck_assert_int_eq(hc_message_page_role(page, 2), HC_CHAT_ROLE_ASSISTANT);
    ck_assert_str_eq(hc_message_page_content(page, 2), "Here are some options...");
    ck_assert_int_lt(hc_message_page_number(page, 1), hc_message_page_number(page, 2));
    ck_assert_int_eq(hc_message_page_role(page, 3), 0);
    ck_assert_int_eq(hc_message_page_number(page, 3), -1);
    ck_assert_int_eq(hc_message_page_before(page), 0);
    hc_message_page_free(page);
    page = page_of(house.bea, id, INT64_MAX, 200); /* behind all that there can be */
    ck_assert_uint_eq(hc_message_page_count(page), 3);
    hc_message_page_free(page);
    /* the origin's shape, for other programs */
    ck_assert_int_eq(house_sql("SELECT json_text(messages,'$[0].role')='user' AND json_array_length(messages)=3 AND "
                               "json_text(messages,'$[0].timestamp')='2025-11-23T10:00:01.234000Z' FROM "
                               "ai_chat_history"),
                     1);
}
END_TEST

/* Z08 M02: another's conversation is not found, whatever is known of its id; ids are the library's own. */
START_TEST(anothers_conversation_is_not_there)
{
    static const char *const bad[] = {"{\"$gt\":\"\"}",
                                      "",
                                      "my-own-session",
                                      "0123456789ABCDEF0123456789ABCDEF",
                                      "0123456789abcdef0123456789abcdef ",
                                      "00000000000000000000000000000000"};
    hc_message_page *page = NULL;
    chat_id id, other;
    snapshot before;

    started(id, house.bea);
    started(other, house.bea);
    ck_assert_str_ne(id, other);
    HOUSE_OK(say(house.bea, id, HC_CHAT_ROLE_USER, "hello", err));
    before = house_snapshot();
    HOUSE_FAILS(hc_chat_messages(&page, house.ana, id, 0, 10, err), HC_ERR_NOT_FOUND, "session_id");
    ck_assert_ptr_null(page);
    house_assert_audited("authz_fail", house.ana);
    before = house_snapshot();
    HOUSE_FAILS(say(house.ben, id, HC_CHAT_ROLE_USER, "let me in", err), HC_ERR_NOT_FOUND, "session_id");
    house_assert_audited("authz_fail", house.ben);
    HOUSE_FAILS(hc_chat_set_summary(house.ben, id, "mine now", err), HC_ERR_NOT_FOUND, "session_id");
    HOUSE_FAILS(say(house.admin, id, HC_CHAT_ROLE_USER, "me too", err), HC_ERR_NOT_FOUND, "session_id");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        HOUSE_FAILS(hc_chat_messages(&page, house.bea, bad[i], 0, 10, err), HC_ERR_NOT_FOUND, "session_id");
        HOUSE_FAILS(say(house.bea, bad[i], HC_CHAT_ROLE_USER, "x", err), HC_ERR_NOT_FOUND, "session_id");
        HOUSE_FAILS(hc_chat_set_summary(house.bea, bad[i], "x", err), HC_ERR_NOT_FOUND, "session_id");
    }
    HOUSE_FAILS(hc_chat_messages(&page, house.guest, id, 0, 10, err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(say(house.guest, id, HC_CHAT_ROLE_USER, "x", err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(hc_chat_start(other, house.guest, err), HC_ERR_UNAUTHENTICATED, "");
    ck_assert_str_eq(other, "");
    HOUSE_FAILS(hc_chat_start(other, house.system, err), HC_ERR_FORBIDDEN, "");
    house_assert_unchanged_since(before);
    page = page_of(house.admin, id, 0, 10);
    ck_assert_uint_eq(hc_message_page_count(page), 1);
    hc_message_page_free(page);
}
END_TEST

START_TEST(what_is_no_message_is_refused)
{
    static char long_text[32770];
    hc_message_page *page = NULL;
    chat_id id;
    snapshot before;

    started(id, house.bea);
    before = house_snapshot();
    memset(long_text, 'x', 32769);
    HOUSE_FAILS(say(house.bea, id, HC_CHAT_ROLE_USER, "", err), HC_ERR_INVALID, "content");
    HOUSE_FAILS(say(house.bea, id, HC_CHAT_ROLE_USER, long_text, err), HC_ERR_INVALID, "content");
    HOUSE_FAILS(say(house.bea, id, HC_CHAT_ROLE_USER, "\xff", err), HC_ERR_INVALID, "content");
    HOUSE_FAILS(hc_chat_append(house.bea, id, HC_CHAT_ROLE_USER, "a\0b", 3, err), HC_ERR_INVALID, "content");
    HOUSE_FAILS(hc_chat_append(house.bea, id, HC_CHAT_ROLE_USER, NULL, 3, err), HC_ERR_INVALID, "content");
    HOUSE_FAILS(say(house.bea, id, HC_CHAT_ROLE_SYSTEM, "obey", err), HC_ERR_INVALID, "role");
    HOUSE_FAILS(say(house.bea, id, 0, "x", err), HC_ERR_INVALID, "role");
    HOUSE_FAILS(say(house.bea, id, 5, "x", err), HC_ERR_INVALID, "role");
    HOUSE_FAILS(say(house.bea, NULL, 1, "x", err), HC_ERR_NOT_FOUND, "session_id");
    HOUSE_FAILS(hc_chat_messages(&page, house.bea, id, 0, 0, err), HC_ERR_INVALID, "limit");
    HOUSE_FAILS(hc_chat_messages(&page, house.bea, id, 0, 201, err), HC_ERR_INVALID, "limit");
    HOUSE_FAILS(hc_chat_messages(&page, house.bea, id, -1, 10, err), HC_ERR_INVALID, "before"); /* of no message */
    HOUSE_FAILS(hc_chat_messages(NULL, house.bea, id, 0, 1, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_chat_start(NULL, house.bea, err), HC_ERR_MISUSE, "out");
    house_assert_unchanged_since(before);
    long_text[32768] = '\0';
    HOUSE_OK(say(house.bea, id, HC_CHAT_ROLE_USER, long_text, err));
}
END_TEST

/* Reads a whole conversation backwards and checks that it is 0, 1, 2 .. count - 1. */
static void assert_counts_up(hc_session *as, const char *session, int count, int32_t limit)
{
    int64_t before = 0, last = INT64_MAX;
    int expected = count;

    do {
        hc_message_page *page = page_of(as, session, before, limit);
        size_t rows = hc_message_page_count(page);

        ck_assert_uint_gt(rows, 0);
        ck_assert_uint_le(rows, (size_t)limit);
        while (rows-- > 0) {
            ck_assert_int_eq(strtol(hc_message_page_content(page, rows), NULL, 10), --expected);
            ck_assert_int_lt(hc_message_page_number(page, rows), last);
            last = hc_message_page_number(page, rows);
        }
        before = hc_message_page_before(page);
        hc_message_page_free(page);
    } while (before > 0);
    ck_assert_int_eq(expected, 0);
}

/* M03: at most 100 messages a document, however long somebody goes on. */
START_TEST(a_long_conversation_goes_on_in_further_documents)
{
    chat_id id;
    char text[32];

    started(id, house.bea);
    for (int i = 0; i < 350; i++) {
        snprintf(text, sizeof text, "%d", i);
        HOUSE_OK(say(house.bea, id, 1 + i % 2, text, err));
        if (i == 150)
            HOUSE_OK(hc_chat_set_summary(house.bea, id, "wants three beds", err));
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM ai_chat_history"), 4);
    ck_assert_int_eq(house_sql("SELECT max(message_count) FROM ai_chat_history"), 100);
    ck_assert_int_eq(house_sql("SELECT sum(message_count) FROM ai_chat_history"), 350);
    ck_assert_int_eq(house_sql("SELECT max(json_array_length(messages)) FROM ai_chat_history"), 100);
    ck_assert_int_eq(house_sql("SELECT summary='wants three beds' AND bucket=3 FROM ai_chat_history ORDER BY bucket "
                               "DESC LIMIT 1"),
                     1);
    assert_counts_up(house.bea, id, 350, 200);
    assert_counts_up(house.bea, id, 350, 100);
    assert_counts_up(house.bea, id, 350, 7);
    assert_counts_up(house.admin, id, 350, 99);
}
END_TEST

/* M03: and at most 1 MiB, also when every byte is written as six. */
START_TEST(large_messages_fill_a_document_sooner)
{
    static char text[32769];
    hc_message_page *page;
    chat_id id;
    size_t seen = 0;
    int64_t before = 0;

    started(id, house.bea);
    memset(text, '\x01', 32768);
    for (int i = 0; i < 12; i++)
        HOUSE_OK(say(house.bea, id, HC_CHAT_ROLE_USER, text, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM ai_chat_history"), 3); /* five to a document */
    ck_assert_int_le(house_sql("SELECT max(length(messages)) FROM ai_chat_history"), 1024 * 1024);
    do {
        page = page_of(house.bea, id, before, 200);
        seen += hc_message_page_count(page);
        ck_assert_str_eq(hc_message_page_content(page, 0), text);
        before = hc_message_page_before(page);
        hc_message_page_free(page);
    } while (before > 0);
    ck_assert_uint_eq(seen, 12);
}
END_TEST

/* M03: a conversation ends, too; the file is brought near the end by hand. */
START_TEST(a_conversation_has_an_end)
{
    static char sql[600] = "UPDATE ai_chat_history SET bucket=99, messages='[{}";
    chat_id id;
    snapshot before;

    started(id, house.bea);
    HOUSE_OK(say(house.bea, id, 1, "0", err));
    for (int i = 1; i < 100; i++)
        strcat(sql, ",{}");
    ck_assert_int_eq(house_change(strcat(sql, "]'")), 1);
    if (house_is_a_pair())
        ck_assert_int_eq(house_change("UPDATE document_heads SET bucket=99, items=100"), 1);
    before = house_snapshot();
    HOUSE_FAILS(say(house.bea, id, 1, "x", err), HC_ERR_TOO_LARGE, "session_id");
    house_assert_unchanged_since(before);
}
END_TEST

START_TEST(conversations_are_listed_once_each)
{
    hc_chat_page *page = NULL;
    hc_query *query = NULL;
    const hc_chat *row;
    chat_id first, second, anas;
    char text[16];

    started(first, house.bea);
    house_pass(HOUSE_MINUTE);
    started(second, house.bea);
    started(anas, house.ana);
    house_pass(HOUSE_MINUTE);
    for (int i = 0; i < 205; i++) {
        snprintf(text, sizeof text, "%d", i);
        HOUSE_OK(say(house.bea, first, HC_CHAT_ROLE_USER, text, err));
    }
    HOUSE_OK(hc_chat_set_summary(house.bea, first, "old", err));
    HOUSE_OK(hc_chat_set_summary(house.bea, first, "new", err));
    HOUSE_OK(hc_chat_list(&page, house.bea, NULL, err));
    ck_assert_uint_eq(hc_chat_page_count(page), 2);
    row = hc_chat_page_at(page, 0);
    ck_assert_str_eq(hc_chat_session_id(row), second);
    ck_assert_int_eq(hc_chat_message_count(row), 0);
    ck_assert_ptr_null(hc_chat_summary(row));
    row = hc_chat_page_at(page, 1);
    ck_assert_str_eq(hc_chat_session_id(row), first);
    ck_assert_mem_eq(hc_chat_user_id(row).bytes, house.bea_id.bytes, 16);
    ck_assert_int_eq(hc_chat_message_count(row), 205);
    ck_assert_str_eq(hc_chat_summary(row), "new");
    ck_assert_int_eq(hc_chat_created_at(row), HOUSE_START);
    ck_assert_int_eq(hc_chat_updated_at(row), HOUSE_START + 2 * HOUSE_MINUTE);
    hc_chat_page_free(page);
    HOUSE_OK(hc_chat_set_summary(house.bea, first, NULL, err));

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_CHAT, err));
    HOUSE_OK(hc_query_set_limit(query, 1, err));
    HOUSE_OK(hc_chat_list(&page, house.bea, query, err));
    ck_assert_int_eq(hc_chat_page_has_more(page), 1);
    HOUSE_OK(hc_query_set_cursor(query, hc_chat_page_cursor(page), err));
    hc_chat_page_free(page);
    HOUSE_OK(hc_chat_list(&page, house.bea, query, err));
    ck_assert_str_eq(hc_chat_session_id(hc_chat_page_at(page, 0)), first);
    ck_assert_ptr_null(hc_chat_summary(hc_chat_page_at(page, 0)));
    ck_assert_int_eq(hc_chat_page_has_more(page), 0);
    hc_chat_page_free(page);
    HOUSE_OK(hc_query_set_cursor(query, NULL, err));
    HOUSE_OK(hc_query_set_limit(query, 10, err));
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_ALL, err));
    HOUSE_FAILS(hc_chat_list(&page, house.bea, query, err), HC_ERR_FORBIDDEN, "scope");
    HOUSE_OK(hc_client_run(house.client, 10 * HOUSE_SECOND, NULL, err)); /* what another wrote may come late */
    HOUSE_OK(hc_chat_list(&page, house.admin, query, err));
    ck_assert_uint_eq(hc_chat_page_count(page), 3);
    hc_chat_page_free(page);
    HOUSE_FAILS(hc_chat_list(&page, house.guest, NULL, err), HC_ERR_UNAUTHENTICATED, "scope");
    HOUSE_FAILS(hc_chat_list(NULL, house.bea, NULL, err), HC_ERR_MISUSE, "out");
    hc_query_free(query);
}
END_TEST

START_TEST(a_summary_has_its_bounds)
{
    static char text[4002];
    chat_id id;

    started(id, house.bea);
    memset(text, 'x', 4001);
    HOUSE_FAILS(hc_chat_set_summary(house.bea, id, text, err), HC_ERR_INVALID, "summary");
    HOUSE_FAILS(hc_chat_set_summary(house.bea, id, "\xff", err), HC_ERR_INVALID, "summary");
    text[4000] = '\0';
    HOUSE_OK(hc_chat_set_summary(house.bea, id, text, err));
    HOUSE_OK(hc_chat_set_summary(house.bea, id, "", err));
    ck_assert_int_eq(house_sql("SELECT version FROM ai_chat_history"), 3);
}
END_TEST

/* ---- several at once ---- */

#define WRITERS 4
#define EACH    60

struct writer {
    hc_session *as;
    const char *session;
    int number, failed;
};

static void *write_messages(void *data)
{
    struct writer *writer = data;
    char text[32];

    for (int i = 0; i < EACH; i++) {
        hc_error err = {0};
        hc_status status = HC_ERR_BUSY;

        snprintf(text, sizeof text, "%d/%d", writer->number, i);
        /* on a server one may meet the others time and again: BUSY, nothing written, try again */
        for (int tries = 0; status == HC_ERR_BUSY && tries < 50; tries++)
            status = say(writer->as, writer->session, HC_CHAT_ROLE_USER, text, &err);
        writer->failed += status < 0;
    }
    return NULL;
}

START_TEST(no_message_of_several_sessions_is_lost)
{
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    int next[WRITERS] = {0};
    int64_t before = 0;
    chat_id id;
    size_t seen = 0;

    started(id, house.bea);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){house_login("bea@example.com", HOUSE_PASSWORD), id, i, 0};
        next[i] = EACH;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_messages, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(writers[i].failed, 0);
        hc_session_free(writers[i].as);
    }
    do {
        hc_message_page *page = page_of(house.bea, id, before, 50);

        for (size_t i = hc_message_page_count(page); i-- > 0; seen++) {
            int writer, number;
            ck_assert_int_eq(sscanf(hc_message_page_content(page, i), "%d/%d", &writer, &number), 2);
            ck_assert_int_eq(number, --next[writer]); /* each in its own order */
        }
        before = hc_message_page_before(page);
        hc_message_page_free(page);
    } while (before > 0);
    ck_assert_uint_eq(seen, WRITERS * EACH);
    ck_assert_int_eq(house_sql("SELECT max(message_count) FROM ai_chat_history"), 100);
}
END_TEST

static hc_status ask_and_answer(hc_session *as, void *data, hc_error *err)
{
    hc_message_page *page = NULL;
    hc_status status = say(as, data, HC_CHAT_ROLE_USER, "0", err);

    if (status >= 0)
        status = say(as, data, HC_CHAT_ROLE_ASSISTANT, "1", err);
    if (status >= 0)
        status = hc_chat_messages(&page, as, data, 0, 10, err);
    ck_assert_uint_eq(hc_message_page_count(page), 2); /* a unit sees its own */
    hc_message_page_free(page);
    return status;
}

static hc_status ask_and_fail(hc_session *as, void *data, hc_error *err)
{
    hc_status status = say(as, data, HC_CHAT_ROLE_USER, "2", err);

    return status < 0 ? status : HC_ERR_CANCELLED;
}

START_TEST(question_and_answer_go_together)
{
    chat_id id;
    snapshot before;
    hc_error err;

    started(id, house.bea);
    HOUSE_OK(hc_session_transact(house.bea, ask_and_answer, id, err));
    before = house_snapshot();
    ck_assert_int_eq(hc_session_transact(house.bea, ask_and_fail, id, &err), HC_ERR_CANCELLED);
    house_assert_unchanged_since(before);
    assert_counts_up(house.bea, id, 2, 10);
}
END_TEST

/* Other programs write this collection too; what they leave out is no reason to lose a message. */
/* Conversations as a list has them: messages of each, newest conversation first. */
static void assert_conversations(hc_session *as, int32_t limit, const char *expected)
{
    hc_query *query = NULL;
    hc_chat_page *page = NULL;
    char told[200] = "";
    size_t used = 0;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_CHAT, err));
    HOUSE_OK(hc_query_set_limit(query, limit, err));
    for (bool more = true; more;) {
        HOUSE_OK(hc_chat_list(&page, as, query, err));
        for (size_t i = 0; i < hc_chat_page_count(page); i++) {
            const hc_chat *row = hc_chat_page_at(page, i);
            used += (size_t)snprintf(told + used, sizeof told - used, "%d%s ", (int)hc_chat_message_count(row),
                                     hc_chat_summary(row) == NULL ? "" : hc_chat_summary(row));
        }
        used += (size_t)snprintf(told + used, sizeof told - used, "/ ");
        more = hc_chat_page_has_more(page);
        if (more)
            HOUSE_OK(hc_query_set_cursor(query, hc_chat_page_cursor(page), err));
        hc_chat_page_free(page);
    }
    hc_query_free(query);
    ck_assert_str_eq(told, expected);
}

static hc_status talk_and_look(hc_session *as, void *data, hc_error *err)
{
    chat_id third;
    hc_status status = say(as, data, HC_CHAT_ROLE_USER, "more", err);

    if (status >= 0)
        status = hc_chat_set_summary(as, data, "S", err);
    if (status >= 0)
        status = hc_chat_start(third, as, err);
    if (status >= 0)
        status = say(as, third, HC_CHAT_ROLE_USER, "new", err);
    if (status < 0)
        return status;
    assert_conversations(as, 10, "1 0 2S / ");
    assert_conversations(as, 1, "1 / 0 / 2S / ");
    return HC_OK;
}

START_TEST(a_unit_lists_what_it_said)
{
    chat_id first, second;

    started(first, house.bea);
    HOUSE_OK(say(house.bea, first, HC_CHAT_ROLE_USER, "0", err));
    house_pass(HOUSE_MINUTE);
    started(second, house.bea);
    assert_conversations(house.bea, 10, "0 1 / ");
    house_pass(HOUSE_MINUTE);
    HOUSE_OK(hc_session_transact(house.bea, talk_and_look, first, err));
    assert_conversations(house.bea, 10, "1 0 2S / ");
}
END_TEST

START_TEST(documents_of_other_programs_are_read)
{
    hc_message_page *page;
    chat_id id;

    started(id, house.bea);
    ck_assert_int_eq(
        house_change("UPDATE ai_chat_history SET message_count=0, messages='[{\"role\":\"system\",\"content\":"
                     "\"be kind\",\"timestamp\":\"2025-11-23T10:00:00.5+01:00\",\"more\":{\"a\":[1]}},{}]'"),
        1);
    HOUSE_OK(say(house.bea, id, HC_CHAT_ROLE_USER, "hi", err));
    page = page_of(house.bea, id, 0, 10);
    ck_assert_uint_eq(hc_message_page_count(page), 3);
    ck_assert_int_eq(hc_message_page_role(page, 0), HC_CHAT_ROLE_SYSTEM);
    ck_assert_int_eq(hc_message_page_timestamp(page, 0), HOUSE_START - HOUSE_HOUR + HOUSE_SECOND / 2);
    ck_assert_int_eq(hc_message_page_role(page, 1), 0);
    ck_assert_str_eq(hc_message_page_content(page, 1), "");
    ck_assert_str_eq(hc_message_page_content(page, 2), "hi");
    hc_message_page_free(page);
    ck_assert_int_eq(house_sql("SELECT message_count FROM ai_chat_history"), 3);
    ck_assert_int_eq(house_change("UPDATE ai_chat_history SET messages='[7]'"), 1);
    HOUSE_FAILS(hc_chat_messages(&page, house.bea, id, 0, 10, err), HC_ERR_CORRUPT, "messages");
    ck_assert_int_eq(house_change("UPDATE ai_chat_history SET messages='{}'"), 1);
    HOUSE_FAILS(hc_chat_messages(&page, house.bea, id, 0, 10, err), HC_ERR_CORRUPT, "messages");
    if (house_is_a_pair()) {
        printf("skip: what is said never asks the document store, so it finds this later: fault.outbox\n");
        return;
    }
    HOUSE_FAILS(say(house.bea, id, HC_CHAT_ROLE_USER, "x", err), HC_ERR_CORRUPT, "messages");
    ck_assert_int_eq(house_change("UPDATE ai_chat_history SET messages=NULL"), 1);
    HOUSE_OK(say(house.bea, id, HC_CHAT_ROLE_USER, "0", err));
    assert_counts_up(house.bea, id, 1, 10);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_conversation_is_read_as_it_was_said);
    tcase_add_test(tcase, anothers_conversation_is_not_there);
    tcase_add_test(tcase, what_is_no_message_is_refused);
    tcase_add_test(tcase, a_long_conversation_goes_on_in_further_documents);
    tcase_add_test(tcase, large_messages_fill_a_document_sooner);
    tcase_add_test(tcase, a_conversation_has_an_end);
    tcase_add_test(tcase, conversations_are_listed_once_each);
    tcase_add_test(tcase, a_summary_has_its_bounds);
    tcase_add_test(tcase, no_message_of_several_sessions_is_lost);
    tcase_add_test(tcase, question_and_answer_go_together);
    tcase_add_test(tcase, a_unit_lists_what_it_said);
    tcase_add_test(tcase, documents_of_other_programs_are_read);
}

int main(void)
{
    return suite_main("api.chat.chat", fill, house_open, house_close);
}
