/* The words table of a kind with tokens: one FTS5 row for each row, with the same rowid, written with it. */
#include "driver/sqlite/sqlite.h"

#include "base/fail.h"

static const hc_field *tokens_of(const hc_op *op, size_t set)
{
    const hc_field *field = &op->kind->fields[op->sets[set].field];

    return field->type == HC_TYPE_TOKENS ? field : NULL;
}

/* Parameters: the tokens in the order of the sets, then the pk. */
static void put_insert(hc__buf *sql, const hc_op *op)
{
    hc__buf_text(sql, "INSERT INTO ");
    hc__sql_name(sql, &hc__sqlite_dialect, op->kind->name, "_words");
    hc__buf_text(sql, " (");
    for (size_t i = 0; i < op->set_count; i++) {
        if (tokens_of(op, i) == NULL)
            continue;
        hc__sql_name(sql, &hc__sqlite_dialect, tokens_of(op, i)->name, "");
        hc__buf_text(sql, ",");
    }
    hc__buf_text(sql, "rowid) VALUES (");
    for (size_t i = 0; i < op->set_count; i++)
        hc__buf_text(sql, tokens_of(op, i) != NULL ? "?," : "");
    hc__buf_text(sql, "?)");
}

static void put_update(hc__buf *sql, const hc_op *op)
{
    const char *lead = " SET ";

    hc__buf_text(sql, "UPDATE ");
    hc__sql_name(sql, &hc__sqlite_dialect, op->kind->name, "_words");
    for (size_t i = 0; i < op->set_count; i++) {
        if (tokens_of(op, i) == NULL)
            continue;
        hc__buf_text(sql, lead);
        hc__sql_name(sql, &hc__sqlite_dialect, tokens_of(op, i)->name, "");
        hc__buf_text(sql, " = ?");
        lead = ", ";
    }
    hc__buf_text(sql, " WHERE rowid = ?");
}

hc_status hc__sqlite_words_prepare(hc__sqlite *conn, hc__statement *statement, const hc_op *op, hc_error *err)
{
    bool insert = op->verb == HC_VERB_INSERT || op->verb == HC_VERB_INSERT_IF_ABSENT;
    bool update = op->verb == HC_VERB_UPDATE_WHERE && hc__sql_sets_tokens(op);
    hc__buf sql;
    int rc;

    if (!hc__sql_has_tokens(op->kind) || !(insert || update || op->verb == HC_VERB_REMOVE_WHERE))
        return HC_OK;
    while (statement->words_from < op->set_count && tokens_of(op, statement->words_from) == NULL)
        statement->words_from++;
    hc__buf_init(&sql, conn->mem);
    if (insert) {
        put_insert(&sql, op);
    } else if (update) {
        put_update(&sql, op);
    } else {
        hc__buf_text(&sql, "DELETE FROM ");
        hc__sql_name(&sql, &hc__sqlite_dialect, op->kind->name, "_words");
        hc__buf_text(&sql, " WHERE rowid = ?");
    }
    rc = sql.failed ? SQLITE_NOMEM
                    : sqlite3_prepare_v3(conn->db, sql.data, (int)sql.size, SQLITE_PREPARE_PERSISTENT,
                                         &statement->words, NULL);
    hc__buf_free(&sql);
    return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
}

/* A row of another program has no words yet. */
static int add_row(hc__sqlite *conn, const hc_op *op, int64_t pk)
{
    sqlite3_stmt *stmt = NULL;
    hc__buf sql;
    int rc;

    hc__buf_init(&sql, conn->mem);
    hc__buf_text(&sql, "INSERT INTO ");
    hc__sql_name(&sql, &hc__sqlite_dialect, op->kind->name, "_words");
    hc__buf_text(&sql, " (rowid) VALUES (?)");
    rc = sql.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(conn->db, sql.data, (int)sql.size, &stmt, NULL);
    hc__buf_free(&sql);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_int64(stmt, 1, pk);
    sqlite3_step(stmt);
    return sqlite3_finalize(stmt);
}

static int run(sqlite3_stmt *stmt)
{
    int stepped = sqlite3_step(stmt);
    int rc = sqlite3_reset(stmt);

    return stepped == SQLITE_DONE ? SQLITE_OK : rc;
}

hc_status hc__sqlite_words_write(hc__sqlite *conn, const hc__statement *statement, const hc_op *op, int64_t pk,
                                 hc_error *err)
{
    sqlite3_stmt *stmt = statement->words;
    hc_status status = HC_OK;
    int at = 1;
    int rc;

    for (size_t i = statement->words_from; op->verb != HC_VERB_REMOVE_WHERE && i < op->set_count && status == HC_OK;
         i++) {
        if (tokens_of(op, i) != NULL)
            status = hc__sqlite_bind_value(conn, stmt, at++, &op->sets[i].value, tokens_of(op, i), err);
    }
    if (status < 0)
        return status;
    rc = sqlite3_bind_int64(stmt, at, pk);
    if (rc == SQLITE_OK)
        rc = run(stmt);
    if (rc == SQLITE_OK && op->verb == HC_VERB_UPDATE_WHERE && sqlite3_changes(conn->db) == 0) {
        rc = add_row(conn, op, pk);
        if (rc == SQLITE_OK)
            rc = run(stmt);
    }
    return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
}

/* hc_found(table, column, count): which of the first phrases of all that is matched stand in that column, bit i for
 * phrase i. Those of a second MATCH come behind those of the first. */
static void found(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *context, int count,
                  sqlite3_value **arguments)
{
    int column = count == 2 ? sqlite3_value_int(arguments[0]) : -1;
    int phrases = count == 2 ? sqlite3_value_int(arguments[1]) : 0;
    int rc = SQLITE_OK;
    int64_t bits = 0;

    for (int i = 0; i < phrases && i < api->xPhraseCount(fts) && rc == SQLITE_OK; i++) {
        Fts5PhraseIter at;
        int here = column;

        /* An index of one column keeps none: all that matches stands there. */
        if (api->xColumnCount(fts) > 1)
            rc = api->xPhraseFirstColumn(fts, i, &at, &here);
        while (rc == SQLITE_OK && here >= 0 && here < column)
            api->xPhraseNextColumn(fts, &at, &here);
        if (here == column)
            bits |= INT64_C(1) << i;
    }
    if (rc == SQLITE_OK)
        sqlite3_result_int64(context, bits);
    else
        sqlite3_result_error_code(context, rc);
}

int hc__sqlite_words_connect(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    fts5_api *api = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT fts5(?)", -1, &stmt, NULL);

    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr", NULL);
    sqlite3_step(stmt);
    rc = sqlite3_finalize(stmt);
    if (rc != SQLITE_OK)
        return rc;
    return api == NULL ? SQLITE_ERROR : api->xCreateFunction(api, "hc_found", NULL, found, NULL);
}
