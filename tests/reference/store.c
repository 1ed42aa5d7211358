/* The library's side: makes the listings, asks the queries, and compares ids, order and pages. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "homeconnect/agent.h"
#include "homeconnect/auth.h"
#include "homeconnect/client.h"
#include "homeconnect/property.h"
#include "homeconnect/query.h"
#include "homeconnect/search.h"
#include "homeconnect/session.h"
#include "homeconnect/user.h"
#include "reference.h"
#include "store.h"

#define PASSWORD "seven lanterns along the quay"
#define HOUR     INT64_C(3600000000)
#define DAY      (24 * HOUR)
#define PROBED   10000 /* in a larger store pages may be cut, totals be capped and lists be refused as too broad */

static int64_t now;
static hc_client *client;
static hc_session *sessions[READERS];
int64_t store_operations;
bool store_saves;

static int64_t clock_now(void *data)
{
    (void)data;
    return now;
}

int64_t store_now(void)
{
    return now;
}

static bool good(hc_status status, const hc_error *err, const char *what)
{
    store_operations++;
    if (status < 0)
        printf("reference: %s: %s, field %s: %s\n", what, hc_status_name(status), err->field, err->message);
    return status >= 0;
}

/* ---- people ---- */

static bool make_user(hc_id *out, const char *email, int32_t role)
{
    hc_user *user = hc_user_new(client);
    hc_error err;
    hc_status status;

    hc_user_set_email(user, email);
    hc_user_set_full_name(user, "Refa Rence");
    hc_user_set_role(user, role);
    status = hc_user_create(out, sessions[SYSTEM], user, PASSWORD, strlen(PASSWORD), &err);
    hc_user_free(user);
    return good(status, &err, "user");
}

static bool make_agent(hc_id user)
{
    hc_agent *agent = hc_agent_new(client);
    hc_error err;
    hc_status status;
    hc_id id;

    hc_agent_set_user_id(agent, user);
    hc_agent_set_license_number(agent, "TX-604111");
    hc_agent_set_license_state(agent, "TX");
    hc_agent_set_license_expires_on(agent, (int32_t)(now / DAY) + 3650);
    hc_agent_set_license_verified_at(agent, now);
    status = hc_agent_create(&id, sessions[SYSTEM], agent, &err);
    hc_agent_free(agent);
    return good(status, &err, "agent");
}

static bool login(enum reader reader, const char *email)
{
    hc_login login = HC_LOGIN_INIT;
    hc_error err;

    login.email = email;
    login.password = PASSWORD;
    login.password_size = strlen(PASSWORD);
    return good(hc_auth_login(&sessions[reader], sessions[GUEST], &login, &err), &err, "login");
}

static hc_id agents[3];

static bool open_client(const char *uri, const char *documents, const char *key_file, const hc_allocator *allocator)
{
    static const hc_clock clock = {sizeof(hc_clock), clock_now, NULL};
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc_error err;

    setenv("HC_TEST_ARGON_KIB", "64", 0); /* only a test build listens */
    setenv("HC_TEST_ARGON_PASSES", "1", 0);
    options.storage_uri = uri;
    options.document_uri = documents;
    options.key_file = key_file;
    options.allocator = allocator;
    options.clock = &clock;
    options.password_profile = HC_PASSWORD_LOW_MEMORY;
    return good(hc_client_open(&client, &options, &err), &err, "open") &&
           good(hc_session_system(&sessions[SYSTEM], client, &err), &err, "system") &&
           good(hc_session_guest(&sessions[GUEST], client, "203.0.113.9", &err), &err, "guest");
}

static bool make_people(void)
{
    static const char *const emails[] = {"ana@example.com", "ben@example.com", "cleo@example.com"};
    hc_id id;

    for (int i = 0; i < 3; i++)
        if (!make_user(&agents[i], emails[i], HC_USER_ROLE_AGENT) || !make_agent(agents[i]))
            return false;
    memcpy(rows_agent, agents[0].bytes, 16);
    return make_user(&id, "bea@example.com", HC_USER_ROLE_BUYER) &&
           make_user(&id, "ada@example.com", HC_USER_ROLE_ADMIN);
}

bool store_open(const char *uri, const char *key_file, int64_t start)
{
    now = start;
    return open_client(uri, NULL, key_file, NULL) && make_people();
}

static bool login_all(void)
{
    return login(BUYER, "bea@example.com") && login(AGENT, "ana@example.com") && login(ADMIN, "ada@example.com");
}

bool store_open_signed_in(const char *uri, const char *documents, const char *key_file, int64_t start,
                          const hc_allocator *allocator)
{
    now = start;
    return open_client(uri, documents, key_file, allocator) && make_people() && login_all();
}

void store_pass(int64_t micros)
{
    now += micros;
}

hc_client *store_client(void)
{
    return client;
}

hc_session *store_session(enum reader reader)
{
    return sessions[reader];
}

void store_close(void)
{
    for (int i = 0; i < READERS; i++) {
        hc_session_free(sessions[i]);
        sessions[i] = NULL;
    }
    hc_client_close(client);
    client = NULL;
}

void store_engine(char *out, size_t size)
{
    hc_health health = HC_HEALTH_INIT;
    hc_error err;

    out[0] = '\0';
    if (hc_client_health(client, &health, &err) >= 0)
        snprintf(out, size, "%s%s", strchr(health.engine, ' ') == NULL ? "sqlite " : "", health.engine);
}

/* ---- listings ---- */

static void set_texts(hc_property *to, const struct row *row)
{
    hc_property_set_title(to, row->v[TITLE].text);
    hc_property_set_description(to, row->v[DESCRIPTION].text);
    hc_property_set_address(to, row->v[ADDRESS].text);
    hc_property_set_city(to, row->v[CITY].text);
    hc_property_set_state(to, row->v[STATE].text);
    hc_property_set_zip_code(to, row->v[ZIP_CODE].text);
    hc_property_set_country(to, row->v[COUNTRY].text);
    hc_property_set_currency(to, row->v[CURRENCY].text);
    hc_property_set_listing_id(to, row->v[LISTING_ID].text);
}

static void set_numbers(hc_property *to, const struct row *row)
{
    const struct value *v = row->v;

    hc_property_set_price(to, v[PRICE].number);
    if (!v[ORIGINAL_PRICE].null)
        hc_property_set_original_price(to, v[ORIGINAL_PRICE].number);
    if (!v[CLOSE_PRICE].null)
        hc_property_set_close_price(to, v[CLOSE_PRICE].number);
    if (!v[BEDS].null)
        hc_property_set_beds(to, (int32_t)v[BEDS].number);
    if (!v[BATHS].null)
        hc_property_set_baths(to, v[BATHS].number);
    if (!v[SQFT].null)
        hc_property_set_sqft(to, (int32_t)v[SQFT].number);
    if (!v[LOT_SQFT].null)
        hc_property_set_lot_sqft(to, (int32_t)v[LOT_SQFT].number);
    if (!v[YEAR_BUILT].null)
        hc_property_set_year_built(to, (int32_t)v[YEAR_BUILT].number);
    if (!v[LATITUDE].null)
        hc_property_set_latitude(to, v[LATITUDE].number);
    if (!v[LONGITUDE].null)
        hc_property_set_longitude(to, v[LONGITUDE].number);
}

hc_property *store_property(const struct row *row)
{
    hc_property *to = hc_property_new(client);
    const struct value *v = row->v;

    set_texts(to, row);
    set_numbers(to, row);
    hc_property_set_property_type(to, (int32_t)v[PROPERTY_TYPE].number);
    hc_property_set_standard_status(to, (int32_t)v[STANDARD_STATUS].number);
    if (!v[PROPERTY_SUBTYPE].null)
        hc_property_set_property_subtype(to, (int32_t)v[PROPERTY_SUBTYPE].number);
    if (!v[LIST_DATE].null)
        hc_property_set_list_date(to, (int32_t)v[LIST_DATE].number);
    if (!v[CLOSE_DATE].null)
        hc_property_set_close_date(to, (int32_t)v[CLOSE_DATE].number);
    hc_property_set_display_ok(to, (int32_t)v[DISPLAY_OK].number);
    if (!v[AGENT_ID].null) {
        hc_id agent;

        memcpy(agent.bytes, v[AGENT_ID].id, 16);
        hc_property_set_agent_id(to, agent);
    }
    return to;
}

struct batch {
    struct row *first;
    size_t count;
};

static hc_status create_batch(hc_session *as, void *data, hc_error *err)
{
    struct batch *batch = data;

    for (size_t i = 0; i < batch->count; i++) {
        hc_property *property = store_property(&batch->first[i]);
        hc_id id;
        hc_status status = hc_property_create(&id, as, property, err);

        hc_property_free(property);
        store_operations++;
        if (status < 0)
            return status;
        memcpy(batch->first[i].v[KEY].id, id.bytes, 16);
    }
    return HC_OK;
}

/* What a create cannot say: nulls that it fills in, prices that changed, addresses hidden later. */
static hc_status change_one(hc_session *as, struct row *row, bool price, hc_error *err)
{
    hc_property *changes;
    hc_status status;
    hc_id id;

    memcpy(id.bytes, row->v[KEY].id, 16);
    changes = hc_property_for(client, id, 1);
    if (price) {
        row->v[PRICE].number = row->v[PRICE].number == 1 ? 2 : row->v[PRICE].number - 1;
        hc_property_set_price(changes, row->v[PRICE].number);
    }
    if (row->v[ORIGINAL_PRICE].null)
        hc_property_set_null(changes, HC_PROPERTY_ORIGINAL_PRICE);
    if (row->v[LIST_DATE].null)
        hc_property_set_null(changes, HC_PROPERTY_LIST_DATE);
    hc_property_set_display_address_ok(changes, row->address_ok);
    status = hc_property_update(NULL, as, changes, err);
    hc_property_free(changes);
    store_operations++;
    return status;
}

static hc_status change_batch(hc_session *as, void *data, hc_error *err)
{
    struct batch *batch = data;
    hc_status status = HC_OK;

    for (size_t i = 0; i < batch->count && status >= 0; i++) {
        struct row *row = &batch->first[i];
        bool price = chance(45);

        if (price || row->v[ORIGINAL_PRICE].null || row->v[LIST_DATE].null || !row->address_ok)
            status = change_one(as, row, price, err);
    }
    return status < 0 ? status : HC_OK;
}

static hc_status delete_some(hc_session *as, void *data, hc_error *err)
{
    (void)data;
    for (size_t i = 0; i < row_count; i++) {
        hc_property *property = NULL;
        hc_status status;
        hc_id id;

        if (!chance(6))
            continue;
        memcpy(id.bytes, rows[i].v[KEY].id, 16);
        status = hc_property_get(&property, as, id, err);
        if (status >= 0)
            status = hc_property_delete(as, id, hc_property_version(property), err);
        hc_property_free(property);
        store_operations += 2;
        if (status < 0)
            return status;
        rows[i].deleted = true;
    }
    return HC_OK;
}

/* ---- what the library made of them ---- */

static bool same_text(const struct row *row, enum field field, const char *stored)
{
    return row->v[field].null ? stored == NULL : stored != NULL && strcmp(row->v[field].text, stored) == 0;
}

static bool same_number(const struct row *row, enum field field, const hc_property *p, int32_t public_field,
                        int64_t stored)
{
    return hc_property_is_null(p, public_field) ? row->v[field].null
                                                : !row->v[field].null && row->v[field].number == stored;
}

static const char *differing_field(const struct row *r, const hc_property *p)
{
    if (!same_text(r, TITLE, hc_property_title(p)) || !same_text(r, DESCRIPTION, hc_property_description(p)) ||
        !same_text(r, ADDRESS, hc_property_address(p)) || !same_text(r, CITY, hc_property_city(p)) ||
        !same_text(r, STATE, hc_property_state(p)) || !same_text(r, ZIP_CODE, hc_property_zip_code(p)) ||
        !same_text(r, COUNTRY, hc_property_country(p)) || !same_text(r, CURRENCY, hc_property_currency(p)) ||
        !same_text(r, LISTING_ID, hc_property_listing_id(p)))
        return "a text";
    if (!same_number(r, PRICE, p, HC_PROPERTY_PRICE, hc_property_price(p)) ||
        !same_number(r, ORIGINAL_PRICE, p, HC_PROPERTY_ORIGINAL_PRICE, hc_property_original_price(p)) ||
        !same_number(r, CLOSE_PRICE, p, HC_PROPERTY_CLOSE_PRICE, hc_property_close_price(p)))
        return "a price";
    if (!same_number(r, BEDS, p, HC_PROPERTY_BEDS, hc_property_beds(p)) ||
        !same_number(r, BATHS, p, HC_PROPERTY_BATHS, hc_property_baths(p)) ||
        !same_number(r, SQFT, p, HC_PROPERTY_SQFT, hc_property_sqft(p)) ||
        !same_number(r, LOT_SQFT, p, HC_PROPERTY_LOT_SQFT, hc_property_lot_sqft(p)) ||
        !same_number(r, YEAR_BUILT, p, HC_PROPERTY_YEAR_BUILT, hc_property_year_built(p)))
        return "a number";
    if (!same_number(r, LATITUDE, p, HC_PROPERTY_LATITUDE, hc_property_latitude(p)) ||
        !same_number(r, LONGITUDE, p, HC_PROPERTY_LONGITUDE, hc_property_longitude(p)))
        return "the place";
    if (!same_number(r, STATUS, p, HC_PROPERTY_STATUS, hc_property_status(p)) ||
        !same_number(r, STANDARD_STATUS, p, HC_PROPERTY_STANDARD_STATUS, hc_property_standard_status(p)) ||
        !same_number(r, PROPERTY_TYPE, p, HC_PROPERTY_PROPERTY_TYPE, hc_property_property_type(p)) ||
        !same_number(r, PROPERTY_SUBTYPE, p, HC_PROPERTY_PROPERTY_SUBTYPE, hc_property_property_subtype(p)))
        return "a word";
    if (!same_number(r, LIST_DATE, p, HC_PROPERTY_LIST_DATE, hc_property_list_date(p)) ||
        !same_number(r, CLOSE_DATE, p, HC_PROPERTY_CLOSE_DATE, hc_property_close_date(p)))
        return "a date";
    if (r->v[DISPLAY_OK].number != hc_property_display_ok(p) ||
        r->address_ok != (hc_property_display_address_ok(p) == 1))
        return "what may be shown";
    return NULL;
}

void derive_row(struct row *row)
{
    struct value *v = row->v;
    int64_t sqft = v[SQFT].number, twice;

    v[PRICE_REDUCED].number = !v[ORIGINAL_PRICE].null && v[PRICE].number < v[ORIGINAL_PRICE].number;
    v[PRICE_PER_SQFT].null = v[SQFT].null || sqft == 0;
    if (!v[PRICE_PER_SQFT].null) { /* half-even */
        v[PRICE_PER_SQFT].number = v[PRICE].number / sqft;
        twice = 2 * (v[PRICE].number % sqft);
        v[PRICE_PER_SQFT].number += twice > sqft || (twice == sqft && v[PRICE_PER_SQFT].number % 2 != 0);
    }
    row->closed_days = v[STANDARD_STATUS].number == HC_PROPERTY_STANDARD_CLOSED && !v[LIST_DATE].null;
    row->days_to_close = row->closed_days ? v[CLOSE_DATE].number - v[LIST_DATE].number : 0;
    row->days_to_close = row->days_to_close < 0 ? 0 : row->days_to_close;
}

static void stamp(struct row *row, enum field field, const hc_property *p, int32_t public_field, int64_t stored)
{
    row->v[field].null = hc_property_is_null(p, public_field) == 1;
    row->v[field].number = stored;
}

const char *store_differs(const struct row *row, const hc_property *p)
{
    const char *what = differing_field(row, p);

    if (what == NULL && !same_number(row, PRICE_PER_SQFT, p, HC_PROPERTY_PRICE_PER_SQFT, hc_property_price_per_sqft(p)))
        what = "price_per_sqft";
    if (what == NULL && row->v[PRICE_REDUCED].number != hc_property_price_reduced(p))
        what = "price_reduced";
    if (what == NULL && (row->closed_days == (hc_property_is_null(p, HC_PROPERTY_DAYS_TO_CLOSE) == 1) ||
                         row->days_to_close != hc_property_days_to_close(p)))
        what = "days_to_close";
    return what;
}

static bool read_back(struct row *row, const hc_property *p)
{
    const char *what;

    derive_row(row);
    what = store_differs(row, p);
    stamp(row, CREATED_AT, p, HC_PROPERTY_CREATED_AT, hc_property_created_at(p));
    stamp(row, UPDATED_AT, p, HC_PROPERTY_UPDATED_AT, hc_property_updated_at(p));
    stamp(row, STATUS_CHANGED_AT, p, HC_PROPERTY_STATUS_CHANGED_AT, hc_property_status_changed_at(p));
    stamp(row, PRICE_CHANGED_AT, p, HC_PROPERTY_PRICE_CHANGED_AT, hc_property_price_changed_at(p));
    if (what != NULL)
        printf("reference: a listing reads back with another value: %s (%s)\n", what, row->v[TITLE].text);
    return what == NULL;
}

static bool read_all(void)
{
    bool same = true;

    for (size_t start = 0; start < row_count; start += 200) {
        hc_property_page *page = NULL;
        size_t count = row_count - start < 200 ? row_count - start : 200;
        hc_id ids[200];
        hc_error err;

        for (size_t i = 0; i < count; i++)
            memcpy(ids[i].bytes, rows[start + i].v[KEY].id, 16);
        if (!good(hc_property_get_many(&page, sessions[SYSTEM], ids, count, &err), &err, "get many"))
            return false;
        same &= hc_property_page_count(page) == count;
        for (size_t i = 0; i < count && same; i++)
            same &= read_back(&rows[start + i], hc_property_page_at(page, i));
        hc_property_page_free(page);
    }
    return same;
}

/* Rows of another program: columns that the library itself never leaves null. */
static bool foreign_nulls(store_null_fn set_null)
{
    bool done = true;

    for (size_t i = 0; i < row_count && done; i++) {
        struct value *v = rows[i].v;
        bool standard = !v[STATUS].null && chance(15), changed = chance(15);

        if (standard)
            done = set_null("standard_status", v[KEY].id);
        if (changed)
            done = done && set_null("status_changed_at", v[KEY].id);
        v[STANDARD_STATUS].null = v[STANDARD_STATUS].null || standard;
        v[STATUS_CHANGED_AT].null = v[STATUS_CHANGED_AT].null || changed;
    }
    return done;
}

static bool run_batches(hc_transact_fn fn, size_t most, const char *what)
{
    hc_error err;

    for (size_t done = 0; done < row_count;) {
        struct batch batch = {&rows[done], (size_t)random_between(1, (int64_t)most)};

        batch.count = batch.count > row_count - done ? row_count - done : batch.count;
        now += chance(20) ? 1 : random_between(1, 20 * HOUR);
        if (!good(hc_session_transact(sessions[SYSTEM], fn, &batch, &err), &err, what))
            return false;
        done += batch.count;
    }
    return true;
}

static bool check_nulls(void)
{
    bool enough = true;

    for (int field = 0; field < FIELDS; field++) {
        size_t nulls = 0;

        for (size_t i = 0; i < row_count; i++) {
            int64_t days;

            nulls += field == DAYS_ON_MARKET ? !days_on_market(&days, &rows[i], now) : rows[i].v[field].null;
        }
        if (field_table[field].nullable && nulls * 10 < row_count) {
            printf("reference: %s is null in %zu of %zu rows only\n", field_table[field].name, nulls, row_count);
            enough = false;
        }
    }
    return enough;
}

bool store_fill(size_t count, store_null_fn set_null)
{
    hc_error err;

    rows = calloc(count, sizeof(*rows));
    row_count = count;
    for (size_t i = 0; i < count; i++) {
        size_t agent = random_below(10);

        draft_row(&rows[i], i, now + 90 * DAY);
        rows[i].v[AGENT_ID].null = agent >= 8;
        memcpy(rows[i].v[AGENT_ID].id, agents[agent < 5 ? 0 : agent < 7 ? 1 : 2].bytes, 16);
    }
    if (!run_batches(create_batch, 30 + count / 200, "create") ||
        !run_batches(change_batch, 60 + count / 100, "update"))
        return false;
    for (size_t i = 0; i < count; i++)
        finish_row(&rows[i]);
    if (!read_all() || !foreign_nulls(set_null) || !check_nulls())
        return false;
    return good(hc_session_transact(sessions[SYSTEM], delete_some, NULL, &err), &err, "delete") && login_all();
}

/* ---- asking ---- */

/* The canonical text of a query must ask the same. */
static hc_status reparse(hc_query **query, const char *sort, hc_error *err)
{
    hc_query *again = NULL;
    hc_text *text = NULL;
    hc_status status = hc_query_text(&text, *query, err);

    if (status >= 0)
        status = hc_query_parse(&again, client, hc_text_data(text), sort, err);
    hc_text_free(text);
    hc_query_free(*query);
    *query = again;
    return status;
}

/* What of a query is not kept. */
static hc_status set_page(hc_query *to, const struct query *query, hc_error *err)
{
    hc_status status = hc_query_set_limit(to, query->limit, err);

    return status >= 0 && query->count ? hc_query_set_count(to, 1, err) : status;
}

/* And so must what a saved search gives back. One that is too long is not kept. */
static hc_status save(hc_query **query, const struct query *of, hc_error *err)
{
    hc_session *as = sessions[of->reader];
    hc_search *search = hc_search_new(client);
    hc_query *again = NULL;
    hc_status status;
    hc_id id;

    hc_search_set_name(search, "as it was drawn");
    status = hc_search_create(&id, as, search, *query, err);
    hc_search_free(search);
    if (status == HC_ERR_TOO_LARGE)
        return HC_OK;
    tally.saved++;
    if (status >= 0)
        status = hc_search_query(&again, as, id, err);
    if (status >= 0)
        status = set_page(again, of, err);
    if (status >= 0)
        status = hc_search_delete(as, id, 1, err);
    hc_query_free(*query);
    *query = again;
    return status;
}

static hc_status build(hc_query **out, const struct query *query, hc_error *err)
{
    static const int32_t scopes[] = {HC_SCOPE_PUBLIC, HC_SCOPE_OWN, HC_SCOPE_ALL};
    hc_status status;

    if (query->as_string) {
        status = hc_query_parse_string(out, client, query->text, strlen(query->text), err);
    } else {
        status = hc_query_parse(out, client, query->text, query->sort_text, err);
        if (status >= 0 && chance(30))
            status = reparse(out, query->sort_text, err);
        if (status >= 0 && query->q != NULL)
            status = hc_query_set_text(*out, query->q, err);
        if (status >= 0)
            status = hc_query_set_scope(*out, scopes[query->scope], err);
        if (status >= 0)
            status = set_page(*out, query, err);
    }
    if (status >= 0 && store_saves && query->scope == PUBLIC && query->reader != GUEST && chance(10))
        status = save(out, query, err);
    if (status >= 0 && chance(10)) /* which columns are read changes nothing else */
        status = hc_query_set_fields(*out, chance(50) ? "id,title" : "price,id,city", err);
    return status;
}

struct asking {
    const struct query *query;
    const struct row *const *expected;
    size_t count;
    char *why;
    size_t size;
    bool *broad; /* the last page was refused as too broad, in a store that is large enough for it */
};

static bool differs(const struct asking *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool differs(const struct asking *a, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(a->why, a->size, format, args);
    va_end(args);
    return false;
}

static bool same_rows(const struct asking *a, const hc_property_page *page, size_t start, size_t wanted)
{
    size_t count = hc_property_page_count(page);
    bool hides = a->query->reader == GUEST || a->query->reader == BUYER;

    for (size_t i = 0; i < count && i < wanted; i++) {
        const hc_property *row = hc_property_page_at(page, i);
        hc_id id = hc_property_id(row);

        if (memcmp(id.bytes, a->expected[start + i]->v[KEY].id, 16) != 0)
            return differs(a, "row %zu is %s, and %s is expected", start + i, spell_id(id.bytes),
                           spell_id(a->expected[start + i]->v[KEY].id));
        if (hides && !a->expected[start + i]->address_ok && hc_property_address(row) != NULL)
            return differs(a, "row %zu shows its address", start + i);
    }
    if (count != wanted)
        return differs(a, "the page at row %zu has %zu rows of %zu; %zu match in all; next row %s", start, count,
                       wanted, a->count,
                       count < wanted ? spell_id(a->expected[start + count]->v[KEY].id)
                                      : spell_id(hc_property_id(hc_property_page_at(page, wanted)).bytes));
    return true;
}

static bool same_total(const struct asking *a, const hc_property_page *page)
{
    int64_t total = hc_property_page_total(page);
    bool exact = hc_property_page_total_is_exact(page) == 1;

    if (!a->query->count || (exact && total == (int64_t)a->count) ||
        (!exact && row_count > PROBED && total <= (int64_t)a->count))
        return true;
    return differs(a, "the total is %lld, and %zu is expected", (long long)total, a->count);
}

/* A page forwards from row `start`. One that was cut may hold fewer rows, and must go on. */
static bool same_page(const struct asking *a, const hc_property_page *page, size_t start)
{
    size_t left = a->count - start, wanted = left < (size_t)a->query->limit ? left : (size_t)a->query->limit;
    bool cut = row_count > PROBED && hc_property_page_is_short(page) == 1;
    bool more = cut || left > wanted;

    if (cut && hc_property_page_count(page) < wanted)
        wanted = hc_property_page_count(page);
    if (!same_rows(a, page, start, wanted))
        return false;
    if (more != (hc_property_page_has_more(page) == 1) || more != (hc_property_page_cursor(page) != NULL))
        return differs(a, "the page at row %zu of %zu says has_more %d", start, a->count,
                       hc_property_page_has_more(page));
    if ((start > 0) != (hc_property_page_previous_cursor(page) != NULL) && row_count <= PROBED)
        return differs(a, "the page at row %zu has %s previous cursor", start, start > 0 ? "no" : "a");
    return same_total(a, page);
}

/* One page at a cursor. NULL on failure, told in `why`. */
static hc_property_page *ask(const struct asking *a, hc_query *query, const char *cursor)
{
    hc_property_page *page = NULL;
    hc_error err = {0};
    hc_status status = hc_query_set_cursor(query, cursor, &err);

    if (status >= 0)
        status = hc_property_list(&page, sessions[a->query->reader], query, &err);
    store_operations++;
    tally.pages++;
    if (page != NULL && getenv("HC_REFERENCE_ONLY") != NULL)
        printf("  page: %zu rows from %s%s%s%s\n", hc_property_page_count(page),
               hc_property_page_count(page) == 0 ? "-" : spell_id(hc_property_id(hc_property_page_at(page, 0)).bytes),
               hc_property_page_is_short(page) ? ", short" : "", hc_property_page_cursor(page) == NULL ? "" : ", next",
               hc_property_page_previous_cursor(page) == NULL ? "" : ", previous");
    if (status < 0)
        differs(a, "%s, field %s: %s", hc_status_name(status), err.field, err.message);
    *a->broad = status == HC_ERR_TOO_BROAD && err.field[0] != '\0' && row_count > PROBED;
    return page;
}

/* The page that ends before row `start`. */
static bool same_before(const struct asking *a, hc_query *query, const hc_property_page *page, size_t start)
{
    size_t wanted = start < (size_t)a->query->limit ? start : (size_t)a->query->limit;
    hc_property_page *before = ask(a, query, hc_property_page_previous_cursor(page));
    char why[400];
    bool same;

    if (before != NULL && hc_property_page_is_short(before) && hc_property_page_count(before) < wanted)
        wanted = hc_property_page_count(before);
    same = before != NULL && same_rows(a, before, start - wanted, wanted) && same_total(a, before);
    hc_property_page_free(before);
    if (same)
        return true;
    snprintf(why, sizeof(why), "%.390s", a->why);
    return differs(a, "going back from row %zu: %s", start, why);
}

static bool walk(const struct asking *a, hc_query *query, bool to_the_end)
{
    hc_property_page *page = ask(a, query, NULL);
    size_t start = 0;
    bool same = page != NULL && same_page(a, page, 0);

    while (same && to_the_end && hc_property_page_has_more(page)) {
        hc_property_page *next;

        if (start == 0 && chance(50))
            now += DAY; /* the cursor keeps the first page's now */
        next = ask(a, query, hc_property_page_cursor(page));
        start += hc_property_page_count(page);
        hc_property_page_free(page);
        page = next;
        same = page != NULL && same_page(a, page, start) &&
               (start == 0 || hc_property_page_count(page) == 0 || !chance(25) || same_before(a, query, page, start));
    }
    hc_property_page_free(page);
    return same;
}

bool store_agrees(const struct query *query, const struct row *const *expected, size_t count, bool to_the_end,
                  char *why, size_t size)
{
    bool broad = false;
    struct asking a = {query, expected, count, why, size, &broad};
    hc_query *built = NULL;
    hc_error err = {0};
    int64_t then = now;
    hc_status status = build(&built, query, &err);
    bool same = status >= 0 ? walk(&a, built, to_the_end)
                            : differs(&a, "%s, field %s: %s", hc_status_name(status), err.field, err.message);

    now = then;
    hc_query_free(built);
    tally.broad += broad;
    return same || broad;
}
