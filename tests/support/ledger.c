#include "ledger.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "homeconnect/import.h"
#include "homeconnect/property.h"

#define READ_AT_ONCE 200

static const char mapping[] = "{\"source_system\":\"ledger\",\"key\":\"key\",\"fields\":{\"title\":\"title\",\"price\":"
                              "\"price\",\"address\":{\"const\":\"1 Ledger Way\"},\"city\":{\"const\":\"Austin\"},"
                              "\"state\":{\"const\":\"TX\"},\"zip_code\":{\"const\":\"78704\"},"
                              "\"property_type\":{\"const\":\"house\"}}}";

void ledger_init(ledger *book, uint64_t seed)
{
    memset(book, 0, sizeof *book);
    book->random = seed == 0 ? 1 : seed;
}

void ledger_free(ledger *book)
{
    free(book->entries);
    book->entries = NULL;
    book->count = book->capacity = 0;
}

ledger ledger_copy(const ledger *book)
{
    ledger out = *book;

    out.entries = malloc((book->count + 1) * sizeof *out.entries);
    out.capacity = book->count + 1;
    if (book->count > 0)
        memcpy(out.entries, book->entries, book->count * sizeof *out.entries);
    return out;
}

/* xorshift64* */
uint64_t ledger_random(ledger *book, uint64_t below)
{
    uint64_t x = book->random;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    book->random = x;
    return (x * UINT64_C(2685821657736338717) >> 16) % below;
}

/* ---- calls ---- */

static hc_property *sketch(hc_client *client, const char *title, int64_t price)
{
    hc_property *home = hc_property_new(client);

    hc_property_set_title(home, title);
    hc_property_set_price(home, price);
    hc_property_set_address(home, "1 Ledger Way");
    hc_property_set_city(home, "Austin");
    hc_property_set_state(home, "TX");
    hc_property_set_zip_code(home, "78704");
    hc_property_set_property_type(home, HC_PROPERTY_HOUSE);
    return home;
}

static hc_status create(ledger_ack *ack, hc_client *client, hc_session *as, const char *title, int64_t price,
                        hc_error *err)
{
    hc_property *home = sketch(client, title, price);
    ledger_entry *entry = &ack->entries[ack->count];
    hc_status status = hc_property_create(&entry->id, as, home, err);

    hc_property_free(home);
    entry->price = price;
    entry->version = 1;
    entry->deleted = 0;
    ack->count++;
    return status;
}

static hc_status update(ledger_ack *ack, hc_client *client, hc_session *as, const ledger_entry *known, int64_t price,
                        hc_error *err)
{
    hc_property *edit = hc_property_for(client, known->id, known->version);
    ledger_entry *entry = &ack->entries[ack->count];
    hc_status status;

    *entry = *known;
    hc_property_set_price(edit, price);
    status = hc_property_update(&entry->version, as, edit, err);
    hc_property_free(edit);
    entry->price = price;
    ack->count++;
    return status;
}

struct unit {
    ledger_ack *ack;
    hc_client *client;
    const ledger_entry *known; /* NULL: nothing to update */
    int64_t number, price;
};

/* A unit of work: LEDGER_UNIT new listings that name it, and a new price for a third. */
static hc_status unit_of_work(hc_session *as, void *data, hc_error *err)
{
    const struct unit *unit = data;
    hc_status status = HC_OK;

    unit->ack->count = 0;
    for (int i = 0; status >= 0 && i < LEDGER_UNIT; i++) {
        char title[64];

        snprintf(title, sizeof title, "unit %08lld part %d", (long long)unit->number, i);
        status = create(unit->ack, unit->client, as, title, unit->price + i, err);
    }
    if (status >= 0 && unit->known != NULL)
        status = update(unit->ack, unit->client, as, unit->known, unit->price, err);
    return status;
}

/* Keeps the first refused row, which the harness did not mean. */
static void keep_refusal(const char *json, size_t size, void *data)
{
    char *first = data;

    if (first[0] == '\0')
        snprintf(first, 200, "%.*s", (int)size, json);
}

static hc_status import(ledger_ack *ack, hc_session *as, const char *folder, int64_t price, hc_error *err)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    hc_import_counts counts;
    char path[512], refusal[200] = "";
    FILE *file;
    hc_status status;

    snprintf(path, sizeof path, "%s/ledger.csv", folder);
    file = fopen(path, "w");
    if (file == NULL)
        abort();
    fputs("key,title,price\n", file);
    for (int i = 0; i < LEDGER_BATCH; i++)
        fprintf(file, "%lld,imported %lld,%lld.00\n", (long long)(ack->next_row + i),
                (long long)(ack->next_row / LEDGER_BATCH), (long long)price);
    fclose(file);
    options.path = path;
    options.mapping = mapping;
    options.format = HC_FORMAT_CSV;
    options.batch = LEDGER_BATCH;
    options.report = keep_refusal;
    options.data = refusal;
    status = hc_import_run(&counts, as, &options, err);
    if (status >= 0 && counts.created != LEDGER_BATCH) { /* the harness made rows that are not new */
        if (err != NULL)
            snprintf(err->message, sizeof err->message, "%lld of %d rows are new; %s", (long long)counts.created,
                     LEDGER_BATCH, refusal);
        return HC_ERR_INTERNAL;
    }
    ack->next_row += LEDGER_BATCH;
    ack->imported = LEDGER_BATCH;
    return status;
}

static const ledger_entry *pick(ledger *book)
{
    return book->count == 0 ? NULL : &book->entries[ledger_random(book, book->count)];
}

hc_status ledger_step(ledger_ack *ack, ledger *book, hc_client *client, hc_session *as, const char *folder,
                      hc_error *err)
{
    const ledger_entry *known = pick(book);
    int64_t price = 100 + (int64_t)ledger_random(book, 99999900);
    uint64_t dice = ledger_random(book, 100);
    struct unit unit = {ack, client, NULL, book->next_unit, price};
    char title[64];

    memset(ack, 0, sizeof *ack);
    ack->next_unit = book->next_unit;
    ack->next_row = book->next_row;
    if (dice < 8)
        return import(ack, as, folder, price, err);
    if (dice < 30) {
        unit.known = known == NULL || known->deleted ? NULL : known;
        ack->next_unit++;
        return hc_session_transact(as, unit_of_work, &unit, err);
    }
    if (known == NULL || dice < 55) {
        snprintf(title, sizeof title, "listing %llu", (unsigned long long)ledger_random(book, 1000000));
        return create(ack, client, as, title, price, err);
    }
    if (known->deleted) {
        ack->entries[0] = *known;
        ack->entries[0].deleted = 0;
        ack->count = 1;
        return hc_property_restore(&ack->entries[0].version, as, known->id, err);
    }
    if (dice < 94)
        return update(ack, client, as, known, known->price == price ? price + 1 : price, err);
    ack->entries[0] = *known;
    ack->entries[0].deleted = 1;
    ack->entries[0].version++;
    ack->count = 1;
    return hc_property_delete(as, known->id, known->version, err);
}

void ledger_apply(ledger *book, const ledger_ack *ack)
{
    for (int32_t i = 0; i < ack->count; i++) {
        size_t at = 0;

        while (at < book->count && memcmp(&book->entries[at].id, &ack->entries[i].id, sizeof(hc_id)) != 0)
            at++;
        if (at == book->capacity) {
            book->capacity = book->capacity * 2 + 64;
            book->entries = realloc(book->entries, book->capacity * sizeof *book->entries);
        }
        book->entries[at] = ack->entries[i];
        book->count += at == book->count;
    }
    book->next_unit = ack->next_unit;
    book->next_row = ack->next_row;
    book->imported += ack->imported;
    book->acks++;
}

/* ---- checks ---- */

struct faults {
    int count;
    char *first;
    size_t size;
};

static void fault(struct faults *faults, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fault(struct faults *faults, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (faults->count++ == 0)
        vsnprintf(faults->first, faults->size, format, args);
    va_end(args);
}

static int64_t number(sqlite3 *db, const char *sql, struct faults *faults)
{
    sqlite3_stmt *stmt = NULL;
    int64_t out = -1;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fault(faults, "%s: %s", sql, sqlite3_errmsg(db));
    else if (sqlite3_step(stmt) == SQLITE_ROW)
        out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return out;
}

static void none(sqlite3 *db, const char *what, const char *sql, struct faults *faults)
{
    int64_t found = number(db, sql, faults);

    if (found != 0)
        fault(faults, "%s: %lld", what, (long long)found);
}

static void check_engine(sqlite3 *db, struct faults *faults)
{
    sqlite3_stmt *stmt = NULL;
    char *error = NULL;

    if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        fault(faults, "integrity_check: %s", sqlite3_errmsg(db));
    else if (strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
        fault(faults, "integrity_check: %s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    none(db, "rows that break a foreign key", "SELECT count(*) FROM pragma_foreign_key_check", faults);
    sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'", -1, &stmt,
                       NULL);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        char *sql = sqlite3_mprintf("INSERT INTO \"%w\"(\"%w\") VALUES('integrity-check')",
                                    sqlite3_column_text(stmt, 0), sqlite3_column_text(stmt, 0));
        char *lost = sqlite3_mprintf("SELECT count(*) FROM properties WHERE pk NOT IN (SELECT rowid FROM \"%w\")",
                                     sqlite3_column_text(stmt, 0));

        if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
            fault(faults, "search index: %s", error);
        none(db, "listings missing in the search index", lost, faults);
        sqlite3_free(sql);
        sqlite3_free(lost);
    }
    sqlite3_finalize(stmt);
}

int ledger_check_file(const char *path, char *text, size_t size)
{
    struct faults faults = {0, text, size};
    sqlite3 *db = NULL;

    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        fault(&faults, "open: %s", sqlite3_errmsg(db));
    sqlite3_busy_timeout(db, 5000);
    check_engine(db, &faults);
    /* The store has no index by what an event tells of. */
    if (sqlite3_exec(db,
                     "CREATE TEMP TABLE told AS SELECT resource_id, version FROM events WHERE resource='property';"
                     "CREATE INDEX temp.told_of ON told (resource_id, version)",
                     NULL, NULL, NULL) != SQLITE_OK)
        fault(&faults, "events: %s", sqlite3_errmsg(db));
    none(db, "listings without exactly one event for each version",
         "SELECT count(*) FROM properties p WHERE p.version <> (SELECT count(DISTINCT t.version) FROM told t WHERE"
         " t.resource_id=p.id AND t.version BETWEEN 1 AND p.version) OR p.version <>"
         " (SELECT count(*) FROM told t WHERE t.resource_id=p.id)",
         &faults);
    none(db, "events of listings that are not there",
         "SELECT count(*) FROM told WHERE resource_id NOT IN (SELECT id FROM properties)", &faults);
    none(
        db, "listings whose price is not that of their newest history row",
        "SELECT count(*) FROM properties p WHERE p.previous_price IS NOT NULL AND p.price IS NOT (SELECT new_price FROM"
        " price_history h WHERE h.property_id=p.id ORDER BY h.version DESC LIMIT 1)",
        &faults);
    none(db, "history rows without their event",
         "SELECT count(*) FROM price_history h WHERE NOT EXISTS (SELECT 1 FROM told t WHERE"
         " t.resource_id=h.property_id AND t.version=h.version)",
         &faults);
    none(db, "units of work that are there in part",
         "SELECT count(*) FROM (SELECT 1 FROM properties WHERE title GLOB 'unit *' GROUP BY substr(title,1,13)"
         " HAVING count(*)<>2)",
         &faults);
    none(db, "imports that are there in part",
         "SELECT count(*) FROM (SELECT 1 FROM properties WHERE source_system='ledger' GROUP BY title HAVING "
         "count(*)<>12)",
         &faults);
    none(db, "imported listings without their import row",
         "SELECT count(*) FROM properties p WHERE source_system='ledger' AND NOT EXISTS (SELECT 1 FROM import_rows r "
         "WHERE"
         " r.source_system=p.source_system AND r.source_key=p.source_key AND r.property_id=p.id)",
         &faults);
    none(db, "import rows without their listing",
         "SELECT count(*) FROM import_rows WHERE property_id NOT IN (SELECT id FROM properties)", &faults);
    sqlite3_close(db);
    return faults.count;
}

/* Compares a run of promised listings with what a session reads. */
static int check_run(ledger_entry *run, size_t count, hc_session *as, struct faults *faults)
{
    hc_id ids[READ_AT_ONCE];
    hc_property_page *page;
    hc_error err = {0};
    size_t asked = 0;
    int ahead = 0;

    for (size_t i = 0; i < count; i++)
        ids[i] = run[i].id;
    if (hc_property_get_many(&page, as, ids, count, &err) < 0) {
        fault(faults, "get many: %s", err.message);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        const hc_property *row = hc_property_page_at(page, asked);
        bool here = false;

        if (row != NULL) {
            hc_id id = hc_property_id(row);

            here = memcmp(&id, &run[i].id, sizeof id) == 0;
        }
        asked += here;
        if (!here && !run[i].deleted) { /* unless the call in flight deleted it */
            run[i].deleted = 1;
            run[i].version++;
            ahead++;
        } else if (here && hc_property_version(row) < run[i].version) {
            fault(faults, "a listing went back from version %d to %d", run[i].version, hc_property_version(row));
        } else if (here && hc_property_version(row) == run[i].version && hc_property_price(row) != run[i].price) {
            fault(faults, "version %d has price %lld, promised was %lld", run[i].version,
                  (long long)hc_property_price(row), (long long)run[i].price);
        } else if (here) {
            ahead += hc_property_version(row) > run[i].version;
            run[i].version = hc_property_version(row);
            run[i].price = hc_property_price(row);
            run[i].deleted = 0;
        }
    }
    hc_property_page_free(page);
    return ahead;
}

static void check_rows(ledger *book, const char *path, struct faults *faults)
{
    sqlite3 *db = NULL;
    int64_t rows, units, imported;

    sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    sqlite3_busy_timeout(db, 5000);
    rows = number(db, "SELECT count(*) FROM properties WHERE source_system IS NULL", faults);
    units = number(db, "SELECT count(DISTINCT substr(title,1,13)) FROM properties WHERE title GLOB 'unit *'", faults);
    imported = number(db, "SELECT count(*) FROM properties WHERE source_system='ledger'", faults);
    for (size_t i = 0; i < book->count; i++) {
        sqlite3_stmt *stmt = NULL;

        sqlite3_prepare_v2(db, "SELECT version FROM properties WHERE id=?1", -1, &stmt, NULL);
        sqlite3_bind_blob(stmt, 1, &book->entries[i].id, sizeof(hc_id), SQLITE_STATIC);
        if (sqlite3_step(stmt) != SQLITE_ROW)
            fault(faults, "an acknowledged listing is lost");
        else if (sqlite3_column_int(stmt, 0) < book->entries[i].version)
            fault(faults, "an acknowledged version is lost: %d, promised was %d", sqlite3_column_int(stmt, 0),
                  book->entries[i].version);
        sqlite3_finalize(stmt);
    }
    sqlite3_close(db);
    if (rows < (int64_t)book->count)
        fault(faults, "%lld listings, %zu are promised", (long long)rows, book->count);
    if (units < book->next_unit || units > book->next_unit + 1)
        fault(faults, "%lld units of work, %lld are promised", (long long)units, (long long)book->next_unit);
    if (imported < book->imported || imported > book->imported + LEDGER_BATCH)
        fault(faults, "%lld imported rows, %lld are promised", (long long)imported, (long long)book->imported);
    /* The call in flight may have been written: its names are used up. */
    book->next_unit = units;
    book->next_row += imported - book->imported;
    book->imported = imported;
}

int ledger_check(ledger *book, hc_session *as, const char *path, char *text, size_t size)
{
    struct faults faults = {0, text, size};
    int ahead = 0;

    faults.count = ledger_check_file(path, text, size);
    check_rows(book, path, &faults);
    for (size_t i = 0; i < book->count; i += READ_AT_ONCE)
        ahead +=
            check_run(book->entries + i, book->count - i < READ_AT_ONCE ? book->count - i : READ_AT_ONCE, as, &faults);
    if (ahead > 1)
        fault(&faults, "%d listings are ahead of what was acknowledged, but one call was in flight", ahead);
    return faults.count;
}
