#include "server_postgres.h"

#include <glob.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define START_TRIES 50
#define ARGUMENTS   48
#define CHILDREN    128
#define USER        "postgres" /* it refuses to be root */

/* The folder of the newest server that Debian has here, or of the one on the PATH. */
static bool find_programs(server_postgres *server)
{
    glob_t found = {0};
    int newest = 0;

    server->bin[0] = '\0';
    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            int version = (int)strtol(found.gl_pathv[i] + strlen("/usr/lib/postgresql/"), NULL, 10);

            if (version > newest) {
                newest = version;
                snprintf(server->bin, sizeof server->bin, "%.*s",
                         (int)(strrchr(found.gl_pathv[i], '/') - found.gl_pathv[i]), found.gl_pathv[i]);
            }
        }
    }
    globfree(&found);
    if (newest == 0)
        own_server_find(server->bin, sizeof server->bin, "initdb");
    return server->bin[0] != '\0';
}

static void program_of(char *out, size_t size, const server_postgres *server, const char *name)
{
    snprintf(out, size, "%s/%s", server->bin, name);
}

static bool write_access(const server_postgres *server)
{
    char path[192];
    FILE *file;

    snprintf(path, sizeof path, "%s/data/pg_hba.conf", server->folder);
    file = fopen(path, "w");
    if (file == NULL)
        return false;
    fprintf(file, "host all locked 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
                  "host replication all 127.0.0.1/32 trust\n");
    return fclose(file) == 0;
}

/* False when it ended instead. */
static bool wait_until_ready(server_postgres *server)
{
    for (int i = 0; i < OWN_SERVER_TRIES; i++) {
        if (PQping(server->uri) == PQPING_OK)
            return true;
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
            return false;
        own_server_pause();
    }
    own_server_end(&server->pid, SIGKILL);
    return false;
}

/* Quick, and not for what a power cut must not take; tests that need that name settings of their own. Full pages stay
 * in the log: kill -9 stops a write of 8 KiB between two pages of the kernel, and a torn page cannot be recovered else.
 */
static const char *const quick[] = {"fsync=off", "shared_buffers=64MB", "max_connections=60", NULL};

bool server_postgres_again(server_postgres *server)
{
    char program[192], data[192], port[32];
    const char *arguments[ARGUMENTS] = {program,
                                        "-D",
                                        data,
                                        "-c",
                                        "listen_addresses=127.0.0.1",
                                        "-c",
                                        port,
                                        "-c",
                                        "unix_socket_directories=",
                                        "-c",
                                        "log_min_messages=fatal",
                                        "-c",
                                        "log_min_error_statement=panic"};
    size_t count = 13;

    for (const char *const *at = server->settings; *at != NULL && count + 2 < ARGUMENTS; at++) {
        arguments[count++] = "-c";
        arguments[count++] = *at;
    }
    program_of(program, sizeof program, server, "postgres");
    snprintf(data, sizeof data, "%s/data", server->folder);
    snprintf(port, sizeof port, "port=%d", server->port);
    for (int i = 0; i < START_TRIES; i++) { /* one that was killed may still hold its memory for a moment */
        server->pid = own_server_spawn(server->folder, USER, "INT", arguments);
        if (server->pid <= 0)
            break;
        if (wait_until_ready(server))
            return true;
        own_server_pause();
    }
    server->pid = 0;
    snprintf(server->reason, sizeof server->reason, "PostgreSQL did not start: see %s/log", server->folder);
    return false;
}

static bool prepare(const server_postgres *server)
{
    PGconn *conn = PQconnectdb(server->uri);
    PGresult *result = PQexec(conn, "CREATE ROLE locked LOGIN PASSWORD 'open sesame'");
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK;

    PQclear(result);
    PQfinish(conn);
    return done;
}

bool server_postgres_start(server_postgres *server)
{
    return server_postgres_start_with(server, quick);
}

bool server_postgres_start_with(server_postgres *server, const char *const *settings)
{
    const char *given = getenv("HC_TEST_POSTGRES_URI");
    char program[192], data[192], version[256];
    const char *const initdb[] = {program,     "-D", data, "-U", "hc", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                                  "--no-sync", NULL};
    const own_server_template how = {"postgres", version, "1", initdb};

    memset(server, 0, sizeof *server);
    server->settings = settings;
    if (given != NULL && given[0] != '\0') {
        snprintf(server->uri, sizeof server->uri, "%s", given);
        return true;
    }
    if (!find_programs(server)) {
        snprintf(server->reason, sizeof server->reason, "no PostgreSQL server here (Debian: postgresql-15)");
        return false;
    }
    snprintf(server->reason, sizeof server->reason, "PostgreSQL could not be set up");
    server->port = own_server_port();
    if (server->port == 0 || !own_server_folder(server->folder, sizeof server->folder, "postgres", USER))
        return false;
    server->ours = true;
    program_of(program, sizeof program, server, "initdb");
    snprintf(version, sizeof version, "'%s' --version", program);
    snprintf(data, sizeof data, "%s/data", server->folder);
    snprintf(server->uri, sizeof server->uri, "postgresql://hc@127.0.0.1:%d/postgres", server->port);
    if (!own_server_fill(server->folder, USER, &how)) {
        snprintf(server->reason, sizeof server->reason, "initdb failed: see %s/log", server->folder);
        return false;
    }
    return write_access(server) && server_postgres_again(server) && prepare(server);
}

/* Its processes at this moment. The server made them, and each has a session of its own, so that no group names them.
 */
static size_t children_of(pid_t pid, pid_t *out, size_t room)
{
    char path[64];
    size_t count = 0;
    long one;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    file = fopen(path, "r");
    while (file != NULL && count < room && fscanf(file, "%ld", &one) == 1)
        out[count++] = (pid_t)one;
    if (file != NULL)
        fclose(file);
    return count;
}

static void signal_all(const server_postgres *server, int signal)
{
    pid_t children[CHILDREN];
    size_t count;

    if (server->pid <= 0)
        return;
    kill(server->pid, SIGSTOP); /* it makes no more of them */
    count = children_of(server->pid, children, CHILDREN);
    for (size_t i = 0; i < count; i++)
        kill(children[i], signal);
    kill(server->pid, signal);
}

void server_postgres_kill(server_postgres *server)
{
    signal_all(server, SIGKILL);
    own_server_end(&server->pid, SIGKILL);
}

void server_postgres_freeze(const server_postgres *server)
{
    signal_all(server, SIGSTOP);
}

void server_postgres_thaw(const server_postgres *server)
{
    signal_all(server, SIGCONT);
}

bool server_postgres_set(const server_postgres *server, const char *lines)
{
    char path[192];
    FILE *file;

    snprintf(path, sizeof path, "%s/data/postgresql.conf", server->folder);
    file = fopen(path, "a");
    if (file == NULL)
        return false;
    fprintf(file, "%s\n", lines);
    if (fclose(file) != 0)
        return false;
    return server->pid <= 0 || kill(server->pid, SIGHUP) == 0;
}

bool server_postgres_certify(const server_postgres *server, const char *certificates, const char *name,
                             const char *more)
{
    char lines[700];

    if (name == NULL)
        snprintf(lines, sizeof lines, "ssl = off\n%s", more);
    else
        snprintf(lines, sizeof lines,
                 "ssl = on\nssl_cert_file = '%s/%s.crt'\nssl_key_file = '%s/%s.key'\nssl_ca_file = "
                 "'%s/authority.crt'\n%s",
                 certificates, name, certificates, name, certificates, more);
    return server_postgres_set(server, lines);
}

bool server_postgres_allow(const server_postgres *server, const char *lines)
{
    char path[192];
    FILE *file;

    snprintf(path, sizeof path, "%s/data/pg_hba.conf", server->folder);
    file = fopen(path, "w");
    if (file == NULL)
        return false;
    fprintf(file, "%s\n", lines);
    if (fclose(file) != 0)
        return false;
    return server->pid <= 0 || kill(server->pid, SIGHUP) == 0;
}

bool server_postgres_standby(server_postgres *server, const server_postgres *primary, const char *name)
{
    char program[192], data[192], source[256];
    const char *const copy[] = {program, "-D",     data, "-d",   source,      "-R",
                                "-X",    "stream", "-c", "fast", "--no-sync", NULL};

    memset(server, 0, sizeof *server);
    server->settings = quick;
    snprintf(server->bin, sizeof server->bin, "%s", primary->bin);
    snprintf(server->reason, sizeof server->reason, "a standby could not be set up");
    server->port = own_server_port();
    if (server->port == 0 || !own_server_folder(server->folder, sizeof server->folder, "postgres", USER))
        return false;
    server->ours = true;
    program_of(program, sizeof program, server, "pg_basebackup");
    snprintf(data, sizeof data, "%s/data", server->folder);
    snprintf(source, sizeof source, "host=127.0.0.1 port=%d user=hc application_name=%s", primary->port, name);
    snprintf(server->uri, sizeof server->uri, "postgresql://hc@127.0.0.1:%d/postgres", server->port);
    if (!own_server_run(server->folder, USER, copy)) {
        snprintf(server->reason, sizeof server->reason, "pg_basebackup failed: see %s/log", server->folder);
        return false;
    }
    return server_postgres_again(server);
}

int64_t server_postgres_ask(server_postgres *server, const char *sql)
{
    PGconn *conn = PQconnectdb(server->uri);
    PGresult *result = PQexec(conn, sql);
    ExecStatusType what = PQresultStatus(result);
    int64_t out = what == PGRES_COMMAND_OK ? 0 : -1;

    if (what == PGRES_TUPLES_OK && PQntuples(result) > 0 && PQgetisnull(result, 0, 0) == 0)
        out = PQgetvalue(result, 0, 0)[0] == 't'   ? 1
              : PQgetvalue(result, 0, 0)[0] == 'f' ? 0
                                                   : strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    if (out < 0)
        snprintf(server->reason, sizeof server->reason, "%.255s", PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
    return out;
}

void server_postgres_stop(server_postgres *server)
{
    own_server_end(&server->pid, SIGINT);
    if (server->ours)
        own_server_remove(server->folder);
    server->ours = false;
}
