/* Calls of the client library that may wait, by its non-blocking interface: with a deadline, and a way out. */
#include "driver/mysql/mysql.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"

/* An interrupt is seen after this long at most, without a descriptor of its own for each connection. */
#define SLICE INT64_C(20000)

#define ASK_AGAIN INT64_C(200000)

#define ER_QUERY_INTERRUPTED 1317

/* A call that begins with `first` and goes on with `next`, which says in `ready` what came of the wait. */
#define DRIVE(wait, first, next)                                                                                       \
    do {                                                                                                               \
        int want = (first), ready;                                                                                     \
        while (want != 0) {                                                                                            \
            ready = (wait);                                                                                            \
            want = (next);                                                                                             \
        }                                                                                                              \
    } while (0)

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
    int refused = 1;
    MYSQL *side;

    if (conn->give_up == 0)
        conn->give_up = hc__os_monotonic() + HC__MY_GRACE;
    side = hc__my_dial(conn->store, conn->host, conn->give_up, &fault, text, &late);
    if (side == NULL)
        return false;
    (void)snprintf(sql, sizeof(sql), "KILL QUERY %lu", mysql_thread_id(conn->my));
    DRIVE(hc__my_wait_until(side, want, conn->give_up, &late), mysql_real_query_start(&refused, side, sql, strlen(sql)),
          mysql_real_query_cont(&refused, side, ready));
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

static int wait_for(hc__my *conn, int want)
{
    for (;;) {
        int ready;

        if (!goes_on(conn)) {
            conn->broken = true;
            return end_call(conn->my, want);
        }
        ready = poll_socket(conn->my, want, conn->give_up != 0 ? conn->give_up : conn->deadline);
        if (ready != 0)
            return ready;
    }
}

unsigned hc__my_query(hc__my *conn, const char *sql)
{
    int refused = 1;

    DRIVE(wait_for(conn, want), mysql_real_query_start(&refused, conn->my, sql, strlen(sql)),
          mysql_real_query_cont(&refused, conn->my, ready));
    return refused == 0 ? 0 : hc__my_fault_of(conn, NULL).number;
}

hc_status hc__my_run(hc__my *conn, const char *sql, hc__my_pair_fn each, void *data, hc_error *err)
{
    MYSQL_RES *result = NULL;
    unsigned columns;
    MYSQL_ROW row;

    if (hc__my_query(conn, sql) != 0)
        return hc__my_refused(conn, hc__my_fault_of(conn, NULL), err);
    columns = mysql_field_count(conn->my);
    if (columns == 0)
        return HC_OK;
    DRIVE(wait_for(conn, want), mysql_store_result_start(&result, conn->my),
          mysql_store_result_cont(&result, conn->my, ready));
    if (result == NULL)
        return hc__my_refused(conn, hc__my_fault_of(conn, NULL), err);
    while (each != NULL && (row = mysql_fetch_row(result)) != NULL)
        each(row[0], columns > 1 ? row[1] : NULL, data);
    mysql_free_result(result);
    return HC_OK;
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

bool hc__my_prepare(hc__my *conn, MYSQL_STMT *handle, const char *text, size_t size)
{
    int refused = 1;

    DRIVE(wait_for(conn, want), mysql_stmt_prepare_start(&refused, handle, text, size),
          mysql_stmt_prepare_cont(&refused, handle, ready));
    return refused == 0;
}

bool hc__my_start(hc__my *conn, MYSQL_STMT *handle)
{
    int refused = 1;

    DRIVE(wait_for(conn, want), mysql_stmt_execute_start(&refused, handle),
          mysql_stmt_execute_cont(&refused, handle, ready));
    return refused == 0;
}

int hc__my_fetch(hc__my *conn, MYSQL_STMT *handle)
{
    int outcome = 1;

    DRIVE(wait_for(conn, want), mysql_stmt_fetch_start(&outcome, handle),
          mysql_stmt_fetch_cont(&outcome, handle, ready));
    return outcome;
}

void hc__my_drop_result(hc__my *conn, MYSQL_STMT *handle)
{
    my_bool refused = 1;

    DRIVE(wait_for(conn, want), mysql_stmt_free_result_start(&refused, handle),
          mysql_stmt_free_result_cont(&refused, handle, ready));
}

void hc__my_drop(hc__my *conn, MYSQL_STMT *handle)
{
    my_bool refused = 1;

    DRIVE(wait_for(conn, want), mysql_stmt_close_start(&refused, handle),
          mysql_stmt_close_cont(&refused, handle, ready));
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
