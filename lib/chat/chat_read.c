#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "chat/chat.h"
#include "homeconnect/query.h"

static const hc__noun chats = {.entity = &hc__chat_entity, .read = HC__CHAT_READ};

#define PAGE_ONLY
#define NOUN(suffix) hc_chat##suffix
#define RECORD       hc_chat
#define PAGE         hc_chat_page
#include "client/page.inc"

/* ---- conversations: their first documents, with what the later ones add ---- */

static hc__record *row_of(hc__page *page, const hc_value *session_id)
{
    for (size_t i = 0; i < page->list.count; i++) {
        hc_value *own = &page->list.rows[i].values[hc__chat_f_session_id];
        if (own->size == session_id->size && memcmp(own->as.bytes, session_id->as.bytes, own->size) == 0)
            return &page->list.rows[i];
    }
    return NULL;
}

static const uint16_t later_fields[] = {hc__chat_f_session_id, hc__chat_f_bucket, hc__chat_f_message_count,
                                        hc__chat_f_summary, hc__chat_f_updated_at};

static hc_status add_later(const hc_row *row, void *data, hc_error *err)
{
    hc__record *chat = row_of(data, &row->values[0]);
    hc_value count;

    if (chat == NULL)
        return HC_OK;
    count = hc__value_int(HC_TYPE_INT32, hc__record_int(chat, hc__chat_f_message_count) + row->values[2].as.integer);
    if (row->values[1].as.integer > hc__record_int(chat, hc__chat_f_bucket) &&
        !hc__record_fill(chat, later_fields, row->values, row->count))
        return hc__no_memory(err);
    chat->values[hc__chat_f_message_count] = count;
    return HC_OK;
}

static hc_status read_later(hc__page *page, hc_session *as, hc_error *err)
{
    const hc_kind *kind = &hc__chat_entity.kind;
    hc__arena *arena = &page->handle->arena;
    hc_value *ids = hc__arena_alloc(arena, (page->list.count + 1) * sizeof *ids);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .fields = later_fields,
                .field_count = sizeof later_fields / sizeof later_fields[0],
                .index = HC_INDEX_ANY};

    if (page->list.count == 0)
        return HC_OK;
    if (ids == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < page->list.count; i++)
        ids[i] = page->list.rows[i].values[hc__chat_f_session_id];
    op.where = hc__all_of(arena, hc__is_in(arena, hc__chat_f_session_id, ids, page->list.count),
                          hc__is_int(arena, kind, hc__chat_f_bucket, HC_TEST_GT, 0));
    op.where = hc__all_of(arena, op.where, hc__policy_where(arena, as, HC__CHAT_READ, hc__session_now(as)));
    return op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, add_later, page, err);
}

hc_status hc_chat_list(hc_chat_page **out, hc_session *as, const hc_query *query, hc_error *err)
{
    static const uint64_t head[(HC__FIELD_LIMIT + 63) / 64] = {((UINT64_C(1) << hc__chat_field_count) - 1) &
                                                               ~(UINT64_C(1) << hc__chat_f_messages)};
    const hc__narrowing how = {.field = hc__chat_f_bucket, .value = hc__value_int(HC_TYPE_INT32, 0), .fields = head};
    hc__page *page = NULL;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = hc__list_narrowed(&page, as, &chats, query, &how, err);
    if (status >= 0) {
        hc_status later = read_later(page, as, err);
        status = later < 0 ? later : status;
    }
    if (status >= 0)
        *out = (hc_chat_page *)page;
    else
        hc__page_free(page);
    hc__leave(as);
    return status;
}

const char *hc_chat_session_id(const hc_chat *chat)
{
    return chat == NULL ? NULL : hc__record_text(&chat->record, hc__chat_f_session_id);
}

hc_id hc_chat_user_id(const hc_chat *chat)
{
    hc_id none = {{0}};

    return chat == NULL ? none : hc__record_id(&chat->record, hc__chat_f_user_id);
}

int32_t hc_chat_message_count(const hc_chat *chat)
{
    return chat == NULL ? 0 : (int32_t)hc__record_int(&chat->record, hc__chat_f_message_count);
}

const char *hc_chat_summary(const hc_chat *chat)
{
    return chat == NULL ? NULL : hc__record_text(&chat->record, hc__chat_f_summary);
}

int64_t hc_chat_created_at(const hc_chat *chat)
{
    return chat == NULL ? 0 : hc__record_int(&chat->record, hc__chat_f_created_at);
}

int64_t hc_chat_updated_at(const hc_chat *chat)
{
    return chat == NULL ? 0 : hc__record_int(&chat->record, hc__chat_f_updated_at);
}
