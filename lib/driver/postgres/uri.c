/* postgresql://…?parameters of libpq&durability=full|relaxed */
#include "driver/postgres/postgres.h"

#include <netdb.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/fail.h"

#define DURABILITY "durability="
#define PROTOCOLS  "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"

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

/* ---- values that libpq would refuse only when it connects, and then as it tells of a server that is not there ---- */

static const struct choice {
    const char *keyword, *words; /* with one space between them */
    bool any_case;
} choices[] = {{"sslmode", "disable allow prefer require verify-ca verify-full", false},
               {"sslcertmode", "disable allow require", false},
               {"sslnegotiation", "postgres direct", false},
               {"ssl_min_protocol_version", PROTOCOLS, true},
               {"ssl_max_protocol_version", PROTOCOLS, true},
               {"target_session_attrs", "any read-write read-only primary standby prefer-standby", false},
               {"channel_binding", "disable prefer require", false},
               {"gssencmode", "disable prefer require", false},
               {"load_balance_hosts", "disable random", false}};

static const char *const numbers[] = {"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
                                      "tcp_user_timeout"};

static bool is_among(const char *value, const struct choice *choice)
{
    const char *words = choice->words;

    while (*words != '\0') {
        size_t size = strcspn(words, " ");

        if (same(words, size, value) ||
            (choice->any_case && strlen(value) == size && strncasecmp(words, value, size) == 0))
            return true;
        words += size + (words[size] == ' ');
    }
    return false;
}

static bool is_number(const char *text, size_t size, int64_t least, int64_t most)
{
    int64_t number = 0;

    return hc__decimal_parse(&number, text, size, 0, HC__EXACT) == HC__DECIMAL_OK && number >= least && number <= most;
}

/* By commas; where there is none it is the default. */
static bool are_ports(const char *list)
{
    for (;;) {
        size_t size = strcspn(list, ",");

        if (size > 0 && !is_number(list, size, 1, 65535))
            return false;
        if (list[size] == '\0')
            return true;
        list += size + 1;
    }
}

static hc_status check_values(const PQconninfoOption *options, hc_error *err)
{
    const char *value = value_of(options, "port");

    if (value != NULL && !are_ports(value))
        return invalid(err, "the URI's port is not a number from 1 to 65535");
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        value = value_of(options, choices[i].keyword);
        if (value != NULL && !is_among(value, &choices[i]))
            return hc__fail_from(err, HC__PG_NAME, HC_ERR_INVALID, "storage_uri", "the URI's %s is none of: %s",
                                 choices[i].keyword, choices[i].words);
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        value = value_of(options, numbers[i]);
        if (value != NULL && !is_number(value, strlen(value), INT32_MIN, INT32_MAX))
            return hc__fail_from(err, HC__PG_NAME, HC_ERR_INVALID, "storage_uri", "the URI's %s is not a number",
                                 numbers[i]);
    }
    return HC_OK;
}

static void forget(PQconninfoOption *options)
{
    for (PQconninfoOption *at = options; at != NULL && at->keyword != NULL; at++) {
        if (at->val != NULL)
            explicit_bzero(at->val, strlen(at->val));
    }
    PQconninfoFree(options);
}

/* What libpq makes of the URI, a service that it names and the environment. There is no port 0, so nobody is looked up
 * or connected to. Where it does not come as far as to name that port, what it was given does not go together. NULL
 * without memory. */
static PQconninfoOption *complete(const PQconninfoOption *given, bool *together)
{
    const char *keywords[HC__PG_OPTIONS] = {0}, *values[HC__PG_OPTIONS] = {0};
    PQconninfoOption *out = NULL;
    PGconn *nobody;
    size_t count = 0;

    for (; given->keyword != NULL && count < HC__PG_OPTIONS - 2; given++) {
        if (given->val == NULL || strcmp(given->keyword, "port") == 0)
            continue;
        keywords[count] = given->keyword;
        values[count++] = given->val;
    }
    keywords[count] = "port";
    values[count] = "0";
    nobody = PQconnectStartParams(keywords, values, 0);
    if (nobody != NULL && strstr(PQerrorMessage(nobody), "out of memory") == NULL) /* then the hosts may be missing */
        out = PQconninfo(nobody);
    *together = out == NULL || PQuser(nobody) == NULL || strchr(PQerrorMessage(nobody), '0') != NULL;
    PQfinish(nobody);
    return out;
}

/* By commas; where there is none its host is looked up. */
static bool are_addresses(const char *list)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST};
    char address[128];

    while (list != NULL && *list != '\0') {
        size_t size = strcspn(list, ",");
        struct addrinfo *found = NULL;

        if (size >= sizeof(address))
            return false;
        memcpy(address, list, size);
        address[size] = '\0';
        if (size > 0 && getaddrinfo(address, NULL, &hints, &found) != 0)
            return false;
        if (found != NULL)
            freeaddrinfo(found);
        list += size + (list[size] == ',');
    }
    return true;
}

/* One port is for all hosts. */
static bool are_ports_for(const hc__pg_store *store)
{
    const char *ports = value_of(store->options, "port");
    uint32_t count = 1;

    for (; ports != NULL && *ports != '\0'; ports++)
        count += *ports == ',';
    return count == 1 || count == store->hosts;
}

static hc_status check_hosts(const hc__pg_store *store, const PQconninfoOption *whole, bool together, hc_error *err)
{
    if (!are_addresses(value_of(whole, "hostaddr")))
        return invalid(err, "the URI's hostaddr is not an IP address");
    if (!together || !are_ports_for(store))
        return invalid(err, "the URI's parameters do not go together: the numbers of its hosts, addresses and ports, or "
                            "its versions of TLS");
    return HC_OK;
}

/* Without the file that a verified name needs there is never a session. */
static hc_status check_authority(const hc__pg_store *store, hc_error *err)
{
    const char *path = value_of(store->options, "sslrootcert"), *mode = value_of(store->options, "sslmode");
    bool needed = store->verify || (mode != NULL && strncmp(mode, "verify-", strlen("verify-")) == 0);

    if (path == NULL || !needed || strcmp(path, "system") == 0 || access(path, R_OK) == 0)
        return HC_OK;
    return invalid(err, "the URI's sslrootcert names no file that can be read");
}

static hc_status examine(hc__pg_store *store, hc_error *err)
{
    const char *wait = value_of(store->options, "connect_timeout");
    bool together;
    PQconninfoOption *whole = complete(store->options, &together);
    int64_t seconds = 5;
    hc_status status;

    if (whole == NULL)
        return hc__no_memory(err);
    look_at_hosts(store, value_of(whole, "host"));
    look_at_hosts(store, value_of(whole, "hostaddr"));
    status = check_hosts(store, whole, together, err);
    forget(whole);
    if (value_of(store->options, "sslmode") != NULL)
        store->verify = false;
    if (status == HC_OK)
        status = check_authority(store, err);
    if (status < 0)
        return status;
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
    if (status == HC_OK)
        status = check_values(store->options, err);
    return status < 0 ? status : examine(store, err);
}

void hc__pg_forget_options(hc__pg_store *store)
{
    forget(store->options);
    store->options = NULL;
}
