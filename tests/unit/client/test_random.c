/* A system that gives no randomness, and a machine with too many sign-ins: this program stands in between by the linker
 * (--wrap). Nothing is written without the ids that a call needs. */
#include <stdlib.h>

#include "auth/login.h"
#include "base/thread.h"
#include "client/core.h"
#include "far.h"

bool __real_hc__os_random(void *out, size_t size);
bool __wrap_hc__os_random(void *out, size_t size);
hc_status __real_hc__hash_begin(hc__core *core, hc_error *why);
hc_status __wrap_hc__hash_begin(hc__core *core, hc_error *why);

static int dry_in; /* the so many-th request from now on gets nothing; 0: none */
static bool crowded;

bool __wrap_hc__os_random(void *out, size_t size)
{
    return (dry_in == 0 || --dry_in != 0) && __real_hc__os_random(out, size);
}

int64_t __real_hc__os_monotonic(void);
int64_t __wrap_hc__os_monotonic(void);

static int64_t behind; /* how far the clock of deadlines is behind, so that they come sooner */

int64_t __wrap_hc__os_monotonic(void)
{
    return __real_hc__os_monotonic() - behind;
}

void __real_hc__wipe(void *bytes, size_t size);
void __wrap_hc__wipe(void *bytes, size_t size);

static int wiped; /* texts of password hashes */

void __wrap_hc__wipe(void *bytes, size_t size)
{
    wiped += size == HC__PASSWORD_HASH_SIZE;
    __real_hc__wipe(bytes, size);
}

hc_status __wrap_hc__hash_begin(hc__core *core, hc_error *why)
{
    if (crowded) {
        *why = (hc_error){.status = HC_ERR_BUSY, .message = "too many sign-ins at once"};
        return HC_ERR_BUSY;
    }
    return __real_hc__hash_begin(core, why);
}

/* ---- the calls ---- */

static hc_status log_in(void)
{
    hc_login login = HC_LOGIN_INIT;
    hc_session *as = guest;
    hc_status status;

    login.email = "bea@example.com";
    login.password = PASSWORD;
    login.password_size = strlen(PASSWORD);
    status = hc_auth_login(&as, guest, &login, &err);
    ck_assert_int_eq(as != NULL, status >= 0);
    ck_assert(as == NULL || hc_session_token(as) != NULL);
    hc_session_free(as);
    return status;
}

static int serial;

static hc_status sign_up(void)
{
    hc_registration who = HC_REGISTRATION_INIT;
    char email[40];

    snprintf(email, sizeof email, "gus%d@example.com", ++serial);
    who.email = email;
    who.password = PASSWORD;
    who.password_size = strlen(PASSWORD);
    who.full_name = "Gus Guest";
    return hc_auth_register(guest, &who, &err);
}

static hc_status create_home(void)
{
    hc_property *home = hc_property_new(client);
    hc_status status;
    hc_id id;

    hc_property_set_title(home, "A home");
    hc_property_set_price(home, 100);
    hc_property_set_address(home, "12 Creek Rd");
    hc_property_set_city(home, "Austin");
    hc_property_set_state(home, "TX");
    hc_property_set_zip_code(home, "78704");
    hc_property_set_property_type(home, HC_PROPERTY_HOUSE);
    status = hc_property_create(&id, sys, home, &err);
    hc_property_free(home);
    return status;
}

static const struct {
    hc_status (*run)(void);
    const char *counts;
} calls[] = {{log_in, "SELECT count(*) FROM sessions"},
             {sign_up, "SELECT count(*) FROM users"},
             {create_home, "SELECT count(*) FROM properties"}};

START_TEST(a_call_that_gets_no_id_writes_nothing)
{
    int64_t before = far_count(calls[_i].counts);
    int failed = 0;
    hc_status status;

    for (int n = 1;; n++) {
        err = (hc_error){0};
        dry_in = n;
        status = calls[_i].run();
        if (dry_in > 0)
            break;
        if (status < 0) {
            failed++;
            ck_assert_msg(status == HC_ERR_INTERNAL, "%s", err.message);
            ck_assert_int_eq(err.status, status);
            ck_assert_str_eq(err.message, "the system gives no random bytes");
            ck_assert_int_eq(far_count(calls[_i].counts), before);
        } else {
            before++; /* what it lacked was not the row's own */
        }
        ck_assert_int_lt(n, 50);
    }
    dry_in = 0;
    ck_assert_int_gt(failed, 0);
    ck_assert_msg(status == HC_OK, "%s", err.message);
    ck_assert_int_eq(far_count(calls[_i].counts), before + 1);
}
END_TEST

START_TEST(who_gets_no_place_to_hash_is_told_to_come_back)
{
    int64_t before = far_count("SELECT count(*) FROM sessions");

    crowded = true;
    ck_assert_int_eq(log_in(), HC_ERR_BUSY);
    ck_assert_str_eq(err.message, "too many sign-ins at once");
    ck_assert_int_eq(sign_up(), HC_ERR_BUSY);
    crowded = false;
    ck_assert_int_eq(far_count("SELECT count(*) FROM sessions"), before);
    ck_assert_int_eq(log_in(), HC_OK);
}
END_TEST

/* A11: who was not compared is nobody. */
START_TEST(a_check_that_did_not_run_matches_nobody)
{
    hc__person person = {.found = false};
    bool match = true, stale = true;

    ck_assert_int_eq(hc__person_verify(&match, &stale, &person, guest, PASSWORD, strlen(PASSWORD), &err), HC_OK);
    ck_assert(!match && !stale);
    match = stale = true;
    crowded = true;
    ck_assert_int_eq(hc__person_verify(&match, &stale, &person, guest, PASSWORD, strlen(PASSWORD), &err), HC_ERR_BUSY);
    crowded = false;
    ck_assert(!match && !stale);
}
END_TEST

START_TEST(the_text_of_a_hash_is_wiped)
{
    hc_password_change change = HC_PASSWORD_CHANGE_INIT;

    wiped = 0;
    ck_assert_int_eq(log_in(), HC_OK);
    ck_assert_int_eq(wiped, 1);
    ck_assert_int_eq(sign_up(), HC_OK);
    ck_assert_int_eq(wiped, 2);
    change.current = PASSWORD;
    change.current_size = strlen(PASSWORD);
    change.password = "nine storks on the chimney";
    change.password_size = strlen(change.password);
    ck_assert_int_eq(hc_auth_change_password(bea, &change, &err), HC_OK);
    ck_assert_int_eq(wiped, 3);
    ck_assert_int_eq(hc_auth_change_password(bea, &change, &err), HC_ERR_UNAUTHENTICATED); /* that sign-in ended */
    change.current = "something else";
    change.current_size = strlen(change.current);
    ck_assert_int_eq(hc_auth_change_password(admin, &change, &err), HC_ERR_FORBIDDEN);
    ck_assert_int_eq(wiped, 4);
}
END_TEST

/* A10: hashes at once are as many as the machine has room for; who waits in vain writes nothing and takes no place */
START_TEST(no_more_hash_at_once_than_there_are_places)
{
    hc__core *core = client->core;
    int32_t cores = hc__os_cores(), places = cores < 4 ? 1 : cores / 2;
    int64_t before = far_count("SELECT count(*) FROM sessions");

    ck_assert_int_eq(core->hashes.free, places);
    for (int32_t i = 0; i < places; i++)
        ck_assert_int_eq(__real_hc__hash_begin(core, &err), HC_OK);
    behind = 2 * HC__SECOND - HC__SECOND / 50;
    ck_assert_int_eq(log_in(), HC_ERR_BUSY);
    ck_assert_int_eq(sign_up(), HC_ERR_BUSY);
    behind = 0;
    ck_assert_int_eq(core->hashes.free, 0);
    ck_assert_int_eq(far_count("SELECT count(*) FROM sessions"), before);
    hc__hash_end(core);
    ck_assert_int_eq(log_in(), HC_OK);
    ck_assert_int_eq(sign_up(), HC_OK);
    ck_assert_int_eq(core->hashes.free, 1); /* each gave its place back */
    for (int32_t i = 1; i < places; i++)
        hc__hash_end(core);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_call_that_gets_no_id_writes_nothing, 0, 3);
    tcase_add_test(tcase, who_gets_no_place_to_hash_is_told_to_come_back);
    tcase_add_test(tcase, a_check_that_did_not_run_matches_nobody);
    tcase_add_test(tcase, the_text_of_a_hash_is_wiped);
    tcase_add_test(tcase, no_more_hash_at_once_than_there_are_places);
}

int main(void)
{
    return suite_main("unit.client.random", fill, far_open, far_close);
}
