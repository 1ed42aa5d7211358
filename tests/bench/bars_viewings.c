/* Free slots of an agent over 180 days, 2,000 appointments and 50 exceptions, against one statement that reads the same
 * rows of appointment_slots. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "homeconnect/agent.h"
#include "homeconnect/appointment.h"

#define APPOINTMENTS 2000
#define EXCEPTIONS   50
#define SLOT         INT64_C(300000000)
#define DAY          INT64_C(86400000000)

static hc_client *client;
static hc_session *caller;
static hc_id agent;
static sqlite3 *db;
static sqlite3_stmt *reading;
static int64_t today, sink;

/* ---- the store ---- */

static void hours(char *out, size_t size)
{
    static const char *const days[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    size_t n = (size_t)snprintf(out, size, "{\"time_zone\":\"America/Chicago\",\"working_hours\":{");

    for (int i = 0; i < 7; i++)
        n += (size_t)snprintf(out + n, size - n, "%s\"%s\":[[\"08:00\",\"20:00\"]]", i == 0 ? "" : ",", days[i]);
    n += (size_t)snprintf(out + n, size - n, "},\"exceptions\":[");
    for (int i = 0; i < EXCEPTIONS; i++) {
        time_t date = (time_t)(today / 1000000 + i * 3 * 86400);
        struct tm t;

        gmtime_r(&date, &t);
        n += (size_t)snprintf(out + n, size - n, "%s{\"date\":\"%04d-%02d-%02d\",\"hours\":[[\"10:00\",\"16:00\"]]}",
                              i == 0 ? "" : ",", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
    }
    snprintf(out + n, size - n, "]}");
}

static void give_hours(hc_session *system)
{
    char json[8192];
    hc_agent *row, *edit;
    hc_error err;

    hours(json, sizeof(json));
    must(hc_agent_get(&row, system, agent, &err), &err, "agent");
    edit = hc_agent_edit(row);
    must(hc_agent_from_json(edit, json, strlen(json), &err), &err, "hours");
    must(hc_agent_update(NULL, system, edit, &err), &err, "agent");
    hc_agent_free(edit);
    hc_agent_free(row);
}

static void run_sql(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die("%s: %s", sql, sqlite3_errmsg(db));
}

/* Eleven or twelve half-hours of each day. */
static void take_time(void)
{
    sqlite3_stmt *slot;

    if (sqlite3_prepare_v2(db,
                           "INSERT INTO appointment_slots(id,resource_kind,resource_id,slot_no,appointment_id)"
                           " VALUES(randomblob(16),'agent',?1,?2,?3)",
                           -1, &slot, NULL) != SQLITE_OK)
        die("%s", sqlite3_errmsg(db));
    run_sql("BEGIN");
    for (int i = 0; i < APPOINTMENTS; i++) {
        int64_t start = today + DAY + i % 179 * DAY + (14 + i / 179) * 2 * 6 * SLOT;
        uint8_t id[16] = {1, (uint8_t)(i >> 8), (uint8_t)i};

        for (int k = 0; k < 6; k++) {
            sqlite3_bind_blob(slot, 1, agent.bytes, 16, SQLITE_STATIC);
            sqlite3_bind_int64(slot, 2, start / SLOT + k);
            sqlite3_bind_blob(slot, 3, id, 16, SQLITE_STATIC);
            if (sqlite3_step(slot) != SQLITE_DONE)
                die("%s", sqlite3_errmsg(db));
            sqlite3_reset(slot);
        }
    }
    run_sql("COMMIT");
    sqlite3_finalize(slot);
}

static void open_store(void)
{
    char path[480];
    hc_session *system;
    hc_error err;

    snprintf(path, sizeof(path), "%s/viewings.db", bench.folder);
    unlink(path);
    today = (int64_t)time(NULL) / 86400 * DAY;
    open_client(&client, path);
    store_people(client);
    must(hc_session_system(&system, client, &err), &err, "system");
    caller = sign_in(client, people[1]);
    agent = hc_session_user_id(caller);
    give_hours(system);
    hc_session_free(system);
    hc_session_free(caller);
    caller = sign_in(client, people[0]);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        die("cannot open %s", path);
    take_time();
    run_sql("PRAGMA query_only=ON");
    if (sqlite3_prepare_v2(db,
                           "SELECT slot_no FROM appointment_slots WHERE resource_kind='agent' AND resource_id=?1"
                           " AND slot_no>=?2 AND slot_no<?3",
                           -1, &reading, NULL) != SQLITE_OK)
        die("%s", sqlite3_errmsg(db));
}

static void close_store(void)
{
    char path[500];

    sqlite3_finalize(reading);
    sqlite3_close(db);
    hc_session_free(caller);
    hc_client_close(client);
    for (int i = 0; i < 4; i++) {
        static const char *const ends[4] = {"", "-wal", "-shm", ".keys"};
        snprintf(path, sizeof(path), "%s/viewings.db%s", bench.folder, ends[i]);
        unlink(path);
    }
}

/* ---- the sides ---- */

static size_t find_ours(void)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots;
    hc_error err;
    size_t count;

    search.agent_id = agent;
    must(hc_appointment_slots(&slots, caller, &search, &err), &err, "slots");
    count = hc_slots_count(slots);
    for (size_t i = 0; i < count; i++)
        sink += hc_slots_start(slots, i);
    hc_slots_free(slots);
    return count;
}

static void ours(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++)
        sink += (int64_t)find_ours();
}

static int64_t read_raw(void)
{
    int64_t rows = 0;

    sqlite3_bind_blob(reading, 1, agent.bytes, 16, SQLITE_STATIC);
    sqlite3_bind_int64(reading, 2, today / SLOT);
    sqlite3_bind_int64(reading, 3, (today + 182 * DAY) / SLOT);
    while (sqlite3_step(reading) == SQLITE_ROW) {
        sink += sqlite3_column_int64(reading, 0);
        rows++;
    }
    sqlite3_reset(reading);
    return rows;
}

static void raw(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++)
        sink += read_raw();
}

void bars_viewings(void)
{
    size_t found;
    int64_t rows;

    if (!wanted("slots"))
        return;
    open_store();
    found = find_ours();
    rows = read_raw();
    if (rows != APPOINTMENTS * 6)
        die("%lld rows of slots, not %d", (long long)rows, APPOINTMENTS * 6);
    if (found < 1500 || found > 4320 - APPOINTMENTS / 2)
        die("%zu free slots", found);
    bar_at_least("slots", "free-slots", contest(ours, raw, 20, BY_CPU), 0.5);
    close_store();
}
