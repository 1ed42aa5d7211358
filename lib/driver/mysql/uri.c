/* mysql://user:password@host:port,host:port/database?parameters */
#include "driver/mysql/mysql.h"

#include <string.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/fail.h"

static hc_status invalid(hc_error *err, const char *what)
{
    return hc__fail_from(err, HC__MY_NAME, HC_ERR_INVALID, "storage_uri", "%s", what);
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Percent-decoded, with a NUL at its end. */
static hc_status take(char **out, const hc__my_store *store, const char *text, size_t size, hc_error *err)
{
    char *to = hc__alloc(&store->mem, size + 1);

    if (to == NULL)
        return hc__no_memory(err);
    if (*out != NULL) {
        explicit_bzero(*out, strlen(*out));
        hc__free(&store->mem, *out);
    }
    *out = to;
    for (size_t i = 0; i < size; i++) {
        int high = text[i] == '%' && size - i > 2 ? digit(text[i + 1]) : -1;
        int low = high < 0 ? -1 : digit(text[i + 2]);

        *to = low < 0 ? text[i] : (char)(unsigned char)(high * 16 + low);
        if (*to == '\0' || (text[i] == '%' && low < 0)) {
            *to = '\0';
            return invalid(err, "the URI has a percent sign without two hexadecimal digits, or a NUL");
        }
        to++;
        i += low < 0 ? 0 : 2;
    }
    *to = '\0';
    return HC_OK;
}

static bool same(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

/* ---- hosts ---- */

static hc_status take_host(hc__my_store *store, const char *text, size_t size, hc_error *err)
{
    bool bracketed = size > 0 && text[0] == '[';
    const char *bracket = bracketed ? memchr(text, ']', size) : NULL;
    const char *end = bracketed ? bracket : memchr(text, ':', size);
    size_t name = end == NULL ? size : (size_t)(end - text);
    const char *port = end == NULL ? NULL : end + bracketed;
    int64_t number = 3306;
    hc_status status;

    if (bracketed && bracket == NULL)
        return invalid(err, "the URI's address lacks its closing bracket");
    if (store->host_count == HC__MY_HOSTS)
        return invalid(err, "the URI has more than 8 hosts");
    if (port == text + size)
        port = NULL;
    if (port != NULL &&
        (*port != ':' ||
         hc__decimal_parse(&number, port + 1, size - (size_t)(port + 1 - text), 0, HC__EXACT) != HC__DECIMAL_OK ||
         number < 1 || number > 65535))
        return invalid(err, "the URI's port is not a number from 1 to 65535");
    store->hosts[store->host_count].port = (unsigned)number;
    status = take(&store->hosts[store->host_count].name, store, text + bracketed, name - bracketed, err);
    store->host_count += status == HC_OK;
    return status;
}

static hc_status take_hosts(hc__my_store *store, const char *text, size_t size, hc_error *err)
{
    hc_status status = HC_OK;

    for (size_t at = 0; at <= size && status == HC_OK;) {
        const char *comma = at < size ? memchr(text + at, ',', size - at) : NULL;
        size_t length = comma == NULL ? size - at : (size_t)(comma - text) - at;

        status = take_host(store, text + at, length, err);
        at += length + 1;
    }
    return status;
}

/* ---- parameters ---- */

static hc_status take_tls(hc__my_store *store, const char *value, size_t size, hc_error *err)
{
    if (same(value, size, "disabled"))
        store->tls = HC__MY_TLS_OFF;
    else if (same(value, size, "required"))
        store->tls = HC__MY_TLS_ON;
    else if (same(value, size, "verify-identity"))
        store->tls = HC__MY_TLS_VERIFY;
    else
        return invalid(err, "the URI's ssl-mode is none of disabled, required, verify-identity");
    return HC_OK;
}

static hc_status take_wait(hc__my_store *store, const char *value, size_t size, hc_error *err)
{
    int64_t seconds = 0;

    if (hc__decimal_parse(&seconds, value, size, 0, HC__EXACT) != HC__DECIMAL_OK || seconds < 1 || seconds > 600)
        return invalid(err, "the URI's connect-timeout is not a number from 1 to 600");
    store->connect_wait = seconds * 1000000;
    return HC_OK;
}

/* By commas. The client library passes over what it does not know. */
static bool are_versions(const char *list)
{
    static const char *const known[] = {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

    for (;;) {
        size_t size = strcspn(list, ","), i = 0;

        while (i < sizeof(known) / sizeof(known[0]) && !same(list, size, known[i]))
            i++;
        if (i == sizeof(known) / sizeof(known[0]))
            return false;
        if (list[size] == '\0')
            return true;
        list += size + 1;
    }
}

static hc_status check_texts(const hc__my_store *store, hc_error *err)
{
    const char *print = store->fingerprint;

    if (print != NULL && (*print == '\0' || print[strspn(print, "0123456789abcdefABCDEF:")] != '\0'))
        return invalid(err, "the URI's ssl-fp is not a fingerprint in hexadecimal digits");
    if (store->tls_version != NULL && !are_versions(store->tls_version))
        return invalid(err, "the URI's tls-version is no list of TLSv1.0, TLSv1.1, TLSv1.2 and TLSv1.3");
    return HC_OK;
}

/* Of a URI that was taken. */
hc_status hc__my_uri_files(const hc__my_store *store, hc_error *err)
{
    const char *const files[][2] = {{"ssl-ca", store->ca},
                                    {"ssl-capath", store->ca_path},
                                    {"ssl-cert", store->cert},
                                    {"ssl-key", store->key}};

    for (size_t i = 0; store->tls != HC__MY_TLS_OFF && i < sizeof(files) / sizeof(files[0]); i++) {
        if (files[i][1] != NULL && access(files[i][1], R_OK) != 0)
            return hc__fail_from(err, HC__MY_NAME, HC_ERR_INVALID, "storage_uri",
                                 "the URI's %s names nothing that can be read", files[i][0]);
    }
    return HC_OK;
}

static hc_status take_parameter(hc__my_store *store, const char *name, size_t size, const char *value, size_t length,
                                hc_error *err)
{
    const struct {
        const char *name;
        char **out;
    } texts[] = {{"ssl-ca", &store->ca},    {"ssl-capath", &store->ca_path},      {"ssl-cert", &store->cert},
                 {"ssl-key", &store->key},  {"tls-version", &store->tls_version}, {"ssl-fp", &store->fingerprint},
                 {"socket", &store->socket}};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (same(name, size, texts[i].name))
            return take(texts[i].out, store, value, length, err);
    }
    if (same(name, size, "ssl-mode"))
        return take_tls(store, value, length, err);
    if (same(name, size, "connect-timeout"))
        return take_wait(store, value, length, err);
    if (same(name, size, "durability")) {
        store->relaxed = same(value, length, "relaxed");
        return store->relaxed || same(value, length, "full")
                   ? HC_OK
                   : invalid(err, "the URI's durability is neither full nor relaxed");
    }
    return invalid(
        err, "the URI has a parameter that the mysql driver does not know: it knows ssl-mode, ssl-ca, ssl-capath, "
             "ssl-cert, ssl-key, ssl-fp, tls-version, socket, connect-timeout and durability");
}

static hc_status take_parameters(hc__my_store *store, const char *at, hc_error *err)
{
    hc_status status = HC_OK;

    while (*at != '\0' && status == HC_OK) {
        size_t size = strcspn(at, "&");
        const char *equals = memchr(at, '=', size);
        size_t name = equals == NULL ? size : (size_t)(equals - at);

        status = equals == NULL ? invalid(err, "the URI has a parameter without a value")
                                : take_parameter(store, at, name, equals + 1, size - name - 1, err);
        at += size + (at[size] == '&');
    }
    return status;
}

/* ---- the whole ---- */

/* This machine by name or address. */
static bool is_local(const char *host)
{
    return host[0] == '\0' || strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == '\0');
}

static bool all_local(const hc__my_store *store)
{
    for (size_t i = 0; i < store->host_count && store->socket == NULL; i++) {
        if (!is_local(store->hosts[i].name))
            return false;
    }
    return true;
}

/* Whom to trust, or as whom to come, has no meaning without TLS. */
static bool names_certificates(const hc__my_store *store)
{
    return store->ca != NULL || store->ca_path != NULL || store->cert != NULL || store->key != NULL ||
           store->fingerprint != NULL || store->tls_version != NULL;
}

static hc_status take_user(hc__my_store *store, const char *text, size_t size, hc_error *err)
{
    const char *colon = memchr(text, ':', size);
    size_t name = colon == NULL ? size : (size_t)(colon - text);
    hc_status status = take(&store->user, store, text, name, err);

    if (status == HC_OK && colon != NULL)
        status = take(&store->password, store, colon + 1, size - name - 1, err);
    return status;
}

hc_status hc__my_uri(hc__my_store *store, const char *uri, hc_error *err)
{
    const char *at = strstr(uri, "://"), *path, *user = NULL;
    size_t size;
    hc_status status = HC_OK;

    store->tls = -1;
    store->connect_wait = 5000000;
    if (at == NULL)
        return invalid(err, "a URI of this driver is mysql://user:password@host:port/database");
    at += 3;
    path = at + strcspn(at, "/?#");
    for (const char *sign = at; sign < path; sign++) {
        if (*sign == '@')
            user = sign;
    }
    if (user != NULL) {
        status = take_user(store, at, (size_t)(user - at), err);
        at = user + 1;
    }
    if (status == HC_OK)
        status = take_hosts(store, at, (size_t)(path - at), err);
    if (status == HC_OK && *path != '/')
        status = invalid(err, "the URI names no database");
    if (status < 0)
        return status;
    at = path + 1;
    size = strcspn(at, "?");
    if (size == 0 || memchr(at, '/', size) != NULL)
        return invalid(err, "the URI names no database, or more than one");
    status = take(&store->database, store, at, size, err);
    if (status == HC_OK && at[size] == '?')
        status = take_parameters(store, at + size + 1, err);
    if (status == HC_OK)
        status = check_texts(store, err);
    if (store->tls < 0)
        store->tls = all_local(store) && !names_certificates(store) ? HC__MY_TLS_OFF : HC__MY_TLS_VERIFY;
    return status;
}

void hc__my_forget_uri(hc__my_store *store)
{
    char *texts[] = {store->user,    store->password, store->database, store->socket,      store->ca,
                     store->ca_path, store->cert,     store->key,      store->tls_version, store->fingerprint};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i] != NULL)
            explicit_bzero(texts[i], strlen(texts[i]));
        hc__free(&store->mem, texts[i]);
    }
    for (size_t i = 0; i < HC__MY_HOSTS; i++)
        hc__free(&store->mem, store->hosts[i].name);
}
