#include "model/metadata.h"

#include <string.h>

#include "base/fail.h"
#include "base/json.h"
#include "base/redact.h"

struct cleaning {
    hc__json_reader reader;
    hc__json_writer writer;
    const hc__mem *mem;
    size_t keys;
    int depth;
};

static bool is_reserved(const char *name)
{
    return strcmp(name, "__proto__") == 0 || strcmp(name, "_id") == 0;
}

static hc_status refuse(const char *name, size_t size, const char *why, hc_error *err)
{
    return hc__fail(err, HC_ERR_INVALID, "metadata", "metadata: the member \"%.*s%s\" %s", size > 40 ? 40 : (int)size,
                    name, size > 40 ? "..." : "", why);
}

/* Names that document stores read as operators, paths or keys of their own (M01). */
static hc_status check_name(const char *name, size_t size, hc_error *err)
{
    if (size == 0)
        return refuse(name, size, "has an empty name", err);
    if (name[0] == '$')
        return refuse(name, size, "begins with '$'", err);
    if (memchr(name, '.', size) != NULL)
        return refuse(name, size, "has a dot in its name", err);
    if (is_reserved(name))
        return refuse(name, size, "has a reserved name", err);
    return HC_OK;
}

/* A name stays as it is, and an error would tell it: one that holds a secret is refused without a word of it (M06). */
static hc_status check_no_secret(const struct cleaning *c, hc_error *err)
{
    const hc__json_reader *reader = &c->reader;
    hc__buf clean;
    hc_status status = HC_OK;

    hc__buf_init(&clean, c->mem);
    hc__redact_text(&clean, reader->text, reader->size);
    if (clean.failed)
        status = hc__no_memory(err);
    else if (clean.size != reader->size || (clean.size > 0 && memcmp(clean.data, reader->text, clean.size) != 0))
        status = hc__fail(err, HC_ERR_INVALID, "metadata", "metadata: a member's name holds a secret");
    hc__buf_free(&clean);
    return status;
}

static hc_status put_member(struct cleaning *c, hc_error *err)
{
    hc__json_reader *reader = &c->reader;
    hc_status status = check_no_secret(c, err);

    if (status >= 0)
        status = check_name(reader->text, reader->size, err);
    if (status < 0)
        return status;
    if (++c->keys > HC__METADATA_KEYS)
        return refuse(reader->text, reader->size, "is one too many: at most 64 in all", err);
    hc__json_key(&c->writer, reader->text);
    if (!hc__secret_name(reader->text, reader->size))
        return HC_OK;
    hc__json_string(&c->writer, HC__REDACTED, strlen(HC__REDACTED));
    return hc__json_skip(reader, NULL, NULL, err) ? HC_OK : reader->status;
}

static hc_status put_string(struct cleaning *c, hc_error *err)
{
    hc__buf text;
    bool failed;

    hc__buf_init(&text, c->mem);
    hc__redact_text(&text, c->reader.text, c->reader.size);
    hc__json_string(&c->writer, text.size == 0 ? "" : text.data, text.size);
    failed = text.failed;
    hc__buf_free(&text);
    return failed ? hc__no_memory(err) : HC_OK;
}

static hc_status open_level(struct cleaning *c, bool object, hc_error *err)
{
    if (c->depth == 0 && !object)
        return hc__fail(err, HC_ERR_INVALID, "metadata", "metadata must be a JSON object");
    if (++c->depth > HC__METADATA_DEPTH)
        return hc__fail(err, HC_ERR_INVALID, "metadata", "metadata: more than %d levels", HC__METADATA_DEPTH);
    if (object)
        hc__json_object(&c->writer);
    else
        hc__json_array(&c->writer);
    return HC_OK;
}

static hc_status put_token(struct cleaning *c, hc__json_token token, hc_error *err)
{
    if (c->depth == 0 && token != HC__JSON_OBJECT && token != HC__JSON_ARRAY)
        return hc__fail(err, HC_ERR_INVALID, "metadata", "metadata must be a JSON object");
    switch (token) {
    case HC__JSON_OBJECT:
    case HC__JSON_ARRAY:
        return open_level(c, token == HC__JSON_OBJECT, err);
    case HC__JSON_OBJECT_END:
    case HC__JSON_ARRAY_END:
        c->depth--;
        if (token == HC__JSON_OBJECT_END)
            hc__json_object_end(&c->writer);
        else
            hc__json_array_end(&c->writer);
        return HC_OK;
    case HC__JSON_KEY:
        return put_member(c, err);
    case HC__JSON_STRING:
        return put_string(c, err);
    case HC__JSON_NUMBER:
        hc__json_raw(&c->writer, c->reader.text, c->reader.size);
        return HC_OK;
    case HC__JSON_NULL:
        hc__json_null(&c->writer);
        return HC_OK;
    default:
        hc__json_bool(&c->writer, token == HC__JSON_TRUE);
        return HC_OK;
    }
}

hc_status hc__metadata_clean(hc__buf *out, const hc__mem *mem, const char *text, size_t size, hc_error *err)
{
    struct cleaning c = {.mem = mem};
    size_t before = out->size;
    hc_status status = HC_OK;

    hc__json_open(&c.reader, mem, text, size, NULL);
    hc__json_begin(&c.writer, out);
    while (status == HC_OK) {
        hc__json_token token = hc__json_next(&c.reader, err);

        if (token == HC__JSON_ERROR)
            status = c.reader.status;
        if (token == HC__JSON_ERROR || token == HC__JSON_END)
            break;
        status = put_token(&c, token, err);
        if (out->failed)
            status = hc__no_memory(err);
    }
    hc__json_close(&c.reader);
    if (status == HC_OK && out->size - before > HC__METADATA_BYTES)
        status = hc__fail(err, HC_ERR_INVALID, "metadata", "metadata has more than %d bytes", HC__METADATA_BYTES);
    if (status < 0 && !out->failed) {
        out->size = before;
        if (out->data != NULL)
            out->data[before] = '\0';
    }
    return status;
}
