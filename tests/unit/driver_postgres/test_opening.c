/* Who is let in and how, and what is told of settings, rights and words that are wrong. */
#include "shelf.h"
#include "books_opening.h"

#define WRITTEN (err.flags & HC_ERROR_WRITTEN_MASK)

static void skip_foreign(void)
{
    if (!server.ours) {
        (void)printf("skipped: the server of HC_TEST_POSTGRES_URI is not ours to change\n");
        _exit(0);
    }
}

static void refused(const char *address, hc_status status, const char *state)
{
    shelf_refuses(address, status, "postgres");
    ck_assert_str_eq(err.sqlstate, state);
}

START_TEST(what_cannot_be_opened_says_why_without_the_password)
{
    char address[768];
    int port = server.port;

    skip_foreign();
    (void)snprintf(address, sizeof(address), "postgresql://locked:open%%20sesame@127.0.0.1:%d/postgres", port);
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%s", address);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    (void)snprintf(address, sizeof(address), "postgresql://locked:wrong-sesame@127.0.0.1:%d/postgres", port);
    refused(address, HC_ERR_INVALID, "28P01");
    (void)snprintf(address, sizeof(address), "postgresql://locked@127.0.0.1:%d/postgres", port);
    refused(address, HC_ERR_INVALID, "");
    ck_assert_ptr_nonnull(strstr(err.message, "password"));
    (void)snprintf(address, sizeof(address), "postgresql://nobody:sesame@127.0.0.1:%d/postgres", port);
    refused(address, HC_ERR_INVALID, "28000");
    (void)snprintf(address, sizeof(address), "postgresql://hc:sesame@127.0.0.1:%d/nowhere", port);
    refused(address, HC_ERR_INVALID, "3D000");
    refused("postgresql://hc:sesame@127.0.0.1:1/postgres", HC_ERR_UNAVAILABLE, "");
    refused("postgresql://hc:sesame@nowhere.invalid/postgres", HC_ERR_UNAVAILABLE, "");
    refused("postgresql://hc:sesame@127.0.0.1:1/postgres?sesame=1", HC_ERR_INVALID, "");
    refused("postgresql://hc:sesame@[127.0.0.1/postgres", HC_ERR_INVALID, "");
    refused("postgresql://hc:sesame@127.0.0.1/postgres?durability=sesame", HC_ERR_INVALID, "");
    refused("postgresql://hc:sesame@127.0.0.1/postgres?connect_timeout=sesame", HC_ERR_INVALID, "");
}
END_TEST

/* What libpq tells only when it connects, and the server of what it does not know: no reason to try again. */
START_TEST(a_parameter_with_a_value_that_is_none_is_named)
{
    static const struct {
        const char *parameter, *allowed;
    } wrong[] = {{"sslmode=sesame", "verify-full"},           {"target_session_attrs=sesame", "read-write"},
                 {"channel_binding=sesame", "require"},       {"gssencmode=sesame", "prefer"},
                 {"keepalives=sesame", "keepalives is not"},  {"keepalives_count=1s", "keepalives_count is not"},
                 {"tcp_user_timeout=99999999999", "number"},  {"sslmode=verify-full,sesame", "verify-full"},
                 {"sslmode=verify", "verify-full"},           {"service=no_such_service", "service"},
                 {"ssl_min_protocol_version=1.3", "TLSv1.3"}, {"ssl_max_protocol_version=sesame", "TLSv1.2"},
                 {"hostaddr=sesame", "hostaddr is not"},      {"hostaddr=127.0.0.1,::1", "hosts, addresses"},
                 {"port=5432,5433", "hosts, addresses"},
                 {"ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2", "versions of TLS"},
                 {"sslmode=verify-full&sslrootcert=/sesame", "sslrootcert"}};
    static const char *const ports[] = {"0", "65536", "notaport", "5432,99999", "-1"};
    char address[768];

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void)snprintf(address, sizeof(address), "%s?%s", server.uri, wrong[i].parameter);
        refused(address, HC_ERR_INVALID, "");
        ck_assert_int_eq(shelf_open(), HC_ERR_INVALID);
        ck_assert_msg(strstr(err.message, wrong[i].allowed) != NULL, "%s", err.message);
    }
    shelf_uri("&ssl_min_protocol_version=tlsv1.2&ssl_max_protocol_version=TLSv1.3"); /* libpq takes both spellings */
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    shelf_close();
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        (void)snprintf(address, sizeof(address), "postgresql://hc:sesame@127.0.0.1/postgres?port=%s", ports[i]);
        refused(address, HC_ERR_INVALID, "");
    }
    (void)snprintf(address, sizeof(address), "%s?options=-cno_such_setting%%3Dsesame", server.uri);
    refused(address, HC_ERR_INVALID, "42704");
    (void)snprintf(address, sizeof(address), "%s?options=-cwork_mem%%3Dsesame", server.uri);
    refused(address, HC_ERR_INVALID, "22023");
    (void)snprintf(address, sizeof(address), "postgresql://127.0.0.1,127.0.0.1:%d/postgres?user=hc&keepalives=1",
                   server.port);
    skip_foreign();
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%s&sslmode=disable&target_session_attrs=any", address);
    ck_assert_msg(shelf_open() == HC_OK || err.status == HC_ERR_UNAVAILABLE, "%s", err.message);
}
END_TEST

static void as_locked(const char *more)
{
    shelf_close();
    (void)snprintf(uri, sizeof(uri),
                   "postgresql://locked:open%%20sesame@127.0.0.1:%d/postgres?options=-csearch_path%%3Dshelf_%d%s",
                   server.port, (int)getpid(), more);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
}

static void grant(const char *what)
{
    char sql[200];

    (void)snprintf(sql, sizeof(sql), what, (int)getpid());
    shelf_sql(sql);
}

/* What they need is told. */
START_TEST(a_user_without_rights_is_told_which)
{
    int32_t version = 7;
    char sql[160];
    shelf_book one;

    skip_foreign();
    shelf_book_init(&one, 1);
    as_locked("");
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_ERR_INVALID); /* no schema to see */
    ck_assert_str_eq(err.sqlstate, "3F000");
    grant("GRANT USAGE ON SCHEMA shelf_%d TO locked");
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_ERR_IO);
    ck_assert_str_eq(err.sqlstate, "42501");
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_ptr_nonnull(strstr(err.message, "SELECT, INSERT"));
    grant("GRANT SELECT ON ALL TABLES IN SCHEMA shelf_%d TO locked");
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_ERR_IO);
    ck_assert_str_eq(err.sqlstate, "42501");
    ck_assert_msg(strstr(err.message, "books") != NULL && strstr(err.message, "UPDATE") != NULL, "%s", err.message);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    (void)snprintf(sql, sizeof(sql), "DROP TABLE shelf_%d.schema_migrations", (int)getpid());
    shelf_sql(sql);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_ERR_IO);
    ck_assert_str_eq(err.sqlstate, "42501");
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_ptr_nonnull(strstr(err.message, "owner"));
}
END_TEST

START_TEST(another_programs_table_of_that_name_is_told)
{
    char sql[100];

    (void)snprintf(sql, sizeof(sql), "DROP TABLE shelf_%d.schema_migrations", (int)getpid());
    shelf_sql(sql);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_ERR_SCHEMA);
    ck_assert_str_eq(err.sqlstate, "42P07");
    ck_assert_msg(strstr(err.message, "not by this library") != NULL, "%s", err.message);
}
END_TEST

/* Of a migration too, and of a session that the server ended while a statement of ours ran. */
START_TEST(what_ends_a_session_is_told)
{
    char sql[160];

    shelf_close();
    (void)snprintf(sql, sizeof(sql),
                   "SET client_min_messages = error; DROP SCHEMA shelf_%d CASCADE; CREATE SCHEMA shelf_%d",
                   (int)getpid(), (int)getpid());
    shelf_sql(sql);
    shelf_uri("%20-cdefault_transaction_read_only%3Don");
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.sqlstate, "25006");
    ck_assert_ptr_nonnull(strstr(err.message, "read-only"));
    shelf_close();
    shelf_uri("");
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(hc__pg_run(conn, "SELECT pg_terminate_backend(pg_backend_pid())", NULL, &err), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.sqlstate, "57P01");
}
END_TEST

/* S18: it takes the connection and says nothing. */
START_TEST(a_server_that_never_answers_is_unavailable)
{
    never_answers("postgresql", "connect_timeout", "postgres");
}
END_TEST

START_TEST(a_server_of_another_make_is_told)
{
    static const char greeting[] = "d\0\0\0\n5.5.5-10.11.19-MariaDB";

    answers_otherwise("postgresql", "", greeting, sizeof(greeting), "postgres");
    answers_otherwise("postgresql", "?sslmode=disable", greeting, sizeof(greeting), "postgres");
    answers_otherwise("postgresql", "?sslmode=verify-full", greeting, sizeof(greeting), "postgres");
    answers_otherwise("postgresql", "", "HTTP/1.1 400", 12, "postgres");
}
END_TEST

static bool verifies(const char *address)
{
    hc__pg_store at = {0};
    bool verify;

    ck_assert_int_eq(hc__mem_init(&at.mem, &shelf_memory, &err), HC_OK);
    ck_assert_msg(hc__pg_uri(&at, address, &err) == HC_OK, "%s: %s", address, err.message);
    verify = at.verify;
    hc__pg_forget_options(&at);
    return verify;
}

/* S20: off loopback the server's name is verified, unless the URI says otherwise. */
START_TEST(tls_is_asked_for_off_loopback)
{
    (void)unsetenv("PGHOST");
    (void)unsetenv("PGHOSTADDR");
    ck_assert(!verifies("postgresql://127.0.0.1/db"));
    ck_assert(!verifies("postgresql://localhost,[::1]/db"));
    ck_assert(!verifies("postgresql:///db?host=/run/postgresql"));
    ck_assert(!verifies("postgresql:///db"));
    ck_assert(verifies("postgresql://db.example.com/db"));
    ck_assert(verifies("postgresql://localhost,db.example.com/db"));
    ck_assert(verifies("postgresql://127.0.0.1.example.com/db"));
    ck_assert(verifies("postgres://localhost/db?hostaddr=192.0.2.7"));
    ck_assert(!verifies("postgresql://db.example.com/db?sslmode=require"));
    ck_assert_int_eq(setenv("PGHOST", "db.example.com", 1), 0);
    ck_assert(verifies("postgresql:///db"));
    (void)unsetenv("PGHOST");
}
END_TEST

static bool stops;       /* before libpq is asked for a connection */
static char sslmode[32]; /* what it would have been asked for */

PGconn *__real_PQconnectStartParams(const char *const *keywords, const char *const *values, int expand);
PGconn *__wrap_PQconnectStartParams(const char *const *keywords, const char *const *values, int expand);

PGconn *__wrap_PQconnectStartParams(const char *const *keywords, const char *const *values, int expand)
{
    bool nobody = false; /* who only looks at the parameters asks for no port */

    for (size_t i = 0; keywords[i] != NULL; i++)
        nobody = nobody || (strcmp(keywords[i], "port") == 0 && strcmp(values[i], "0") == 0);
    if (!stops || nobody)
        return __real_PQconnectStartParams(keywords, values, expand);
    sslmode[0] = '\0';
    for (size_t i = 0; keywords[i] != NULL; i++)
        if (strcmp(keywords[i], "sslmode") == 0)
            (void)snprintf(sslmode, sizeof(sslmode), "%s", values[i]);
    return NULL;
}

/* S20 */
START_TEST(libpq_is_asked_to_verify_the_servers_name)
{
    static const char *const asked[][2] = {{"postgresql://db.example.com/db", "verify-full"},
                                           {"postgresql://db.example.com/db?sslmode=require", "require"},
                                           {"postgresql://127.0.0.1/db", ""}};

    stops = true;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        shelf_close();
        (void)snprintf(uri, sizeof(uri), "%s", asked[i][0]);
        ck_assert_int_eq(shelf_open(), HC_ERR_NO_MEMORY);
        ck_assert_str_eq(sslmode, asked[i][1]);
    }
    stops = false;
}
END_TEST

static uint32_t hosts_of(const char *address)
{
    hc__pg_store at = {0};

    ck_assert_int_eq(hc__mem_init(&at.mem, &shelf_memory, &err), HC_OK);
    ck_assert_msg(hc__pg_uri(&at, address, &err) == HC_OK, "%s: %s", address, err.message);
    hc__pg_forget_options(&at);
    return at.hosts;
}

/* A host may be named in a file of services, which the URI names. */
START_TEST(tls_is_asked_for_off_loopback_wherever_the_host_is_named)
{
    char path[] = "/tmp/hc-services-XXXXXX";
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_ge(dprintf(fd, "[far]\nhost=db.example.com\n[near]\nhost=127.0.0.1\nport=5433\n"
                                 "[two]\nhost=a.example.com,b.example.com\nport=5433,5434\n"),
                     0);
    (void)close(fd);
    ck_assert_int_eq(setenv("PGSERVICEFILE", path, 1), 0);
    ck_assert(verifies("postgresql:///db?service=far"));
    ck_assert(!verifies("postgresql:///db?service=near"));
    ck_assert(!verifies("postgresql://localhost/db?service=far"));
    ck_assert(!verifies("postgresql:///db?service=far&sslmode=require"));
    ck_assert(verifies("postgresql:///db?service=near&hostaddr=192.0.2.7"));
    ck_assert_uint_eq(hosts_of("postgresql:///db?service=two"), 2);
    ck_assert_uint_eq(hosts_of("postgresql:///db?service=near"), 1);
    ck_assert_int_eq(setenv("PGSERVICE", "two", 1), 0);
    ck_assert(verifies("postgresql:///db"));
    ck_assert_uint_eq(hosts_of("postgresql:///db"), 2);
    (void)unsetenv("PGSERVICE");
    (void)unsetenv("PGSERVICEFILE");
    (void)unlink(path);
    refused("postgresql:///db?service=far", HC_ERR_INVALID, "");
}
END_TEST

START_TEST(a_server_without_tls_is_refused_where_it_is_asked_for)
{
    char address[768];

    (void)snprintf(address, sizeof(address), "%s?sslmode=require", server.uri);
    refused(address, HC_ERR_UNAVAILABLE, "");
    ck_assert_int_eq(shelf_open(), HC_ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err.message, "TLS"));
}
END_TEST

START_TEST(commits_that_may_be_lost_are_refused)
{
    shelf_book one;

    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%s?options=-csynchronous_commit%%3Doff", server.uri);
    ck_assert_int_eq(shelf_open(), HC_ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(err.message, "synchronous_commit"));
    shelf_close();
    shelf_uri("&durability=relaxed");
    ck_assert_int_eq(shelf_open(), HC_OK);
    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    shelf_close();
    shelf_uri("&durability=full");
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 1);
}
END_TEST

/* An administrator's settings end statements and units that are told which. */
START_TEST(what_a_setting_of_the_server_ended_names_it)
{
    static const struct {
        const char *set, *named;
        hc_status status;
    } settings[] = {{"SET statement_timeout = 20", "statement_timeout", HC_ERR_TIMEOUT},
                    {"SET lock_timeout = 20", "lock_timeout", HC_ERR_BUSY}};
    shelf_book one;

    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN, &one.update, 1), HC_OK);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(hc__pg_run(conn, settings[i].set, NULL, &err), HC_OK);
        ck_assert_int_eq(shelf_run(conn, 0, &one.update, 1), settings[i].status);
        ck_assert_msg(strstr(err.message, settings[i].named) != NULL, "%s", err.message);
        ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
        ck_assert_int_eq(hc__pg_run(conn, "RESET ALL", NULL, &err), HC_OK);
    }
    ck_assert_int_eq(hc__pg_run(conn, "SET idle_in_transaction_session_timeout = 20", NULL, &err), HC_OK);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_ROLLBACK, NULL, 0), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.update, 1), HC_OK);
    (void)usleep(200000);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, &one.update, 1), HC_ERR_UNAVAILABLE);
    ck_assert_msg(strstr(err.message, "idle_in_transaction_session_timeout") != NULL, "%s", err.message);
    ck_assert_int_eq(shelf_count(other), 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_cannot_be_opened_says_why_without_the_password);
    tcase_add_test(tcase, a_parameter_with_a_value_that_is_none_is_named);
    tcase_add_test(tcase, a_user_without_rights_is_told_which);
    tcase_add_test(tcase, another_programs_table_of_that_name_is_told);
    tcase_add_test(tcase, what_ends_a_session_is_told);
    tcase_add_test(tcase, a_server_that_never_answers_is_unavailable);
    tcase_add_test(tcase, a_server_of_another_make_is_told);
    tcase_add_test(tcase, tls_is_asked_for_off_loopback);
    tcase_add_test(tcase, libpq_is_asked_to_verify_the_servers_name);
    tcase_add_test(tcase, tls_is_asked_for_off_loopback_wherever_the_host_is_named);
    tcase_add_test(tcase, a_server_without_tls_is_refused_where_it_is_asked_for);
    tcase_add_test(tcase, commits_that_may_be_lost_are_refused);
    tcase_add_test(tcase, what_a_setting_of_the_server_ended_names_it);
}

int main(void)
{
    return shelf_main("unit.driver_postgres.opening", fill);
}
