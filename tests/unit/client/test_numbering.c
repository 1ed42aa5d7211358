/* The order of commits, given by a pass where several may commit at once. */
#include "far.h"

#define NONE "seq IS NULL AND resource<>'void'"

static hc_id home;

static void set_up(void)
{
    far_open();
    OK(far_list(admin, &home));
}

static void set_up_soon(void)
{
    far_soon = "0";
    far_open();
}

static void tell(const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;

    ck_assert_int_eq(sqlite3_open(far_path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s: %s", sql, message);
    sqlite3_close(db);
}

/* Ids of events: below 10,000 older than all that the library makes, above younger. */
static const char *id_of(int n)
{
    static char out[2][64];
    static int which;

    which = 1 - which;
    snprintf(out[which], sizeof out[which], n < 10000 ? "x'%032x'" : "CAST(printf('%%016d',%d) AS BLOB)", (unsigned)n);
    return out[which];
}

/* An event of row `of`. */
static void add(int n, int of, int version, const char *resource)
{
    char sql[400];

    snprintf(sql, sizeof sql,
             "INSERT INTO events(id,resource,resource_id,change,version,created_at) VALUES(%s,'%s',%s,'updated',%d,"
             "1763892000000000)",
             id_of(n), resource, id_of(of), version);
    tell(sql);
}

/* Events of one row each, or all of row `of`. */
static void add_many(int first, int count, int of)
{
    char sql[500], target[64];

    snprintf(target, sizeof target, "%s", of == 0 ? "CAST(printf('%016d',i) AS BLOB)" : id_of(of));
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i+1 FROM n WHERE i<%d) INSERT INTO events(id,resource,"
             "resource_id,change,version,created_at) SELECT CAST(printf('%%016d',i) AS BLOB),'property',%s,'updated',"
             "%d-i,1 FROM n",
             first, first + count - 1, target, first + 2 * count);
    tell(sql);
}

static int seq_of(int n)
{
    char sql[120];

    snprintf(sql, sizeof sql, "SELECT coalesce(seq,0) FROM events WHERE id=%s", id_of(n));
    return far_count(sql);
}

static void number_all(void)
{
    OK(hc_client_run(client, 10000000, NULL, &err));
    ck_assert_int_eq(far_count("SELECT count(*) FROM events WHERE " NONE), 0);
    ck_assert_int_eq(far_count("SELECT count(DISTINCT seq) FROM events"), far_count("SELECT max(seq) FROM events"));
    ck_assert_int_eq(far_count("SELECT count(*) FROM events WHERE seq<1"), 0);
}

START_TEST(what_is_committed_late_gets_a_late_number)
{
    int last;

    ck_assert_int_ge(far_count("SELECT count(*) FROM events WHERE " NONE), 1);
    number_all();
    last = far_count("SELECT max(seq) FROM events");
    add(1, 100, 1, "property"); /* its id is older than all */
    OK(far_price(admin, home, 1, 41000000));
    number_all();
    ck_assert_int_gt(seq_of(1), last);
    ck_assert_int_eq(far_count("SELECT max(seq) FROM events"), last + 2);
    number_all();
    ck_assert_int_eq(far_count("SELECT max(seq) FROM events"), last + 2);
}
END_TEST

/* Ids come from clocks that differ. */
START_TEST(versions_of_a_row_stand_in_order)
{
    add(1, 100, 3, "property");
    add(2, 101, 1, "property");
    add(3, 100, 2, "property");
    add(4, 102, 9, "property");
    add(5, 100, 1, "property");
    number_all();
    ck_assert_int_lt(seq_of(5), seq_of(3));
    ck_assert_int_lt(seq_of(3), seq_of(1));
    ck_assert_int_lt(seq_of(2), seq_of(4)); /* others keep the order of their ids */
}
END_TEST

START_TEST(a_user_and_their_agent_are_two_rows)
{
    add(1, 100, 3, "user");
    add(2, 100, 1, "agent");
    add(3, 100, 2, "user");
    number_all();
    ck_assert_int_lt(seq_of(3), seq_of(2));
    ck_assert_int_lt(seq_of(2), seq_of(1));
}
END_TEST

/* So many that one pass does not take them all. */
START_TEST(an_earlier_version_in_a_later_pass_is_waited_for)
{
    add(1, 100, 3, "property");
    add_many(10000, 1400, 0);
    add(20000, 100, 2, "property");
    number_all();
    ck_assert_int_lt(seq_of(20000), seq_of(1));
    ck_assert_int_lt(seq_of(10002), seq_of(10900));
}
END_TEST

/* And when a whole pass waits for what comes behind it. */
START_TEST(a_pass_that_could_take_none_takes_more)
{
    add_many(10000, 900, 5000);
    number_all();
    ck_assert_int_lt(seq_of(10899), seq_of(10898));
    ck_assert_int_lt(seq_of(10898), seq_of(10000));
}
END_TEST

/* A void row only keeps its id; when no unit can ask for it any more it goes. */
START_TEST(void_rows_are_no_events)
{
    add(1, 1, 1, "void");
    far.lose = 1;
    OK(far_price(admin, home, 1, 41000000));
    ck_assert_int_eq(far_count("SELECT count(*) FROM events WHERE resource='void'"), 2);
    number_all();
    ck_assert_int_eq(far_count("SELECT count(*) FROM events WHERE resource='void'"), 1); /* the old one went */
    ck_assert_int_eq(far_count("SELECT count(*) FROM events WHERE resource='void' AND seq IS NOT NULL"), 0);
}
END_TEST

/* Without hc_client_run(): behind a call that committed. */
START_TEST(calls_number_and_seal_a_few)
{
    hc_id id;

    for (int i = 0; i < 3; i++)
        OK(far_list(admin, &id));
    ck_assert_int_eq(far_count("SELECT count(*) FROM events WHERE " NONE), 0);
    ck_assert_int_eq(far_count("SELECT count(*) FROM audit_log WHERE seq IS NULL"), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_is_committed_late_gets_a_late_number);
    tcase_add_test(tcase, versions_of_a_row_stand_in_order);
    tcase_add_test(tcase, a_user_and_their_agent_are_two_rows);
    tcase_add_test(tcase, an_earlier_version_in_a_later_pass_is_waited_for);
    tcase_add_test(tcase, a_pass_that_could_take_none_takes_more);
    tcase_add_test(tcase, void_rows_are_no_events);
}

static void fill_soon(TCase *tcase)
{
    tcase_add_test(tcase, calls_number_and_seal_a_few);
}

int main(void)
{
    int failed = suite_main("unit.client.numbering", fill, set_up, far_close);

    return failed != 0 ? failed : suite_main("unit.client.numbering", fill_soon, set_up_soon, far_close);
}
