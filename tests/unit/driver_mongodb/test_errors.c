/* URIs that are refused, and answers that no server that is alive will give: a scripted peer gives them. */
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "mongo_peer.h"
#include "homeconnect/log.h"
#include "shelf.h"

#define ACTIVITY (&hc__activity_entity.kind)

static mongo_peer peer;

static int64_t monotonic(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static hc_status open_peer(peer_script script, bool set_of_servers, const char *options)
{
    char uri[256];

    ck_assert(mongo_peer_start(&peer, script, set_of_servers));
    (void)snprintf(uri, sizeof(uri), "mongodb://127.0.0.1:%d/shelf?%s%s", peer.port,
                   set_of_servers ? "replicaSet=rs&" : "", options);
    batch.deadline = 0;
    shelf_lines[0] = '\0';
    return shelf_open(uri);
}

static void close_peer(void)
{
    shelf_close();
    mongo_peer_stop(&peer);
}

static hc_status insert_one(void)
{
    static hc_id id;
    static hc_set sets[2];
    hc_op op = {.verb = HC_VERB_INSERT, .expect = 1, .kind = ACTIVITY, .sets = sets, .set_count = 2, .index = -1};

    ck_assert_int_eq(hc__id_make_document(&id, 0, NULL), HC_OK);
    sets[0] = (hc_set){hc__activity_f_id, HC_SET_TO, 0, shelf_id(&id)};
    sets[1] = (hc_set){hc__activity_f_action, HC_SET_TO, 0, shelf_text(HC_TYPE_TEXT, "hunter2")};
    return shelf_batch(&op, 1, NULL, NULL);
}

static hc_status count_all(void)
{
    hc_op op = {.verb = HC_VERB_QUERY, .expect = -1, .kind = ACTIVITY, .index = -1};

    return shelf_batch(&op, 1, NULL, NULL);
}

static uint32_t written(void)
{
    return err.flags & HC_ERROR_WRITTEN_MASK;
}

/* ---- URIs ---- */

START_TEST(uris_that_would_lose_writes_are_refused)
{
    static const struct {
        const char *uri, *says;
    } tries[] = {
        {"mongodb://u:s3cret@127.0.0.1/db?w=0", "w=0"},
        {"mongodb://u:s3cret@127.0.0.1/db?w=1", "w"},
        {"mongodb://u:s3cret@127.0.0.1/db?w=3", "w"},
        {"mongodb://u:s3cret@127.0.0.1/db?w=majority&journal=false", "journal"},
        {"mongodb://u:s3cret@127.0.0.1/db?readPreference=secondary", "secondaries"},
        {"mongodb://u:s3cret@127.0.0.1/db?readPreference=nearest", "secondaries"},
        {"mongodb://u:s3cret@127.0.0.1/db?tls=true&tlsInsecure=true", "certificate"},
        {"mongodb://u:s3cret@127.0.0.1/db?tls=true&tlsAllowInvalidHostnames=true", "certificate"},
        {"mongodb://u:s3cret@127.0.0.1/db?tls=true&tlsAllowInvalidCertificates=true", "certificate"},
        {"mongodb://u:s3cret@127.0.0.1", "database"},
        {"mongodb://u:s3cret@127.0.0.1/", "database"},
        {"mongodb://u:s3cret@", "well formed"},
        {"mongodb://u:s3cret@127.0.0.1:99999/db", "well formed"},
        {"mongodb:", "well formed"},
        {"mongodb://u:s3cret@127.0.0.1/db?tls=true&tlsCAFile=/s3cret", "tlscafile names no file"},
        {"mongodb://u:s3cret@127.0.0.1/db?tlsCertificateKeyFile=/s3cret", "names no file"},
    };

    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        ck_assert_msg(shelf_open(tries[i].uri) == HC_ERR_INVALID, "%s: %s", tries[i].uri, err.message);
        ck_assert_str_eq(err.field, "document_uri");
        ck_assert_msg(strstr(err.message, tries[i].says) != NULL, "%s: %s", tries[i].uri, err.message);
        ck_assert_ptr_null(strstr(err.message, "s3cret"));
        ck_assert_ptr_null(store);
    }
}
END_TEST

START_TEST(hosts_elsewhere_are_reached_by_tls)
{
    static const char *const plain[] = {"mongodb://localhost/db", "mongodb://127.0.0.1,localhost/db",
                                        "mongodb://%2ftmp%2fmongodb.sock/db", "mongodb://db.example/db?tls=false"};
    static const char *const secure[] = {"mongodb://db.example/db", "mongodb://127.0.0.1,db.example/db",
                                         "mongodb://127.0.0.1.example/db", "mongodb://localhost/db?tls=true"};
    void *opened;

    ck_assert_int_eq(hc_driver_mongodb_entry(&driver, HC_DRIVER_ABI, &err), HC_OK);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_msg(driver->open(&opened, &shelf_host, plain[i], &err) == HC_OK, "%s: %s", plain[i], err.message);
        ck_assert(!((hc__mongo_store *)opened)->tls);
        driver->close(opened);
        ck_assert_msg(driver->open(&opened, &shelf_host, secure[i], &err) == HC_OK, "%s: %s", secure[i], err.message);
        ck_assert(((hc__mongo_store *)opened)->tls);
        driver->close(opened);
    }
    ck_assert_int_eq(hc_driver_mongodb_entry(&driver, HC_DRIVER_ABI + 1, &err), HC_ERR_UNSUPPORTED);
}
END_TEST

static int warnings;

static void count_warning(int32_t level, const char *line, void *data)
{
    (void)data;
    warnings += level == HC_LOG_WARN;
    ck_assert_msg(strstr(line, "s3cret") == NULL, "%s", line);
}

/* libmongoc leaves it out in silence: with a name misspelled another authority than the one given would be trusted. */
START_TEST(a_parameter_that_is_left_out_is_told)
{
    static const char *const known[] = {
        "mongodb://127.0.0.1/db",
        "mongodb://u:p?s3cret=1@127.0.0.1/db",
        "mongodb://127.0.0.1/db?TLS=true&tlscafile=/dev/null&W=majority&journal=true&readConcernLevel=majority",
        "mongodb://u:p@127.0.0.1/db?authSource=admin&authMechanism=SCRAM-SHA-256&compressors=zlib&ssl=true",
        "mongodb://u@127.0.0.1/db?authMechanism=GSSAPI&gssapiServiceName=m&authMechanismProperties=REALM:r",
        "mongodb://127.0.0.1/db?replicaSet=r&readPreference=primary&appName=a&maxPoolSize=3&wTimeoutMS=9"};
    static const char *const unknown[] = {
        "mongodb://127.0.0.1/db?tlsCAFlie=/s3cret", "mongodb://u:s3cret@127.0.0.1/db?tls=true&s3cret=1",
        "mongodb://127.0.0.1/db?readConcernLevels=local&tls=true&s3cret=1",
        "mongodb://127.0.0.1/db?s3cret-that-is-longer-than-any-name-of-a-parameter-that-there-is-or-was=1"};
    hc_host host = shelf_host;
    void *opened;

    host.log = count_warning;
    ck_assert_int_eq(hc_driver_mongodb_entry(&driver, HC_DRIVER_ABI, &err), HC_OK);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        ck_assert_msg(driver->open(&opened, &host, known[i], &err) == HC_OK, "%s: %s", known[i], err.message);
        driver->close(opened);
        ck_assert_msg(warnings == 0, "%s", known[i]);
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        ck_assert_msg(driver->open(&opened, &host, unknown[i], &err) == HC_OK, "%s: %s", unknown[i], err.message);
        driver->close(opened);
        ck_assert_msg(warnings == (int)i + 1, "%s", unknown[i]);
    }
}
END_TEST

START_TEST(nobody_there_is_unavailable)
{
    char uri[96];

    ck_assert(mongo_peer_start(&peer, NULL, false));
    mongo_peer_stop(&peer);
    (void)snprintf(uri, sizeof(uri), "mongodb://127.0.0.1:%d/db?serverSelectionTimeoutMS=200", peer.port);
    ck_assert_int_eq(shelf_open(uri), HC_ERR_UNAVAILABLE);
    ck_assert_ptr_null(conn);
    shelf_close();
}
END_TEST

/* libmongoc takes it for its own 30 s. */
START_TEST(a_wait_of_nothing_is_the_drivers_own)
{
    int64_t began = monotonic();
    char uri[128];

    ck_assert(mongo_peer_start(&peer, NULL, false));
    mongo_peer_stop(&peer);
    (void)snprintf(uri, sizeof(uri), "mongodb://127.0.0.1:%d/db?serverSelectionTimeoutMS=0&connectTimeoutMS=0",
                   peer.port);
    ck_assert_int_eq(shelf_open(uri), HC_ERR_UNAVAILABLE);
    ck_assert_int_lt(monotonic() - began, 12000000);
    shelf_close();
}
END_TEST

/* ---- what is asked for ---- */

static char seen_write[512], seen_read[512];

static peer_turn note_concerns(mongo_peer *p, const char *command, const bson_t *ask, bson_t *reply)
{
    char *out = strcmp(command, "insert") == 0 ? seen_write : strcmp(command, "find") == 0 ? seen_read : NULL;
    char *json = bson_as_relaxed_extended_json(ask, NULL);
    bson_t cursor, batch_of;

    (void)p;
    if (out != NULL)
        (void)snprintf(out, sizeof seen_write, "%s", json);
    bson_free(json);
    if (strcmp(command, "insert") == 0)
        BSON_APPEND_INT32(reply, "n", 1);
    if (strcmp(command, "find") == 0) {
        BSON_APPEND_DOCUMENT_BEGIN(reply, "cursor", &cursor);
        BSON_APPEND_INT64(&cursor, "id", 0);
        BSON_APPEND_UTF8(&cursor, "ns", "shelf.activity_logs");
        BSON_APPEND_ARRAY_BEGIN(&cursor, "firstBatch", &batch_of);
        bson_append_array_end(&cursor, &batch_of);
        bson_append_document_end(reply, &cursor);
    }
    return PEER_ANSWER;
}

START_TEST(writes_ask_for_a_majority_on_disk_and_reads_of_a_set_too)
{
    for (int set_of_servers = 0; set_of_servers < 2; set_of_servers++) {
        ck_assert_msg(open_peer(note_concerns, set_of_servers != 0, set_of_servers ? "wtimeoutMS=900" : "") == HC_OK,
                      "%s", err.message);
        ck_assert_msg(insert_one() == HC_OK, "%s", err.message);
        ck_assert_msg(count_all() == HC_OK, "%s", err.message);
        ck_assert_msg(strstr(seen_write, set_of_servers
                                             ? "{ \"w\" : \"majority\", \"j\" : true, \"wtimeout\" : 900 }"
                                             : "\"writeConcern\" : { \"w\" : \"majority\", \"j\" : true }") != NULL,
                      "%s", seen_write);
        ck_assert_msg((strstr(seen_read, "\"readConcern\" : { \"level\" : \"majority\" }") != NULL) ==
                          (set_of_servers != 0),
                      "%s", seen_read);
        ck_assert_msg((strstr(seen_write, "\"txnNumber\"") != NULL) == (set_of_servers != 0), "%s", seen_write);
        close_peer();
    }
}
END_TEST

/* ---- answers ---- */

static int script_code;
static const char *script_label;
static peer_turn script_turn;
static int script_times; /* it is said before the peer does what it is asked to */

static void refuse(bson_t *reply, int code, const char *label)
{
    bson_t labels;

    BSON_APPEND_INT32(reply, "ok", 0);
    BSON_APPEND_INT32(reply, "code", code);
    BSON_APPEND_UTF8(reply, "errmsg", "hunter2 is what was written");
    if (label == NULL)
        return;
    BSON_APPEND_ARRAY_BEGIN(reply, "errorLabels", &labels);
    BSON_APPEND_UTF8(&labels, "0", label);
    bson_append_array_end(reply, &labels);
}

static peer_turn say(mongo_peer *p, const char *command, const bson_t *ask, bson_t *reply)
{
    if (strcmp(command, "insert") != 0 || script_times == 0)
        return note_concerns(p, command, ask, reply);
    script_times--;
    if (script_turn == PEER_ANSWER)
        refuse(reply, script_code, script_label);
    return script_turn;
}

static hc_status insert_while(peer_turn turn, int code, const char *label, int times)
{
    script_turn = turn;
    script_code = code;
    script_label = label;
    script_times = times;
    return insert_one();
}

START_TEST(each_refusal_has_its_status_and_outcome)
{
    static const struct {
        int code;
        hc_status status;
        uint32_t outcome;
        bool over; /* the connection is not used again */
    } tries[] = {
        {13, HC_ERR_IO, HC_ERROR_WRITTEN_NO, false},
        {50, HC_ERR_TIMEOUT, HC_ERROR_WRITTEN_UNKNOWN, false},
        {91, HC_ERR_UNAVAILABLE, HC_ERROR_WRITTEN_UNKNOWN, true},
        {112, HC_ERR_BUSY, HC_ERROR_WRITTEN_NO, false},
        {121, HC_ERR_INVALID, HC_ERROR_WRITTEN_NO, false},
        {189, HC_ERR_UNAVAILABLE, HC_ERROR_WRITTEN_UNKNOWN, true},
        {10107, HC_ERR_UNAVAILABLE, HC_ERROR_WRITTEN_NO, true},
        {11600, HC_ERR_UNAVAILABLE, HC_ERROR_WRITTEN_UNKNOWN, true},
        {13435, HC_ERR_UNAVAILABLE, HC_ERROR_WRITTEN_NO, true},
        {10334, HC_ERR_TOO_LARGE, HC_ERROR_WRITTEN_NO, false},
        {14031, HC_ERR_NO_SPACE, HC_ERROR_WRITTEN_NO, false},
        {4242, HC_ERR_INTERNAL, HC_ERROR_WRITTEN_NO, false},
    };

    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        ck_assert_int_eq(open_peer(say, false, ""), HC_OK);
        ck_assert_msg(insert_while(PEER_ANSWER, tries[i].code, NULL, 1) == tries[i].status, "%d: %d %s", tries[i].code,
                      (int)err.status, err.message);
        ck_assert_msg(written() == tries[i].outcome, "%d", tries[i].code);
        ck_assert_ptr_null(strstr(err.message, "hunter2"));
        ck_assert_ptr_null(strstr(shelf_lines, "hunter2"));
        ck_assert_int_eq(insert_one(), tries[i].over ? HC_ERR_UNAVAILABLE : HC_OK);
        close_peer();
    }
}
END_TEST

static peer_turn not_replicated(mongo_peer *p, const char *command, const bson_t *ask, bson_t *reply)
{
    bson_t unsure;

    (void)p;
    (void)ask;
    if (strcmp(command, "insert") != 0)
        return PEER_ANSWER;
    BSON_APPEND_INT32(reply, "n", 1);
    BSON_APPEND_DOCUMENT_BEGIN(reply, "writeConcernError", &unsure);
    BSON_APPEND_INT32(&unsure, "code", script_code);
    BSON_APPEND_UTF8(&unsure, "errmsg", "waiting for replication timed out");
    bson_append_document_end(reply, &unsure);
    return PEER_ANSWER;
}

/* S32: acknowledged by the primary alone. */
START_TEST(a_write_that_no_majority_has_is_unknown)
{
    static const int codes[] = {64, 100, 91, 4711};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        script_code = codes[i];
        ck_assert_int_eq(open_peer(not_replicated, false, ""), HC_OK);
        ck_assert_msg(insert_one() == HC_ERR_UNAVAILABLE, "%d: %s", codes[i], err.message);
        ck_assert_uint_eq(written(), HC_ERROR_WRITTEN_UNKNOWN);
        close_peer();
    }
}
END_TEST

/* S32 */
START_TEST(a_lost_answer_leaves_the_outcome_unknown)
{
    static const peer_turn turns[] = {PEER_TEAR, PEER_HANG_UP, PEER_GARBAGE};

    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
        ck_assert_int_eq(open_peer(say, false, ""), HC_OK);
        ck_assert_msg(insert_while(turns[i], 0, NULL, 1) == HC_ERR_UNAVAILABLE, "%d: %s", (int)turns[i], err.message);
        ck_assert_uint_eq(written(), HC_ERROR_WRITTEN_UNKNOWN);
        ck_assert_int_eq(insert_one(), HC_ERR_UNAVAILABLE);
        ck_assert_uint_eq(written(), HC_ERROR_WRITTEN_NO); /* it was not even sent */
        close_peer();
    }
}
END_TEST

START_TEST(a_set_of_servers_gets_a_write_again)
{
    static const peer_turn turns[] = {PEER_ANSWER, PEER_TEAR, PEER_HANG_UP};

    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
        ck_assert_int_eq(open_peer(say, true, ""), HC_OK);
        ck_assert_msg(insert_while(turns[i], 10107, "RetryableWriteError", 1) == HC_OK, "%d: %s", (int)turns[i],
                      err.message);
        ck_assert_int_eq(atomic_load(&peer.asked), 2);
        close_peer();
    }
}
END_TEST

START_TEST(a_silent_server_is_left_at_the_deadline)
{
    ck_assert_int_eq(open_peer(say, false, ""), HC_OK);
    batch.deadline = monotonic() + 150000;
    ck_assert_int_eq(insert_while(PEER_SILENCE, 0, NULL, 1), HC_ERR_TIMEOUT);
    ck_assert_uint_eq(written(), HC_ERROR_WRITTEN_UNKNOWN);
    batch.deadline = 0;
    ck_assert_int_eq(insert_one(), HC_ERR_UNAVAILABLE);
    close_peer();
}
END_TEST

static void *interrupt_soon(void *data)
{
    const struct timespec pause = {0, 50000000};

    while (atomic_load(&peer.asked) == 0)
        nanosleep(&pause, NULL);
    driver->interrupt(data);
    return NULL;
}

START_TEST(an_interrupt_ends_a_wait)
{
    pthread_t thread;

    ck_assert_int_eq(open_peer(say, false, ""), HC_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_soon, conn), 0);
    ck_assert_int_eq(insert_while(PEER_SILENCE, 0, NULL, 1), HC_ERR_CANCELLED);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(written(), HC_ERROR_WRITTEN_UNKNOWN);
    close_peer();
}
END_TEST

/* S10: the child touches no socket of its parent's. */
START_TEST(a_child_of_a_fork_forgets)
{
    int status = 1, asked;
    pid_t pid;

    ck_assert_int_eq(open_peer(say, true, ""), HC_OK);
    ck_assert_int_eq(insert_one(), HC_OK);
    asked = atomic_load(&peer.asked);
    pid = fork();
    if (pid == 0) {
        void *mine = NULL;

        if (driver->ping(conn, 0, NULL) != HC_ERR_FORKED ||
            driver->connect(&mine, store, HC_CONNECT_WRITE, 0, NULL) != HC_ERR_FORKED)
            _exit(1);
        driver->abandon(conn);
        driver->close(store);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(insert_one(), HC_OK);
    ck_assert_int_eq(atomic_load(&peer.asked), asked + 1);
    close_peer();
}
END_TEST

static peer_turn refuse_sign_in(mongo_peer *p, const char *command, const bson_t *ask, bson_t *reply)
{
    (void)p;
    (void)command;
    (void)ask;
    refuse(reply, 18, NULL);
    return PEER_ANSWER;
}

START_TEST(a_wrong_password_is_told)
{
    char uri[128];

    ck_assert(mongo_peer_start(&peer, refuse_sign_in, false));
    (void)snprintf(uri, sizeof(uri), "mongodb://ana:s3cret@127.0.0.1:%d/db", peer.port);
    ck_assert_msg(shelf_open(uri) == HC_ERR_INVALID, "%d %s", (int)err.status, err.message);
    ck_assert_str_eq(err.field, "document_uri");
    ck_assert_ptr_null(strstr(err.message, "s3cret"));
    close_peer();
}
END_TEST

START_TEST(a_server_without_tls_is_no_secure_one)
{
    ck_assert_int_eq(open_peer(say, false, "tls=true&serverSelectionTimeoutMS=300&connectTimeoutMS=200"),
                     HC_ERR_UNAVAILABLE);
    ck_assert_msg(strstr(err.message, "TLS") != NULL, "%s", err.message);
    close_peer();
}
END_TEST

/* libmongoc waits for itself when it is told at once that a member which another told of cannot be reached. */
START_TEST(a_member_of_a_set_that_is_down_stops_nothing)
{
    peer.member = "127.0.0.1:1";
    ck_assert_msg(open_peer(say, true, "") == HC_OK, "%s", err.message);
    ck_assert_int_eq(insert_one(), HC_OK);
    close_peer();
    peer.member = NULL;
}
END_TEST

/* Takes no connection any more: who comes waits. */
static int black_hole(int *port, int fill[4])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, size), 0);
    ck_assert_int_eq(listen(fd, 0), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    for (int i = 0; i < 4; i++) {
        fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fill[i], (struct sockaddr *)&at, size);
    }
    return fd;
}

/* S18: the time that there is for all is not its own. */
START_TEST(a_member_that_is_silent_leaves_time_for_the_others)
{
    int fill[4], port, fd = black_hole(&port, fill);
    int64_t deadline = monotonic() + 2000000;
    char uri[160];

    ck_assert(mongo_peer_start(&peer, say, true));
    (void)snprintf(uri, sizeof(uri), "mongodb://127.0.0.1:%d,127.0.0.1:%d/shelf?replicaSet=rs", peer.port, port);
    ck_assert_int_eq(hc_driver_mongodb_entry(&driver, HC_DRIVER_ABI, &err), HC_OK);
    ck_assert_int_eq(driver->open(&store, &shelf_host, uri, &err), HC_OK);
    ck_assert_msg(driver->connect(&conn, store, HC_CONNECT_WRITE, deadline, &err) == HC_OK, "%d %s", (int)err.status,
                  err.message);
    batch.deadline = deadline;
    ck_assert_msg(insert_one() == HC_OK, "%d %s", (int)err.status, err.message);
    batch.deadline = 0;
    close_peer();
    for (int i = 0; i < 4; i++)
        (void)close(fill[i]);
    (void)close(fd);
}
END_TEST

/* A set tells of members that the URI does not name, and what goes to them must not go in the clear. 0.0.0.0 leads to
 * this machine, and is none of its names. */
START_TEST(members_elsewhere_are_reached_by_tls_whatever_the_seeds_are)
{
    peer.named = "0.0.0.0";
    ck_assert_int_eq(open_peer(say, true, "serverSelectionTimeoutMS=300&connectTimeoutMS=200"), HC_ERR_UNAVAILABLE);
    ck_assert_msg(strstr(err.message, "TLS") != NULL, "%s", err.message);
    ck_assert_int_eq(atomic_load(&peer.asked), 0);
    close_peer();
    ck_assert_int_eq(open_peer(say, true, "tls=false"), HC_OK); /* who says so has it so */
    close_peer();
    peer.named = "localhost";
    ck_assert_int_eq(open_peer(say, true, ""), HC_OK);
    close_peer();
    peer.named = NULL;
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, uris_that_would_lose_writes_are_refused);
    tcase_add_test(tcase, hosts_elsewhere_are_reached_by_tls);
    tcase_add_test(tcase, a_parameter_that_is_left_out_is_told);
    tcase_add_test(tcase, nobody_there_is_unavailable);
    tcase_add_test(tcase, a_wait_of_nothing_is_the_drivers_own);
    tcase_add_test(tcase, writes_ask_for_a_majority_on_disk_and_reads_of_a_set_too);
    tcase_add_test(tcase, each_refusal_has_its_status_and_outcome);
    tcase_add_test(tcase, a_write_that_no_majority_has_is_unknown);
    tcase_add_test(tcase, a_lost_answer_leaves_the_outcome_unknown);
    tcase_add_test(tcase, a_set_of_servers_gets_a_write_again);
    tcase_add_test(tcase, a_silent_server_is_left_at_the_deadline);
    tcase_add_test(tcase, an_interrupt_ends_a_wait);
    tcase_add_test(tcase, a_child_of_a_fork_forgets);
    tcase_add_test(tcase, a_wrong_password_is_told);
    tcase_add_test(tcase, a_server_without_tls_is_no_secure_one);
    tcase_add_test(tcase, a_member_of_a_set_that_is_down_stops_nothing);
    tcase_add_test(tcase, a_member_that_is_silent_leaves_time_for_the_others);
    tcase_add_test(tcase, members_elsewhere_are_reached_by_tls_whatever_the_seeds_are);
}

int main(void)
{
    return suite_main("unit.driver_mongodb.errors", fill, NULL, NULL);
}
