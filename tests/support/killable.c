#include "killable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "certificates.h"
#ifdef HOUSE_MYSQL
#include "server_mysql.h"
#endif
#include "server_postgres.h"

/* ---- PostgreSQL ---- */

static server_postgres postgres;

static bool postgres_start(void)
{
    return server_postgres_start(&postgres);
}

static bool postgres_again(void)
{
    return server_postgres_again(&postgres);
}

static void postgres_kill(void)
{
    server_postgres_kill(&postgres);
}

static void postgres_stop(void)
{
    server_postgres_stop(&postgres);
}

static int postgres_port(void)
{
    return postgres.port;
}

static const char *postgres_uri(void)
{
    return postgres.uri;
}

static const char *postgres_reason(void)
{
    return postgres.reason;
}

static const char *postgres_folder(void)
{
    return postgres.folder;
}

static int64_t postgres_ask(const char *sql)
{
    return server_postgres_ask(&postgres, sql);
}

static void postgres_end_sessions(void)
{
    (void)postgres_ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = "
                       "'client backend' AND pid <> pg_backend_pid()");
}

static void postgres_take_seats(bool take)
{
    (void)postgres_ask(take ? "ALTER ROLE locked CONNECTION LIMIT 0" : "ALTER ROLE locked CONNECTION LIMIT 100");
    if (take)
        postgres_end_sessions();
}

static void postgres_read_only(bool read_only)
{
    (void)server_postgres_set(&postgres,
                              read_only ? "default_transaction_read_only = on" : "default_transaction_read_only = off");
    for (int i = 0; i < 3000 && postgres_ask("SELECT current_setting('default_transaction_read_only') = 'on'") !=
                                    (read_only ? 1 : 0);
         i++)
        usleep(10000);
}

static bool postgres_offer_tls(const char *certificates)
{
    if (!server_postgres_certify(&postgres, certificates, "good", ""))
        return false;
    for (int i = 0; i < 3000 && postgres_ask("SELECT current_setting('ssl') = 'on'") != 1; i++)
        usleep(10000);
    return postgres_ask("SELECT current_setting('ssl') = 'on'") == 1;
}

/* ---- MariaDB ---- */

#ifdef HOUSE_MYSQL
static server_mysql maria;

static bool maria_start(void)
{
    return server_mysql_start(&maria);
}

static bool maria_again(void)
{
    return server_mysql_again(&maria);
}

static void maria_kill(void)
{
    server_mysql_kill(&maria);
}

static void maria_stop(void)
{
    server_mysql_stop(&maria);
}

static int maria_port(void)
{
    return maria.port;
}

static const char *maria_uri(void)
{
    return maria.uri;
}

static const char *maria_reason(void)
{
    return maria.reason;
}

static const char *maria_folder(void)
{
    return maria.folder;
}

static int64_t maria_ask(const char *sql)
{
    return server_mysql_ask(&maria, sql);
}

/* Those that were there when it began. */
static void maria_end_sessions(void)
{
    int64_t below = INT64_MAX;
    char sql[200];

    while (below > 0) {
        snprintf(sql, sizeof sql,
                 "SELECT max(id) FROM information_schema.processlist WHERE user <> 'system user' AND id <> "
                 "connection_id() AND id < %lld",
                 (long long)below);
        below = maria_ask(sql);
        snprintf(sql, sizeof sql, "KILL %lld", (long long)below);
        if (below > 0)
            (void)maria_ask(sql);
    }
}

#define SEATS 10 /* the least that it has */

static void maria_take_seats(bool take)
{
    static MYSQL *crowd[SEATS];

    if (take) {
        (void)maria_ask("SET GLOBAL max_connections = 10");
        maria_end_sessions();
    }
    for (int i = 0; i < SEATS; i++) {
        if (take)
            crowd[i] = server_mysql_look(maria.uri, "mysql");
        else
            mysql_close(crowd[i]);
    }
    if (!take)
        (void)maria_ask("SET GLOBAL max_connections = 60");
}

static void maria_read_only(bool read_only)
{
    (void)maria_ask(read_only ? "SET GLOBAL read_only = 1" : "SET GLOBAL read_only = 0");
}

static bool maria_offer_tls(const char *certificates)
{
    server_mysql_certify(&maria, certificates, "good", NULL);
    server_mysql_kill(&maria);
    return server_mysql_again(&maria);
}
#endif

static const killable_engine engines[] = {
    {"postgres", postgres_start, postgres_again, postgres_kill, postgres_stop, postgres_port, postgres_uri,
     postgres_reason, postgres_folder, postgres_ask, postgres_end_sessions, postgres_take_seats, postgres_read_only,
     "HC_TEST_POSTGRES_URI", postgres_offer_tls, "sslmode=disable", "sslmode=verify-full&sslrootcert="},
#ifdef HOUSE_MYSQL
    {"mysql", maria_start, maria_again, maria_kill, maria_stop, maria_port, maria_uri, maria_reason, maria_folder,
     maria_ask, maria_end_sessions, maria_take_seats, maria_read_only, "HC_TEST_MARIADB_URI", maria_offer_tls,
     "ssl-mode=disabled", "ssl-mode=verify-identity&ssl-ca="},
#endif
};

/* ---- of any engine ---- */

const killable_engine *killable(void)
{
    const char *name = getenv("HC_TEST_STORE");

    for (size_t i = 0; name != NULL && i < sizeof engines / sizeof engines[0]; i++)
        if (strcmp(name, engines[i].name) == 0)
            return &engines[i];
    return &engines[0];
}

bool killable_start(void)
{
    const killable_engine *engine = killable();

    unsetenv(engine->house_uri);
    if (!engine->start()) {
        printf("skipped: %s\n", engine->reason());
        engine->stop();
        return false;
    }
    setenv("HC_TEST_STORE", engine->name, 1);
    setenv(engine->house_uri, engine->uri(), 1);
    return true;
}

void killable_stop(void)
{
    killable()->stop();
}

void killable_through(char *out, size_t size, const char *uri, int port)
{
    char was[24];
    const char *at;

    snprintf(was, sizeof was, ":%d/", killable()->port());
    at = strstr(uri, was);
    if (at == NULL)
        abort();
    snprintf(out, size, "%.*s:%d/%s", (int)(at - uri), uri, port, at + strlen(was));
}

static char certificates[160];

bool killable_offer_tls(void)
{
    bool offered = certificates_make(certificates, sizeof certificates, killable()->folder()) &&
                   killable()->offer_tls(certificates);

    if (!offered)
        printf("no TLS of %s: see %s/log\n", killable()->name, certificates);
    return offered;
}

void killable_over(char *out, size_t size, const char *uri, bool tls)
{
    snprintf(out, size, "%s%c%s%s%s", uri, strchr(uri, '?') == NULL ? '?' : '&',
             tls ? killable()->with_tls : killable()->without_tls, tls ? certificates : "",
             tls ? "/authority.crt" : "");
}

int killable_main(const char *name, void (*fill)(TCase *tcase), void (*setup)(void), void (*teardown)(void))
{
    int result;

    if (!killable_start())
        return SERVER_SKIPPED;
    result = killable_offer_tls() ? suite_main(name, fill, setup, teardown) : EXIT_FAILURE;
    killable_stop();
    return result;
}

bool killable_long(void)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && strcmp(asked, "1") == 0;
}

int64_t killable_micros(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * INT64_C(1000000) + at.tv_nsec / 1000;
}

unsigned long long killable_seed(void)
{
    const char *asked = getenv("HC_SEED");
    unsigned long long seed = asked == NULL ? (unsigned long long)killable_micros() : strtoull(asked, NULL, 10);

    printf("seed %llu\n", seed);
    return seed * 2 + 1;
}

unsigned long long killable_random(unsigned long long *state, unsigned long long below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state % below;
}
