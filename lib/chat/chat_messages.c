/* Messages by page, from the newest document backwards. */
#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "chat/chat.h"

#define LIMIT        200
#define BUCKETS_READ 4 /* documents of one page: it may come short */
#define PLACE_BITS   20

struct message {
    int64_t number;
    int64_t timestamp;
    const char *content;
    int32_t role;
};

struct hc_message_page {
    hc__handle *handle;
    struct message *messages; /* `limit` of them, filled from the end */
    size_t first, limit;
    bool found; /* the conversation */
};

struct reading {
    hc_message_page *page;
    int64_t before;
};

/* ---- one document ---- */

static int32_t role_of(const char *word, size_t size)
{
    for (int32_t i = 0; hc__chat_roles[i] != NULL; i++)
        if (strlen(hc__chat_roles[i]) == size && memcmp(hc__chat_roles[i], word, size) == 0)
            return i + 1;
    return 0;
}

static hc_status take_member(struct message *out, hc__json_reader *reader, hc__arena *arena, hc_error *err)
{
    char name[16] = "";
    hc__json_token token;

    if (reader->size < sizeof name)
        memcpy(name, reader->text, reader->size);
    if (strcmp(name, "content") != 0 && strcmp(name, "role") != 0 && strcmp(name, "timestamp") != 0)
        return hc__json_skip(reader, NULL, NULL, err) ? HC_OK : reader->status;
    token = hc__json_next(reader, err);
    if (token != HC__JSON_STRING)
        return token == HC__JSON_ERROR
                   ? reader->status
                   : hc__fail(err, HC_ERR_CORRUPT, "messages", "the %s of a message is no text", name);
    if (name[0] == 'r')
        out->role = role_of(reader->text, reader->size);
    else if (name[0] == 't' && !hc__time_parse(&out->timestamp, reader->text, reader->size))
        return hc__fail(err, HC_ERR_CORRUPT, "messages", "the timestamp of a message is no time");
    else if (name[0] == 'c')
        out->content = hc__arena_text(arena, reader->text, reader->size);
    return out->content == NULL ? hc__no_memory(err) : HC_OK;
}

static hc_status take_message(struct message *out, hc__json_reader *reader, hc__arena *arena, hc_error *err)
{
    hc__json_token token = hc__json_next(reader, err);
    hc_status status = HC_OK;

    out->content = "";
    if (token != HC__JSON_OBJECT && token != HC__JSON_ERROR)
        return hc__fail(err, HC_ERR_CORRUPT, "messages", "a stored message is no object");
    while (token != HC__JSON_ERROR && status == HC_OK) {
        token = hc__json_next(reader, err);
        if (token == HC__JSON_OBJECT_END)
            return HC_OK;
        if (token == HC__JSON_KEY)
            status = take_member(out, reader, arena, err);
    }
    return status < 0 ? status : reader->status;
}

static void open_array(hc__json_reader *reader, const hc__mem *mem, const hc_value *messages)
{
    hc__json_open(reader, mem, messages->as.bytes, messages->size, &hc__chat_limits);
    if (hc__json_next(reader, NULL) != HC__JSON_ARRAY && reader->status == HC_OK)
        reader->status = HC_ERR_CORRUPT;
}

/* Elements, but no more than `most`. */
static hc_status count(size_t *out, const hc__mem *mem, const hc_value *messages, int64_t most, hc_error *err)
{
    hc__json_reader reader;
    hc_status status;

    *out = 0;
    open_array(&reader, mem, messages);
    while (reader.status == HC_OK && (int64_t)*out < most && hc__json_skip(&reader, NULL, NULL, NULL))
        ++*out;
    status = reader.status;
    hc__json_close(&reader);
    if (status == HC_OK || status == HC_ERR_NO_MEMORY)
        return status == HC_OK ? HC_OK : hc__no_memory(err);
    return hc__fail(err, HC_ERR_CORRUPT, "messages", "the stored messages are no array of messages");
}

/* The elements from `from` up to `to`, into the page's free places before its first. */
static hc_status take(hc_message_page *page, const hc_value *messages, int64_t bucket, size_t from, size_t to,
                      hc_error *err)
{
    const hc__mem *mem = page->handle->arena.mem;
    struct message *out = page->messages + page->first - (to - from);
    hc__json_reader reader;
    hc_status status = HC_OK;

    open_array(&reader, mem, messages);
    for (size_t i = 0; i < from; i++)
        (void)hc__json_skip(&reader, NULL, NULL, NULL);
    for (size_t i = from; i < to && status == HC_OK; i++, out++) {
        *out = (struct message){.number = bucket << PLACE_BITS | (int64_t)i};
        status = take_message(out, &reader, &page->handle->arena, err);
    }
    hc__json_close(&reader);
    if (status == HC_OK)
        page->first -= to - from;
    return status;
}

static hc_status take_document(const hc_row *row, void *data, hc_error *err)
{
    const struct reading *reading = data;
    hc_message_page *page = reading->page;
    int64_t bucket = row->values[0].as.integer, most = INT64_C(1) << PLACE_BITS;
    size_t to, from;
    hc_status status;

    page->found = true;
    if (row->values[1].type == HC_TYPE_NULL)
        return HC_OK;
    if (reading->before > 0 && reading->before >> PLACE_BITS == bucket)
        most = reading->before & (most - 1);
    status = count(&to, page->handle->arena.mem, &row->values[1], most, err);
    if (status < 0)
        return status;
    from = to > page->first ? to - page->first : 0;
    status = take(page, &row->values[1], bucket, from, to, err);
    return status == HC_OK && page->first == 0 ? 1 : status;
}

/* ---- the page ---- */

static hc_status note_id(const hc_row *row, void *data, hc_error *err)
{
    hc_id *id = data;

    (void)err;
    memcpy(id->bytes, row->values[0].as.bytes, sizeof id->bytes);
    return HC_OK;
}

static hc_status missing(hc__arena *arena, hc_session *as, const char *session_id, hc_error *err)
{
    static const uint16_t field[] = {hc__chat_f_id};
    hc_id taken = {{0}};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__chat_entity.kind,
                .fields = field,
                .field_count = 1,
                .limit = 1,
                .index = HC_INDEX_ANY};
    hc_status status;

    op.where =
        hc__is_bytes(arena, &hc__chat_entity.kind, hc__chat_f_session_id, HC_TEST_EQ, session_id, strlen(session_id));
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, note_id, &taken, err);
    return status < 0 ? status : hc__chat_missing(as, taken, err);
}

static hc_status read_page(hc_message_page *page, hc_session *as, const char *session_id, int64_t before, hc_error *err)
{
    static const uint16_t fields[] = {hc__chat_f_bucket, hc__chat_f_messages};
    struct reading reading = {page, before};
    uint8_t room[1024];
    hc__arena arena;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__chat_entity.kind,
                .fields = fields,
                .field_count = 2,
                .order = hc__chat_newest,
                .order_count = 2,
                .limit = BUCKETS_READ,
                .index = HC_INDEX_ANY};
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where = hc__chat_where(&arena, as, HC__CHAT_READ, session_id, hc__session_now(as));
    if (before > 0)
        op.where = hc__all_of(&arena, op.where,
                              hc__is_int(&arena, op.kind, hc__chat_f_bucket, HC_TEST_LE, before >> PLACE_BITS));
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, take_document, &reading, err);
    if (status >= 0 && !page->found)
        status = missing(&arena, as, session_id, err);
    hc__arena_free(&arena);
    return status;
}

static hc_status new_page(hc_message_page **out, hc__core *core, int32_t limit, hc_error *err)
{
    hc__handle *handle;
    hc_message_page *page = hc__handle_new(core, sizeof *page, 4096, &handle);

    if (page == NULL)
        return hc__no_memory(err);
    page->handle = handle;
    page->first = page->limit = (size_t)limit;
    page->messages = hc__arena_zero(&handle->arena, page->limit, sizeof *page->messages);
    if (page->messages == NULL) {
        hc__handle_free(handle);
        return hc__no_memory(err);
    }
    *out = page;
    return HC_OK;
}

static hc_status messages(hc_message_page **out, hc_session *as, const char *session_id, int64_t before, int32_t limit,
                          hc_error *err)
{
    static const hc_id none;
    hc_status status = hc__require(as, HC__CHAT_READ, &hc__chat_entity, none, err);

    if (status >= 0 && (limit < 1 || limit > LIMIT))
        status = hc__fail(err, HC_ERR_INVALID, "limit", "limit is 1 to %d", LIMIT);
    if (status >= 0 && before < 0)
        status = hc__fail(err, HC_ERR_INVALID, "before", "before is 0 or the number of a message");
    if (status >= 0 && !hc__chat_is_id(session_id))
        status = hc__chat_missing(as, none, err);
    if (status >= 0)
        status = new_page(out, as->core, limit, err);
    if (status < 0)
        return status;
    status = read_page(*out, as, session_id, before, err);
    if (status < 0) {
        hc_message_page_free(*out);
        *out = NULL;
    }
    return status;
}

hc_status hc_chat_messages(hc_message_page **out, hc_session *as, const char *session_id, int64_t before, int32_t limit,
                           hc_error *err)
{
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = messages(out, as, session_id, before, limit, err);
    hc__leave(as);
    return status;
}

/* ---- what is in it ---- */

static const struct message *message_at(const hc_message_page *page, size_t index)
{
    return page == NULL || index >= page->limit - page->first ? NULL : &page->messages[page->first + index];
}

size_t hc_message_page_count(const hc_message_page *page)
{
    return page == NULL ? 0 : page->limit - page->first;
}

int32_t hc_message_page_role(const hc_message_page *page, size_t index)
{
    const struct message *at = message_at(page, index);

    return at == NULL ? 0 : at->role;
}

const char *hc_message_page_content(const hc_message_page *page, size_t index)
{
    const struct message *at = message_at(page, index);

    return at == NULL ? NULL : at->content;
}

int64_t hc_message_page_timestamp(const hc_message_page *page, size_t index)
{
    const struct message *at = message_at(page, index);

    return at == NULL ? 0 : at->timestamp;
}

int64_t hc_message_page_number(const hc_message_page *page, size_t index)
{
    const struct message *at = message_at(page, index);

    return at == NULL ? -1 : at->number;
}

int64_t hc_message_page_before(const hc_message_page *page)
{
    const struct message *first = message_at(page, 0);

    return first == NULL ? 0 : first->number;
}

void hc_message_page_free(hc_message_page *page)
{
    if (page != NULL)
        hc__handle_free(page->handle);
}
