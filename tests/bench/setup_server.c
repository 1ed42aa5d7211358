/* The server and its data: made by the library's migration and raw rows in bulk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "homeconnect/version.h"
#include "server.h"
#ifdef BENCH_POSTGRES
#include "server_postgres.h"
#endif
#ifdef BENCH_MYSQL
#include "server_mysql.h"
#endif

struct bench_server bench_server;

#ifdef BENCH_POSTGRES
static server_postgres postgres;

static const char *start_postgres(bool *ours)
{
    /* What it acknowledges it keeps, as in production. */
    static const char *const settings[] = {
        "fsync=on",         "full_page_writes=on",      "synchronous_commit=on", "shared_buffers=1GB",
        "max_wal_size=4GB", "checkpoint_timeout=30min", "max_connections=60",    NULL};

    if (!server_postgres_start_with(&postgres, settings))
        return postgres.reason;
    *ours = postgres.ours;
    snprintf(bench_server.base, sizeof(bench_server.base), "%s", postgres.uri);
    return NULL;
}

static void stop_postgres(void)
{
    server_postgres_stop(&postgres);
}
#endif

#ifdef BENCH_MYSQL
static server_mysql mysql;

static const char *start_mysql(bool *ours)
{
    /* As above: what is acknowledged is on the disk by default. */
    static const char *const settings[] = {"--innodb-buffer-pool-size=1G", "--innodb-log-file-size=2G",
                                           "--innodb-flush-log-at-trx-commit=1", "--max-connections=60", NULL};

    if (!server_mysql_start_with(&mysql, settings))
        return mysql.reason;
    *ours = mysql.ours;
    snprintf(bench_server.base, sizeof(bench_server.base), "%s", mysql.uri);
    return NULL;
}

static void stop_mysql(void)
{
    server_mysql_stop(&mysql);
}
#endif

/* `start` gives why it could not, or NULL. What is not ours keeps its data. */
static const struct {
    const char *storage;
    const struct raw_server *on;
    const char *(*start)(bool *ours);
    void (*stop)(void);
} servers[] = {
#ifdef BENCH_POSTGRES
    {"postgres", &raw_on_postgres, start_postgres, stop_postgres},
#endif
#ifdef BENCH_MYSQL
    {"mysql", &raw_on_mysql, start_mysql, stop_mysql},
#endif
    {NULL, NULL, NULL, NULL},
};
static size_t chosen;

bool server_wanted(const char *storage)
{
    if (storage == NULL || storage[0] == '\0' || strcmp(storage, "sqlite") == 0)
        return false;
    while (servers[chosen].storage != NULL && strcmp(servers[chosen].storage, storage) != 0)
        chosen++;
    if (servers[chosen].storage == NULL)
        die("no bench on '%s' in this build", storage);
    bench_server.on = servers[chosen].on;
    return true;
}

/* The URI with another database. */
static void uri_of(char *out, size_t size, const char *name)
{
    const char *base = bench_server.base, *host = strstr(base, "://"), *path, *rest;

    path = host == NULL ? NULL : strchr(host + 3, '/');
    if (path == NULL)
        die("the URI names no database");
    rest = strchr(path, '?');
    if ((size_t)snprintf(out, size, "%.*s/%s%s", (int)(path - base), base, name, rest == NULL ? "" : rest) >= size)
        die("the URI is too long");
}

void *server_raw(const char *uri)
{
    void *raw = bench_server.on->open(uri);

    if (raw == NULL)
        die("the raw side cannot connect");
    return raw;
}

static void tell(void *raw, const char *sql)
{
    if (!bench_server.on->run(raw, sql))
        die("%.80s", sql);
}

void server_drop(const char *name)
{
    char sql[120];

    snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s", name);
    tell(bench_server.root, sql);
}

void server_fresh(char *out, size_t size, const char *name)
{
    char sql[120];

    server_drop(name);
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s", name);
    tell(bench_server.root, sql);
    uri_of(out, size, name);
}

static char *ask(void *raw, const char *sql)
{
    char *out = bench_server.on->text_of(raw, sql);

    if (out == NULL)
        die("nothing for %.80s", sql);
    return out;
}

/* The indexes are built last: sorting once is quicker than a million places in ten trees. */
static void fill(const char *uri)
{
    const struct raw_server *on = bench_server.on;
    void *raw = server_raw(uri);
    char *indexes = ask(raw, on->indexes), *drops = ask(raw, on->drops);

    if (!on->prepare(raw))
        die("the raw side's statements");
    fprintf(stderr, "bench: %llu listings\n", (unsigned long long)bench.rows);
    tell(raw, drops);
    if (!raw_fill(on, raw, 0, bench.rows, true))
        die("cannot fill the store");
    fprintf(stderr, "bench: their indexes\n");
    tell(raw, indexes);
    tell(raw, on->settle);
    tell(raw, "CREATE TABLE bench_done(done integer)");
    free(indexes);
    free(drops);
    on->close(raw);
}

static bool is_there(const char *uri)
{
    void *raw = bench_server.on->open(uri);
    char *found = raw == NULL ? NULL
                              : bench_server.on->text_of(raw, "SELECT 1 FROM information_schema.tables WHERE"
                                                              " table_name='bench_done'");
    bool there = found != NULL;

    free(found);
    if (raw != NULL)
        bench_server.on->close(raw);
    return there;
}

void server_open(void)
{
    char name[64], uri[512];
    const char *why;
    hc_client *client;
    bool ours = false;

    why = servers[chosen].start(&ours);
    if (why != NULL)
        die("%s", why);
    atexit(servers[chosen].stop);
    bench_server.root = server_raw(bench_server.base);
    snprintf(name, sizeof(name), "hc_bench_v%d_%llu", hc_schema_version(), (unsigned long long)bench.rows);
    uri_of(uri, sizeof(uri), name);
    snprintf(bench.path, sizeof(bench.path), "%s", uri);
    if (ours || !is_there(uri)) {
        server_fresh(uri, sizeof(uri), name);
        open_client(&client, uri);
        store_people(client);
        hc_client_close(client);
        fill(uri);
    }
    open_client(&bench.client, bench.path);
    bench.buyer = sign_in(bench.client, people[0]);
    bench.agent = sign_in(bench.client, people[1]);
    bench.admin = sign_in(bench.client, people[2]);
    bench_server.raw = server_raw(uri);
    if (!bench_server.on->prepare(bench_server.raw))
        die("the raw side's statements");
}

void server_close(void)
{
    bench_server.on->close(bench_server.raw);
    bench_server.on->close(bench_server.root);
    hc_session_free(bench.buyer);
    hc_session_free(bench.agent);
    hc_session_free(bench.admin);
    hc_client_close(bench.client);
    servers[chosen].stop();
}
