/* Opening: what is refused, and that what is refused stays as it was. */
#include <dirent.h>

#include "shelf.h"

static int files_in_folder(void)
{
    DIR *dir = opendir(folder);
    int count = 0;

    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        count += entry->d_name[0] != '.';
    (void)closedir(dir);
    return count;
}

static void refused(hc_status status)
{
    uint64_t before = shelf_bytes(""), wal = shelf_bytes("-wal"), journal = shelf_bytes("-journal");
    int files = files_in_folder();

    ck_assert_int_eq(driver->open(&store, &shelf_host, uri, &err), status);
    ck_assert_ptr_null(store);
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_str_ne(err.message, "");
    ck_assert_uint_eq(shelf_bytes(""), before);
    ck_assert_uint_eq(shelf_bytes("-wal"), wal);
    ck_assert_uint_eq(shelf_bytes("-journal"), journal);
    ck_assert_int_eq(files_in_folder(), files);
}

/* S08 */
START_TEST(garbage_is_refused_and_stays)
{
    char bytes[8192];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7 + 1);
    shelf_write(bytes, sizeof(bytes));
    refused(HC_ERR_CORRUPT);
    shelf_write("id,title\n", 9);
    refused(HC_ERR_CORRUPT);
    shelf_write("SQLite format 3", 16);
    refused(HC_ERR_CORRUPT);
    memset(bytes, 0, sizeof(bytes));
    shelf_write(bytes, sizeof(bytes));
    refused(HC_ERR_CORRUPT);
}
END_TEST

/* S08 */
START_TEST(the_database_of_another_program_is_refused_and_stays)
{
    shelf_foreign("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    refused(HC_ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(err.message, "another program"));
    shelf_foreign("PRAGMA journal_mode=WAL; INSERT INTO t VALUES (2)");
    refused(HC_ERR_INVALID);
}
END_TEST

/* S08: what it left in its log is its own to recover */
START_TEST(the_log_of_another_program_stays)
{
    char copy[1600];
    sqlite3 *db = NULL;

    shelf_foreign("CREATE TABLE t(a)");
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA journal_mode=WAL; INSERT INTO t VALUES (2)", NULL, NULL, NULL),
                     SQLITE_OK);
    (void)snprintf(copy, sizeof(copy), "cp %s %s/c.db && cp %s-wal %s/c.db-wal", path, folder, path, folder);
    ck_assert_int_eq(system(copy), 0);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    (void)snprintf(path, sizeof(path), "%s/c.db", folder);
    (void)snprintf(uri, sizeof(uri), "sqlite:%s", path);
    ck_assert_uint_ne(shelf_bytes("-wal"), 0);
    refused(HC_ERR_INVALID);
}
END_TEST

/* S08 */
START_TEST(what_is_no_file_is_refused)
{
    ck_assert_int_eq(mkdir(path, 0700), 0);
    refused(HC_ERR_IO);
    (void)snprintf(uri, sizeof(uri), "sqlite:%s/no/such/folder.db", folder);
    ck_assert_int_lt(driver->open(&store, &shelf_host, uri, &err), 0);
    ck_assert_ptr_null(store);
    ck_assert_str_eq(err.field, "storage_uri");
}
END_TEST

static void fill_shelf(void)
{
    ck_assert_int_eq(shelf_open(), HC_OK);
    for (uint32_t i = 0; i < 200; i++)
        ck_assert_int_eq(shelf_add(conn, i, "a title that takes some room, so that the file has many pages"), HC_OK);
    shelf_close();
}

/* S08 */
START_TEST(a_truncated_file_is_refused_and_stays)
{
    struct stat at;

    fill_shelf();
    ck_assert_int_eq(stat(path, &at), 0);
    ck_assert_int_gt(at.st_size, 16384);
    ck_assert_int_eq(truncate(path, at.st_size / 2), 0);
    refused(HC_ERR_CORRUPT);
    ck_assert_int_eq(truncate(path, 60), 0);
    refused(HC_ERR_CORRUPT);
}
END_TEST

/* S08 */
START_TEST(damage_inside_is_told_when_it_is_met)
{
    FILE *file;
    hc_status status;

    fill_shelf();
    file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    for (long at = 4096; at < 200000; at += 4096) {
        ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);
        ck_assert_uint_eq(fwrite("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 1, 12, file), 12);
    }
    ck_assert_int_eq(fclose(file), 0);
    status = shelf_open();
    if (status == HC_OK)
        ck_assert_int_eq(shelf_count(conn), -1);
    ck_assert_int_eq(err.status, HC_ERR_CORRUPT);
}
END_TEST

/* S08 */
START_TEST(a_read_only_file_is_refused_and_stays)
{
    fill_shelf();
    ck_assert_int_eq(chmod(path, 0444), 0);
    if (geteuid() == 0) {
        ck_assert_int_eq(chown(folder, 65534, 65534), 0);
        ck_assert_int_eq(seteuid(65534), 0);
    }
    refused(HC_ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "read-only"));
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* S07 S08 */
START_TEST(a_locked_file_is_busy)
{
    sqlite3 *other = NULL;

    fill_shelf();
    ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE; COMMIT", NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(driver->open(&store, &shelf_host, uri, &err), HC_ERR_BUSY);
    ck_assert_uint_eq(err.flags, HC_ERROR_RETRYABLE);
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
    ck_assert_int_eq(shelf_open(), HC_OK);
}
END_TEST

/* S08 */
START_TEST(a_newer_schema_is_refused_and_stays)
{
    hc_migration two[2] = {book_migration, {2, 0, NULL}};
    uint64_t before;

    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(driver->migrate(conn, two, 2, 0, &err), HC_OK);
    shelf_close();
    before = shelf_bytes("");
    ck_assert_int_eq(shelf_open(), HC_ERR_SCHEMA);
    shelf_close();
    ck_assert_uint_eq(shelf_bytes(""), before);
}
END_TEST

START_TEST(a_new_file_is_private_and_marked)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[330];
    struct stat at;
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;

    shelf_write("", 0); /* empty is new */
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        ck_assert_int_eq(stat(name, &at), 0);
        ck_assert_int_eq(at.st_mode & 0777, 0600);
    }
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db,
                                        "SELECT application_id, journal_mode, user_version FROM"
                                        " pragma_application_id, pragma_journal_mode, pragma_user_version",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
    ck_assert_int_eq(sqlite3_column_int(stmt, 0), 0x48434e54);
    ck_assert_str_eq((const char *)sqlite3_column_text(stmt, 1), "wal");
    ck_assert_int_eq(sqlite3_column_int(stmt, 2), 1);
    ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    shelf_close();
    ck_assert(!shelf_exists("-wal") && !shelf_exists("-shm"));
}
END_TEST

START_TEST(an_empty_file_is_new)
{
    shelf_write("", 0);
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 0);
}
END_TEST

START_TEST(a_file_whose_log_was_taken_away_has_one_again)
{
    uint8_t format[2] = {0};
    FILE *file;

    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    shelf_close();
    shelf_foreign("PRAGMA journal_mode=DELETE");
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 1);
    shelf_close();
    file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 18, SEEK_SET), 0);
    ck_assert_uint_eq(fread(format, 1, sizeof format, file), sizeof format);
    (void)fclose(file);
    ck_assert(format[0] == 2 && format[1] == 2);
}
END_TEST

/* Bytes of the engine that a store holds before it has a connection. */
static sqlite3_int64 held_by_a_store(void)
{
    sqlite3_int64 before = sqlite3_memory_used(), out;

    ck_assert_int_eq(driver->open(&store, &shelf_host, uri, &err), HC_OK);
    out = sqlite3_memory_used() - before;
    driver->close(store);
    store = NULL;
    return out;
}

/* Connections do that: a store would only hold them once more, and be opened by as much later. */
START_TEST(a_store_itself_reads_no_tables)
{
    char sql[64];
    sqlite3_int64 few;

    ck_assert_int_eq(shelf_open(), HC_OK);
    shelf_close();
    few = held_by_a_store();
    for (int i = 0; i < 100; i++) {
        (void)snprintf(sql, sizeof(sql), "CREATE TABLE more_%d(a, b, c)", i);
        shelf_foreign(sql);
    }
    ck_assert_int_eq(held_by_a_store(), few);
}
END_TEST

START_TEST(uris_are_read_strictly)
{
    static const char *const wrong[] = {"sqlite:",
                                        "sqlite",
                                        "sqlite3:x.db",
                                        "sqlite:?cache_kib=100",
                                        "sqlite:x.db?mode=ro",
                                        "sqlite:x.db?durability=off",
                                        "sqlite:x.db?durability",
                                        "sqlite:x.db?cache_kib=1",
                                        "sqlite:x.db?cache_kib=9999999999",
                                        "sqlite:x.db?cache_kib=many",
                                        "sqlite:x.db?&",
                                        "sqlite::memory:?vfs=unix"};

    ck_assert_int_eq(chdir(folder), 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void)snprintf(uri, sizeof(uri), "%s", wrong[i]);
        refused(HC_ERR_INVALID);
    }
    (void)snprintf(uri, sizeof(uri), "sqlite:x.db?mode=ro");
    refused(HC_ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(err.message, "mode"));
    ck_assert_int_eq(files_in_folder(), 0);
}
END_TEST

START_TEST(a_name_is_only_a_name)
{
    ck_assert_int_eq(chdir(folder), 0);
    (void)snprintf(uri, sizeof(uri), "sqlite:file:a b%%20.db?cache_kib=128&durability=full");
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(access("file:a b%20.db", F_OK), 0);
    /* A relative name stays the file that it was, wherever the host goes. */
    ck_assert_int_eq(chdir("/"), 0);
    driver->disconnect(conn);
    ck_assert_int_eq(driver->connect(&conn, store, HC_CONNECT_READ, 0, &err), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 0);
}
END_TEST

START_TEST(memory_is_private_to_one_connection)
{
    hc_storage_limits limits = {sizeof(limits), 9, 0};
    void *second = NULL;

    (void)snprintf(uri, sizeof(uri), "sqlite::memory:");
    ck_assert_int_eq(shelf_open(), HC_OK);
    driver->limits(store, &limits);
    ck_assert_int_eq(limits.connections, 1);
    ck_assert_int_eq(driver->connect(&second, store, HC_CONNECT_READ, 0, &err), HC_ERR_MISUSE);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    driver->disconnect(conn);
    ck_assert_int_eq(driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
}
END_TEST

START_TEST(readers_do_not_write)
{
    void *reader = NULL;

    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 1, "one"), HC_OK);
    ck_assert_int_eq(driver->connect(&reader, store, HC_CONNECT_READ, 0, &err), HC_OK);
    ck_assert_int_eq(shelf_count(reader), 1);
    ck_assert_int_eq(shelf_add(reader, 2, "two"), HC_ERR_MISUSE);
    ck_assert_int_eq(driver->migrate(reader, &book_migration, 1, 0, &err), HC_ERR_MISUSE);
    ck_assert_int_eq(shelf_count(reader), 1);
    driver->disconnect(reader);
}
END_TEST

START_TEST(another_abi_is_refused)
{
    const hc_storage_driver *none = NULL;

    ck_assert_int_eq(hc_driver_sqlite_entry(&none, HC_DRIVER_ABI + 1, &err), HC_ERR_UNSUPPORTED);
    ck_assert_ptr_null(none);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, garbage_is_refused_and_stays);
    tcase_add_test(tcase, the_database_of_another_program_is_refused_and_stays);
    tcase_add_test(tcase, the_log_of_another_program_stays);
    tcase_add_test(tcase, what_is_no_file_is_refused);
    tcase_add_test(tcase, a_truncated_file_is_refused_and_stays);
    tcase_add_test(tcase, damage_inside_is_told_when_it_is_met);
    tcase_add_test(tcase, a_read_only_file_is_refused_and_stays);
    tcase_add_test(tcase, a_locked_file_is_busy);
    tcase_add_test(tcase, a_newer_schema_is_refused_and_stays);
    tcase_add_test(tcase, a_new_file_is_private_and_marked);
    tcase_add_test(tcase, an_empty_file_is_new);
    tcase_add_test(tcase, a_file_whose_log_was_taken_away_has_one_again);
    tcase_add_test(tcase, a_store_itself_reads_no_tables);
    tcase_add_test(tcase, uris_are_read_strictly);
    tcase_add_test(tcase, a_name_is_only_a_name);
    tcase_add_test(tcase, memory_is_private_to_one_connection);
    tcase_add_test(tcase, readers_do_not_write);
    tcase_add_test(tcase, another_abi_is_refused);
}

int main(void)
{
    return suite_main("unit.driver_sqlite.open", fill, shelf_set_up, shelf_tear_down);
}
