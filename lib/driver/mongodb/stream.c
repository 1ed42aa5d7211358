/* Connections to a server. libmongoc waits for each answer up to one time limit; here the deadline and interrupts of
 * the operation count as well. */
#include "driver/mongodb/mongodb.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/time.h"

#define SLICE  20     /* ms between looks at an interrupt */
#define TYPE   0x6863 /* none of libmongoc's own */
#define BUFFER 16384

typedef struct stream {
    mongoc_stream_t face; /* first: libmongoc knows no more */
    mongoc_stream_t *base;
    hc__mongo *conn;
    bool asked; /* something was sent, and nothing of the answer read: nothing is buffered here either */
} stream;

/* ---- time ---- */

static int32_t allowed(const hc__mongo *conn, int32_t wait)
{
    int64_t left;

    if (conn->deadline == 0 || wait == 0)
        return wait;
    left = (conn->deadline - hc__os_monotonic()) / 1000;
    left = left < 1 ? 1 : left;
    return wait < 0 || left < wait ? (int32_t)left : wait;
}

static void note_failure(hc__mongo *conn)
{
    if (conn->stopped == HC_OK && conn->deadline != 0 && hc__os_monotonic() >= conn->deadline - 1000)
        conn->stopped = HC_ERR_TIMEOUT;
}

/* Until there is something to read. What only the peer's end or a fault can say is read too. */
static bool wait_for_answer(stream *s, int32_t wait)
{
    int64_t until = hc__os_monotonic() + (int64_t)allowed(s->conn, wait) * 1000;

    for (;;) {
        mongoc_stream_poll_t poll = {s->base, POLLIN, 0};
        int64_t left = (until - hc__os_monotonic() + 999) / 1000;
        ssize_t ready;

        if (atomic_load_explicit(&s->conn->interrupted, memory_order_relaxed)) {
            s->conn->stopped = HC_ERR_CANCELLED;
            errno = ECANCELED;
            return false;
        }
        if (left <= 0) {
            errno = ETIMEDOUT;
            return false;
        }
        ready = mongoc_stream_poll(&poll, 1, left < SLICE ? (int32_t)left : SLICE);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR && errno != EAGAIN)
            return false;
    }
}

/* ---- what libmongoc calls ---- */

static stream *of(mongoc_stream_t *face)
{
    return (stream *)(void *)face;
}

static ssize_t on_readv(mongoc_stream_t *face, mongoc_iovec_t *iov, size_t count, size_t least, int32_t wait)
{
    stream *s = of(face);
    ssize_t got = -1;

    if (s->asked && wait != 0 && !wait_for_answer(s, wait)) {
        note_failure(s->conn);
        return -1;
    }
    got = mongoc_stream_readv(s->base, iov, count, least, allowed(s->conn, wait));
    if (got > 0)
        s->asked = false;
    else if (wait != 0)
        note_failure(s->conn);
    return got;
}

static ssize_t on_writev(mongoc_stream_t *face, mongoc_iovec_t *iov, size_t count, int32_t wait)
{
    stream *s = of(face);
    ssize_t put;

    s->asked = true;
    s->conn->sent = true;
    put = mongoc_stream_writev(s->base, iov, count, allowed(s->conn, wait));
    if (put < 0)
        note_failure(s->conn);
    return put;
}

static void on_destroy(mongoc_stream_t *face)
{
    mongoc_stream_destroy(of(face)->base);
    bson_free(face);
}

static void on_failed(mongoc_stream_t *face)
{
    mongoc_stream_failed(of(face)->base);
    bson_free(face);
}

static int on_close(mongoc_stream_t *face)
{
    return mongoc_stream_close(of(face)->base);
}

static int on_flush(mongoc_stream_t *face)
{
    return mongoc_stream_flush(of(face)->base);
}

static int on_setsockopt(mongoc_stream_t *face, int level, int name, void *value, mongoc_socklen_t size)
{
    return mongoc_stream_setsockopt(of(face)->base, level, name, value, size);
}

static mongoc_stream_t *on_base(mongoc_stream_t *face)
{
    return of(face)->base;
}

static bool on_check_closed(mongoc_stream_t *face)
{
    return mongoc_stream_check_closed(of(face)->base);
}

static bool on_timed_out(mongoc_stream_t *face)
{
    return mongoc_stream_timed_out(of(face)->base);
}

static bool on_should_retry(mongoc_stream_t *face)
{
    return mongoc_stream_should_retry(of(face)->base);
}

static mongoc_stream_t *wrap(mongoc_stream_t *base, hc__mongo *conn)
{
    stream *s = bson_malloc0(sizeof(*s));

    s->face.type = TYPE;
    s->face.destroy = on_destroy;
    s->face.failed = on_failed;
    s->face.close = on_close;
    s->face.flush = on_flush;
    s->face.readv = on_readv;
    s->face.writev = on_writev;
    s->face.setsockopt = on_setsockopt;
    s->face.get_base_stream = on_base;
    s->face.check_closed = on_check_closed;
    s->face.timed_out = on_timed_out;
    s->face.should_retry = on_should_retry;
    s->base = mongoc_stream_buffered_new(base, BUFFER);
    s->conn = conn;
    return &s->face;
}

/* ---- connecting ---- */

/* `until` is of libmongoc's clock, which is the monotonic one. */
static mongoc_socket_t *reach(const struct sockaddr *address, socklen_t size, int family, int64_t until)
{
    mongoc_socket_t *socket = mongoc_socket_new(family, SOCK_STREAM, 0);
    int on = 1;

    if (socket == NULL)
        return NULL;
    if (family != AF_UNIX) {
        (void)mongoc_socket_setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)mongoc_socket_setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    }
    if (mongoc_socket_connect(socket, address, (mongoc_socklen_t)size, until) == 0)
        return socket;
    mongoc_socket_destroy(socket);
    return NULL;
}

static mongoc_socket_t *reach_path(const char *path, int64_t until)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path))
        return NULL;
    memcpy(address.sun_path, path, strlen(path) + 1);
    return reach((const struct sockaddr *)&address, sizeof(address), AF_UNIX, until);
}

static mongoc_socket_t *reach_host(const mongoc_host_list_t *host, int64_t until)
{
    const struct addrinfo hints = {.ai_family = host->family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    mongoc_socket_t *socket = NULL;
    char port[8];

    (void)snprintf(port, sizeof(port), "%u", (unsigned)host->port);
    if (getaddrinfo(host->host, port, &hints, &found) != 0)
        return NULL;
    for (const struct addrinfo *at = found; at != NULL && socket == NULL; at = at->ai_next)
        socket = reach(at->ai_addr, at->ai_addrlen, at->ai_family, until);
    freeaddrinfo(found);
    return socket;
}

/* NULL, and *base is gone, when no TLS with a certificate that can be trusted comes about. */
static mongoc_stream_t *secure(mongoc_stream_t *base, const mongoc_uri_t *uri, const char *host, int32_t wait,
                               bson_error_t *error)
{
    mongoc_ssl_opt_t options = *mongoc_ssl_opt_get_default();
    mongoc_stream_t *out;

    options.pem_file = mongoc_uri_get_option_as_utf8(uri, MONGOC_URI_TLSCERTIFICATEKEYFILE, NULL);
    options.pem_pwd = mongoc_uri_get_option_as_utf8(uri, MONGOC_URI_TLSCERTIFICATEKEYFILEPASSWORD, NULL);
    options.ca_file = mongoc_uri_get_option_as_utf8(uri, MONGOC_URI_TLSCAFILE, NULL);
    options.weak_cert_validation = false;
    options.allow_invalid_hostname = false;
    out = mongoc_stream_tls_new_with_hostname(base, host, &options, 1);
    if (out == NULL) {
        mongoc_stream_destroy(base);
        return NULL;
    }
    if (mongoc_stream_tls_handshake_block(out, host, wait, error))
        return out;
    mongoc_stream_destroy(out);
    return NULL;
}

/* libmongoc asks for one member of a set after the other, and for all before it speaks to one: who is silent may use up
 * a part of the time until the deadline. */
static int32_t allowed_for_one(const hc__mongo *conn, const mongoc_uri_t *uri)
{
    const mongoc_host_list_t *seed = mongoc_uri_get_hosts(uri);
    bool several = mongoc_uri_get_replica_set(uri) != NULL || (seed != NULL && seed->next != NULL);
    int32_t wait = mongoc_uri_get_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, HC__MONGO_GIVE_UP);
    int32_t left = allowed(conn, INT32_MAX), parts = 1;

    for (; several && seed != NULL; seed = seed->next)
        parts++;
    left = left / parts > 0 ? left / parts : 1;
    return left < wait ? left : wait;
}

/* NULL, and *error says why. */
static mongoc_stream_t *connect_to(const mongoc_uri_t *uri, const mongoc_host_list_t *host, hc__mongo *conn,
                                   bson_error_t *error)
{
    int32_t wait = allowed_for_one(conn, uri);
    int64_t until = bson_get_monotonic_time() + (int64_t)wait * 1000;
    mongoc_socket_t *socket = host->family == AF_UNIX ? reach_path(host->host, until) : reach_host(host, until);
    mongoc_stream_t *base;

    /* A member of a set that the URI does not name may be elsewhere, whatever the seeds are. */
    conn->tls = mongoc_uri_get_tls(uri) || (!hc__mongo_says_tls(uri) && !hc__mongo_is_local(host->host));
    if (socket == NULL) {
        note_failure(conn);
        bson_set_error(error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_CONNECT, "no connection");
        return NULL;
    }
    base = mongoc_stream_socket_new(socket);
    if (conn->tls)
        base = secure(base, uri, host->host, wait, error);
    if (base == NULL)
        bson_set_error(error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET, "no TLS");
    return base;
}

/* One that leads nowhere: the first write fails. libmongoc takes a failure only then well: told at once of a member that
 * another one told it of, it waits for a lock that it holds itself (1.23). */
static mongoc_stream_t *nowhere(void)
{
    mongoc_socket_t *socket = mongoc_socket_new(AF_UNIX, SOCK_STREAM, 0);

    return socket == NULL ? NULL : mongoc_stream_socket_new(socket);
}

mongoc_stream_t *hc__mongo_stream(const mongoc_uri_t *uri, const mongoc_host_list_t *host, void *handle,
                                  bson_error_t *error)
{
    hc__mongo *conn = handle;
    mongoc_stream_t *base = connect_to(uri, host, conn, error);

    return base == NULL ? nowhere() : wrap(base, conn);
}
