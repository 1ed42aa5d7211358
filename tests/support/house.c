#include "house.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "homeconnect/repair.h"
#include "house_store.h"
#include "starved.h"

#ifdef HOUSE_FAULTY
#include <dlfcn.h>
#include "faulty.h"
#endif

#ifdef HOUSE_MONGODB
#include "house_documents.h"
#endif

struct house house;
char house_other[sizeof house_other];
const hc_allocator *house_allocator;

static _Atomic int64_t now = HOUSE_START;
static _Atomic int64_t operations;
static int64_t audit_seen;

static const house_store *on(void)
{
    static const house_store *const all[] = {
        &house_on_sqlite,
#ifdef HOUSE_POSTGRES
        &house_on_postgres,
#endif
#ifdef HOUSE_MYSQL
        &house_on_mysql,
#endif
    };
    const char *name = getenv("HC_TEST_STORE");

    for (size_t i = 0; name != NULL && i < sizeof all / sizeof all[0]; i++)
        if (strcmp(name, all[i]->name) == 0)
            return all[i];
    ck_assert_msg(name == NULL, "there is no house on %s", name);
    return &house_on_sqlite;
}

/* ---- clock, counters, files ---- */

/* The file from which libfaketime reads what the system's clock says (support/faketime.sh); NULL without it. */
static const char *system_time(void)
{
    return getenv("FAKETIME_TIMESTAMP_FILE");
}

int64_t house_now(void)
{
    struct timespec system;

    if (system_time() == NULL)
        return atomic_load(&now);
    clock_gettime(CLOCK_REALTIME, &system);
    return system.tv_sec * HOUSE_SECOND + system.tv_nsec / 1000;
}

void house_set_time(int64_t micros)
{
    char next[400];
    FILE *file;

    atomic_store(&now, micros);
    if (system_time() == NULL)
        return;
    snprintf(next, sizeof next, "%s.next", system_time());
    file = fopen(next, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "%" PRId64 ".%06d5\n", micros / HOUSE_SECOND, (int)(micros % HOUSE_SECOND)); /* the middle of it */
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(rename(next, system_time()), 0);
}

void house_pass(int64_t micros)
{
    house_set_time(atomic_load(&now) + micros);
}

static int64_t clock_now(void *data)
{
    (void)data;
    return house_now();
}

void house_count(int64_t more)
{
    atomic_fetch_add(&operations, more);
}

/* ---- a store that fails ---- */

#ifdef HOUSE_FAULTY
static faulty *plan;
static int calls_inside; /* of each other: only the outermost is made again, and none inside of it fails */
static int set_aside;    /* trips until the one that fails, while a call inside is made */
static int trip;         /* that fails now; 0: none, since the answer is known */
static int64_t failures;

static void arm(int n)
{
    static const hc_status with[] = {HC_ERR_IO, HC_ERR_UNAVAILABLE, HC_ERR_NO_SPACE, HC_ERR_BUSY};

    trip = n;
    atomic_store(&plan->status, with[failures % 4]);
    atomic_store(&plan->fail_in, n);
}

static void find_plan(void)
{
    void *module = dlopen(HOUSE_FAULTY "/homeconnect-driver-faulty.so", RTLD_NOW); /* stays, as the library's own */

    ck_assert_msg(module != NULL, "%s", dlerror());
    plan = dlsym(module, "faulty_plan");
    ck_assert_ptr_nonnull(plan);
    snprintf(house.uri, sizeof house.uri, "faulty:%s", house.path);
}

static void faulty_try(void)
{
    if (plan == NULL)
        return;
    if (calls_inside++ == 0)
        arm(1);
    else if (calls_inside == 2)
        set_aside = atomic_exchange(&plan->fail_in, 0);
}

static bool faulty_again(hc_status status, hc_status want)
{
    bool failed;

    if (plan == NULL)
        return false;
    if (calls_inside > 1) {
        if (--calls_inside == 1)
            atomic_store(&plan->fail_in, set_aside);
        return false;
    }
    failed = trip > 0 && atomic_exchange(&plan->fail_in, 0) <= 0;
    failures += failed;
    if (failed && status < 0 && status != want) {
        ck_assert_msg(status == atomic_load(&plan->status), "trip %d: %s", trip, hc_status_name(status));
        arm(trip + 1);
        return true;
    }
    if (failed && status == want && want < 0) { /* what it wrote late may be missing */
        trip = 0;
        return true;
    }
    calls_inside = 0;
    return false;
}
#else
static void faulty_try(void)
{
}

static bool faulty_again(hc_status status, hc_status want)
{
    (void)status;
    (void)want;
    return false;
}
#endif

static bool stands; /* the house does: before that nothing fails */

bool house_stands(void)
{
    return stands && house.client != NULL;
}

static _Atomic(void *) kept;
static pid_t keeper;

void *house_take_kept(void)
{
    static void *of_the_parent; /* of a fork: not to be used, nor closed */

    if (keeper != getpid()) {
        of_the_parent = atomic_exchange(&kept, NULL);
        (void)of_the_parent;
        keeper = getpid();
    }
    return atomic_exchange(&kept, NULL);
}

bool house_keep(void *conn)
{
    void *none = NULL;

    return house_stands() && keeper == getpid() && atomic_compare_exchange_strong(&kept, &none, conn);
}

void house_try(const char *call)
{
    if (!stands)
        return;
    faulty_try();
    starved_try(call);
}

bool house_again(hc_status status, hc_status want)
{
    return stands && (faulty_again(status, want) || starved_again(status, want));
}

void house_folder(void)
{
    const char *base = getenv("TMPDIR");

    memset(&house, 0, sizeof house);
    snprintf(house.folder, sizeof house.folder, "%s/house-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(house.folder));
    snprintf(house.keys, sizeof house.keys, "%s/house.keys", house.folder);
    on()->make();
#ifdef HOUSE_FAULTY
    if (getenv("HC_TEST_FAULTY") != NULL)
        find_plan();
#endif
#ifdef HOUSE_MONGODB
    house_documents_make();
#endif
}

static int remove_one(const char *path, const struct stat *info, int what, struct FTW *at)
{
    (void)info;
    (void)what;
    (void)at;
    return remove(path);
}

void house_remove(void)
{
    if (house.folder[0] != '\0') {
#ifdef HOUSE_MONGODB
        house_documents_drop();
#endif
        on()->drop();
        nftw(house.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    house.folder[0] = '\0';
}

/* ---- the client and who is in it ---- */

void house_options(hc_client_options *out)
{
    static const hc_clock clock = {sizeof(hc_clock), clock_now, NULL};

    /* Only a test build listens to these. */
    setenv("HC_TEST_ARGON_KIB", "64", 0);
    setenv("HC_TEST_ARGON_PASSES", "1", 0);
    setenv("HC_TEST_SOON_MS", "3600000", 0); /* events are numbered when a test says so */
    *out = (hc_client_options)HC_CLIENT_OPTIONS_INIT;
    out->storage_uri = house.uri;
    if (house.documents[0] != '\0')
        out->document_uri = house.documents;
    if (strncmp(house.uri, "sqlite:", 7) != 0) /* a file has its keys beside it */
        out->key_file = house.keys;
    out->clock = system_time() == NULL ? &clock : NULL;
    out->allocator = house_allocator;
#ifdef HOUSE_FAULTY
    if (plan != NULL)
        out->driver_path = HOUSE_FAULTY;
#endif
}

void house_client(void)
{
    hc_client_options options;

    house_options(&options);
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    HOUSE_OK(hc_session_system(&house.system, house.client, err));
    HOUSE_OK(hc_session_guest(&house.guest, house.client, "203.0.113.7", err));
}

hc_session *house_login(const char *email, const char *password)
{
    hc_login login = HC_LOGIN_INIT;
    hc_session *out = NULL;

    login.email = email;
    login.password = password;
    login.password_size = strlen(password);
    HOUSE_OK(hc_auth_login(&out, house.guest, &login, err));
    return out;
}

hc_id house_user(const char *email, const char *name, int32_t role)
{
    hc_user *user = hc_user_new(house.client);
    hc_id id;

    hc_user_set_email(user, email);
    hc_user_set_full_name(user, name);
    hc_user_set_role(user, role);
    HOUSE_OK(hc_user_create(&id, house.system, user, HOUSE_PASSWORD, strlen(HOUSE_PASSWORD), err));
    hc_user_free(user);
    return id;
}

void house_license(hc_id user)
{
    hc_agent *agent = hc_agent_new(house.client);
    hc_id id;

    hc_agent_set_user_id(agent, user);
    hc_agent_set_license_number(agent, "TX-604111");
    hc_agent_set_license_state(agent, "TX");
    hc_agent_set_license_expires_on(agent, (int32_t)(house_now() / HOUSE_DAY) + 365);
    hc_agent_set_license_verified_at(agent, house_now());
    HOUSE_OK(hc_agent_create(&id, house.system, agent, err));
    hc_agent_free(agent);
}

void house_people(void)
{
    house.admin_id = house_user("ada@example.com", "Ada Admin", HC_USER_ROLE_ADMIN);
    house.ana_id = house_user("ana@example.com", "Ana Agent", HC_USER_ROLE_AGENT);
    house.ben_id = house_user("ben@example.com", "Ben Broker", HC_USER_ROLE_AGENT);
    house.bea_id = house_user("bea@example.com", "Bea Buyer", HC_USER_ROLE_BUYER);
    house_license(house.ana_id);
    house_license(house.ben_id);
    house.admin = house_login("ada@example.com", HOUSE_PASSWORD);
    house.ana = house_login("ana@example.com", HOUSE_PASSWORD);
    house.ben = house_login("ben@example.com", HOUSE_PASSWORD);
    house.bea = house_login("bea@example.com", HOUSE_PASSWORD);
}

/* ---- listings ---- */

hc_property *house_sketch(const char *title, int64_t cents)
{
    hc_property *home = hc_property_new(house.client);

    hc_property_set_title(home, title);
    hc_property_set_price(home, cents);
    hc_property_set_address(home, "12 Creek Rd");
    hc_property_set_city(home, "Austin");
    hc_property_set_state(home, "TX");
    hc_property_set_zip_code(home, "78704");
    hc_property_set_property_type(home, HC_PROPERTY_HOUSE);
    return home;
}

static hc_id list_home(hc_session *as, hc_property *home)
{
    hc_id id;

    HOUSE_OK(hc_property_create(&id, as, home, err));
    hc_property_free(home);
    return id;
}

hc_id house_list_home(hc_session *as, const char *title, int64_t cents)
{
    return list_home(as, house_sketch(title, cents));
}

hc_property *house_read(hc_session *as, hc_id id)
{
    hc_property *home = NULL;

    HOUSE_OK(hc_property_get(&home, as, id, err));
    return home;
}

void house_listings(void)
{
    hc_property *home = house_sketch("Bungalow by the creek", 48900000);

    hc_property_set_description(home, "Three rooms, a porch and a pecan tree.");
    hc_property_set_beds(home, 3);
    hc_property_set_baths(home, 225);
    hc_property_set_sqft(home, 1480);
    hc_property_set_year_built(home, 1938);
    hc_property_set_latitude(home, INT64_C(3024500000));
    hc_property_set_longitude(home, INT64_C(-9776900000));
    house.anas_ids[0] = list_home(house.ana, home);
    home = house_sketch("Condo over the lake", 61250000);
    hc_property_set_property_type(home, HC_PROPERTY_CONDO);
    hc_property_set_beds(home, 2);
    house.anas_ids[1] = list_home(house.ana, home);
    home = house_sketch("Land that is not for sale any more", 9900000);
    hc_property_set_property_type(home, HC_PROPERTY_LAND);
    hc_property_set_standard_status(home, HC_PROPERTY_STANDARD_WITHDRAWN);
    house.anas_ids[2] = list_home(house.ana, home);
    house.bens_id = house_list_home(house.ben, "House with a red door", 35000000);
    house.anas_home = house_read(house.ana, house.anas_ids[0]);
    house.bens_home = house_read(house.ben, house.bens_id);
}

/* ---- open and close ---- */

void house_open(void)
{
    starved_begin();
    house_set_time(HOUSE_START);
    house_folder();
    house_client();
    house_people();
    house_listings();
    (void)house_snapshot();
    stands = true;
}

void house_open_memory(void)
{
    house_set_time(HOUSE_START);
    house_folder();
    house.path[0] = '\0';
    snprintf(house.uri, sizeof house.uri, "sqlite::memory:");
    house_client();
    house_people();
    house_listings();
}

void house_leave(void)
{
    hc_session **sessions[] = {&house.system, &house.guest, &house.admin, &house.ana, &house.ben, &house.bea};
    hc_client *client;
    void *look;

    hc_property_free(house.anas_home);
    hc_property_free(house.bens_home);
    house.anas_home = house.bens_home = NULL;
    for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++) {
        hc_session_free(*sessions[i]);
        *sessions[i] = NULL;
    }
    client = house.client;
    house.client = NULL;
    look = house_is_a_file() ? house_take_kept() : NULL;
    if (look != NULL) /* the last to close a file does more */
        on()->close(look);
    hc_client_close(client);
}

void house_close(void)
{
    bool pair = house_is_a_pair();

    house_leave();
    house_remove();
    printf("store %s%s %s: 1 tests, %lld operations\n", on()->name, pair ? "+mongodb" : "", on()->version(),
           (long long)atomic_exchange(&operations, 0));
    fflush(stdout);
}

/* ---- looking into the store ---- */

#define FOLD UINT64_C(14695981039346656037) /* FNV-1a */

const char *house_engine(void)
{
    return on()->name;
}

bool house_is_a_file(void)
{
    return on() == &house_on_sqlite;
}

bool house_is_a_pair(void)
{
    return house.documents[0] != '\0';
}

void house_deliver(void)
{
    if (house_is_a_pair() && house.client != NULL && house_sql("SELECT count(*) FROM outbox WHERE state='pending'") > 0)
        (void)hc_client_run(house.client, 60 * HOUSE_SECOND, NULL, NULL);
}

bool house_only_in_a_file(const char *why)
{
    if (house_is_a_file())
        return true;
    printf("skip: %s\n", why);
    fflush(stdout);
    return false;
}

void *house_look(void)
{
    return on()->open();
}

void house_look_close(void *look)
{
    on()->close(look);
}

void house_settle(void)
{
    if (!house_is_a_file())
        HOUSE_OK(hc_client_run(house.client, 60 * HOUSE_SECOND, NULL, err));
}

void *house_lock(void)
{
    void *look = house_look();

    on()->change(look, on()->lock);
    return look;
}

void house_beside(char *uri, size_t size)
{
    on()->beside(uri, size);
}

static void take_number(const house_value *values, int count, void *data)
{
    int64_t *out = data;
    char text[48] = "";

    (void)count;
    if (*out != -1)
        return;
    if (values[0].bytes != NULL)
        memcpy(text, values[0].bytes, values[0].size < sizeof text ? values[0].size : sizeof text - 1);
    *out = strtoll(text, NULL, 10);
}

int64_t house_look_sql(void *look, const char *sql)
{
    int64_t out = -1;

    on()->rows(look, sql, take_number, &out);
    return out;
}

void house_look_rows(void *look, const char *sql, house_row_fn row, void *data)
{
    on()->rows(look, sql, row, data);
}

int64_t house_look_change(void *look, const char *sql)
{
    return on()->change(look, sql);
}

#ifdef HOUSE_MONGODB
/* Whether the statement is for the document store, where what waits for it is then. */
static bool of_documents(const char *sql)
{
    if (!house_documents_asked(sql))
        return false;
    house_deliver();
    return true;
}
#endif

int64_t house_sql(const char *sql)
{
    int64_t out = -1;

    house_rows(sql, take_number, &out);
    return out;
}

int64_t house_change(const char *sql)
{
    void *look;
    int64_t out;

#ifdef HOUSE_MONGODB
    if (of_documents(sql))
        return house_documents_change(sql);
#endif
    look = house_look();
    out = house_look_change(look, sql);
    house_look_close(look);
    return out;
}

void house_rows(const char *sql, house_row_fn row, void *data)
{
    void *look;

#ifdef HOUSE_MONGODB
    if (of_documents(sql)) {
        house_documents_rows(sql, row, data);
        return;
    }
#endif
    look = house_look();
    on()->rows(look, sql, row, data);
    house_look_close(look);
}

static uint64_t fold(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    return hash;
}

static void note_table(const house_value *values, int count, void *data)
{
    snapshot *out = data;

    (void)count;
    ck_assert_uint_lt(out->count, SNAPSHOT_TABLES);
    snprintf(out->tables[out->count++].name, sizeof out->tables[0].name, "%.*s", (int)values[0].size,
             (const char *)values[0].bytes);
}

struct content {
    int64_t rows;
    uint64_t hash;
};

uint64_t house_fold_row(uint64_t hash, const house_value *values, int count)
{
    for (int i = 0; i < count; i++) {
        size_t size = values[i].bytes == NULL ? SIZE_MAX : values[i].size;

        hash = fold(hash, &size, sizeof size);
        hash = fold(hash, values[i].bytes, values[i].size);
    }
    return hash;
}

static void note_row(const house_value *values, int count, void *data)
{
    struct content *out = data;

    out->rows++;
    out->hash = house_fold_row(out->hash, values, count);
}

/* Not what a call changed: on a server events get their numbers after the commit, a unit may be known by a row of
 * idempotency_keys that has no key, and whoever comes by delivers effects under a lease. */
static const char *content_of(const char *table)
{
    if (strcmp(table, "outbox") == 0)
        return "id,target,kind,aggregate_id,version,verb";
    return strcmp(table, "events") == 0 ? "id,resource,resource_id,change,version,actor_id,created_at" : "*";
}

static void read_table(void *look, snapshot *out, size_t at)
{
    const char *name = out->tables[at].name;
    struct content content = {0, FOLD};
    char sql[256];

    if (strcmp(name, "audit_log") == 0) {
        out->audit_rows = audit_seen = house_look_sql(look, "SELECT count(*) FROM audit_log");
    } else if (strncmp(name, "audit_", 6) != 0 && strcmp(name, "leases") != 0) {
        snprintf(sql, sizeof sql, "SELECT %s FROM %s%s ORDER BY 1", content_of(name), name,
                 strcmp(name, "idempotency_keys") == 0 ? " WHERE key IS NOT NULL" : "");
        on()->rows(look, sql, note_row, &content);
    }
    out->tables[at].rows = content.rows;
    out->tables[at].content = content.hash;
}

#ifdef HOUSE_MONGODB
static void read_collections(snapshot *out)
{
    for (int i = 0; house_is_a_pair() && i < HOUSE_COLLECTIONS; i++) {
        struct content content = {0, FOLD};
        const char *name = house_documents_each(i, note_row, &content);

        ck_assert_uint_lt(out->count, SNAPSHOT_TABLES);
        snprintf(out->tables[out->count].name, sizeof out->tables[0].name, "documents of %s", name);
        out->tables[out->count].rows = content.rows;
        out->tables[out->count++].content = content.hash;
    }
}
#endif

snapshot house_snapshot_by(void *look)
{
    snapshot out;

    memset(&out, 0, sizeof out);
    house_deliver();
    on()->change(look, on()->begin);
    on()->rows(look, on()->tables, note_table, &out);
    for (size_t i = 0; i < out.count; i++)
        read_table(look, &out, i);
    on()->change(look, "COMMIT");
#ifdef HOUSE_MONGODB
    read_collections(&out);
#endif
    return out;
}

snapshot house_snapshot(void)
{
    void *look = house_look();
    snapshot out = house_snapshot_by(look);

    house_look_close(look);
    return out;
}

bool house_same(const snapshot *before, const snapshot *after, char *difference, size_t size)
{
    snprintf(difference, size, "other tables");
    if (before->count != after->count)
        return false;
    for (size_t i = 0; i < before->count; i++) {
        snprintf(difference, size, "%s: %lld rows, then %lld, %s content", before->tables[i].name,
                 (long long)before->tables[i].rows, (long long)after->tables[i].rows,
                 before->tables[i].content == after->tables[i].content ? "the same" : "other");
        if (strcmp(before->tables[i].name, after->tables[i].name) != 0 ||
            before->tables[i].content != after->tables[i].content)
            return false;
    }
    difference[0] = '\0';
    return true;
}

/* FNV-1a. */
hc_status house_hash(const char *bytes, size_t size, void *hash, hc_error *err)
{
    uint64_t *to = hash;

    (void)err;
    for (size_t i = 0; i < size; i++)
        *to = (*to ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3) + 1;
    return HC_OK;
}

void house_assert_derived(void)
{
    hc_repair_report report = HC_REPAIR_REPORT_INIT;

    HOUSE_OK(hc_repair_derived(house.client, &report, NULL, NULL, err));
    ck_assert_msg(report.changed == 0 && report.left == 0, "%lld of %lld rows had to be repaired",
                  (long long)(report.changed + report.left), (long long)report.examined);
}

void house_assert_unchanged_since(snapshot before)
{
    int64_t audit = audit_seen;
    snapshot after = house_snapshot();
    char difference[160];

    audit_seen = audit; /* so that house_assert_audited() may follow */
    ck_assert_msg(house_same(&before, &after, difference, sizeof difference), "the store changed: %s", difference);
}

void house_assert_audited(const char *event, const hc_session *who)
{
    static const hc_id nobody;
    hc_id actor = who == NULL ? nobody : hc_session_user_id(who);
    char sql[320];
    int at = snprintf(sql, sizeof sql,
                      "SELECT count(*) FROM (SELECT * FROM audit_log ORDER BY pk LIMIT 1000000 OFFSET %lld) a WHERE"
                      " event='%s' AND actor_id ",
                      (long long)audit_seen, event);

    if (memcmp(&actor, &nobody, sizeof actor) == 0) {
        snprintf(sql + at, sizeof sql - (size_t)at, "IS NULL");
    } else {
        at += snprintf(sql + at, sizeof sql - (size_t)at, "=x'");
        for (size_t i = 0; i < sizeof actor; i++)
            at += snprintf(sql + at, sizeof sql - (size_t)at, "%02x", actor.bytes[i]);
        snprintf(sql + at, sizeof sql - (size_t)at, "'");
    }
    ck_assert_msg(house_sql(sql) > 0, "no audit row %s of this caller since the last snapshot", event);
}
