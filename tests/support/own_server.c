#include "own_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
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

#define ARGUMENTS 64

void own_server_pause(void)
{
    const struct timespec pause = {0, 10000000};

    nanosleep(&pause, NULL);
}

/* Who a server runs as when this is root: NULL, nobody else. */
static const struct passwd *server_user(const char *name)
{
    const struct passwd *user = geteuid() == 0 ? getpwnam(name) : NULL;

    return user != NULL || geteuid() != 0 ? user : getpwnam("nobody");
}

bool own_server_folder(char *out, size_t size, const char *name, const char *user)
{
    const char *base = getenv("TMPDIR"), *in_memory = getenv("HC_TEST_SERVERS");
    const struct passwd *entry;

    /* Root's scratch folder may be where nobody else can enter. */
    if (in_memory != NULL && in_memory[0] != '\0' && strlen(in_memory) <= 80)
        base = in_memory;
    else if (in_memory != NULL || geteuid() == 0 || base == NULL || strlen(base) > 80)
        base = "/tmp";
    snprintf(out, size, "%s/hc-%s-XXXXXX", base, name);
    if (mkdtemp(out) == NULL) {
        out[0] = '\0';
        return false;
    }
    entry = server_user(user);
    return geteuid() != 0 || (entry != NULL && chown(out, entry->pw_uid, entry->pw_gid) == 0);
}

int own_server_port(void)
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

pid_t own_server_spawn(const char *folder, const char *user, const char *death, const char *const *arguments)
{
    char log[256], uid[32], gid[32];
    const char *all[ARGUMENTS] = {"setpriv", "--pdeathsig", death};
    const struct passwd *entry = server_user(user);
    size_t count = 3;
    pid_t pid;

    snprintf(log, sizeof log, "%s/log", folder);
    if (entry != NULL) {
        snprintf(uid, sizeof uid, "--reuid=%u", (unsigned)entry->pw_uid);
        snprintf(gid, sizeof gid, "--regid=%u", (unsigned)entry->pw_gid);
        all[count++] = uid;
        all[count++] = gid;
        all[count++] = "--clear-groups";
    }
    for (size_t i = 0; arguments[i] != NULL && count < ARGUMENTS - 1; i++)
        all[count++] = arguments[i];
    pid = fork();
    if (pid == 0) {
        int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

        if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir(folder) != 0)
            _exit(127);
        unsetenv("LD_PRELOAD");
        setenv("LC_ALL", "C.UTF-8", 1);
        setenv("TMPDIR", folder, 1); /* the one that is set may be closed to that user */
        execvp("setpriv", (char *const *)(uintptr_t)all);
        _exit(127);
    }
    return pid;
}

bool own_server_run(const char *folder, const char *user, const char *const *arguments)
{
    pid_t pid = own_server_spawn(folder, user, "KILL", arguments);
    int status = 0;

    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void own_server_end(pid_t *pid, int signal)
{
    if (*pid <= 0)
        return;
    kill(*pid, signal);
    for (int i = 0; i < OWN_SERVER_TRIES && waitpid(*pid, NULL, WNOHANG) == 0; i++) {
        if (i == OWN_SERVER_TRIES / 2)
            kill(*pid, SIGKILL);
        own_server_pause();
    }
    *pid = 0;
}

static int remove_one(const char *path, const struct stat *info, int what, struct FTW *at)
{
    (void)info;
    (void)what;
    (void)at;
    return remove(path);
}

void own_server_remove(const char *folder)
{
    if (folder[0] != '\0')
        nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void own_server_find(char *out, size_t size, const char *program)
{
    const char *path = getenv("PATH");
    char whole[512];

    out[0] = '\0';
    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");

        snprintf(whole, sizeof whole, "%.*s/%s", (int)length, path, program);
        if (access(whole, X_OK) == 0) {
            snprintf(out, size, "%.*s", (int)length, path);
            return;
        }
        path += length + (path[length] == ':');
    }
}

/* ---- filled data folders ---- */

static bool version_of(char *out, size_t size, const char *command)
{
    FILE *from = popen(command, "r");
    char line[256] = "";
    const char *start = line;

    if (from == NULL)
        return false;
    (void)fgets(line, sizeof line, from);
    (void)pclose(from);
    while ((start = strchr(start, ' ')) != NULL && strspn(++start, "0123456789") == 0)
        ;
    if (start == NULL)
        return false;
    snprintf(out, size, "%.*s", (int)strspn(start, "0123456789."), start);
    return true;
}

/* Where one is kept, so that a second run starts at once. */
static bool template_of(char *out, size_t size, const own_server_template *how)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    bool given = base != NULL && base[0] != '\0';
    char version[64];
    int length;

    if (!version_of(version, sizeof version, how->version))
        return false;
    length = snprintf(out, size, "%s%s/homeconnect/servers/%s-%s-%s",
                      given          ? base
                      : home == NULL ? "/tmp"
                                     : home,
                      given ? "" : "/.cache", how->name, version, how->revision);
    return length > 0 && (size_t)length < size;
}

static void make_parents(const char *path)
{
    char part[512];

    for (const char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(at - path), path);
        (void)mkdir(part, 0755);
    }
}

/* Copies as who this is; a server that is somebody else then gets the copy, as it has the folder. */
static bool copy(const char *folder, const char *from, const char *to, bool hand_over)
{
    const char *const copying[] = {"cp", "-r", "--sparse=always", from, to, NULL};
    const char *const giving[] = {"chown", "-R", "--reference", folder, to, NULL};
    int status = 0;
    pid_t pid;

    for (int i = 0; i < (hand_over ? 2 : 1); i++) {
        const char *const *arguments = i == 0 ? copying : giving;

        pid = fork();
        if (pid == 0) {
            execvp(arguments[0], (char *const *)(uintptr_t)arguments);
            _exit(127);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
            return false;
    }
    return true;
}

/* From the template, which is made first when there is none. Two who make it at once do not meet: one name wins. */
bool own_server_fill(const char *folder, const char *user, const own_server_template *how)
{
    char template[512], making[600], data[160];

    snprintf(data, sizeof data, "%s/data", folder);
    if (!template_of(template, sizeof template, how))
        return own_server_run(folder, user, how->fill);
    if (access(template, R_OK) == 0 && copy(folder, template, data, geteuid() == 0))
        return true;
    if (!own_server_run(folder, user, how->fill))
        return false;
    make_parents(template);
    snprintf(making, sizeof making, "%s.%d", template, (int)getpid());
    if (!copy(folder, data, making, false) || rename(making, template) != 0)
        own_server_remove(making);
    return true;
}
