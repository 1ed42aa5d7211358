/* Numbers of the server and the client library to statuses. Their own words never leave this room: they may hold
 * values.
 */
#include "driver/mysql/mysql.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <string.h>

#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"
#include "homeconnect/log.h"

typedef struct outcome {
    unsigned number;
    hc_status status;
    const char *message;
} outcome;

#define LOST        "the connection to the server was lost"
#define REFUSED     "the server refused the user or password"
#define EXPIRED     "the password of the server's user has expired"
#define DENIED      "the server's user may not do that"
#define FIXED_WAY   "the server's alter_algorithm does not allow what a migration does: reset it"
#define SMALL_PAGES "the server's innodb_page_size is too small for the schema: it takes 16 KiB"
#define FULL        "no space left for the database"
#define CROWDED     "the server has too many connections"
#define READ_ONLY   "the server is read-only"
#define DAMAGED     "the database is damaged"
#define STRANGE     "no MariaDB or MySQL server answers there"

static const outcome outcomes[] = {
    {ER_LOCK_WAIT_TIMEOUT, HC_ERR_BUSY, "another transaction held a lock for too long"},
    {ER_LOCK_DEADLOCK, HC_ERR_BUSY, "two transactions waited for each other"},
    {ER_CHECKREAD, HC_ERR_BUSY, "another transaction came first"},
    {ER_TABLE_DEF_CHANGED, HC_ERR_BUSY, "the schema changed under a transaction"},
    {ER_UNKNOWN_STMT_HANDLER, HC_ERR_BUSY, "the server forgot a prepared statement"},
    {ER_NEED_REPREPARE, HC_ERR_BUSY, "the schema changed under a prepared statement"},
    {CR_NEW_STMT_METADATA, HC_ERR_BUSY, "the schema changed under a prepared statement"},
    {ER_MAX_PREPARED_STMT_COUNT_REACHED, HC_ERR_BUSY, "the server holds too many prepared statements"},
    {ER_CON_COUNT_ERROR, HC_ERR_BUSY, CROWDED},
    {ER_TOO_MANY_USER_CONNECTIONS, HC_ERR_BUSY, CROWDED},
    {ER_USER_LIMIT_REACHED, HC_ERR_BUSY, "the server's user has used up a limit of its own"},
    {ER_RECORD_FILE_FULL, HC_ERR_NO_SPACE, FULL},
    {ER_DISK_FULL, HC_ERR_NO_SPACE, FULL},
    {ER_OUTOFMEMORY, HC_ERR_NO_MEMORY, "the server is out of memory"},
    {ER_OUT_OF_SORTMEMORY, HC_ERR_NO_MEMORY, "the server's sort_buffer_size is too small for a list"},
    {ER_OUT_OF_RESOURCES, HC_ERR_NO_MEMORY, "the server is out of memory"},
    {CR_OUT_OF_MEMORY, HC_ERR_NO_MEMORY, "out of memory"},
    {ER_QUERY_INTERRUPTED, HC_ERR_TIMEOUT, "the server cancelled the statement, as somebody asked it to"},
    {ER_STATEMENT_TIMEOUT, HC_ERR_TIMEOUT, "the statement took longer than the server's max_statement_time"},
    {3024, HC_ERR_TIMEOUT, "the statement took longer than the server's max_execution_time"}, /* MySQL's */
    {ER_SERVER_SHUTDOWN, HC_ERR_UNAVAILABLE, "the server is shutting down"},
    {ER_NORMAL_SHUTDOWN, HC_ERR_UNAVAILABLE, "the server is shutting down"},
    {ER_CONNECTION_KILLED, HC_ERR_UNAVAILABLE, LOST},
    {4031, HC_ERR_UNAVAILABLE, "the server closed an idle session (wait_timeout)"}, /* MySQL's */
    {ER_UNKNOWN_COM_ERROR, HC_ERR_UNAVAILABLE, "the node has no part in its cluster"},
    {ER_NET_READ_ERROR, HC_ERR_UNAVAILABLE, LOST},
    {ER_NET_READ_INTERRUPTED, HC_ERR_UNAVAILABLE, LOST},
    {ER_NET_ERROR_ON_WRITE, HC_ERR_UNAVAILABLE, LOST},
    {ER_NET_WRITE_INTERRUPTED, HC_ERR_UNAVAILABLE, LOST},
    {ER_NET_FCNTL_ERROR, HC_ERR_UNAVAILABLE, LOST},
    {ER_NEW_ABORTING_CONNECTION, HC_ERR_UNAVAILABLE, "the server ended the session: does its init_connect fail?"},
    {ER_HOST_IS_BLOCKED, HC_ERR_UNAVAILABLE, "the server blocks this host after too many failed connections"},
    {CR_SERVER_GONE_ERROR, HC_ERR_UNAVAILABLE, LOST},
    {CR_SERVER_LOST, HC_ERR_UNAVAILABLE, LOST},
    {CR_SSL_CONNECTION_ERROR, HC_ERR_UNAVAILABLE, LOST},
    {CR_COMMANDS_OUT_OF_SYNC, HC_ERR_UNAVAILABLE, LOST},
    {CR_MALFORMED_PACKET, HC_ERR_UNAVAILABLE, LOST},
    {CR_STMT_CLOSED, HC_ERR_UNAVAILABLE, LOST},
    {CR_UNKNOWN_ERROR, HC_ERR_UNAVAILABLE, LOST},
    {ER_OPTION_PREVENTS_STATEMENT, HC_ERR_UNAVAILABLE, READ_ONLY},
    {ER_READ_ONLY_MODE, HC_ERR_UNAVAILABLE, READ_ONLY},
    {ER_OPEN_AS_READONLY, HC_ERR_UNAVAILABLE, READ_ONLY}, /* by innodb_read_only, or as it recovers */
    {ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, HC_ERR_UNAVAILABLE, READ_ONLY},
    {ER_ACCESS_DENIED_ERROR, HC_ERR_INVALID, REFUSED},
    {ER_ACCESS_DENIED_NO_PASSWORD_ERROR, HC_ERR_INVALID, REFUSED},
    {ER_HOST_NOT_PRIVILEGED, HC_ERR_INVALID, REFUSED},
    {ER_MUST_CHANGE_PASSWORD_LOGIN, HC_ERR_INVALID, EXPIRED},
    {ER_MUST_CHANGE_PASSWORD, HC_ERR_INVALID, EXPIRED},
    {4151, HC_ERR_INVALID, REFUSED}, /* the account is locked */
    {CR_AUTH_PLUGIN_CANNOT_LOAD, HC_ERR_INVALID, "the server asks for a way to sign in that is not allowed here"},
    {ER_DBACCESS_DENIED_ERROR, HC_ERR_INVALID, "the server's user may not use that database"},
    {ER_BAD_DB_ERROR, HC_ERR_INVALID, "the server has no database of that name"},
    {ER_TABLEACCESS_DENIED_ERROR, HC_ERR_IO, DENIED},
    {ER_COLUMNACCESS_DENIED_ERROR, HC_ERR_IO, DENIED},
    {ER_SPECIFIC_ACCESS_DENIED_ERROR, HC_ERR_IO, DENIED},
    {ER_NO_SUCH_TABLE, HC_ERR_SCHEMA, "a table is missing: call hc_client_migrate()"},
    {ER_BAD_FIELD_ERROR, HC_ERR_SCHEMA, "a column is missing: call hc_client_migrate()"},
    {1176, HC_ERR_SCHEMA, "an index is missing: call hc_client_migrate()"},
    {ER_FT_MATCHING_KEY_NOT_FOUND, HC_ERR_SCHEMA, "an index of words is missing: call hc_client_migrate()"},
    {ER_NET_PACKET_TOO_LARGE, HC_ERR_TOO_LARGE, HC__MY_TOO_LARGE},
    {ER_PS_MANY_PARAM, HC_ERR_TOO_LARGE, "an operation has more values than the server takes"},
    {CR_NET_PACKET_TOO_LARGE, HC_ERR_TOO_LARGE, HC__MY_TOO_LARGE},
    {ER_ERROR_ON_READ, HC_ERR_IO, "the server cannot read or write its files"},
    {ER_ERROR_ON_WRITE, HC_ERR_IO, "the server cannot read or write its files"},
    {ER_GET_ERRNO, HC_ERR_IO, "the server cannot read or write its files"},
    {ER_ALTER_OPERATION_NOT_SUPPORTED, HC_ERR_INVALID, FIXED_WAY},
    {ER_ALTER_OPERATION_NOT_SUPPORTED_REASON, HC_ERR_INVALID, FIXED_WAY},
    {ER_TOO_LONG_KEY, HC_ERR_INVALID, SMALL_PAGES},
    {ER_TOO_BIG_ROWSIZE, HC_ERR_INVALID, SMALL_PAGES},
    {ER_CRASHED_ON_USAGE, HC_ERR_CORRUPT, DAMAGED},
    {ER_CRASHED_ON_REPAIR, HC_ERR_CORRUPT, DAMAGED},
    {ER_NOT_KEYFILE, HC_ERR_CORRUPT, DAMAGED},
    {ER_INDEX_CORRUPT, HC_ERR_CORRUPT, DAMAGED},
};

static const outcome full = {0, HC_ERR_NO_SPACE, FULL};
static const outcome read_only = {0, HC_ERR_UNAVAILABLE, READ_ONLY};
static const outcome unreachable = {0, HC_ERR_UNAVAILABLE, "the server cannot be reached"};
static const outcome strange = {0, HC_ERR_UNAVAILABLE, STRANGE};

/* Of some errors only the number of the operating system, or of the engine, tells what they are. */
static bool is_no_space(hc__my_fault fault)
{
    return (fault.number == ER_GET_ERRNO && strstr(fault.text, "error 28 ") != NULL) ||
           ((fault.number == ER_ERROR_ON_WRITE || fault.number == ER_CANT_CREATE_TABLE) &&
            strstr(fault.text, "rrno: 28 ") != NULL);
}

/* By innodb_read_only, which the server does not look at before it asks the engine. */
static bool is_read_only(hc__my_fault fault)
{
    return fault.number == ER_CANT_CREATE_TABLE && strstr(fault.text, "rrno: 165 ") != NULL;
}

static const outcome *outcome_of(hc__my_fault fault)
{
    if (is_no_space(fault))
        return &full;
    if (is_read_only(fault))
        return &read_only;
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (outcomes[i].number == fault.number)
            return &outcomes[i];
    }
    return NULL;
}

hc__my_fault hc__my_fault_of(const hc__my *conn, MYSQL_STMT *handle)
{
    hc__my_fault out = {0};

    if (handle != NULL && mysql_stmt_errno(handle) != 0)
        out = (hc__my_fault){mysql_stmt_errno(handle), mysql_stmt_sqlstate(handle), mysql_stmt_error(handle)};
    else
        out = (hc__my_fault){mysql_errno(conn->my), mysql_sqlstate(conn->my), mysql_error(conn->my)};
    if (out.number == 0 || conn->broken)
        out = (hc__my_fault){CR_SERVER_LOST, "HY000", ""};
    return out;
}

/* The session is over with it, or what comes next would be no answer to what was asked. */
bool hc__my_is_lost(unsigned number)
{
    switch (number) {
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_CONNECTION_KILLED:
    case ER_NEW_ABORTING_CONNECTION:
    case 4031:
    case ER_NET_READ_ERROR:
    case ER_NET_READ_INTERRUPTED:
    case ER_NET_ERROR_ON_WRITE:
    case ER_NET_WRITE_INTERRUPTED:
    case ER_NET_FCNTL_ERROR:
    case ER_NET_PACKET_TOO_LARGE:
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SSL_CONNECTION_ERROR: /* any end of a session over TLS */
    case CR_COMMANDS_OUT_OF_SYNC:
    case CR_MALFORMED_PACKET:
    case CR_STMT_CLOSED:
    case CR_UNKNOWN_ERROR:
    case CR_OUT_OF_MEMORY:
        return true;
    default:
        return false;
    }
}

/* Not lost, but another server may be the one to ask. */
static bool is_elsewhere(hc__my_fault fault)
{
    return fault.number == ER_OPTION_PREVENTS_STATEMENT || fault.number == ER_READ_ONLY_MODE ||
           fault.number == ER_OPEN_AS_READONLY || fault.number == ER_UNKNOWN_COM_ERROR || is_read_only(fault);
}

bool hc__my_is_stale(unsigned number)
{
    return number == ER_UNKNOWN_STMT_HANDLER || number == ER_NEED_REPREPARE || number == CR_NEW_STMT_METADATA;
}

bool hc__my_asks_for_rerun(unsigned number)
{
    return number == ER_LOCK_DEADLOCK || number == ER_LOCK_WAIT_TIMEOUT || number == ER_CHECKREAD ||
           number == ER_TABLE_DEF_CHANGED || hc__my_is_stale(number);
}

static void put_state(hc_error *err, hc__my_fault fault)
{
    if (err == NULL)
        return;
    err->native = (int32_t)fault.number;
    if (strlen(fault.state) == 5)
        memcpy(err->sqlstate, fault.state, 6);
}

void hc__my_log(const hc__my_store *store, int32_t level, const char *what, hc__my_fault fault)
{
    const hc_host *host = store->host;
    hc__buf line;

    if (host->log == NULL)
        return;
    hc__buf_init(&line, &store->mem);
    hc__buf_text(&line, "mysql: ");
    hc__buf_text(&line, what);
    if (fault.number != 0)
        hc__buf_format(&line, " (%u %s)", fault.number, fault.state);
    if (!line.failed)
        host->log(level, line.data, host->data);
    hc__buf_free(&line);
}

hc_status hc__my_stopped(const hc__my *conn, hc_error *err)
{
    return hc__fail_from(err, HC__MY_NAME, conn->stopped, NULL,
                         conn->stopped == HC_ERR_TIMEOUT ? "the deadline passed" : "the operation was interrupted");
}

hc_status hc__my_refused(hc__my *conn, hc__my_fault fault, hc_error *err)
{
    const outcome *found = outcome_of(fault);
    hc_status status = found == NULL ? HC_ERR_INTERNAL : found->status;

    conn->lost = conn->lost || (hc__my_is_lost(fault.number) && fault.number != ER_NET_PACKET_TOO_LARGE);
    if (hc__my_is_lost(fault.number) || is_elsewhere(fault))
        conn->broken = true;
    if (conn->stopped != HC_OK && (fault.number == ER_QUERY_INTERRUPTED || hc__my_is_lost(fault.number)))
        status = hc__my_stopped(conn, err);
    else
        (void)hc__fail_from(err, HC__MY_NAME, status, NULL, "%s",
                            found == NULL ? "the server refused a statement of this library" : found->message);
    if (status == HC_ERR_INTERNAL || (status == HC_ERR_SCHEMA && !conn->may_lack))
        hc__my_log(conn->store, HC_LOG_ERROR, "the server refused a statement of this library", fault);
    put_state(err, fault);
    return status;
}

/* ---- what an operation did wrong ---- */

/* Whether `given` of `size` bytes is the kind's name, an underscore and this. */
static bool is_named(const char *given, size_t size, const char *kind, const char *name)
{
    size_t head = strlen(kind);

    return size == head + 1 + strlen(name) && memcmp(given, kind, head) == 0 && given[head] == '_' &&
           memcmp(given + head + 1, name, strlen(name)) == 0;
}

/* "Duplicate entry '…' for key 'name'", or 'table.name': the last thing that is quoted. */
static int32_t unique_index(const char *text, const hc_kind *kind)
{
    const char *end = strrchr(text, '\''), *start = end;

    while (start != NULL && start > text && start[-1] != '\'' && start[-1] != '.')
        start--;
    if (end == NULL || start == text)
        return HC_INDEX_ANY;
    if ((size_t)(end - start) == strlen("PRIMARY") && memcmp(start, "PRIMARY", strlen("PRIMARY")) == 0)
        return HC_INDEX_ID;
    for (uint32_t i = 0; i < kind->index_count; i++) {
        if ((kind->indexes[i].flags & HC_INDEX_UNIQUE) != 0 &&
            is_named(start, (size_t)(end - start), kind->name, kind->indexes[i].name))
            return (int32_t)i;
    }
    return HC_INDEX_ANY;
}

static const hc_field *field_of(const hc_kind *kind, const char *name, size_t size)
{
    for (uint32_t i = 0; i < kind->field_count; i++) {
        if (strlen(kind->fields[i].name) == size && memcmp(kind->fields[i].name, name, size) == 0)
            return &kind->fields[i];
    }
    return NULL;
}

/* "Column 'x' cannot be null", "… for column 'x' at row 1", "… for column `d`.`t`.`x` at row 1", "Field 'x' …". A value
 * may come before it, so the last such place counts. */
static const hc_field *column_named(const char *text, const hc_kind *kind)
{
    const char *at = NULL, *name;

    for (const char *next = text; (next = strstr(next, "olumn ")) != NULL; next += 6)
        at = next + 6;
    if (at == NULL && strncmp(text, "Field ", 6) == 0)
        at = text + 6;
    if (at == NULL)
        return NULL;
    while (*at == '\'' || *at == '`') {
        size_t size = strcspn(at + 1, "'`");

        name = at + 1;
        at = name + size;
        if (*at == '\0')
            return NULL;
        if (at[1] != '.')
            return field_of(kind, name, size);
        at += 2;
    }
    return NULL;
}

/* "CONSTRAINT `kind_field` failed for …", "Check constraint 'kind_field' is violated." */
static const hc_field *constraint_named(const char *text, const hc_kind *kind)
{
    const char *start = strpbrk(text, "`'");
    size_t size = start == NULL ? 0 : strcspn(start + 1, "`'");

    for (uint32_t i = 0; start != NULL && i < kind->field_count; i++) {
        if (is_named(start + 1, size, kind->name, kind->fields[i].name))
            return &kind->fields[i];
    }
    return NULL;
}

static hc_status refuse_unique(const char *text, const hc_op *op, hc_batch *batch, hc_error *err)
{
    const char *field;

    batch->fault = HC_FAULT_UNIQUE;
    batch->fault_index = unique_index(text, op->kind);
    field = batch->fault_index == HC_INDEX_ID ? op->kind->fields[0].name
            : batch->fault_index >= 0         ? op->kind->fields[op->kind->indexes[batch->fault_index].fields[0]].name
                                              : NULL;
    return hc__fail_from(err, HC__MY_NAME, HC_ERR_CONFLICT, field, "a value that must be unique is taken in %s",
                         op->kind->name);
}

static hc_status refuse_value(const hc_field *field, const hc_op *op, hc_error *err)
{
    if (field == NULL)
        field = hc__sql_oversized(op);
    return hc__fail_from(err, HC__MY_NAME, HC_ERR_INVALID, field == NULL ? NULL : field->name,
                         "a value breaks a rule of %s%s%s", op->kind->name, field == NULL ? "" : ".",
                         field == NULL ? "" : field->name);
}

hc_status hc__my_refused_for(hc__my *conn, hc__my_fault fault, const hc_op *op, hc_error *err)
{
    if (fault.number != ER_TABLEACCESS_DENIED_ERROR && fault.number != ER_COLUMNACCESS_DENIED_ERROR)
        return hc__my_refused(conn, fault, err);
    (void)hc__fail_from(err, HC__MY_NAME, HC_ERR_IO, NULL,
                        DENIED " with %s: it needs SELECT, INSERT, UPDATE and DELETE on all tables", op->kind->name);
    put_state(err, fault);
    return HC_ERR_IO;
}

hc_status hc__my_op_refused(hc__my *conn, hc__my_fault fault, const hc_op *op, hc_batch *batch, hc_error *err)
{
    hc_status status;

    switch (fault.number) {
    case ER_DUP_ENTRY:
    case ER_DUP_ENTRY_WITH_KEY_NAME:
        status = refuse_unique(fault.text, op, batch, err);
        break;
    case ER_BAD_NULL_ERROR:
    case ER_NO_DEFAULT_FOR_FIELD:
    case ER_DATA_TOO_LONG:
    case ER_WARN_DATA_OUT_OF_RANGE:
    case WARN_DATA_TRUNCATED:
    case ER_TRUNCATED_WRONG_VALUE:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case ER_DATA_OUT_OF_RANGE:
    case ER_DATETIME_FUNCTION_OVERFLOW:
    case ER_WRONG_VALUE:
        status = refuse_value(column_named(fault.text, op->kind), op, err);
        break;
    case 4025: /* MariaDB's */
    case 3819: /* MySQL's */
        status = refuse_value(constraint_named(fault.text, op->kind), op, err);
        break;
    default:
        status = hc__my_refused_for(conn, fault, op, err);
        if (hc__my_asks_for_rerun(fault.number))
            batch->fault = HC_FAULT_RERUN;
        /* A write looks for few rows: what it waited for is another's lock. The server undid it, so it may be tried
         * again. */
        if (fault.number == ER_QUERY_INTERRUPTED && status == HC_ERR_TIMEOUT && hc__sql_writes(op))
            status =
                hc__fail_from(err, HC__MY_NAME, HC_ERR_BUSY, NULL,
                              "another transaction held what a write of %s needs past the deadline", op->kind->name);
        break;
    }
    put_state(err, fault);
    return status;
}

hc_status hc__my_denied(hc_status status, const char *what, hc_error *err)
{
    int32_t native = err == NULL ? 0 : err->native;

    if (status < 0 && (native == ER_TABLEACCESS_DENIED_ERROR || native == ER_COLUMNACCESS_DENIED_ERROR ||
                       native == ER_SPECIFIC_ACCESS_DENIED_ERROR || native == ER_DBACCESS_DENIED_ERROR)) {
        (void)hc__fail_from(err, HC__MY_NAME, status, "storage_uri", DENIED ": %s", what);
        put_state(err, (hc__my_fault){(unsigned)native, "42000", NULL});
    }
    return status;
}

/* ---- opening ---- */

/* What came first is no greeting, or of a protocol that nobody speaks any more. */
static bool is_strange(unsigned number)
{
    return number == CR_VERSION_ERROR || number == CR_SERVER_HANDSHAKE_ERR || number == CR_MALFORMED_PACKET;
}

hc_status hc__my_connect_failed(hc__my_fault fault, hc_error *err)
{
    const outcome *found = outcome_of(fault);

    if (fault.number == CR_SSL_CONNECTION_ERROR) {
        (void)hc__fail_from(err, HC__MY_NAME, HC_ERR_UNAVAILABLE, "storage_uri",
                            "no TLS connection to the server whose certificate can be trusted");
        put_state(err, fault);
        return HC_ERR_UNAVAILABLE;
    }
    if (is_strange(fault.number))
        found = &strange;
    else if (found == NULL || found->status == HC_ERR_SCHEMA ||
             (hc__my_is_lost(fault.number) && found->status != HC_ERR_NO_MEMORY))
        found = &unreachable;
    (void)hc__fail_from(err, HC__MY_NAME, found->status, "storage_uri", "%s", found->message);
    put_state(err, fault);
    return found->status;
}

int64_t hc__my_soon(const hc__my *conn)
{
    return hc__os_monotonic() + conn->store->connect_wait;
}

hc_status hc__my_enter(hc__my *conn, int64_t deadline, hc_error *err)
{
    if (conn->pid != hc__os_pid())
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_FORKED, NULL,
                             "the connection belongs to the parent of this process");
    conn->stopped = HC_OK;
    conn->give_up = 0;
    if (conn->broken)
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_UNAVAILABLE, NULL,
                             "the connection to the server was lost: connect again");
    atomic_store_explicit(&conn->interrupted, false, memory_order_relaxed);
    conn->deadline = deadline;
    if (deadline != 0 && hc__os_monotonic() >= deadline) {
        conn->stopped = HC_ERR_TIMEOUT;
        return hc__my_stopped(conn, err);
    }
    return HC_OK;
}
