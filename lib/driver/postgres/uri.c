/* postgresql://…?parameters of libpq&durability=full|relaxed */
#include "driver/postgres/postgres.h"

#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"

#define DURABILITY "durability="

static hc_status invalid(hc_error *err, const char *what)
{
    return hc__fail_from(err, HC__PG_NAME, HC_ERR_INVALID, "storage_uri", "%s", what);
}

static bool same(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

/* Copies the URI without the parameter that is ours. */
static hc_status take_own(hc__buf *rest, hc__pg_store *store, const char *uri, hc_error *err)
{
    size_t head = strcspn(uri, "?");
    const char *at = uri + head + (uri[head] == '?');
    char lead = '?';

    hc__buf_put(rest, uri, head);
    while (*at != '\0' && !rest->failed) {
        size_t size = strcspn(at, "&");

        if (strncmp(at, DURABILITY, strlen(DURABILITY)) == 0) {
            const char *value = at + strlen(DURABILITY);
            size_t length = size - strlen(DURABILITY);

            store->relaxed = same(value, length, "relaxed");
            if (!store->relaxed && !same(value, length, "full"))
                return invalid(err, "the URI's durability is neither full nor relaxed");
        } else {
            hc__buf_char(rest, lead);
            hc__buf_put(rest, at, size);
            lead = '&';
        }
        at += size + (at[size] == '&');
    }
    return rest->failed ? hc__no_memory(err) : HC_OK;
}

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options != NULL && options->keyword != NULL; options++) {
        if (strcmp(options->keyword, keyword) == 0)
            return options->val != NULL && options->val[0] != '\0' ? options->val : NULL;
    }
    return NULL;
}

/* A folder of sockets, or this machine by name or address. */
static bool is_local(const char *host, size_t size)
{
    return size == 0 || host[0] == '/' || host[0] == '@' || same(host, size, "localhost") || same(host, size, "::1") ||
           (size > 4 && memcmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") >= size);
}

static void look_at_hosts(hc__pg_store *store, const char *hosts)
{
    uint32_t count = 1;

    while (hosts != NULL && *hosts != '\0') {
        size_t size = strcspn(hosts, ",");

        store->verify = store->verify || !is_local(hosts, size);
        count += hosts[size] == ',';
        hosts += size + (hosts[size] == ',');
    }
    if (count > store->hosts)
        store->hosts = count;
}

static hc_status examine(hc__pg_store *store, hc_error *err)
{
    const char *host = value_of(store->options, "host"), *address = value_of(store->options, "hostaddr");
    const char *wait = value_of(store->options, "connect_timeout");
    PQconninfoOption *defaults = NULL;
    int64_t seconds = 5;

    if (host == NULL && address == NULL) { /* PGHOST, or a socket */
        defaults = PQconndefaults();
        if (defaults == NULL)
            return hc__no_memory(err);
        host = value_of(defaults, "host");
        address = value_of(defaults, "hostaddr");
    }
    look_at_hosts(store, host);
    look_at_hosts(store, address);
    PQconninfoFree(defaults);
    if (value_of(store->options, "sslmode") != NULL)
        store->verify = false;
    if (wait != NULL && (hc__decimal_parse(&seconds, wait, strlen(wait), 0, HC__EXACT) != HC__DECIMAL_OK ||
                         seconds < 1 || seconds > 600))
        return invalid(err, "the URI's connect_timeout is not a number from 1 to 600");
    store->connect_wait = seconds * 1000000;
    return HC_OK;
}

hc_status hc__pg_uri(hc__pg_store *store, const char *uri, hc_error *err)
{
    char *why = NULL;
    hc__buf rest;
    hc_status status;

    hc__buf_init(&rest, &store->mem);
    status = take_own(&rest, store, uri, err);
    if (status == HC_OK) {
        store->options = PQconninfoParse(rest.data, &why);
        /* What libpq says of it may quote the URI, password and all. */
        if (store->options == NULL)
            status = why == NULL || strncmp(why, "out of memory", strlen("out of memory")) == 0
                         ? hc__no_memory(err)
                         : invalid(err, "the URI is not well formed, or has a parameter that libpq does not know");
        PQfreemem(why);
    }
    if (rest.data != NULL)
        explicit_bzero(rest.data, rest.size);
    hc__buf_free(&rest);
    return status < 0 ? status : examine(store, err);
}

void hc__pg_forget_options(hc__pg_store *store)
{
    for (PQconninfoOption *at = store->options; at != NULL && at->keyword != NULL; at++) {
        if (at->val != NULL)
            explicit_bzero(at->val, strlen(at->val));
    }
    PQconninfoFree(store->options);
    store->options = NULL;
}
