/* Idempotency keys: the same create at most once, for its actor, for a day. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "house.h"

static hc_status make(hc_id *out, hc_session *as, const char *key, const char *title, int64_t cents, hc_error *err)
{
    hc_property *home = house_sketch(title, cents);
    hc_status status = key == NULL ? HC_OK : hc_session_set_idempotency_key(as, key, err);

    if (status >= 0)
        status = hc_property_create(out, as, home, err);
    hc_property_free(home);
    house_count(1);
    return status;
}

static bool same(hc_id a, hc_id b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* P14 */
START_TEST(the_same_key_and_body_are_one_create)
{
    snapshot before;
    hc_id first, again;

    ck_assert_int_eq(make(&first, house.ana, "k1", "A home", 40000000, NULL), HC_OK);
    before = house_snapshot();
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(make(&again, house.ana, "k1", "A home", 40000000, NULL), HC_NOTE_REPLAYED);
        ck_assert(same(first, again));
    }
    house_assert_unchanged_since(before);
}
END_TEST

/* P14 */
START_TEST(the_same_key_and_another_body_conflict)
{
    snapshot before;
    hc_id first, again;
    static const hc_id nobody;

    ck_assert_int_eq(make(&first, house.ana, "k1", "A home", 40000000, NULL), HC_OK);
    before = house_snapshot();
    HOUSE_FAILS(make(&again, house.ana, "k1", "A home", 40000001, err), HC_ERR_CONFLICT, "idempotency_key");
    HOUSE_FAILS(make(&again, house.ana, "k1", "A home ", 40000000, err), HC_ERR_CONFLICT, "idempotency_key");
    ck_assert(same(again, nobody));
    house_assert_unchanged_since(before);
    ck_assert_int_eq(make(&again, house.ana, "k2", "A home", 40000001, NULL), HC_OK);
    ck_assert(!same(first, again));
}
END_TEST

/* P14: a null that was set is another body than nothing. */
START_TEST(a_cleared_field_is_another_body)
{
    hc_property *home = house_sketch("A home", 40000000);
    hc_id id;

    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "k1", err));
    HOUSE_OK(hc_property_create(&id, house.ana, home, err));
    hc_property_set_null(home, HC_PROPERTY_BEDS);
    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "k1", err));
    HOUSE_FAILS(hc_property_create(&id, house.ana, home, err), HC_ERR_CONFLICT, "idempotency_key");
    hc_property_free(home);
}
END_TEST

/* P14 */
START_TEST(anothers_key_is_another)
{
    hc_id anas, bens;

    ck_assert_int_eq(make(&anas, house.ana, "k1", "A home", 40000000, NULL), HC_OK);
    ck_assert_int_eq(make(&bens, house.ben, "k1", "A home", 40000000, NULL), HC_OK);
    ck_assert(!same(anas, bens));
}
END_TEST

/* P14: the actor, not the session, and not the client. */
START_TEST(a_key_is_its_actors_on_every_session)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_session *as = NULL;
    const char *token = hc_session_token(house.ana);
    hc_id first, again;

    house_options(&options);
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_open(&as, client, token, strlen(token), NULL, err));
    ck_assert_int_eq(make(&first, house.ana, "k1", "A home", 40000000, NULL), HC_OK);
    ck_assert_int_eq(make(&again, as, "k1", "A home", 40000000, NULL), HC_NOTE_REPLAYED);
    ck_assert(same(first, again));
    hc_session_free(as);
    hc_client_close(client);
}
END_TEST

/* P14: a key is of one operation: a user's is not a listing's. */
START_TEST(a_key_is_of_its_operation)
{
    hc_user *user = hc_user_new(house.client);
    hc_id home, id, again;

    hc_user_set_email(user, "cleo@example.com");
    hc_user_set_full_name(user, "Cleo Caller");
    hc_user_set_role(user, HC_USER_ROLE_BUYER);
    ck_assert_int_eq(make(&home, house.admin, "k1", "A home", 40000000, NULL), HC_OK);
    HOUSE_OK(hc_session_set_idempotency_key(house.admin, "k1", err));
    HOUSE_OK(hc_user_create(&id, house.admin, user, HOUSE_PASSWORD, strlen(HOUSE_PASSWORD), err));
    HOUSE_OK(hc_session_set_idempotency_key(house.admin, "k1", err));
    ck_assert_int_eq(hc_user_create(&again, house.admin, user, HOUSE_PASSWORD, strlen(HOUSE_PASSWORD), NULL),
                     HC_NOTE_REPLAYED);
    ck_assert(same(id, again));
    hc_user_free(user);
}
END_TEST

static hc_status make_user(hc_id *out, const char *password, hc_error *err)
{
    hc_user *user = hc_user_new(house.client);
    hc_status status = hc_session_set_idempotency_key(house.admin, "k1", err);

    hc_user_set_email(user, "cleo@example.com");
    hc_user_set_full_name(user, "Cleo Caller");
    hc_user_set_role(user, HC_USER_ROLE_BUYER);
    if (status >= 0)
        status = hc_user_create(out, house.admin, user, password, strlen(password), err);
    hc_user_free(user);
    house_count(1);
    return status;
}

/* P14: what the body is not made of is bound to the key too, and does not lie beside it. */
START_TEST(another_password_is_another_body)
{
    snapshot before;
    hc_id first, again;
    static const hc_id nobody;

    ck_assert_int_eq(make_user(&first, HOUSE_PASSWORD, NULL), HC_OK);
    before = house_snapshot();
    ck_assert_int_eq(make_user(&again, HOUSE_PASSWORD, NULL), HC_NOTE_REPLAYED);
    ck_assert(same(first, again));
    HOUSE_FAILS(make_user(&again, HOUSE_PASSWORD "s", err), HC_ERR_CONFLICT, "idempotency_key");
    HOUSE_FAILS(make_user(&again, "four swallows by the river", err), HC_ERR_CONFLICT, "idempotency_key");
    ck_assert(same(again, nobody));
    house_assert_unchanged_since(before);
    hc_session_free(house_login("cleo@example.com", HOUSE_PASSWORD));
    ck_assert_int_eq(house_sql("SELECT length(request_hash) FROM idempotency_keys WHERE key='k1'"), 32);
}
END_TEST

/* The next operation uses the key up, whatever it is, and however it ends. */
START_TEST(a_key_is_for_one_call)
{
    hc_property *home = NULL;
    hc_id first, second;

    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "k1", err));
    HOUSE_OK(hc_property_get(&home, house.ana, house.anas_ids[0], err));
    hc_property_free(home);
    ck_assert_int_eq(make(&first, house.ana, NULL, "A home", 40000000, NULL), HC_OK);
    ck_assert_int_eq(make(&second, house.ana, NULL, "A home", 40000000, NULL), HC_OK);
    ck_assert(!same(first, second));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM idempotency_keys WHERE key IS NOT NULL"), 0);
    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "k1", err));
    HOUSE_OK(hc_session_set_idempotency_key(house.ana, NULL, err));
    ck_assert_int_eq(make(&second, house.ana, NULL, "A home", 40000000, NULL), HC_OK);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM idempotency_keys WHERE key IS NOT NULL"), 0);
}
END_TEST

/* A create that failed did not happen: its key is free. */
START_TEST(a_failed_create_frees_its_key)
{
    snapshot before = house_snapshot();
    hc_id id;

    HOUSE_FAILS(make(&id, house.ana, "k1", "A home", -1, err), HC_ERR_INVALID, "price");
    HOUSE_FAILS(make(&id, house.bea, "k1", "A home", 100, err), HC_ERR_FORBIDDEN, "");
    house_assert_unchanged_since(before);
    ck_assert_int_eq(make(&id, house.ana, "k1", "A home", 40000000, NULL), HC_OK);
}
END_TEST

static hc_status make_and_give_up(hc_session *as, void *data, hc_error *err)
{
    hc_id id;

    (void)err;
    ck_assert_int_eq(make(&id, as, "k1", "A home", 40000000, NULL), HC_OK);
    ck_assert_int_eq(make(&id, as, "k1", "A home", 40000000, NULL), HC_NOTE_REPLAYED);
    return *(hc_status *)data;
}

/* P14: key and listing share their transaction. */
START_TEST(a_key_lives_and_dies_with_its_unit)
{
    snapshot before = house_snapshot();
    hc_status how = HC_ERR_INVALID;
    hc_id id;

    ck_assert_int_eq(hc_session_transact(house.ana, make_and_give_up, &how, NULL), HC_ERR_INVALID);
    house_assert_unchanged_since(before);
    how = HC_OK;
    ck_assert_int_eq(hc_session_transact(house.ana, make_and_give_up, &how, NULL), HC_OK);
    ck_assert_int_eq(make(&id, house.ana, "k1", "A home", 40000000, NULL), HC_NOTE_REPLAYED);
}
END_TEST

static hc_status use_the_key(hc_session *as, void *data, hc_error *err)
{
    return make(data, as, NULL, "A home", 40000000, err);
}

/* A key that was set before the unit is the first call's in it. */
START_TEST(a_key_goes_into_the_unit)
{
    hc_id first, again;

    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "k1", err));
    HOUSE_OK(hc_session_transact(house.ana, use_the_key, &first, err));
    ck_assert_int_eq(make(&again, house.ana, "k1", "A home", 40000000, NULL), HC_NOTE_REPLAYED);
    ck_assert(same(first, again));
}
END_TEST

/* P14: 24 hours by the client's clock, swept or not. */
START_TEST(a_key_lives_for_a_day)
{
    hc_id first, again;

    ck_assert_int_eq(make(&first, house.ana, "k1", "A home", 40000000, NULL), HC_OK);
    house_pass(HOUSE_DAY);
    ck_assert_int_eq(make(&again, house.ana, "k1", "A home", 40000000, NULL), HC_NOTE_REPLAYED);
    house_pass(1);
    ck_assert_int_eq(make(&again, house.ana, "k1", "Another home", 40000000, NULL), HC_OK);
    ck_assert(!same(first, again));
}
END_TEST

struct racer {
    pthread_t thread;
    hc_session *as;
    hc_status status;
    hc_id id;
    hc_error err;
};

static void *race(void *data)
{
    struct racer *racer = data;

    racer->status = make(&racer->id, racer->as, "race", "A raced home", 40000000, &racer->err);
    return NULL;
}

/* P14 */
START_TEST(two_at_once_are_one_create)
{
    struct racer racers[6];
    const char *token = hc_session_token(house.ana);
    int made = 0;

    for (size_t i = 0; i < 6; i++)
        HOUSE_OK(hc_session_open(&racers[i].as, house.client, token, strlen(token), NULL, err));
    for (size_t i = 0; i < 6; i++)
        ck_assert_int_eq(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    for (size_t i = 0; i < 6; i++) {
        pthread_join(racers[i].thread, NULL);
        ck_assert_msg(racers[i].status >= 0, "%s", hc_status_name(racers[i].status));
        made += racers[i].status == HC_OK;
        ck_assert(same(racers[i].id, racers[0].id));
        hc_session_free(racers[i].as);
    }
    ck_assert_int_eq(made, 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='A raced home'"), 1);
}
END_TEST

/* A create in a unit that stays open while others ask for the same. */
struct holder {
    struct racer *repeats; /* started once the listing was made */
    size_t count;
    bool wait; /* the repeats must be refused while it is open; else it ends as soon as they wait */
    hc_id id;
};

static int32_t waiting(void)
{
    hc_health health = HC_HEALTH_INIT;

    HOUSE_OK(hc_client_health(house.client, &health, err));
    return health.pool_waiting;
}

static hc_status make_and_hold(hc_session *as, void *data, hc_error *err)
{
    struct holder *holder = data;
    hc_status status = make(&holder->id, as, "race", "A raced home", 40000000, err);

    for (size_t i = 0; i < holder->count; i++)
        ck_assert_int_eq(pthread_create(&holder->repeats[i].thread, NULL, race, &holder->repeats[i]), 0);
    for (size_t i = 0; holder->wait && i < holder->count; i++)
        pthread_join(holder->repeats[i].thread, NULL);
    if (!holder->wait && !house_is_a_file())
        usleep(200 * 1000); /* they wait for a row of the server's, of which nobody here is told */
    while (!holder->wait && house_is_a_file() && waiting() < (int32_t)holder->count)
        usleep(1000);
    return status;
}

/* P14: still running, on a session of this client and of another one: both wait as long as they may. */
START_TEST(a_repeat_of_what_still_runs_is_busy_at_its_deadline)
{
    const char *token = hc_session_token(house.ana);
    struct racer repeats[2];
    struct holder holder = {repeats, 2, true, {{0}}};
    hc_client_options options;
    hc_client *client = NULL;

    house_options(&options);
    HOUSE_OK(hc_client_open(&client, &options, err));
    for (size_t i = 0; i < 2; i++) {
        HOUSE_OK(hc_session_open(&repeats[i].as, i == 0 ? house.client : client, token, strlen(token), NULL, err));
        hc_session_set_timeout(repeats[i].as, HOUSE_SECOND);
    }
    HOUSE_OK(hc_session_transact(house.ana, make_and_hold, &holder, err));
    for (size_t i = 0; i < 2; i++) {
        static const hc_id nobody;

        ck_assert_msg(repeats[i].status == HC_ERR_BUSY, "%zu: %s", i, hc_status_name(repeats[i].status));
        ck_assert(same(repeats[i].id, nobody));
        ck_assert_int_eq(repeats[i].err.flags, HC_ERROR_RETRYABLE); /* not written */
        hc_session_set_timeout(repeats[i].as, 0);
        race(&repeats[i]);
        ck_assert_int_eq(repeats[i].status, HC_NOTE_REPLAYED);
        ck_assert(same(repeats[i].id, holder.id));
        hc_session_free(repeats[i].as);
    }
    hc_client_close(client);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='A raced home'"), 1);
}
END_TEST

/* P14: what runs ends before the deadline of those that wait for it. */
START_TEST(a_repeat_of_what_still_runs_waits_for_it)
{
    const char *token = hc_session_token(house.ana);
    struct racer repeats[2];
    struct holder holder = {repeats, 2, false, {{0}}};

    for (size_t i = 0; i < 2; i++)
        HOUSE_OK(hc_session_open(&repeats[i].as, house.client, token, strlen(token), NULL, err));
    HOUSE_OK(hc_session_transact(house.ana, make_and_hold, &holder, err));
    for (size_t i = 0; i < 2; i++) {
        pthread_join(repeats[i].thread, NULL);
        ck_assert_int_eq(repeats[i].status, HC_NOTE_REPLAYED);
        ck_assert(same(repeats[i].id, holder.id));
        hc_session_free(repeats[i].as);
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='A raced home'"), 1);
}
END_TEST

/* P14: any text is a key, and one is not another. */
START_TEST(a_key_is_any_text)
{
    static const char *const keys[] = {"K1", "k1", "k1 ", "a'b\"c;--", "\x01\x1b", "\xC3\xA9", "e\xCC\x81"};
    char longest[257];
    hc_id id;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        ck_assert_msg(make(&id, house.ana, keys[i], "A home", 40000000, NULL) == HC_OK, "%zu", i);
        ck_assert_int_eq(make(&id, house.ana, keys[i], "A home", 40000000, NULL), HC_NOTE_REPLAYED);
    }
    memset(longest, 'k', sizeof longest);
    longest[256] = '\0';
    HOUSE_FAILS(hc_session_set_idempotency_key(house.ana, longest, err), HC_ERR_INVALID, "idempotency_key");
    HOUSE_FAILS(hc_session_set_idempotency_key(house.ana, "", err), HC_ERR_INVALID, "idempotency_key");
    HOUSE_FAILS(hc_session_set_idempotency_key(house.ana, "k\xff", err), HC_ERR_INVALID, "idempotency_key");
    longest[255] = '\0';
    ck_assert_int_eq(make(&id, house.ana, longest, "A home", 40000000, NULL), HC_OK);
    ck_assert_int_eq(make(&id, house.ana, longest, "A home", 40000000, NULL), HC_NOTE_REPLAYED);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_same_key_and_body_are_one_create);
    tcase_add_test(tcase, the_same_key_and_another_body_conflict);
    tcase_add_test(tcase, a_cleared_field_is_another_body);
    tcase_add_test(tcase, anothers_key_is_another);
    tcase_add_test(tcase, a_key_is_its_actors_on_every_session);
    tcase_add_test(tcase, a_key_is_of_its_operation);
    tcase_add_test(tcase, another_password_is_another_body);
    tcase_add_test(tcase, a_key_is_for_one_call);
    tcase_add_test(tcase, a_failed_create_frees_its_key);
    tcase_add_test(tcase, a_key_lives_and_dies_with_its_unit);
    tcase_add_test(tcase, a_key_goes_into_the_unit);
    tcase_add_test(tcase, a_key_lives_for_a_day);
    tcase_add_test(tcase, two_at_once_are_one_create);
    tcase_add_test(tcase, a_repeat_of_what_still_runs_is_busy_at_its_deadline);
    tcase_add_test(tcase, a_repeat_of_what_still_runs_waits_for_it);
    tcase_add_test(tcase, a_key_is_any_text);
}

int main(void)
{
    return suite_main("api.transact.once", fill, house_open, house_close);
}
