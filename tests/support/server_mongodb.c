#include "server_mongodb.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READY_TRIES 6000 /* of 10 ms */

static void pause_shortly(void)
{
    const struct timespec pause = {0, 10000000};

    nanosleep(&pause, NULL);
}

static int open_port(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int out = -1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0)
        return -1;
    if (port != 0)
        out = connect(fd, (struct sockaddr *)&address, size) == 0 ? port : -1;
    else if (bind(fd, (struct sockaddr *)&address, size) == 0 &&
             getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        out = ntohs(address.sin_port);
    close(fd);
    return out;
}

/* The folder that build.sh prints, after it built what was not there. */
static bool build(server_mongodb *server, const char *what, char *out, size_t size)
{
    char command[512];
    FILE *from;

    (void)snprintf(command, sizeof command, "'%s/tests/support/servers/build.sh' %s 2>&1", HC_SOURCE_DIR, what);
    fflush(stdout);
    from = popen(command, "r");
    out[0] = '\0';
    while (from != NULL && fgets(out, (int)size, from) != NULL)
        out[strcspn(out, "\n")] = '\0';
    if (from != NULL && pclose(from) == 0 && out[0] == '/')
        return true;
    (void)snprintf(server->reason, sizeof server->reason, "%.390s", out);
    return false;
}

static bool on_path(const char *program)
{
    const char *path = getenv("PATH");

    while (path != NULL && *path != '\0') {
        size_t size = strcspn(path, ":");
        char whole[512];

        (void)snprintf(whole, sizeof whole, "%.*s/%s", (int)size, path, program);
        if (access(whole, X_OK) == 0)
            return true;
        path += size + (path[size] == ':');
    }
    return false;
}

static pid_t spawn(const server_mongodb *server, const char *const *arguments)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        char log[160];
        int out;

        (void)snprintf(log, sizeof log, "%s/log", server->folder);
        out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir(server->folder) != 0)
            _exit(127);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        unsetenv("LD_PRELOAD");
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    return pid;
}

static bool run(server_mongodb *server, const char *program)
{
    char port[16], classes[1100], binary[600], data[160];
    const char *const java[] = {
        "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g", "-cp", classes, "Server", port, NULL};
    const char *const ferretdb[] = {binary, port, server->folder, NULL};
    const char *const mongod[] = {"mongod",    "--dbpath",  data,      "--port", port,
                                  "--bind_ip", "127.0.0.1", "--quiet", NULL};

    if (server->port == 0)
        server->port = open_port(0);
    (void)snprintf(port, sizeof port, "%d", server->port);
    (void)snprintf(classes, sizeof classes, "%s:%s/jars/*", program, program);
    (void)snprintf(binary, sizeof binary, "%s/ferretdb", program);
    (void)snprintf(data, sizeof data, "%s", server->folder);
    server->pid = spawn(server, server->kind == SERVER_JAVA       ? java
                                : server->kind == SERVER_FERRETDB ? ferretdb
                                                                  : mongod);
    for (int i = 0; server->pid > 0 && i < READY_TRIES; i++) {
        if (open_port(server->port) == server->port)
            return true;
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid) {
            server->pid = 0;
            break;
        }
        pause_shortly();
    }
    (void)snprintf(server->reason, sizeof server->reason, "%s did not start", server->name);
    return false;
}

static void describe(server_mongodb *server)
{
    static const char *const names[] = {"a MongoDB server", "mongo-java-server", "FerretDB on SQLite"};
    static const char *const lacks[] = {
        "", "replica sets and failover, sessions, retryable writes, read concerns, durability",
        "replica sets and failover, retryable writes, partial indexes, plans, updates at the same time"};

    (void)snprintf(server->name, sizeof server->name, "%s", names[server->kind]);
    (void)snprintf(server->lacks, sizeof server->lacks, "%s", lacks[server->kind]);
}

bool server_mongodb_start(server_mongodb *server, bool second)
{
    const char *given = getenv("HC_TEST_MONGODB_URI"), *base = getenv("TMPDIR");
    bool real = (given != NULL && *given != '\0') || on_path("mongod");
    char program[512] = "";

    *server = (server_mongodb){.kind = real ? SERVER_REAL : second ? SERVER_FERRETDB : SERVER_JAVA};
    describe(server);
    if (real && second) {
        (void)snprintf(server->reason, sizeof server->reason, "a real server is used instead of a second one");
        return false;
    }
    if (given != NULL && *given != '\0') {
        (void)snprintf(server->base, sizeof server->base, "%s", given);
        return true;
    }
    if (!real && !build(server, second ? "ferretdb" : "java", program, sizeof program))
        return false;
    (void)snprintf(server->folder, sizeof server->folder, "%s/hc-mongodb-XXXXXX",
                   base == NULL || strlen(base) > 90 ? "/tmp" : base);
    if (mkdtemp(server->folder) == NULL) {
        server->folder[0] = '\0';
        (void)snprintf(server->reason, sizeof server->reason, "no folder for %s", server->name);
        return false;
    }
    if (!run(server, program))
        return false;
    (void)snprintf(server->base, sizeof server->base, "mongodb://127.0.0.1:%d/", server->port);
    return true;
}

void server_mongodb_tell(const server_mongodb *server)
{
    if (server->base[0] == '\0')
        (void)printf("skip: no %s: %s\n", server->name, server->reason);
    else if (server->lacks[0] != '\0')
        (void)printf("skip: on %s, so not checked: %s\n", server->name, server->lacks);
    else
        (void)printf("on %s\n", server->name);
    (void)fflush(stdout);
}

static int remove_one(const char *path, const struct stat *what, int flag, struct FTW *at)
{
    (void)what;
    (void)flag;
    (void)at;
    return remove(path);
}

void server_mongodb_kill(server_mongodb *server)
{
    if (server->pid > 0) {
        kill(server->pid, SIGKILL);
        while (waitpid(server->pid, NULL, 0) != server->pid)
            pause_shortly();
        server->pid = 0;
    }
}

bool server_mongodb_again(server_mongodb *server)
{
    char program[512] = "";

    if (server->kind != SERVER_REAL &&
        !build(server, server->kind == SERVER_FERRETDB ? "ferretdb" : "java", program, sizeof program))
        return false;
    return run(server, program);
}

void server_mongodb_stop(server_mongodb *server)
{
    server_mongodb_kill(server);
    if (server->folder[0] != '\0')
        (void)nftw(server->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    server->folder[0] = '\0';
}

void server_mongodb_uri(const server_mongodb *server, char *out, size_t size, const char *database, const char *options)
{
    size_t whole = strcspn(server->base, "?");
    const char *hosts = strstr(server->base, "://");
    const char *slash = hosts == NULL ? NULL : memchr(hosts + 3, '/', whole - (size_t)(hosts + 3 - server->base));
    int head = (int)(slash == NULL ? whole : (size_t)(slash - server->base));
    const char *given = server->base[whole] == '?' ? server->base + whole + 1 : "";

    (void)snprintf(out, size, "%.*s/%s%s%s%s%s", head, server->base, database,
                   given[0] != '\0' || options != NULL ? "?" : "", given,
                   given[0] != '\0' && options != NULL ? "&" : "", options == NULL ? "" : options);
}
