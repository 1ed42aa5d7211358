/* The data file: made once by the library's migration and raw inserts, then used by every run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "homeconnect/agent.h"
#include "homeconnect/auth.h"
#include "homeconnect/user.h"
#include "homeconnect/version.h"

#define PASSWORD "nine herons over the weir"
#define BATCH    20000
#define ONE_TREE "INSERT INTO properties_words(properties_words) VALUES('optimize');" /* of all words */

struct bench bench;
const char *const people[3] = {"bea@example.com", "ana@example.com", "ada@example.com"};

static void open_both(hc_client **out, const char *path, const char *documents, hc_metric_fn metric)
{
    static const uint8_t key[HC_SECRET_KEY_SIZE] = {9, 0, 2, 1, 0}; /* of a server's store; a file has its own */
    bool server = strstr(path, "://") != NULL;
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    char uri[600];
    hc_error err;

    snprintf(uri, sizeof(uri), "%s%s", server ? "" : "sqlite:", path);
    options.storage_uri = uri;
    options.document_uri = documents;
    options.secret_key = server ? key : NULL;
    options.driver_path = HC_DRIVER_FOLDER;
    options.password_profile = HC_PASSWORD_LOW_MEMORY;
    options.token_lifetime = INT64_C(86400000000);
    options.metric = metric;
    must(hc_client_open(out, &options, &err), &err, "open");
}

void open_watched(hc_client **out, const char *path, hc_metric_fn metric)
{
    open_both(out, path, NULL, metric);
}

void open_with(hc_client **out, const char *path, const char *documents)
{
    open_both(out, path, documents, NULL);
}

void open_client(hc_client **out, const char *path)
{
    open_watched(out, path, NULL);
}

static hc_id make_person(hc_client *client, hc_session *system, const char *email, int32_t role)
{
    hc_user *user = hc_user_new(client);
    hc_error err;
    hc_id id;

    hc_user_set_email(user, email);
    hc_user_set_full_name(user, "Benja Min");
    hc_user_set_role(user, role);
    must(hc_user_create(&id, system, user, PASSWORD, strlen(PASSWORD), &err), &err, "user");
    hc_user_free(user);
    return id;
}

static void license(hc_client *client, hc_session *system, hc_id user)
{
    hc_agent *agent = hc_agent_new(client);
    int64_t now = (int64_t)time(NULL);
    hc_error err;
    hc_id id;

    hc_agent_set_user_id(agent, user);
    hc_agent_set_license_number(agent, "TX-90210");
    hc_agent_set_license_state(agent, "TX");
    hc_agent_set_license_expires_on(agent, (int32_t)(now / 86400) + 3650);
    hc_agent_set_license_verified_at(agent, now * 1000000);
    must(hc_agent_create(&id, system, agent, &err), &err, "agent");
    hc_agent_free(agent);
}

void store_people(hc_client *client)
{
    static const int32_t roles[3] = {HC_USER_ROLE_BUYER, HC_USER_ROLE_AGENT, HC_USER_ROLE_ADMIN};
    hc_session *system;
    hc_error err;

    must(hc_session_system(&system, client, &err), &err, "system");
    for (int i = 0; i < 3; i++) {
        hc_id id = make_person(client, system, people[i], roles[i]);

        if (roles[i] == HC_USER_ROLE_AGENT)
            license(client, system, id);
    }
    hc_session_free(system);
}

hc_session *sign_in(hc_client *client, const char *email)
{
    hc_login login = HC_LOGIN_INIT;
    hc_session *guest, *out;
    hc_error err;

    must(hc_session_guest(&guest, client, "203.0.113.5", &err), &err, "guest");
    login.email = email;
    login.password = PASSWORD;
    login.password_size = strlen(PASSWORD);
    must(hc_auth_login(&out, guest, &login, &err), &err, "login");
    hc_session_free(guest);
    hc_session_set_timeout(out, INT64_C(3600000000)); /* callgrind takes fifty times as long */
    return out;
}

/* ---- the data ---- */

static char *indexes_of(struct raw *raw)
{
    return raw_text_of(raw,
                       "SELECT group_concat(sql, ';') FROM sqlite_schema WHERE type='index' AND tbl_name='properties'"
                       " AND sql IS NOT NULL");
}

/* The indexes are built last: sorting once is quicker than a million places in ten trees. */
static void fill(const char *path, uint64_t count)
{
    struct raw *raw;
    char *drops, *creates;
    struct listing listing;

    raw = raw_open(path);
    if (raw == NULL || !raw_run(raw, "PRAGMA synchronous=OFF;PRAGMA cache_size=-800000"))
        die("cannot open %s", path);
    creates = indexes_of(raw);
    drops = raw_text_of(raw, "SELECT group_concat('DROP INDEX ' || name, ';') FROM sqlite_schema WHERE type='index'"
                             " AND tbl_name='properties' AND sql IS NOT NULL");
    raw_close(raw); /* its statements name indexes */
    raw = raw_open_plain(path);
    if (!raw_run(raw, "PRAGMA synchronous=OFF;PRAGMA cache_size=-800000") || !raw_run(raw, drops) ||
        !raw_prepare_writes(raw))
        die("cannot prepare %s", path);
    for (uint64_t i = 0; i < count; i++) {
        if (i % BATCH == 0 && !raw_run(raw, "BEGIN"))
            die("begin");
        listing_make(&listing, i);
        if (!raw_insert(raw, &listing, listing.agent, true))
            die("insert");
        if (i % BATCH == BATCH - 1 || i == count - 1) {
            if (!raw_run(raw, "COMMIT"))
                die("commit");
            fprintf(stderr, "\rbench: %llu of %llu listings", (unsigned long long)i + 1, (unsigned long long)count);
        }
    }
    fprintf(stderr, "\rbench: indexes of %llu listings    \n", (unsigned long long)count);
    if (!raw_run(raw, creates) || !raw_run(raw, ONE_TREE "PRAGMA wal_checkpoint(TRUNCATE)"))
        die("indexes");
    free(drops);
    free(creates);
    raw_close(raw);
}

static void make_data(const char *path)
{
    char scratch[600], keys[620];
    hc_client *client;

    snprintf(scratch, sizeof(scratch), "%s.new", path);
    snprintf(keys, sizeof(keys), "%s.keys", scratch);
    unlink(scratch);
    unlink(keys);
    open_client(&client, scratch);
    store_people(client);
    hc_client_close(client);
    fill(scratch, bench.rows);
    unlink(keys); /* every open makes or reads <path>.keys; tokens of this one were not kept */
    if (rename(scratch, path) != 0)
        die("cannot rename %s", scratch);
}

void bench_file(char *path, size_t size)
{
    struct stat info;

    snprintf(path, size, "%.400s/listings-v%d-%llu.db", bench.folder, hc_schema_version(),
             (unsigned long long)bench.rows);
    if (stat(path, &info) != 0)
        make_data(path);
}

static int64_t last_of(const char *table)
{
    char sql[80], *text;
    int64_t last;

    snprintf(sql, sizeof(sql), "SELECT ifnull(max(pk),0) FROM %s", table);
    text = raw_text_of(bench.raw, sql);
    last = text == NULL ? 0 : strtoll(text, NULL, 10);
    free(text);
    return last;
}

void bench_mark(struct bench_mark *out)
{
    *out = (struct bench_mark){last_of("properties"), last_of("events"), last_of("import_rows")};
}

void bench_take_back(const struct bench_mark *mark)
{
    char sql[500];

    snprintf(sql, sizeof(sql),
             "BEGIN IMMEDIATE;DELETE FROM properties_words WHERE rowid>%lld;DELETE FROM properties WHERE pk>%lld;"
             "DELETE FROM events WHERE pk>%lld;DELETE FROM import_rows WHERE pk>%lld;DELETE FROM activity_logs;"
             "DELETE FROM outbox;COMMIT;" ONE_TREE "PRAGMA wal_checkpoint(TRUNCATE)",
             (long long)mark->listings, (long long)mark->listings, (long long)mark->events, (long long)mark->imports);
    if (!raw_run(bench.raw, sql))
        die("cannot take back what was written");
}

void bench_open(void)
{
    bench_file(bench.path, sizeof(bench.path));
    open_client(&bench.client, bench.path);
    bench.buyer = sign_in(bench.client, people[0]);
    bench.agent = sign_in(bench.client, people[1]);
    bench.admin = sign_in(bench.client, people[2]);
    bench.raw = raw_open(bench.path);
    if (bench.raw == NULL)
        die("the raw side cannot open %s: is it of another schema?", bench.path);
}

void bench_close(void)
{
    raw_close(bench.raw);
    hc_session_free(bench.buyer);
    hc_session_free(bench.agent);
    hc_session_free(bench.admin);
    hc_client_close(bench.client);
}
