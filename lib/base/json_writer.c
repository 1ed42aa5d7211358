#include "base/json.h"

#include <string.h>

#define ONES      UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)
#define MAX_DEPTH 63

void hc__json_begin(hc__json_writer *writer, hc__buf *out)
{
    *writer = (hc__json_writer){out, 0, 0, false};
}

/* Makes room for `more` bytes behind the comma that may be due. */
static bool open_value(hc__json_writer *writer, size_t more)
{
    uint64_t bit = UINT64_C(1) << writer->depth;
    hc__buf *out = writer->out;

    if (more > PTRDIFF_MAX - 8 || !hc__buf_reserve(out, more + 8)) {
        out->failed = true;
        return false;
    }
    if (writer->after_key)
        writer->after_key = false;
    else if ((writer->comma & bit) != 0)
        out->data[out->size++] = ',';
    else
        writer->comma |= bit;
    return true;
}

static void put_plain(hc__json_writer *writer, const char *text, size_t size)
{
    hc__buf *out = writer->out;

    if (!open_value(writer, size))
        return;
    memcpy(out->data + out->size, text, size);
    out->size += size;
    out->data[out->size] = '\0';
}

static void open_level(hc__json_writer *writer, char bracket)
{
    put_plain(writer, &bracket, 1);
    if (writer->depth == MAX_DEPTH) {
        writer->out->failed = true;
        return;
    }
    writer->depth++;
    writer->comma &= ~(UINT64_C(1) << writer->depth);
}

static void close_level(hc__json_writer *writer, char bracket)
{
    if (writer->depth > 0)
        writer->depth--;
    hc__buf_char(writer->out, bracket);
}

void hc__json_object(hc__json_writer *writer)
{
    open_level(writer, '{');
}

void hc__json_object_end(hc__json_writer *writer)
{
    close_level(writer, '}');
}

void hc__json_array(hc__json_writer *writer)
{
    open_level(writer, '[');
}

void hc__json_array_end(hc__json_writer *writer)
{
    close_level(writer, ']');
}

static bool has_byte(uint64_t eight, uint8_t byte)
{
    uint64_t zero = eight ^ (ONES * byte);

    return ((zero - ONES) & ~zero & HIGH_BITS) != 0;
}

static bool needs_escape(char c)
{
    return (uint8_t)c < 0x20 || c == '"' || c == '\\';
}

/* Copies up to the first byte that needs an escape, eight at a time; how many. */
static size_t copy_run(char *out, const char *text, size_t size)
{
    size_t at = 0;

    for (; size - at >= 8; at += 8) {
        uint64_t eight;

        memcpy(&eight, text + at, 8);
        if (((eight - ONES * 0x20) & ~eight & HIGH_BITS) != 0 || has_byte(eight, '"') || has_byte(eight, '\\'))
            break;
        memcpy(out + at, &eight, 8);
    }
    for (; at < size && !needs_escape(text[at]); at++)
        out[at] = text[at];
    return at;
}

static size_t escape(char *out, char c)
{
    static const char digits[] = "0123456789abcdef";
    static const char named[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    char letter = (uint8_t)c < 0x20 ? named[(uint8_t)c] : c;

    out[0] = '\\';
    if (letter != '\0') {
        out[1] = letter;
        return 2;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = digits[(uint8_t)c >> 4];
    out[5] = digits[(uint8_t)c & 15];
    return 6;
}

/* There is room for the bytes as they are and 8 more; an escape asks again. */
static void put_string(hc__buf *out, const char *text, size_t size)
{
    size_t at = 0;

    out->data[out->size++] = '"';
    for (;;) {
        size_t run = copy_run(out->data + out->size, text + at, size - at);

        out->size += run;
        at += run;
        if (at == size)
            break;
        if (!hc__buf_reserve(out, size - at + 16))
            return;
        out->size += escape(out->data + out->size, text[at++]);
    }
    out->data[out->size++] = '"';
    out->data[out->size] = '\0';
}

void hc__json_key(hc__json_writer *writer, const char *name)
{
    size_t size = strlen(name);
    hc__buf *out = writer->out;

    if (!open_value(writer, size))
        return;
    put_string(out, name, size);
    writer->after_key = true;
    if (out->failed)
        return;
    out->data[out->size++] = ':'; /* both reservations above leave room for it */
    out->data[out->size] = '\0';
}

void hc__json_string(hc__json_writer *writer, const char *text, size_t size)
{
    if (open_value(writer, size))
        put_string(writer->out, text, size);
}

void hc__json_raw(hc__json_writer *writer, const char *text, size_t size)
{
    put_plain(writer, text, size);
}

void hc__json_int(hc__json_writer *writer, int64_t value)
{
    if (open_value(writer, 32))
        hc__buf_int(writer->out, value);
}

void hc__json_bool(hc__json_writer *writer, bool value)
{
    put_plain(writer, value ? "true" : "false", value ? 4 : 5);
}

void hc__json_null(hc__json_writer *writer)
{
    put_plain(writer, "null", 4);
}
