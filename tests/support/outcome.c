#include "outcome.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARTS 2

static _Atomic unsigned char told[OUTCOME_LIMIT];
static atomic_int units, inside;
static _Thread_local int newest;

struct unit {
    hc_client *client;
    int number;
    bool counted;
};

static hc_status list_two(hc_session *as, void *data, hc_error *err)
{
    struct unit *unit = data;
    hc_property *home;
    hc_status status = HC_OK;
    char title[40];
    int32_t version;
    hc_id id;

    snprintf(title, sizeof title, "unit %d", unit->number);
    for (int64_t i = 1; i <= PARTS && status >= 0; i++) {
        home = hc_property_new(unit->client);
        hc_property_set_title(home, title);
        hc_property_set_price(home, i * 100);
        hc_property_set_address(home, "12 Creek Rd");
        hc_property_set_city(home, "Austin");
        hc_property_set_state(home, "TX");
        hc_property_set_zip_code(home, "78704");
        hc_property_set_property_type(home, HC_PROPERTY_HOUSE);
        status = hc_property_create(&id, as, home, err);
        hc_property_free(home);
        if (status >= 0 && !unit->counted) {
            unit->counted = true;
            atomic_fetch_add(&inside, 1);
        }
    }
    if (status < 0)
        return status;
    home = hc_property_for(unit->client, id, 1);
    hc_property_set_price(home, 300);
    status = hc_property_update(&version, as, home, err);
    hc_property_free(home);
    return status;
}

static void note(int number, hc_status status, const hc_error *err)
{
    uint32_t written = err->flags & HC_ERROR_WRITTEN_MASK;

    ck_assert_msg(status >= 0 || status == HC_ERR_UNAVAILABLE || status == HC_ERR_TIMEOUT || status == HC_ERR_BUSY ||
                      status == HC_ERR_CANCELLED || status == HC_ERR_NO_SPACE,
                  "%s %s: %s", hc_status_name(status), err->sqlstate, err->message);
    atomic_store(&told[number], status >= 0 || written == HC_ERROR_WRITTEN_YES ? OUTCOME_WRITTEN
                                : written == HC_ERROR_WRITTEN_NO               ? OUTCOME_NOT_WRITTEN
                                                                               : OUTCOME_UNKNOWN);
    newest = number;
    house_count(1);
}

static int next(void)
{
    int number = atomic_fetch_add(&units, 1);

    ck_assert_int_lt(number, OUTCOME_LIMIT);
    return number;
}

hc_status outcome_try(hc_client *client, hc_session *as, hc_error *err)
{
    struct unit unit = {client, next(), false};
    hc_status status;

    *err = (hc_error){0};
    status = hc_session_transact(as, list_two, &unit, err);
    note(unit.number, status, err);
    if (unit.counted)
        atomic_fetch_sub(&inside, 1);
    return status;
}

void outcome_refused(hc_status status, const hc_error *err)
{
    note(next(), status, err);
}

int outcome_last(void)
{
    return told[newest];
}

int outcome_count(int what)
{
    int count = 0;

    for (int i = 0; i < atomic_load(&units); i++)
        count += atomic_load(&told[i]) == what;
    return count;
}

int outcome_inside(void)
{
    return atomic_load(&inside);
}

/* ---- load -------------------------------------------------------------------------------------------------------- */

static pthread_t writers[8];
static int writer_count;
static hc_client *also_by;
static int64_t call_timeout;
static atomic_bool stop;
static atomic_int done;

static void *write_on(void *data)
{
    hc_client *client = data;
    hc_session *as = NULL;
    hc_error err;

    HOUSE_OK(hc_session_system(&as, client, err));
    hc_session_set_timeout(as, call_timeout);
    while (!atomic_load(&stop)) {
        if (outcome_try(client, as, &err) >= 0)
            atomic_fetch_add(&done, 1);
        else
            usleep(20000); /* each unit is looked for in the end, and without a server there are thousands a second */
    }
    hc_session_free(as);
    return NULL;
}

void outcome_begin(int count, int64_t timeout)
{
    ck_assert_int_le(count, (int)(sizeof writers / sizeof writers[0]));
    call_timeout = timeout;
    atomic_store(&stop, false);
    for (writer_count = 0; writer_count < count; writer_count++)
        ck_assert_int_eq(pthread_create(&writers[writer_count], NULL, write_on,
                                        also_by != NULL && writer_count % 2 == 1 ? also_by : house.client),
                         0);
}

void outcome_also_by(hc_client *client)
{
    also_by = client;
}

int outcome_done(void)
{
    return atomic_load(&done);
}

void outcome_wait(int more, int64_t patience)
{
    int from = outcome_done();

    for (int64_t turn = 0; turn < patience / 1000 && outcome_done() < from + more; turn++)
        usleep(1000);
    ck_assert_msg(outcome_done() >= from + more, "no unit of work goes through any more");
}

void outcome_end(void)
{
    atomic_store(&stop, true);
    for (int i = 0; i < writer_count; i++)
        pthread_join(writers[i], NULL);
}

/* ---- the store --------------------------------------------------------------------------------------------------- */

static unsigned char found[OUTCOME_LIMIT]; /* rows of each unit */

static void note_rows(const house_value *values, int count, void *data)
{
    char title[40], rows[24];
    long number;

    (void)count;
    (void)data;
    snprintf(title, sizeof title, "%.*s", (int)values[0].size, (const char *)values[0].bytes);
    snprintf(rows, sizeof rows, "%.*s", (int)values[1].size, (const char *)values[1].bytes);
    number = strtol(title + strlen("unit "), NULL, 10);
    ck_assert(number >= 0 && number < OUTCOME_LIMIT);
    found[number] = (unsigned char)strtol(rows, NULL, 10);
}

/* How many rows are there of the units that were told so. */
static int64_t rows_of(int what)
{
    int64_t rows = 0;

    for (int i = 0; i < atomic_load(&units); i++)
        rows += atomic_load(&told[i]) == what ? found[i] : 0;
    return rows;
}

int64_t outcome_resolved(void)
{
    return house_sql("SELECT count(*) FROM audit_log WHERE event = 'commit_unknown_resolved'");
}

int64_t outcome_faults(const char *after)
{
    int yes = outcome_count(OUTCOME_WRITTEN), no = outcome_count(OUTCOME_NOT_WRITTEN);
    int unknown = outcome_count(OUTCOME_UNKNOWN);
    int64_t of_yes, of_no, torn, events;

    memset(found, 0, sizeof found);
    house_rows("SELECT title, count(*) FROM properties WHERE title LIKE 'unit %' GROUP BY title", note_rows, NULL);
    for (int i = 0; i < atomic_load(&units); i++)
        if (atomic_load(&told[i]) == OUTCOME_WRITTEN && found[i] != PARTS)
            printf("unit %d was told as written and has %d rows\n", i, (int)found[i]);
    of_yes = rows_of(OUTCOME_WRITTEN);
    of_no = rows_of(OUTCOME_NOT_WRITTEN);
    torn = house_sql("SELECT count(*) FROM (SELECT title FROM properties WHERE title LIKE 'unit %' GROUP BY title "
                     "HAVING count(*) <> 2 OR sum(price) <> 4) x");
    events = house_sql("SELECT count(*) FROM properties p LEFT JOIN (SELECT resource_id, count(*) AS n FROM events "
                       "GROUP BY resource_id) e ON e.resource_id = p.id WHERE p.title LIKE 'unit %' AND "
                       "p.version <> coalesce(e.n, 0)");

    printf("%s: %d units: %d written, %d not, %d unknown; lost rows %lld, rows that should not be %lld, torn or double "
           "units %lld, rows without their events %lld; %lld lost answers to COMMIT asked for again\n",
           after, yes + no + unknown, yes, no, unknown, (long long)(PARTS * yes - of_yes), (long long)of_no,
           (long long)torn, (long long)events, (long long)outcome_resolved());
    fflush(stdout); /* a check that fails ends the process at once */
    return llabs(PARTS * yes - of_yes) + of_no + torn + events;
}
