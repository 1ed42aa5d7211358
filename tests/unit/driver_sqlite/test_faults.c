/* Files that go away, disks that fail, processes that fork or crowd. */
#include <pthread.h>
#include <sys/wait.h>

#include "driver/sql/compile.h"
#include "shelf.h"

/* ---- files ---- */

/* S08 */
START_TEST(a_deleted_file_is_not_made_again)
{
    void *second = NULL;

    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(shelf_add(conn, 2, "two"), HC_ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "deleted"));
    ck_assert_int_eq(driver->ping(conn, 0, &err), HC_ERR_IO);
    ck_assert_int_eq(driver->connect(&second, store, HC_CONNECT_READ, 0, &err), HC_ERR_IO);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_ERR_IO);
    ck_assert(!shelf_exists(""));
    shelf_close();
    ck_assert(!shelf_exists(""));
}
END_TEST

/* S08 */
START_TEST(a_file_put_in_its_place_is_not_written)
{
    char other[400];
    void *second = NULL;
    uint64_t before;

    (void)snprintf(other, sizeof(other), "%s.other", path);
    ck_assert_int_eq(shelf_open(), HC_OK);
    shelf_close();
    ck_assert_int_eq(rename(path, other), 0);
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    ck_assert_int_eq(rename(other, path), 0);
    before = shelf_bytes("");
    ck_assert_int_eq(shelf_add(conn, 2, "two"), HC_ERR_IO);
    ck_assert_int_eq(driver->connect(&second, store, HC_CONNECT_WRITE, 0, &err), HC_ERR_IO);
    ck_assert_uint_eq(shelf_bytes(""), before);
}
END_TEST

/* ---- a disk whose syncs, reads or writes fail on demand ---- */

static int fail_sync, fail_read, fail_write; /* the code that the disk answers; 0: it works */
static sqlite3_io_methods broken_methods[2];
static const sqlite3_io_methods *real_methods[2]; /* of the database, and of its log: the latter does not lock */
static sqlite3_vfs broken_vfs;
static sqlite3_vfs *real_vfs;

static const sqlite3_io_methods *real_of(const sqlite3_file *file)
{
    return real_methods[file->pMethods == &broken_methods[1]];
}

static int broken_sync(sqlite3_file *file, int flags)
{
    return fail_sync != 0 ? fail_sync : real_of(file)->xSync(file, flags);
}

static int broken_read(sqlite3_file *file, void *out, int size, sqlite3_int64 at)
{
    return fail_read != 0 ? fail_read : real_of(file)->xRead(file, out, size, at);
}

static int broken_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at)
{
    return fail_write != 0 ? fail_write : real_of(file)->xWrite(file, bytes, size, at);
}

static int broken_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    int rc = real_vfs->xOpen(real_vfs, name, file, flags, out);
    int which = (flags & SQLITE_OPEN_MAIN_DB) == 0;

    (void)vfs;
    if (rc == SQLITE_OK && file->pMethods != NULL) {
        real_methods[which] = file->pMethods;
        broken_methods[which] = *file->pMethods;
        broken_methods[which].xSync = broken_sync;
        broken_methods[which].xRead = broken_read;
        broken_methods[which].xWrite = broken_write;
        file->pMethods = &broken_methods[which];
    }
    return rc;
}

static void break_disk(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    broken_vfs = *real_vfs;
    broken_vfs.zName = "broken";
    broken_vfs.xOpen = broken_open;
    ck_assert_int_eq(sqlite3_vfs_register(&broken_vfs, 1), SQLITE_OK);
    (void)snprintf(uri, sizeof(uri), "sqlite:%s", path);
}

/* S05 */
START_TEST(a_failed_sync_poisons_the_connection)
{
    break_disk();
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    fail_sync = SQLITE_IOERR_FSYNC;
    ck_assert_int_eq(shelf_add(conn, 2, "two"), HC_ERR_IO);
    ck_assert_uint_eq(err.flags & HC_ERROR_WRITTEN_MASK, HC_ERROR_WRITTEN_UNKNOWN);
    fail_sync = 0;
    ck_assert_int_eq(shelf_add(conn, 3, "three"), HC_ERR_IO); /* never a second try that reports success */
    ck_assert_int_eq(driver->ping(conn, 0, &err), HC_ERR_IO);
    driver->disconnect(conn);
    ck_assert_int_eq(driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 3, "three"), HC_OK);
    ck_assert_int_ge(shelf_count(conn), 2);
}
END_TEST

/* S05 */
START_TEST(failed_reads_and_writes_are_told_and_pass)
{
    break_disk();
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    fail_write = SQLITE_IOERR_WRITE;
    ck_assert_int_eq(shelf_add(conn, 2, "two"), HC_ERR_IO);
    fail_write = 0;
    ck_assert_int_eq(shelf_count(conn), 1);
    ck_assert_int_eq(shelf_add(conn, 2, "two"), HC_OK);
    fail_read = SQLITE_IOERR_READ;
    driver->disconnect(conn);
    ck_assert_int_lt(driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err), 0);
    ck_assert_ptr_null(conn);
    fail_read = 0;
    ck_assert_int_eq(driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 2);
}
END_TEST

/* S04 */
START_TEST(without_space_nothing_is_half_written_and_work_goes_on_later)
{
    break_disk();
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    fail_write = SQLITE_FULL;
    for (uint32_t n = 2; n < 5; n++) {
        ck_assert_int_eq(shelf_add(conn, n, "more"), HC_ERR_NO_SPACE);
        ck_assert_uint_eq(err.flags & HC_ERROR_WRITTEN_MASK, HC_ERROR_WRITTEN_NO);
        ck_assert_int_eq(shelf_count(conn), 1);
    }
    fail_write = 0;
    ck_assert_int_eq(shelf_add(conn, 2, "two"), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 2);
}
END_TEST

/* ---- processes ---- */

static int wait_for(pid_t child)
{
    int state = 0;

    ck_assert_int_eq(waitpid(child, &state, 0), child);
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

/* Whether another process could write now. */
static bool writable_elsewhere(void)
{
    pid_t child = fork();

    if (child == 0) {
        sqlite3 *db = NULL;

        (void)sqlite3_open(path, &db);
        _exit(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK ? 0 : 1);
    }
    return wait_for(child) == 0;
}

/* S10 */
START_TEST(a_child_leaves_the_parents_connection_alone)
{
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE, .expect = -1, .kind = &books, .index = HC_INDEX_ANY};
    hc_set more = {2, HC_SET_ADD, 0, {HC_TYPE_INT32, 0, {1}}};
    int32_t version;
    pid_t child;

    op.sets = &more;
    op.set_count = 1;
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &op, 1), HC_OK);
    child = fork();
    if (child == 0) {
        void *own = NULL;
        int wrong = 0;

        wrong += shelf_run(conn, HC_BATCH_COMMIT, NULL, 0) != HC_ERR_FORKED;
        wrong += driver->ping(conn, 0, &err) != HC_ERR_FORKED;
        wrong += driver->schema(conn, &version, &err) != HC_ERR_FORKED;
        wrong += driver->connect(&own, store, HC_CONNECT_READ, 0, &err) != HC_ERR_FORKED;
        driver->abandon(conn);
        driver->close(store);
        _exit(wrong);
    }
    ck_assert_int_eq(wait_for(child), 0);
    ck_assert(!writable_elsewhere()); /* the parent's lock is still there */
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, NULL, 0), HC_OK);
    ck_assert(writable_elsewhere());
    ck_assert_int_eq(shelf_count(conn), 1);
}
END_TEST

#define WRITERS 4
#define WRITES  40

/* S07 */
START_TEST(processes_write_one_after_another)
{
    hc_set more = {2, HC_SET_ADD, 0, {HC_TYPE_INT32, 0, {1}}};
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE, .expect = 1, .kind = &books, .index = HC_INDEX_ANY};
    hc_value all = {HC_TYPE_INT32, 0, {WRITERS * WRITES}};
    hc_predicate complete = {.test = HC_TEST_EQ, .field = 2, .values = &all, .value_count = 1};
    pid_t children[WRITERS];

    op.sets = &more;
    op.set_count = 1;
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    shelf_close();
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            int wrong = shelf_open() != HC_OK;

            for (int n = 0; n < WRITES && wrong == 0; n++)
                wrong += shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &op, 1) != HC_OK;
            shelf_close();
            _exit(wrong);
        }
    }
    for (int i = 0; i < WRITERS; i++)
        ck_assert_int_eq(wait_for(children[i]), 0);
    ck_assert_int_eq(shelf_open(), HC_OK);
    op.where = &complete;
    ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_OK);
}
END_TEST

/* S39: made and migrated by all at once */
START_TEST(processes_make_one_store)
{
    pid_t children[WRITERS];

    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            int wrong = shelf_open() != HC_OK || shelf_add(conn, (uint32_t)i, "one") != HC_OK;

            shelf_close();
            _exit(wrong);
        }
    }
    for (int i = 0; i < WRITERS; i++)
        ck_assert_int_eq(wait_for(children[i]), 0);
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_count(conn), WRITERS);
}
END_TEST

static hc_status migrated;

static void *migrate(void *data)
{
    migrated = driver->migrate(conn, &book_migration, 1, 0, data);
    return NULL;
}

/* S39: who waits for another's migration looks again, and does not do it once more. */
START_TEST(who_waits_for_a_migration_finds_it_done)
{
    char sql[320];
    sqlite3 *other;
    pthread_t thread;

    ck_assert_int_eq(driver->open(&store, &shelf_host, uri, &err), HC_OK);
    ck_assert_int_eq(driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
    ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, migrate, &err), 0);
    usleep(200000); /* it has seen the old version, and waits */
    (void)snprintf(sql, sizeof(sql),
                   "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, hash INTEGER NOT NULL, applied_at"
                   " INTEGER NOT NULL) STRICT; INSERT INTO schema_migrations VALUES (1,%lld,0); PRAGMA user_version=1;"
                   " COMMIT",
                   (long long)hc__sql_fingerprint(&book_migration));
    ck_assert_int_eq(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
    pthread_join(thread, NULL);
    ck_assert_msg(migrated == HC_OK, "%s", err.message);
    ck_assert_int_ne(sqlite3_exec(other, "SELECT 1 FROM books", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    shelf_close();
}
END_TEST

/* ---- copies ---- */

static int64_t last_done, last_total;
static void *writer;
static uint32_t written_meanwhile;

static hc_status on_progress(const hc_backup_progress *at, void *data)
{
    last_done = at->done;
    last_total = at->total;
    if (writer != NULL && shelf_add(writer, 100000 + written_meanwhile, "meanwhile") == HC_OK)
        written_meanwhile++;
    return data == NULL ? HC_OK : HC_ERR_CANCELLED;
}

static void fill_shelf(void)
{
    static char title[3001];

    memset(title, 'x', 3000);
    ck_assert_int_eq(shelf_open(), HC_OK);
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert_int_eq(shelf_add(conn, i, title), HC_OK);
}

/* S09 */
START_TEST(a_copy_is_one_moment_and_opens)
{
    char copy[400];

    fill_shelf();
    (void)snprintf(copy, sizeof(copy), "%s/copy.db", folder);
    ck_assert_int_eq(driver->connect(&writer, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
    ck_assert_int_eq(driver->backup(conn, copy, on_progress, NULL, &err), HC_OK);
    ck_assert_int_eq(last_done, last_total);
    ck_assert_uint_gt(written_meanwhile, 1);
    ck_assert_int_eq(driver->backup(conn, copy, NULL, NULL, &err), HC_ERR_CONFLICT);
    driver->disconnect(writer);
    writer = NULL;
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "sqlite:%s", copy);
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 1000);
}
END_TEST

START_TEST(a_cancelled_copy_leaves_no_file)
{
    char copy[400];

    fill_shelf();
    (void)snprintf(copy, sizeof(copy), "%s/copy.db", folder);
    ck_assert_int_eq(driver->backup(conn, copy, on_progress, &err, &err), HC_ERR_CANCELLED);
    ck_assert_int_ne(access(copy, F_OK), 0);
    ck_assert_int_eq(shelf_count(conn), 1000);
    ck_assert_int_eq(driver->backup(conn, path, NULL, NULL, &err), HC_ERR_CONFLICT);
    (void)snprintf(copy, sizeof(copy), "%s/none/copy.db", folder);
    ck_assert_int_lt(driver->backup(conn, copy, NULL, NULL, &err), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_deleted_file_is_not_made_again);
    tcase_add_test(tcase, a_file_put_in_its_place_is_not_written);
    tcase_add_test(tcase, without_space_nothing_is_half_written_and_work_goes_on_later);
    tcase_add_test(tcase, a_failed_sync_poisons_the_connection);
    tcase_add_test(tcase, failed_reads_and_writes_are_told_and_pass);
    tcase_add_test(tcase, a_child_leaves_the_parents_connection_alone);
    tcase_add_test(tcase, processes_write_one_after_another);
    tcase_add_test(tcase, processes_make_one_store);
    tcase_add_test(tcase, who_waits_for_a_migration_finds_it_done);
    tcase_add_test(tcase, a_copy_is_one_moment_and_opens);
    tcase_add_test(tcase, a_cancelled_copy_leaves_no_file);
}

int main(void)
{
    return suite_main("unit.driver_sqlite.faults", fill, shelf_set_up, shelf_tear_down);
}
