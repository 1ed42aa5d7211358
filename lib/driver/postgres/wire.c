/* Waiting for the server: with a deadline, and a way out. */
#include "driver/postgres/postgres.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"

/* An interrupt is seen after this long at most, without a descriptor of its own for each connection. */
#define SLICE INT64_C(20000)

int hc__pg_poll(const hc__pg *conn, bool read, bool write, int64_t now, int64_t until)
{
    struct pollfd one = {.fd = PQsocket(conn->pg)};
    int64_t wait = SLICE;

    if (until != 0) {
        int64_t left = until - now;

        wait = left < 0 ? 0 : left < SLICE ? left : SLICE;
    }
    one.events = (short)((read ? POLLIN : 0) | (write ? POLLOUT : 0));
    if (poll(&one, 1, (int)((wait + 999) / 1000)) < 0)
        return errno == EINTR ? 0 : -1;
    return one.revents;
}

/* Tells the server to stop once it is time, and gives up when it does not. */
static bool goes_on(hc__pg *conn, int64_t now)
{
    if (conn->give_up != 0) {
        if (conn->again != 0 && now >= conn->again) {
            conn->again = now + HC__PG_AGAIN;
            hc__pg_cancel(conn, conn->give_up);
        }
        return now < conn->give_up;
    }
    if (atomic_load_explicit(&conn->interrupted, memory_order_relaxed))
        conn->stopped = HC_ERR_CANCELLED;
    else if (conn->deadline != 0 && now >= conn->deadline)
        conn->stopped = HC_ERR_TIMEOUT;
    else
        return true;
    conn->give_up = now + HC__PG_GRACE;
    conn->again = now + HC__PG_AGAIN;
    hc__pg_cancel(conn, conn->give_up);
    return true;
}

bool hc__pg_wait(hc__pg *conn)
{
    while (!conn->broken) {
        int64_t now;
        int unsent, events;

        if (PQisBusy(conn->pg) == 0)
            return true;
        unsent = PQflush(conn->pg);
        now = hc__os_monotonic();
        if (PQstatus(conn->pg) == CONNECTION_BAD || !goes_on(conn, now))
            break;
        events = hc__pg_poll(conn, true, unsent > 0, now, conn->give_up != 0 ? conn->give_up : conn->deadline);
        if (events < 0)
            break;
        /* What the server said before it went is still parsed. */
        if (events != 0 && (events & ~POLLOUT) != 0 && PQconsumeInput(conn->pg) == 0 && PQisBusy(conn->pg) != 0)
            break;
    }
    conn->broken = true;
    return false;
}

bool hc__pg_drain(hc__pg *conn)
{
    while (!conn->broken) {
        int unsent = PQflush(conn->pg);
        int64_t now;
        int events;

        if (unsent == 0)
            return true;
        now = hc__os_monotonic();
        if (unsent < 0 || !goes_on(conn, now))
            break;
        events = hc__pg_poll(conn, true, true, now, conn->give_up != 0 ? conn->give_up : conn->deadline);
        if (events < 0 || ((events & ~POLLOUT) != 0 && PQconsumeInput(conn->pg) == 0))
            break;
    }
    conn->broken = true;
    return false;
}

hc_status hc__pg_take_lines(hc__pg *conn, int64_t *number, hc__pg_line_fn line, void *data, hc_error *err)
{
    hc_status status = HC_OK;
    PGresult *result;

    for (;;) {
        if (!hc__pg_wait(conn)) /* of what the session ended with the server may have told */
            return status == HC_OK ? hc__pg_lost(conn, err) : status;
        result = PQgetResult(conn->pg);
        if (result == NULL)
            break;
        if (PQresultStatus(result) == PGRES_TUPLES_OK && status == HC_OK) {
            for (int i = 0; i < PQntuples(result) && line != NULL && status == HC_OK; i++)
                status = line(PQgetvalue(result, i, 0), data);
            if (number != NULL && PQntuples(result) > 0)
                (void)hc__decimal_parse(number, PQgetvalue(result, PQntuples(result) - 1, 0),
                                        (size_t)PQgetlength(result, PQntuples(result) - 1, 0), 0, HC__EXACT);
        } else if (PQresultStatus(result) != PGRES_COMMAND_OK && status == HC_OK) {
            status = hc__pg_refused(conn, result, err);
        }
        PQclear(result);
        if (PQstatus(conn->pg) == CONNECTION_BAD)
            return status == HC_OK ? hc__pg_lost(conn, err) : status;
    }
    return status < 0 ? status : HC_OK;
}

hc_status hc__pg_run(hc__pg *conn, const char *sql, int64_t *number, hc_error *err)
{
    return PQsendQuery(conn->pg, sql) == 0 ? hc__pg_lost(conn, err) : hc__pg_take_lines(conn, number, NULL, NULL, err);
}

void hc__pg_undo(hc__pg *conn)
{
    PGTransactionStatusType now = conn->broken ? PQTRANS_IDLE : PQtransactionStatus(conn->pg);

    conn->in_transaction = conn->read_only = conn->wrote = false;
    if (now == PQTRANS_IDLE)
        return;
    /* A deadline that passed must not stop the way back. */
    atomic_store_explicit(&conn->interrupted, false, memory_order_relaxed);
    conn->give_up = hc__os_monotonic() + HC__PG_GRACE;
    conn->again = 0;
    if (now == PQTRANS_ACTIVE || now == PQTRANS_UNKNOWN || hc__pg_run(conn, "ROLLBACK", NULL, NULL) < 0)
        conn->broken = true;
    conn->give_up = 0;
}
