/* The events feed: what it tells, how it is paged, and that nothing appears below what was read, whoever writes, is
 * late or is killed meanwhile. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elsewhere.h"
#include "homeconnect/event.h"
#include "homeconnect/lead.h"

#define MOST 8192

/* What a reader holds: each event, in the order in which it came. */
struct held {
    hc_id id, of; /* users and their agents have one id */
    char resource[32];
    int32_t version;
};
static struct held held[MOST];
static size_t held_count;

static bool same_id(hc_id a, hc_id b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static hc_event_page *read_page(int64_t after, int32_t limit)
{
    hc_event_page *page = NULL;

    HOUSE_OK(hc_events_read(&page, house.system, after, limit, err));
    return page;
}

/* Every number follows the one before: none is left out, and so none can be filled later. */
static void hold(const hc_event_page *page, int64_t after)
{
    ck_assert_int_eq(hc_event_page_last(page), after + (int64_t)hc_event_page_count(page));
    for (size_t i = 0; i < hc_event_page_count(page); i++) {
        const hc_event *event = hc_event_page_at(page, i);

        ck_assert_uint_lt(held_count, MOST);
        ck_assert_int_eq(hc_event_seq(event), after + 1 + (int64_t)i);
        held[held_count] = (struct held){hc_event_id(event), hc_event_resource_id(event), "", hc_event_version(event)};
        snprintf(held[held_count++].resource, sizeof held->resource, "%s", hc_event_resource(event));
    }
}

/* Reads on from what is held. */
static void follow(int32_t limit)
{
    hc_event_page *page = NULL;
    bool more = true;

    while (more) {
        int64_t after = (int64_t)held_count;

        page = read_page(after, limit);
        hold(page, after);
        more = hc_event_page_has_more(page);
        ck_assert(!more || hc_event_page_count(page) > 0);
        hc_event_page_free(page);
    }
}

static void check_row(const house_value *values, int count, void *data)
{
    int64_t *at = data;
    char hex[33] = "";

    (void)count;
    ck_assert_uint_lt((size_t)*at, held_count);
    for (size_t i = 0; i < sizeof(hc_id); i++)
        snprintf(hex + 2 * i, 3, "%02x", held[*at].id.bytes[i]);
    ck_assert_uint_eq(values[0].size, 32);
    ck_assert_msg(strncasecmp(values[0].bytes, hex, 32) == 0, "event %lld is not the one that was read",
                  (long long)*at + 1);
    (*at)++;
}

/* What was read is what the store holds, each event once, at the place where it was read. */
static void assert_held_is_all(void)
{
    int64_t at = 0;

    follow(HC_EVENTS_LIMIT);
    house_rows("SELECT hex(id) FROM events WHERE resource<>'void' ORDER BY seq", check_row, &at);
    ck_assert_int_eq(at, (int64_t)held_count);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE seq IS NULL AND resource<>'void'"), 0);
    for (size_t i = 0; i < held_count; i++)
        for (size_t j = 0; j < i; j++)
            if (same_id(held[i].of, held[j].of) && strcmp(held[i].resource, held[j].resource) == 0)
                ck_assert_msg(held[j].version < held[i].version, "versions of a row: %d at %zu, %d at %zu",
                              held[j].version, j + 1, held[i].version, i + 1);
}

static void open_feed(void)
{
    house_open();
    held_count = 0;
}

/* ---- what it tells ---- */

static void check_event(const hc_event_page *page, size_t index, const char *resource, hc_id of, int32_t change,
                        int32_t version, hc_id actor)
{
    const hc_event *event = hc_event_page_at(page, index);

    ck_assert_ptr_nonnull(event);
    ck_assert_str_eq(hc_event_resource(event), resource);
    ck_assert(same_id(hc_event_resource_id(event), of));
    ck_assert_int_eq(hc_event_change(event), change);
    ck_assert_int_eq(hc_event_version(event), version);
    ck_assert(same_id(hc_event_actor_id(event), actor));
    ck_assert_int_eq(hc_event_created_at(event), house_now());
}

/* Each change, deletions too: tombstones are kept, also of a row that is gone. */
START_TEST(each_change_of_a_row_is_told)
{
    static const hc_id nobody;
    hc_event_page *page = NULL;
    hc_id home;
    int64_t last;

    follow(HC_EVENTS_LIMIT);
    house_pass(HOUSE_MINUTE);
    home = house_list_home(house.ana, "Told of", 10000000);
    {
        hc_property *edit = hc_property_for(house.client, home, 1);
        hc_property_set_price(edit, 9000000);
        HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
        hc_property_free(edit);
    }
    HOUSE_OK(hc_property_delete(house.ana, home, 2, err));
    HOUSE_OK(hc_property_restore(NULL, house.ana, home, err));
    HOUSE_OK(hc_property_delete(house.admin, home, 4, err));
    HOUSE_OK(hc_property_purge(house.system, home, err));
    page = read_page((int64_t)held_count, 0);
    ck_assert_uint_eq(hc_event_page_count(page), 6);
    check_event(page, 0, "property", home, HC_EVENT_CREATED, 1, house.ana_id);
    check_event(page, 1, "property", home, HC_EVENT_UPDATED, 2, house.ana_id);
    check_event(page, 2, "property", home, HC_EVENT_DELETED, 3, house.ana_id);
    check_event(page, 3, "property", home, HC_EVENT_RESTORED, 4, house.ana_id);
    check_event(page, 4, "property", home, HC_EVENT_DELETED, 5, house.admin_id);
    check_event(page, 5, "property", home, HC_EVENT_PURGED, 6, nobody);
    ck_assert_int_eq(hc_event_is_null(hc_event_page_at(page, 5), HC_EVENT_ACTOR_ID), 1);
    ck_assert_int_eq(hc_event_is_null(hc_event_page_at(page, 5), HC_EVENT_SEQ), 0);
    ck_assert_ptr_null(hc_event_page_at(page, 6));
    ck_assert_int_eq(hc_event_page_has_more(page), 0);
    last = hc_event_page_last(page);
    hc_event_page_free(page);
    house_pass(1000 * HOUSE_DAY);
    HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, NULL, err));
    assert_held_is_all();
    ck_assert_int_eq((int64_t)held_count, last);
}
END_TEST

START_TEST(an_event_as_json)
{
    hc_event_page *page = read_page(0, 1);
    hc_text *json = NULL;
    char id[HC_ID_TEXT_SIZE], want[128];

    hc_id_format(id, hc_event_resource_id(hc_event_page_at(page, 0)));
    snprintf(want, sizeof want, "\"resource\":\"user\",\"resource_id\":\"%s\",\"change\":\"created\",\"version\":1,",
             id);
    HOUSE_OK(hc_event_to_json(&json, hc_event_page_at(page, 0), err));
    ck_assert_msg(strstr(hc_text_data(json), want) != NULL, "%s", hc_text_data(json));
    ck_assert_msg(strstr(hc_text_data(json), "\"seq\":\"1\"}") != NULL, "%s", hc_text_data(json));
    hc_text_free(json);
    hc_event_page_free(page);
}
END_TEST

START_TEST(pages_end_where_the_next_begins)
{
    hc_event_page *page = NULL;
    size_t all;

    for (int i = 0; i < 30; i++)
        house_list_home(house.ana, "One of many", 10000000 + i);
    follow(7); /* some of them wait for their numbers where several may write */
    all = held_count;
    assert_held_is_all();
    ck_assert_uint_eq(held_count, all);
    held_count = 0;
    follow((int32_t)all);
    ck_assert_uint_eq(held_count, all);
    page = read_page((int64_t)all, 1);
    ck_assert_uint_eq(hc_event_page_count(page), 0);
    ck_assert_int_eq(hc_event_page_last(page), (int64_t)all);
    ck_assert_int_eq(hc_event_page_has_more(page), 0);
    hc_event_page_free(page);
    hc_event_page_free(NULL);
    ck_assert_uint_eq(hc_event_page_count(NULL), 0);
    ck_assert_int_eq(hc_event_page_last(NULL), 0);
}
END_TEST

static hc_status read_inside(hc_session *as, void *data, hc_error *err)
{
    hc_event_page *page = NULL;

    (void)data;
    return hc_events_read(&page, as, 0, 1, err);
}

START_TEST(what_cannot_be_answered)
{
    hc_event_page *page = NULL;
    hc_error why = {0};
    int64_t end;

    follow(HC_EVENTS_LIMIT);
    end = (int64_t)held_count;
    HOUSE_FAILS(hc_events_read(&page, house.admin, 0, HC_EVENTS_LIMIT + 1, err), HC_ERR_INVALID, "limit");
    HOUSE_FAILS(hc_events_read(&page, house.admin, 0, -1, err), HC_ERR_INVALID, "limit");
    HOUSE_FAILS(hc_events_read(&page, house.admin, -1, 1, err), HC_ERR_INVALID, "after");
    HOUSE_FAILS(hc_events_read(NULL, house.admin, 0, 1, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_events_read(&page, NULL, 0, 1, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_session_transact(house.admin, read_inside, NULL, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_events_read(&page, house.admin, INT64_MAX, 1, err), HC_ERR_INVALID, "after");
    ck_assert_int_eq(hc_events_read(&page, house.admin, end + 1, 1, &why), HC_ERR_INVALID);
    ck_assert_int_eq(why.detail, end);
    ck_assert_ptr_null(page);
    HOUSE_OK(hc_events_read(&page, house.admin, end, HC_EVENTS_LIMIT, err));
    hc_event_page_free(page);
}
END_TEST

/* T14 */
START_TEST(a_demoted_admin_reads_no_more)
{
    hc_event_page *page = NULL;
    hc_id eve = house_user("eve@example.com", "Eve", HC_USER_ROLE_ADMIN);
    hc_session *as = house_login("eve@example.com", HOUSE_PASSWORD);
    hc_user *edit = hc_user_for(house.client, eve, 1);

    HOUSE_OK(hc_events_read(&page, as, 0, 1, err));
    hc_event_page_free(page);
    {
        hc_user *now = NULL;
        HOUSE_OK(hc_user_get(&now, house.system, eve, err));
        hc_user_free(edit);
        edit = hc_user_edit(now);
        hc_user_free(now);
    }
    hc_user_set_role(edit, HC_USER_ROLE_AGENT);
    HOUSE_OK(hc_user_update(NULL, house.system, edit, err));
    hc_user_free(edit);
    HOUSE_FAILS(hc_events_read(&page, as, 0, 1, err), HC_ERR_UNAUTHENTICATED, "token");
    hc_session_free(as);
}
END_TEST

/* ---- numbers ---- */

static hc_status list_and_give_up(hc_session *as, void *data, hc_error *err)
{
    hc_property *home = house_sketch("Never was", 100);
    hc_id id;
    hc_status status = hc_property_create(&id, as, home, err);

    (void)data;
    hc_property_free(home);
    return status < 0 ? status : HC_ERR_CANCELLED;
}

START_TEST(what_was_taken_back_has_no_number)
{
    size_t before;

    follow(HC_EVENTS_LIMIT);
    before = held_count;
    HOUSE_FAILS(hc_session_transact(house.ana, list_and_give_up, NULL, err), HC_ERR_CANCELLED, "");
    follow(HC_EVENTS_LIMIT);
    ck_assert_uint_eq(held_count, before);
    house_list_home(house.ana, "Is", 100);
    assert_held_is_all();
    ck_assert_uint_eq(held_count, before + 1);
}
END_TEST

/* Rows that only keep an id, and rows that wait since before there were numbers. */
START_TEST(void_rows_are_none_and_old_rows_get_their_numbers)
{
    size_t before;

    follow(HC_EVENTS_LIMIT);
    before = held_count;
    house_change("INSERT INTO events(id,resource,resource_id,change,version,created_at) VALUES"
                 "(x'00000000000070008000000000000001','void',x'00000000000070008000000000000001','created',1,at(1)),"
                 "(x'00000000000070008000000000000002','lead',x'00000000000070008000000000000009','updated',2,at(1)),"
                 "(x'00000000000070008000000000000003','lead',x'00000000000070008000000000000009','created',1,at(1))");
    assert_held_is_all();
    ck_assert_uint_eq(held_count, before + 2);
    ck_assert_int_eq(held[before].version, 1);
    ck_assert_int_eq(held[before + 1].version, 2);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='void' AND seq IS NULL"), 1);
}
END_TEST

/* ---- writers at once ---- */

struct late {
    sem_t written, may_commit;
    pthread_t thread;
    hc_id home;
    hc_status status;
};

static hc_status list_and_wait(hc_session *as, void *data, hc_error *err)
{
    struct late *late = data;
    hc_property *home = house_sketch("Late", 100);
    hc_property_page *page = NULL;
    hc_status status = hc_property_create(&late->home, as, home, err);

    hc_property_free(home);
    if (status >= 0)
        status = hc_property_list(&page, as, NULL, err); /* what was added is written before it is read */
    hc_property_page_free(page);
    sem_post(&late->written);
    sem_wait(&late->may_commit);
    return status;
}

static void *be_late(void *data)
{
    struct late *late = data;

    late->status = hc_session_transact(house.ana, list_and_wait, late, NULL);
    return NULL;
}

/* Its event has an older id than all that were read meanwhile. */
START_TEST(a_late_commit_gets_a_late_number)
{
    struct late late;
    size_t before;

    if (house_is_a_file()) {
        printf("skip: a file has one writer at a time, whose commit cannot be late\n");
        return;
    }
    sem_init(&late.written, 0, 0);
    sem_init(&late.may_commit, 0, 0);
    ck_assert_int_eq(pthread_create(&late.thread, NULL, be_late, &late), 0);
    sem_wait(&late.written);
    for (int i = 0; i < 3; i++)
        house_list_home(house.ben, "In time", 100);
    follow(2);
    before = held_count;
    for (size_t i = 0; i < held_count; i++)
        ck_assert(!same_id(held[i].of, late.home));
    sem_post(&late.may_commit);
    pthread_join(late.thread, NULL);
    ck_assert_int_eq(late.status, HC_OK);
    assert_held_is_all();
    ck_assert_uint_eq(held_count, before + 1);
    ck_assert(same_id(held[before].of, late.home));
    ck_assert_int_lt(memcmp(&held[before].id, &held[before - 1].id, sizeof(hc_id)), 0);
    sem_destroy(&late.written);
    sem_destroy(&late.may_commit);
}
END_TEST

#define WRITERS 3
#define HOMES   25 /* of each */

struct writer {
    pthread_t thread;
    hc_session *as;
    hc_status status;
};

static void *write_on(void *data)
{
    struct writer *writer = data;

    for (int i = 0; writer->status >= 0 && i < HOMES; i++) {
        hc_property *home = house_sketch("Written", 1000 + i), *edit;
        hc_id id;

        writer->status = hc_property_create(&id, writer->as, home, NULL);
        hc_property_free(home);
        edit = hc_property_for(house.client, id, 1);
        hc_property_set_price(edit, 900);
        if (writer->status >= 0)
            writer->status = hc_property_update(NULL, writer->as, edit, NULL);
        hc_property_free(edit);
    }
    return NULL;
}

START_TEST(a_reader_behind_writers_misses_nothing)
{
    struct writer writers[WRITERS] = {{.as = house.ana}, {.as = house.ben}, {.as = house.admin}};
    size_t before;

    follow(HC_EVENTS_LIMIT);
    before = held_count;
    for (int i = 0; i < WRITERS; i++)
        ck_assert_int_eq(pthread_create(&writers[i].thread, NULL, write_on, &writers[i]), 0);
    while (held_count < before + WRITERS * HOMES) /* the half of them */
        follow(5);
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        ck_assert_int_eq(writers[i].status, HC_OK);
    }
    assert_held_is_all();
    ck_assert_uint_eq(held_count, before + 2 * WRITERS * HOMES);
}
END_TEST

/* ---- kills ---- */

#define KILLS 12

static void kill_now(elsewhere *at)
{
    ck_assert_int_eq(kill(at->pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(at->pid, NULL, 0), at->pid);
    fclose(at->to);
    fclose(at->from);
}

/* A server may commit what a killed writer sent last a moment after its end. */
static void wait_for_the_dead(void)
{
    for (int same = 0, tries = 0; same < 10 && tries < 500; tries++) {
        usleep(20000);
        follow(HC_EVENTS_LIMIT);
        same = house_sql("SELECT count(*) FROM events WHERE resource<>'void'") == (int64_t)held_count ? same + 1 : 0;
    }
}

/* Processes that write, and give numbers behind each write, die at any moment while a reader follows. */
START_TEST(a_reader_misses_nothing_when_writers_are_killed)
{
    size_t before;

    ck_assert_int_eq(setenv("HC_TEST_SOON_MS", "0", 1), 0);
    follow(HC_EVENTS_LIMIT);
    before = held_count;
    for (int i = 0; i < KILLS; i++) {
        size_t last = held_count;
        elsewhere at;

        elsewhere_start(&at);
        ck_assert_int_eq(elsewhere_ask(&at, "open %s", hc_session_token(house.ana)), HC_OK);
        for (int n = 0; n < 200; n++)
            fprintf(at.to, "list %d\n", 1000 + n);
        fflush(at.to);
        while (held_count < last + 1 + (size_t)i)
            follow(3);
        kill_now(&at);
        follow(HC_EVENTS_LIMIT);
    }
    unsetenv("HC_TEST_SOON_MS");
    wait_for_the_dead();
    assert_held_is_all();
    ck_assert_uint_ge(held_count, before + KILLS);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='property' AND change='created'"),
                     house_sql("SELECT count(*) FROM properties"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, each_change_of_a_row_is_told);
    tcase_add_test(tcase, an_event_as_json);
    tcase_add_test(tcase, pages_end_where_the_next_begins);
    tcase_add_test(tcase, what_cannot_be_answered);
    tcase_add_test(tcase, a_demoted_admin_reads_no_more);
    tcase_add_test(tcase, what_was_taken_back_has_no_number);
    tcase_add_test(tcase, void_rows_are_none_and_old_rows_get_their_numbers);
    tcase_add_test(tcase, a_late_commit_gets_a_late_number);
    tcase_add_test(tcase, a_reader_behind_writers_misses_nothing);
    tcase_add_test(tcase, a_reader_misses_nothing_when_writers_are_killed);
}

int main(int argc, char **argv)
{
    elsewhere_main(argc, argv);
    return suite_main("api.event.feed", fill, open_feed, house_close);
}
