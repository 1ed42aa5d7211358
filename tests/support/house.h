/* The house: one open store with people and listings in it, made through the public interface. A test program gives
 * house_open and house_close to suite_main() as its checked fixture, so that each test has a house of its own. */
#ifndef SUPPORT_HOUSE_H
#define SUPPORT_HOUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "homeconnect/agent.h"
#include "homeconnect/auth.h"
#include "homeconnect/client.h"
#include "homeconnect/property.h"
#include "homeconnect/query.h"
#include "homeconnect/session.h"
#include "homeconnect/user.h"
#include "suite.h"

#define HOUSE_SECOND   INT64_C(1000000)
#define HOUSE_MINUTE   (60 * HOUSE_SECOND)
#define HOUSE_HOUR     (60 * HOUSE_MINUTE)
#define HOUSE_DAY      (24 * HOUSE_HOUR)
#define HOUSE_START    INT64_C(1763892000000000) /* 2025-11-23T10:00:00Z: what the clock says when a house opens */
#define HOUSE_PASSWORD "three swallows by the river"

struct house {
    char folder[256]; /* of this house alone; removed by house_close() */
    char path[320];   /* of the database, "" in memory and on a server */
    char schema[64];  /* on a server: where its tables are */
    char keys[330];   /* the file with its keys */
    char uri[640];
    char documents[640]; /* with HC_TEST_DOCUMENTS: the database of MongoDB where its document kinds are; "" without */
    char documents_name[64];
    hc_client *client;
    hc_session *system, *guest, *admin, *ana, *ben, *bea; /* ana and ben are licensed agents, bea is a buyer */
    hc_id admin_id, ana_id, ben_id, bea_id;
    hc_id anas_ids[3], bens_id; /* listings: ana's three (the last is withdrawn), ben's one */
    hc_property *anas_home;     /* the first of them as ana reads it; version 1, active, 489,000.00 */
    hc_property *bens_home;
};
extern struct house house;

void house_open(void);        /* on a fresh file, with everybody in it */
void house_open_memory(void); /* the same on sqlite::memory: */
void house_close(void);

/* The parts of it, for tests that want less. */
void house_folder(void); /* makes house.folder, path and uri */
void house_client(void); /* opens house.client on house.uri, with the house's clock and log; migrates */
void house_people(void);
void house_listings(void);
void house_leave(void);                     /* frees sessions, records and client; the files stay */
void house_remove(void);                    /* removes the folder */
extern const hc_allocator *house_allocator; /* NULL: the C library's */
void house_options(hc_client_options *out); /* what house_client() opens with, to open another client alike */

/* The clock of every client of the house. It stands still until it is moved. Under support/faketime.sh it is the
 * system's: then nothing may look at another one. */
int64_t house_now(void);
void house_set_time(int64_t micros);
void house_pass(int64_t micros);

hc_session *house_login(const char *email, const char *password);
hc_id house_user(const char *email, const char *name, int32_t role);
void house_license(hc_id user); /* an agent's profile with a licence that is verified and valid for a year */
hc_property *house_sketch(const char *title, int64_t cents); /* a record with every required field set; Austin, TX */
hc_id house_list_home(hc_session *as, const char *title, int64_t cents);
hc_property *house_read(hc_session *as, hc_id id);

/* What every table but those of the audit log holds, by row count and content. Not for a house in memory. */
#define SNAPSHOT_TABLES 64
typedef struct snapshot {
    size_t count;
    int64_t audit_rows; /* for house_assert_audited() */
    struct {
        char name[48];
        int64_t rows;
        uint64_t content;
    } tables[SNAPSHOT_TABLES];
} snapshot;

snapshot house_snapshot(void);          /* also where house_assert_audited() starts to look */
snapshot house_snapshot_by(void *look); /* the same by one of house_look(), which need not read the schema anew */
bool house_same(const snapshot *before, const snapshot *after, char *difference, size_t size);
void house_assert_unchanged_since(snapshot before);
/* An audit row of this event by who (NULL: nobody, guest or system) was written since the last snapshot. */
void house_assert_audited(const char *event, const hc_session *who);

/* ---- looking into the store, and changing it behind the library's back ----
 *
 * In SQLite's SQL, with x'00ff' for ids and bytes, and these functions, so that one spelling serves every store:
 * at(micros) a time · day(days) a date · us(time) its microseconds · scaled(units, digits) a decimal · units(decimal,
 * digits) its units · json_text(column, path) · json_array_length(column) · hex(id) · randomblob(16 or 32) ·
 * zeroblob(16) · instr(text, text) · length(json). `other.TABLE` is a table of house_other. Collections of a document
 * store are tables too, for house_sql(), house_change() and house_rows(): alone, or with what house_documents.c has. */
int64_t house_sql(const char *sql);    /* the first column of the first row; 0 for null; -1 when there is no row */
int64_t house_change(const char *sql); /* statements with ; between them; how many rows the last one changed */

typedef struct house_value {
    const void *bytes; /* text but for blobs; numbers as the library has them; NULL for null */
    size_t size;
} house_value;
#define HOUSE_COLUMNS 64
typedef void (*house_row_fn)(const house_value *values, int count, void *data);
void house_rows(const char *sql, house_row_fn row, void *data);
uint64_t house_fold_row(uint64_t hash, const house_value *values, int count); /* a hash of rows, by one row more */

/* A way in of its own, for who looks often or holds a lock. */
void *house_look(void);
int64_t house_look_sql(void *look, const char *sql);
void house_look_rows(void *look, const char *sql, house_row_fn row, void *data);
int64_t house_look_change(void *look, const char *sql);
void house_look_close(void *look);

extern char house_other[320];   /* path or schema of another house */
const char *house_engine(void); /* "sqlite", "postgres", "mysql" */
bool house_is_a_file(void);
/* The same; when it is none, tells that this test was left out, and why. */
bool house_only_in_a_file(const char *why);
void house_beside(char *uri, size_t size); /* of an empty place beside this house */
void house_settle(
    void); /* gives the audit log's rows their seals: where several write at a time that is upkeep's work */
bool house_is_a_pair(void); /* document kinds are in a store of their own */
/* Effects that wait reach the document store; inside of a unit nothing happens. Who looks by SQL sees them delivered.
 */
void house_deliver(void);
void house_assert_derived(void); /* no column that follows from others says what the library would not have written */
hc_status house_hash(const char *bytes, size_t size, void *hash, hc_error *err); /* takes an export into a uint64_t */
void *house_lock(void); /* a look that keeps writers of listings, and not readers, out until it is closed */

/* For one statement: the caller may have an `err` of their own. */
#define HOUSE_OWN_ERR _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"")
#define HOUSE_OWN_END _Pragma("GCC diagnostic pop")

/* One call that must succeed, counted as an operation on the store. Its last argument is `err`. */
#define HOUSE_OK(call)                                                                                                 \
    do {                                                                                                               \
        HOUSE_OWN_ERR                                                                                                  \
        hc_error house_err_ = {0};                                                                                     \
        hc_error *const err = &house_err_;                                                                             \
        hc_status house_status_;                                                                                       \
        house_try(#call);                                                                                              \
        do {                                                                                                           \
            house_status_ = (call);                                                                                    \
        } while (house_again(house_status_, HC_OK));                                                                   \
        house_count(1);                                                                                                \
        ck_assert_msg(house_status_ >= 0, "%s: %s %s: %s", #call, hc_status_name(house_status_), house_err_.field,     \
                      house_err_.message);                                                                             \
        HOUSE_OWN_END                                                                                                  \
    } while (0)
/* One call that must fail, with this status and naming this field ("" for none). */
#define HOUSE_FAILS(call, want, name)                                                                                  \
    do {                                                                                                               \
        HOUSE_OWN_ERR                                                                                                  \
        hc_error house_err_ = {0};                                                                                     \
        hc_error *const err = &house_err_;                                                                             \
        hc_status house_status_;                                                                                       \
        house_try(#call);                                                                                              \
        do {                                                                                                           \
            house_status_ = (call);                                                                                    \
        } while (house_again(house_status_, (want)));                                                                  \
        house_count(1);                                                                                                \
        ck_assert_msg(house_status_ == (want) && house_err_.status == house_status_, "%s: %s, not %s: %s", #call,      \
                      hc_status_name(house_status_), hc_status_name(want), house_err_.message);                        \
        ck_assert_str_eq(house_err_.field, name);                                                                      \
        ck_assert_str_ne(house_err_.message, "");                                                                      \
        HOUSE_OWN_END                                                                                                  \
    } while (0)

/* With HC_TEST_FAULTY in the environment the house is on the driver of faulty.h, and each of these calls is made again
 * and again: with its first trip to the store failing, its second, and so on, until it needs fewer. A call that fails
 * must say so and leave nothing behind, which the test around it shows. HC_TEST_STARVED takes its memory: starved.h. */
void house_try(const char *call);
bool house_again(hc_status status, hc_status want);
void house_count(int64_t operations);

#endif
