/* Each call with each allocation failing: an error or success, no half state, no leak, and the handle goes on. A public
 * function is one line in `calls`. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "homeconnect/import.h"
#include "house.h"
#include "memory.h"

#define POINTS 100000 /* a call that allocates more often runs away */

static hc_property *home, *fresh; /* home as ana reads it now; fresh can be created */
static hc_user *user, *newcomer;
static hc_agent *agent, *profile;
static hc_session *login;
static hc_query *query;
static hc_id extra;
static int serial;
static const char *password = HOUSE_PASSWORD, *other_password = "four otters under the pier";

static void no_preparation(void)
{
}

static void read_home(void)
{
    home = house_read(house.ana, house.anas_ids[0]);
}

static void read_user(void)
{
    HOUSE_OK(hc_user_get(&user, house.bea, house.bea_id, err));
}

static void read_agent(void)
{
    HOUSE_OK(hc_agent_get(&agent, house.ana, house.ana_id, err));
}

static void sketch_home(void)
{
    fresh = house_sketch("One more", 12345600);
}

static void make_extra_home(void)
{
    extra = house_list_home(house.ana, "To be deleted", 100);
}

static void make_deleted_home(void)
{
    make_extra_home();
    HOUSE_OK(hc_property_delete(house.ana, extra, 1, err));
}

static void make_extra_user(void)
{
    char email[64];

    snprintf(email, sizeof email, "extra%d@example.com", ++serial);
    extra = house_user(email, "Extra", HC_USER_ROLE_AGENT);
}

static void make_extra_agent(void)
{
    make_extra_user();
    house_license(extra);
}

static void sketch_user(void)
{
    char email[64];

    snprintf(email, sizeof email, "new%d@example.com", ++serial);
    newcomer = hc_user_new(house.client);
    hc_user_set_email(newcomer, email);
    hc_user_set_full_name(newcomer, "New Comer");
    hc_user_set_role(newcomer, HC_USER_ROLE_BUYER);
}

static void sketch_agent(void)
{
    make_extra_user();
    profile = hc_agent_new(house.client);
    hc_agent_set_user_id(profile, extra);
    hc_agent_set_bio(profile, "Knows every street.");
}

static void log_in(void)
{
    login = house_login("bea@example.com", password);
}

static void parse_filter(void)
{
    HOUSE_OK(hc_query_parse(&query, house.client,
                            "city eq 'Austin' and price le 900000 and (beds ge 2 or not contains(title,'lake'))",
                            "price,-created_at", err));
}

static void parse_text(void)
{
    HOUSE_OK(hc_query_parse(&query, house.client, "beds ge 1", "-relevance", err));
    HOUSE_OK(hc_query_set_text(query, "creek bung*", err));
}

static void parse_near(void)
{
    HOUSE_OK(hc_query_parse(&query, house.client, "geo.near(30.245,-97.769,2000)", "distance", err));
}

static void any_user(void)
{
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_USER, err));
}

static void any_agent(void)
{
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_AGENT, err));
}

static void clean(void)
{
    hc_property_free(home);
    hc_property_free(fresh);
    hc_user_free(user);
    hc_user_free(newcomer);
    hc_agent_free(agent);
    hc_agent_free(profile);
    hc_session_free(login);
    hc_query_free(query);
    home = fresh = NULL;
    user = newcomer = NULL;
    agent = profile = NULL;
    login = NULL;
    query = NULL;
}

/* ---- calls ---- */

static hc_status client_open(hc_error *err)
{
    hc_client_options options;
    hc_client *client;
    hc_status status;

    house_options(&options);
    status = hc_client_open(&client, &options, err);
    ck_assert(status >= 0 || client == NULL);
    hc_client_close(client);
    return status;
}

static char first_path[400];

static void remove_first(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".keys"};
    char path[420];

    snprintf(first_path, sizeof first_path, "%s/first.db", house.folder);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(path, sizeof path, "%s%s", first_path, suffixes[i]);
        remove(path);
    }
}

static hc_status client_open_first(hc_error *err)
{
    hc_client_options options;
    hc_client *client;
    char uri[440];
    hc_status status;

    house_options(&options);
    snprintf(uri, sizeof uri, "sqlite:%s?durability=relaxed", first_path);
    options.storage_uri = uri;
    status = hc_client_open(&client, &options, err);
    ck_assert(status >= 0 || client == NULL);
    hc_client_close(client);
    return status;
}

static hc_status client_health(hc_error *err)
{
    hc_health health = HC_HEALTH_INIT;

    return hc_client_health(house.client, &health, err);
}

static hc_status client_run(hc_error *err)
{
    return hc_client_run(house.client, HOUSE_SECOND, NULL, err);
}

static hc_status client_migrate(hc_error *err)
{
    return hc_client_migrate(house.client, err);
}

static hc_status session_guest(hc_error *err)
{
    hc_session *out;
    hc_status status = hc_session_guest(&out, house.client, "198.51.100.4", err);

    hc_session_free(out);
    return status;
}

static hc_status session_system(hc_error *err)
{
    hc_session *out;
    hc_status status = hc_session_system(&out, house.client, err);

    hc_session_free(out);
    return status;
}

static hc_status session_open(hc_error *err)
{
    const char *token = hc_session_token(house.bea);
    hc_session *out;
    hc_status status = hc_session_open(&out, house.client, token, strlen(token), "198.51.100.4", err);

    hc_session_free(out);
    return status;
}

static hc_status auth_login(hc_error *err)
{
    hc_login who = HC_LOGIN_INIT;
    hc_session *out;
    hc_status status;

    who.email = "ana@example.com";
    who.password = HOUSE_PASSWORD;
    who.password_size = strlen(HOUSE_PASSWORD);
    status = hc_auth_login(&out, house.guest, &who, err);
    hc_session_free(out);
    return status;
}

static hc_status auth_register(hc_error *err)
{
    hc_registration who = HC_REGISTRATION_INIT;
    char email[64];

    snprintf(email, sizeof email, "guest%d@example.com", ++serial);
    who.email = email;
    who.password = HOUSE_PASSWORD;
    who.password_size = strlen(HOUSE_PASSWORD);
    who.full_name = "Gus Guest";
    return hc_auth_register(house.guest, &who, err);
}

static hc_status auth_change_password(hc_error *err)
{
    hc_password_change change = HC_PASSWORD_CHANGE_INIT;
    hc_status status;

    change.current = password;
    change.current_size = strlen(password);
    change.password = other_password;
    change.password_size = strlen(other_password);
    status = hc_auth_change_password(login, &change, err);
    if (status >= 0) {
        const char *old = password;

        password = other_password;
        other_password = old;
    }
    return status;
}

static hc_status auth_logout(hc_error *err)
{
    return hc_auth_logout(login, err);
}

static hc_status user_create(hc_error *err)
{
    hc_id id;

    return hc_user_create(&id, house.system, newcomer, HOUSE_PASSWORD, strlen(HOUSE_PASSWORD), err);
}

static hc_status user_get(hc_error *err)
{
    hc_user *out;
    hc_status status = hc_user_get(&out, house.admin, house.ana_id, err);

    hc_user_free(out);
    return status;
}

static hc_status user_get_many(hc_error *err)
{
    const hc_id ids[] = {house.ben_id, house.ana_id};
    hc_user_page *page;
    hc_status status = hc_user_get_many(&page, house.admin, ids, 2, err);

    hc_user_page_free(page);
    return status;
}

static hc_status user_list(hc_error *err)
{
    hc_user_page *page;
    hc_status status = hc_user_list(&page, house.admin, query, err);

    hc_user_page_free(page);
    return status;
}

static hc_status user_update(hc_error *err)
{
    hc_user *edit = hc_user_edit(user);
    hc_status status;

    hc_user_set_phone(edit, "+1 512 555 0100");
    status = hc_user_update(NULL, house.bea, edit, err);
    hc_user_free(edit);
    return status;
}

static hc_status user_delete(hc_error *err)
{
    return hc_user_delete(house.admin, extra, 1, err);
}

static hc_status agent_create(hc_error *err)
{
    hc_id id;

    return hc_agent_create(&id, house.system, profile, err);
}

static hc_status agent_get(hc_error *err)
{
    hc_agent *out;
    hc_status status = hc_agent_get(&out, house.guest, house.ben_id, err);

    hc_agent_free(out);
    return status;
}

static hc_status agent_get_many(hc_error *err)
{
    const hc_id ids[] = {house.ben_id, house.ana_id};
    hc_agent_page *page;
    hc_status status = hc_agent_get_many(&page, house.guest, ids, 2, err);

    hc_agent_page_free(page);
    return status;
}

static hc_status agent_list(hc_error *err)
{
    hc_agent_page *page;
    hc_status status = hc_agent_list(&page, house.bea, query, err);

    hc_agent_page_free(page);
    return status;
}

static hc_status agent_update(hc_error *err)
{
    hc_agent *edit = hc_agent_edit(agent);
    hc_status status;

    hc_agent_set_bio(edit, "Born in Travis County.");
    status = hc_agent_update(NULL, house.ana, edit, err);
    hc_agent_free(edit);
    return status;
}

static hc_status agent_delete(hc_error *err)
{
    return hc_agent_delete(house.admin, extra, 1, err);
}

static hc_status property_create(hc_error *err)
{
    hc_id id;

    return hc_property_create(&id, house.ana, fresh, err);
}

static hc_status property_create_with_key(hc_error *err)
{
    char key[32];
    hc_id id;

    snprintf(key, sizeof key, "key-%d", ++serial);
    if (hc_session_set_idempotency_key(house.ana, key, err) < 0)
        return HC_ERR_NO_MEMORY;
    return hc_property_create(&id, house.ana, fresh, err);
}

static hc_status property_sketch(hc_error *err)
{
    hc_property *record = house_sketch("Made of nothing", 500);
    hc_id id;
    hc_status status = hc_property_create(&id, house.ana, record, err);

    hc_property_free(record);
    return status;
}

static hc_status property_get(hc_error *err)
{
    hc_property *out;
    hc_status status = hc_property_get(&out, house.guest, house.anas_ids[0], err);

    hc_property_free(out);
    return status;
}

static hc_status property_get_many(hc_error *err)
{
    const hc_id ids[] = {house.bens_id, house.anas_ids[0], house.anas_ids[2]};
    hc_property_page *page;
    hc_status status = hc_property_get_many(&page, house.bea, ids, 3, err);

    hc_property_page_free(page);
    return status;
}

static hc_status property_list(hc_error *err)
{
    hc_property_page *page;
    hc_status status = hc_property_list(&page, house.bea, query, err);

    hc_property_page_free(page);
    return status;
}

static hc_status property_facets(hc_error *err)
{
    hc_facets *out;
    hc_status status = hc_property_facets(&out, house.guest, query, err);

    hc_facets_free(out);
    return status;
}

static hc_status property_update(hc_error *err)
{
    hc_property *edit = hc_property_edit(home);
    hc_status status;

    hc_property_set_price(edit, hc_property_price(home) + 100);
    hc_property_set_standard_status(edit, hc_property_standard_status(home) == HC_PROPERTY_STANDARD_ACTIVE
                                              ? HC_PROPERTY_STANDARD_PENDING
                                              : HC_PROPERTY_STANDARD_ACTIVE);
    status = hc_property_update(NULL, house.ana, edit, err);
    hc_property_free(edit);
    return status;
}

static hc_status property_update_of_another(hc_error *err)
{
    hc_property *edit = hc_property_for(house.client, house.bens_id, 1);
    hc_status status;

    hc_property_set_price(edit, 1);
    status = hc_property_update(NULL, house.ana, edit, err);
    hc_property_free(edit);
    return status == HC_ERR_FORBIDDEN ? HC_OK : status;
}

static hc_status property_delete(hc_error *err)
{
    return hc_property_delete(house.ana, extra, 1, err);
}

static hc_status property_restore(hc_error *err)
{
    return hc_property_restore(NULL, house.ana, extra, err);
}

static hc_status property_purge(hc_error *err)
{
    return hc_property_purge(house.admin, extra, err);
}

static hc_status query_parse(hc_error *err)
{
    hc_query *out;
    hc_status status = hc_query_parse(
        &out, house.client, "city in ('Austin','Reno') and geo.polygon('POLYGON((0 0,0 9,9 9,0 0))')", "-price", err);

    hc_query_free(out);
    return status;
}

static hc_status query_parse_string(hc_error *err)
{
    static const char text[] = "city=Austin&max_price=500000&min_beds=3&near=30.2,-97.7,900&sort=distance&limit=50";
    hc_query *out;
    hc_status status = hc_query_parse_string(&out, house.client, text, sizeof text - 1, err);

    hc_query_free(out);
    return status;
}

static hc_status query_text(hc_error *err)
{
    hc_text *text;
    hc_status status = hc_query_text(&text, query, err);

    hc_text_free(text);
    return status;
}

static hc_status query_explain(hc_error *err)
{
    hc_text *text;
    hc_status status = hc_query_explain(&text, house.ana, query, err);

    hc_text_free(text);
    return status;
}

static hc_status import_from(const char *name, const char *content, int32_t format, hc_error *err)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    char path[400];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", house.folder, name);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
    options.path = path;
    options.format = format;
    options.mapping = "{\"source_system\":\"oom\",\"key\":\"key\",\"fields\":{\"title\":\"title\",\"price\":\"price\","
                      "\"address\":\"address\",\"city\":{\"const\":\"Reno\"},\"state\":{\"const\":\"NV\"},"
                      "\"zip_code\":{\"const\":\"89501\"},\"property_type\":{\"const\":\"condo\"}}}";
    options.source_system = format == HC_FORMAT_RESO ? "oom-reso" : NULL;
    if (format == HC_FORMAT_RESO)
        options.mapping = NULL;
    return hc_import_run(NULL, house.ana, &options, err);
}

static hc_status import_csv(hc_error *err)
{
    char rows[256];

    ++serial;
    snprintf(rows, sizeof rows,
             "key,title,price,address\nk%d-1,\"A \"\"quoted\"\" home\",1000.50,1 A St\nk%d-2,B,x,2 B St\n", serial,
             serial);
    return import_from("rows.csv", rows, HC_FORMAT_CSV, err);
}

static hc_status import_reso(hc_error *err)
{
    char json[600];

    snprintf(
        json, sizeof json,
        "{\"value\":[{\"ListingKey\":\"r%d\",\"UnparsedAddress\":\"3 C St\",\"ListPrice\":250000,\"City\":\"Reno\","
        "\"StateOrProvince\":\"NV\",\"PostalCode\":\"89501\",\"PropertyType\":\"Residential\",\"PropertySubType\":"
        "\"Condominium\",\"StandardStatus\":\"Active\",\"Unknown\":{\"a\":1}}]}",
        ++serial);
    return import_from("rows.json", json, HC_FORMAT_RESO, err);
}

/* Whole, and the same each time, or refused. */
static hc_status export_as(int32_t format, hc_error *err)
{
    static uint64_t known;
    uint64_t hash = 0;
    hc_status status = hc_export_run(NULL, house.bea, query, format, house_hash, &hash, err);

    if (status < 0)
        return status;
    known = known == 0 ? hash : known;
    ck_assert_uint_eq(hash, known);
    return status;
}

static hc_status export_csv(hc_error *err)
{
    return export_as(HC_FORMAT_CSV, err);
}

static hc_status export_reso(hc_error *err)
{
    return export_as(HC_FORMAT_RESO, err);
}

static hc_status two_calls(hc_session *as, void *data, hc_error *err)
{
    hc_id id;
    hc_status status = hc_property_create(&id, as, fresh, err);

    (void)data;
    return status < 0 ? status : property_update(err);
}

static hc_status session_transact(hc_error *err)
{
    return hc_session_transact(house.ana, two_calls, NULL, err);
}

/* name, whether it may write, what is made ready with memory, the call */
static const struct call {
    const char *name;
    bool writes;
    void (*prepare)(void);
    hc_status (*run)(hc_error *err);
} calls[] = {
    {"client_open", false, no_preparation, client_open},
    {"client_health", false, no_preparation, client_health},
    {"client_run", false, no_preparation, client_run},
    {"client_migrate", false, no_preparation, client_migrate},
    {"session_guest", false, no_preparation, session_guest},
    {"session_open", false, no_preparation, session_open},
    {"session_system", false, no_preparation, session_system},
    {"session_transact", true, NULL, session_transact},
    {"auth_login", true, no_preparation, auth_login},
    {"auth_register", true, no_preparation, auth_register},
    {"auth_change_password", true, log_in, auth_change_password},
    {"auth_logout", true, log_in, auth_logout},
    {"user_create", true, sketch_user, user_create},
    {"user_get", false, no_preparation, user_get},
    {"user_get_many", false, no_preparation, user_get_many},
    {"user_list", false, any_user, user_list},
    {"user_update", true, read_user, user_update},
    {"user_delete", true, make_extra_user, user_delete},
    {"agent_create", true, sketch_agent, agent_create},
    {"agent_get", false, no_preparation, agent_get},
    {"agent_get_many", false, no_preparation, agent_get_many},
    {"agent_list", false, any_agent, agent_list},
    {"agent_update", true, read_agent, agent_update},
    {"agent_delete", true, make_extra_agent, agent_delete},
    {"property_create", true, sketch_home, property_create},
    {"property_create_with_key", true, sketch_home, property_create_with_key},
    {"property_sketch", true, no_preparation, property_sketch},
    {"property_get", false, no_preparation, property_get},
    {"property_get_many", false, no_preparation, property_get_many},
    {"property_list_filter", false, parse_filter, property_list},
    {"property_list_text", false, parse_text, property_list},
    {"property_list_near", false, parse_near, property_list},
    {"property_facets", false, parse_filter, property_facets},
    {"property_update", true, read_home, property_update},
    {"property_update_of_another", false, no_preparation, property_update_of_another},
    {"property_delete", true, make_extra_home, property_delete},
    {"property_restore", true, make_deleted_home, property_restore},
    {"property_purge", true, make_deleted_home, property_purge},
    {"query_parse", false, no_preparation, query_parse},
    {"query_parse_string", false, no_preparation, query_parse_string},
    {"query_text", false, parse_filter, query_text},
    {"query_explain", false, parse_filter, query_explain},
    {"import_run_csv", true, no_preparation, import_csv},
    {"import_run_reso", true, no_preparation, import_reso},
    {"export_run_csv", false, parse_filter, export_csv},
    {"export_run_reso", false, parse_filter, export_reso},
    {"client_open_first", false, remove_first, client_open_first}, /* the last: minutes, so only with --long */
};
#define CALLS (sizeof calls / sizeof calls[0])

static void prepare(const struct call *call)
{
    if (call->prepare != NULL) {
        call->prepare();
    } else { /* session_transact */
        sketch_home();
        read_home();
    }
}

/* ---- the loop ---- */

static sqlite3 *watcher; /* sees whether anybody committed */
static int64_t injected;

static snapshot known; /* what is in the store; read again only when somebody committed since */
static int64_t known_version = -1;

static int64_t data_version(void)
{
    sqlite3_stmt *stmt = NULL;
    int64_t out;

    ck_assert_int_eq(sqlite3_prepare_v2(watcher, "PRAGMA data_version", -1, &stmt, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
    out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return out;
}

/* One call with the n-th allocation failing. False when none failed: it needs fewer than n. */
static bool point(const struct call *call, memory_of whose, int64_t n, bool and_after)
{
    hc_error err = {0};
    hc_status status;
    snapshot after;
    char difference[200] = "";
    int64_t version, refused;

    prepare(call);
    version = data_version();
    if (known_version != version)
        known = house_snapshot();
    known_version = version;
    memory_in(call->name);
    memory_fail(whose, n, and_after);
    status = call->run(&err);
    refused = memory_restore();
    memory_told(refused > 0 && status < 0);
    injected += refused;
    ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && refused > 0 && err.status == status),
                  "%s, allocation %lld%s of %s: %s %s, refused %lld", call->name, (long long)n,
                  and_after ? " and after" : "", whose == MEMORY_OF_SQLITE ? "SQLite" : "the library",
                  hc_status_name(status), err.message, (long long)refused);
    if ((status < 0 || !call->writes) && data_version() != version) {
        after = house_snapshot();
        ck_assert_msg(house_same(&known, &after, difference, sizeof difference), "%s, allocation %lld: %s", call->name,
                      (long long)n, difference);
    }
    clean();
    return refused > 0;
}

static void quick_house(void)
{
    house_set_time(HOUSE_START);
    house_folder();
    snprintf(house.uri, sizeof house.uri, "sqlite:%s?durability=relaxed", house.path);
    house_client();
    house_people();
    house_listings();
}

/* Points of a call in one mode, each PARTS-th; of more than MANY not all, unless all are asked for. */
#define PARTS 4
#define MANY  400
static int64_t walk(const struct call *call, memory_of whose, bool and_after, int64_t first)
{
    int64_t n = memory_first(whose) + first * memory_each(whose), step = PARTS * memory_each(whose);

    if (whose == MEMORY_OF_LIBRARY && and_after && !memory_all()) {
        point(call, whose, POINTS, and_after);
        step *= 1 + memory_asked() / MANY;
    }
    while (n < POINTS && point(call, whose, n, and_after))
        n += step;
    ck_assert_msg(n < POINTS, "%s runs away", call->name);
    return (n - 1) / step; /* how many there were */
}

/* S13 */
START_TEST(every_allocation_of_a_call_may_fail)
{
    const struct call *call = &calls[_i < PARTS ? 0 : _i - PARTS + 1];
    int first = _i < PARTS ? _i : 0, last = _i < PARTS ? _i : PARTS - 1;
    int64_t points[2] = {0, 0}, idle;

    house_allocator = &memory_allocator;
    quick_house();
    ck_assert_int_eq(sqlite3_open_v2(house.path, &watcher, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    point(call, MEMORY_OF_LIBRARY, POINTS, false); /* warms caches */
    idle = memory_live();
    for (int whose = MEMORY_OF_LIBRARY; whose <= MEMORY_OF_SQLITE; whose++)
        for (int part = first; part <= last; part++)
            for (int and_after = 0; and_after <= 1; and_after++)
                points[whose] += walk(call, (memory_of)whose, and_after != 0, part);
    point(call, MEMORY_OF_LIBRARY, POINTS, false);
    ck_assert_msg(memory_live() <= idle, "%s: %lld blocks more than before", call->name,
                  (long long)(memory_live() - idle));
    house_assert_derived(); /* also of what succeeded with less memory than it wanted */
    sqlite3_close(watcher);
    house_close();
    ck_assert_msg(memory_live() == 0, "%s: %lld blocks leak", call->name, (long long)memory_live());
    ck_assert_msg(sqlite3_memory_used() == 0, "%s: SQLite keeps %lld bytes", call->name,
                  (long long)sqlite3_memory_used());
    printf("out of memory: %-26s %4lld of the library, %4lld of SQLite, %lld failures\n", call->name,
           (long long)points[0], (long long)points[1], (long long)injected);
}
END_TEST

static void fill(TCase *tcase)
{
    const char *asked = getenv("HC_LONG");
    bool is_long = asked != NULL && strcmp(asked, "1") == 0;

    tcase_add_loop_test(tcase, every_allocation_of_a_call_may_fail, 0, (int)CALLS + PARTS - 1 - !is_long);
}

int main(void)
{
    memory_wrap_sqlite();
    return suite_main("fault.memory", fill, NULL, NULL);
}
