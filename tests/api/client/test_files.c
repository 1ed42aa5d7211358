/* Files that are no store, or not a sound one: a clear error at open, and the file untouched. */
#include <linux/capability.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "house.h"

static void setup(void)
{
    house_set_time(HOUSE_START);
    house_folder();
}

/* A store with everybody in it, closed. */
static void built(void)
{
    house_open();
    house_leave();
}

/* The superuser writes where nobody may; as everybody else, this program may not. */
static void obey_permissions(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2];

    memset(none, 0, sizeof none);
    ck_assert_int_eq(syscall(SYS_capset, &head, none), 0);
}

static void refused_as(const char *uri, hc_status status, const char *says)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_error why = {0};

    house_options(&options);
    options.storage_uri = uri;
    ck_assert_msg(hc_client_open(&client, &options, &why) == status, "%s: %s, %s", uri, hc_status_name(why.status),
                  why.message);
    ck_assert_str_eq(why.field, "storage_uri");
    ck_assert_msg(strstr(why.message, says) != NULL, "%s", why.message);
    ck_assert_ptr_null(client);
    house_count(1);
}

/* The house's file, which stays as it is; nothing new lies beside it. */
static void refused(hc_status status, const char *says)
{
    file before = file_read(house.path);
    int files = files_in_folder();

    printf("file of %zu bytes: %s\n", before.size, says);
    refused_as(house.uri, status, says);
    ck_assert_int_eq(files_in_folder(), files);
    file_assert_same(&before);
}

/* S08 */
START_TEST(garbage_is_no_store)
{
    unsigned char noise[20000];
    static const char text[] = "Dear diary, today somebody gave me to a database.\n";
    uint32_t state = 1;

    for (size_t i = 0; i < sizeof noise; i++) {
        state = state * 1664525 + 1013904223;
        noise[i] = (unsigned char)(state >> 24);
    }
    file_put(house.path, noise, sizeof noise);
    refused(HC_ERR_CORRUPT, "not a SQLite database");
    file_put(house.path, noise, 2); /* one byte is what the engine itself leaves in a new file */
    refused(HC_ERR_CORRUPT, "not a SQLite database");
    file_put(house.path, text, sizeof text - 1);
    refused(HC_ERR_CORRUPT, "not a SQLite database");
    memset(noise, 0, sizeof noise);
    file_put(house.path, noise, sizeof noise);
    refused(HC_ERR_CORRUPT, "not a SQLite database");
    memcpy(noise, "SQLite format 3", 16);
    memcpy(noise + 68, "HCNT", 4); /* our mark on nothing */
    file_put(house.path, noise, sizeof noise);
    refused(HC_ERR_CORRUPT, "");
}
END_TEST

/* S08 */
START_TEST(a_truncated_store_is_damaged)
{
    file whole;
    size_t cuts[6];

    built();
    whole = file_read(house.path);
    cuts[0] = 50;
    cuts[1] = 100;
    cuts[2] = 4096;
    cuts[3] = whole.size / 2;
    cuts[4] = whole.size - 4096;
    cuts[5] = whole.size - 1;
    for (size_t i = 0; i < 6; i++) {
        file_put(house.path, whole.bytes, cuts[i]);
        refused(HC_ERR_CORRUPT, "");
    }
    file_put(house.path, whole.bytes, whole.size);
    free(whole.bytes);
    house_client();
}
END_TEST

static void with_sqlite(const char *sql)
{
    sqlite3 *db = NULL;
    char *why = NULL;

    ck_assert_int_eq(sqlite3_open(house.path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK, "%s", why);
    sqlite3_close(db);
}

/* S08 */
START_TEST(another_programs_database_is_not_ours)
{
    with_sqlite("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES(1,'Zoe')");
    refused(HC_ERR_INVALID, "another program");
    with_sqlite("PRAGMA application_id=305419896");
    refused(HC_ERR_INVALID, "another program");
    with_sqlite("PRAGMA journal_mode=WAL; INSERT INTO users VALUES(2,'Yan')");
    refused(HC_ERR_INVALID, "another program");
}
END_TEST

/* S08 */
START_TEST(a_newer_store_is_left_alone)
{
    hc_client_options options;
    hc_health health = HC_HEALTH_INIT;
    hc_property *home = NULL;

    built();
    with_sqlite("PRAGMA user_version=1000");
    refused(HC_ERR_SCHEMA, "newer");
    house_options(&options);
    options.migrate = HC_MIGRATE_CHECK;
    HOUSE_FAILS(hc_client_open(&house.client, &options, err), HC_ERR_SCHEMA, "storage_uri");
    options.migrate = HC_MIGRATE_NEVER;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    HOUSE_OK(hc_client_health(house.client, &health, err));
    ck_assert_int_eq(health.schema_version, 1000);
    HOUSE_FAILS(hc_client_migrate(house.client, err), HC_ERR_SCHEMA, "storage_uri");
    HOUSE_OK(hc_session_system(&house.system, house.client, err));
    HOUSE_FAILS(hc_property_get(&home, house.system, house.anas_ids[0], err), HC_ERR_SCHEMA, "storage_uri");
    HOUSE_FAILS(hc_property_purge(house.system, house.anas_ids[0], err), HC_ERR_SCHEMA, "storage_uri");
}
END_TEST

/* S08 */
START_TEST(a_file_that_nobody_may_write_is_no_store)
{
    built();
    ck_assert_int_eq(chmod(house.path, 0444), 0);
    obey_permissions();
    refused(HC_ERR_IO, "read-only");
    ck_assert_int_eq(chmod(house.path, 0), 0);
    refused_as(house.uri, HC_ERR_IO, "");
    ck_assert_int_eq(chmod(house.path, 0600), 0);
    house_client();
}
END_TEST

/* S08: not that the file is, whose mode says otherwise. */
START_TEST(a_store_in_a_folder_that_nobody_may_write_says_so)
{
    built();
    ck_assert_int_eq(chmod(house.folder, 0500), 0);
    obey_permissions();
    refused(HC_ERR_IO, "folder is read-only");
    ck_assert_int_eq(chmod(house.folder, 0700), 0);
    house_client();
}
END_TEST

/* S08 */
START_TEST(a_folder_that_nobody_may_write_holds_no_new_store)
{
    ck_assert_int_eq(chmod(house.folder, 0500), 0);
    obey_permissions();
    refused_as(house.uri, HC_ERR_IO, "");
    ck_assert_int_eq(files_in_folder(), 0);
    ck_assert_int_eq(chmod(house.folder, 0700), 0);
}
END_TEST

/* S08 */
START_TEST(a_path_to_nothing_makes_nothing)
{
    char uri[512];

    snprintf(uri, sizeof uri, "sqlite:%s/no/such/folder/x.db", house.folder);
    refused_as(uri, HC_ERR_NOT_FOUND, "");
    snprintf(uri, sizeof uri, "sqlite:%s", house.folder);
    refused_as(uri, HC_ERR_IO, "");
    ck_assert_int_eq(files_in_folder(), 0);
}
END_TEST

/* S08: never a new file through a link to nowhere, nor a way out of the folder. */
START_TEST(a_dangling_link_is_followed_to_nothing)
{
    file target = file_at("target.db");

    ck_assert_int_eq(symlink(target.path, house.path), 0);
    refused_as(house.uri, HC_ERR_IO, "");
    ck_assert(!file_there(target.path));
}
END_TEST

/* S08 S07 */
START_TEST(a_locked_store_is_busy)
{
    sqlite3 *db = NULL;

    built();
    ck_assert_int_eq(sqlite3_open(house.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    refused_as(house.uri, HC_ERR_BUSY, "locked");
    sqlite3_close(db);
    house_client();
}
END_TEST

static hc_status write_one(void)
{
    hc_property *home = house_sketch("A home in a lost file", 40000000);
    hc_id id;
    hc_status status = hc_property_create(&id, house.ana, home, NULL);

    hc_property_free(home);
    house_count(1);
    return status;
}

/* S08 */
START_TEST(a_file_that_is_gone_is_not_made_again)
{
    hc_health health = HC_HEALTH_INIT;

    house_open();
    ck_assert_int_eq(unlink(house.path), 0);
    ck_assert_int_eq(write_one(), HC_ERR_IO);
    ck_assert_int_lt(hc_client_health(house.client, &health, NULL), 0);
    ck_assert_int_eq(health.reachable, 0);
    ck_assert(!file_there(house.path));
}
END_TEST

/* S08 */
START_TEST(a_file_that_was_replaced_is_not_written)
{
    file other = file_at("other.db"), kept;

    house_open();
    file_put(other.path, "the wrong inode", 15);
    ck_assert_int_eq(rename(other.path, house.path), 0);
    kept = file_read(house.path);
    ck_assert_int_eq(write_one(), HC_ERR_IO);
    file_assert_same(&kept);
}
END_TEST

/* S08: what cannot be opened can be opened once it is mended. */
START_TEST(a_client_that_did_not_open_holds_nothing)
{
    int before = -1;

    file_put(house.path, "nonsense", 8);
    for (int i = 0; i < 20; i++) {
        int fd = dup(0);
        refused(HC_ERR_CORRUPT, "");
        close(fd);
        ck_assert_int_le(before < 0 ? fd : before, fd);
        ck_assert(before < 0 || fd == before); /* no descriptor is left behind */
        before = fd;
    }
    ck_assert_int_eq(unlink(house.path), 0);
    house_client();
}
END_TEST

/* The file of a new store is its owner's, whatever the umask. */
START_TEST(a_new_store_is_private)
{
    file made;

    umask(0);
    house_client();
    made = file_read(house.path);
    ck_assert_int_eq(made.mode, 0600);
    free(made.bytes);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, garbage_is_no_store);
    tcase_add_test(tcase, a_truncated_store_is_damaged);
    tcase_add_test(tcase, another_programs_database_is_not_ours);
    tcase_add_test(tcase, a_newer_store_is_left_alone);
    tcase_add_test(tcase, a_file_that_nobody_may_write_is_no_store);
    tcase_add_test(tcase, a_store_in_a_folder_that_nobody_may_write_says_so);
    tcase_add_test(tcase, a_folder_that_nobody_may_write_holds_no_new_store);
    tcase_add_test(tcase, a_path_to_nothing_makes_nothing);
    tcase_add_test(tcase, a_dangling_link_is_followed_to_nothing);
    tcase_add_test(tcase, a_locked_store_is_busy);
    tcase_add_test(tcase, a_file_that_is_gone_is_not_made_again);
    tcase_add_test(tcase, a_file_that_was_replaced_is_not_written);
    tcase_add_test(tcase, a_client_that_did_not_open_holds_nothing);
    tcase_add_test(tcase, a_new_store_is_private);
}

int main(void)
{
    return suite_main("api.client.files", fill, setup, house_close);
}
