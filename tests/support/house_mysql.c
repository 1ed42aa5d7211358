#include "house_store.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server_mysql.h"

static const char *server(void)
{
    const char *out = getenv("HC_TEST_MARIADB_URI");

    ck_assert_msg(out != NULL, "HC_TEST_STORE=mysql needs HC_TEST_MARIADB_URI (see tests/support/with_mysql.c)");
    return out;
}

/* ---- SQLite's spelling ---- */

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '`';
}

/* Words of the statement, outside of its texts, that this engine says otherwise. */
static const struct word {
    const char *from, *to;
    bool call; /* only with a parenthesis behind it */
} words[] = {
    {"at", "hc_test.at", true},
    {"us", "hc_test.us", true},
    {"day", "hc_test.day", true},
    {"scaled", "hc_test.scaled", true},
    {"units", "hc_test.units", true},
    {"json_text", "hc_test.json_text", true},
    {"json_array_length", "hc_test.json_array_length", true},
    {"randomblob", "hc_test.randomblob", true},
    {"zeroblob", "hc_test.zeroblob", true},
    {"BLOB", "BINARY", false},
    {"key", "`key`", false},
    {"change", "`change`", false},
};

static const struct word *find_word(const char *at, size_t size)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i].from) == size && memcmp(words[i].from, at, size) == 0 &&
            (!words[i].call || at[size] == '('))
            return &words[i];
    return NULL;
}

static const char *respell(const char *sql)
{
    static _Thread_local char out[65536];
    size_t used = 0;
    bool quoted = false;

    while (*sql != '\0' && used + 512 < sizeof out) {
        size_t size = 0;
        const struct word *word;

        quoted = quoted != (*sql == '\'');
        while (!quoted && in_word(sql[size]))
            size++;
        if (size == 0) {
            out[used++] = *sql++;
            continue;
        }
        word = find_word(sql, size);
        if (size > 6 && strncmp(sql, "other.", 6) == 0)
            used += (size_t)snprintf(out + used, sizeof out - used, "%s.%.*s", house_other, (int)size - 6, sql + 6);
        else if (word != NULL)
            used += (size_t)snprintf(out + used, sizeof out - used, "%s", word->to);
        else
            used += (size_t)snprintf(out + used, sizeof out - used, "%.*s", (int)size, sql);
        sql += size;
    }
    out[used] = '\0';
    ck_assert_msg(*sql == '\0', "the statement is too long");
    return out;
}

/* ---- looking ---- */

static void tell(MYSQL *conn, const char *sql)
{
    ck_assert_msg(mysql_query(conn, sql) == 0, "%s: %s", sql, mysql_error(conn));
}

static void *open_database(void)
{
    MYSQL *conn = server_mysql_look(server(), house.schema);

    ck_assert_msg(conn != NULL, "no way into %s", house.schema);
    mysql_set_server_option(conn, MYSQL_OPTION_MULTI_STATEMENTS_ON);
    tell(conn, "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES',"
               " time_zone = '+00:00', lock_wait_timeout = 60, max_recursive_iterations = 1000000");
    return conn;
}

static void close_database(void *conn)
{
    mysql_close(conn);
}

/* As the library's own types: microseconds, days, units at the scale. */
static house_value value(const MYSQL_FIELD *field, const char *text, size_t size, char *room, size_t room_size)
{
    house_value out = {text, size};
    struct tm day = {0};
    size_t used = 0;

    if (text == NULL)
        return out;
    if (field->type == MYSQL_TYPE_NEWDECIMAL && memchr(text, '.', size) != NULL) {
        for (; *text != '\0' && used < room_size; text++)
            if (*text != '.')
                room[used++] = *text;
        return (house_value){room, used};
    }
    if (field->type != MYSQL_TYPE_DATETIME && field->type != MYSQL_TYPE_DATE)
        return out;
    {
        char micros[7] = "000000";
        const char *fraction = strchr(text, '.');

        sscanf(text, "%d-%d-%d %d:%d:%d", &day.tm_year, &day.tm_mon, &day.tm_mday, &day.tm_hour, &day.tm_min,
               &day.tm_sec);
        day.tm_year -= 1900;
        day.tm_mon--;
        if (fraction != NULL)
            memcpy(micros, fraction + 1, strspn(fraction + 1, "0123456789"));
        out.bytes = room;
        out.size = (size_t)snprintf(room, room_size, "%lld",
                                    field->type == MYSQL_TYPE_DATE
                                        ? (long long)timegm(&day) / 86400
                                        : (long long)timegm(&day) * 1000000 + strtoll(micros, NULL, 10));
    }
    return out;
}

static void give(MYSQL_RES *result, house_row_fn row, void *data)
{
    const MYSQL_FIELD *fields = mysql_fetch_fields(result);
    int count = (int)mysql_num_fields(result);
    house_value values[HOUSE_COLUMNS];
    char room[HOUSE_COLUMNS][48];
    MYSQL_ROW at;

    ck_assert_int_le(count, HOUSE_COLUMNS);
    while ((at = mysql_fetch_row(result)) != NULL) {
        const unsigned long *sizes = mysql_fetch_lengths(result);

        for (int i = 0; i < count; i++)
            values[i] = value(&fields[i], at[i], sizes[i], room[i], sizeof room[i]);
        row(values, count, data);
    }
}

static void rows(void *conn, const char *sql, house_row_fn row, void *data)
{
    MYSQL_RES *result;

    tell(conn, respell(sql));
    result = mysql_store_result(conn);
    ck_assert_msg(result != NULL || mysql_errno(conn) == 0, "%s: %s", sql, mysql_error(conn));
    if (result != NULL)
        give(result, row, data);
    mysql_free_result(result);
}

static int64_t change(void *conn, const char *sql)
{
    int64_t out = 0;
    int more = 0;

    tell(conn, respell(sql));
    while (more == 0) {
        MYSQL_RES *result = mysql_store_result(conn);

        out = result == NULL ? (int64_t)mysql_affected_rows(conn) : 0;
        mysql_free_result(result);
        more = mysql_next_result(conn);
    }
    ck_assert_msg(more == -1, "%s: %s", sql, mysql_error(conn));
    return out;
}

/* ---- a database of its own ---- */

static void create(char *uri, size_t size, const char *suffix)
{
    MYSQL *conn = server_mysql_look(server(), "mysql");
    char name[96], sql[160];

    ck_assert_ptr_nonnull(conn);
    snprintf(name, sizeof name, "%s%s", house.schema, suffix);
    snprintf(sql, sizeof sql, "CREATE DATABASE %s", name);
    tell(conn, sql);
    mysql_close(conn);
    server_mysql_uri(uri, size, server(), name);
}

static void make(void)
{
    static int made;

    house.path[0] = '\0';
    snprintf(house.schema, sizeof house.schema, "house_%d_%d", (int)getpid(), ++made);
    create(house.uri, sizeof house.uri, "");
}

static void beside(char *uri, size_t size)
{
    create(uri, size, "_beside");
}

static void drop(void)
{
    MYSQL *conn;
    char sql[160];

    if (house.schema[0] == '\0')
        return;
    conn = server_mysql_look(server(), "mysql");
    ck_assert_ptr_nonnull(conn);
    tell(conn, "SET SESSION lock_wait_timeout = 2"); /* a client that a test left open may hold locks */
    for (int i = 0; i < 2; i++) {
        snprintf(sql, sizeof sql, "DROP DATABASE IF EXISTS %s%s", house.schema, i == 0 ? "" : "_beside");
        (void)mysql_query(conn, sql);
    }
    mysql_close(conn);
    house.schema[0] = '\0';
}

static const char *version(void)
{
    static char out[32];
    MYSQL *conn = server_mysql_look(server(), NULL);
    const char *text = conn == NULL ? "?" : mysql_get_server_info(conn);

    snprintf(out, sizeof out, "%.*s", (int)strspn(text, "0123456789."), text);
    mysql_close(conn);
    return out;
}

const house_store house_on_mysql = {"mysql",
                                    "SELECT table_name FROM information_schema.tables WHERE table_schema = database()"
                                    " ORDER BY table_name",
                                    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
                                    "LOCK TABLES properties READ",
                                    make,
                                    drop,
                                    beside,
                                    open_database,
                                    close_database,
                                    rows,
                                    change,
                                    version};
