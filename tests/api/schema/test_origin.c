/* Every column of the design that this platform grew from exists under its name, with a type that holds what it held;
 * and no other column is in the way of a program that knows these alone (domain.md D1). */
#include <stdio.h>
#include <string.h>

#include "house.h"

typedef enum kind { UUID, WORD, TEXT, MOMENT, NUMBER, INTEGER, JSON } kind;

/* Who inserts must give it, as they had to; everything else may be left out. */
#define GIVEN true
#define FREE  false

static const struct column {
    const char *table, *name;
    kind kind;
    int size, scale; /* code points of words, digits of numbers, at least */
    bool given;
} columns[] = {
    {"users", "id", UUID, 0, 0, FREE},
    {"users", "email", WORD, 255, 0, GIVEN},
    {"users", "password_hash", WORD, 255, 0, GIVEN},
    {"users", "full_name", WORD, 100, 0, GIVEN},
    {"users", "role", WORD, 6, 0, GIVEN},
    {"users", "phone", WORD, 20, 0, FREE},
    {"users", "created_at", MOMENT, 0, 0, FREE},
    {"users", "updated_at", MOMENT, 0, 0, FREE},
    {"agents", "user_id", UUID, 0, 0, GIVEN},
    {"agents", "agency_name", WORD, 100, 0, FREE},
    {"agents", "license_number", WORD, 50, 0, FREE},
    {"agents", "bio", TEXT, 4000, 0, FREE},
    {"agents", "rating", NUMBER, 3, 2, FREE},
    {"agents", "total_sales", INTEGER, 0, 0, FREE},
    {"agents", "commission_rate", NUMBER, 5, 2, FREE},
    {"properties", "id", UUID, 0, 0, FREE},
    {"properties", "agent_id", UUID, 0, 0, FREE},
    {"properties", "title", WORD, 255, 0, GIVEN},
    {"properties", "description", TEXT, 20000, 0, FREE},
    {"properties", "price", NUMBER, 12, 2, GIVEN},
    {"properties", "address", WORD, 255, 0, GIVEN},
    {"properties", "city", WORD, 100, 0, GIVEN},
    {"properties", "state", WORD, 50, 0, GIVEN},
    {"properties", "zip_code", WORD, 20, 0, GIVEN},
    {"properties", "beds", INTEGER, 0, 0, FREE},
    {"properties", "baths", NUMBER, 3, 1, FREE},
    {"properties", "sqft", INTEGER, 0, 0, FREE},
    {"properties", "property_type", WORD, 9, 0, GIVEN},
    {"properties", "status", WORD, 7, 0, FREE},
    {"properties", "created_at", MOMENT, 0, 0, FREE},
    {"leads", "id", UUID, 0, 0, FREE},
    {"leads", "buyer_id", UUID, 0, 0, FREE},
    {"leads", "agent_id", UUID, 0, 0, FREE},
    {"leads", "property_id", UUID, 0, 0, FREE},
    {"leads", "status", WORD, 9, 0, FREE},
    {"leads", "source", WORD, 50, 0, FREE},
    {"leads", "notes", TEXT, 20000, 0, FREE},
    {"leads", "created_at", MOMENT, 0, 0, FREE},
    {"appointments", "id", UUID, 0, 0, FREE},
    {"appointments", "lead_id", UUID, 0, 0, FREE},
    {"appointments", "agent_id", UUID, 0, 0, FREE},
    {"appointments", "property_id", UUID, 0, 0, FREE},
    {"appointments", "scheduled_time", MOMENT, 0, 0, GIVEN},
    {"appointments", "status", WORD, 9, 0, FREE},
    {"appointments", "created_at", MOMENT, 0, 0, FREE},
    {"property_documents", "property_id", UUID, 0, 0, GIVEN},
    {"property_documents", "images", JSON, 0, 0, FREE},
    {"property_documents", "documents", JSON, 0, 0, FREE},
    {"property_documents", "virtual_tour_url", TEXT, 255, 0, FREE},
    {"activity_logs", "user_id", UUID, 0, 0, FREE},
    {"activity_logs", "action", TEXT, 64, 0, GIVEN},
    {"activity_logs", "target_id", UUID, 0, 0, FREE},
    {"activity_logs", "metadata", JSON, 0, 0, FREE},
    {"activity_logs", "timestamp", MOMENT, 0, 0, FREE},
    {"ai_chat_history", "user_id", UUID, 0, 0, GIVEN},
    {"ai_chat_history", "session_id", TEXT, 36, 0, GIVEN},
    {"ai_chat_history", "messages", JSON, 0, 0, FREE},
    {"ai_chat_history", "summary", TEXT, 4000, 0, FREE},
};

#define COLUMNS (sizeof columns / sizeof columns[0])

/* Names of information_schema, with the sizes that are asked for where they stand in its columns. */
static const struct type {
    kind kind;
    const char *name;
    int least; /* of the length; 0: no length is told or asked for */
} types[] = {
    {UUID, "uuid", 0},
    {UUID, "binary", 16},
    {WORD, "character varying", 1},
    {WORD, "varchar", 1},
    {WORD, "enum", 1},
    {TEXT, "character varying", 1},
    {TEXT, "varchar", 1},
    {TEXT, "text", 0},
    {TEXT, "mediumtext", 0},
    {TEXT, "longtext", 0},
    {MOMENT, "timestamp with time zone", 0},
    {MOMENT, "datetime", 0},
    {NUMBER, "numeric", 0},
    {NUMBER, "decimal", 0},
    {INTEGER, "integer", 0},
    {INTEGER, "int", 0},
    {JSON, "jsonb", 0},
    {JSON, "json", 0},
    {JSON, "longtext", 0},
};

static int number(const house_value *value)
{
    char text[24] = "";

    if (value->bytes != NULL)
        snprintf(text, sizeof text, "%.*s", (int)value->size, (const char *)value->bytes);
    return (int)strtol(text, NULL, 10);
}

static bool is(const house_value *value, const char *text)
{
    return value->bytes != NULL && value->size == strlen(text) && memcmp(value->bytes, text, value->size) == 0;
}

static bool holds(const struct column *column, const house_value *values)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].kind != column->kind || !is(&values[2], types[i].name))
            continue;
        if (column->kind == NUMBER)
            return number(&values[4]) - number(&values[5]) >= column->size - column->scale &&
                   number(&values[5]) >= column->scale;
        return types[i].least == 0 || number(&values[3]) >= (column->size > 0 ? column->size : types[i].least);
    }
    return false;
}

static bool seen[COLUMNS];

/* table, column, type, length, digits, scale, nullable, default, made by the engine */
static void take_column(const house_value *values, int count, void *data)
{
    const struct column *column = NULL;
    bool free_to_leave;

    (void)data;
    ck_assert_int_eq(count, 9);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (is(&values[0], columns[i].table) && is(&values[1], columns[i].name)) {
            column = &columns[i];
            seen[i] = true;
        }
    }
    free_to_leave = is(&values[6], "YES") || values[7].bytes != NULL || number(&values[8]) == 1;
    ck_assert_msg(free_to_leave || (column != NULL && column->given), "%.*s.%.*s must be given", (int)values[0].size,
                  (const char *)values[0].bytes, (int)values[1].size, (const char *)values[1].bytes);
    if (column != NULL)
        ck_assert_msg(holds(column, values), "%s.%s is %.*s(%d,%d,%d)", column->table, column->name,
                      (int)values[2].size, (const char *)values[2].bytes, number(&values[3]), number(&values[4]),
                      number(&values[5]));
}

START_TEST(each_column_of_the_origin_is_there)
{
    bool mysql = strcmp(house_engine(), "mysql") == 0;
    char sql[1000];

    if (house_is_a_file()) {
        printf("skip: types of a file are SQLite's own\n");
        for (size_t i = 0; i < COLUMNS; i++) {
            snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_table_info('%s') WHERE name='%s'", columns[i].table,
                     columns[i].name);
            ck_assert_msg(house_sql(sql) == 1, "%s.%s", columns[i].table, columns[i].name);
        }
        return;
    }
    snprintf(sql, sizeof sql,
             "SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,"
             " is_nullable, column_default, CASE WHEN %s THEN 1 ELSE 0 END FROM information_schema.columns WHERE"
             " table_schema = %s AND table_name IN ('users','agents','properties','leads','appointments',"
             "'property_documents','activity_logs','ai_chat_history')",
             mysql ? "extra LIKE '%auto_increment%'" : "is_identity = 'YES'",
             mysql ? "database()" : "current_schema()");
    house_rows(sql, take_column, NULL);
    for (size_t i = 0; i < COLUMNS; i++)
        ck_assert_msg(seen[i], "there is no %s.%s", columns[i].table, columns[i].name);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, each_column_of_the_origin_is_there);
}

int main(void)
{
    return suite_main("api.schema.origin", fill, house_open, house_close);
}
