#include "query/cursor.h"

#include <string.h>
#include "base/fail.h"
#include "base/thread.h"

#define VERSION   1
#define HEAD_SIZE (1 + HC__BINDING_SIZE + 8 + 1)
#define KEY_SIZE  9
#define MAX_SIZE  (HEAD_SIZE + HC__SORT_LIMIT * KEY_SIZE + 16)
/* With the version, the nonce and the tag, and what buffers want to have left. */
#define SEALED_SIZE (1 + 24 + MAX_SIZE + 16 + 2)

_Static_assert(HC__CURSOR_SIZE > SEALED_SIZE / 3 * 4 + 8, "a cursor fits");

enum { MAKING = 1, MADE };

static const uint8_t version = VERSION;

static void put_text(hc__buf *out, const char *text)
{
    hc__buf_text(out, text == NULL ? "" : text);
    hc__buf_char(out, '\0');
}

const hc__bound *hc__cursor_bound(hc__arena *arena, const hc__query *query, const hc__list_context *context)
{
    int32_t who[3] = {context->role, query->scope, context->entitled};
    hc__bound *out;
    hc__buf bytes;

    hc__buf_init(&bytes, arena->mem);
    hc__buf_reserve(&bytes, 500); /* of most queries */
    put_text(&bytes, query->entity->kind.name);
    hc__buf_put(&bytes, context->principal.bytes, sizeof(context->principal.bytes));
    hc__buf_put(&bytes, who, sizeof(who));
    put_text(&bytes, context->currency);
    for (size_t i = 0; i < query->sort_count; i++) {
        hc__buf_char(&bytes, query->sort[i].descending ? '-' : '+');
        hc__buf_put(&bytes, &query->sort[i].field, sizeof(query->sort[i].field));
    }
    hc__buf_char(&bytes, '.');
    for (size_t i = 0; i < query->word_count; i++)
        put_text(&bytes, query->words[i]);
    hc__buf_char(&bytes, '.');
    if (query->where != NULL)
        hc__expr_key(&bytes, query->where);
    out = bytes.failed ? NULL : hc__arena_alloc(arena, sizeof(*out));
    if (out != NULL)
        *out = (hc__bound){bytes.size, hc__arena_copy(arena, bytes.data, bytes.size)};
    hc__buf_free(&bytes);
    return out == NULL || out->bytes == NULL ? NULL : out;
}

void hc__cursor_binding(uint8_t out[HC__BINDING_SIZE], const hc__bound *bound, const hc__secret *key)
{
    uint8_t mac[32];

    hc__mac(mac, key, "cursor binding", bound->bytes, bound->size);
    memcpy(out, mac, HC__BINDING_SIZE);
}

static uint8_t *put_int(uint8_t *at, int64_t value)
{
    for (int i = 0; i < 8; i++)
        *at++ = (uint8_t)((uint64_t)value >> (8 * i));
    return at;
}

static int64_t get_int(const uint8_t *at)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return (int64_t)value;
}

/* A buffer in memory that is large enough: nothing is taken from the heap, so that nothing can fail. */
static hc__buf buf_in(void *room, size_t size)
{
    return (hc__buf){.data = room, .capacity = size};
}

static void seal(char out[HC__CURSOR_SIZE], const hc__cursor *cursor, const uint8_t binding[HC__BINDING_SIZE],
                 const hc__secret *key)
{
    uint8_t plain[MAX_SIZE], room[SEALED_SIZE], *at = plain;
    hc__buf sealed = buf_in(room, sizeof(room)), text = buf_in(out, HC__CURSOR_SIZE);

    *at++ = cursor->reverse;
    memcpy(at, binding, HC__BINDING_SIZE);
    at = put_int(at + HC__BINDING_SIZE, cursor->now);
    *at++ = (uint8_t)cursor->key_count;
    for (size_t i = 0; i < cursor->key_count; i++) {
        *at++ = cursor->at.nulls >> i & 1;
        at = put_int(at, *(at - 1) != 0 ? 0 : cursor->at.keys[i]);
    }
    memcpy(at, cursor->at.id.bytes, 16);
    at += 16;
    hc__buf_put(&sealed, &version, 1);
    (void)hc__seal(&sealed, key, &version, 1, plain, (size_t)(at - plain), NULL);
    hc__base64url_put(&text, sealed.data, sealed.size);
}

const char *hc__cursor_seal(hc__arena *arena, const hc__cursor *cursor, const uint8_t binding[HC__BINDING_SIZE],
                            const hc__secret *key)
{
    char *out = hc__arena_alloc(arena, HC__CURSOR_SIZE);

    if (out != NULL)
        seal(out, cursor, binding, key);
    return out;
}

const char *hc__cursor_text(hc__late_cursor *late)
{
    uint8_t binding[HC__BINDING_SIZE];
    int made = 0;

    if (late == NULL)
        return NULL;
    if (atomic_compare_exchange_strong(&late->made, &made, MAKING)) {
        hc__cursor_binding(binding, late->bound, late->key);
        seal(late->text, &late->cursor, binding, late->key);
        atomic_store(&late->made, MADE);
    }
    while (atomic_load(&late->made) != MADE)
        hc__os_sleep(1);
    return late->text;
}

static bool read_plain(hc__cursor *out, const uint8_t *plain, size_t size, const uint8_t binding[HC__BINDING_SIZE])
{
    const uint8_t *at = plain;

    if (size < HEAD_SIZE || at[0] > 1 || !hc__same(at + 1, binding, HC__BINDING_SIZE))
        return false;
    *out = (hc__cursor){.reverse = at[0] == 1};
    at += 1 + HC__BINDING_SIZE;
    out->now = get_int(at);
    out->key_count = at[8];
    at += 9;
    if (out->key_count > HC__SORT_LIMIT || size != HEAD_SIZE + out->key_count * KEY_SIZE + 16)
        return false;
    for (size_t i = 0; i < out->key_count; i++, at += KEY_SIZE) {
        out->at.nulls = (uint8_t)(out->at.nulls | (at[0] != 0) << i);
        out->at.keys[i] = get_int(at + 1);
    }
    memcpy(out->at.id.bytes, at, 16);
    return true;
}

hc_status hc__cursor_open(hc__cursor *out, const hc__mem *mem, const char *text,
                          const uint8_t binding[HC__BINDING_SIZE], const hc__secret *key, hc_error *err)
{
    hc__buf sealed, plain;
    bool good, starved;

    hc__buf_init(&sealed, mem);
    hc__buf_init(&plain, mem);
    good = hc__base64url_read(&sealed, text, strlen(text)) && sealed.size > 1 && (uint8_t)sealed.data[0] == VERSION &&
           hc__unseal(&plain, key, &version, 1, sealed.data + 1, sealed.size - 1) &&
           read_plain(out, (const uint8_t *)plain.data, plain.size, binding);
    starved = sealed.failed || plain.failed;
    hc__buf_free(&sealed);
    hc__buf_free(&plain);
    if (starved)
        return hc__no_memory(err);
    if (!good)
        return hc__fail(err, HC_ERR_INVALID, "cursor",
                        "this cursor was altered, or made for another query, order or caller: start over without it");
    return HC_OK;
}
