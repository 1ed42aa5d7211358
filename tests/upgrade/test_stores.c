/* Stores that earlier versions wrote: opened, migrated, and every row compared through the public interface. */
#include <cjson/cJSON.h>
#include <glob.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "homeconnect/audit.h"
#include "homeconnect/copy.h"
#include "homeconnect/import.h"
#include "homeconnect/repair.h"
#include "house.h"
#include "on_server.h"
#include "work.h"

#define NEWEST "08"

static const char folder[] = HC_SOURCE_DIR "/tests/upgrade";
static const uint8_t secret[HC_SECRET_KEY_SIZE] = "a key of thirty-two bytes, fixed";
static const char key[] = "upgrade-1";
static const char csv[] = "key,title,price\n1,Imported once,100000.00\n2,Imported too,200000.00\n";
static const char mapping[] =
    "{\"source_system\":\"upgrade\",\"key\":\"key\",\"fields\":{\"title\":\"title\",\"price\":"
    "\"price\",\"address\":{\"const\":\"1 Old St\"},\"city\":{\"const\":\"Austin\"},\"state\":"
    "{\"const\":\"TX\"},\"zip_code\":{\"const\":\"78704\"},\"property_type\":{\"const\":"
    "\"house\"}}}";

static void open_store(void)
{
    hc_client_options options;

    house_options(&options);
    options.secret_key = secret;
    options.key_file = NULL;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    HOUSE_OK(hc_session_system(&house.system, house.client, err));
    HOUSE_OK(hc_session_guest(&house.guest, house.client, "203.0.113.7", err));
}

static void path_of(char *out, size_t size, const char *number, const char *suffix)
{
    snprintf(out, size, "%s/%s.%s", folder, number, suffix);
}

/* ---- what a store holds ---- */

static hc_status import(hc_import_counts *counts, hc_error *err)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    char path[400];
    FILE *file;

    snprintf(path, sizeof path, "%s/rows.csv", house.folder);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(csv, file);
    fclose(file);
    options.path = path;
    options.mapping = mapping;
    options.format = HC_FORMAT_CSV;
    return hc_import_run(counts, house.ana, &options, err);
}

static hc_status create_by_key(hc_id *out, hc_error *err)
{
    hc_property *home = house_sketch("Made by key", 77700000);
    hc_status status;

    HOUSE_OK(hc_session_set_idempotency_key(house.ana, key, err));
    status = hc_property_create(out, house.ana, home, err);
    hc_property_free(home);
    return status;
}

/* A listing with every field that an agent may set. */
static void list_full_home(void)
{
    hc_property *home = house_sketch("“Everything” at once; it's all here", 123456789);
    hc_id id;

    hc_property_set_description(home, "Line one\nline two\twith a tab, a \\ and a \"quote\". Ünïcödé 家 🏠.");
    hc_property_set_beds(home, 4);
    hc_property_set_baths(home, 175);
    hc_property_set_sqft(home, 2301);
    hc_property_set_lot_sqft(home, 9000);
    hc_property_set_year_built(home, 1999);
    hc_property_set_latitude(home, INT64_C(-3345678901));
    hc_property_set_longitude(home, INT64_C(15123456789));
    hc_property_set_country(home, "US");
    hc_property_set_listing_id(home, "MLS-1");
    hc_property_set_list_date(home, 20000);
    hc_property_set_original_price(home, 130000000);
    hc_property_set_property_subtype(home, HC_PROPERTY_SUBTYPE_SINGLE_FAMILY_RESIDENCE);
    hc_property_set_display_address_ok(home, 0);
    hc_property_set_time_zone(home, "America/Chicago");
    hc_property_set_exclusive_showings(home, 1);
    hc_property_set_extras(home, "{\"Roof\":[\"Slate\"],\"Stories\":2}");
    HOUSE_OK(hc_property_create(&id, house.ana, home, err));
    hc_property_free(home);
}

static void fill_store(void)
{
    hc_property *edit;
    hc_import_counts counts;
    hc_id id;

    house_people();
    house_listings();
    list_full_home();
    house_pass(HOUSE_MINUTE);
    edit = hc_property_edit(house.anas_home);
    hc_property_set_price(edit, 47500000);
    hc_property_set_standard_status(edit, HC_PROPERTY_STANDARD_PENDING);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err));
    HOUSE_OK(create_by_key(&id, err));
    HOUSE_OK(import(&counts, err));
    HOUSE_FAILS(hc_property_delete(house.bea, house.anas_ids[0], 2, err), HC_ERR_FORBIDDEN, "");
    live_a_day();
}

/* ---- the dump ---- */

static void put_rows(FILE *out, sqlite3 *db, const char *table)
{
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    sqlite3_stmt *stmt = NULL;

    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        fprintf(out, "INSERT INTO \"%s\" VALUES(", table);
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            sqlite3_str *text = sqlite3_str_new(db);
            char *value;

            switch (sqlite3_column_type(stmt, i)) {
            case SQLITE_NULL:
                sqlite3_str_appendall(text, "NULL");
                break;
            case SQLITE_TEXT:
                sqlite3_str_appendf(text, "%Q", sqlite3_column_text(stmt, i));
                break;
            case SQLITE_BLOB:
                sqlite3_str_appendall(text, "X'");
                for (int b = 0; b < sqlite3_column_bytes(stmt, i); b++)
                    sqlite3_str_appendf(text, "%02x", ((const unsigned char *)sqlite3_column_blob(stmt, i))[b]);
                sqlite3_str_appendall(text, "'");
                break;
            default:
                sqlite3_str_appendf(text, "%lld", sqlite3_column_int64(stmt, i));
            }
            value = sqlite3_str_finish(text);
            fprintf(out, "%s%s", i == 0 ? "" : ",", value);
            sqlite3_free(value);
        }
        fputs(");\n", out);
    }
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
}

/* Everything in the order in which it was made. The tables behind a virtual one come with it, then get their rows. */
static void dump_sql(const char *path)
{
    FILE *out = fopen(path, "w");
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;

    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(sqlite3_open_v2(house.path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    fprintf(out, "PRAGMA application_id=%lld;\nPRAGMA user_version=%lld;\nBEGIN;\n",
            (long long)house_sql("PRAGMA application_id"), (long long)house_sql("PRAGMA user_version"));
    ck_assert_int_eq(
        sqlite3_prepare_v2(
            db,
            "SELECT type, name, sql, EXISTS(SELECT 1 FROM sqlite_schema v WHERE v.sql LIKE 'CREATE VIRTUAL%'"
            " AND substr(s.name,1,length(v.name)+1)=v.name||'_') FROM sqlite_schema s WHERE sql IS NOT NULL"
            " AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
            -1, &stmt, NULL),
        SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 1),
                   *sql = (const char *)sqlite3_column_text(stmt, 2);
        bool table = strcmp((const char *)sqlite3_column_text(stmt, 0), "table") == 0;
        bool shadow = sqlite3_column_int(stmt, 3) != 0;

        if (shadow)
            fprintf(out, "DELETE FROM \"%s\";\n", name);
        else
            fprintf(out, "%s;\n", sql);
        if (table && strncmp(sql, "CREATE VIRTUAL", 14) != 0)
            put_rows(out, db, name);
    }
    fputs("COMMIT;\n", out);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    fclose(out);
}

static void put_line(FILE *out, const char *kind, hc_id id, hc_text *json)
{
    char text[HC_ID_TEXT_SIZE];

    hc_id_format(text, id);
    fprintf(out, "{\"kind\":\"%s\",\"id\":\"%s\",\"row\":%s}\n", kind, text, hc_text_data(json));
    hc_text_free(json);
}

static hc_query *everything(int32_t kind)
{
    hc_query *query = NULL;

    HOUSE_OK(hc_query_new(&query, house.client, kind, err));
    if (kind == HC_KIND_PROPERTY)
        HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_ALL, err));
    HOUSE_OK(hc_query_set_limit(query, 200, err));
    return query;
}

/* Every row as an admin reads it, the number of rows of every table, and a token that is valid for an hour. */
static void dump_lines(const char *path)
{
    FILE *out = fopen(path, "w");
    hc_query *query = everything(HC_KIND_USER);
    hc_user_page *users;
    hc_agent_page *agents;
    hc_property_page *homes;
    snapshot tables = house_snapshot();
    hc_text *json;

    ck_assert_ptr_nonnull(out);
    for (size_t i = 0; i < tables.count; i++)
        if (strstr(tables.tables[i].name, "_words") == NULL && strncmp(tables.tables[i].name, "audit_", 6) != 0)
            fprintf(out, "{\"kind\":\"table\",\"name\":\"%s\",\"rows\":%lld}\n", tables.tables[i].name,
                    (long long)tables.tables[i].rows);
    fprintf(out, "{\"kind\":\"table\",\"name\":\"audit_log\",\"rows\":%lld}\n", (long long)tables.audit_rows);
    fprintf(out, "{\"kind\":\"token\",\"token\":\"%s\"}\n", hc_session_token(house.ana));
    HOUSE_OK(hc_user_list(&users, house.system, query, err));
    for (size_t i = 0; i < hc_user_page_count(users); i++) {
        HOUSE_OK(hc_user_to_json(&json, hc_user_page_at(users, i), err));
        put_line(out, "user", hc_user_id(hc_user_page_at(users, i)), json);
    }
    hc_query_free(query);
    query = everything(HC_KIND_AGENT);
    HOUSE_OK(hc_agent_list(&agents, house.system, query, err));
    for (size_t i = 0; i < hc_agent_page_count(agents); i++) {
        HOUSE_OK(hc_agent_to_json(&json, hc_agent_page_at(agents, i), err));
        put_line(out, "agent", hc_agent_user_id(hc_agent_page_at(agents, i)), json);
    }
    hc_query_free(query);
    query = everything(HC_KIND_PROPERTY);
    HOUSE_OK(hc_property_list(&homes, house.system, query, err));
    for (size_t i = 0; i < hc_property_page_count(homes); i++) {
        HOUSE_OK(hc_property_to_json(&json, hc_property_page_at(homes, i), err));
        put_line(out, "property", hc_property_id(hc_property_page_at(homes, i)), json);
    }
    HOUSE_OK(hc_property_to_json(&json, house.bens_home, err));
    put_line(out, "deleted", house.bens_id, json);
    put_work(out);
    hc_query_free(query);
    hc_user_page_free(users);
    hc_agent_page_free(agents);
    hc_property_page_free(homes);
    fclose(out);
}

static void dump(void)
{
    char path[400];

    house_set_time(HOUSE_START);
    house_folder();
    open_store();
    fill_store();
    path_of(path, sizeof path, NEWEST, "jsonl");
    dump_lines(path);
    path_of(path, sizeof path, NEWEST, "sql");
    dump_sql(path);
    house_close();
}

/* ---- the comparison ---- */

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text;
    long size;

    ck_assert_msg(file != NULL, "%s is missing", path);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    text = calloc(1, (size_t)size + 1);
    ck_assert_uint_eq(fread(text, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    return text;
}

static void load(const char *path)
{
    char *sql = file_text(path), *error = NULL;
    sqlite3 *db = NULL;

    if (!house_is_a_file()) {
        open_store();
        house_leave();
        load_on_server(sql);
        free(sql);
        return;
    }
    ck_assert_int_eq(sqlite3_open_v2(house.path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK, "%s: %s", path, error);
    sqlite3_close(db);
    free(sql);
}

static bool by_copy; /* the store was a file, and is compared where it was copied to */

/* The file is opened, which brings it up to date, and copied to the house. */
static void load_and_copy(const char *path)
{
    hc_client_options options;
    hc_copy_options to = HC_COPY_OPTIONS_INIT;
    hc_client *client = NULL;
    char *sql = file_text(path), *error = NULL, uri[640];
    sqlite3 *db = NULL;

    snprintf(uri, sizeof uri, "sqlite:%s/old.db", house.folder);
    ck_assert_int_eq(sqlite3_open(uri + strlen("sqlite:"), &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK, "%s: %s", path, error);
    sqlite3_close(db);
    free(sql);
    house_options(&options);
    options.storage_uri = uri;
    options.secret_key = secret;
    options.key_file = NULL;
    HOUSE_OK(hc_client_open(&client, &options, err));
    to.storage_uri = house.uri;
    HOUSE_OK(hc_copy(NULL, client, &to, err));
    hc_client_close(client);
}

static const char *text_in(const cJSON *line, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, name));

    ck_assert_msg(text != NULL, "a line without %s", name);
    return text;
}

/* Every member that was there is there and the same; later versions may have added some. `but`: names to skip. */
static void same_row(const cJSON *line, hc_text *now, const char *but)
{
    cJSON *row = cJSON_Parse(hc_text_data(now));
    const cJSON *member;

    ck_assert_ptr_nonnull(row);
    cJSON_ArrayForEach(member, cJSON_GetObjectItemCaseSensitive(line, "row"))
    {
        const cJSON *there = cJSON_GetObjectItemCaseSensitive(row, member->string);

        if (strstr(but, member->string) == NULL)
            ck_assert_msg(cJSON_Compare(member, there, 1), "%s %s: %s differs", text_in(line, "kind"),
                          text_in(line, "id"), member->string);
    }
    cJSON_Delete(row);
    hc_text_free(now);
}

static hc_id id_in(const cJSON *line)
{
    const char *text = text_in(line, "id");
    hc_id id;

    HOUSE_OK(hc_id_parse(&id, text, strlen(text), err));
    return id;
}

static void compare_home(const cJSON *line, bool deleted)
{
    hc_property *home = NULL;
    hc_text *json;

    if (deleted) {
        HOUSE_FAILS(hc_property_get(&home, house.system, id_in(line), err), HC_ERR_NOT_FOUND, "id");
        HOUSE_OK(hc_property_restore(NULL, house.system, id_in(line), err));
    }
    home = house_read(house.system, id_in(line));
    HOUSE_OK(hc_property_to_json(&json, home, err));
    same_row(line, json, deleted ? "version updated_at deleted_at" : "");
    hc_property_free(home);
}

/* False for a line of another kind. */
static bool compare_work(const cJSON *line)
{
    for (size_t i = 0; i < sizeof work_kinds / sizeof work_kinds[0]; i++)
        if (strcmp(text_in(line, "kind"), work_kinds[i].kind) == 0) {
            hc_text *now = work_kinds[i].now(id_in(line));

            ck_assert_msg(now != NULL, "%s %s is gone", work_kinds[i].kind, text_in(line, "id"));
            same_row(line, now, "");
            return true;
        }
    return false;
}

static void compare_line(const cJSON *line)
{
    const char *kind = text_in(line, "kind");
    hc_user *user = NULL;
    hc_agent *agent = NULL;
    hc_text *json;
    char sql[200];
    int more;

    if (compare_work(line))
        return;
    if (strcmp(kind, "table") == 0) {
        if (strcmp(text_in(line, "name"), "schema_migrations") == 0)
            return; /* grew when the store was opened */
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s%s", text_in(line, "name"),
                 strcmp(text_in(line, "name"), "idempotency_keys") == 0 ? " WHERE key IS NOT NULL" : "");
        /* each copy is told in the log */
        more = by_copy && strcmp(text_in(line, "name"), "audit_log") == 0;
        ck_assert_msg(house_sql(sql) == (int64_t)cJSON_GetObjectItem(line, "rows")->valuedouble + more, "rows of %s",
                      text_in(line, "name"));
    } else if (strcmp(kind, "token") == 0) {
        const char *token = text_in(line, "token");

        HOUSE_OK(hc_session_open(&house.ana, house.client, token, strlen(token), NULL, err));
    } else if (strcmp(kind, "user") == 0) {
        HOUSE_OK(hc_user_get(&user, house.system, id_in(line), err));
        HOUSE_OK(hc_user_to_json(&json, user, err));
        same_row(line, json, "");
    } else if (strcmp(kind, "agent") == 0) {
        HOUSE_OK(hc_agent_get(&agent, house.system, id_in(line), err));
        HOUSE_OK(hc_agent_to_json(&json, agent, err));
        same_row(line, json, "");
    } else {
        ck_assert(strcmp(kind, "property") == 0 || strcmp(kind, "deleted") == 0);
        compare_home(line, strcmp(kind, "deleted") == 0);
    }
    hc_user_free(user);
    hc_agent_free(agent);
}

static void compare(const char *number)
{
    char path[400];
    char *text;
    int lines = 0;
    hc_import_counts counts;
    hc_query *query;
    hc_property_page *page;
    hc_id id;

    house_set_time(HOUSE_START + 5 * HOUSE_MINUTE);
    house_folder();
    path_of(path, sizeof path, number, "sql");
    if (by_copy)
        load_and_copy(path);
    else
        load(path);
    open_store();
    path_of(path, sizeof path, number, "jsonl");
    text = file_text(path);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        cJSON *json = cJSON_Parse(line);

        ck_assert_msg(json != NULL, "%s: line %d is no JSON", path, lines + 1);
        compare_line(json);
        cJSON_Delete(json);
        lines++;
    }
    ck_assert_int_gt(lines, 20);
    /* What has no reader of its own still does its work: keys, import rows, words, passwords. */
    ck_assert_int_eq(create_by_key(&id, NULL), HC_NOTE_REPLAYED);
    HOUSE_OK(import(&counts, err));
    ck_assert_int_eq(counts.unchanged, 2);
    if (!house_is_a_file() && !by_copy) /* the file of a store does not tell its words */
        HOUSE_OK(hc_repair_derived(house.client, NULL, NULL, NULL, err));
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_PROPERTY, err));
    HOUSE_OK(hc_query_set_text(query, "everything unicode", err));
    HOUSE_OK(hc_property_list(&page, house.guest, query, err));
    ck_assert_uint_eq(hc_property_page_count(page), 1);
    hc_property_page_free(page);
    hc_query_free(query);
    house.bea = house_login("bea@example.com", HOUSE_PASSWORD);
    if (strcmp(number, "03") > 0)
        check_work();
    house_settle(); /* a server numbers and seals later */
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE seq IS NULL"), 0);
    ck_assert_int_eq(house_sql("SELECT max(seq) - count(DISTINCT seq) FROM events"), 0);
    HOUSE_OK(hc_audit_verify(NULL, house.system, NULL, err)); /* its rows were sealed when it was opened */
    free(text);
    printf("upgrade: %s.sql, %d lines compared\n", number, lines);
    house_close();
}

static void compare_all(void)
{
    char pattern[400];
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/[0-9][0-9].sql", folder);
    ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char number[3] = {0};

        memcpy(number, strrchr(found.gl_pathv[i], '/') + 1, 2);
        compare(number);
    }
    globfree(&found);
}

START_TEST(stores_of_earlier_versions_open_with_all_their_rows)
{
    const char *update = house_is_a_file() ? getenv("HC_UPDATE") : NULL;

    if (update != NULL && strcmp(update, "1") == 0)
        dump();
    compare_all();
}
END_TEST

START_TEST(copies_of_them_have_all_their_rows)
{
    by_copy = true;
    compare_all();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, stores_of_earlier_versions_open_with_all_their_rows);
    tcase_add_test(tcase, copies_of_them_have_all_their_rows);
}

int main(void)
{
    return suite_main("upgrade.stores", fill, NULL, NULL);
}
