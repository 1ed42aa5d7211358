/* The rules that are broken, one by one. */
#include "lie.h"

#include <string.h>

static bool reads(const hc_op *op)
{
    return op->verb == HC_VERB_QUERY;
}

static hc_predicate *leaf_of(arena *from, int32_t test, uint16_t field)
{
    hc_predicate *p = arena_take(from, sizeof(*p));

    p->test = test;
    p->field = field;
    p->inner = HC_NO_FIELD;
    return p;
}

/* ---- operations ----------------------------------------------------------------------------------------------------
 */

static void expect_anything(hc_op *op, arena *from)
{
    (void)from;
    op->expect = HC_EXPECT_ANY;
}

static void no_limit(hc_op *op, arena *from)
{
    (void)from;
    op->limit = reads(op) ? 0 : op->limit;
}

static void no_cap(hc_op *op, arena *from)
{
    (void)from;
    op->limit = op->verb == HC_VERB_COUNT ? 0 : op->limit;
}

static void one_more(hc_op *op, arena *from)
{
    (void)from;
    op->limit += op->limit > 0;
}

static void no_scan_limit(hc_op *op, arena *from)
{
    (void)from;
    op->scan_limit = 0;
}

static void scan_one_more(hc_op *op, arena *from)
{
    (void)from;
    op->scan_limit += op->scan_limit > 0;
}

static void no_seek(hc_op *op, arena *from)
{
    (void)from;
    op->seek = NULL;
}

static void no_filter(hc_op *op, arena *from)
{
    (void)from;
    op->filter = NULL;
}

static void insert_anyway(hc_op *op, arena *from)
{
    (void)from;
    if (op->verb <= HC_VERB_INSERT_IF_ABSENT)
        op->where = NULL;
}

static void absent_or_error(hc_op *op, arena *from)
{
    (void)from;
    if (op->verb == HC_VERB_INSERT_IF_ABSENT)
        op->verb = HC_VERB_INSERT;
}

static void taken_is_fine(hc_op *op, arena *from)
{
    (void)from;
    if (op->verb == HC_VERB_INSERT)
        op->verb = HC_VERB_INSERT_IF_ABSENT;
}

/* Each key but the last, so that the order stays one. */
static void change_order(hc_op *op, arena *from, uint16_t set, uint16_t clear)
{
    hc_order *order = arena_take(from, (op->order_count + 1) * sizeof(*order));

    for (size_t i = 0; i < op->order_count; i++) {
        order[i] = op->order[i];
        order[i].flags = (uint16_t)((order[i].flags | set) & ~(unsigned)clear);
    }
    op->order = order;
}

static void nulls_anywhere(hc_op *op, arena *from)
{
    change_order(op, from, HC_ORDER_NOT_NULL, 0);
}

static void always_ascending(hc_op *op, arena *from)
{
    change_order(op, from, 0, HC_ORDER_DESCENDING);
}

static void by_id_only(hc_op *op, arena *from)
{
    (void)from;
    if (op->order_count > 1) {
        op->order += op->order_count - 1;
        op->seek = op->seek == NULL ? NULL : op->seek + op->order_count - 1;
        op->order_count = 1;
    }
}

static void drop_last_bound(hc_op *op, arena *from)
{
    hc_group *group;

    if (op->group == NULL || op->group->bound_count == 0)
        return;
    group = arena_take(from, sizeof(*group));
    *group = *op->group;
    group->bound_count--;
    op->group = group;
}

static void add_only_once(hc_op *op, arena *from)
{
    (void)from;
    if (op->verb == HC_VERB_UPDATE_WHERE && op->set_count > 1)
        op->set_count--;
}

/* ---- predicates ----------------------------------------------------------------------------------------------------
 */

static void null_is_not_equal(hc_predicate *p, arena *from)
{
    const hc_predicate **both = arena_take(from, 2 * sizeof(*both));
    hc_predicate *same = arena_take(from, sizeof(*same));

    if (p->test != HC_TEST_NE)
        return;
    *same = *p;
    both[0] = same;
    both[1] = leaf_of(from, HC_TEST_IS_NULL, p->field);
    *p = (hc_predicate){.test = HC_TEST_OR, .inner = HC_NO_FIELD, .children = both, .child_count = 2};
}

static void less_or_equal(hc_predicate *p, arena *from)
{
    (void)from;
    p->test = p->test == HC_TEST_LT ? HC_TEST_LE : p->test;
}

static void contains_at_start(hc_predicate *p, arena *from)
{
    (void)from;
    p->test = p->test == HC_TEST_CONTAINS ? HC_TEST_STARTS_WITH : p->test;
}

static void first_of_list(hc_predicate *p, arena *from)
{
    (void)from;
    if (p->test == HC_TEST_IN)
        p->value_count = 1;
}

static void first_word_only(hc_predicate *p, arena *from)
{
    (void)from;
    if (p->test == HC_TEST_MATCH)
        p->value_count = 1;
}

static void first_field_only(hc_predicate *p, arena *from)
{
    (void)from;
    if (p->test == HC_TEST_MATCH)
        p->inner = HC_NO_FIELD;
}

static hc_value *own_values(hc_predicate *p, arena *from)
{
    hc_value *values = arena_take(from, (p->value_count + 1) * sizeof(*values));

    if (p->value_count > 0)
        memcpy(values, p->values, p->value_count * sizeof(*values));
    p->values = values;
    return values;
}

static void whole_words_only(hc_predicate *p, arena *from)
{
    hc_value *values = own_values(p, from);

    for (size_t i = 0; p->test == HC_TEST_MATCH && i < p->value_count; i++) {
        const char *word = values[i].as.bytes;

        values[i].size -= values[i].size > 1 && word[values[i].size - 1] == '*';
    }
}

static void percent_is_anything(hc_predicate *p, arena *from)
{
    hc_value *values = own_values(p, from);

    for (size_t i = 0; (p->test == HC_TEST_CONTAINS || p->test == HC_TEST_STARTS_WITH) && i < p->value_count; i++) {
        if (values[i].size == 1 && *(const char *)values[i].as.bytes == '%')
            values[i].size = 0;
    }
}

static void fold(hc_value *value, arena *from)
{
    char *folded = arena_take(from, value->size + 1);
    const char *text = value->as.bytes;

    for (uint32_t i = 0; i < value->size; i++)
        folded[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
    value->as.bytes = folded;
}

static void folds_case(hc_predicate *p, arena *from)
{
    hc_value *values = own_values(p, from);

    for (size_t i = 0; i < p->value_count; i++) {
        if (values[i].type == HC_TYPE_TEXT)
            fold(&values[i], from);
    }
}

static void clock_of_tomorrow(hc_predicate *p, arena *from)
{
    hc_value *values = own_values(p, from);

    for (size_t i = 0; i < p->value_count; i++)
        values[i].as.integer += values[i].type == HC_TYPE_NOW ? INT64_C(86400000000) : 0;
}

/* ---- values --------------------------------------------------------------------------------------------------------
 */

static void add_is_set(hc_set *set, const hc_field *field, arena *from)
{
    (void)field;
    (void)from;
    set->how = HC_SET_TO;
}

static void empty_is_null(hc_set *set, const hc_field *field, arena *from)
{
    (void)from;
    if (set->value.type == HC_TYPE_TEXT && set->value.size == 0 && (field->flags & HC_FIELD_NULLABLE) != 0)
        set->value.type = HC_TYPE_NULL;
}

static void trims(hc_set *set, const hc_field *field, arena *from)
{
    const char *text = set->value.as.bytes;

    (void)field;
    (void)from;
    while ((set->value.type == HC_TYPE_TEXT || set->value.type == HC_TYPE_KEY) && set->value.size > 0 &&
           text[set->value.size - 1] == ' ')
        set->value.size--;
}

static void whole_amounts(hc_set *set, const hc_field *field, arena *from)
{
    (void)field;
    (void)from;
    if (set->value.type == HC_TYPE_DECIMAL)
        set->value.as.integer -= set->value.as.integer % 100;
}

static void doubles(hc_set *set, const hc_field *field, arena *from)
{
    (void)field;
    (void)from;
    if (set->value.type == HC_TYPE_INT64 && set->value.as.integer == INT64_MAX)
        set->value.as.integer--;
}

static void milliseconds(hc_set *set, const hc_field *field, arena *from)
{
    (void)field;
    (void)from;
    if (set->value.type == HC_TYPE_TIME)
        set->value.as.integer -= set->value.as.integer % 1000;
}

/* ---- rows ----------------------------------------------------------------------------------------------------------
 */

static bool local_time(const hc_op *op, hc_row *row)
{
    hc_value *values = (hc_value *)(uintptr_t)row->values;

    (void)op;
    for (uint32_t i = 0; i < row->count; i++)
        values[i].as.integer += values[i].type == HC_TYPE_TIME ? INT64_C(3600000000) : 0;
    return true;
}

static bool local_days(const hc_op *op, hc_row *row)
{
    if (op->group != NULL && op->group->how == HC_GROUP_DAY && row->values[0].type == HC_TYPE_DATE &&
        row->values[0].as.integer < 0)
        ((hc_value *)(uintptr_t)row->values)->as.integer++; /* rounds towards 1970 */
    return true;
}

static bool no_null_group(const hc_op *op, hc_row *row)
{
    return op->verb != HC_VERB_GROUP || row->values[0].type != HC_TYPE_NULL;
}

static bool no_last_key(const hc_op *op, hc_row *row)
{
    (void)op;
    return row->what != HC_ROW_SCANNED;
}

static bool null_is_zero(const hc_op *op, hc_row *row)
{
    hc_value *values = (hc_value *)(uintptr_t)row->values;

    for (uint32_t i = 0; row->what == HC_ROW_MATCH && op->verb == HC_VERB_QUERY && i < row->count; i++) {
        if (values[i].type == HC_TYPE_NULL && op->kind->fields[op->fields[i]].type == HC_TYPE_INT32)
            values[i] = (hc_value){HC_TYPE_INT32, 0, {0}};
    }
    return true;
}

static hc_status never_enough(hc_status status)
{
    return status > 0 ? HC_OK : status;
}

static hc_status never_refused(hc_status status)
{
    return status < 0 ? HC_OK : status;
}

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
    bool elsewhere = batch->flags == 0 && writing != NULL && writes_nothing(batch);
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
    else if (batch->flags != 0 && conn == reading)
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

const lie lies[] = {
    {.name = "drops expect", .op = expect_anything},
    {.name = "ignores the limit of a query", .op = no_limit},
    {.name = "ignores the cap of a count", .op = no_cap},
    {.name = "gives one row more than the limit", .op = one_more},
    {.name = "ignores scan_limit", .op = no_scan_limit},
    {.name = "examines one row more than scan_limit", .op = scan_one_more},
    {.name = "ignores seek", .op = no_seek},
    {.name = "ignores the filter", .op = no_filter},
    {.name = "inserts whatever the predicate says", .op = insert_anyway},
    {.name = "insert_if_absent fails when it is not", .op = absent_or_error},
    {.name = "insert passes over a taken key", .op = taken_is_fine},
    {.name = "puts nulls first", .op = nulls_anywhere},
    {.name = "sorts one way only", .op = always_ascending},
    {.name = "sorts by id only", .op = by_id_only},
    {.name = "takes a bound for the end", .op = drop_last_bound},
    {.name = "forgets the last set of an update", .op = add_only_once},
    {.name = "null is not equal to a value", .leaf = null_is_not_equal},
    {.name = "less includes equal", .leaf = less_or_equal},
    {.name = "contains looks at the start", .leaf = contains_at_start},
    {.name = "a list is its first value", .leaf = first_of_list},
    {.name = "a match is its first word", .leaf = first_word_only},
    {.name = "a match looks into one field", .leaf = first_field_only},
    {.name = "knows whole words only", .leaf = whole_words_only},
    {.name = "percent is a wildcard", .leaf = percent_is_anything},
    {.name = "folds case", .leaf = folds_case},
    {.name = "the clock of predicates is of tomorrow", .leaf = clock_of_tomorrow},
    {.name = "add is set", .set = add_is_set},
    {.name = "empty is null", .set = empty_is_null},
    {.name = "trims", .set = trims},
    {.name = "rounds amounts", .set = whole_amounts},
    {.name = "numbers are doubles", .set = doubles},
    {.name = "times are of milliseconds", .set = milliseconds},
    {.name = "reads times in a zone", .row = local_time},
    {.name = "days round towards 1970", .row = local_days},
    {.name = "leaves the group of null out", .row = no_null_group},
    {.name = "does not tell where a scan was cut", .row = no_last_key},
    {.name = "reads null as zero", .row = null_is_zero},
    {.name = "goes on when the callback has enough", .answer = never_enough},
    {.name = "goes on when the callback refuses", .answer = never_refused},
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
    {.name = "obeys nonsense", .after = obeys_nonsense},
    {.name = "hides broken rules", .after = takes_any_value},
    {.name = "hides passed deadlines", .after = was_in_time},
    {.name = "hides lost waits", .after = won_the_wait},
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
const size_t lie_count = sizeof(lies) / sizeof(lies[0]);
