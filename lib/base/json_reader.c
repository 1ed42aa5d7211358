#include "base/json.h"

#include <string.h>

#include "base/fail.h"
#include "base/map.h"
#include "base/thread.h"
#include "base/utf8.h"

#define DEFAULT_BYTES ((size_t)1 << 20)
#define DEFAULT_DEPTH 32
#define DEFAULT_NODES ((size_t)10000)
#define MAX_DEPTH     63 /* what a writer can follow */
#define NUMBER_SIZE   63 /* cJSON reads no more of a number */
#define ONES          UINT64_C(0x0101010101010101)
#define HIGH_BITS     UINT64_C(0x8080808080808080)

enum state {
    START,       /* nothing was read */
    VALUE,       /* a value must follow */
    FIRST_VALUE, /* a value or the end of its array */
    FIRST_KEY,   /* a name or the end of its object */
    KEY,         /* a name must follow */
    AFTER,       /* a comma or the end of the container; at depth 0 the end of the text */
    REFUSED
};

typedef struct frame {
    uint32_t serial; /* of the object among all of the text, so that one table holds the names of all */
    bool object;
} frame;

typedef struct seen_name {
    const char *text; /* NULL in a free slot */
    size_t size;
    uint64_t hash;
    uint32_t serial;
} seen_name;

typedef struct stack {
    frame frames[MAX_DEPTH];
    uint32_t objects;
    uint64_t seed;
    seen_name *names;
    size_t capacity; /* a power of two, at least twice `count` */
    size_t count;
} stack;

void hc__json_open(hc__json_reader *reader, const hc__mem *mem, const char *text, size_t size,
                   const hc__json_limits *limits)
{
    memset(reader, 0, sizeof(*reader));
    reader->input = text;
    reader->input_size = size;
    if (limits != NULL)
        reader->limits = *limits;
    if (reader->limits.bytes == 0)
        reader->limits.bytes = DEFAULT_BYTES;
    if (reader->limits.depth == 0)
        reader->limits.depth = DEFAULT_DEPTH;
    if (reader->limits.depth > MAX_DEPTH)
        reader->limits.depth = MAX_DEPTH;
    if (reader->limits.nodes == 0)
        reader->limits.nodes = DEFAULT_NODES;
    hc__arena_init(&reader->arena, mem, NULL, 4096);
}

void hc__json_close(hc__json_reader *reader)
{
    hc__arena_free(&reader->arena);
    reader->stack = NULL;
    reader->text = NULL;
    reader->state = REFUSED;
}

static bool refuse(hc__json_reader *reader, hc_error *err, hc_status status, const char *what)
{
    reader->state = REFUSED;
    reader->status = status;
    if (status == HC_ERR_NO_MEMORY)
        hc__no_memory(err);
    else
        hc__fail(err, status, "json", "JSON, byte %zu: %s", reader->offset + 1, what);
    return false;
}

static bool start(hc__json_reader *reader, hc_error *err)
{
    if (reader->input_size > reader->limits.bytes)
        return refuse(reader, err, HC_ERR_TOO_LARGE, "the text is too large");
    if (reader->input_size >= 3 && memcmp(reader->input, "\xef\xbb\xbf", 3) == 0)
        return refuse(reader, err, HC_ERR_INVALID, "a byte order mark is not allowed");
    reader->stack = hc__arena_zero(&reader->arena, 1, sizeof(stack));
    if (reader->stack == NULL)
        return refuse(reader, err, HC_ERR_NO_MEMORY, NULL);
    reader->state = VALUE;
    return true;
}

static void skip_space(hc__json_reader *reader)
{
    while (reader->offset < reader->input_size) {
        char c = reader->input[reader->offset];

        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            break;
        reader->offset++;
    }
}

/* The next byte, or 0 at the end: a NUL in the text is refused wherever this is compared. */
static char peek(const hc__json_reader *reader)
{
    return reader->offset < reader->input_size ? reader->input[reader->offset] : '\0';
}

static bool unexpected(hc__json_reader *reader, hc_error *err, const char *what)
{
    return refuse(reader, err, HC_ERR_INVALID, reader->offset >= reader->input_size ? "the text ends early" : what);
}

/* Moves to the first quote, backslash or control byte; *high: whether a byte that is not ASCII lay before it. */
static void skip_plain(hc__json_reader *reader, bool *high)
{
    const char *text = reader->input;
    size_t size = reader->input_size;
    size_t at = reader->offset;
    uint64_t any = 0;

    for (; size - at >= 8; at += 8) {
        uint64_t eight;
        uint64_t quote;
        uint64_t slash;

        memcpy(&eight, text + at, 8);
        quote = eight ^ (ONES * '"');
        slash = eight ^ (ONES * '\\');
        if (((((eight - ONES * 0x20) & ~eight) | ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash)) & HIGH_BITS) !=
            0)
            break;
        any |= eight;
    }
    for (; at < size && (uint8_t)text[at] >= 0x20 && text[at] != '"' && text[at] != '\\'; at++)
        any |= (uint8_t)text[at];
    *high = *high || (any & HIGH_BITS) != 0;
    reader->offset = at;
}

static bool read_hex(const char *text, size_t size, uint32_t *out)
{
    uint32_t value = 0;

    if (size < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;

        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *out = value;
    return true;
}

/* What follows "\u": one unit, or two that are a surrogate pair. The bytes read; 0 with *what set. */
static size_t read_unicode(const char *text, size_t size, uint32_t *point, const char **what)
{
    uint32_t low;

    *what = "\\u needs four hexadecimal digits";
    if (!read_hex(text, size, point))
        return 0;
    *what = "U+0000 is not allowed";
    if (*point == 0)
        return 0;
    if (*point < 0xd800 || *point > 0xdfff)
        return 4;
    *what = "a surrogate stands alone";
    if (*point > 0xdbff || size < 10 || text[4] != '\\' || text[5] != 'u' || !read_hex(text + 6, size - 6, &low) ||
        low < 0xdc00 || low > 0xdfff)
        return 0;
    *point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
    return 10;
}

/* Appends one escape, *at being behind its backslash. False with *what set. */
static bool unescape(char *out, size_t *put, const char *raw, size_t size, size_t *at, const char **what)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    char c = raw[(*at)++]; /* the scan saw a byte behind each backslash */
    const char *found;
    uint32_t point;
    size_t length;

    if (c == 'u') {
        length = read_unicode(raw + *at, size - *at, &point, what);
        *at += length;
        if (length > 0)
            *put += hc__utf8_put(out + *put, point);
        return length > 0;
    }
    found = memchr(from, c, sizeof(from) - 1);
    if (found == NULL) {
        *what = "no such escape";
        return false;
    }
    out[(*put)++] = to[found - from];
    return true;
}

static bool take_string(hc__json_reader *reader, size_t first, bool escaped, hc_error *err)
{
    const char *raw = reader->input + first;
    size_t size = reader->offset - first;
    const char *what = NULL;
    size_t put = 0;
    size_t at = 0;
    char *out = hc__arena_alloc(&reader->arena, size + 1);

    if (out == NULL)
        return refuse(reader, err, HC_ERR_NO_MEMORY, NULL);
    if (!escaped) {
        memcpy(out, raw, size);
        put = at = size;
    }
    while (at < size) {
        const char *slash = memchr(raw + at, '\\', size - at);
        size_t run = slash == NULL ? size - at : (size_t)(slash - raw) - at;

        memcpy(out + put, raw + at, run);
        put += run;
        at += run;
        if (at == size)
            break;
        at++;
        if (!unescape(out, &put, raw, size, &at, &what)) {
            reader->offset = first + at;
            return refuse(reader, err, HC_ERR_INVALID, what);
        }
    }
    out[put] = '\0';
    reader->text = out;
    reader->size = put;
    return true;
}

/* At the opening quote. */
static bool read_string(hc__json_reader *reader, hc_error *err)
{
    size_t first = ++reader->offset;
    bool escaped = false;
    bool high = false;

    for (;;) {
        skip_plain(reader, &high);
        if (peek(reader) == '"')
            break;
        if (peek(reader) != '\\')
            return unexpected(reader, err, "a control character in a string");
        escaped = true;
        reader->offset++;
        if ((uint8_t)peek(reader) < 0x20)
            return unexpected(reader, err, "a control character in a string");
        /* Passes over the escaped byte, which may be a quote; the start of a sequence stays for the check below. */
        if ((peek(reader) & 0x80) == 0)
            reader->offset++;
    }
    if (high && !hc__utf8_check(reader->input + first, reader->offset - first, NULL)) {
        reader->offset = first;
        return refuse(reader, err, HC_ERR_INVALID, "a string is not UTF-8");
    }
    if (!take_string(reader, first, escaped, err))
        return false;
    reader->offset++;
    return true;
}

static size_t skip_digits(hc__json_reader *reader)
{
    size_t first = reader->offset;

    while (peek(reader) >= '0' && peek(reader) <= '9')
        reader->offset++;
    return reader->offset - first;
}

static bool read_number(hc__json_reader *reader, hc_error *err)
{
    size_t first = reader->offset;

    if (peek(reader) == '-')
        reader->offset++;
    if (peek(reader) == '0')
        reader->offset++;
    else if (skip_digits(reader) == 0)
        return unexpected(reader, err, "a number needs a digit here");
    if (peek(reader) == '.') {
        reader->offset++;
        if (skip_digits(reader) == 0)
            return unexpected(reader, err, "a number needs a digit here");
    }
    if (peek(reader) == 'e' || peek(reader) == 'E') {
        reader->offset++;
        if (peek(reader) == '+' || peek(reader) == '-')
            reader->offset++;
        if (skip_digits(reader) == 0)
            return unexpected(reader, err, "a number needs a digit here");
    }
    reader->text = reader->input + first;
    reader->size = reader->offset - first;
    if (reader->size > NUMBER_SIZE) {
        reader->offset = first;
        return refuse(reader, err, HC_ERR_TOO_LARGE, "a number has too many digits");
    }
    return true;
}

static hc__json_token read_word(hc__json_reader *reader, const char *word, hc__json_token token, hc_error *err)
{
    size_t size = strlen(word);

    if (reader->input_size - reader->offset < size || memcmp(reader->input + reader->offset, word, size) != 0) {
        refuse(reader, err, HC_ERR_INVALID, "a value is expected");
        return HC__JSON_ERROR;
    }
    reader->offset += size;
    return token;
}

static hc__json_token open_container(hc__json_reader *reader, bool object, hc_error *err)
{
    stack *all = reader->stack;

    if (reader->depth == reader->limits.depth) {
        refuse(reader, err, HC_ERR_TOO_LARGE, "nested too deeply");
        return HC__JSON_ERROR;
    }
    reader->offset++;
    all->frames[reader->depth++] = (frame){object ? ++all->objects : 0, object};
    reader->state = object ? FIRST_KEY : FIRST_VALUE;
    return object ? HC__JSON_OBJECT : HC__JSON_ARRAY;
}

static hc__json_token close_container(hc__json_reader *reader)
{
    const stack *all = reader->stack;

    reader->offset++;
    reader->depth--;
    reader->state = AFTER;
    return all->frames[reader->depth].object ? HC__JSON_OBJECT_END : HC__JSON_ARRAY_END;
}

static hc__json_token read_value(hc__json_reader *reader, hc_error *err)
{
    char c = peek(reader);

    reader->start = reader->offset;
    if (reader->offset >= reader->input_size) {
        unexpected(reader, err, NULL);
        return HC__JSON_ERROR;
    }
    if (reader->nodes++ == reader->limits.nodes) {
        refuse(reader, err, HC_ERR_TOO_LARGE, "too many values");
        return HC__JSON_ERROR;
    }
    reader->state = AFTER;
    switch (c) {
    case '{':
    case '[':
        return open_container(reader, c == '{', err);
    case '"':
        return read_string(reader, err) ? HC__JSON_STRING : HC__JSON_ERROR;
    case 't':
        return read_word(reader, "true", HC__JSON_TRUE, err);
    case 'f':
        return read_word(reader, "false", HC__JSON_FALSE, err);
    case 'n':
        return read_word(reader, "null", HC__JSON_NULL, err);
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return read_number(reader, err) ? HC__JSON_NUMBER : HC__JSON_ERROR;
        refuse(reader, err, HC_ERR_INVALID, "a value is expected");
        return HC__JSON_ERROR;
    }
}

static seen_name *name_slot(seen_name *names, size_t capacity, const seen_name *name)
{
    size_t at = name->hash & (capacity - 1);

    while (names[at].text != NULL &&
           (names[at].hash != name->hash || names[at].serial != name->serial || names[at].size != name->size ||
            memcmp(names[at].text, name->text, name->size) != 0))
        at = (at + 1) & (capacity - 1);
    return &names[at];
}

static uint64_t hash_of(const stack *all, const seen_name *name)
{
    return hc__hash(name->text, name->size, all->seed + name->serial);
}

/* The first table is so small that names which share a slot cost nothing; larger ones have a seed that nobody knows. */
static bool grow_names(hc__json_reader *reader, stack *all)
{
    size_t capacity = all->capacity == 0 ? 32 : all->capacity * 2;
    seen_name *names = hc__arena_zero(&reader->arena, capacity, sizeof(*names));

    if (names == NULL)
        return false;
    if (all->capacity > 0 && all->seed == 0 && !hc__os_random(&all->seed, sizeof(all->seed)))
        all->seed = (uint64_t)(uintptr_t)names;
    for (size_t i = 0; i < all->capacity; i++)
        if (all->names[i].text != NULL) {
            all->names[i].hash = hash_of(all, &all->names[i]);
            *name_slot(names, capacity, &all->names[i]) = all->names[i];
        }
    all->names = names;
    all->capacity = capacity;
    return true;
}

/* Notes the name just read for its object. */
static bool note_name(hc__json_reader *reader, hc_error *err)
{
    stack *all = reader->stack;
    seen_name name = {reader->text, reader->size, 0, all->frames[reader->depth - 1].serial};
    seen_name *slot;

    if (all->count * 2 >= all->capacity && !grow_names(reader, all))
        return refuse(reader, err, HC_ERR_NO_MEMORY, NULL);
    name.hash = hash_of(all, &name);
    slot = name_slot(all->names, all->capacity, &name);
    if (slot->text != NULL) {
        reader->offset = reader->start;
        return refuse(reader, err, HC_ERR_INVALID, "a member's name is there twice");
    }
    *slot = name;
    all->count++;
    return true;
}

static hc__json_token read_key(hc__json_reader *reader, hc_error *err)
{
    reader->start = reader->offset;
    if (peek(reader) != '"') {
        unexpected(reader, err, "a member's name is expected");
        return HC__JSON_ERROR;
    }
    if (!read_string(reader, err) || !note_name(reader, err))
        return HC__JSON_ERROR;
    skip_space(reader);
    if (peek(reader) != ':') {
        unexpected(reader, err, "a colon is expected");
        return HC__JSON_ERROR;
    }
    reader->offset++;
    reader->state = VALUE;
    return HC__JSON_KEY;
}

/* Behind a value: the end of its container, or a comma and what follows it. */
static hc__json_token read_after(hc__json_reader *reader, hc_error *err)
{
    const stack *all = reader->stack;
    bool object;

    reader->start = reader->offset;
    if (reader->depth == 0) {
        if (reader->offset >= reader->input_size)
            return HC__JSON_END;
        refuse(reader, err, HC_ERR_INVALID, "the text goes on behind its value");
        return HC__JSON_ERROR;
    }
    object = all->frames[reader->depth - 1].object;
    if (peek(reader) == (object ? '}' : ']'))
        return close_container(reader);
    if (peek(reader) != ',') {
        unexpected(reader, err, object ? "a comma or } is expected" : "a comma or ] is expected");
        return HC__JSON_ERROR;
    }
    reader->offset++;
    skip_space(reader);
    return object ? read_key(reader, err) : read_value(reader, err);
}

hc__json_token hc__json_next(hc__json_reader *reader, hc_error *err)
{
    if (reader->state == START && !start(reader, err))
        return HC__JSON_ERROR;
    if (reader->state == REFUSED) {
        if (reader->status == HC_OK)
            reader->status = HC_ERR_INTERNAL; /* read on after close */
        hc__fail(err, reader->status, "json", "the JSON text was refused before");
        return HC__JSON_ERROR;
    }
    skip_space(reader);
    switch (reader->state) {
    case FIRST_VALUE:
        reader->start = reader->offset;
        return peek(reader) == ']' ? close_container(reader) : read_value(reader, err);
    case FIRST_KEY:
        reader->start = reader->offset;
        return peek(reader) == '}' ? close_container(reader) : read_key(reader, err);
    case VALUE:
        return read_value(reader, err);
    default:
        return read_after(reader, err);
    }
}

bool hc__json_skip(hc__json_reader *reader, const char **raw, size_t *size, hc_error *err)
{
    int depth = reader->depth;
    hc__json_token token = hc__json_next(reader, err);
    size_t first = reader->start;

    while (token != HC__JSON_ERROR && reader->depth > depth)
        token = hc__json_next(reader, err);
    if (token == HC__JSON_ERROR || token == HC__JSON_END || reader->depth < depth)
        return false;
    if (raw != NULL)
        *raw = reader->input + first;
    if (size != NULL)
        *size = reader->offset - first;
    return true;
}
