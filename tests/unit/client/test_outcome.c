/* Commits whose answer is lost: found out by the proof that each unit leaves, without a word to the caller. */
#include "far.h"

static int resolved(const char *how)
{
    char sql[200];

    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM audit_log WHERE event='commit_unknown_resolved' AND result='ok' AND reason LIKE "
             "'%%: it was %swritten'",
             how);
    return far_count(sql);
}

static int homes(void)
{
    return far_count("SELECT count(*) FROM properties");
}

static int voids(void)
{
    return far_count("SELECT (SELECT count(*) FROM events WHERE resource='void') + (SELECT count(*) FROM "
                     "idempotency_keys WHERE operation='void')");
}

/* S14 */
START_TEST(what_was_written_is_a_success)
{
    hc_id id;

    far.lose = 1;
    far.commit_lost = true;
    OK(far_list(admin, &id));
    ck_assert_int_eq(far.lose, 0);
    ck_assert_int_eq(homes(), 1);
    ck_assert_int_eq(voids(), 0);
    ck_assert_int_eq(resolved(""), 1);
    ck_assert_int_eq(far_warned, 1);
    far.lose = 1;
    OK(far_price(admin, id, 1, 41000000));
    ck_assert_int_eq(far_count("SELECT version FROM properties"), 2);
    ck_assert_int_eq(far_count("SELECT count(*) FROM events WHERE resource='property'"), 2);
    ck_assert_int_eq(resolved(""), 2);
}
END_TEST

/* S14: it is written by the next run of the unit, once. */
START_TEST(what_was_not_written_is_written_again)
{
    hc_id id;

    far.lose = 1;
    OK(far_list(admin, &id));
    ck_assert_int_eq(homes(), 1);
    ck_assert_int_eq(voids(), 1);
    ck_assert_int_eq(resolved("not "), 1);
    far.lose = 1;
    OK(far_price(admin, id, 1, 41000000));
    ck_assert_int_eq(far_count("SELECT version FROM properties"), 2);
    ck_assert_int_eq(far_count("SELECT count(*) FROM events WHERE resource='property'"), 2);
}
END_TEST

/* The question's own commit may be lost too: what it wrote is no proof of what it asks for. */
START_TEST(a_lost_question_is_asked_again)
{
    hc_id id;

    far.lose = 2; /* the unit's, not written; the question's, written */
    far.commit_lost = false;
    OK(far_list(admin, &id));
    ck_assert_int_eq(far.lose, 0);
    ck_assert_int_eq(homes(), 1);
    ck_assert_int_eq(resolved("not "), 1);
    ck_assert_int_eq(resolved(""), 0);
}
END_TEST

static hc_status lose_both(hc_session *as, void *data, hc_error *why)
{
    hc_property *changes = hc_property_for(client, *(hc_id *)data, 1);
    hc_status status;

    far.lose = 1;
    far.commit_lost = false;
    hc_property_set_price(changes, 43000000);
    status = hc_property_update(NULL, as, changes, why);
    hc_property_free(changes);
    return status;
}

/* A unit that meets it again and again is given up, and says that nothing was written. */
START_TEST(it_does_not_go_on_for_ever)
{
    hc_id id;

    OK(far_list(admin, &id));
    ck_assert_int_eq(hc_session_transact(admin, lose_both, &id, &err), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(err.flags, HC_ERROR_RETRYABLE | HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(far_count("SELECT version FROM properties"), 1);
    ck_assert_int_eq(resolved("not "), 1); /* a row for each kind of answer */
    far.lose = 0;
    OK(far_price(admin, id, 1, 41000000));
}
END_TEST

/* A commit is written and its answer lost; then so many questions are answered with that. */
static void lose_and_answer(int questions, hc_status with)
{
    far.lose = 1;
    far.commit_lost = true;
    far.die = questions;
    far.die_after = 1;
    far.die_with = with;
}

/* A server that was killed may say anything before it answers again: only the deadline ends the question. */
START_TEST(no_answer_of_a_server_ends_the_question)
{
    static const hc_status answers[] = {HC_ERR_TIMEOUT, HC_ERR_INTERNAL, HC_ERR_SCHEMA, HC_ERR_IO, HC_ERR_BUSY};
    hc_id id;

    lose_and_answer(3, answers[_i]);
    OK(far_list(admin, &id));
    ck_assert_int_eq(far.die, 0);
    ck_assert_int_eq(homes(), 1);
    ck_assert_int_eq(resolved(""), 1);
    ck_assert_int_eq(voids(), 0);
}
END_TEST

/* What is this process's own trouble is no answer. */
START_TEST(who_cannot_ask_is_told_that_it_is_unknown)
{
    static const hc_status troubles[] = {HC_ERR_NO_MEMORY, HC_ERR_CANCELLED, HC_ERR_FORKED};
    hc_id id;

    lose_and_answer(1, troubles[_i]);
    ck_assert_int_eq(far_list(admin, &id), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(err.flags & HC_ERROR_WRITTEN_MASK, HC_ERROR_WRITTEN_UNKNOWN);
    ck_assert_int_eq(far.die, 0);
    ck_assert_int_eq(homes(), 1); /* as it happens */
    ck_assert_int_eq(resolved(""), 0);
    ck_assert_int_eq(far_warned, 1); /* that it is not known, and why */
}
END_TEST

/* S40: until the deadline nobody can be asked. */
START_TEST(past_the_deadline_it_stays_unknown)
{
    hc_id id;

    lose_and_answer(1000, HC_OK); /* every batch behind it finds a dead connection */
    hc_session_set_timeout(admin, 400000);
    ck_assert_int_eq(far_list(admin, &id), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(err.flags & HC_ERROR_WRITTEN_MASK, HC_ERROR_WRITTEN_UNKNOWN);
    far.die = 0;
    ck_assert_int_eq(homes(), 1); /* as it happens */
    ck_assert_int_eq(resolved(""), 0);
}
END_TEST

/* What writes no event leaves a row of its own, and what may be done twice leaves none. */
START_TEST(units_without_events_have_a_proof)
{
    const char *units = "SELECT count(*) FROM idempotency_keys WHERE operation='unit'";
    int before = far_count(units);
    hc_session *as;

    OK(hc_client_run(client, 1000000, NULL, &err));
    ck_assert_int_eq(far_count(units), before);
    far.lose = 1;
    far.commit_lost = true;
    as = far_login("bea@example.com");
    ck_assert_int_eq(far.lose, 0);
    ck_assert_int_ge(far_count(units), before + 1);
    ck_assert_int_eq(far_count("SELECT count(*) FROM audit_log WHERE event='authn_login_success'"), 3);
    far.lose = 1;
    far.commit_lost = false;
    OK(hc_auth_logout(as, &err));
    ck_assert_int_eq(far.lose, 0);
    ck_assert_int_eq(voids(), 1);
    ck_assert_int_eq(far_count("SELECT count(*) FROM sessions WHERE revoked_at IS NOT NULL"), 1);
    hc_session_free(as);
}
END_TEST

/* A key of the host's is one with all this: the second call is told what the first one did. */
START_TEST(a_key_is_used_once)
{
    hc_id one, two;

    far.lose = 1;
    OK(hc_session_set_idempotency_key(admin, "once", &err));
    OK(far_list(admin, &one));
    OK(hc_session_set_idempotency_key(admin, "once", &err));
    ck_assert_int_eq(far_list(admin, &two), HC_NOTE_REPLAYED);
    ck_assert_mem_eq(&one, &two, sizeof one);
    ck_assert_int_eq(homes(), 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_was_written_is_a_success);
    tcase_add_test(tcase, what_was_not_written_is_written_again);
    tcase_add_test(tcase, a_lost_question_is_asked_again);
    tcase_add_test(tcase, it_does_not_go_on_for_ever);
    tcase_add_loop_test(tcase, no_answer_of_a_server_ends_the_question, 0, 5);
    tcase_add_loop_test(tcase, who_cannot_ask_is_told_that_it_is_unknown, 0, 3);
    tcase_add_test(tcase, past_the_deadline_it_stays_unknown);
    tcase_add_test(tcase, units_without_events_have_a_proof);
    tcase_add_test(tcase, a_key_is_used_once);
}

int main(void)
{
    return suite_main("unit.client.outcome", fill, far_open, far_close);
}
