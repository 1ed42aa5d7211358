/* The main job, told as a story: tour STORE LISTINGS.csv MAPPING.json [FILES [DOCUMENTS]]
 *
 * STORE is the path of a database file, or a storage URI such as postgresql://ana@localhost/homes. On a server the keys
 * and the report of refused rows lie in files of this machine, whose names begin with FILES. With DOCUMENTS, such as
 * mongodb://localhost/homes, documents, activity and chats live there.
 *
 * An agent's listings come in from a CSV, a buyer searches them, the agent changes a price, the buyer may not, and
 * after the sign-out nobody may. Everything goes through the public interface. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tour.h"

/* The people of a demo store. Real ones choose their own passwords, and no program knows them. */
static const char passphrase[] = "a passphrase for a demo store only";
static const char agent_email[] = "rosa.lindqvist@example.com";
static const char buyer_email[] = "tom.okafor@example.com";

#define LICENCE_ENDS 47481 /* 2099-12-31, in days since 1970 */

_Noreturn void fail(const char *doing, const hc_error *err)
{
    fprintf(stderr, "\nwhile %s: %s", doing, hc_status_name(err->status));
    if (err->field[0] != '\0')
        fprintf(stderr, ", field %s", err->field);
    fprintf(stderr, ": %s\n", err->message);
    exit(1);
}

/* ---- printing ---- */

const char *money(char out[40], int64_t cents)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRId64, cents / 100), at = 0;

    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    snprintf(out + at, (size_t)(40 - at), ".%02d", (int)(cents % 100));
    return out;
}

static void degrees(char out[24], int64_t units)
{
    uint64_t all = (uint64_t)(units < 0 ? -units : units);

    snprintf(out, 24, "%s%" PRIu64 ".%08" PRIu64, units < 0 ? "-" : "", all / 100000000, all % 100000000);
}

static void print_listing(const hc_property *home)
{
    char price[40];

    printf("    %14s  %" PRId32 " beds, %" PRId64 ".%02" PRId64 " baths  %s, %s %s\n",
           money(price, hc_property_price(home)), hc_property_beds(home), hc_property_baths(home) / 100,
           hc_property_baths(home) % 100, hc_property_title(home), hc_property_city(home), hc_property_zip_code(home));
}

/* ---- people ---- */

static int is_known(const tour *t, const char *email)
{
    hc_query *query;
    hc_user_page *page;
    hc_error err;
    char filter[160];
    int known;

    snprintf(filter, sizeof filter, "email eq '%s'", email);
    if (hc_query_new(&query, t->client, HC_KIND_USER, &err) < 0 || hc_query_set_filter(query, filter, &err) < 0 ||
        hc_query_set_scope(query, HC_SCOPE_ALL, &err) < 0 || hc_user_list(&page, t->host, query, &err) < 0)
        fail("looking for a user", &err);
    known = hc_user_page_count(page) > 0;
    hc_user_page_free(page);
    hc_query_free(query);
    return known;
}

/* The host makes agents, once it has looked at their licence. */
static void make_agent(const tour *t)
{
    hc_user *user = hc_user_new(t->client);
    hc_agent *profile = hc_agent_new(t->client);
    hc_error err;
    hc_id id;

    hc_user_set_email(user, agent_email);
    hc_user_set_full_name(user, "Rosa Lindqvist");
    hc_user_set_role(user, HC_USER_ROLE_AGENT);
    if (hc_user_create(&id, t->host, user, passphrase, strlen(passphrase), &err) < 0)
        fail("making the agent", &err);
    hc_agent_set_user_id(profile, id);
    hc_agent_set_agency_name(profile, "Lindqvist & Daughters");
    hc_agent_set_license_number(profile, "DEMO-2207");
    hc_agent_set_license_expires_on(profile, LICENCE_ENDS);
    hc_agent_set_license_verified_at(profile, (int64_t)time(NULL) * 1000000);
    if (hc_agent_create(&id, t->host, profile, &err) < 0)
        fail("licensing the agent", &err);
    hc_agent_free(profile);
    hc_user_free(user);
}

static void register_buyer(const tour *t)
{
    hc_registration tom = {sizeof tom, buyer_email, passphrase, strlen(passphrase), "Tom Okafor", NULL};
    hc_error err;

    if (hc_auth_register(t->guest, &tom, &err) < 0)
        fail("registering the buyer", &err);
}

static hc_session *sign_in(const tour *t, const char *email)
{
    hc_login login = {sizeof login, email, passphrase, strlen(passphrase)};
    hc_session *session;
    hc_error err;

    if (hc_auth_login(&session, t->guest, &login, &err) < 0)
        fail("signing in", &err);
    return session;
}

static void meet_people(tour *t)
{
    int agent = is_known(t, agent_email), buyer = is_known(t, buyer_email);

    if (!agent)
        make_agent(t);
    if (!buyer)
        register_buyer(t);
    t->agent = sign_in(t, agent_email);
    t->buyer = sign_in(t, buyer_email);
    printf("Rosa Lindqvist, agent, %s; Tom Okafor, buyer, %s. Both are signed in.\n\n",
           agent ? "found again" : "made and licensed", buyer ? "found again" : "registered");
}

/* ---- import ---- */

static hc_status on_progress(const hc_import_counts *counts, void *data)
{
    tour *t = data;
    int percent = counts->bytes_total > 0 ? (int)(counts->bytes_done * 100 / counts->bytes_total) : 0;
    char bar[41];

    if (!t->terminal) {
        if (percent / 25 > t->told)
            printf("  %d %%, %" PRId64 " rows\n", percent, counts->read);
        t->told = percent / 25;
        return HC_OK;
    }
    memset(bar, '.', 40);
    memset(bar, '#', (size_t)(percent > 100 ? 40 : percent * 40 / 100));
    bar[40] = '\0';
    printf("\r  [%s] %3d %%  %" PRId64 " rows", bar, percent, counts->read);
    fflush(stdout);
    return HC_OK;
}

static void on_refused(const char *json, size_t size, void *data)
{
    const tour *t = data;

    fwrite(json, 1, size, t->report);
    fputc('\n', t->report);
}

static void import(tour *t, const char *files, const char *listings, const char *mapping)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    hc_import_counts counts;
    hc_error err;
    char path[4096];

    snprintf(path, sizeof path, "%s.refused.jsonl", files);
    t->report = fopen(path, "w");
    if (t->report == NULL) {
        perror(path);
        exit(1);
    }
    options.path = listings;
    options.mapping_path = mapping;
    options.format = HC_FORMAT_CSV;
    options.progress = on_progress;
    options.report = on_refused;
    options.data = t;
    printf("Rosa's listings come in from %s\n", listings);
    if (hc_import_run(&counts, t->agent, &options, &err) < 0)
        fail("importing", &err);
    fclose(t->report);
    if (t->terminal)
        printf("\n");
    printf("listings: %" PRId64 " read, %" PRId64 " new, %" PRId64 " updated, %" PRId64 " unchanged, %" PRId64
           " refused\n",
           counts.read, counts.created, counts.updated, counts.unchanged, counts.refused);
    if (counts.refused > 0)
        printf("  why they were refused: %s\n", path);
    printf("\n");
}

/* ---- searches ---- */

static hc_query *parse(const tour *t, const char *filter, const char *sort)
{
    hc_query *query;
    hc_error err;

    if (hc_query_parse(&query, t->client, filter, sort, &err) < 0)
        fail(filter, &err);
    return query;
}

/* Prints the first rows that a query gives the buyer, and frees it. */
static void show(const tour *t, const char *heading, hc_query *query)
{
    hc_property_page *page;
    hc_text *words;
    hc_error err;
    size_t shown;

    if (hc_query_set_count(query, 1, &err) < 0 || hc_query_text(&words, query, &err) < 0 ||
        hc_property_list(&page, t->buyer, query, &err) < 0)
        fail(heading, &err);
    printf("%s\n", heading);
    if (hc_text_size(words) > 0)
        printf("  %s\n", hc_text_data(words));
    printf("  %" PRId64 "%s found\n", hc_property_page_total(page),
           hc_property_page_total_is_exact(page) ? "" : " and more");
    shown = hc_property_page_count(page) < 3 ? hc_property_page_count(page) : 3;
    for (size_t i = 0; i < shown; i++)
        print_listing(hc_property_page_at(page, i));
    printf("\n");
    hc_text_free(words);
    hc_property_page_free(page);
    hc_query_free(query);
}

/* Rosa's oldest listing that is for sale: the same in each run. */
static hc_property_page *first_listing(const tour *t)
{
    hc_query *query = parse(t, "status eq 'active'", "created_at");
    hc_property_page *page;
    hc_error err;

    if (hc_query_set_scope(query, HC_SCOPE_OWN, &err) < 0 || hc_query_set_limit(query, 1, &err) < 0 ||
        hc_property_list(&page, t->agent, query, &err) < 0)
        fail("reading Rosa's listings", &err);
    hc_query_free(query);
    if (hc_property_page_count(page) == 0) {
        fprintf(stderr, "Rosa has no listing for sale, so the story ends here\n");
        exit(1);
    }
    return page;
}

static void look_around(tour *t)
{
    hc_property_page *page = first_listing(t);
    const hc_property *home = hc_property_page_at(page, 0);

    t->home = hc_property_id(home);
    t->latitude = hc_property_latitude(home);
    t->longitude = hc_property_longitude(home);
    t->price = hc_property_price(home);
    t->beds = hc_property_beds(home);
    snprintf(t->city, sizeof t->city, "%.*s", (int)sizeof t->city - 1, hc_property_city(home));
    hc_property_page_free(page);
}

static void search_by_price(const tour *t)
{
    char filter[400], quoted[260];
    size_t at = 0;

    for (const char *c = t->city; *c != '\0'; c++) { /* '' stands for ' */
        quoted[at++] = *c;
        if (*c == '\'')
            quoted[at++] = *c;
    }
    quoted[at] = '\0';
    snprintf(filter, sizeof filter, "city eq '%s' and price le %" PRId64 " and beds ge 3", quoted, t->price * 2 / 100);
    show(t, "1. Three bedrooms or more in one city, cheapest first", parse(t, filter, "price"));
}

static void search_near(const tour *t)
{
    char filter[200], latitude[24], longitude[24];

    degrees(latitude, t->latitude);
    degrees(longitude, t->longitude);
    snprintf(filter, sizeof filter, "geo.near(%s,%s,3000)", latitude, longitude);
    show(t, "2. Within three kilometres of a place", parse(t, filter, NULL));
    snprintf(filter, sizeof filter, "geo.near(%s,%s,20000) and beds ge %" PRId32, latitude, longitude, t->beds);
    show(t, "3. As many bedrooms, nearest first", parse(t, filter, "distance"));
}

static void search_polygon(const tour *t)
{
    static const int corners[][2] = {{-2, -1}, {2, -2}, {3, 2}, {-1, 3}, {-2, -1}}; /* hundredths of a degree */
    char filter[400], latitude[24], longitude[24];
    int at = snprintf(filter, sizeof filter, "geo.polygon('POLYGON((");

    for (size_t i = 0; i < sizeof corners / sizeof corners[0]; i++) {
        degrees(longitude, t->longitude + corners[i][0] * 1000000);
        degrees(latitude, t->latitude + corners[i][1] * 1000000);
        at += snprintf(filter + at, sizeof filter - (size_t)at, "%s%s %s", i == 0 ? "" : ", ", longitude, latitude);
    }
    snprintf(filter + at, sizeof filter - (size_t)at, "))')");
    show(t, "4. Inside a shape drawn on the map, largest first", parse(t, filter, "-sqft"));
}

static void search_text(const tour *t)
{
    hc_query *query;
    hc_error err;

    if (hc_query_new(&query, t->client, HC_KIND_PROPERTY, &err) < 0 || hc_query_set_text(query, "mansion*", &err) < 0 ||
        hc_query_set_sort(query, "relevance", &err) < 0)
        fail("searching for words", &err);
    show(t, "5. The words mansion*, best match first", query);
}

/* To the end by cursors; there is no offset, so the last page costs what the first does. */
static void page_to_the_end(const tour *t)
{
    hc_query *query = parse(t, "beds ge 2", "price");
    hc_property_page *page = NULL, *next;
    int64_t rows = 0, pages = 0;
    hc_error err;

    if (hc_query_set_limit(query, 200, &err) < 0)
        fail("paging", &err);
    printf("6. Everything with two bedrooms or more, cheapest first, page by page to the end\n");
    do {
        if ((page != NULL && hc_query_set_cursor(query, hc_property_page_cursor(page), &err) < 0) ||
            hc_property_list(&next, t->buyer, query, &err) < 0)
            fail("paging", &err);
        hc_property_page_free(page);
        page = next;
        rows += (int64_t)hc_property_page_count(page);
        pages++;
    } while (hc_property_page_cursor(page) != NULL);
    printf("  %" PRId64 " listings on %" PRId64 " pages\n\n", rows, pages);
    hc_property_page_free(page);
    hc_query_free(query);
}

/* ---- who may do what ---- */

void expect(const char *doing, hc_status status, hc_status expected, const hc_error *err)
{
    if (status == expected) {
        printf("  %s: %s, %s\n", doing, hc_status_name(status), err->message);
        return;
    }
    fprintf(stderr, "%s: %s was expected, not %s\n", doing, hc_status_name(expected), hc_status_name(status));
    exit(1);
}

static void change_price(const tour *t)
{
    hc_property_page *page = first_listing(t);
    const hc_property *home = hc_property_page_at(page, 0);
    hc_property *edit = hc_property_edit(home);
    int64_t before = hc_property_price(home), original = hc_property_original_price(home);
    int64_t after = before != original && original > 0 ? original : before / 20 * 19 / 100 * 100;
    char from[40], to[40];
    hc_error err;

    hc_property_set_price(edit, after);
    expect("Tom, the buyer, tries to change a price", hc_property_update(NULL, t->buyer, edit, &err), HC_ERR_FORBIDDEN,
           &err);
    if (hc_property_update(NULL, t->agent, edit, &err) < 0)
        fail("changing a price", &err);
    printf("  Rosa, whose listing it is, changes %s from %s to %s\n", hc_property_title(home), money(from, before),
           money(to, after));
    hc_property_free(edit);
    hc_property_page_free(page);
}

static void sign_out(const tour *t)
{
    hc_property *home;
    hc_error err;

    if (hc_auth_logout(t->agent, &err) < 0)
        fail("signing out", &err);
    expect("Rosa signs out, and asks once more", hc_property_get(&home, t->agent, t->home, &err),
           HC_ERR_UNAUTHENTICATED, &err);
    printf("\n");
}

/* ---- */

static int64_t story_time(void *data)
{
    const tour *t = data;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 + t->ahead;
}

static int is_uri(const char *store)
{
    return store[strspn(store, "abcdefghijklmnopqrstuvwxyz0123456789")] == ':';
}

/* Neither the password nor parameters, one of which may be it. */
static void print_uri(const char *uri)
{
    const char *user = strstr(uri, "://"), *host = strrchr(uri, '@');

    if (user != NULL && host != NULL) {
        printf("%.*s", (int)(3 + (user - uri) + (ptrdiff_t)strcspn(user + 3, ":@?")), uri);
        uri = host;
    }
    printf("%.*s", (int)strcspn(uri, "?"), uri);
}

static void open_store(tour *t, const char *store, const char *files, const char *documents)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc_error err;
    char uri[4200], keys[4200], path[4096];

    snprintf(uri, sizeof uri, "%s%s", is_uri(store) ? "" : "sqlite:", store);
    snprintf(keys, sizeof keys, "%s.keys", files);
    options.storage_uri = uri;
    if (strncmp(uri, "sqlite:", 7) != 0)
        options.key_file = keys; /* made when it is not there, as the one beside a SQLite file is */
    options.document_uri = documents;
    options.clock = &(hc_clock){sizeof(hc_clock), story_time, t};
    if (hc_client_open(&t->client, &options, &err) < 0 || hc_session_system(&t->host, t->client, &err) < 0 ||
        hc_session_guest(&t->guest, t->client, "203.0.113.7", &err) < 0)
        fail("opening the store", &err);
    printf("database: ");
    if (is_uri(store))
        print_uri(store);
    else
        printf("%s", realpath(store, path) == NULL ? store : path);
    if (documents != NULL) {
        printf("\ndocuments, activity and chats: ");
        print_uri(documents);
    }
    printf("\n\n");
}

int main(int argc, char **argv)
{
    tour t = {.terminal = isatty(STDOUT_FILENO)};
    struct timespec start, end;
    const char *files;

    if (argc < 4 || argc > 6) {
        fprintf(stderr, "usage: tour STORE LISTINGS.csv MAPPING.json [FILES [DOCUMENTS]]\n");
        return 2;
    }
    files = argc > 4 ? argv[4] : is_uri(argv[1]) ? "tour" : argv[1];
    clock_gettime(CLOCK_MONOTONIC, &start);
    open_store(&t, argv[1], files, argc > 5 ? argv[5] : NULL);
    meet_people(&t);
    import(&t, files, argv[2], argv[3]);
    look_around(&t);
    search_by_price(&t);
    search_near(&t);
    search_polygon(&t);
    search_text(&t);
    page_to_the_end(&t);
    change_price(&t);
    tell_of_a_day(&t);
    sign_out(&t);
    hc_session_free(t.buyer);
    hc_session_free(t.agent);
    hc_session_free(t.guest);
    hc_session_free(t.host);
    hc_client_close(t.client);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("done in %.0f s\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
    return 0;
}
