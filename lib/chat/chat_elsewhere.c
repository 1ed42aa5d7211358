/* Changes of conversations whose documents live in a store of their own: heads say how much is in them, so that a
 * message or a summary never needs that store. A conversation that another program began has no head until the first
 * change. */
#include "base/id.h"
#include "chat/chat_write.h"
#include "homeconnect/chat.h"
#include "model/effect.h"
#include "model/head.h"

/* The newest document's head; `was` is its version, 0 when nobody wrote one. */
struct newest {
    hc__record head;
    int32_t was;
};

static bool may_write(const hc_session *as, const hc__record *head)
{
    hc__rule rule = hc__policy_rule(as, HC__CHAT_WRITE);

    return rule == HC__ALL || (rule == HC__OWN && hc__session_signed_in(as) &&
                               hc__id_equal(hc__record_id(head, hc__head_f_owner_id), as->user));
}

static hc_status find(hc__unit *unit, struct newest *out, const char *session_id, hc_error *err)
{
    hc_session *as = hc__unit_session(unit);
    hc__record row;
    bool found = false;
    hc_status status = hc__unit_may_queue(unit, err);

    if (status >= 0)
        status = hc__unit_head(unit, &out->head, &found, &hc__chat_entity, session_id, err);
    if (status < 0)
        return status;
    out->was = found ? hc__record_version(&out->head) : 0;
    if (found)
        return may_write(as, &out->head) ? HC_OK : hc__chat_missing(as, hc__record_key(&out->head), err);
    status = hc__chat_newest_row(unit, &row, session_id, err);
    return status < 0 ? status : hc__head_of(&out->head, &row, err);
}

/* The head as it will be; what is not set stays as it is. */
static hc_status write_head(hc__unit *unit, struct newest *newest, hc_error *err)
{
    hc_op_result *result = hc__arena_zero(hc__unit_arena(unit), 1, sizeof *result);

    if (result == NULL || newest->head.fault < 0)
        return hc__no_memory(err);
    hc__record_set_int(&newest->head, hc__head_f_updated_at, hc__whole_millis(hc__unit_now(unit)));
    hc__unit_write_head(unit, &newest->head, newest->was, NULL, result);
    return hc__chat_or_again(unit, result, err);
}

hc_status hc__chat_put_elsewhere(hc__unit *unit, const hc__record *row, hc_error *err)
{
    struct newest newest = {.was = 0};
    hc_status status = hc__record_init(&newest.head, &hc__head_entity, hc__unit_arena(unit), err);

    if (status >= 0)
        status = hc__unit_may_queue(unit, err);
    if (status >= 0)
        status = hc__head_of(&newest.head, row, err);
    if (status < 0)
        return status;
    hc__unit_effect(unit, HC__EFFECT_PUT, hc__record_key(row), 1, row, NULL);
    return write_head(unit, &newest, err);
}

/* One version more, with what is set in `changes`. */
static hc_status change(hc__unit *unit, struct newest *newest, int32_t verb, hc__record *changes, hc_error *err)
{
    int32_t version = hc__record_version(&newest->head) + 1;

    hc__record_set_int(changes, hc__chat_f_updated_at, hc__whole_millis(hc__unit_now(unit)));
    hc__record_set_int(&newest->head, hc__head_f_version, version);
    hc__unit_effect(unit, verb, hc__record_key(&newest->head), version, changes, changes->set);
    return write_head(unit, newest, err);
}

static hc_status begin_next(hc__unit *unit, const struct newest *newest, const char *session_id,
                            const hc__buf *messages, hc_error *err)
{
    hc__record row;
    hc_status status = hc__record_init(&row, &hc__chat_entity, hc__unit_arena(unit), err);

    if (status < 0)
        return status;
    hc__chat_put_messages(&row, messages, 1);
    return hc__chat_open_bucket(unit, &row, hc__record_int(&newest->head, hc__head_f_bucket),
                                hc__record_text(&newest->head, hc__head_f_summary), session_id, err);
}

hc_status hc__chat_append_elsewhere(hc__unit *unit, const char *session_id, const hc__buf *message, hc_error *err)
{
    struct newest newest;
    hc__record changes;
    hc__buf messages;
    int64_t items, bytes;
    hc_status status = find(unit, &newest, session_id, err);

    if (status >= 0)
        status = hc__record_init(&changes, &hc__chat_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    items = hc__record_int(&newest.head, hc__head_f_items);
    bytes = hc__record_int(&newest.head, hc__head_f_bytes);
    hc__buf_init(&messages, message->mem);
    hc__buf_char(&messages, '[');
    hc__buf_put(&messages, message->data, message->size);
    hc__buf_char(&messages, ']');
    if (messages.failed) {
        status = hc__no_memory(err);
    } else if (items > 0 && (items >= HC__CHAT_MESSAGES || bytes + (int64_t)message->size + 1 > HC__CHAT_BYTES)) {
        status = begin_next(unit, &newest, session_id, &messages, err);
    } else {
        hc__chat_put_messages(&changes, &messages, (size_t)items + 1);
        hc__record_set_int(&newest.head, hc__head_f_items, items + 1);
        hc__record_set_int(&newest.head, hc__head_f_bytes,
                           items == 0 ? (int64_t)messages.size : bytes + (int64_t)message->size + 1);
        status = change(unit, &newest, HC__EFFECT_PUSH, &changes, err);
    }
    hc__buf_free(&messages); /* it was flushed */
    return status;
}

hc_status hc__chat_summary_elsewhere(hc__unit *unit, const char *session_id, const char *text, hc_error *err)
{
    struct newest newest;
    hc__record changes;
    hc_status status = find(unit, &newest, session_id, err);

    if (status >= 0)
        status = hc__record_init(&changes, &hc__chat_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    if (text == NULL) {
        hc__record_set_null(&changes, hc__chat_f_summary);
        hc__record_set_null(&newest.head, hc__head_f_summary);
    } else {
        hc__record_set_text(&changes, hc__chat_f_summary, text, strlen(text));
        hc__record_set_text(&newest.head, hc__head_f_summary, text, strlen(text));
    }
    status = hc__record_fault(&changes, err);
    return status < 0 ? status : change(unit, &newest, HC__EFFECT_SET, &changes, err);
}
