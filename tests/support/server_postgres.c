#include "server_postgres.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READY_TRIES 3000 /* of 10 ms */
#define START_TRIES 50
#define ARGUMENTS   48
#define CHILDREN    128

static void pause_shortly(void)
{
    const struct timespec pause = {0, 10000000};

    nanosleep(&pause, NULL);
}

/* The folder of the newest server that Debian has here, or of the one on the PATH. */
static bool find_programs(server_postgres *server)
{
    const char *path = getenv("PATH");
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
    while (newest == 0 && path != NULL && *path != '\0') {
        size_t size = strcspn(path, ":");
        char program[256];

        snprintf(program, sizeof program, "%.*s/initdb", (int)size, path);
        if (access(program, X_OK) == 0) {
            snprintf(server->bin, sizeof server->bin, "%.*s", (int)size, path);
            break;
        }
        path += size + (path[size] == ':');
    }
    return server->bin[0] != '\0';
}

/* Who the server runs as: it refuses to be root. */
static const struct passwd *server_user(void)
{
    const struct passwd *user = getpwnam("postgres");

    return user != NULL ? user : getpwnam("nobody");
}

static bool make_folder(server_postgres *server)
{
    const char *base = getenv("TMPDIR"), *in_memory = getenv("HC_TEST_SERVERS");
    const struct passwd *user;

    /* Root's scratch folder may be where nobody else can enter. */
    if (in_memory != NULL && in_memory[0] != '\0' && strlen(in_memory) <= 80)
        base = in_memory;
    else if (in_memory != NULL || geteuid() == 0 || base == NULL || strlen(base) > 80)
        base = "/tmp";
    snprintf(server->folder, sizeof server->folder, "%s/hc-postgres-XXXXXX", base);
    if (mkdtemp(server->folder) == NULL)
        return false;
    if (geteuid() != 0)
        return true;
    user = server_user();
    return user != NULL && chown(server->folder, user->pw_uid, user->pw_gid) == 0;
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int port = 0;

    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        port = ntohs(address.sin_port);
    if (fd >= 0)
        close(fd);
    return port;
}

/* As the server's user, ending with its parent; output goes to the folder's log. */
static pid_t spawn(const server_postgres *server, const char *const *arguments)
{
    char log[192], uid[32], gid[32], program[192];
    const char *all[ARGUMENTS] = {"setpriv", "--pdeathsig", "INT"};
    const struct passwd *user = geteuid() == 0 ? server_user() : NULL;
    size_t count = 3;
    pid_t pid;

    snprintf(log, sizeof log, "%s/log", server->folder);
    snprintf(program, sizeof program, "%s/%s", server->bin, arguments[0]);
    if (user != NULL) {
        snprintf(uid, sizeof uid, "--reuid=%u", (unsigned)user->pw_uid);
        snprintf(gid, sizeof gid, "--regid=%u", (unsigned)user->pw_gid);
        all[count++] = uid;
        all[count++] = gid;
        all[count++] = "--clear-groups";
    }
    all[count++] = program;
    for (size_t i = 1; arguments[i] != NULL && count < ARGUMENTS - 1; i++)
        all[count++] = arguments[i];
    pid = fork();
    if (pid == 0) {
        int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

        if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir(server->folder) != 0)
            _exit(127);
        unsetenv("LD_PRELOAD");
        setenv("LC_ALL", "C.UTF-8", 1);
        execvp("setpriv", (char *const *)(uintptr_t)all);
        _exit(127);
    }
    return pid;
}

static bool run_to_end(const server_postgres *server, const char *const *arguments)
{
    pid_t pid = spawn(server, arguments);
    int status = 0;

    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
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

static void end(server_postgres *server, int signal)
{
    if (server->pid <= 0)
        return;
    kill(server->pid, signal);
    for (int i = 0; i < READY_TRIES && waitpid(server->pid, NULL, WNOHANG) == 0; i++) {
        if (i == READY_TRIES / 2)
            kill(server->pid, SIGKILL);
        pause_shortly();
    }
    server->pid = 0;
}

/* False when it ended instead. */
static bool wait_until_ready(server_postgres *server)
{
    for (int i = 0; i < READY_TRIES; i++) {
        if (PQping(server->uri) == PQPING_OK)
            return true;
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
            return false;
        pause_shortly();
    }
    end(server, SIGKILL);
    return false;
}

/* Quick, and not for what a power cut must not take; tests that need that name settings of their own. Full pages stay
 * in the log: kill -9 stops a write of 8 KiB between two pages of the kernel, and a torn page cannot be recovered else.
 */
static const char *const quick[] = {"fsync=off", "shared_buffers=64MB", "max_connections=60", NULL};

bool server_postgres_again(server_postgres *server)
{
    char data[192], port[32];
    const char *arguments[ARGUMENTS] = {"postgres",
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
    snprintf(data, sizeof data, "%s/data", server->folder);
    snprintf(port, sizeof port, "port=%d", server->port);
    for (int i = 0; i < START_TRIES; i++) { /* one that was killed may still hold its memory for a moment */
        server->pid = spawn(server, arguments);
        if (server->pid <= 0)
            break;
        if (wait_until_ready(server))
            return true;
        pause_shortly();
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
    char data[192];
    const char *const initdb[] = {"initdb",           "-D",        data, "-U", "hc", "-A", "trust", "-E", "UTF8",
                                  "--locale=C.UTF-8", "--no-sync", NULL};

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
    server->port = free_port();
    if (server->port == 0 || !make_folder(server))
        return false;
    server->ours = true;
    snprintf(data, sizeof data, "%s/data", server->folder);
    snprintf(server->uri, sizeof server->uri, "postgresql://hc@127.0.0.1:%d/postgres", server->port);
    if (!run_to_end(server, initdb)) {
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
    end(server, SIGKILL);
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
    char data[192], source[256];
    const char *const copy[] = {"pg_basebackup", "-D", data,   "-d",        source, "-R", "-X",
                                "stream",        "-c", "fast", "--no-sync", NULL};

    memset(server, 0, sizeof *server);
    server->settings = quick;
    snprintf(server->bin, sizeof server->bin, "%s", primary->bin);
    snprintf(server->reason, sizeof server->reason, "a standby could not be set up");
    server->port = free_port();
    if (server->port == 0 || !make_folder(server))
        return false;
    server->ours = true;
    snprintf(data, sizeof data, "%s/data", server->folder);
    snprintf(source, sizeof source, "host=127.0.0.1 port=%d user=hc application_name=%s", primary->port, name);
    snprintf(server->uri, sizeof server->uri, "postgresql://hc@127.0.0.1:%d/postgres", server->port);
    if (!run_to_end(server, copy)) {
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

static int remove_one(const char *path, const struct stat *info, int what, struct FTW *at)
{
    (void)info;
    (void)what;
    (void)at;
    return remove(path);
}

void server_postgres_stop(server_postgres *server)
{
    end(server, SIGINT);
    if (server->ours)
        nftw(server->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    server->ours = false;
}
