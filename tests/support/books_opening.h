/* Who is asked for a session and gives none, of every driver of a server alike: behind its shelf.h. */
#ifndef SUPPORT_BOOKS_OPENING_H
#define SUPPORT_BOOKS_OPENING_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/thread.h"
#include "base/time.h"
#include "books.h"

/* Passwords of the tests have "sesame" in them. */
static inline void shelf_refuses(const char *address, hc_status status, const char *origin)
{
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%s", address);
    ck_assert_msg(shelf_open() == status, "%s: %d, %s", address, (int)err.status, err.message);
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_str_eq(err.origin, origin);
    ck_assert_ptr_null(strstr(err.message, "sesame"));
    ck_assert_ptr_null(strstr(shelf_lines, "sesame"));
    shelf_close();
}

/* A socket that takes connections; its address for `scheme` goes to `out`. */
static inline int listening(char out[128], const char *scheme)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(out, 128, "%s://hc:sesame@127.0.0.1:%d/home", scheme, ntohs(address.sin_port));
    return fd;
}

/* S18: it takes the connection and says nothing. `patience` is the URI's parameter for how long it is waited for. */
static inline void never_answers(const char *scheme, const char *patience, const char *origin)
{
    char where[128], briefly[160];
    int fd = listening(where, scheme);

    (void)snprintf(briefly, sizeof(briefly), "%s?%s=1", where, patience);
    shelf_refuses(briefly, HC_ERR_UNAVAILABLE, origin);
    (void)snprintf(uri, sizeof(uri), "%s", where);
    ck_assert_int_eq(driver->open(&store, &shelf_host, uri, &err), HC_OK);
    ck_assert_int_eq(driver->connect(&conn, store, HC_CONNECT_READ, hc__os_monotonic() + 100000, &err), HC_ERR_TIMEOUT);
    (void)close(fd);
}

/* Who connects hears these words of another protocol at once: the message says so, and nothing of TLS. */
static inline void answers_otherwise(const char *scheme, const char *parameters, const char *words, size_t size,
                                     const char *origin)
{
    char where[128], whole[192];
    int fd = listening(where, scheme), peer;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        while ((peer = accept(fd, NULL, NULL)) >= 0)
            (void)send(peer, words, size, MSG_NOSIGNAL);
        _exit(0);
    }
    (void)snprintf(whole, sizeof(whole), "%s%s", where, parameters);
    shelf_refuses(whole, HC_ERR_UNAVAILABLE, origin);
    ck_assert_msg(strstr(err.message, "answers there") != NULL, "%s%s: %s", scheme, parameters, err.message);
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    (void)close(fd);
}

#endif
