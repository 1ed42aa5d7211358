#include "base/id.h"

#include <stdatomic.h>
#include <string.h>

#include "base/bug.h"
#include "base/fail.h"
#include "base/thread.h"

/* 48 bits of milliseconds, then the 12 bits that RFC 9562 (6.2, method 3) gives to the fraction of one. */
#define STAMP_MAX ((UINT64_C(1) << 60) - 1)

static uint64_t stamp_of(int64_t now)
{
    uint64_t micros = now < 0 ? 0 : (uint64_t)now;

    return micros / 1000 << 12 | (micros % 1000) * 4096 / 1000;
}

/* Larger than every stamp given before; 0 when there is none left, which a clock in the year 10889 brings about. One
 * beyond that leaves the stamps as they are: a client with a better clock goes on. */
static uint64_t next_stamp(int64_t now)
{
    static _Atomic uint64_t last;
    uint64_t wanted = stamp_of(now);
    uint64_t seen = atomic_load_explicit(&last, memory_order_relaxed);
    uint64_t next;

    if (now / 1000 > (int64_t)(STAMP_MAX >> 12))
        return 0;
    do {
        if (seen == STAMP_MAX)
            return 0;
        next = wanted > seen ? wanted : seen + 1;
    } while (!atomic_compare_exchange_weak_explicit(&last, &seen, next, memory_order_relaxed, memory_order_relaxed));
    return next;
}

hc_status hc__id_make(hc_id *out, int64_t now, hc_error *err)
{
    uint64_t stamp;

    memset(out, 0, sizeof(*out));
    stamp = next_stamp(now);
    if (stamp == 0)
        return hc__fail(err, HC_ERR_INTERNAL, NULL, "the clock is past the last time an id can hold");
    if (!hc__os_random(out->bytes + 8, 8)) {
        memset(out, 0, sizeof(*out));
        return hc__fail(err, HC_ERR_INTERNAL, NULL, "the system gives no random bytes");
    }
    for (int i = 0; i < 6; i++)
        out->bytes[i] = (uint8_t)(stamp >> (52 - 8 * i));
    out->bytes[6] = (uint8_t)(0x70 | (stamp >> 8 & 0x0f));
    out->bytes[7] = (uint8_t)stamp;
    out->bytes[8] = (uint8_t)(0x80 | (out->bytes[8] & 0x3f));
    return HC_OK;
}

/* Version 8 (RFC 9562, 5.8), variant 10, and a tag of ours. */
static const uint8_t document_mark[4] = {0x8f, 0x0b, 0xb1, 0xd0};

hc_status hc__id_make_document(hc_id *out, int64_t now, hc_error *err)
{
    int64_t seconds = now < 0 ? 0 : now / 1000000;
    uint8_t random[8], object_id[12];

    memset(out, 0, sizeof(*out));
    if (seconds > UINT32_MAX)
        return hc__fail(err, HC_ERR_INTERNAL, NULL, "the clock is past the last time an ObjectId can hold");
    if (!hc__os_random(random, sizeof(random)))
        return hc__fail(err, HC_ERR_INTERNAL, NULL, "the system gives no random bytes");
    for (int i = 0; i < 4; i++)
        object_id[i] = (uint8_t)((uint64_t)seconds >> (24 - 8 * i));
    memcpy(object_id + 4, random, sizeof(random));
    hc__id_from_object_id(out, object_id);
    return HC_OK;
}

void hc__id_from_object_id(hc_id *out, const uint8_t object_id[12])
{
    memcpy(out->bytes, object_id, 6);
    memcpy(out->bytes + 6, document_mark, sizeof(document_mark));
    memcpy(out->bytes + 10, object_id + 6, 6);
}

bool hc__id_is_document(hc_id id)
{
    return memcmp(id.bytes + 6, document_mark, sizeof(document_mark)) == 0;
}

bool hc__id_equal(hc_id a, hc_id b)
{
    return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

bool hc__id_zero(hc_id id)
{
    return hc__id_equal(id, (hc_id){{0}});
}

static bool is_hyphen(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : hc__bug("lenient") ? 0 : -1;
}

bool hc__id_read(hc_id *out, const char *text, size_t size)
{
    size_t at = 0;
    hc_id id;

    memset(out, 0, sizeof(*out));
    if (size != HC_ID_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < sizeof(id.bytes); i++) {
        int high;
        int low;

        if (is_hyphen(at) && text[at++] != '-')
            return false;
        high = nibble(text[at]);
        low = nibble(text[at + 1]);
        if (high < 0 || low < 0)
            return false;
        id.bytes[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    *out = id;
    return true;
}

hc_status hc_id_parse(hc_id *out, const char *text, size_t size, hc_error *err)
{
    if (out == NULL || text == NULL)
        return hc__fail(err, HC_ERR_MISUSE, out == NULL ? "out" : "text", "NULL is not allowed");
    if (!hc__id_read(out, text, size))
        return hc__fail(err, HC_ERR_INVALID, "id", "not an id: 36 characters in lower case with hyphens are expected");
    return HC_OK;
}

void hc_id_format(char *out, hc_id id)
{
    static const char digits[] = "0123456789abcdef";

    if (out == NULL)
        return;
    for (size_t i = 0; i < sizeof(id.bytes); i++) {
        *out++ = digits[id.bytes[i] >> 4];
        *out++ = digits[id.bytes[i] & 15];
        if (i == 3 || i == 5 || i == 7 || i == 9)
            *out++ = '-';
    }
    *out = '\0';
}
