#include "raw_log.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "raw_sqlite.h"

struct raw_log {
    sqlite3 *db;
    sqlite3_stmt *insert;
    uint64_t minted;
};

struct raw_log *raw_log_open(const char *path)
{
    static const char insert[] =
        "INSERT INTO activity_logs(id,user_id,action,target_id,metadata,timestamp,session_id,ip,event_class) SELECT "
        "?1,?2,?3,?4,?5,?6,?7,?8,'analytics' WHERE EXISTS(SELECT 1 FROM properties WHERE id=?4 AND deleted_at IS NULL "
        "AND display_ok=1 AND status IS NOT NULL)";
    struct raw_log *log = calloc(1, sizeof(*log));

    if (log == NULL ||
        sqlite3_open_v2(path, &log->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
        sqlite3_exec(log->db,
                     "PRAGMA synchronous=FULL;PRAGMA cache_size=-" RAW_CACHE_KIB ";PRAGMA cell_size_check=ON;"
                     "PRAGMA secure_delete=FAST;PRAGMA journal_size_limit=67108864;PRAGMA foreign_keys=ON",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v3(log->db, insert, -1, SQLITE_PREPARE_PERSISTENT, &log->insert, NULL) != SQLITE_OK)
        return NULL;
    sqlite3_busy_timeout(log->db, 5000);
    return log;
}

void raw_log_close(struct raw_log *log)
{
    sqlite3_finalize(log->insert);
    sqlite3_close(log->db);
    free(log);
}

/* An ObjectId's seconds and random bytes around the constant ones of its UUIDv8. */
static void mint(struct raw_log *log, uint8_t out[16], int64_t now)
{
    static const uint8_t mark[4] = {0x8f, 0x0b, 0xb1, 0xd0};
    uint64_t random = (++log->minted ^ (uint64_t)now) * UINT64_C(0x9E3779B97F4A7C15);

    random ^= random >> 29;
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(now / 1000000 >> (24 - 8 * i));
    memcpy(out + 4, &random, 2);
    memcpy(out + 6, mark, sizeof mark);
    memcpy(out + 10, (uint8_t *)&random + 2, 6);
}

bool raw_log_many(struct raw_log *log, const struct raw_log_entry *entries, size_t count, const uint8_t user[16],
                  const char *network, int64_t now)
{
    sqlite3_stmt *stmt = log->insert;
    bool good = sqlite3_exec(log->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;

    for (size_t i = 0; i < count && good; i++) {
        char metadata[96];
        uint8_t id[16];
        int size =
            snprintf(metadata, sizeof metadata, "{\"device\":\"mobile\",\"duration_seconds\":%d}", entries[i].seconds);

        mint(log, id, now);
        sqlite3_bind_blob(stmt, 1, id, 16, SQLITE_STATIC);
        sqlite3_bind_blob(stmt, 2, user, 16, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 3, entries[i].action, -1, SQLITE_STATIC);
        sqlite3_bind_blob(stmt, 4, entries[i].target, 16, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 5, metadata, size, SQLITE_STATIC);
        sqlite3_bind_int64(stmt, 6, now - now % 1000);
        sqlite3_bind_text(stmt, 7, entries[i].session, -1, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 8, network, -1, SQLITE_STATIC);
        good = sqlite3_step(stmt) == SQLITE_DONE && sqlite3_changes(log->db) == 1;
        sqlite3_reset(stmt);
    }
    if (!good)
        fprintf(stderr, "raw log: %s\n", sqlite3_errmsg(log->db));
    return good && sqlite3_exec(log->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
}
