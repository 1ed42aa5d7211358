/* What a server's settings and its user's rights make of a session. */
#include "shelf.h"
#include "books_opening.h"

#define ORDINARY "plain" /* init_connect is for whoever is no administrator */

static void skip_foreign(void)
{
    if (!server.ours) {
        (void)printf("skipped: the server is not ours to change\n");
        _exit(0);
    }
}

static void grant(const char *rights)
{
    char sql[200];

    shelf_sql("CREATE OR REPLACE USER " ORDINARY "@'%' IDENTIFIED BY 'open sesame'");
    (void)snprintf(sql, sizeof(sql), "GRANT %s ON %s.* TO " ORDINARY "@'%%'", rights, base);
    shelf_sql(sql);
}

static void open_as_ordinary(const char *rights)
{
    grant(rights);
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "mysql://" ORDINARY ":open%%20sesame@127.0.0.1:%d/%s", server.port, base);
    ck_assert_msg(shelf_open() == HC_OK, "%d %s", (int)err.native, err.message);
}

/* A title with letters of one to four bytes is stored as it is. */
static void assert_stored_as_it_is(server_mysql *on, const char *database)
{
    static const char title[] = "Häuschen 日本 \xF0\x9F\x8F\xA0";
    char sql[200];
    shelf_book one;

    shelf_book_init(&one, 1);
    one.sets[1].value.as.bytes = title;
    one.sets[1].value.size = sizeof title - 1;
    ck_assert_msg(shelf_run(conn, 0, &one.insert, 1) == HC_OK, "%s", err.message);
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM %s.books WHERE hex(title) = '48C3A475736368656E20E697A5E69CAC20F09F8FA0' AND "
                   "char_length(title) = 13",
                   database);
    ck_assert_int_eq(server_mysql_ask(on, sql), 1);
}

/* By SQL of its own each, which is taken back. */
START_TEST(what_a_server_sets_otherwise_changes_nothing)
{
    static const char *const settings[][2] = {
        {"SET GLOBAL init_connect = 'SET NAMES latin1'", "SET GLOBAL init_connect = ''"},
        {"SET GLOBAL completion_type = 1", "SET GLOBAL completion_type = 0"},
        {"SET GLOBAL completion_type = 2", "SET GLOBAL completion_type = 0"},
        {"SET GLOBAL max_join_size = 1", "SET GLOBAL max_join_size = DEFAULT"},
        {"SET GLOBAL check_constraint_checks = 0", "SET GLOBAL check_constraint_checks = 1"},
        {"SET GLOBAL unique_checks = 0", "SET GLOBAL unique_checks = 1"},
        {"SET GLOBAL sql_mode = 'ORACLE'", "SET GLOBAL sql_mode = DEFAULT"},
        {"SET GLOBAL time_zone = '+05:45'", "SET GLOBAL time_zone = '+00:00'"},
        {"SET GLOBAL sql_select_limit = 3", "SET GLOBAL sql_select_limit = 18446744073709551615"},
        {"SET GLOBAL autocommit = 0", "SET GLOBAL autocommit = 1"},
        {"SET GLOBAL tx_isolation = 'SERIALIZABLE'", "SET GLOBAL tx_isolation = DEFAULT"},
    };
    hc_value bad = {HC_TYPE_JSON, 1, {.bytes = "x"}};
    hc_op_result result;
    hc_op all = {.verb = HC_VERB_QUERY,
                 .expect = HC_EXPECT_ANY,
                 .kind = &books,
                 .fields = book_title,
                 .field_count = 1,
                 .index = HC_INDEX_ANY,
                 .result = &result};

    skip_foreign();
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        shelf_book two, three;
        char sql[100];

        shelf_sql(settings[i][0]);
        open_as_ordinary("ALL");
        shelf_sql(settings[i][1]);
        assert_stored_as_it_is(&server, base);
        shelf_book_init(&two, 2);
        for (int k = 0; k < 3; k++) { /* each ends with itself, and the session goes on */
            ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_READ_ONLY | HC_BATCH_COMMIT, NULL, 0), HC_OK);
            two.id[15] = (unsigned char)k;
            two.title[0] = (char)('a' + k);
            ck_assert_msg(shelf_run(conn, HC_BATCH_BEGIN, &two.insert, 1) == HC_OK, "%zu: %s", i, err.message);
            ck_assert_msg(shelf_run(conn, HC_BATCH_COMMIT, NULL, 0) == HC_OK, "%zu: %s", i, err.message);
        }
        ck_assert_int_eq(shelf_count(conn), 4);
        ck_assert_int_eq(shelf_run(conn, 0, &all, 1), HC_OK);
        ck_assert_msg(result.count == 4, "%zu: %d rows", i, (int)result.count);
        shelf_book_init(&three, 3);
        three.sets[3] = (hc_set){BOOK_NOTES, HC_SET_TO, 0, bad};
        three.insert.set_count = 4;
        ck_assert_msg(shelf_run(conn, 0, &three.insert, 1) == HC_ERR_INVALID, "%zu", i);
        (void)snprintf(sql, sizeof(sql), "DELETE FROM %s.books", base);
        shelf_sql(sql);
    }
}
END_TEST

/* One that takes no client at its word for the encoding. */
START_TEST(texts_are_stored_as_they_are_whatever_the_server_takes_them_for)
{
    static const char *const settings[] = {"--skip-character-set-client-handshake", "--character-set-server=latin1",
                                           "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", NULL};
    server_mysql own;

    skip_foreign();
    shelf_close();
    ck_assert_msg(server_mysql_start_with(&own, settings), "%s", own.reason);
    (void)snprintf(uri, sizeof(uri), "%s", own.uri);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_OK);
    assert_stored_as_it_is(&own, "home");
    shelf_close();
    server_mysql_stop(&own);
}
END_TEST

/* Nobody is away: another try would meet the same. */
START_TEST(what_no_session_can_be_had_with_is_named)
{
    static const char *const wrong[][2] = {
        {"ssl-ca=/sesame", "ssl-ca names"},     {"ssl-capath=/sesame", "ssl-capath names"},
        {"ssl-cert=/sesame", "ssl-cert names"}, {"ssl-key=/sesame", "ssl-key names"},
        {"ssl-fp=sesame", "ssl-fp is"},         {"tls-version=sesame", "TLSv1.3"},
        {"tls-version=TLSv1.2,1.3", "TLSv1.3"}};
    char address[768];

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void)snprintf(address, sizeof(address), "%s?%s", server.uri, wrong[i][0]);
        shelf_refuses(address, HC_ERR_INVALID, "mysql");
        ck_assert_int_eq(shelf_open(), HC_ERR_INVALID);
        ck_assert_msg(strstr(err.message, wrong[i][1]) != NULL, "%s", err.message);
    }
}
END_TEST

/* S22 */
START_TEST(a_password_that_has_expired_is_told)
{
    skip_foreign();
    grant("ALL");
    shelf_sql("ALTER USER " ORDINARY "@'%' PASSWORD EXPIRE");
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "mysql://" ORDINARY ":open%%20sesame@127.0.0.1:%d/%s", server.port, base);
    ck_assert_int_eq(shelf_open(), HC_ERR_INVALID);
    ck_assert_int_eq(err.native, 1820);
    ck_assert_ptr_nonnull(strstr(err.message, "expired"));
    ck_assert_ptr_null(strstr(err.message, "sesame"));
}
END_TEST

START_TEST(a_session_that_the_server_ends_at_once_is_unavailable)
{
    skip_foreign();
    grant("ALL");
    shelf_sql("SET GLOBAL init_connect = 'no statement'");
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "mysql://" ORDINARY ":open%%20sesame@127.0.0.1:%d/%s", server.port, base);
    ck_assert_int_eq(shelf_open(), HC_ERR_UNAVAILABLE);
    shelf_sql("SET GLOBAL init_connect = ''");
    if (err.native == 2006 || err.native == 2013) /* it had gone before we wrote, and its word with it */
        return;
    ck_assert_int_eq(err.native, 1184);
    ck_assert_ptr_nonnull(strstr(err.message, "init_connect"));
}
END_TEST

START_TEST(a_user_without_rights_is_told_which)
{
    int32_t version = 7;
    char sql[100];
    shelf_book one;

    skip_foreign();
    shelf_book_init(&one, 1);
    open_as_ordinary("CREATE VIEW");
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_ERR_IO);
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_ptr_nonnull(strstr(err.message, "SELECT, INSERT"));
    open_as_ordinary("SELECT");
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_ERR_IO);
    ck_assert_int_eq(err.native, 1142);
    ck_assert_msg(strstr(err.message, "books") != NULL && strstr(err.message, "UPDATE") != NULL, "%s", err.message);
    ck_assert_uint_eq(err.flags & HC_ERROR_WRITTEN_MASK, HC_ERROR_WRITTEN_NO);
    (void)snprintf(sql, sizeof(sql), "DROP TABLE %s.schema_migrations", base);
    shelf_sql(sql);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_ERR_IO);
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_ptr_nonnull(strstr(err.message, "owner"));
}
END_TEST

/* A table that is another program's, and an index that is too wide for the server's pages. */
START_TEST(what_the_schema_does_not_go_into_is_told)
{
    static const uint16_t long_text[] = {1};
    static const hc_field fields[] = {{"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
                                      {"words", HC_TYPE_TEXT, 1000, 0, 0, 0, 0, NULL, NULL, 1, 0}};
    static const hc_index by_words = {"by_words", 0, 1, long_text, 1, 0};
    static const hc_kind notes = {"notes", HC_KIND_TRANSACTIONAL, 0, fields, 2, 1, &by_words, 1, 0, NULL, 0, 0};
    static const hc_step step = {HC_STEP_CREATE_KIND, 0, &notes};
    static const hc_migration wide = {1, 1, &step};
    char sql[100];

    skip_foreign();
    (void)snprintf(sql, sizeof(sql), "DROP TABLE %s.schema_migrations", base);
    shelf_sql(sql);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_ERR_SCHEMA);
    ck_assert_msg(strstr(err.message, "has books, and not by this library") != NULL, "%s", err.message);
    ck_assert_int_eq(driver->migrate(conn, &wide, 1, 0, &err), HC_ERR_INVALID);
    ck_assert_msg(strstr(err.message, "innodb_page_size") != NULL, "%s", err.message);
}
END_TEST

/* Nothing went wrong, and no line of the log says so. */
START_TEST(an_empty_database_is_no_fault)
{
    int32_t version = 7;
    char sql[100];

    shelf_close();
    (void)snprintf(sql, sizeof(sql), "DROP DATABASE %s", base);
    shelf_sql(sql);
    (void)snprintf(sql, sizeof(sql), "CREATE DATABASE %s", base);
    shelf_sql(sql);
    shelf_lines[0] = '\0';
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
    ck_assert_int_eq(version, 0);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_OK);
    ck_assert_str_eq(shelf_lines, "");
    (void)snprintf(sql, sizeof(sql), "DROP TABLE %s.books", base);
    shelf_sql(sql);
    ck_assert_int_eq(shelf_count(conn), -1);
    ck_assert_ptr_nonnull(strstr(shelf_lines, "1146"));
}
END_TEST

static void read_only_refuses(void)
{
    int32_t version = 7;

    ck_assert_msg(driver->schema(conn, &version, &err) == HC_OK && version == 0, "%d %s", (int)version, err.message);
    ck_assert_msg(driver->migrate(conn, &book_migration, 1, 0, &err) == HC_ERR_UNAVAILABLE, "%d %d %s", (int)err.status,
                  (int)err.native, err.message);
    ck_assert_ptr_nonnull(strstr(err.message, "read-only"));
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_ERR_UNAVAILABLE); /* another may be the primary */
    ck_assert_str_eq(shelf_lines, "");
}

/* S15: by read_only, for who has no right to write all the same, and by innodb_read_only. */
START_TEST(an_empty_database_of_a_read_only_server_is_unavailable)
{
    static const char *const settings[] = {"--innodb-read-only", "--innodb-buffer-pool-size=64M",
                                           "--innodb-log-file-size=32M", NULL};
    server_mysql own;
    char sql[100];

    skip_foreign();
    (void)snprintf(sql, sizeof(sql), "DROP TABLE %s.schema_migrations", base);
    shelf_sql(sql);
    open_as_ordinary("ALL");
    shelf_sql("SET GLOBAL read_only = 1");
    read_only_refuses();
    shelf_sql("SET GLOBAL read_only = 0");
    shelf_close();
    ck_assert_msg(server_mysql_start(&own), "%s", own.reason);
    own_server_end(&own.pid, SIGTERM);
    own.settings = settings;
    ck_assert_msg(server_mysql_again(&own), "%s", own.reason);
    (void)snprintf(uri, sizeof(uri), "%s", own.uri);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    read_only_refuses();
    shelf_close();
    server_mysql_stop(&own);
}
END_TEST

/* An administrator's settings end a statement, or take none so large, and it is told which. */
START_TEST(what_a_setting_of_the_server_refused_names_it)
{
    static char notes[40000];
    shelf_book one, two;

    skip_foreign();
    shelf_book_init(&one, 1);
    shelf_book_init(&two, 2);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN, &one.update, 1), HC_OK);
    ck_assert_int_eq(hc__my_run(conn, "SET SESSION max_statement_time = 0.02", NULL, NULL, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &one.update, 1), HC_ERR_TIMEOUT);
    ck_assert_msg(strstr(err.message, "max_statement_time") != NULL, "%s", err.message);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_ROLLBACK, NULL, 0), HC_OK);
    shelf_close();
    shelf_sql("SET GLOBAL max_allowed_packet = 32768");
    ck_assert_int_eq(shelf_open(), HC_OK);
    shelf_sql("SET GLOBAL max_allowed_packet = DEFAULT");
    memset(notes, ' ', sizeof(notes));
    memcpy(notes, "{}", 2);
    two.sets[3] = (hc_set){BOOK_NOTES, HC_SET_TO, 0, {HC_TYPE_JSON, sizeof(notes), {.bytes = notes}}};
    two.insert.set_count = 4;
    ck_assert_int_eq(shelf_run(conn, 0, &two.insert, 1), HC_ERR_TOO_LARGE);
    ck_assert_msg(strstr(err.message, "max_allowed_packet") != NULL, "%s", err.message);
    ck_assert_int_eq(shelf_count(conn), 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_a_server_sets_otherwise_changes_nothing);
    tcase_add_test(tcase, texts_are_stored_as_they_are_whatever_the_server_takes_them_for);
    tcase_add_test(tcase, what_no_session_can_be_had_with_is_named);
    tcase_add_test(tcase, a_password_that_has_expired_is_told);
    tcase_add_test(tcase, a_session_that_the_server_ends_at_once_is_unavailable);
    tcase_add_test(tcase, what_a_setting_of_the_server_refused_names_it);
    tcase_add_test(tcase, what_the_schema_does_not_go_into_is_told);
    tcase_add_test(tcase, a_user_without_rights_is_told_which);
    tcase_add_test(tcase, an_empty_database_is_no_fault);
    tcase_add_test(tcase, an_empty_database_of_a_read_only_server_is_unavailable);
}

int main(void)
{
    return shelf_main("unit.driver_mysql.opening", fill);
}
