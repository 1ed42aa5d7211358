/* TLS to MariaDB: whoever cannot prove to be the server is refused, before the client said who it is. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "certificates.h"
#include "house.h"
#include "proxy.h"
#include "server_mysql.h"

static server_mysql server;
static proxy *between;
static char certificates[160];

static void setup(void)
{
    unsetenv("HC_TEST_MARIADB_URI");
    if (!server_mysql_start(&server)) {
        printf("skipped: %s\n", server.reason);
        _exit(0);
    }
    ck_assert_msg(certificates_make(certificates, sizeof certificates, server.folder), "see %s/log", certificates);
    house_set_time(HOUSE_START);
    setenv("HC_TEST_STORE", "mysql", 1);
    setenv("HC_TEST_MARIADB_URI", server.uri, 1);
    house_folder();
    between = proxy_start(server.port);
}

static void teardown(void)
{
    proxy_stop(between);
    house_close();
    server_mysql_stop(&server);
}

/* The server with this certificate, or without TLS. */
static void serve_with(const char *name, const char *versions)
{
    server_mysql_certify(&server, certificates, name, versions);
    server_mysql_kill(&server);
    ck_assert_msg(server_mysql_again(&server), "%s", server.reason);
}

static hc_status open_at(hc_client **out, int port, const char *host, const char *more, hc_error *err)
{
    hc_client_options options;
    char uri[700];

    snprintf(uri, sizeof uri,
             "mysql://locked:open%%20sesame@%s:%d/mysql?connect-timeout=5&ssl-mode=verify-identity&ssl-ca=%s/"
             "authority.crt%s",
             host, port, certificates, more);
    house_options(&options);
    options.storage_uri = uri;
    options.migrate = HC_MIGRATE_NEVER;
    *err = (hc_error){0};
    return hc_client_open(out, &options, err);
}

/* Opens a client on that port and asks it whether the store answers. */
static hc_status reach_at(int port, const char *host, const char *more, hc_error *err)
{
    hc_health health = HC_HEALTH_INIT;
    hc_client *client = NULL;
    hc_status status = open_at(&client, port, host, more, err);

    if (status >= 0)
        status = hc_client_health(client, &health, err);
    hc_client_close(client);
    house_count(1);
    return status;
}

static hc_status reach(const char *host, const char *more, hc_error *err)
{
    return reach_at(proxy_port(between), host, more, err);
}

/* The server speaks first. All that the client then says is that it wants TLS, 36 bytes without a name, and a hello. */
static void heard_nothing(const unsigned char *heard, size_t size, hc_status status, const hc_error *err,
                          const char *what)
{
    ck_assert_msg(status == HC_ERR_UNAVAILABLE, "%s: %s %s", what, hc_status_name(status), err->message);
    ck_assert_msg(err->flags == HC_ERROR_RETRYABLE, "%s: flags %u", what, err->flags);
    ck_assert_msg(strstr(err->message, "sesame") == NULL, "%s: %s", what, err->message);
    ck_assert_msg(size == 0 || (size >= 36 && heard[0] == 32), "%s: it said %zu bytes, not that it wants TLS", what,
                  size);
    ck_assert_msg(size <= 36 || heard[36] == 0x16 || heard[36] == 0x15, "%s: it went on without TLS", what);
    ck_assert_msg(memmem(heard, size, "locked", 6) == NULL, "%s: it said who it is", what);
    printf("refused, %zu bytes were said: %s: %s\n", size, what, err->message);
}

static void refused(hc_status status, const hc_error *err, const char *what)
{
    unsigned char heard[PROXY_HEARD];
    size_t size = proxy_heard(between, heard);

    heard_nothing(heard, size, status, err, what);
}

/* S20 */
START_TEST(only_a_server_with_the_right_certificate_is_told_who_asks)
{
    static const struct {
        const char *what, *certificate, *versions;
    } cases[] = {
        {"a certificate of another host", "elsewhere", NULL},
        {"an expired certificate", "expired", NULL},
        {"a certificate of an unknown authority", "unknown", NULL},
        {"a certificate that signs itself", "itself", NULL},
        {"a server without TLS", NULL, NULL},
        {"a server of TLS 1.1", "good", "--tls-version=TLSv1.1"},
    };
    hc_error err;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        serve_with(cases[i].certificate, cases[i].versions);
        refused(reach("localhost", "", &err), &err, cases[i].what);
    }
    serve_with("good", NULL);
    ck_assert_msg(reach("localhost", "", &err) == HC_OK, "%s", err.message);
    ck_assert_msg(reach("127.0.0.1", "", &err) == HC_OK, "%s", err.message);
}
END_TEST

/* S20: the server is right, and wants a certificate of the client. */
START_TEST(a_server_that_refuses_the_client_says_so)
{
    char more[700];
    hc_error err;
    MYSQL *conn;

    serve_with("good", NULL);
    conn = server_mysql_look(server.uri, "mysql");
    ck_assert_ptr_nonnull(conn);
    ck_assert_int_eq(mysql_query(conn, "ALTER USER locked@'%' REQUIRE X509"), 0);
    mysql_close(conn);
    ck_assert_int_eq(reach("localhost", "", &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_msg(err.native == 1045 && strcmp(err.sqlstate, "28000") == 0, "%d %s %s", (int)err.native, err.sqlstate,
                  err.message);
    ck_assert_ptr_null(strstr(err.message, "sesame"));
    snprintf(more, sizeof more, "&ssl-cert=%s/good.crt&ssl-key=%s/good.key", certificates, certificates);
    ck_assert_msg(reach("localhost", more, &err) == HC_OK, "%s", err.message);
    snprintf(more, sizeof more, "&ssl-cert=%s/unknown.crt&ssl-key=%s/unknown.key", certificates, certificates);
    ck_assert_int_lt(reach("localhost", more, &err), 0);
    ck_assert_ptr_null(strstr(err.message, "sesame"));
}
END_TEST

static void end_sessions(void)
{
    MYSQL *look = server_mysql_look(server.uri, "mysql");
    MYSQL_RES *found;
    MYSQL_ROW row;
    int count = 0;

    ck_assert_ptr_nonnull(look);
    ck_assert_int_eq(
        mysql_query(look, "SELECT concat('KILL ', id) FROM information_schema.processlist WHERE user='locked'"), 0);
    found = mysql_store_result(look);
    for (; (row = mysql_fetch_row(found)) != NULL; count++)
        ck_assert_int_eq(mysql_query(look, row[0]), 0);
    mysql_free_result(found);
    mysql_close(look);
    ck_assert_int_gt(count, 0);
}

/* S44: who asks is told of a lost connection or finds another; TLS writes as if nobody minded the signal. */
START_TEST(a_session_over_tls_that_ended_raises_no_signal)
{
    hc_health health = HC_HEALTH_INIT;
    hc_client *client = NULL;
    hc_error err;
    sigset_t set;

    serve_with("good", NULL);
    signal(SIGPIPE, SIG_DFL);
    ck_assert_msg(open_at(&client, server.port, "localhost", "", &err) == HC_OK, "%s", err.message);
    for (int i = 0; i < 5; i++) {
        ck_assert_msg(hc_client_health(client, &health, &err) == HC_OK, "%d: %s", (int)err.native, err.message);
        end_sessions();
        usleep(20000); /* the end is on its way */
        if (hc_client_health(client, &health, &err) < 0)
            ck_assert_msg(err.status == HC_ERR_UNAVAILABLE && err.flags == HC_ERROR_RETRYABLE, "%d: %s",
                          (int)err.native, err.message);
    }
    hc_client_close(client);
    ck_assert_int_eq(sigpending(&set), 0);
    ck_assert(!sigismember(&set, SIGPIPE));
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &set), 0);
    ck_assert(!sigismember(&set, SIGPIPE));
    house_count(11);
}
END_TEST

/* ---- a peer that is no server ------------------------------------------------------------------------------------ */

typedef struct peer {
    const char *what;
    bool offers; /* TLS */
    size_t size; /* of what it says once the client has said something */
    char second[32];
    int listening;
    unsigned char heard[PROXY_HEARD];
    size_t heard_size;
} peer;

static unsigned char *put(unsigned char *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

/* As MariaDB 10.11 says it: version, session, half a nonce, what it can do, and the rest of the nonce. */
static size_t greeting(unsigned char *out, bool offers)
{
    unsigned char *at = put(out, "\0\0\0", 4);

    at = put(at, "\0125.5.5-10.11.6-MariaDB", sizeof "\0125.5.5-10.11.6-MariaDB");
    at = put(at, "\1\0\0\0abcdefgh", 13);
    at = put(at, offers ? "\376\377" : "\376\367", 2);
    at = put(at, "\55\2\0\377\201\25\0\0\0\0\0\0\7\0\0", 16);
    at = put(at, "ijklmnopqrst", 13);
    at = put(at, "mysql_native_password", 22);
    out[0] = (unsigned char)(at - out - 4);
    return (size_t)(at - out);
}

static void *be_peer(void *data)
{
    unsigned char hello[128];
    peer *mine = data;
    int fd = accept(mine->listening, NULL, NULL);
    size_t size = greeting(hello, mine->offers);
    ssize_t got = write(fd, hello, size) == (ssize_t)size ? 1 : 0;

    for (bool told = false; got > 0; told = true) {
        got = read(fd, mine->heard + mine->heard_size, sizeof mine->heard - mine->heard_size);
        mine->heard_size += got > 0 ? (size_t)got : 0;
        if (!told && got > 0 && write(fd, mine->second, mine->size) != (ssize_t)mine->size)
            got = 0;
    }
    close(fd);
    return NULL;
}

/* S18 S20: the way to the server is not ours. It strips TLS, speaks before TLS does, or says nothing more. */
START_TEST(a_peer_that_talks_tls_away_hears_nothing)
{
    static peer cases[] = {
        {.what = "no TLS offered"},
        {.what = "TLS offered, and all well in the clear", .offers = true, 11, "\7\0\0\2\0\0\0\2\0\0\0"},
        {.what = "TLS offered, and a password asked for in the clear",
         .offers = true,
         27,
         "\27\0\0\2\376mysql_clear_password\0"},
        {.what = "TLS offered, and an error in its place", .offers = true, 19, "\17\0\0\2\377\25\4#28000please"},
        {.what = "TLS offered, and nonsense", .offers = true, 12, "HTTP/1.1 400"},
        {.what = "TLS offered, and silence", .offers = true},
    };
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    hc_error err;

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hc_status status;
        pthread_t thread;

        cases[i].listening = fd;
        ck_assert_int_eq(pthread_create(&thread, NULL, be_peer, &cases[i]), 0);
        status = reach_at(ntohs(address.sin_port), "localhost", "", &err);
        pthread_join(thread, NULL);
        heard_nothing(cases[i].heard, cases[i].heard_size, status, &err, cases[i].what);
    }
    close(fd);
}
END_TEST

/* S18 S20: what waits for the server waits inside TLS, and all the same no longer than it may. */
START_TEST(a_server_that_falls_silent_is_given_up_in_time)
{
    hc_client_options options;
    hc_property *home = NULL;
    char uri[900];
    hc_status status = HC_ERR_INTERNAL;
    hc_error err;
    hc_id listing;

    serve_with("good", NULL);
    snprintf(uri, sizeof uri, "%s?ssl-mode=verify-identity&ssl-ca=%s/authority.crt", house.uri, certificates);
    house_options(&options);
    options.storage_uri = uri;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    HOUSE_OK(hc_session_system(&house.system, house.client, err));
    listing = house_list_home(house.system, "Behind TLS", 100);
    HOUSE_OK(hc_property_get(&home, house.system, listing, err));
    hc_property_free(home);
    hc_session_set_timeout(house.system, 300000);
    server_mysql_freeze(&server, true);
    ck_assert_int_eq(waitpid(server.pid, NULL, WUNTRACED), server.pid); /* before that it might still answer */
    ck_assert_int_eq(hc_property_get(&home, house.system, listing, &err), HC_ERR_TIMEOUT);
    server_mysql_freeze(&server, false);
    hc_session_set_timeout(house.system, 0);
    for (int i = 0; i < 3 && status < 0; i++)
        status = hc_property_get(&home, house.system, listing, &err);
    ck_assert_msg(status == HC_OK, "%s", err.message);
    hc_property_free(home);
}
END_TEST

START_TEST(the_harness_finds_a_client_that_trusts_any_server)
{
    ck_assert(suite_finds("any-server", "only_a_server_with_the_right_certificate_is_told_who_asks",
                          "a certificate of another host: HC_OK"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_peer_that_talks_tls_away_hears_nothing);
    tcase_add_test(tcase, a_server_that_falls_silent_is_given_up_in_time);
    tcase_add_test(tcase, only_a_server_with_the_right_certificate_is_told_who_asks);
    tcase_add_test(tcase, the_harness_finds_a_client_that_trusts_any_server);
    tcase_add_test(tcase, a_server_that_refuses_the_client_says_so);
    tcase_add_test(tcase, a_session_over_tls_that_ended_raises_no_signal);
}

int main(void)
{
    return suite_main("fault.tls_mysql", fill, setup, teardown);
}
