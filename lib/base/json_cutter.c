#include "base/json.h"

#include <string.h>

#include "base/fail.h"

#define ELEMENT_LIMIT  (((size_t)1 << 20) + 1) /* kept of one: more than a reader takes by default, which tells it */
#define ENVELOPE_LIMIT ((size_t)1 << 20)

enum mode {
    START,    /* before the top value */
    ENVELOPE, /* in the top object, not in the array "value" */
    BETWEEN,  /* in the array, between elements */
    ELEMENT,
    DONE
};

enum expect { FIRST, NEXT, COMMA }; /* in BETWEEN: an element or the end, an element, a comma or the end */

struct hc__json_cutter {
    const hc__mem *mem;
    hc__json_element_fn element;
    void *data;
    hc__buf envelope; /* the top object, with "value":[] for the elements */
    hc__buf part;     /* what earlier pieces had of the element at hand */
    enum mode mode;
    enum expect expect;
    int64_t line;
    int64_t first_line; /* of the element at hand */
    size_t depth;       /* of the element at hand, or of the envelope */
    bool in_string;
    bool escaped;
    bool object;      /* the top value is one */
    bool found;       /* its member "value" is an array and was cut */
    bool named;       /* the last name at depth 1 is "value" */
    char last;        /* in the envelope: the last byte that is not space, outside of strings */
    size_t key_at;    /* where the name at hand begins, 0 for another string */
    hc_status status; /* the first failure; sticks */
};

hc_status hc__json_cutter_new(hc__json_cutter **out, const hc__mem *mem, hc__json_element_fn element, void *data,
                              hc_error *err)
{
    hc__json_cutter *cutter = hc__alloc_zero(mem, 1, sizeof(*cutter));

    *out = cutter;
    if (cutter == NULL)
        return hc__no_memory(err);
    cutter->mem = mem;
    cutter->element = element;
    cutter->data = data;
    cutter->line = 1;
    hc__buf_init(&cutter->envelope, mem);
    hc__buf_init(&cutter->part, mem);
    return HC_OK;
}

void hc__json_cutter_free(hc__json_cutter *cutter)
{
    if (cutter == NULL)
        return;
    hc__buf_free(&cutter->envelope);
    hc__buf_free(&cutter->part);
    hc__free(cutter->mem, cutter);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static hc_status refuse(const hc__json_cutter *cutter, hc_status status, const char *what, hc_error *err)
{
    return hc__fail(err, status, "json", "JSON, line %lld: %s", (long long)cutter->line, what);
}

/* A note of the callee is no reason to stop. */
static hc_status call(const hc__json_cutter *cutter, const char *text, size_t size, hc_error *err)
{
    hc_status status = cutter->element(text, size, cutter->first_line, cutter->data, err);

    return status < 0 ? status : HC_OK;
}

/* So many of its next `size` bytes there is room for: the rest is passed over, and the elements behind it come. */
static size_t within(const hc__json_cutter *cutter, size_t size)
{
    size_t room = ELEMENT_LIMIT - cutter->part.size;

    return size < room ? size : room;
}

/* Gives out the element at hand, whose bytes in this piece are `bytes`. */
static hc_status give(hc__json_cutter *cutter, const char *bytes, size_t size, hc_error *err)
{
    hc_status status;

    size = within(cutter, size);
    cutter->mode = BETWEEN;
    cutter->expect = COMMA;
    if (cutter->part.size == 0)
        return call(cutter, bytes, size, err);
    hc__buf_put(&cutter->part, bytes, size);
    if (cutter->part.failed)
        return hc__no_memory(err);
    status = call(cutter, cutter->part.data, cutter->part.size, err);
    hc__buf_clear(&cutter->part);
    return status;
}

static hc_status keep(hc__json_cutter *cutter, const char *bytes, size_t size, hc_error *err)
{
    hc__buf_put(&cutter->part, bytes, within(cutter, size));
    return cutter->part.failed ? hc__no_memory(err) : HC_OK;
}

/* Follows strings and nesting. True when c is the last byte of a string or container that began at depth 0. */
static bool closes(hc__json_cutter *cutter, char c)
{
    if (cutter->in_string) {
        if (cutter->escaped)
            cutter->escaped = false;
        else if (c == '\\')
            cutter->escaped = true;
        else if (c == '"')
            cutter->in_string = false;
        return !cutter->in_string && cutter->depth == 0;
    }
    if (c == '"')
        cutter->in_string = true;
    else if (c == '{' || c == '[')
        cutter->depth++;
    else if ((c == '}' || c == ']') && cutter->depth > 0)
        return --cutter->depth == 0;
    return false;
}

static hc_status finish_array(hc__json_cutter *cutter, hc_error *err)
{
    if (cutter->expect == NEXT)
        return refuse(cutter, HC_ERR_INVALID, "a comma stands before the end of the array", err);
    cutter->mode = cutter->object ? ENVELOPE : DONE;
    if (!cutter->object)
        return HC_OK;
    cutter->depth = 1;
    cutter->last = ']';
    hc__buf_char(&cutter->envelope, ']');
    return cutter->envelope.failed ? hc__no_memory(err) : HC_OK;
}

/* The top object is complete: it is the only element, or what stood around the elements must be well formed. */
static hc_status finish_object(hc__json_cutter *cutter, hc_error *err)
{
    hc__json_limits limits = {ENVELOPE_LIMIT + 8, 0, 0};
    const hc__buf *envelope = &cutter->envelope;

    cutter->mode = DONE;
    if (!cutter->found)
        return call(cutter, envelope->data, envelope->size, err);
    return hc__json_check(cutter->mem, envelope->data, envelope->size, &limits, "json", err);
}

static hc_status in_start(hc__json_cutter *cutter, char c, hc_error *err)
{
    if (is_space(c))
        return HC_OK;
    cutter->first_line = cutter->line;
    if (c == '[') {
        cutter->mode = BETWEEN;
        return HC_OK;
    }
    if (c != '{')
        return refuse(cutter, HC_ERR_INVALID, "an array or an object is expected", err);
    cutter->object = true;
    cutter->mode = ENVELOPE;
    cutter->depth = 1;
    cutter->last = '{';
    hc__buf_char(&cutter->envelope, c);
    return cutter->envelope.failed ? hc__no_memory(err) : HC_OK;
}

/* Notes names at depth 1 and sees the array begin; the rest is left to the check at the end. */
static hc_status in_envelope(hc__json_cutter *cutter, char c, hc_error *err)
{
    hc__buf *envelope = &cutter->envelope;
    bool was_string = cutter->in_string;
    bool top = cutter->depth == 1;

    if (envelope->size >= ENVELOPE_LIMIT)
        return refuse(cutter, HC_ERR_TOO_LARGE, "what stands around the array has more than 1 MiB", err);
    hc__buf_char(envelope, c);
    if (envelope->failed)
        return hc__no_memory(err);
    if (closes(cutter, c))
        return finish_object(cutter, err);
    if (cutter->in_string && !was_string) {
        cutter->key_at = top && (cutter->last == '{' || cutter->last == ',') ? envelope->size : 0;
    } else if (was_string && !cutter->in_string) {
        if (cutter->key_at != 0)
            cutter->named =
                envelope->size - 1 - cutter->key_at == 5 && memcmp(envelope->data + cutter->key_at, "value", 5) == 0;
        cutter->last = '"';
    } else if (!was_string && !is_space(c)) {
        if (c == '[' && top && cutter->last == ':' && cutter->named && !cutter->found) {
            cutter->found = true;
            cutter->mode = BETWEEN;
            cutter->expect = FIRST;
        }
        cutter->last = c;
    }
    return HC_OK;
}

static hc_status in_between(hc__json_cutter *cutter, char c, hc_error *err)
{
    if (is_space(c))
        return HC_OK;
    if (c == ']')
        return finish_array(cutter, err);
    if (cutter->expect == COMMA) {
        cutter->expect = NEXT;
        return c == ',' ? HC_OK : refuse(cutter, HC_ERR_INVALID, "a comma or ] is expected", err);
    }
    if (c == ',' || c == '}' || c == ':')
        return refuse(cutter, HC_ERR_INVALID, "a value is expected", err);
    cutter->mode = ELEMENT;
    cutter->first_line = cutter->line;
    cutter->depth = 0;
    cutter->in_string = false;
    cutter->escaped = false;
    return HC_OK;
}

/* From bytes[*at], which may be the element's first byte, to its end or the piece's. */
static hc_status in_element(hc__json_cutter *cutter, const char *bytes, size_t size, size_t *at, hc_error *err)
{
    size_t from = *at;
    size_t i;

    for (i = from; i < size; i++) {
        char c = bytes[i];

        if (cutter->depth == 0 && !cutter->in_string && (is_space(c) || c == ',' || c == ']' || c == '}')) {
            *at = i; /* a scalar ends before this byte */
            return give(cutter, bytes + from, i - from, err);
        }
        cutter->line += c == '\n';
        if (closes(cutter, c)) {
            *at = i + 1;
            return give(cutter, bytes + from, i + 1 - from, err);
        }
    }
    *at = size;
    return keep(cutter, bytes + from, size - from, err);
}

static hc_status feed(hc__json_cutter *cutter, const char *bytes, size_t size, hc_error *err)
{
    hc_status status = HC_OK;
    size_t at = 0;

    while (status == HC_OK && at < size) {
        char c = bytes[at];

        if (cutter->mode == BETWEEN) {
            status = in_between(cutter, c, err);
            if (cutter->mode == ELEMENT)
                continue; /* the byte belongs to the element */
        } else if (cutter->mode == ELEMENT) {
            status = in_element(cutter, bytes, size, &at, err);
            continue;
        } else if (cutter->mode == ENVELOPE) {
            status = in_envelope(cutter, c, err);
        } else if (cutter->mode == START) {
            status = in_start(cutter, c, err);
        } else if (!is_space(c)) {
            status = refuse(cutter, HC_ERR_INVALID, "the text goes on behind its value", err);
        }
        cutter->line += c == '\n';
        at++;
    }
    return status;
}

hc_status hc__json_cutter_feed(hc__json_cutter *cutter, const char *bytes, size_t size, hc_error *err)
{
    if (cutter->status != HC_OK)
        return hc__fail(err, cutter->status, "json", "the JSON stream was given up before");
    cutter->status = feed(cutter, bytes, size, err);
    return cutter->status;
}

hc_status hc__json_cutter_end(hc__json_cutter *cutter, hc_error *err)
{
    if (cutter->status != HC_OK)
        return hc__fail(err, cutter->status, "json", "the JSON stream was given up before");
    if (cutter->mode != DONE)
        return refuse(cutter, HC_ERR_TRUNCATED, "the document ends early", err);
    return HC_OK;
}
