/* Audit rows of refusals, when the engine asks for a unit again and when their own transaction fails. This program puts
 * itself between the core and the SQLite driver, by the linker: --wrap=hc_driver_sqlite_entry. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "homeconnect/client.h"
#include "homeconnect/driver/storage.h"
#include "homeconnect/session.h"
#include "homeconnect/user.h"
#include "suite.h"

#define PASSWORD "three swallows by the river"

hc_status __real_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);
hc_status __wrap_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

static const hc_storage_driver *real;
static struct faults {
    int reruns;   /* commits, but of audit rows, that the engine has run again */
    int failures; /* inserts of audit rows that fail */
    bool audits;  /* the transaction has such a row */
    int runs;     /* of the body */
    int logged;
} faults;

static bool inserts_audit(const hc_batch *batch)
{
    for (size_t i = 0; i < batch->op_count; i++)
        if (batch->ops[i].verb <= HC_VERB_INSERT_IF_ABSENT && strcmp(batch->ops[i].kind->name, "audit_log") == 0)
            return true;
    return false;
}

/* Rolls back, and says what an engine would say. */
static hc_status refuse(void *conn, hc_batch *batch, hc_status status, int32_t fault, hc_error *err)
{
    hc_batch undo = {.struct_size = sizeof undo, .flags = HC_BATCH_ROLLBACK};

    if ((batch->flags & HC_BATCH_BEGIN) == 0)
        real->execute(conn, &undo, NULL);
    batch->fault = fault;
    *err = (hc_error){.status = status, .message = "the store was told to refuse"};
    return status;
}

static hc_status execute(void *conn, hc_batch *batch, hc_error *err)
{
    bool commit = (batch->flags & HC_BATCH_COMMIT) != 0 && (batch->flags & HC_BATCH_READ_ONLY) == 0;
    bool audit = inserts_audit(batch);

    faults.audits = audit || (faults.audits && (batch->flags & HC_BATCH_BEGIN) == 0);
    if (commit && !faults.audits && faults.reruns > 0) {
        faults.reruns--;
        return refuse(conn, batch, HC_ERR_BUSY, HC_FAULT_RERUN, err);
    }
    if (audit && faults.failures > 0) {
        faults.failures--;
        return refuse(conn, batch, HC_ERR_IO, HC_FAULT_NONE, err);
    }
    return real->execute(conn, batch, err);
}

hc_status __wrap_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    static hc_storage_driver table;
    hc_status status = __real_hc_driver_sqlite_entry(&real, host_abi, err);

    *out = NULL;
    if (status < 0)
        return status;
    table = *real;
    table.execute = execute;
    *out = &table;
    return HC_OK;
}

/* ---- a store with a user whom a guest may not see ---- */

static char folder[300], path[320];
static hc_client *client;
static hc_session *guest;
static hc_id somebody;

static void log_line(int32_t level, const char *request_id, const char *line, void *data)
{
    (void)request_id;
    (void)data;
    faults.logged += level == HC_LOG_ERROR && strstr(line, "audit row authz_fail was not written") != NULL;
}

static void make_somebody(void)
{
    hc_user *user = hc_user_new(client);
    hc_session *system = NULL;

    ck_assert_int_eq(hc_session_system(&system, client, NULL), HC_OK);
    hc_user_set_email(user, "ana@example.com");
    hc_user_set_full_name(user, "Ana Agent");
    hc_user_set_role(user, HC_USER_ROLE_BUYER);
    ck_assert_int_eq(hc_user_create(&somebody, system, user, PASSWORD, strlen(PASSWORD), NULL), HC_OK);
    hc_user_free(user);
    hc_session_free(system);
}

static void open_store(void)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    const char *base = getenv("TMPDIR");
    char uri[340];

    setenv("HC_TEST_ARGON_KIB", "64", 1);
    setenv("HC_TEST_ARGON_PASSES", "1", 1);
    snprintf(folder, sizeof folder, "%s/late-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/late.db", folder);
    snprintf(uri, sizeof uri, "sqlite:%s", path);
    options.storage_uri = uri;
    options.log = log_line;
    ck_assert_int_eq(hc_client_open(&client, &options, NULL), HC_OK);
    ck_assert_int_eq(hc_session_guest(&guest, client, NULL, NULL), HC_OK);
    make_somebody();
    memset(&faults, 0, sizeof faults);
}

static void close_store(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".keys"};
    char name[340];

    hc_session_free(guest);
    hc_client_close(client);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    rmdir(folder);
}

static int refusals(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int count;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_prepare_v2(db, "SELECT count(*) FROM audit_log WHERE event='authz_fail'", -1, &statement, NULL),
        SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

static hc_status look(hc_session *as)
{
    hc_user *user = NULL;

    return hc_user_get(&user, as, somebody, NULL);
}

/* A read that is refused leaves the unit alone. */
static hc_status look_twice(hc_session *as, void *data, hc_error *err)
{
    (void)data;
    (void)err;
    faults.runs++;
    ck_assert_int_eq(look(as), HC_ERR_NOT_FOUND);
    ck_assert_int_eq(look(as), HC_ERR_NOT_FOUND);
    return HC_OK;
}

START_TEST(a_run_that_is_run_again_refuses_once)
{
    ck_assert_int_eq(hc_session_transact(guest, look_twice, NULL, NULL), HC_OK);
    ck_assert_int_eq(faults.runs, 1);
    ck_assert_int_eq(refusals(), 2);
    faults.reruns = 3;
    ck_assert_int_eq(hc_session_transact(guest, look_twice, NULL, NULL), HC_OK);
    ck_assert_int_eq(faults.runs, 1 + 4);
    ck_assert_int_eq(refusals(), 2 + 2);
}
END_TEST

/* S16: after five runs more. The last run was one, too: what it refused is told. */
START_TEST(a_unit_that_is_given_up_was_refused_once)
{
    faults.reruns = 100;
    ck_assert_int_eq(hc_session_transact(guest, look_twice, NULL, NULL), HC_ERR_BUSY);
    ck_assert_int_eq(faults.runs, 6);
    ck_assert_int_eq(refusals(), 2);
}
END_TEST

START_TEST(rows_that_the_store_refuses_once_are_written)
{
    faults.failures = 1;
    ck_assert_int_eq(look(guest), HC_ERR_NOT_FOUND);
    ck_assert_int_eq(faults.failures, 0);
    ck_assert_int_eq(refusals(), 1);
    ck_assert_int_eq(faults.logged, 0);
}
END_TEST

START_TEST(rows_that_the_store_refuses_twice_are_logged)
{
    faults.failures = 2;
    ck_assert_int_eq(hc_session_transact(guest, look_twice, NULL, NULL), HC_OK);
    ck_assert_int_eq(faults.failures, 0);
    ck_assert_int_eq(refusals(), 0);
    ck_assert_int_eq(faults.logged, 2);
    ck_assert_int_eq(look(guest), HC_ERR_NOT_FOUND); /* and are not tried for ever */
    ck_assert_int_eq(refusals(), 1);
    ck_assert_int_eq(faults.logged, 2);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_run_that_is_run_again_refuses_once);
    tcase_add_test(tcase, a_unit_that_is_given_up_was_refused_once);
    tcase_add_test(tcase, rows_that_the_store_refuses_once_are_written);
    tcase_add_test(tcase, rows_that_the_store_refuses_twice_are_logged);
}

int main(void)
{
    return suite_main("unit.client.late", fill, open_store, close_store);
}
