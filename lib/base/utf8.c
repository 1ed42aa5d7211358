#include "base/utf8.h"

#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Length of the well-formed sequence at `at`, which is before `end`; 0 when there is none (RFC 3629, section 4). */
static size_t sequence(const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at);
    uint8_t lead = at[0];
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    size_t size;

    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size > left)
        return 0;
    if (lead == 0xe0)
        low = 0xa0; /* overlong below */
    else if (lead == 0xed)
        high = 0x9f; /* surrogates above */
    else if (lead == 0xf0)
        low = 0x90; /* overlong below */
    else if (lead == 0xf4)
        high = 0x8f; /* past U+10FFFF above */
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

/* Whether the last bytes before `end`, fewer than eight from `at` on, are ASCII: two loads see them all. */
static bool ascii_end(const uint8_t *at, const uint8_t *end)
{
    uint32_t first, last;

    if (end - at < 4)
        return ((at[0] | at[(end - at) / 2] | end[-1]) & 0x80) == 0;
    memcpy(&first, at, 4);
    memcpy(&last, end - 4, 4);
    return ((first | last) & (uint32_t)HIGH_BITS) == 0;
}

/* How many bytes from `at` on are passed over at once: all ASCII, as most of most texts is. */
static size_t ascii_run(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *from = at;

    for (; end - at >= 32; at += 32) {
        uint64_t word[4];

        memcpy(word, at, sizeof(word));
        if (((word[0] | word[1] | word[2] | word[3]) & HIGH_BITS) != 0)
            break;
    }
    return (size_t)(at - from);
}

bool hc__utf8_check(const char *text, size_t size, size_t *points)
{
    const uint8_t *at = (const uint8_t *)text;
    const uint8_t *end = at + size;
    size_t count = ascii_run(at, end);

    at += count;
    while (at < end) {
        uint64_t eight;
        size_t length;

        if (end - at >= 8) {
            memcpy(&eight, at, 8);
            if ((eight & HIGH_BITS) == 0) {
                at += 8;
                count += 8;
                continue;
            }
        } else if (ascii_end(at, end)) {
            count += (size_t)(end - at);
            break;
        }
        length = *at < 0x80 ? 1 : sequence(at, end);
        if (length == 0)
            return false;
        at += length;
        count++;
    }
    if (points != NULL)
        *points = count;
    return true;
}

/* Bytes that are not well-formed give U+FFFD, one byte at a time, so that unchecked text is safe too. */
uint32_t hc__utf8_next(const char *text, size_t size, size_t *at)
{
    const uint8_t *bytes = (const uint8_t *)text + *at;
    size_t length = sequence(bytes, (const uint8_t *)text + size);
    uint32_t point;

    if (length <= 1) {
        *at += 1;
        return length == 1 ? bytes[0] : 0xfffd;
    }
    point = bytes[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++)
        point = point << 6 | (bytes[i] & 0x3f);
    *at += length;
    return point;
}

bool hc__has_control(const char *text)
{
    for (const uint8_t *c = (const uint8_t *)text; *c != '\0'; c++)
        if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && (c[1] & 0xe0) == 0x80))
            return true;
    return false;
}

size_t hc__utf8_put(char out[4], uint32_t point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xe0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}
