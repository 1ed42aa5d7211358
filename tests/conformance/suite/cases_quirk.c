/* What a driver says of itself, to the core by its capabilities and to this suite by its quirks, is tried. */
#include "harness.h"

#include <stddef.h>

static bool has(const test *t, uint32_t quirk)
{
    return (t->quirks & quirk) != 0;
}

static bool can(const test *t, uint32_t capability)
{
    return (t->driver->capabilities & capability) != 0;
}

static void the_drivers_table_is_whole(test *t)
{
    const hc_storage_driver *d = t->driver;

    CHECK(d->struct_size >= offsetof(hc_storage_driver, version) && d->abi == HC_DRIVER_ABI);
    CHECK(d->name != NULL && d->name[0] != '\0' && d->schemes != NULL && d->schemes[0] != '\0');
    CHECK(d->open != NULL && d->close != NULL && d->limits != NULL && d->connect != NULL && d->disconnect != NULL);
    CHECK(d->ping != NULL && d->schema != NULL && d->migrate != NULL && d->execute != NULL && d->explain != NULL);
    CHECK(d->server_time != NULL && d->interrupt != NULL && d->abandon != NULL);
    CHECK(has(t, HC_QUIRK_ONE_WRITER) == can(t, HC_CAP_ONE_WRITER));
}

static void connections_are_as_declared(test *t)
{
    hc_storage_limits limits = {sizeof(limits), 0, 0};

    t->driver->limits(t->store, &limits);
    CHECK(has(t, HC_QUIRK_ONE_CONNECTION) == (limits.connections == 1));
    if (has(t, HC_QUIRK_ONE_CONNECTION)) {
        CHECK(t->driver->connect(&t->connections[1], t->store, HC_CONNECT_WRITE, 0, &t->err) < 0);
        t->connections[1] = NULL;
        CHECK_OK(reconnect(t, 0)); /* there is room again once the first is gone */
    } else {
        CHECK_OK(reconnect(t, 1));
        CHECK_OK(reconnect(t, 2));
    }
}

/* Two transactions that write different rows. */
static void writers_are_as_declared(test *t)
{
    hc_op first = insert_item(t, 1), second = insert_item(t, 2);
    int64_t started = monotonic();
    hc_status status;

    CHECK_OK(reconnect(t, 1));
    CHECK_OK(run(t, t->connections[0], HC_BATCH_BEGIN, &first, 1));
    t->batch.deadline = started + (has(t, HC_QUIRK_ONE_WRITER) ? SHORT_WAIT : LONG_WAIT);
    status = run(t, t->connections[1], HC_BATCH_BEGIN, &second, 1);
    CHECK(has(t, HC_QUIRK_ONE_WRITER) ? has_waited(status) : status == HC_OK);
    CHECK(not_written(t) && monotonic() - started < LONG_WAIT);
    t->batch.deadline = 0;
    CHECK_OK(run(t, t->connections[0], HC_BATCH_COMMIT, NULL, 0));
    if (status == HC_OK)
        CHECK_OK(run(t, t->connections[1], HC_BATCH_COMMIT, NULL, 0));
    CHECK(count_items(t, NULL) == 1 + (status == HC_OK));
}

static void stamps_are_as_declared(test *t)
{
    CHECK(count_items(t, NULL) == 0);
    CHECK((t->batch.stamp != 0) == can(t, HC_CAP_STAMP));
}

static void transactions_are_as_declared(test *t)
{
    hc_op op = insert_item(t, 1);
    hc_status status = run(t, t->connections[0], HC_BATCH_BEGIN, &op, 1);

    CHECK(status == (can(t, HC_CAP_TRANSACTIONS) ? HC_OK : HC_ERR_UNSUPPORTED));
    if (status == HC_OK)
        CHECK_OK(run(t, t->connections[0], HC_BATCH_ROLLBACK, NULL, 0));
    CHECK(count_items(t, NULL) == 0);
}

static hc_status open_again(test *t, const char *uri)
{
    hc_status status;

    t->driver->disconnect(t->connections[0]);
    t->connections[0] = NULL;
    t->driver->close(t->store);
    t->store = NULL;
    status = t->driver->open(&t->store, &t->host, uri, &t->err);
    return status < 0 ? status : reconnect(t, 0);
}

static void closed_stores_are_as_declared(test *t)
{
    int32_t version = -1;

    CHECK_OK(run_one(t, insert_item(t, 1)));
    CHECK_OK(open_again(t, t->uri));
    CHECK_OK(t->driver->schema(t->connections[0], &version, &t->err));
    CHECK(version == !has(t, HC_QUIRK_VOLATILE));
    if (version == 1)
        CHECK(count_items(t, NULL) == 1);
}

static void words_are_as_declared(test *t)
{
    hc_op ops[2] = {insert_item(t, 1),
                    count_of(t->kind, leaf(t, HC_TEST_MATCH, ITEM_WORDS, text(HC_TYPE_TOKENS, "zqsoon")))};

    set(t, &ops[0], ITEM_WORDS, text(HC_TYPE_TOKENS, "zqsoon"));
    CHECK_OK(run_transaction(t, ops, 2));
    CHECK(ops[1].result->count == !has(t, HC_QUIRK_WORDS_LATE));
    CHECK_OK(run_one(t, ops[1]));
    CHECK(ops[1].result->count == 1);
}

static void long_lists_are_as_declared(test *t)
{
    enum { ROWS = 100, VALUES = 5000 };
    hc_value *values = take(t, VALUES * sizeof(*values));

    if (!can(t, HC_CAP_LONG_LISTS))
        return;
    CHECK(values != NULL);
    CHECK_OK(fill(t, ROWS));
    for (uint32_t i = 0; i < VALUES; i++)
        values[i] = id_value(t, VALUES - i); /* the rows' own are the last */
    CHECK(count_items(t, leaf_list(t, HC_TEST_IN, ITEM_ID, values, VALUES)) == ROWS - 1);
}

/* ---- backups -------------------------------------------------------------------------------------------------------
 */

typedef struct backup_watch {
    int64_t calls, done, total;
    bool stop;
} backup_watch;

static hc_status on_progress(const hc_backup_progress *at, void *data)
{
    backup_watch *watch = data;

    watch->calls++;
    watch->done = at->done;
    watch->total = at->total;
    return watch->stop ? HC_ERR_CANCELLED : HC_OK;
}

static void backups_are_as_declared(test *t)
{
    char path[1024], uri[1024];
    backup_watch watch = {0};

    CHECK(can(t, HC_CAP_BACKUP) == !has(t, HC_QUIRK_NO_BACKUP));
    CHECK((t->driver->struct_size > offsetof(hc_storage_driver, backup) && t->driver->backup != NULL) ==
          !has(t, HC_QUIRK_NO_BACKUP));
    if (has(t, HC_QUIRK_NO_BACKUP))
        return;
    CHECK(t->suite->copy != NULL);
    CHECK_OK(fill(t, 500));
    CHECK_OK(t->suite->copy(path, sizeof(path), uri, sizeof(uri), t->suite->data));
    watch.stop = true;
    CHECK(t->driver->backup(t->connections[0], path, on_progress, &watch, &t->err) < 0 && watch.calls == 1);
    CHECK_OK(t->suite->copy(path, sizeof(path), uri, sizeof(uri), t->suite->data));
    watch.stop = false;
    CHECK_OK(t->driver->backup(t->connections[0], path, on_progress, &watch, &t->err));
    CHECK(watch.calls > 1 && watch.done == watch.total && watch.total > 0);
    CHECK_OK(run_one(t, insert_item(t, 1000)));
    CHECK_OK(open_again(t, uri));
    CHECK(count_items(t, NULL) == 500);
}

void deadlocks_are_as_declared(test *t);

const test_case quirk_cases[] = {
    {"the_drivers_table_is_whole", the_drivers_table_is_whole, ON_DOCUMENTS},
    {"connections_are_as_declared", connections_are_as_declared, ON_DOCUMENTS | CONNECTS_ITSELF},
    {"writers_are_as_declared", writers_are_as_declared, ON_SEVERAL},
    {"deadlocks_are_as_declared", deadlocks_are_as_declared, ON_SEVERAL},
    {"stamps_are_as_declared", stamps_are_as_declared, ON_DOCUMENTS},
    {"transactions_are_as_declared", transactions_are_as_declared, ON_DOCUMENTS},
    {"closed_stores_are_as_declared", closed_stores_are_as_declared, ON_DOCUMENTS | OPENED_AGAIN},
    {"words_are_as_declared", words_are_as_declared, PLAIN},
    {"long_lists_are_as_declared", long_lists_are_as_declared, ON_DOCUMENTS},
    {"backups_are_as_declared", backups_are_as_declared, OPENED_AGAIN},
    {NULL, NULL, PLAIN},
};
