/* The rules of transactions, results, errors and slots that are broken, one by one. */
#include "lie.h"

#include <string.h>

/* ---- batches -------------------------------------------------------------------------------------------------------
 */

static void rollback_commits(hc_batch *batch)
{
    if ((batch->flags & HC_BATCH_ROLLBACK) != 0)
        batch->flags = (batch->flags & ~HC_BATCH_ROLLBACK) | HC_BATCH_COMMIT;
}

static void commit_rolls_back(hc_batch *batch)
{
    if ((batch->flags & HC_BATCH_COMMIT) != 0)
        batch->flags = (batch->flags & ~HC_BATCH_COMMIT) | HC_BATCH_ROLLBACK;
}

/* Operations of one trip stand alone. */
static void no_transactions(hc_batch *batch)
{
    const uint32_t whole = HC_BATCH_BEGIN | HC_BATCH_COMMIT;

    if ((batch->flags & whole) == whole)
        batch->flags = 0;
}

static void readers_write(hc_batch *batch)
{
    batch->flags &= ~HC_BATCH_READ_ONLY;
}

static void no_deadline(hc_batch *batch)
{
    batch->deadline = 0;
}

/* Of waits alone: who is too late is still told. */
static void waits_on(hc_batch *batch)
{
    if (batch->deadline > 1 && (batch->flags & HC_BATCH_BEGIN) != 0)
        batch->deadline = 0;
}

static hc_status no_fault(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    batch->fault = HC_FAULT_NONE;
    return status;
}

static hc_status other_index(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    batch->fault_index = batch->fault_index == HC_INDEX_ID ? 0 : batch->fault_index;
    return status;
}

static hc_status first_op_failed(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    batch->failed_op = status < 0 ? 0 : batch->failed_op;
    return status;
}

static hc_status knows_all_flags(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    return (batch->flags & ~(unsigned)(BOUNDS | HC_BATCH_ROUGH)) == 0 ? status : HC_ERR_MISUSE;
}

static hc_status silent(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)batch;
    if (err != NULL)
        memset(err, 0, sizeof(*err));
    return status;
}

static hc_status perhaps_written(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)batch;
    if (status < 0 && err != NULL)
        err->flags |= HC_ERROR_WRITTEN_UNKNOWN;
    return status;
}

static hc_status forgive(hc_batch *batch, hc_status status, hc_status what)
{
    if (status != what)
        return status;
    batch->failed_op = batch->op_count;
    return HC_OK;
}

static hc_status obeys_nonsense(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    return forgive(batch, status, HC_ERR_MISUSE);
}

static hc_status takes_any_value(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    return forgive(batch, status, HC_ERR_INVALID);
}

static hc_status won_the_wait(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    return forgive(batch, status, HC_ERR_BUSY);
}

static hc_status was_in_time(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    return forgive(batch, status, HC_ERR_TIMEOUT);
}

/* The results of a batch that succeeded. */
static hc_status miscount(hc_batch *batch, hc_status status, bool examined, bool cut)
{
    for (size_t i = 0; status >= 0 && i < batch->op_count; i++) {
        hc_op_result *result = batch->ops[i].result;

        if (result == NULL)
            continue;
        result->count += !examined && !cut && batch->ops[i].verb == HC_VERB_REMOVE_WHERE && result->count > 1;
        result->examined += examined && result->examined > 3;
        result->cut = cut ? 0 : result->cut;
    }
    return status;
}

static hc_status forgets_ahead(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    return (batch->flags & HC_BATCH_AHEAD) == 0 ? status : forgive(batch, status, HC_ERR_CONFLICT);
}

static hc_status counts_wrong(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    return miscount(batch, status, false, false);
}

static hc_status examined_wrong(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    return miscount(batch, status, true, false);
}

static hc_status never_cut(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    return miscount(batch, status, false, true);
}

static hc_status one_stamp(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    batch->stamp = 1;
    return status;
}

static hc_status no_stamp(hc_batch *batch, hc_error *err, hc_status status)
{
    (void)err;
    batch->stamp = 0;
    return status;
}

/* ---- slots ---------------------------------------------------------------------------------------------------------
 */

static void nothing(void *conn)
{
    (void)conn;
}

static void deaf(hc_storage_driver *driver)
{
    driver->interrupt = nothing;
}

static hc_status version_two(void *conn, int32_t *version, hc_error *err)
{
    hc_status status = truth->schema(conn, version, err);

    *version += *version > 0;
    return status;
}

static void other_version(hc_storage_driver *driver)
{
    driver->schema = version_two;
}

static hc_status migrate_anything(void *conn, const hc_migration *list, size_t count, int64_t deadline, hc_error *err)
{
    hc_status status = truth->migrate(conn, list, count, deadline, err);

    return status == HC_ERR_SCHEMA ? HC_OK : status;
}

static void any_history(hc_storage_driver *driver)
{
    driver->migrate = migrate_anything;
}

/* One version at a time, and not the last step of each. */
static hc_status migrate_half(void *conn, const hc_migration *list, size_t count, int64_t deadline, hc_error *err)
{
    hc_migration cut[8];

    for (size_t i = 0; i < count && i < 8; i++) {
        cut[i] = list[i];
        cut[i].step_count -= list[i].version > 1 && list[i].step_count > 1;
    }
    return truth->migrate(conn, cut, count, deadline, err);
}

static void half_a_migration(hc_storage_driver *driver)
{
    driver->migrate = migrate_half;
}

static hc_status explain_nothing(void *conn, const hc_op *op, hc_status (*line)(const char *text, void *data),
                                 void *data, hc_error *err)
{
    (void)conn;
    (void)op;
    (void)line;
    (void)data;
    (void)err;
    return HC_OK;
}

static void no_plans(hc_storage_driver *driver)
{
    driver->explain = explain_nothing;
}

static hc_status yesterday(void *conn, int64_t *out, hc_error *err)
{
    hc_status status = truth->server_time(conn, out, err);

    *out -= INT64_C(86400000000);
    return status;
}

static void other_clock(hc_storage_driver *driver)
{
    driver->server_time = yesterday;
}

static hc_status connect_to_write(void **conn, void *store, int32_t role, int64_t deadline, hc_error *err)
{
    (void)role;
    return truth->connect(conn, store, HC_CONNECT_WRITE, deadline, err);
}

static void all_may_write(hc_storage_driver *driver)
{
    driver->connect = connect_to_write;
}

static void only_one(void *store, hc_storage_limits *out)
{
    (void)store;
    out->connections = 1;
}

static void one_connection_told(hc_storage_driver *driver)
{
    driver->limits = only_one;
}

static hc_status backup_quietly(void *conn, const char *path,
                                hc_status (*progress)(const hc_backup_progress *at, void *data), void *data,
                                hc_error *err)
{
    (void)progress;
    (void)data;
    return truth->backup(conn, path, NULL, NULL, err);
}

static void quiet_backup(hc_storage_driver *driver)
{
    driver->backup = backup_quietly;
}

static void no_backup_slot(hc_storage_driver *driver)
{
    driver->backup = NULL;
}

/* As if there were room for so many. */
static hc_status first_thousand(void *conn, hc_batch *batch, hc_error *err)
{
    hc_predicate *where = batch->op_count == 1 ? (hc_predicate *)(uintptr_t)batch->ops[0].where : NULL;

    if (where != NULL && where->test == HC_TEST_IN && where->value_count > 1000)
        where->value_count = 1000;
    return truth->execute(conn, batch, err);
}

static void short_lists(hc_storage_driver *driver)
{
    driver->capabilities |= HC_CAP_LONG_LISTS;
    driver->execute = first_thousand;
}

static void no_writer_bit(hc_storage_driver *driver)
{
    driver->capabilities &= ~HC_CAP_ONE_WRITER;
}

static void no_stamp_bit(hc_storage_driver *driver)
{
    driver->capabilities &= ~HC_CAP_STAMP;
}

static void no_transactions_bit(hc_storage_driver *driver)
{
    driver->capabilities &= ~HC_CAP_TRANSACTIONS;
}

/* Whose transaction is open, and which reads as if it were not. */
static void *writing, *reading;

static bool writes_nothing(const hc_batch *batch)
{
    for (size_t i = 0; i < batch->op_count; i++) {
        if (batch->ops[i].verb < HC_VERB_QUERY)
            return false;
    }
    return true;
}

static hc_status read_unfinished(void *conn, hc_batch *batch, hc_error *err)
{
    bool ends = (batch->flags & (HC_BATCH_COMMIT | HC_BATCH_ROLLBACK)) != 0;
    bool elsewhere = (batch->flags & BOUNDS) == 0 && writing != NULL && writes_nothing(batch);
    hc_status status = truth->execute(elsewhere ? writing : conn, batch, err);

    if (status >= 0 && (batch->flags & HC_BATCH_BEGIN) != 0 && (batch->flags & HC_BATCH_READ_ONLY) == 0 && !ends)
        writing = conn;
    else if (conn == writing && (status < 0 || ends))
        writing = NULL;
    return status;
}

static hc_status read_on(void *conn, hc_batch *batch, hc_error *err)
{
    hc_batch mine = *batch;
    bool begins = (batch->flags & HC_BATCH_READ_ONLY) != 0 && writes_nothing(batch);
    hc_status status;

    if (begins || conn == reading)
        mine.flags = 0;
    if (begins)
        reading = conn;
    else if ((batch->flags & BOUNDS) != 0 && conn == reading)
        reading = NULL;
    status = truth->execute(conn, &mine, err);
    mine.flags = batch->flags;
    *batch = mine;
    return status;
}

static void forget(void *conn)
{
    writing = conn == writing ? NULL : writing;
    reading = conn == reading ? NULL : reading;
    truth->disconnect(conn);
}

static void dirty_reads(hc_storage_driver *driver)
{
    driver->execute = read_unfinished;
    driver->disconnect = forget;
}

static void moving_snapshot(hc_storage_driver *driver)
{
    driver->execute = read_on;
    driver->disconnect = forget;
}

static void other_abi(hc_storage_driver *driver)
{
    driver->abi++;
}

const lie work_lies[] = {
    {.name = "a rollback commits", .before = rollback_commits},
    {.name = "a commit rolls back", .before = commit_rolls_back},
    {.name = "a batch is no transaction", .before = no_transactions},
    {.name = "a read-only transaction may write", .before = readers_write},
    {.name = "ignores the deadline", .before = no_deadline},
    {.name = "waits past the deadline", .before = waits_on},
    {.name = "names no fault", .after = no_fault},
    {.name = "names another index", .after = other_index},
    {.name = "names another operation", .after = first_op_failed},
    {.name = "leaves the error empty", .after = silent},
    {.name = "does not know what was written", .after = perhaps_written},
    {.name = "refuses a flag that it does not know", .after = knows_all_flags},
    {.name = "obeys nonsense", .after = obeys_nonsense},
    {.name = "hides broken rules", .after = takes_any_value},
    {.name = "hides passed deadlines", .after = was_in_time},
    {.name = "hides lost waits", .after = won_the_wait},
    {.name = "never tells what failed ahead", .after = forgets_ahead},
    {.name = "miscounts removals", .after = counts_wrong},
    {.name = "miscounts what it examined", .after = examined_wrong},
    {.name = "is never cut", .after = never_cut},
    {.name = "has one stamp for ever", .after = one_stamp},
    {.name = "has no stamp", .after = no_stamp},
    {.name = "hears no interrupt", .table = deaf},
    {.name = "tells another schema version", .table = other_version},
    {.name = "takes any history for its own", .table = any_history},
    {.name = "migrates by halves", .table = half_a_migration},
    {.name = "explains nothing", .table = no_plans},
    {.name = "tells another time than it stores", .table = other_clock},
    {.name = "lets readers write", .table = all_may_write},
    {.name = "reads what is not committed", .table = dirty_reads},
    {.name = "a snapshot moves", .table = moving_snapshot},
    {.name = "was built for another ABI", .table = other_abi},
    {.name = "copies without telling", .table = quiet_backup},
    {.name = "cannot copy, and says it can", .table = no_backup_slot},
    {.name = "cuts lists, and says they may be long", .table = short_lists},
    {.name = "hides that it has one writer", .table = no_writer_bit},
    {.name = "hides its stamp", .table = no_stamp_bit},
    {.name = "hides its transactions", .table = no_transactions_bit},
    {.name = "tells of one connection and has more", .table = one_connection_told},
    {.name = "declares one connection and has more", .quirks = HC_QUIRK_ONE_CONNECTION},
    {.name = "does not declare that it has one writer", .quirks = HC_QUIRK_ONE_WRITER},
    {.name = "declares that it cannot copy and can", .quirks = HC_QUIRK_NO_BACKUP},
    {.name = "declares that it forgets and does not", .quirks = HC_QUIRK_VOLATILE},
    {.name = "declares that words come late and they do not", .quirks = HC_QUIRK_WORDS_LATE},
};
const size_t work_lie_count = sizeof(work_lies) / sizeof(work_lies[0]);
