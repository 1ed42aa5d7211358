#include "replicas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HOUSE_MYSQL
#include "server_mysql.h"
#endif
#include "server_postgres.h"

#define TRIES 6000 /* of 10 ms */

/* ---- PostgreSQL ---- */

static server_postgres postgres[2];

static bool postgres_start(void)
{
    return server_postgres_start(&postgres[0]) &&
           server_postgres_set(&postgres[0], "wal_retrieve_retry_interval = '200ms'") && /* of the copy: else 5 s */
           server_postgres_standby(&postgres[1], &postgres[0], "replica");
}

static void postgres_stop(void)
{
    server_postgres_stop(&postgres[1]);
    server_postgres_stop(&postgres[0]);
}

static const char *postgres_uri(void)
{
    return postgres[0].uri;
}

static int postgres_port(bool of_replica)
{
    return postgres[of_replica].port;
}

static const char *postgres_reason(void)
{
    return postgres[postgres[1].reason[0] != '\0'].reason;
}

static void postgres_catch_up(void)
{
    char sql[100];
    int64_t position = server_postgres_ask(&postgres[0], "SELECT (pg_current_wal_lsn() - '0/0')::bigint");

    snprintf(sql, sizeof sql, "SELECT pg_last_wal_replay_lsn() - '0/0' >= %lld", (long long)position);
    for (int i = 0; i < TRIES && server_postgres_ask(&postgres[1], sql) != 1; i++)
        usleep(10000);
}

static bool postgres_hold(bool hold)
{
    if (server_postgres_ask(&postgres[1], hold ? "SELECT count(*) FROM (SELECT pg_wal_replay_pause()) x"
                                               : "SELECT count(*) FROM (SELECT pg_wal_replay_resume()) x") < 0)
        return false;
    for (int i = 0; i < TRIES && hold; i++) {
        if (server_postgres_ask(&postgres[1], "SELECT pg_get_wal_replay_pause_state() = 'paused'") == 1)
            return true;
        usleep(10000);
    }
    return !hold;
}

static void postgres_kill(void)
{
    server_postgres_kill(&postgres[1]);
}

static bool postgres_again(void)
{
    return server_postgres_again(&postgres[1]);
}

static void postgres_freeze(bool freeze)
{
    if (freeze)
        server_postgres_freeze(&postgres[1]);
    else
        server_postgres_thaw(&postgres[1]);
}

/* ---- MariaDB ---- */

#ifdef HOUSE_MYSQL
static server_mysql maria[2];

static bool maria_start(void)
{
    return server_mysql_primary(&maria[0]) && server_mysql_replica(&maria[1], &maria[0]);
}

static void maria_stop(void)
{
    server_mysql_stop(&maria[1]);
    server_mysql_stop(&maria[0]);
}

static const char *maria_uri(void)
{
    return maria[0].uri;
}

static int maria_port(bool of_replica)
{
    return maria[of_replica].port;
}

static const char *maria_reason(void)
{
    return maria[maria[1].reason[0] != '\0'].reason;
}

static void maria_catch_up(void)
{
    server_mysql_catch_up(&maria[1], &maria[0]);
}

static bool maria_hold(bool hold)
{
    return server_mysql_ask(&maria[1], hold ? "STOP SLAVE SQL_THREAD" : "START SLAVE SQL_THREAD") >= 0;
}

static void maria_kill(void)
{
    server_mysql_kill(&maria[1]);
}

static bool maria_again(void)
{
    return server_mysql_again(&maria[1]);
}

static void maria_freeze(bool freeze)
{
    server_mysql_freeze(&maria[1], freeze);
}

/* GTIDs of a second domain. */
static bool maria_confuse(void)
{
    return server_mysql_ask(&maria[0], "SET GLOBAL gtid_domain_id = 7") >= 0 &&
           server_mysql_ask(&maria[0], "CREATE DATABASE elsewhere") >= 0;
}
#endif

static const replicas engines[] = {
    {"postgres", "HC_TEST_POSTGRES_URI", postgres_start, postgres_stop, postgres_uri, postgres_port, postgres_reason,
     postgres_catch_up, postgres_hold, postgres_kill, postgres_again, postgres_freeze, NULL},
#ifdef HOUSE_MYSQL
    {"mysql", "HC_TEST_MARIADB_URI", maria_start, maria_stop, maria_uri, maria_port, maria_reason, maria_catch_up,
     maria_hold, maria_kill, maria_again, maria_freeze, maria_confuse},
#endif
};

const replicas *replicas_of_engine(void)
{
    const char *name = getenv("HC_TEST_STORE");

    for (size_t i = 0; name != NULL && i < sizeof engines / sizeof engines[0]; i++)
        if (strcmp(name, engines[i].engine) == 0)
            return &engines[i];
    return &engines[0];
}
