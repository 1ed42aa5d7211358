#include "server_mysql.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER      "mysql"
#define ARGUMENTS 32

static bool fill(const server_mysql *server)
{
    char datadir[192];
    const char *const arguments[] = {"mariadb-install-db",
                                     "--no-defaults",
                                     datadir,
                                     "--auth-root-authentication-method=normal",
                                     "--skip-test-db",
                                     "--innodb-log-file-size=8M",
                                     "--innodb-buffer-pool-size=16M",
                                     NULL};
    const own_server_template how = {"mariadb", "mariadbd --no-defaults --version", "1", arguments};

    snprintf(datadir, sizeof datadir, "--datadir=%s/data", server->folder);
    return own_server_fill(server->folder, USER, &how);
}

/* Quick, and not for what a power cut must not take; a bench names settings of its own. The doublewrite buffer stays:
 * kill -9 stops a write of 16 KiB between two pages of the kernel, and a torn page cannot be recovered without it. Its
 * threads write by themselves: what a process left with io_uring may be written after its end, over what the next one
 * has recovered. */
static const char *const quick[] = {
    "--innodb-buffer-pool-size=64M", "--innodb-use-native-aio=0", "--innodb-log-file-size=32M",
    "--innodb-flush-method=nosync",  "--debug-no-sync",           "--sync-frm=0",
    "--max-connections=60",          "--table-open-cache=400",    NULL};

bool server_mysql_again(server_mysql *server)
{
    char data[192], port[32], socket[192];
    const char *arguments[ARGUMENTS] = {"mariadbd",
                                        "--no-defaults",
                                        data,
                                        port,
                                        socket,
                                        "--bind-address=127.0.0.1",
                                        "--skip-log-bin",
                                        "--performance-schema=0",
                                        "--skip-name-resolve",
                                        "--log-warnings=1"};
    size_t count = 10;

    for (const char *const *at = server->settings; *at != NULL && count + 1 < ARGUMENTS; at++)
        arguments[count++] = *at;
    for (size_t i = 0; i < sizeof server->tls / sizeof server->tls[0] && count + 1 < ARGUMENTS; i++)
        if (server->tls[i][0] != '\0')
            arguments[count++] = server->tls[i];
    snprintf(data, sizeof data, "--datadir=%s/data", server->folder);
    snprintf(port, sizeof port, "--port=%d", server->port);
    snprintf(socket, sizeof socket, "--socket=%s/socket", server->folder);
    server->pid = own_server_spawn(server->folder, USER, "KILL", arguments);
    for (int i = 0; server->pid > 0 && i < OWN_SERVER_TRIES; i++) {
        MYSQL *ready = server_mysql_look(server->uri, "mysql");

        if (ready != NULL) {
            mysql_close(ready);
            return true;
        }
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
            break;
        own_server_pause();
    }
    server->pid = 0;
    snprintf(server->reason, sizeof server->reason, "MariaDB did not start: see %s/log", server->folder);
    return false;
}

static bool prepare(const server_mysql *server)
{
    static const char *const statements[] = {
        "CREATE DATABASE home", "CREATE USER locked@'%' IDENTIFIED BY 'open sesame'", "GRANT ALL ON *.* TO locked@'%'"};
    MYSQL *conn = server_mysql_look(server->uri, "mysql");
    bool done = conn != NULL;

    for (size_t i = 0; done && i < sizeof statements / sizeof statements[0]; i++)
        done = mysql_query(conn, statements[i]) == 0;
    mysql_close(conn);
    return done;
}

bool server_mysql_node(server_mysql *server, const char *const *settings)
{
    char bin[128];

    memset(server, 0, sizeof *server);
    server->settings = settings;
    own_server_find(bin, sizeof bin, "mariadb-install-db");
    if (bin[0] == '\0') {
        snprintf(server->reason, sizeof server->reason, "no MariaDB server here (Debian: mariadb-server)");
        return false;
    }
    snprintf(server->reason, sizeof server->reason, "MariaDB could not be set up");
    server->port = own_server_port();
    if (server->port == 0 || !own_server_folder(server->folder, sizeof server->folder, "mariadb", USER))
        return false;
    server->ours = true;
    snprintf(server->uri, sizeof server->uri, "mysql://root@127.0.0.1:%d/home", server->port);
    if (!fill(server)) {
        snprintf(server->reason, sizeof server->reason, "mariadb-install-db failed: see %s/log", server->folder);
        return false;
    }
    return server_mysql_again(server);
}

bool server_mysql_start(server_mysql *server)
{
    return server_mysql_start_with(server, quick);
}

bool server_mysql_start_with(server_mysql *server, const char *const *settings)
{
    const char *given = getenv("HC_TEST_MARIADB_URI");

    if (given == NULL || given[0] == '\0')
        return server_mysql_node(server, settings) && prepare(server);
    memset(server, 0, sizeof *server);
    server->settings = settings;
    snprintf(server->uri, sizeof server->uri, "%s", given);
    return true;
}

void server_mysql_kill(server_mysql *server)
{
    own_server_end(&server->pid, SIGKILL);
}

void server_mysql_certify(server_mysql *server, const char *certificates, const char *name, const char *more)
{
    memset(server->tls, 0, sizeof server->tls);
    if (name == NULL) {
        snprintf(server->tls[0], sizeof server->tls[0], "--skip-ssl");
    } else {
        snprintf(server->tls[0], sizeof server->tls[0], "--ssl-cert=%s/%s.crt", certificates, name);
        snprintf(server->tls[1], sizeof server->tls[1], "--ssl-key=%s/%s.key", certificates, name);
        snprintf(server->tls[2], sizeof server->tls[2], "--ssl-ca=%s/authority.crt", certificates);
    }
    snprintf(server->tls[3], sizeof server->tls[3], "%s", more == NULL ? "" : more);
}

void server_mysql_freeze(const server_mysql *server, bool freeze)
{
    kill(server->pid, freeze ? SIGSTOP : SIGCONT);
}

void server_mysql_stop(server_mysql *server)
{
    /* Nothing in its folder is wanted any more. */
    own_server_end(&server->pid, SIGKILL);
    if (server->ours)
        own_server_remove(server->folder);
    server->ours = false;
}

/* ---- a replica ---- */

#define REPLICATES                                                                                                     \
    "--log-bin=log", "--log-bin-trust-function-creators=1", "--innodb-buffer-pool-size=64M",                           \
        "--innodb-log-file-size=32M", "--innodb-flush-method=nosync", "--debug-no-sync", "--sync-frm=0",               \
        "--max-connections=60", "--table-open-cache=400"

bool server_mysql_primary(server_mysql *server)
{
    static const char *const settings[] = {"--server-id=1", REPLICATES, NULL};

    return server_mysql_node(server, settings) && prepare(server);
}

bool server_mysql_replica(server_mysql *server, const server_mysql *primary)
{
    static const char *const settings[] = {"--server-id=2", "--read-only=1", "--log-slave-updates=1", REPLICATES, NULL};
    char sql[300];

    snprintf(sql, sizeof sql,
             "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = %d, MASTER_USER = 'root', MASTER_CONNECT_RETRY "
             "= 1, MASTER_USE_GTID = slave_pos",
             primary->port);
    return server_mysql_node(server, settings) && server_mysql_ask(server, sql) >= 0 &&
           server_mysql_ask(server, "START SLAVE") >= 0;
}

void server_mysql_catch_up(const server_mysql *replica, const server_mysql *primary)
{
    MYSQL *first = server_mysql_look(primary->uri, "mysql"), *second = server_mysql_look(replica->uri, "mysql");
    MYSQL_RES *result = NULL;
    MYSQL_ROW row;
    char sql[300];

    if (first != NULL && second != NULL && mysql_query(first, "SELECT @@gtid_binlog_pos") == 0)
        result = mysql_store_result(first);
    row = result == NULL ? NULL : mysql_fetch_row(result);
    if (row != NULL) {
        snprintf(sql, sizeof sql, "SELECT master_gtid_wait('%s', 60)", row[0]);
        if (mysql_query(second, sql) == 0)
            mysql_free_result(mysql_store_result(second));
    }
    mysql_free_result(result);
    mysql_close(first);
    mysql_close(second);
}

/* ---- looking from outside ---- */

int64_t server_mysql_ask(server_mysql *server, const char *sql)
{
    MYSQL *conn = server_mysql_look(server->uri, "mysql");
    MYSQL_RES *result = NULL;
    MYSQL_ROW row;
    int64_t out = -1;

    if (conn != NULL && mysql_query(conn, sql) == 0) {
        result = mysql_store_result(conn);
        row = result == NULL ? NULL : mysql_fetch_row(result);
        out = row == NULL || row[0] == NULL ? 0 : strtoll(row[0], NULL, 10);
    } else {
        snprintf(server->reason, sizeof server->reason, "%.255s", conn == NULL ? "no connection" : mysql_error(conn));
    }
    mysql_free_result(result);
    mysql_close(conn);
    return out;
}

static char *part(char *out, size_t size, const char *start, const char *end)
{
    snprintf(out, size, "%.*s", (int)(end - start), start);
    return out;
}

MYSQL *server_mysql_look(const char *uri, const char *database)
{
    const char *start = strstr(uri, "://") == NULL ? uri : strstr(uri, "://") + 3;
    const char *slash = start + strcspn(start, "/"), *at = memchr(start, '@', (size_t)(slash - start));
    const char *host = at == NULL ? start : at + 1, *colon = memchr(host, ':', (size_t)(slash - host));
    const char *sign = at == NULL ? NULL : memchr(start, ':', (size_t)(at - start));
    const unsigned protocol = MYSQL_PROTOCOL_TCP;
    char user[128] = "", password[128] = "", name[256], base[128];
    MYSQL *conn = mysql_init(NULL);

    if (at != NULL)
        part(user, sizeof user, start, sign == NULL ? at : sign);
    if (sign != NULL)
        part(password, sizeof password, sign + 1, at);
    part(name, sizeof name, host, colon == NULL ? slash : colon);
    part(base, sizeof base, slash + (*slash == '/'), slash + strcspn(slash, "?"));
    mysql_options(conn, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_options(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(conn, name, user, password, database == NULL ? base : database,
                           colon == NULL ? 3306 : (unsigned)strtoul(colon + 1, NULL, 10), NULL, 0) != NULL)
        return conn;
    mysql_close(conn);
    return NULL;
}

void server_mysql_uri(char *out, size_t size, const char *uri, const char *database)
{
    const char *start = strstr(uri, "://") == NULL ? uri : strstr(uri, "://") + 3;
    size_t head = (size_t)(start - uri) + strcspn(start, "/");
    const char *parameters = strchr(uri, '?');

    snprintf(out, size, "%.*s/%s%s", (int)head, uri, database, parameters == NULL ? "" : parameters);
}
