/* One story with documents, log entries and chats in it, told line by line: stores.api.hybrid.story compares what it
 * says on a file, on a server, and on servers with MongoDB beside them. With HC_TEST_TOLD the lines go to that file. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "entries.h"
#include "homeconnect/chat.h"
#include "homeconnect/document.h"
#include "homeconnect/lead.h"

#define HOME house.anas_ids[0]

/* ---- telling ---- */

static FILE *told;
static int lines;

static void tell(const char *format, ...)
{
    va_list rest;

    va_start(rest, format);
    vfprintf(told, format, rest);
    va_end(rest);
    fputc('\n', told);
    lines++;
}

/* Ids are by chance: each has the number in which it was met. */
static const char *name_of(hc_id id)
{
    static hc_id met[500];
    static int count;
    static char text[8][16];
    static int turn;
    char *out = text[turn++ % 8];
    int at = 0;

    while (at < count && memcmp(&met[at], &id, sizeof id) != 0)
        at++;
    if (at == count && count < 500)
        met[count++] = id;
    snprintf(out, 16, "#%d", at);
    return out;
}

/* The same in text of the library's own. */
static void tell_text(const char *what, const char *text)
{
    char line[16384];
    size_t used = 0;

    while (*text != '\0' && used + 64 < sizeof line) {
        char word[HC_ID_TEXT_SIZE];
        hc_id id;

        snprintf(word, sizeof word, "%s", text);
        if (strlen(word) == HC_ID_TEXT_SIZE - 1 && hc_id_parse(&id, word, HC_ID_TEXT_SIZE - 1, NULL) == HC_OK) {
            used += (size_t)snprintf(line + used, sizeof line - used, "%s", name_of(id));
            text += HC_ID_TEXT_SIZE - 1;
        } else {
            line[used++] = *text++;
        }
    }
    line[used] = '\0';
    tell("%s %s", what, line);
}

/* A call, how it ended, and what it says when it failed. */
#define TELL(call)                                                                                                     \
    do {                                                                                                               \
        hc_error why_ = {0};                                                                                           \
        hc_error *err = &why_;                                                                                         \
        hc_status status_ = (call);                                                                                    \
        house_count(1);                                                                                                \
        house_pass(HOUSE_SECOND);                                                                                      \
        tell("%s: %s %s %s", #call, hc_status_name(status_), status_ < 0 ? why_.field : "",                            \
             status_ < 0 ? why_.message : "");                                                                         \
    } while (0)

/* Now and then, what waits is delivered, and the same is read once more: it must say the same. */
static void later(void)
{
    house_deliver();
    house_pass(HOUSE_MINUTE);
}

/* ---- documents ---- */

static void tell_documents(const char *who, hc_session *as, hc_id home)
{
    hc_document *document = NULL;
    hc_text *json = NULL;
    hc_error err = {0};
    hc_status status = hc_document_get(&document, as, home, &err);

    house_count(1);
    tell("%s reads documents: %s %s", who, hc_status_name(status), status < 0 ? err.message : "");
    if (status < 0)
        return;
    HOUSE_OK(hc_document_to_json(&json, document, err));
    tell_text("   ", hc_text_data(json));
    hc_text_free(json);
    hc_document_free(document);
}

static void everybody_reads(hc_id home)
{
    for (int turn = 0; turn < 2; turn++) {
        tell_documents("guest", house.guest, home);
        tell_documents("bea", house.bea, home);
        tell_documents("ana", house.ana, home);
        tell_documents("ben", house.ben, home);
        tell_documents("ada", house.admin, home);
        house_deliver();
    }
}

static hc_id photo, hall, deed;

static hc_status add_photo(hc_id *out, int32_t version, const char *url, int32_t visibility, hc_error *err)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;

    image.url = url;
    image.caption = "Living \"Room\" \xc3\xa9";
    image.visibility = visibility;
    image.size = 4711;
    return hc_document_add_image(out, NULL, house.ana, HOME, version, &image, err);
}

static hc_status add_deed(hc_id *out, int32_t version, hc_error *err)
{
    hc_document_file file = HC_DOCUMENT_FILE_INIT;

    file.name = "Deed.pdf";
    file.url = "https://files.example.com/deed.pdf";
    file.type = HC_DOCUMENT_LEGAL;
    return hc_document_add_file(out, NULL, house.ana, HOME, version, &file, err);
}

static void documents(void)
{
    hc_id order[2], lost, nothing = {{9}};

    everybody_reads(HOME);
    TELL(add_photo(&photo, 0, "https://photos.example.com/1.jpg", 0, err));
    TELL(add_photo(&hall, 1, "https://photos.example.com/2.jpg", HC_DOCUMENT_AGENT, err));
    everybody_reads(HOME);
    TELL(add_photo(&lost, 1, "https://photos.example.com/3.jpg", 0, err)); /* late */
    TELL(add_deed(&deed, 2, err));
    TELL(hc_document_set_caption(NULL, house.ana, HOME, 3, photo, "Ours", err));
    TELL(hc_document_set_primary(NULL, house.ana, HOME, 4, hall, err));
    order[0] = hall;
    order[1] = photo;
    TELL(hc_document_reorder(NULL, house.ana, HOME, 5, HC_DOCUMENT_IMAGES, order, 2, err));
    TELL(hc_document_set_virtual_tour(NULL, house.admin, HOME, 6, "https://tours.example.com/1", err));
    TELL(hc_document_set_caption(NULL, house.ben, HOME, 7, photo, "Mine", err));
    TELL(hc_document_set_caption(NULL, house.bea, HOME, 7, photo, "Mine", err));
    TELL(hc_document_remove(NULL, house.ana, HOME, 7, nothing, err));
    TELL(hc_document_set_caption(NULL, house.ana, nothing, 0, photo, "Nowhere", err));
    everybody_reads(HOME);
    TELL(hc_document_set_visibility(NULL, house.ana, HOME, 7, deed, HC_DOCUMENT_PUBLIC, err));
    TELL(hc_document_remove(NULL, house.ana, HOME, 8, photo, err));
    TELL(hc_document_set_virtual_tour(NULL, house.ana, HOME, 9, NULL, err));
    everybody_reads(HOME);
}

/* ---- log entries ---- */

static void tell_page(const char *who, hc_activity_page *page)
{
    tell("%s finds %zu entries, more: %d", who, hc_activity_page_count(page), hc_activity_page_has_more(page));
    for (size_t i = 0; i < hc_activity_page_count(page); i++) {
        hc_text *json = NULL;

        HOUSE_OK(hc_activity_to_json(&json, hc_activity_page_at(page, i), err));
        tell_text("   ", hc_text_data(json));
        hc_text_free(json);
    }
    hc_activity_page_free(page);
}

static void tell_counts(void)
{
    const int32_t day = (int32_t)(HOUSE_START / HOUSE_DAY);
    hc_activity_counts *counts = NULL;

    HOUSE_OK(hc_activity_counts_of_agent(&counts, house.ana, house.ana_id, day - 1, day + 1, err));
    for (size_t i = 0; i < hc_activity_counts_size(counts); i++)
        tell("    day %d %s: %lld", hc_activity_counts_day(counts, i) - day, hc_activity_counts_action(counts, i),
             (long long)hc_activity_counts_count(counts, i));
    hc_activity_counts_free(counts);
}

static void own_entries(const char *who, hc_session *as)
{
    hc_activity_page *page = NULL;

    HOUSE_OK(hc_activity_list(&page, as, NULL, err));
    tell_page(who, page);
}

static void all_entries(bool listed)
{
    hc_activity_page *page = NULL;
    hc_query *query = all_of_it();

    HOUSE_OK(hc_activity_list(&page, house.admin, query, err));
    tell_page("ada", page);
    HOUSE_OK(hc_query_set_filter(query, "user_id eq null or action eq 'listed'", err));
    HOUSE_OK(hc_activity_list(&page, house.admin, query, err));
    tell_page("ada, of nobody or listed,", page);
    hc_query_free(query);
    own_entries("bea", house.bea);
    if (listed) {
        HOUSE_OK(hc_activity_of_listing(&page, house.ana, HOME, NULL, err));
        tell_page("ana, of her listing,", page);
    }
    tell_counts();
}

static void by_pages(void)
{
    hc_activity_page *page = NULL;
    hc_query *query = all_of_it();
    int more = 1;

    HOUSE_OK(hc_query_set_limit(query, 3, err));
    while (more) {
        char cursor[1024];

        HOUSE_OK(hc_activity_list(&page, house.admin, query, err));
        more = hc_activity_page_has_more(page);
        if (more)
            snprintf(cursor, sizeof cursor, "%s", hc_activity_page_cursor(page));
        if (more)
            HOUSE_OK(hc_query_set_cursor(query, cursor, err));
        tell_page("ada, page by page,", page);
    }
    hc_query_free(query);
}

struct ride {
    hc_status end;
};

static hc_status ride_along(hc_session *as, void *data, hc_error *err)
{
    const struct ride *ride = data;
    hc_property *home = house_sketch("A home with a log entry", 25000000);
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document *document = NULL;
    hc_id id, entry;
    hc_status status = hc_property_create(&id, as, home, err);

    hc_property_free(home);
    image.url = "https://photos.example.com/new.jpg";
    if (status >= 0)
        status = log_as(&entry, as, entry_of("listed", &id, "{\"b\":[1,2.5,{\"x\":null}],\"a\":\"\xc3\xa9\"}"), err);
    if (status >= 0)
        status = hc_document_add_image(&entry, NULL, as, id, 0, &image, err);
    if (status >= 0)
        status = hc_document_get(&document, as, id, err);
    if (status >= 0)
        tell("    inside the unit: version %d, %zu images", hc_document_version(document),
             hc_document_count(document, HC_DOCUMENT_IMAGES));
    hc_document_free(document);
    return status < 0 ? status : ride->end;
}

static void entries(void)
{
    struct ride ride = {HC_ERR_CANCELLED};
    hc_id id, nothing = {{7}};

    TELL(log_as(&id, house.bea, entry_of("view_property", &HOME, "{\"duration_seconds\":45,\"device\":\"mobile\"}"),
                err));
    TELL(log_as(&id, house.guest, entry_of("Photo Gallery", &HOME, NULL), err));
    TELL(log_as(&id, house.bea, entry_of("view_property", &nothing, NULL), err));
    TELL(log_as(&id, house.bea, entry_of("x", NULL, "{\"$where\":1}"), err));
    TELL(log_as(&id, house.bea, entry_of("x", NULL, "{\"a.b\":1}"), err));
    TELL(log_as(&id, house.ana, entry_of("called", &HOME, "{\"note\":\"token Bearer abcdefghijklmnop\"}"), err));
    TELL(hc_session_transact(house.ana, ride_along, &ride, err));
    all_entries(true);
    ride.end = HC_OK;
    TELL(hc_session_transact(house.ana, ride_along, &ride, err));
    own_entries("ana", house.ana); /* she sees what she wrote, at once */
    all_entries(true);
    later();
    all_entries(true);
    by_pages();
}

/* ---- chats ---- */

static char chat[HC_CHAT_SESSION_SIZE], other[HC_CHAT_SESSION_SIZE];

static hc_status say(hc_session *as, const char *text, hc_error *err)
{
    return hc_chat_append(as, chat, HC_CHAT_ROLE_USER, text, strlen(text), err);
}

static void tell_messages(hc_session *as, int32_t limit)
{
    hc_message_page *page = NULL;
    int64_t before = 0;
    int pages = 0;

    do {
        HOUSE_OK(hc_chat_messages(&page, as, chat, before, limit, err));
        tell("    messages: %zu, the first: %s, the last: %s at %lld", hc_message_page_count(page),
             hc_message_page_content(page, 0), hc_message_page_content(page, hc_message_page_count(page) - 1),
             (long long)((hc_message_page_timestamp(page, 0) - HOUSE_START) / 1000));
        before = hc_message_page_before(page);
        hc_message_page_free(page);
    } while (before > 0 && ++pages < 20);
}

static void tell_chats(hc_session *as, int32_t scope)
{
    hc_chat_page *page = NULL;
    hc_query *query = NULL;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_CHAT, err));
    HOUSE_OK(hc_query_set_scope(query, scope, err));
    HOUSE_OK(hc_chat_list(&page, as, query, err));
    for (size_t i = 0; i < hc_chat_page_count(page); i++) {
        const hc_chat *at = hc_chat_page_at(page, i);

        tell("    chat of %s: %d messages, %s, from %lld to %lld", name_of(hc_chat_user_id(at)),
             hc_chat_message_count(at), hc_chat_summary(at) == NULL ? "-" : hc_chat_summary(at),
             (long long)(hc_chat_created_at(at) - HOUSE_START) / 1000,
             (long long)(hc_chat_updated_at(at) - HOUSE_START) / 1000);
    }
    hc_chat_page_free(page);
    hc_query_free(query);
}

static void chats(void)
{
    TELL(hc_chat_start(chat, house.bea, err));
    TELL(hc_chat_start(other, house.bea, err));
    TELL(say(house.bea, "Find me a 3 bed house in \"Austin\"\n\xc3\xa9", err));
    tell_messages(house.bea, 10);
    TELL(say(house.ben, "let me in", err));
    TELL(say(house.guest, "and me", err));
    later();
    for (int i = 0; i < 230; i++) {
        char text[16];

        snprintf(text, sizeof text, "word %d", i);
        HOUSE_OK(say(house.bea, text, err));
        house_pass(HOUSE_SECOND);
        if (i == 50 || i == 120)
            tell_messages(house.bea, 200);
        if (i == 70)
            later();
    }
    tell_messages(house.bea, 200);
    tell_messages(house.admin, 77);
    TELL(hc_chat_set_summary(house.bea, chat, "wants three beds", err));
    tell_chats(house.bea, HC_SCOPE_OWN);
    tell_chats(house.admin, HC_SCOPE_ALL);
    later();
    TELL(hc_chat_set_summary(house.bea, chat, "wants four beds", err));
    TELL(say(house.bea, "one more", err));
    TELL(hc_chat_set_summary(house.bea, chat, "wants five beds", err));
    tell_chats(house.bea, HC_SCOPE_OWN);
    tell_messages(house.bea, 200);
    later();
    tell_chats(house.bea, HC_SCOPE_OWN);
    tell_messages(house.bea, 200);
}

/* ---- the end of a listing ---- */

static void purge(void)
{
    TELL(hc_property_delete(house.ana, HOME, 1, err));
    everybody_reads(HOME);
    TELL(hc_property_restore(NULL, house.ana, HOME, err));
    everybody_reads(HOME);
    TELL(hc_property_delete(house.ana, HOME, 3, err));
    TELL(hc_property_purge(house.admin, HOME, err));
    everybody_reads(HOME);
    all_entries(false);
}

static void tell_event(const house_value *values, int count, void *data)
{
    (void)count;
    (void)data;
    tell("    event: %.*s %.*s %.*s", (int)values[0].size, (const char *)values[0].bytes, (int)values[1].size,
         (const char *)values[1].bytes, (int)values[2].size, (const char *)values[2].bytes);
}

START_TEST(the_story)
{
    const char *path = getenv("HC_TEST_TOLD");

    told = path == NULL ? tmpfile() : fopen(path, "w");
    ck_assert_ptr_nonnull(told);
    documents();
    entries();
    chats();
    purge();
    house_settle();
    house_rows("SELECT resource, change, version FROM events ORDER BY seq", tell_event, NULL);
    house_deliver();
    tell("left: %lld documents, %lld entries, %lld parts of chats with %lld messages",
         (long long)house_sql("SELECT count(*) FROM property_documents"),
         (long long)house_sql("SELECT count(*) FROM activity_logs"),
         (long long)house_sql("SELECT count(*) FROM ai_chat_history"),
         (long long)house_sql("SELECT sum(json_array_length(messages)) FROM ai_chat_history"));
    ck_assert_int_gt(lines, 250);
    ck_assert_int_eq(fclose(told), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_story);
}

int main(void)
{
    return suite_main("api.hybrid.story", fill, house_open, house_close);
}
