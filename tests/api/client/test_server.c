/* URIs of servers that lead nowhere, or where one may not go: told by a status and an option, within the deadline, and
 * without a password in any message or line of the log. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "house.h"

#define SECRET "s3cr3t%20pa%24s"
#define PLAIN  "s3cr3t pa$s"

static bool leaked;

static bool tells(const char *text)
{
    return strstr(text, SECRET) != NULL || strstr(text, PLAIN) != NULL || strstr(text, "s3cr3t") != NULL;
}

static void note_line(int32_t level, const char *request_id, const char *line, void *data)
{
    (void)level;
    (void)request_id;
    (void)data;
    leaked = leaked || tells(line);
}

static int64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Refused so, within what a connection may take. */
static void refused(const char *what, const char *uri, hc_status want)
{
    hc_client_options options;
    hc_client *client = (hc_client *)&options;
    hc_error why = {0};
    hc_status status;
    int64_t begin = milliseconds();

    house_options(&options);
    options.storage_uri = uri;
    options.log = note_line;
    options.log_level = HC_LOG_DEBUG;
    options.acquire_timeout = 2 * HOUSE_SECOND;
    status = hc_client_open(&client, &options, &why);
    house_count(1);
    ck_assert_msg(status == want && why.status == status, "%s: %s, not %s: %s", what, hc_status_name(status),
                  hc_status_name(want), why.message);
    ck_assert_msg(why.message[0] != '\0' && !tells(why.message), "%s: %s", what, why.message);
    ck_assert_msg(!leaked, "%s: a password is in the log", what);
    ck_assert_ptr_null(client);
    ck_assert_int_lt(milliseconds() - begin, 30000);
}

static int listening(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static const char *scheme(void)
{
    return strcmp(house_engine(), "mysql") == 0 ? "mariadb" : "postgresql";
}

/* Nobody listens there; the name means nothing; somebody listens and says nothing. */
START_TEST(a_server_that_is_not_there_is_unavailable)
{
    char uri[300];
    int port, fd = listening(&port);

    snprintf(uri, sizeof uri, "%s://hc:%s@127.0.0.1:%d/home", scheme(), SECRET, port);
    refused("no listener", uri, HC_ERR_UNAVAILABLE);
    ck_assert_int_eq(listen(fd, 4), 0);
    refused("a silent one", uri, HC_ERR_UNAVAILABLE);
    close(fd);
    snprintf(uri, sizeof uri, "%s://hc:%s@no-such-host.invalid:%d/home", scheme(), SECRET, port);
    refused("no such host", uri, HC_ERR_UNAVAILABLE);
}
END_TEST

/* Host and port of the house's server. */
static const char *authority(void)
{
    static char out[128];
    const char *at = strstr(house.uri, "://"), *user = strchr(at + 3, '@');
    const char *host = user == NULL ? at + 3 : user + 1;

    snprintf(out, sizeof out, "%.*s", (int)strcspn(host, "/?"), host);
    return out;
}

START_TEST(a_user_that_is_refused_is_told_of_by_its_option)
{
    char uri[400];

    snprintf(uri, sizeof uri, "%s://locked:%s@%s/%s", scheme(), SECRET, authority(),
             strcmp(house_engine(), "mysql") == 0 ? house.schema : "postgres");
    refused("a wrong password", uri, HC_ERR_INVALID);
    snprintf(uri, sizeof uri, "%s://nobody_here:%s@%s/home", scheme(), SECRET, authority());
    refused("no such user", uri, HC_ERR_INVALID);
}
END_TEST

START_TEST(a_database_that_is_not_there_is_told_of)
{
    const char *rest = strchr(strstr(house.uri, "://") + 3, '/');
    char uri[800];

    snprintf(uri, sizeof uri, "%.*s/no_such_database%s", (int)(rest - house.uri), house.uri,
             strchr(rest, '?') == NULL ? "" : strchr(rest, '?'));
    refused("no such database", uri, HC_ERR_INVALID);
}
END_TEST

/* S39: a store of a newer library is left alone. */
START_TEST(a_newer_schema_is_left_alone)
{
    hc_client_options options;
    hc_client *client = NULL;
    snapshot before;

    house_leave();
    house_change("CREATE TABLE one AS SELECT * FROM schema_migrations WHERE version=1;"
                 "UPDATE one SET version=1000; INSERT INTO schema_migrations SELECT * FROM one; DROP TABLE one");
    before = house_snapshot();
    house_options(&options);
    HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_SCHEMA, "storage_uri");
    ck_assert_ptr_null(client);
    house_assert_unchanged_since(before);
}
END_TEST

/* ---- a server of an old version ---- */

/* Each says who it is in its protocol's first words; nothing more is asked of it. */
static void old_postgres(int fd)
{
    static const char hello[] = "R\0\0\0\x08\0\0\0\0"
                                "S\0\0\0\x18server_version\0"
                                "12.9\0"
                                "K\0\0\0\x0c\0\0\0\x01\0\0\0\x02"
                                "Z\0\0\0\x05I";
    unsigned char packet[1024];

    /* eight bytes ask for encryption: there is none */
    while (read(fd, packet, sizeof packet) == 8)
        ck_assert_int_eq(write(fd, "N", 1), 1);
    ck_assert_int_eq(write(fd, hello, sizeof hello - 1), sizeof hello - 1);
}

static void old_mysql(int fd)
{
    static const char hello[] = "\x0a"
                                "5.5.5-10.5.9-MariaDB\0"
                                "\x01\0\0\0"
                                "12345678\0"
                                "\x09\xa2"
                                "\x2d"
                                "\x02\0"
                                "\x08\0"
                                "\x15"
                                "\0\0\0\0\0\0\0\0\0\0"
                                "123456789012\0"
                                "mysql_native_password";
    static const char fine[] = "\x07\0\0\x02\0\0\0\x02\0\0\0";
    const char head[] = {(char)sizeof hello, 0, 0, 0};
    unsigned char packet[1024];

    ck_assert_int_eq(write(fd, head, sizeof head), sizeof head);
    ck_assert_int_eq(write(fd, hello, sizeof hello), sizeof hello); /* with its NUL */
    if (read(fd, packet, sizeof packet) > 0)
        ck_assert_int_eq(write(fd, fine, sizeof fine - 1), sizeof fine - 1);
}

static void *serve(void *data)
{
    const int *listener = data;
    unsigned char rest[1024];
    int fd;

    while ((fd = accept(*listener, NULL, NULL)) >= 0) {
        if (strcmp(house_engine(), "mysql") == 0)
            old_mysql(fd);
        else
            old_postgres(fd);
        while (read(fd, rest, sizeof rest) > 0)
            ;
        close(fd);
    }
    return NULL;
}

START_TEST(a_server_that_is_too_old_is_told_of)
{
    char uri[300];
    pthread_t thread;
    int port, fd = listening(&port);

    ck_assert_int_eq(listen(fd, 4), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, serve, &fd), 0);
    snprintf(uri, sizeof uri, "%s://hc:%s@127.0.0.1:%d/home", scheme(), SECRET, port);
    refused("an old one", uri, HC_ERR_UNSUPPORTED);
    shutdown(fd, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(fd);
}
END_TEST

/* A parameter that is none is named; what it held is not. */
START_TEST(a_parameter_that_is_none_is_refused)
{
    char uri[800];

    snprintf(uri, sizeof uri, "%s%cno_such_parameter=%s", house.uri, strchr(house.uri, '?') == NULL ? '?' : '&',
             SECRET);
    refused("a parameter", uri, HC_ERR_INVALID);
}
END_TEST

/* A store that several share has keys that are given. */
START_TEST(a_server_wants_its_keys_given)
{
    hc_client_options options;
    hc_client *client = NULL;

    house_options(&options);
    options.key_file = NULL;
    HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_INVALID, "secret_key");
    ck_assert_ptr_null(client);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_server_that_is_not_there_is_unavailable);
    tcase_add_test(tcase, a_user_that_is_refused_is_told_of_by_its_option);
    tcase_add_test(tcase, a_database_that_is_not_there_is_told_of);
    tcase_add_test(tcase, a_newer_schema_is_left_alone);
    tcase_add_test(tcase, a_server_that_is_too_old_is_told_of);
    tcase_add_test(tcase, a_parameter_that_is_none_is_refused);
    tcase_add_test(tcase, a_server_wants_its_keys_given);
}

int main(void)
{
    if (house_is_a_file()) {
        printf("skipped: about servers\n");
        return 77;
    }
    return suite_main("api.client.server", fill, house_open, house_close);
}
