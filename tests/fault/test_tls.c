/* TLS to PostgreSQL: whoever cannot prove to be the server is refused, before the client said who it is. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "certificates.h"
#include "house.h"
#include "proxy.h"
#include "server_postgres.h"

static server_postgres server;
static proxy *between;
static char certificates[160];

static void setup(void)
{
    unsetenv("HC_TEST_POSTGRES_URI");
    if (!server_postgres_start(&server)) {
        printf("skipped: %s\n", server.reason);
        _exit(0);
    }
    ck_assert_msg(certificates_make(certificates, sizeof certificates, server.folder), "see %s/log", certificates);
    house_set_time(HOUSE_START);
    setenv("HC_TEST_STORE", "postgres", 1);
    setenv("HC_TEST_POSTGRES_URI", server.uri, 1);
    house_folder();
}

static void teardown(void)
{
    house_close();
    server_postgres_stop(&server);
}

/* The server with this certificate, or without TLS, and with more settings; nothing else of it changes. */
static void serve_with(const char *name, const char *more)
{
    server_postgres_kill(&server);
    ck_assert(server_postgres_certify(&server, certificates, name, more));
    ck_assert_msg(server_postgres_again(&server), "%s", server.reason);
}

/* Opens a client over the proxy and asks it whether the store answers. */
static hc_status reach(int port, const char *host, const char *more, hc_error *err)
{
    hc_client_options options;
    hc_health health = HC_HEALTH_INIT;
    hc_client *client = NULL;
    char uri[700];
    hc_status status;

    snprintf(uri, sizeof uri,
             "postgresql://locked:open%%20sesame@%s:%d/postgres?sslmode=verify-full&sslrootcert=%s/"
             "authority.crt%s",
             host, port, certificates, more);
    house_options(&options);
    options.storage_uri = uri;
    options.migrate = HC_MIGRATE_NEVER;
    *err = (hc_error){0};
    status = hc_client_open(&client, &options, err);
    if (status >= 0)
        status = hc_client_health(client, &health, err);
    hc_client_close(client);
    house_count(1);
    return status;
}

static bool holds(const unsigned char *bytes, size_t size, const char *word)
{
    return memmem(bytes, size, word, strlen(word)) != NULL;
}

/* Refused, and all that the client ever said is that it wants TLS and, when the server agreed, a hello of TLS. */
static void refused(hc_status status, const hc_error *err, const char *what)
{
    static const unsigned char wants_tls[8] = {0, 0, 0, 8, 4, 210, 22, 47};
    unsigned char heard[PROXY_HEARD];
    size_t size = proxy_heard(between, heard);

    ck_assert_msg(status == HC_ERR_UNAVAILABLE, "%s: %s %s", what, hc_status_name(status), err->message);
    ck_assert_msg(err->flags == HC_ERROR_RETRYABLE, "%s: flags %u", what, err->flags);
    ck_assert_msg(strstr(err->message, "sesame") == NULL, "%s: %s", what, err->message);
    ck_assert_msg(size >= 8 && memcmp(heard, wants_tls, 8) == 0, "%s: it did not ask for TLS first", what);
    ck_assert_msg(size == 8 || heard[8] == 0x16 || heard[8] == 0x15, "%s: it went on without TLS", what);
    ck_assert_msg(!holds(heard, size, "locked") && !holds(heard, size, "sesame") && !holds(heard, size, "postgres"),
                  "%s: it said who it is", what);
    printf("refused, %zu bytes were said: %s: %s\n", size, what, err->message);
}

/* S20 */
START_TEST(only_a_server_with_the_right_certificate_is_told_who_asks)
{
    static const struct {
        const char *what, *certificate, *settings;
    } cases[] = {
        {"an expired certificate", "expired", ""},
        {"a certificate of an unknown authority", "unknown", ""},
        {"a certificate that signs itself", "itself", ""},
        {"a certificate of another host", "elsewhere", ""},
        {"a server without TLS", NULL, ""},
        {"a server of TLS 1.1 and older", "good",
         "ssl_min_protocol_version = 'TLSv1'\nssl_max_protocol_version = 'TLSv1.1'"},
    };
    hc_error err;

    between = proxy_start(server.port);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        serve_with(cases[i].certificate, cases[i].settings);
        refused(reach(proxy_port(between), "localhost", "", &err), &err, cases[i].what);
    }
    serve_with("good", "ssl_min_protocol_version = 'TLSv1.2'\nssl_max_protocol_version = ''");
    ck_assert_msg(reach(proxy_port(between), "localhost", "", &err) == HC_OK, "%s", err.message);
    ck_assert_msg(reach(proxy_port(between), "127.0.0.1", "", &err) == HC_OK, "%s", err.message);
    proxy_stop(between);
}
END_TEST

/* S20: the way to the server is not ours. It strips TLS, or speaks before TLS does. */
START_TEST(a_peer_that_talks_tls_away_hears_nothing)
{
    static const struct {
        const char *what;
        size_t size;
        char answer[64];
    } cases[] = {
        {"TLS refused", 1, "N"},
        {"TLS refused, and a password asked for", 10, "NR\0\0\0\10\0\0\0\3"},
        {"TLS agreed to, and a password asked for in the clear", 10, "SR\0\0\0\10\0\0\0\3"},
        {"TLS agreed to, and all well in the clear", 10, "SR\0\0\0\10\0\0\0\0"},
        {"an error before TLS", 28, "E\0\0\0\33SFATAL\0C28000\0Mplease\0\0"},
        {"nonsense", 12, "HTTP/1.1 400"},
        {"silence", 0, ""},
    };
    hc_error err;

    between = proxy_start(0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        proxy_say(between, cases[i].answer, cases[i].size);
        refused(reach(proxy_port(between), "localhost", "&connect_timeout=1", &err), &err, cases[i].what);
    }
    proxy_stop(between);
}
END_TEST

/* S20: the server is right, and wants a certificate of the client. */
START_TEST(a_server_that_refuses_the_client_says_so)
{
    char more[700];
    hc_error err;

    serve_with("good", "");
    between = proxy_start(server.port);
    ck_assert(server_postgres_allow(&server, "hostssl all locked 127.0.0.1/32 cert\nhost all hc 127.0.0.1/32 trust"));
    server_postgres_kill(&server);
    ck_assert(server_postgres_again(&server));
    ck_assert_int_eq(reach(proxy_port(between), "localhost", "", &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_str_eq(err.sqlstate, "28000");
    ck_assert_ptr_null(strstr(err.message, "sesame"));
    snprintf(more, sizeof more, "&sslcert=%s/unknown.crt&sslkey=%s/unknown.key", certificates, certificates);
    ck_assert_int_eq(reach(proxy_port(between), "localhost", more, &err), HC_ERR_UNAVAILABLE);
    proxy_stop(between);
}
END_TEST

START_TEST(the_harness_finds_a_client_that_trusts_any_server)
{
    ck_assert(suite_finds("any-server", "only_a_server_with_the_right_certificate_is_told_who_asks",
                          "an expired certificate: HC_OK"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, only_a_server_with_the_right_certificate_is_told_who_asks);
    tcase_add_test(tcase, a_peer_that_talks_tls_away_hears_nothing);
    tcase_add_test(tcase, the_harness_finds_a_client_that_trusts_any_server);
    tcase_add_test(tcase, a_server_that_refuses_the_client_says_so);
}

int main(void)
{
    return suite_main("fault.tls", fill, setup, teardown);
}
