/* Signing in, signing up, and what else makes or ends a sign-in, when memory runs out at any point: nothing is half
 * done. */
#include <stdlib.h>

#include "auth/login.h"
#include "failing.h"
#include "far.h"

#define OTHER   "nine storks on the chimney"
#define NOTHING "SELECT 0"

static failing memory;
static hc_allocator allocator;
static hc_session *spent; /* a sign-in to use up */
static bool other;        /* bea's password is OTHER */

static hc_status log_in_with(hc_session **out, const char *password, size_t size)
{
    hc_login login = HC_LOGIN_INIT;

    login.email = "bea@example.com";
    login.password = password;
    login.password_size = size;
    return hc_auth_login(out, guest, &login, &err);
}

static const char *password(void)
{
    return other ? OTHER : PASSWORD;
}

/* ---- the calls ---- */

static void nothing(void)
{
}

static hc_status log_in(void)
{
    hc_session *as = guest;
    hc_status status = log_in_with(&as, password(), strlen(password()));

    ck_assert_int_eq(as != NULL, status >= 0);
    ck_assert(as == NULL || hc_session_token(as) != NULL);
    hc_session_free(as);
    return status;
}

static hc_status fail_to_log_in(void)
{
    hc_session *as = guest;
    hc_status status = log_in_with(&as, "something else", 14);

    ck_assert_ptr_null(as);
    return status == HC_ERR_UNAUTHENTICATED ? HC_OK : status;
}

static hc_status sign_up(void)
{
    static int serial;
    hc_registration who = HC_REGISTRATION_INIT;
    char email[40];

    snprintf(email, sizeof email, "gus%d@example.com", ++serial);
    who.email = email;
    who.password = PASSWORD;
    who.password_size = strlen(PASSWORD);
    who.full_name = "Gus Guest";
    return hc_auth_register(guest, &who, &err);
}

static hc_status open_by_token(void)
{
    const char *token = hc_session_token(bea);
    hc_session *as = bea;
    hc_status status = hc_session_open(&as, client, token, strlen(token), "203.0.113.9", &err);

    ck_assert_int_eq(as != NULL, status >= 0);
    hc_session_free(as);
    return status;
}

static void spend(void)
{
    hc_session_free(spent);
    spent = NULL;
    OK(log_in_with(&spent, password(), strlen(password())));
}

static hc_status log_out(void)
{
    return hc_auth_logout(spent, &err);
}

static hc_status change(void)
{
    hc_password_change change = HC_PASSWORD_CHANGE_INIT;
    hc_status status;

    change.current = password();
    change.current_size = strlen(change.current);
    change.password = other ? PASSWORD : OTHER;
    change.password_size = strlen(change.password);
    status = hc_auth_change_password(spent, &change, &err);
    if (status >= 0)
        other = !other;
    return status;
}

static const struct {
    void (*before)(void);
    hc_status (*run)(void);
    const char *counts; /* what one more of is there when it went well */
} calls[] = {
    {nothing, log_in, "SELECT count(*) FROM sessions"},
    {nothing, fail_to_log_in, NOTHING},
    {nothing, sign_up, "SELECT count(*) FROM users"},
    {nothing, open_by_token, NOTHING},
    {spend, log_out, "SELECT count(*) FROM audit_log WHERE event='authn_token_revoked'"},
    {spend, change, "SELECT count(*) FROM audit_log WHERE event='authn_password_change'"},
};

/* S13 A11: each request to an arena is one to the allocator. */
START_TEST(without_memory_nothing_is_half_done)
{
    bool counted = strcmp(calls[_i].counts, NOTHING) != 0;
    long failed = 0;

    setenv("HC_TEST_THIN", "1", 1);
    for (int n = 2; memory.failed > 0 || n == 2; n += n < 120 ? 1 : 7) { /* fault.memory has all of them */
        int64_t before;
        hc_status status;

        calls[_i].before();
        before = far_count(calls[_i].counts);
        memory.failed = 0;
        memory.from_on = n % 2 == 0;
        memory.fail_at = memory.requests + n / 2;
        err = (hc_error){0};
        status = calls[_i].run();
        memory.fail_at = 0;
        failed += memory.failed;
        ck_assert_msg(status == HC_OK || (status == HC_ERR_NO_MEMORY && memory.failed > 0), "allocation %d: %d %s",
                      n / 2, (int)status, err.message);
        if (status < 0)
            ck_assert_int_eq(err.status, status);
        ck_assert_int_eq(far_count(calls[_i].counts), before + (counted && status == HC_OK));
        ck_assert_int_lt(n, 4000);
    }
    unsetenv("HC_TEST_THIN");
    ck_assert_int_gt(failed, 4);
}
END_TEST

/* A06: no longer password can be anybody's, and one as long is compared. */
START_TEST(a_password_has_a_longest_size)
{
    char longest[1025];
    hc_session *as = guest;

    memset(longest, 'x', sizeof longest);
    ck_assert_int_eq(log_in_with(&as, longest, 1024), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(log_in_with(&as, longest, 1025), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "password");
    ck_assert_int_eq(log_in_with(&as, NULL, 3), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "password");
    ck_assert_ptr_null(as);
    ck_assert_int_eq(hc_auth_login(NULL, guest, NULL, &err), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_auth_login(&as, guest, NULL, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "login");
    ck_assert_int_eq(hc_auth_register(guest, NULL, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "registration");
    ck_assert_int_eq(hc_auth_change_password(bea, NULL, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "change");
}
END_TEST

/* T16: the token of a later sign-in is of the later epoch, and opens a session. */
START_TEST(a_sign_in_behind_a_change_opens_sessions)
{
    hc_session *as = NULL;
    const char *token;

    spend();
    ck_assert_int_eq(change(), HC_OK);
    ck_assert_int_eq(log_out(), HC_ERR_UNAUTHENTICATED);
    spend();
    token = hc_session_token(spent);
    OK(hc_session_open(&as, client, token, strlen(token), NULL, &err));
    hc_session_free(as);
    token = hc_session_token(bea);
    ck_assert_int_eq(hc_session_open(&as, client, token, strlen(token), NULL, &err), HC_ERR_UNAUTHENTICATED);
    ck_assert_ptr_null(as);
}
END_TEST

/* A16 */
START_TEST(a_wrong_size_of_the_current_password_is_told)
{
    hc_password_change change = HC_PASSWORD_CHANGE_INIT;
    char longest[1025];

    memset(longest, 'x', sizeof longest);
    change.password = OTHER;
    change.password_size = strlen(OTHER);
    ck_assert_int_eq(hc_auth_change_password(bea, &change, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "current");
    change.current = longest;
    change.current_size = 1024;
    ck_assert_int_eq(hc_auth_change_password(bea, &change, &err), HC_ERR_FORBIDDEN);
    ck_assert_str_eq(err.field, "current");
    change.current_size = 1025;
    ck_assert_int_eq(hc_auth_change_password(bea, &change, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "current");
}
END_TEST

static hc_status inside(hc_session *as, void *data, hc_error *why)
{
    hc_password_change change = HC_PASSWORD_CHANGE_INIT;

    (void)data;
    ck_assert_int_eq(hc_auth_logout(as, why), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_auth_change_password(as, &change, why), HC_ERR_MISUSE);
    ck_assert_str_eq(why->message, "not inside a unit of work");
    return HC_OK;
}

static hc_status inside_as_guest(hc_session *as, void *data, hc_error *why)
{
    hc_registration who = HC_REGISTRATION_INIT;

    (void)data;
    ck_assert_int_eq(hc_auth_register(as, &who, why), HC_ERR_MISUSE);
    ck_assert_str_eq(why->message, "not inside a unit of work");
    return HC_OK;
}

/* A01: whatever stood there before. */
START_TEST(who_is_not_there_is_not_found)
{
    hc__person person;

    memset(&person, 0xff, sizeof person);
    hc__arena_init(&person.arena, &guest->core->mem, NULL, 0);
    guest->deadline = hc__os_monotonic() + 60 * HC__SECOND;
    OK(hc__person_by_email(&person, guest, "nobody@example.com", &err));
    ck_assert(!person.found);
    OK(hc__person_by_email(&person, guest, "bea@example.com", &err));
    ck_assert(person.found);
    OK(hc__person_by_id(&person, guest, (hc_id){{1}}, &err));
    ck_assert(!person.found);
    hc__arena_free(&person.arena);
}
END_TEST

/* Who is refused at the door has left it: the next call on the same session finds it free. */
START_TEST(a_session_is_free_behind_a_refusal)
{
    hc_registration who = HC_REGISTRATION_INIT;

    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(hc_auth_logout(guest, &err), HC_ERR_UNAUTHENTICATED);
        ck_assert_str_eq(err.field, "session");
        ck_assert_int_eq(hc_auth_register(bea, &who, &err), HC_ERR_FORBIDDEN);
        ck_assert_str_eq(err.field, "session");
        ck_assert_int_eq(hc_session_transact(bea, inside, NULL, &err), HC_OK);
        ck_assert_int_eq(hc_session_transact(guest, inside_as_guest, NULL, &err), HC_OK);
    }
}
END_TEST

static void set_up(void)
{
    memory = (failing){0};
    allocator = failing_allocator(&memory);
    far_memory = &allocator;
    other = false;
    far_open();
}

static void tear_down(void)
{
    hc_session_free(spent);
    spent = NULL;
    far_close();
    ck_assert_int_eq(memory.live, 0);
}

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, without_memory_nothing_is_half_done, 0, sizeof calls / sizeof calls[0]);
    tcase_add_test(tcase, a_password_has_a_longest_size);
    tcase_add_test(tcase, a_sign_in_behind_a_change_opens_sessions);
    tcase_add_test(tcase, a_session_is_free_behind_a_refusal);
    tcase_add_test(tcase, who_is_not_there_is_not_found);
    tcase_add_test(tcase, a_wrong_size_of_the_current_password_is_told);
}

int main(void)
{
    return suite_main("unit.client.sign_in", fill, set_up, tear_down);
}
