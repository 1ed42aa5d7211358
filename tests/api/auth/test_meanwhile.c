/* Users who change while they sign in or change their password: whoever asks the client's clock next does it. And what
 * these calls refuse before they begin. */
#include <stdio.h>
#include <string.h>

#include "house.h"

static hc_client *client; /* with the clock of this program */
static hc_session *guest;
static int countdown; /* looks at the clock until a user changes; 0: never */
static const char *change;

static int64_t look_at_clock(void *data)
{
    (void)data;
    if (countdown > 0 && --countdown == 0)
        house_change(change);
    return house_now();
}

static void open_client(void)
{
    static const hc_clock clock = {sizeof(hc_clock), look_at_clock, NULL};
    hc_client_options options;

    house_open();
    countdown = 0;
    house_options(&options);
    options.clock = &clock;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_guest(&guest, client, "203.0.113.7", err));
}

static void close_client(void)
{
    hc_session_free(guest);
    hc_client_close(client);
    house_close();
}

static hc_status log_in(hc_session **out, hc_error *err)
{
    hc_login login = HC_LOGIN_INIT;

    login.email = "bea@example.com";
    login.password = HOUSE_PASSWORD;
    login.password_size = strlen(HOUSE_PASSWORD);
    return hc_auth_login(out, guest, &login, err);
}

#define LOOKS 30 /* more than a call takes */

/* T16: whoever changes the password meanwhile ends what is under way; no sign-in outlives it. */
START_TEST(who_changes_while_signing_in_is_refused)
{
    int refused = 0, n = 0;

    change = "UPDATE users SET token_epoch=token_epoch+1 WHERE email_norm='bea@example.com'";
    do {
        hc_session *as;
        hc_error err = {0};
        hc_status status;

        countdown = ++n;
        status = log_in(&as, &err);
        ck_assert_msg(status == HC_OK || status == HC_ERR_UNAUTHENTICATED, "%s", err.message);
        ck_assert_int_eq(as != NULL, status == HC_OK);
        if (status < 0) {
            refused++;
            ck_assert_str_eq(err.message, "the e-mail address or the password is wrong");
        }
        hc_session_free(as);
    } while (countdown == 0 && n < LOOKS);
    countdown = 0;
    ck_assert_int_gt(refused, 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE reason='changed meanwhile'"), refused);
}
END_TEST

/* T16: the other change ended this sign-in, too. */
START_TEST(who_changes_while_changing_a_password_keeps_the_other_change)
{
    int ended = 0, n = 0;

    change = "UPDATE users SET token_epoch=token_epoch+1, password_hash='other' WHERE email_norm='bea@example.com'";
    do {
        hc_password_change given = HC_PASSWORD_CHANGE_INIT;
        hc_session *as = house_login("ben@example.com", HOUSE_PASSWORD);
        hc_error err = {0};
        hc_status status;

        hc_session_free(as);
        house_change("UPDATE users SET password_hash=(SELECT password_hash FROM users WHERE "
                     "email_norm='ben@example.com') WHERE email_norm='bea@example.com'");
        HOUSE_OK(log_in(&as, err));
        given.current = HOUSE_PASSWORD;
        given.current_size = strlen(HOUSE_PASSWORD);
        given.password = "seven herons over the weir";
        given.password_size = strlen(given.password);
        countdown = ++n;
        status = hc_auth_change_password(as, &given, &err);
        ck_assert_msg(status == HC_OK || (status == HC_ERR_UNAUTHENTICATED && countdown == 0), "%s", err.message);
        if (status < 0) {
            ended++;
            ck_assert_int_eq(house_sql("SELECT count(*) FROM users WHERE password_hash='other'"), 1);
        }
        hc_session_free(as);
    } while (countdown == 0 && n < LOOKS);
    countdown = 0;
    ck_assert_int_gt(ended, 0);
}
END_TEST

static hc_status inside(hc_session *as, void *data, hc_error *err)
{
    hc_registration who = HC_REGISTRATION_INIT;
    hc_session *out = as;
    (void)data;

    HOUSE_FAILS(log_in(&out, err), HC_ERR_MISUSE, "session");
    ck_assert_ptr_null(out);
    who.email = "gus@example.com";
    HOUSE_FAILS(hc_auth_register(as, &who, err), HC_ERR_MISUSE, "session");
    (void)err;
    return HC_OK;
}

START_TEST(a_unit_of_work_is_no_place_to_sign_in)
{
    HOUSE_OK(hc_session_transact(guest, inside, NULL, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM users WHERE email_norm='gus@example.com'"), 0);
}
END_TEST

START_TEST(a_token_is_needed)
{
    hc_session *out = guest;

    HOUSE_FAILS(hc_session_open(&out, client, NULL, 0, NULL, err), HC_ERR_UNAUTHENTICATED, "token");
    ck_assert_ptr_null(out);
    HOUSE_FAILS(hc_session_open(NULL, client, "x", 1, NULL, err), HC_ERR_MISUSE, "out");
}
END_TEST

START_TEST(a_registration_keeps_its_phone_and_fails_without_a_word)
{
    hc_registration who = HC_REGISTRATION_INIT;

    who.email = "gus@example.com";
    who.password = HOUSE_PASSWORD;
    who.password_size = strlen(HOUSE_PASSWORD);
    who.full_name = "Gus Guest";
    who.phone = "+1 512 555 0199";
    hc_session_interrupt(guest);
    ck_assert_int_eq(hc_auth_register(guest, &who, NULL), HC_ERR_CANCELLED);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM users WHERE email_norm='gus@example.com'"), 0);
    HOUSE_OK(hc_auth_register(guest, &who, err));
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM users WHERE email_norm='gus@example.com' AND phone='+1 512 555 0199'"), 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, who_changes_while_signing_in_is_refused);
    tcase_add_test(tcase, who_changes_while_changing_a_password_keeps_the_other_change);
    tcase_add_test(tcase, a_unit_of_work_is_no_place_to_sign_in);
    tcase_add_test(tcase, a_token_is_needed);
    tcase_add_test(tcase, a_registration_keeps_its_phone_and_fails_without_a_word);
}

int main(void)
{
    return suite_main("api.auth.meanwhile", fill, open_client, close_client);
}
