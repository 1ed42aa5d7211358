/* sqlite:PATH?durability=full|relaxed&cache_kib=N and sqlite::memory: */
#include "driver/sqlite/sqlite.h"

#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"

#define SCHEME         "sqlite:"
#define CACHE_KIB_MAX  (4 << 20)
#define CACHE_KIB_SELF 8192

static hc_status invalid(hc_error *err, const char *what, const char *name, size_t size)
{
    return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_INVALID, "storage_uri", "%s%.*s", what,
                         (int)(size > 64 ? 64 : size), name);
}

static bool same(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

static hc_status parameter(hc__sqlite_store *store, const char *text, size_t size, hc_error *err)
{
    const char *equals = memchr(text, '=', size);
    size_t name = equals == NULL ? size : (size_t)(equals - text);
    const char *value = equals == NULL ? "" : equals + 1;
    size_t value_size = equals == NULL ? 0 : size - name - 1;
    int64_t kib;

    if (same(text, name, "durability")) {
        store->relaxed = same(value, value_size, "relaxed");
        return store->relaxed || same(value, value_size, "full")
                   ? HC_OK
                   : invalid(err, "the URI's durability is neither full nor relaxed", "", 0);
    }
    if (same(text, name, "cache_kib")) {
        if (hc__decimal_parse(&kib, value, value_size, 0, HC__EXACT) != HC__DECIMAL_OK || kib < 64 ||
            kib > CACHE_KIB_MAX)
            return invalid(err, "the URI's cache_kib is not a number from 64 to 4194304", "", 0);
        store->cache_kib = (int32_t)kib;
        return HC_OK;
    }
    return invalid(err, "the URI has a parameter that this driver does not know: ", text, name);
}

static hc_status parameters(hc__sqlite_store *store, const char *text, hc_error *err)
{
    hc_status status = HC_OK;

    while (status == HC_OK && *text != '\0') {
        size_t size = strcspn(text, "&");

        status = parameter(store, text, size, err);
        text += size + (text[size] == '&');
    }
    return status;
}

hc_status hc__sqlite_uri(hc__sqlite_store *store, const char *uri, char **path, hc_error *err)
{
    const char *rest = uri + strlen(SCHEME);
    size_t size;
    char *copy;
    hc_status status;

    *path = NULL;
    store->cache_kib = CACHE_KIB_SELF;
    if (strncmp(uri, SCHEME, strlen(SCHEME)) != 0)
        return invalid(err, "the URI does not start with " SCHEME, "", 0);
    size = strcspn(rest, "?");
    if (rest[size] == '?') {
        status = parameters(store, rest + size + 1, err);
        if (status < 0)
            return status;
    }
    if (same(rest, size, ":memory:"))
        return HC_OK;
    if (size == 0)
        return invalid(err, "the URI names no file", "", 0);
    copy = hc__alloc(&store->mem, size + 3);
    if (copy == NULL)
        return hc__no_memory(err);
    /* So that the engine takes no relative name for one of its own, such as "file:". */
    memcpy(copy, "./", 2);
    memcpy(copy + (rest[0] == '/' ? 0 : 2), rest, size);
    copy[size + (rest[0] == '/' ? 0 : 2)] = '\0';
    *path = copy;
    return HC_OK;
}
