/* Calls of the client library that may wait: with a deadline, and a way out. */
#include "driver/mysql/mysql.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"

/* An interrupt is seen after this long at most, without a descriptor of its own for each connection. */
#define SLICE INT64_C(20000)

#define ASK_AGAIN       INT64_C(200000)
#define HANDSHAKE_SLICE INT64_C(1000) /* of who sends a byte now and then, too */

#define ER_QUERY_INTERRUPTED 1317

static int poll_socket(MYSQL *my, int want, int64_t until)
{
    struct pollfd one = {.fd = mysql_get_socket(my)};
    int64_t wait = SLICE, left;
    int ready = 0;

    if (until != 0) {
        left = until - hc__os_monotonic();
        wait = left < 0 ? 0 : left < SLICE ? left : SLICE;
    }
    one.events = (short)(((want & MYSQL_WAIT_READ) != 0 ? POLLIN : 0) | ((want & MYSQL_WAIT_WRITE) != 0 ? POLLOUT : 0) |
                         ((want & MYSQL_WAIT_EXCEPT) != 0 ? POLLPRI : 0));
    if (poll(&one, 1, (int)((wait + 999) / 1000)) < 0)
        return errno == EINTR ? 0 : want;
    if ((one.revents & (POLLIN | POLLERR | POLLHUP)) != 0)
        ready |= MYSQL_WAIT_READ;
    if ((one.revents & (POLLOUT | POLLERR | POLLHUP)) != 0)
        ready |= MYSQL_WAIT_WRITE;
    if ((one.revents & POLLPRI) != 0)
        ready |= MYSQL_WAIT_EXCEPT;
    return ready & (want | MYSQL_WAIT_READ);
}

/* The call under way fails at its next look at the socket, and so comes to its end. */
static int end_call(MYSQL *my, int want)
{
    (void)shutdown(mysql_get_socket(my), SHUT_RDWR);
    return (want & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE)) | MYSQL_WAIT_TIMEOUT;
}

int hc__my_wait_until(MYSQL *my, int want, int64_t until, bool *late)
{
    for (;;) {
        int ready;

        if (hc__os_monotonic() >= until) {
            *late = true;
            return end_call(my, want);
        }
        ready = poll_socket(my, want, until);
        if (ready != 0)
            return ready;
    }
}

/* A session of its own asks for it. What is there to say is said by the answer of the statement. */
bool hc__my_stop(hc__my *conn)
{
    char text[256], sql[48];
    hc__my_fault fault = {0};
    bool late = false;
    int refused = 1, want;
    MYSQL *side;

    if (conn->give_up == 0)
        conn->give_up = hc__os_monotonic() + HC__MY_GRACE;
    side = hc__my_dial(conn->store, conn->host, conn->give_up, &fault, text, &late);
    if (side == NULL)
        return false;
    (void)snprintf(sql, sizeof(sql), "KILL QUERY %lu", mysql_thread_id(conn->my));
    want = mysql_real_query_start(&refused, side, sql, strlen(sql));
    while (want != 0)
        want = mysql_real_query_cont(&refused, side, hc__my_wait_until(side, want, conn->give_up, &late));
    mysql_close(side);
    return refused == 0;
}

/* Tells the server to stop once it is time, and gives up when it does not. */
static bool goes_on(hc__my *conn)
{
    int64_t now = hc__os_monotonic();

    if (conn->give_up != 0) {
        /* One that came before the statement had begun hit nothing. */
        if (conn->stopped != HC_OK && now >= conn->ask_again && now < conn->give_up) {
            (void)hc__my_stop(conn);
            conn->ask_again = now + ASK_AGAIN;
        }
        return now < conn->give_up;
    }
    if (atomic_load_explicit(&conn->interrupted, memory_order_relaxed))
        conn->stopped = HC_ERR_CANCELLED;
    else if (conn->deadline != 0 && now >= conn->deadline)
        conn->stopped = HC_ERR_TIMEOUT;
    else
        return true;
    (void)hc__my_stop(conn);
    conn->ask_again = now + ASK_AGAIN;
    return true;
}

/* ---- the socket of a connection -----------------------------------------------------------------------------------
 * Once it is connected, its handle reads and writes by these: the calls of the client library that block then wait in
 * slices and look up between them. Its non-blocking interface would ask the socket, be told to come back, poll and ask
 * again, on a stack of its own. */

static hc__my *owner_of(const MARIADB_PVIO *line)
{
    return (hc__my *)(void *)((char *)line->methods - offsetof(hc__my, line));
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Less than a slice is left, which is how long the socket itself waits. */
static bool near_end(const hc__my *conn)
{
    int64_t end = conn->give_up != 0 ? conn->give_up : conn->deadline;

    return end != 0 && end - hc__os_monotonic() < SLICE;
}

/* 0: the call under way is to fail. */
static int wait_line(MARIADB_PVIO *line, my_bool reads, int timeout)
{
    hc__my *conn = owner_of(line);
    int want = reads ? MYSQL_WAIT_READ : MYSQL_WAIT_WRITE;

    (void)timeout;
    while (!conn->broken && goes_on(conn)) {
        if (poll_socket(conn->my, want, conn->give_up != 0 ? conn->give_up : conn->deadline) != 0)
            return 1;
    }
    conn->broken = true;
    (void)shutdown(mysql_get_socket(conn->my), SHUT_RDWR);
    errno = ETIMEDOUT;
    return 0;
}

static ssize_t read_line(MARIADB_PVIO *line, unsigned char *into, size_t size)
{
    hc__my *conn = owner_of(line);
    ssize_t got;

    do
        got = recv(mysql_get_socket(conn->my), into, size, near_end(conn) ? MSG_DONTWAIT : 0);
    while (got < 0 && would_block() && wait_line(line, 1, 0) > 0);
    return got;
}

static ssize_t write_line(MARIADB_PVIO *line, const unsigned char *from, size_t size)
{
    hc__my *conn = owner_of(line);
    ssize_t sent;

    do
        sent = send(mysql_get_socket(conn->my), from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && would_block() && wait_line(line, 0, 0) > 0);
    return sent;
}

/* Whether this is the client library that the driver was built for, and no call of its socket waits longer than that.
 */
static bool waits_at_most(MYSQL *my, int64_t micros)
{
    const struct timeval slice = {.tv_usec = micros};
    int socket = mysql_get_socket(my);
    const MARIADB_PVIO *line = my->net.pvio;

    return mysql_get_client_version() >= MARIADB_PACKAGE_VERSION_ID && line != NULL && line->mysql == my &&
           line->methods != NULL && setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof(slice)) == 0 &&
           setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &slice, sizeof(slice)) == 0;
}

/* 0: the handshake is to fail. */
static int wait_handshake(MARIADB_PVIO *line, my_bool reads, int timeout)
{
    hc__my_handshake *shake = (hc__my_handshake *)(void *)((char *)line->methods - offsetof(hc__my_handshake, line));
    int ready;

    (void)timeout;
    ready = hc__my_wait_until(shake->my, reads ? MYSQL_WAIT_READ : MYSQL_WAIT_WRITE, shake->until, shake->late);
    return (ready & MYSQL_WAIT_TIMEOUT) == 0;
}

void hc__my_watch_handshake(hc__my_handshake *shake)
{
    MARIADB_PVIO *line = shake->my->net.pvio;

    if (shake->before != NULL || line == NULL || !waits_at_most(shake->my, HANDSHAKE_SLICE))
        return;
    shake->before = line->methods;
    shake->line = *line->methods;
    shake->line.wait_io_or_timeout = wait_handshake;
    line->methods = &shake->line;
}

void hc__my_leave_handshake(hc__my_handshake *shake)
{
    MARIADB_PVIO *line = shake->my->net.pvio;

    if (line != NULL && line->methods == &shake->line)
        line->methods = shake->before;
}

bool hc__my_take_line(hc__my *conn)
{
    MARIADB_PVIO *line = conn->my->net.pvio;

    if (!waits_at_most(conn->my, SLICE))
        return false;
    conn->line = *line->methods;
    conn->line.read = read_line;
    conn->line.write = write_line;
    conn->line.wait_io_or_timeout = wait_line;
    line->methods = &conn->line;
    return true;
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

unsigned hc__my_query(hc__my *conn, const char *sql)
{
    return mysql_real_query(conn->my, sql, strlen(sql)) == 0 ? 0 : hc__my_fault_of(conn, NULL).number;
}

/* The answer to a statement that was accepted. */
static hc_status take_answer(hc__my *conn, hc__my_pair_fn each, void *data, hc_error *err)
{
    MYSQL_RES *result;
    unsigned columns = mysql_field_count(conn->my);
    MYSQL_ROW row;

    if (columns == 0)
        return HC_OK;
    result = mysql_store_result(conn->my);
    if (result == NULL)
        return hc__my_refused(conn, hc__my_fault_of(conn, NULL), err);
    while (each != NULL && (row = mysql_fetch_row(result)) != NULL)
        each(row[0], columns > 1 ? row[1] : NULL, data);
    mysql_free_result(result);
    return HC_OK;
}

hc_status hc__my_run(hc__my *conn, const char *sql, hc__my_pair_fn each, void *data, hc_error *err)
{
    if (hc__my_query(conn, sql) != 0)
        return hc__my_refused(conn, hc__my_fault_of(conn, NULL), err);
    return take_answer(conn, each, data, err);
}

/* Each answer is numbered from its own statement on. */
hc_status hc__my_run_together(hc__my *conn, const char *const *sql, size_t count, hc__my_pair_fn each, void *data,
                              hc_error *err)
{
    hc_status status = HC_OK;
    size_t sent = 0;

    while (sent < count && mysql_send_query(conn->my, sql[sent], strlen(sql[sent])) == 0)
        sent++;
    if (sent < count) {
        status = hc__my_refused(conn, hc__my_fault_of(conn, NULL), err);
        conn->broken = true; /* what was sent has answers that nobody takes */
        return status;
    }
    for (size_t i = 0; i < count && !conn->broken; i++) {
        hc_error *why = status == HC_OK ? err : NULL;
        hc_status one;

        conn->my->net.pkt_nr = 1;
        one = mysql_read_query_result(conn->my) != 0 ? hc__my_refused(conn, hc__my_fault_of(conn, NULL), why)
                                                     : take_answer(conn, each, data, why);
        status = status == HC_OK ? one : status;
    }
    return status;
}

static void take_number(const char *first, const char *second, void *data)
{
    (void)second;
    if (first != NULL)
        (void)hc__decimal_parse(data, first, strlen(first), 0, HC__EXACT);
}

hc_status hc__my_number(hc__my *conn, const char *sql, int64_t *number, hc_error *err)
{
    *number = 0;
    return hc__my_run(conn, sql, take_number, number, err);
}

void hc__my_undo(hc__my *conn)
{
    bool open = conn->in_transaction || conn->stopped != HC_OK;
    unsigned refused;

    conn->in_transaction = conn->read_only = false;
    if (conn->broken || !open)
        return;
    /* A deadline that passed must not stop the way back. A KILL that came too late for its statement hits the first
     * ROLLBACK. */
    atomic_store_explicit(&conn->interrupted, false, memory_order_relaxed);
    conn->give_up = conn->ask_again = hc__os_monotonic() + HC__MY_GRACE;
    refused = hc__my_query(conn, "ROLLBACK");
    if (refused == ER_QUERY_INTERRUPTED)
        refused = hc__my_query(conn, "ROLLBACK");
    if (refused != 0)
        conn->broken = true;
    conn->give_up = 0;
}
