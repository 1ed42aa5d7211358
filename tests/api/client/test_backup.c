/* Copies of a store that is in use. */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "homeconnect/audit.h"
#include "house.h"

static char copy[320];

static void open_house(void)
{
    house_open();
    ck_assert_int_lt(snprintf(copy, sizeof copy, "%s/copy.db", house.folder), (int)sizeof copy);
}

/* Files of the house's folder whose name begins with that of the copy. */
static int files_of_copy(void)
{
    DIR *folder = opendir(house.folder);
    int count = 0;

    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        count += strncmp(entry->d_name, "copy.db", 7) == 0;
    closedir(folder);
    return count;
}

static int64_t ask(const char *sql)
{
    struct house original = house;
    int64_t out;

    snprintf(house.path, sizeof house.path, "%s", copy);
    out = house_sql(sql);
    house = original;
    return out;
}

static bool is_whole(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    bool whole;

    ck_assert_int_eq(sqlite3_open_v2(copy, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
    whole = strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return whole;
}

/* A client on the copy, with the original's keys. */
static hc_client *open_copy(void)
{
    hc_client_options options;
    hc_client *out = NULL;
    char uri[500], keys[500];

    house_options(&options);
    snprintf(uri, sizeof uri, "sqlite:%s", copy);
    snprintf(keys, sizeof keys, "%s", house.keys);
    options.storage_uri = uri;
    options.key_file = keys;
    HOUSE_OK(hc_client_open(&out, &options, err));
    return out;
}

/* ---- S09 ---- */

#define WRITERS 4
#define KEPT    20000

struct writer {
    pthread_t thread;
    hc_session *as;
    hc_id ids[KEPT];
    atomic_int acknowledged;
};
static struct writer writers[WRITERS];
static atomic_bool stop;

static void *write_on(void *data)
{
    struct writer *writer = data;

    while (!atomic_load(&stop)) {
        int n = atomic_load(&writer->acknowledged);
        if (n == KEPT)
            break;
        writer->ids[n] = house_list_home(writer->as, "While a copy is made", 100 + n);
        atomic_store(&writer->acknowledged, n + 1);
    }
    return NULL;
}

static void start_writers(void)
{
    const char *token = hc_session_token(house.ana);

    atomic_store(&stop, false);
    for (int i = 0; i < WRITERS; i++) {
        atomic_store(&writers[i].acknowledged, 0);
        HOUSE_OK(hc_session_open(&writers[i].as, house.client, token, strlen(token), NULL, err));
        ck_assert_int_eq(pthread_create(&writers[i].thread, NULL, write_on, &writers[i]), 0);
    }
}

static void stop_writers(void)
{
    atomic_store(&stop, true);
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        hc_session_free(writers[i].as);
    }
}

/* S09: what was acknowledged before the call is in the copy; what is in it is whole. */
START_TEST(a_copy_made_while_others_write_has_what_was_acknowledged)
{
    int before[WRITERS], all = 0;
    hc_client *client;
    hc_session *system = NULL;

    start_writers();
    for (int i = 0; i < WRITERS; i++)
        while (atomic_load(&writers[i].acknowledged) < 25)
            usleep(1000);
    for (int i = 0; i < WRITERS; i++)
        all += before[i] = atomic_load(&writers[i].acknowledged);
    HOUSE_OK(hc_client_backup(house.client, copy, NULL, NULL, err));
    stop_writers();
    ck_assert(is_whole());
    client = open_copy();
    HOUSE_OK(hc_session_system(&system, client, err));
    for (int i = 0; i < WRITERS; i++)
        for (int k = 0; k < before[i]; k++) {
            hc_property *home = NULL;
            HOUSE_OK(hc_property_get(&home, system, writers[i].ids[k], err));
            ck_assert_int_eq(hc_property_price(home), 100 + k);
            hc_property_free(home);
        }
    HOUSE_OK(hc_audit_verify(NULL, system, NULL, err));
    hc_session_free(system);
    hc_client_close(client);
    ck_assert_int_ge(ask("SELECT count(*) FROM properties"), all);
    ck_assert_int_eq(ask("SELECT count(*) FROM properties p WHERE NOT EXISTS (SELECT 1 FROM events e WHERE"
                         " e.resource_id=p.id)"),
                     0);
    printf("backup: %d acknowledged before, %lld in the copy, %lld in the store\n", all,
           (long long)ask("SELECT count(*) FROM properties"), (long long)house_sql("SELECT count(*) FROM properties"));
}
END_TEST

/* S09: a copy holds, table by table, what the store holds. */
START_TEST(a_copy_has_the_same_content)
{
    struct house original = house;
    snapshot before, after;
    char difference[160];
    struct stat facts;
    int64_t rows;
    mode_t mask = umask(0);

    HOUSE_OK(hc_client_backup(house.client, copy, NULL, NULL, err));
    umask(mask);
    before = house_snapshot();
    rows = before.audit_rows;
    snprintf(house.path, sizeof house.path, "%s", copy);
    after = house_snapshot();
    house = original;
    ck_assert_msg(house_same(&before, &after, difference, sizeof difference), "%s", difference);
    ck_assert_int_eq(after.audit_rows, rows); /* the row about the copy is in it */
    ck_assert_int_eq(stat(copy, &facts), 0);
    ck_assert_uint_eq(facts.st_mode & 0777, 0600);
    ck_assert_int_eq(files_of_copy(), 1); /* no keys, no rest */
    ck_assert_int_eq(ask("SELECT count(*) FROM audit_log WHERE event='sensitive_read' AND reason='backup'"), 1);
}
END_TEST

/* A token of the store is one of the copy. */
START_TEST(a_copy_opens_with_the_keys_of_the_store)
{
    const char *token = hc_session_token(house.ana);
    hc_session *as = NULL;
    hc_client *client;

    HOUSE_OK(hc_client_backup(house.client, copy, NULL, NULL, err));
    client = open_copy();
    HOUSE_OK(hc_session_open(&as, client, token, strlen(token), NULL, err));
    hc_session_free(as);
    hc_client_close(client);
}
END_TEST

/* ---- progress ---- */

static struct {
    int calls, cancel_at;
    int64_t done, total;
} seen;

static hc_status look_on(int64_t done, int64_t total, void *data)
{
    ck_assert_ptr_eq(data, &seen);
    ck_assert_int_ge(done, seen.done);
    ck_assert_int_le(done, total);
    seen.done = done;
    seen.total = total;
    seen.calls++;
    return seen.calls == seen.cancel_at ? 17 : HC_OK;
}

START_TEST(progress_goes_on_to_the_end)
{
    HOUSE_OK(hc_client_backup(house.client, copy, look_on, &seen, err));
    ck_assert_int_ge(seen.calls, 1);
    ck_assert_int_gt(seen.total, 0);
    ck_assert_int_eq(seen.done, seen.total);
}
END_TEST

START_TEST(who_cancels_finds_no_file)
{
    seen.cancel_at = 1;
    HOUSE_FAILS(hc_client_backup(house.client, copy, look_on, &seen, err), HC_ERR_CANCELLED, "");
    ck_assert_int_eq(seen.calls, 1);
    ck_assert_int_eq(files_of_copy(), 0);
    house_list_home(house.ana, "After it", 100);
    HOUSE_OK(hc_client_backup(house.client, copy, NULL, NULL, err));
}
END_TEST

/* ---- refusals ---- */

START_TEST(nothing_is_ever_overwritten)
{
    FILE *file = fopen(copy, "w");
    char text[8] = "";

    fputs("mine", file);
    fclose(file);
    HOUSE_FAILS(hc_client_backup(house.client, copy, NULL, NULL, err), HC_ERR_CONFLICT, "path");
    file = fopen(copy, "r");
    ck_assert_ptr_nonnull(fgets(text, sizeof text, file));
    fclose(file);
    ck_assert_str_eq(text, "mine");
    ck_assert_int_eq(remove(copy), 0);
    ck_assert_int_eq(symlink("nowhere", copy), 0);
    HOUSE_FAILS(hc_client_backup(house.client, copy, NULL, NULL, err), HC_ERR_CONFLICT, "path");
    HOUSE_FAILS(hc_client_backup(house.client, house.path, NULL, NULL, err), HC_ERR_CONFLICT, "path");
    HOUSE_FAILS(hc_client_backup(house.client, house.folder, NULL, NULL, err), HC_ERR_CONFLICT, "path");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE reason='backup'"), 0);
}
END_TEST

static hc_status come_between(int64_t done, int64_t total, void *data)
{
    (void)data;
    if (done == total)
        fclose(fopen(copy, "w"));
    return HC_OK;
}

START_TEST(a_file_that_comes_meanwhile_stays)
{
    struct stat facts;

    HOUSE_FAILS(hc_client_backup(house.client, copy, come_between, NULL, err), HC_ERR_CONFLICT, "path");
    ck_assert_int_eq(stat(copy, &facts), 0);
    ck_assert_int_eq(facts.st_size, 0);
    ck_assert_int_eq(files_of_copy(), 1);
}
END_TEST

START_TEST(a_place_that_is_none_is_named)
{
    char path[500];

    snprintf(path, sizeof path, "%s/none/copy.db", house.folder);
    HOUSE_FAILS(hc_client_backup(house.client, path, NULL, NULL, err), HC_ERR_NOT_FOUND, "path");
    HOUSE_FAILS(hc_client_backup(house.client, "", NULL, NULL, err), HC_ERR_INVALID, "path");
    HOUSE_FAILS(hc_client_backup(house.client, NULL, NULL, NULL, err), HC_ERR_INVALID, "path");
    HOUSE_FAILS(hc_client_backup(NULL, copy, NULL, NULL, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_client_backup(house.client, "/proc/copy.db", NULL, NULL, err), HC_ERR_NOT_FOUND, "path");
}
END_TEST

/* A disk without room, played by the largest size that a file may have. */
START_TEST(without_room_there_is_no_file)
{
    struct rlimit limit, small;
    hc_error err = {0};
    hc_status status;

    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_IGN);
    HOUSE_OK(hc_client_backup(house.client, copy, NULL, NULL, err));
    ck_assert_int_eq(remove(copy), 0);
    /* the store's log takes its row; the copy is larger than that */
    small = limit;
    small.rlim_cur = 200000;
    house_leave();
    house_client();
    ck_assert_int_gt(house_sql("SELECT page_count*page_size FROM pragma_page_count(), pragma_page_size()"), 200000);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    status = hc_client_backup(house.client, copy, NULL, NULL, &err);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_msg(status == HC_ERR_NO_SPACE || status == HC_ERR_IO, "%s: %s", hc_status_name(status), err.message);
    ck_assert_str_ne(err.message, "");
    ck_assert_int_eq(files_of_copy(), 0);
    HOUSE_OK(hc_client_backup(house.client, copy, NULL, NULL, err));
}
END_TEST

static hc_status inside(hc_session *as, void *data, hc_error *err)
{
    (void)as;
    (void)data;
    return hc_client_backup(house.client, copy, NULL, NULL, err);
}

START_TEST(a_unit_of_work_makes_none)
{
    HOUSE_FAILS(hc_session_transact(house.admin, inside, NULL, err), HC_ERR_MISUSE, "session");
    ck_assert_int_eq(files_of_copy(), 0);
}
END_TEST

START_TEST(a_store_in_memory_is_copied_too)
{
    struct house first = house;

    house_open_memory();
    ck_assert_int_lt(snprintf(copy, sizeof copy, "%s/copy.db", house.folder), (int)sizeof copy);
    HOUSE_OK(hc_client_backup(house.client, copy, NULL, NULL, err));
    ck_assert(is_whole());
    ck_assert_int_eq(ask("SELECT count(*) FROM properties"), 4);
    house_close();
    house = first;
}
END_TEST

/* A server has its own tools, which the refusal names. */
START_TEST(a_server_makes_its_own_backups)
{
    hc_error why = {0};

    ck_assert_int_eq(hc_client_backup(house.client, copy, NULL, NULL, &why), HC_ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(why.message, "tools"));
    ck_assert_int_eq(files_of_copy(), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE reason='backup'"), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    if (!house_is_a_file()) {
        tcase_add_test(tcase, a_server_makes_its_own_backups);
        return;
    }
    tcase_add_test(tcase, a_copy_made_while_others_write_has_what_was_acknowledged);
    tcase_add_test(tcase, a_copy_has_the_same_content);
    tcase_add_test(tcase, a_copy_opens_with_the_keys_of_the_store);
    tcase_add_test(tcase, progress_goes_on_to_the_end);
    tcase_add_test(tcase, who_cancels_finds_no_file);
    tcase_add_test(tcase, nothing_is_ever_overwritten);
    tcase_add_test(tcase, a_file_that_comes_meanwhile_stays);
    tcase_add_test(tcase, a_place_that_is_none_is_named);
    tcase_add_test(tcase, without_room_there_is_no_file);
    tcase_add_test(tcase, a_unit_of_work_makes_none);
    tcase_add_test(tcase, a_store_in_memory_is_copied_too);
}

int main(void)
{
    return suite_main("api.client.backup", fill, open_house, house_close);
}
