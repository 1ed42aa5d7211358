#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "chat/chat_write.h"
#include "model/head.h"

/* ---- the document that a change is about ---- */

static hc_status note_id(const hc_row *row, void *data, hc_error *err)
{
    hc_id *id = data;

    (void)err;
    memcpy(id->bytes, row->values[0].as.bytes, sizeof id->bytes);
    return HC_OK;
}

static hc_status missing(hc__unit *unit, const char *session_id, hc_error *err)
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

    op.where = hc__is_bytes(hc__unit_arena(unit), &hc__chat_entity.kind, hc__chat_f_session_id, HC_TEST_EQ, session_id,
                            strlen(session_id));
    status = op.where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, note_id, &taken, err);
    return status < 0 ? status : hc__chat_missing(hc__unit_session(unit), taken, err);
}

struct newest {
    hc__record *row;
    bool found;
};

static hc_status take_newest(const hc_row *row, void *data, hc_error *err)
{
    struct newest *newest = data;

    newest->found = true;
    return hc__record_fill(newest->row, hc__chat_entity.shown, row->values, row->count) ? HC_OK : hc__no_memory(err);
}

hc_status hc__chat_newest_row(hc__unit *unit, hc__record *row, const char *session_id, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    struct newest newest = {row, false};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__chat_entity.kind,
                .fields = hc__chat_entity.shown,
                .field_count = hc__chat_entity.shown_count,
                .order = hc__chat_newest,
                .order_count = 2,
                .limit = 1,
                .index = HC_INDEX_ANY};
    hc_status status = hc__record_init(row, &hc__chat_entity, arena, err);

    if (status < 0)
        return status;
    op.where = hc__chat_where(arena, hc__unit_session(unit), HC__CHAT_WRITE, session_id, hc__unit_now(unit));
    status = op.where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, take_newest, &newest, err);
    return status < 0 || newest.found ? status : missing(unit, session_id, err);
}

/* ---- writing it ---- */

hc_status hc__chat_or_again(hc__unit *unit, const hc_op_result *result, hc_error *err)
{
    hc_status status = hc__unit_flush(unit, NULL, err);

    return status < 0 || result->count == 1 ? status : hc__unit_rerun(unit, err);
}

static hc_status update(hc__unit *unit, hc__record *changes, const hc__record *before, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    const hc_kind *kind = &hc__chat_entity.kind;
    hc_op_result *result = hc__arena_zero(arena, 1, sizeof *result);
    hc_set *sets = hc__arena_zero(arena, kind->field_count, sizeof *sets);
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .sets = sets,
                .index = HC_INDEX_ID,
                .result = result};

    hc__record_set_int(changes, hc__chat_f_version, hc__record_version(before) + 1);
    hc__record_set_int(changes, hc__chat_f_updated_at, hc__whole_millis(hc__unit_now(unit)));
    op.where = hc__all_of(arena, hc__is_id(arena, 0, hc__record_key(before)),
                          hc__is_int(arena, kind, hc__chat_f_version, HC_TEST_EQ, hc__record_version(before)));
    if (sets == NULL || result == NULL || op.where == NULL)
        return hc__no_memory(err);
    for (uint16_t i = 0; i < kind->field_count; i++)
        if (hc__record_is_set(changes, i))
            sets[op.set_count++] = (hc_set){i, HC_SET_TO, 0, changes->values[i]};
    hc__unit_add(unit, &op);
    return hc__chat_or_again(unit, result, err);
}

/* A document of the caller's; `row` has what is in it. */
static hc_status insert(hc__unit *unit, hc__record *row, const char *session_id, int32_t bucket, hc_error *err)
{
    const int64_t now = hc__whole_millis(hc__unit_now(unit));
    hc_op_result *result = hc__arena_zero(hc__unit_arena(unit), 1, sizeof *result);
    hc_id id;
    hc_status status = hc__id_make_document(&id, now, err);

    if (status < 0 || result == NULL)
        return status < 0 ? status : hc__no_memory(err);
    hc__record_set_id(row, hc__chat_f_id, id);
    hc__record_set_id(row, hc__chat_f_user_id, hc__unit_session(unit)->user);
    hc__record_set_text(row, hc__chat_f_session_id, session_id, strlen(session_id));
    hc__record_set_int(row, hc__chat_f_bucket, bucket);
    hc__record_set_int(row, hc__chat_f_version, 1);
    hc__record_set_int(row, hc__chat_f_created_at, now);
    hc__record_set_int(row, hc__chat_f_updated_at, now);
    if (hc__unit_has_documents(unit))
        return hc__chat_put_elsewhere(unit, row, err);
    if (hc__unit_insert_if_absent(unit, row, result) == NULL)
        return hc__no_memory(err);
    return hc__chat_or_again(unit, result, err);
}

void hc__chat_put_messages(hc__record *row, const hc__buf *messages, size_t count)
{
    row->values[hc__chat_f_messages] = hc__value_bytes(HC_TYPE_JSON, messages->data, messages->size);
    row->set[hc__chat_f_messages / 64] |= UINT64_C(1) << hc__chat_f_messages % 64;
    hc__record_set_int(row, hc__chat_f_message_count, (int64_t)count);
}

/* ---- start ---- */

static hc_status start(hc__unit *unit, void *data, hc_error *err)
{
    const char *session_id = data;
    hc__record row;
    hc_status status = hc__record_init(&row, &hc__chat_entity, hc__unit_arena(unit), err);

    if (status < 0)
        return status;
    hc__record_set_text(&row, hc__chat_f_messages, "[]", 2);
    hc__record_set_int(&row, hc__chat_f_message_count, 0);
    return insert(unit, &row, session_id, 0, err);
}

static hc_status make_id(char out[HC_CHAT_SESSION_SIZE], hc_error *err)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t random[16];

    if (!hc__os_random(random, sizeof random))
        return hc__fail(err, HC_ERR_INTERNAL, NULL, "the system gives no random bytes");
    for (size_t i = 0; i < sizeof random; i++) {
        out[2 * i] = digits[random[i] >> 4];
        out[2 * i + 1] = digits[random[i] & 15];
    }
    out[2 * sizeof random] = '\0';
    return HC_OK;
}

/* One call: the role's permission, the unit, and the host's told when it fails. */
static hc_status run(hc_session *as, hc_status valid, hc_error *why, hc__unit_fn fn, void *data, hc_error *err)
{
    static const hc_id none;
    hc_status status = hc__require(as, HC__CHAT_WRITE, &hc__chat_entity, none, err);

    if (status >= 0 && valid < 0) {
        status = valid;
        if (err != NULL)
            *err = *why;
    }
    return status < 0 ? status : hc__unit_run(as, fn, data, err);
}

hc_status hc_chat_start(char *out, hc_session *as, hc_error *err)
{
    char session_id[HC_CHAT_SESSION_SIZE];
    hc_error why, bad;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    out[0] = '\0';
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = run(as, make_id(session_id, &bad), &bad, start, session_id, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    else
        memcpy(out, session_id, sizeof session_id);
    hc__leave(as);
    return status;
}

/* ---- append ---- */

struct append {
    const char *session_id;
    int32_t role;
    const char *content;
    size_t size;
};

static hc_status check_message(const struct append *append, hc_error *err)
{
    if (!hc__chat_is_id(append->session_id))
        return hc__fail(err, HC_ERR_NOT_FOUND, "session_id", "no such conversation");
    if (append->role < HC_CHAT_ROLE_USER || append->role > HC_CHAT_ROLE_TOOL)
        return hc__fail(err, HC_ERR_INVALID, "role", "role must be HC_CHAT_ROLE_USER, _ASSISTANT or _TOOL");
    if (append->size == 0 || append->size > HC__CHAT_CONTENT || append->content == NULL)
        return hc__fail(err, HC_ERR_INVALID, "content", "content must have 1 to %d bytes", HC__CHAT_CONTENT);
    if (memchr(append->content, '\0', append->size) != NULL ||
        !hc__utf8_check(append->content, append->size, &(size_t){0}))
        return hc__fail(err, HC_ERR_INVALID, "content", "content is not valid UTF-8 without NUL");
    return HC_OK;
}

/* Members in the order of canonical JSON. */
static void put_message(hc__buf *out, const struct append *append, int64_t now)
{
    const char *role = hc__chat_roles[append->role - 1];
    char when[32];
    hc__json_writer writer;

    hc__json_begin(&writer, out);
    hc__json_object(&writer);
    hc__json_key(&writer, "content");
    hc__json_string(&writer, append->content, append->size);
    hc__json_key(&writer, "role");
    hc__json_string(&writer, role, strlen(role));
    hc__json_key(&writer, "timestamp");
    hc__json_string(&writer, when, hc__time_format(when, now));
    hc__json_object_end(&writer);
}

/* The array with the message at its end. */
static void splice(hc__buf *out, const hc_value *messages, size_t count, const hc__buf *message)
{
    if (count == 0)
        hc__buf_char(out, '[');
    else
        hc__buf_put(out, messages->as.bytes, (size_t)messages->size - 1); /* without its bracket */
    if (count > 0)
        hc__buf_char(out, ',');
    hc__buf_put(out, message->data, message->size);
    hc__buf_char(out, ']');
}

hc_status hc__chat_open_bucket(hc__unit *unit, hc__record *row, int64_t bucket, const char *summary,
                               const char *session_id, hc_error *err)
{
    if (++bucket >= HC__CHAT_BUCKETS)
        return hc__fail(err, HC_ERR_TOO_LARGE, "session_id", "the conversation is full: begin another");
    if (summary != NULL)
        hc__record_set_text(row, hc__chat_f_summary, summary, strlen(summary));
    return insert(unit, row, session_id, (int32_t)bucket, err);
}

static hc_status write_message(hc__unit *unit, const struct append *append, const hc__record *before,
                               const hc__buf *message, hc__buf *messages, hc_error *err)
{
    const hc_value *stored = &before->values[hc__chat_f_messages];
    hc__record row;
    size_t count;
    bool full;
    hc_status status = hc__head_count(&count, messages->mem, stored, err);

    if (status >= 0)
        status = hc__record_init(&row, &hc__chat_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    full = count > 0 && (count >= HC__CHAT_MESSAGES || stored->size + message->size + 1 > HC__CHAT_BYTES);
    splice(messages, stored, full ? 0 : count, message);
    if (messages->failed)
        return hc__no_memory(err);
    hc__chat_put_messages(&row, messages, full ? 1 : count + 1);
    return full ? hc__chat_open_bucket(unit, &row, hc__record_int(before, hc__chat_f_bucket),
                                       hc__record_text(before, hc__chat_f_summary), append->session_id, err)
                : update(unit, &row, before, err);
}

static hc_status append_message(hc__unit *unit, void *data, hc_error *err)
{
    const struct append *append = data;
    const hc__mem *mem = hc__unit_arena(unit)->mem;
    hc__record before;
    hc__buf message, messages;
    bool elsewhere = hc__unit_has_documents(unit);
    hc_status status = elsewhere ? HC_OK : hc__chat_newest_row(unit, &before, append->session_id, err);

    if (status < 0)
        return status;
    hc__buf_init(&message, mem);
    hc__buf_init(&messages, mem);
    put_message(&message, append, hc__whole_millis(hc__unit_now(unit)));
    if (message.failed)
        status = hc__no_memory(err);
    else
        status = elsewhere ? hc__chat_append_elsewhere(unit, append->session_id, &message, err)
                           : write_message(unit, append, &before, &message, &messages, err);
    hc__buf_free(&message);
    hc__buf_free(&messages); /* it was flushed */
    return status;
}

hc_status hc_chat_append(hc_session *as, const char *session_id, int32_t role, const char *content, size_t size,
                         hc_error *err)
{
    struct append data = {session_id, role, content, size};
    hc_error why, bad;
    hc_status status = hc__enter(as, err);

    if (status < 0)
        return status;
    status = run(as, check_message(&data, &bad), &bad, append_message, &data, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    hc__leave(as);
    return status;
}

/* ---- summary ---- */

struct summary {
    const char *session_id;
    const char *text; /* NULL clears */
};

static hc_status set_summary(hc__unit *unit, void *data, hc_error *err)
{
    const struct summary *summary = data;
    hc__record before, changes;
    hc_status status;

    if (hc__unit_has_documents(unit))
        return hc__chat_summary_elsewhere(unit, summary->session_id, summary->text, err);
    status = hc__chat_newest_row(unit, &before, summary->session_id, err);

    if (status >= 0)
        status = hc__record_init(&changes, &hc__chat_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    if (summary->text == NULL)
        hc__record_set_null(&changes, hc__chat_f_summary);
    else
        hc__record_set_text(&changes, hc__chat_f_summary, summary->text, strlen(summary->text));
    status = hc__record_fault(&changes, err);
    return status < 0 ? status : update(unit, &changes, &before, err);
}

hc_status hc_chat_set_summary(hc_session *as, const char *session_id, const char *summary, hc_error *err)
{
    struct summary data = {session_id, summary};
    hc_error why, bad;
    hc_status status = hc__enter(as, err), valid = HC_OK;

    if (status < 0)
        return status;
    if (!hc__chat_is_id(session_id))
        valid = hc__fail(&bad, HC_ERR_NOT_FOUND, "session_id", "no such conversation");
    status = run(as, valid, &bad, set_summary, &data, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    hc__leave(as);
    return status;
}
