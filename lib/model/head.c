#include "model/head.h"

#include "base/fail.h"
#include "base/json.h"

bool hc__has_head(const hc__entity *entity)
{
    return entity == &hc__document_entity || entity == &hc__chat_entity;
}

hc_status hc__head_count(size_t *out, const hc__mem *mem, const hc_value *array, hc_error *err)
{
    const hc__json_limits limits = {(size_t)array->size + 1, 63, (size_t)array->size + 1};
    hc__json_reader reader;
    hc__json_token token;
    hc_status status = HC_OK;

    *out = 0;
    if (array->type == HC_TYPE_NULL)
        return HC_OK;
    hc__json_open(&reader, mem, array->as.bytes, array->size, &limits);
    token = hc__json_next(&reader, err);
    while (token == HC__JSON_ARRAY && hc__json_skip(&reader, NULL, NULL, err))
        ++*out;
    if (reader.status == HC_ERR_NO_MEMORY)
        status = HC_ERR_NO_MEMORY;
    else if (reader.status < 0 || token != HC__JSON_ARRAY)
        status = hc__fail(err, HC_ERR_CORRUPT, "messages", "the stored messages are no array");
    hc__json_close(&reader);
    return status;
}

static void put(hc__record *head, uint16_t to, const hc__record *document, uint16_t from)
{
    const hc_value *value = &document->values[from];

    if (value->type == HC_TYPE_ID)
        hc__record_set_id(head, to, hc__record_id(document, from));
    else if (value->type == HC_TYPE_TEXT)
        hc__record_set_text(head, to, value->as.bytes, value->size);
    else if (value->type != HC_TYPE_NULL)
        hc__record_set_int(head, to, value->as.integer);
}

static void head_of_documents(hc__record *head, const hc__record *document)
{
    char key[HC_ID_TEXT_SIZE];

    hc_id_format(key, hc__record_id(document, hc__document_f_property_id));
    hc__record_set_text(head, hc__head_f_key, key, sizeof key - 1);
    hc__record_set_int(head, hc__head_f_bucket, 0);
    hc__record_set_int(head, hc__head_f_items, 0);
    hc__record_set_int(head, hc__head_f_bytes, 0);
    put(head, hc__head_f_version, document, hc__document_f_version);
    put(head, hc__head_f_created_at, document, hc__document_f_created_at);
    put(head, hc__head_f_updated_at, document, hc__document_f_updated_at);
}

static hc_status head_of_chat(hc__record *head, const hc__record *chat, hc_error *err)
{
    const hc_value *messages = &chat->values[hc__chat_f_messages];
    size_t count;
    hc_status status = hc__head_count(&count, head->arena->mem, messages, err);

    put(head, hc__head_f_key, chat, hc__chat_f_session_id);
    put(head, hc__head_f_bucket, chat, hc__chat_f_bucket);
    put(head, hc__head_f_owner_id, chat, hc__chat_f_user_id);
    put(head, hc__head_f_version, chat, hc__chat_f_version);
    put(head, hc__head_f_summary, chat, hc__chat_f_summary);
    put(head, hc__head_f_created_at, chat, hc__chat_f_created_at);
    put(head, hc__head_f_updated_at, chat, hc__chat_f_updated_at);
    hc__record_set_int(head, hc__head_f_items, (int64_t)count);
    hc__record_set_int(head, hc__head_f_bytes, messages->type == HC_TYPE_NULL ? 0 : messages->size);
    return status;
}

hc_status hc__head_of(hc__record *head, const hc__record *document, hc_error *err)
{
    const char *kind = document->entity->kind.name;
    hc_status status = HC_OK;

    hc__record_set_id(head, hc__head_f_id, hc__record_id(document, 0));
    hc__record_set_text(head, hc__head_f_kind, kind, strlen(kind));
    if (document->entity == &hc__document_entity)
        head_of_documents(head, document);
    else
        status = head_of_chat(head, document, err);
    return status < 0 ? status : hc__record_fault(head, err);
}
