#include "killable.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

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
#endif

static const killable_engine engines[] = {
    {"postgres", postgres_start, postgres_again, postgres_kill, postgres_stop, postgres_port, postgres_uri,
     postgres_reason, "HC_TEST_POSTGRES_URI"},
#ifdef HOUSE_MYSQL
    {"mysql", maria_start, maria_again, maria_kill, maria_stop, maria_port, maria_uri, maria_reason,
     "HC_TEST_MARIADB_URI"},
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

int killable_main(const char *name, void (*fill)(TCase *tcase), void (*setup)(void), void (*teardown)(void))
{
    int result;

    if (!killable_start())
        return SERVER_SKIPPED;
    result = suite_main(name, fill, setup, teardown);
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
