/* What is tested of every driver of a server alike, behind its shelf.h: sessions that are a parent's, words of the
 * server, and silence. */
#ifndef SUPPORT_BOOKS_FAULTS_H
#define SUPPORT_BOOKS_FAULTS_H

#include <sys/wait.h>

#include "base/thread.h"
#include "base/time.h"
#include "books.h"
#include "proxy.h"

/* Opens the shelf by a proxy, and waits a second for a connection: `patience` is the URI's parameter for that. */
static proxy *open_between(int port, const char *address, const char *patience)
{
    proxy *between = proxy_start(port);
    const char *at = strstr(address, "127.0.0.1:");

    ck_assert_ptr_nonnull(at);
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%.*s127.0.0.1:%d%s?%s=1", (int)(at - address), address, proxy_port(between),
                   at + strcspn(at, "/"), patience);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    return between;
}

static hc_status no_line(const char *text, void *data)
{
    (void)text;
    (void)data;
    return HC_OK;
}

/* What is asked without a deadline ends, too. */
static void fall_silent_without_a_deadline(int port, const char *address, const char *patience)
{
    hc_op op = {.verb = HC_VERB_COUNT, .expect = HC_EXPECT_ANY, .kind = &books, .index = HC_INDEX_ANY};

    for (int what = 0; what < 3; what++) {
        proxy *between = open_between(port, address, patience);
        int64_t time;
        int32_t version;
        hc_status status;

        proxy_hurt(between, PROXY_HOLE, true, 0);
        status = what == 0   ? driver->schema(conn, &version, &err)
                 : what == 1 ? driver->server_time(conn, &time, &err)
                             : driver->explain(conn, &op, no_line, NULL, &err);
        ck_assert_msg(status == HC_ERR_TIMEOUT, "%d: %d %s", what, (int)status, err.message);
        ck_assert_int_eq(driver->ping(conn, 0, &err), HC_ERR_UNAVAILABLE);
        shelf_close();
        proxy_stop(between);
    }
}

/* A server that answers to the opening, and falls silent while the session is set up: that is no deadline of the
 * call. */
static void fall_silent_in_the_set_up(int port, const char *address, const char *patience)
{
    proxy *between = open_between(port, address, patience);
    int64_t whole = proxy_look(between).down;

    for (int64_t left = 1; left < 400; left += 100) { /* of the answers to what is set */
        shelf_close();
        proxy_hurt(between, PROXY_HOLE, true, whole - left);
        ck_assert_msg(shelf_open() == HC_ERR_UNAVAILABLE, "%d: %d %s", (int)left, (int)err.status, err.message);
        ck_assert_str_eq(err.field, "storage_uri");
        proxy_hurt(between, PROXY_WELL, false, 0);
    }
    proxy_hurt(between, PROXY_HOLE, true, whole - 1);
    ck_assert_int_eq(driver->connect(&other, store, HC_CONNECT_WRITE, hc__os_monotonic() + 200000, &err),
                     HC_ERR_TIMEOUT);
    shelf_close();
    proxy_stop(between);
}

/* S10 */
START_TEST(a_child_leaves_the_parents_session_alone)
{
    shelf_book one;
    pid_t child;
    int status = 0;

    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.insert, 1), HC_OK);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        void *third = NULL;
        int bad = 0;

        bad |= shelf_run(conn, 0, &one.update, 1) != HC_ERR_FORKED;
        bad |= driver->ping(conn, 0, &err) != HC_ERR_FORKED;
        bad |= driver->connect(&third, store, HC_CONNECT_WRITE, 0, &err) != HC_ERR_FORKED;
        driver->abandon(conn);
        driver->disconnect(other);
        driver->close(store);
        _exit(bad);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, &one.update, 1), HC_OK);
    ck_assert_int_eq(shelf_count(other), 1);
}
END_TEST

/* What the server complains about never shows a value. */
START_TEST(no_value_is_in_a_message)
{
    shelf_book one;
    char title[60];

    shelf_book_init(&one, 1);
    memset(title, 's', sizeof(title));
    memcpy(title, "sesame", 6);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_ERR_CONFLICT);
    ck_assert_ptr_null(strstr(err.message, "book 1"));
    one.sets[1].value.as.bytes = title;
    one.sets[1].value.size = sizeof(title);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "title");
    ck_assert_ptr_null(strstr(err.message, "sesame"));
    one.sets[1].value.size = 6;
    one.sets[1].value.as.bytes = "sesam\xff"; /* which the core would not let through */
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_ERR_INVALID);
    ck_assert_ptr_null(strstr(err.message, "sesam"));
    ck_assert_ptr_null(strstr(shelf_lines, "sesam"));
}
END_TEST

#endif
