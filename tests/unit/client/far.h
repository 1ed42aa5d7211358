/* A store that is far away: the SQLite driver, which this program wraps by the linker (--wrap=hc_driver_sqlite_entry),
 * without the word that it has one writer and a stamp. So the core goes the way of a server. Trips are counted, answers
 * get lost and connections die when a test says so. */
#ifndef UNIT_CLIENT_FAR_H
#define UNIT_CLIENT_FAR_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "homeconnect/agent.h"
#include "homeconnect/auth.h"
#include "homeconnect/client.h"
#include "homeconnect/driver/storage.h"
#include "homeconnect/property.h"
#include "homeconnect/session.h"
#include "homeconnect/user.h"
#include "suite.h"

#define PASSWORD "three swallows by the river"

hc_status __real_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);
hc_status __wrap_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

static const hc_storage_driver *real;
static struct far {
    int trips, connects, pings; /* since they were set to 0 */
    int commits;                /* of writes */
    int lose;                   /* so many answers to such commits get lost, */
    int lose_after;             /* behind so many; */
    bool commit_lost;           /* what was sent is written all the same */
    int die;                    /* so many batches find a dead connection, */
    int die_after;              /* behind so many, */
    hc_status die_with;         /* and are told so; 0: as HC_ERR_UNAVAILABLE */
    bool down;                  /* nobody can connect */
    bool wrote;                 /* the transaction under way */
} far;

static inline hc_status far_lost(hc_error *why, uint32_t written)
{
    if (why != NULL)
        *why = (hc_error){.status = HC_ERR_UNAVAILABLE, .flags = HC_ERROR_RETRYABLE | written, .message = "far: lost"};
    return HC_ERR_UNAVAILABLE;
}

static inline void far_undo(void *conn, const hc_batch *batch)
{
    hc_batch undo = {.struct_size = sizeof undo, .flags = HC_BATCH_ROLLBACK};

    if ((batch->flags & HC_BATCH_BEGIN) == 0)
        real->execute(conn, &undo, NULL);
}

static inline hc_status far_execute(void *conn, hc_batch *batch, hc_error *err)
{
    bool commits;

    far.trips++;
    if ((batch->flags & HC_BATCH_BEGIN) != 0)
        far.wrote = false;
    for (size_t i = 0; i < batch->op_count; i++)
        far.wrote = far.wrote || batch->ops[i].verb < HC_VERB_QUERY;
    commits = (batch->flags & HC_BATCH_COMMIT) != 0 && far.wrote;
    if (far.die > 0 && far.die_after-- <= 0 && (batch->flags & HC_BATCH_ROLLBACK) == 0) {
        far.die--;
        far_undo(conn, batch);
        if (far.die_with >= 0)
            return far_lost(err, HC_ERROR_WRITTEN_NO);
        if (err != NULL)
            *err = (hc_error){.status = far.die_with, .flags = HC_ERROR_WRITTEN_NO, .message = "far: strange"};
        return far.die_with;
    }
    if (commits && far.lose > 0 && far.lose_after-- <= 0) {
        far.lose--;
        if (far.commit_lost) {
            hc_status status = real->execute(conn, batch, err);
            if (status < 0)
                return status;
        } else {
            far_undo(conn, batch);
        }
        return far_lost(err, HC_ERROR_WRITTEN_UNKNOWN);
    }
    far.commits += commits;
    return real->execute(conn, batch, err);
}

static inline hc_status far_connect(void **conn, void *store, int32_t role, int64_t deadline, hc_error *err)
{
    far.connects++;
    *conn = NULL;
    return far.down ? far_lost(err, HC_ERROR_WRITTEN_NO) : real->connect(conn, store, role, deadline, err);
}

static inline hc_status far_ping(void *conn, int64_t deadline, hc_error *err)
{
    far.pings++;
    return real->ping(conn, deadline, err);
}

hc_status __wrap_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    static hc_storage_driver table;
    hc_status status = __real_hc_driver_sqlite_entry(&real, host_abi, err);

    *out = NULL;
    if (status < 0)
        return status;
    table = *real;
    table.capabilities = HC_CAP_TRANSACTIONS;
    table.execute = far_execute;
    table.connect = far_connect;
    table.ping = far_ping;
    *out = &table;
    return HC_OK;
}

/* ---- a store with an admin and a buyer, both signed in ---- */

static const char *far_soon = "3600000"; /* trips of calls are counted, not those of the pass behind one a second */
static const hc_allocator *far_memory;   /* of the client; NULL: that of the process */
static char far_folder[300], far_path[320];
static hc_client *client;
static hc_session *sys, *guest, *admin, *bea;
static hc_id admin_id, bea_id;
static hc_error err;
static int far_warned; /* lines of warnings */

#define OK(call) ck_assert_msg((call) == HC_OK, "%s: %s", #call, err.message)

static inline void far_log(int32_t level, const char *request_id, const char *line, void *data)
{
    (void)request_id;
    (void)data;
    (void)line;
    far_warned += level == HC_LOG_WARN;
}

static inline hc_id far_user(const char *email, int32_t role)
{
    hc_user *user = hc_user_new(client);
    hc_id id;

    hc_user_set_email(user, email);
    hc_user_set_full_name(user, "Some Body");
    hc_user_set_role(user, role);
    OK(hc_user_create(&id, sys, user, PASSWORD, strlen(PASSWORD), &err));
    hc_user_free(user);
    return id;
}

static inline hc_session *far_login(const char *email)
{
    hc_login login = HC_LOGIN_INIT;
    hc_session *as = NULL;

    login.email = email;
    login.password = PASSWORD;
    login.password_size = strlen(PASSWORD);
    OK(hc_auth_login(&as, guest, &login, &err));
    return as;
}

static inline void far_open(void)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    const char *base = getenv("TMPDIR");
    char uri[340];

    setenv("HC_TEST_ARGON_KIB", "64", 1);
    setenv("HC_TEST_ARGON_PASSES", "1", 1);
    setenv("HC_TEST_SOON_MS", far_soon, 1);
    snprintf(far_folder, sizeof far_folder, "%s/far-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(far_folder));
    snprintf(far_path, sizeof far_path, "%s/far.db", far_folder);
    snprintf(uri, sizeof uri, "sqlite:%s", far_path);
    memset(&far, 0, sizeof far);
    options.storage_uri = uri;
    options.allocator = far_memory;
    options.log = far_log;
    options.log_level = HC_LOG_WARN;
    OK(hc_client_open(&client, &options, &err));
    OK(hc_session_system(&sys, client, &err));
    OK(hc_session_guest(&guest, client, "203.0.113.7", &err));
    admin_id = far_user("ada@example.com", HC_USER_ROLE_ADMIN);
    bea_id = far_user("bea@example.com", HC_USER_ROLE_BUYER);
    admin = far_login("ada@example.com");
    bea = far_login("bea@example.com");
    memset(&far, 0, sizeof far);
    far_warned = 0;
}

static inline void far_close(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".keys"};
    char name[340];

    hc_session_free(bea);
    hc_session_free(admin);
    hc_session_free(guest);
    hc_session_free(sys);
    hc_client_close(client);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", far_path, ends[i]);
        unlink(name);
    }
    rmdir(far_folder);
}

static inline int far_count(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int count;

    ck_assert_int_eq(sqlite3_open(far_path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

/* A listing of the house's own. */
static inline hc_status far_list(hc_session *as, hc_id *id)
{
    hc_property *home = hc_property_new(client);
    hc_status status;

    hc_property_set_title(home, "A house far away");
    hc_property_set_price(home, 40000000);
    hc_property_set_address(home, "1 Far St");
    hc_property_set_city(home, "Austin");
    hc_property_set_state(home, "TX");
    hc_property_set_zip_code(home, "78704");
    hc_property_set_property_type(home, HC_PROPERTY_HOUSE);
    status = hc_property_create(id, as, home, &err);
    hc_property_free(home);
    return status;
}

static inline hc_status far_price(hc_session *as, hc_id id, int32_t version, int64_t cents)
{
    hc_property *changes = hc_property_for(client, id, version);
    hc_status status;

    hc_property_set_price(changes, cents);
    status = hc_property_update(NULL, as, changes, &err);
    hc_property_free(changes);
    return status;
}

#endif
