/* What private servers of every make have in common: a folder, a free port of loopback, a direct child that ends with
 * its parent and never runs as root. */
#ifndef SUPPORT_OWN_SERVER_H
#define SUPPORT_OWN_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SERVER_SKIPPED 77 /* what a test program returns when there is no server */

#define OWN_SERVER_TRIES 3000 /* of 10 ms, until it answers or has ended */

void own_server_pause(void);
/* A folder that `user` owns (the first of the two that is here) when this is root. False with nothing made. */
bool own_server_folder(char *out, size_t size, const char *name, const char *user);
int own_server_port(void);
/* As that user, with its output in the folder's log; the signal `death` comes when the parent ends. */
pid_t own_server_spawn(const char *folder, const char *user, const char *death, const char *const *arguments);
bool own_server_run(const char *folder, const char *user, const char *const *arguments); /* to its end, with 0 */

typedef struct own_server_template {
    const char *name;        /* of the engine */
    const char *version;     /* a command that says it */
    const char *revision;    /* raised when `fill` changes */
    const char *const *fill; /* the command that makes FOLDER/data */
} own_server_template;

/* Makes FOLDER/data: by the command, or sooner as a copy of what it once made, which is kept for further runs. */
bool own_server_fill(const char *folder, const char *user, const own_server_template *how);

void own_server_end(pid_t *pid, int signal); /* and waits; SIGKILL when it does not end; *pid is 0 after */
void own_server_remove(const char *folder);
/* The folder of a program on the PATH, or "". */
void own_server_find(char *out, size_t size, const char *program);

#endif
