/* What a store does when memory, locks, a server or a schema fail it: server.h, and what --wrap puts in between. */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>

#include "failing.h"
#include "homeconnect/version.h"
#include "model/migrations.h"
#include "server.h"
#include "storage/store_inside.h"

bool __real_hc__mutex_init(hc__mutex *mutex);
bool __wrap_hc__mutex_init(hc__mutex *mutex);
bool __real_hc__cond_init(hc__cond *cond);
bool __wrap_hc__cond_init(hc__cond *cond);
void __real_hc__lock(hc__mutex *mutex);
void __wrap_hc__lock(hc__mutex *mutex);
void __real_hc__unlock(hc__mutex *mutex);
void __wrap_hc__unlock(hc__mutex *mutex);
void __real_hc__mutex_free(hc__mutex *mutex);
void __wrap_hc__mutex_free(hc__mutex *mutex);
void __real_hc__cond_free(hc__cond *cond);
void __wrap_hc__cond_free(hc__cond *cond);

static atomic_int made; /* mutexes and conditions that are there */

void __wrap_hc__module_close(void *module);
static void *unloaded; /* the module */

void __wrap_hc__module_close(void *module)
{
    unloaded = module;
}

static int mutexes = -1, conds = -1; /* so many more are made; -1: all */
static _Thread_local int dawdle;     /* before the so many-th lock of this thread */
static _Thread_local int held;       /* locks, by this thread */

bool __wrap_hc__mutex_init(hc__mutex *mutex)
{
    bool fine = mutexes != 0 && (mutexes < 0 || mutexes-- > 0) && __real_hc__mutex_init(mutex);

    atomic_fetch_add(&made, fine);
    return fine;
}

void __wrap_hc__mutex_free(hc__mutex *mutex)
{
    atomic_fetch_sub(&made, 1);
    __real_hc__mutex_free(mutex);
}

void __wrap_hc__cond_free(hc__cond *cond)
{
    atomic_fetch_sub(&made, 1);
    __real_hc__cond_free(cond);
}

bool __wrap_hc__cond_init(hc__cond *cond)
{
    bool fine = conds != 0 && (conds < 0 || conds-- > 0) && __real_hc__cond_init(cond);

    atomic_fetch_add(&made, fine);
    return fine;
}

void __wrap_hc__lock(hc__mutex *mutex)
{
    if (dawdle > 0 && --dawdle == 0)
        usleep(120000);
    __real_hc__lock(mutex);
    held++;
}

/* Whatever is let go was taken. */
void __wrap_hc__unlock(hc__mutex *mutex)
{
    ck_assert_int_gt(held, 0);
    held--;
    __real_hc__unlock(mutex);
}

static failing memory;

static void open_with(const hc__store_options *more, hc_status expected)
{
    hc_allocator allocator = failing_allocator(&memory);
    hc__store_options options = *more;

    options.uri = "sqlite:far";
    options.pool_size = options.pool_size == 0 ? 4 : options.pool_size;
    ck_assert_int_eq(hc__mem_init(&mem, &allocator, &err), HC_OK);
    store = (hc__store *)&options; /* whatever was there */
    ck_assert_int_eq(hc__store_open(&store, &mem, &options, &err), expected);
    ck_assert_int_eq(store != NULL, expected == HC_OK);
}

static void begin(void)
{
    memset(&server, 0, sizeof server);
    server.version = hc_schema_version();
    memory = (failing){0};
}

static void close_it(void)
{
    hc__store_close(store);
    store = NULL;
    ck_assert_int_eq(atomic_load(&server.open), 0);
    ck_assert_int_eq(server.closed, 1);
    server.closed = 0;
    ck_assert_int_eq(memory.live, 0);
    ck_assert_int_eq(atomic_load(&made), 0);
}

static const hc__store_options plain;

/* ---- memory and locks ---- */

/* S13 */
START_TEST(a_store_that_cannot_be_made_leaves_nothing)
{
    memory.fail_at = 1;
    open_with(&plain, HC_ERR_NO_MEMORY);
    mutexes = 0;
    open_with(&plain, HC_ERR_NO_MEMORY);
    mutexes = -1;
    table.name = NULL;
    open_with(&plain, HC_ERR_UNSUPPORTED);
    table.name = "sqlite";
    server.no_store = HC_ERR_IO;
    unloaded = &server;
    open_with(&plain, HC_ERR_IO);
    ck_assert_ptr_null(unloaded); /* its module: a driver that is linked in has none */
    ck_assert_str_eq(err.message, "no store");
    ck_assert_int_eq(memory.live, 0);
    ck_assert_int_eq(atomic_load(&made), 0);
    ck_assert_int_eq(server.closed, 0);
    hc__store_close(NULL);
    hc__store_abandon(NULL);
}
END_TEST

static hc_status waited;

static void *wait_in_vain(void *data)
{
    hc__lease lease;

    (void)data;
    waited = take(&lease);
    return NULL;
}

static hc_status another_waits(void)
{
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, wait_in_vain, NULL), 0);
    pthread_join(thread, NULL);
    return waited;
}

/* S13 */
START_TEST(who_finds_no_room_to_wait_is_told)
{
    hc__lease lease;

    open_with(&(hc__store_options){.pool_size = 1}, HC_OK);
    ck_assert_int_eq(take(&lease), HC_OK);
    memory.fail_at = memory.requests + 1;
    ck_assert_int_eq(another_waits(), HC_ERR_NO_MEMORY);
    mutexes = 0;
    ck_assert_int_eq(another_waits(), HC_ERR_NO_MEMORY);
    mutexes = -1;
    conds = 0;
    ck_assert_int_eq(another_waits(), HC_ERR_NO_MEMORY);
    conds = -1;
    ck_assert_int_eq(hc__store_pool(store).waiting, 0);
    ck_assert_int_eq(another_waits(), HC_ERR_BUSY);
    ck_assert_int_eq(another_waits(), HC_ERR_BUSY); /* in the room of the one before */
    hc__store_release(store, &lease, true);
    close_it();
}
END_TEST

/* The one that broke lies above one that is fine, which is taken from below it. */
START_TEST(no_connection_is_given_to_two)
{
    hc__lease leases[3];
    void *fine;

    open_with(&(hc__store_options){.pool_size = 4}, HC_OK);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(hc__store_acquire(&leases[i], store, HC_CONNECT_READ, in(HC__SECOND), NULL, NULL), HC_OK);
    fine = leases[0].conn;
    hc__store_release(store, &leases[0], true);
    hc__store_release(store, &leases[1], false);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hc__store_acquire(&leases[i], store, HC_CONNECT_READ, in(HC__SECOND), NULL, NULL), HC_OK);
    ck_assert_ptr_eq(leases[0].conn, fine);
    ck_assert(leases[1].conn != fine && leases[2].conn != fine && leases[1].conn != leases[2].conn);
    ck_assert_int_eq(hc__store_pool(store).in_use, 3);
    for (int i = 0; i < 3; i++)
        hc__store_release(store, &leases[i], true);
    close_it();
}
END_TEST

/* ---- who waits ---- */

static atomic_bool stop;

static void *wait_for_long(void *data)
{
    hc__lease lease;
    hc_error why;
    hc_status *out = data;

    *out = hc__store_acquire(&lease, store, HC_CONNECT_READ, in(20 * HC__SECOND), &stop, &why);
    if (*out == HC_OK)
        hc__store_release(store, &lease, true);
    return NULL;
}

static void let_wait(pthread_t *thread, hc_status *status)
{
    int32_t before = hc__store_pool(store).waiting;

    ck_assert_int_eq(pthread_create(thread, NULL, wait_for_long, status), 0);
    while (hc__store_pool(store).waiting == before)
        usleep(1000);
}

/* S11 */
START_TEST(who_waits_can_be_stopped)
{
    pthread_t threads[2];
    hc_status statuses[2] = {HC_OK, HC_OK};
    hc__lease lease;

    open_with(&(hc__store_options){.pool_size = 1}, HC_OK);
    ck_assert_int_eq(take(&lease), HC_OK);
    atomic_store(&stop, false);
    for (int i = 0; i < 2; i++)
        let_wait(&threads[i], &statuses[i]);
    hc__store_wake(store); /* nothing has stopped */
    usleep(2000);
    ck_assert_int_eq(hc__store_pool(store).waiting, 2);
    atomic_store(&stop, true);
    hc__store_wake(store);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(statuses[i], HC_ERR_CANCELLED);
    }
    ck_assert_int_eq(hc__store_pool(store).waiting, 0);
    hc__store_release(store, &lease, true);
    ck_assert_int_eq(hc__store_pool(store).in_use, 0);
    close_it();
}
END_TEST

/* S21: the ones before and behind who gives up keep their places. */
START_TEST(who_gives_up_leaves_the_queue_whole)
{
    pthread_t threads[2];
    hc_status statuses[2] = {HC_OK, HC_OK};
    hc__lease lease;

    open_with(&(hc__store_options){.pool_size = 1}, HC_OK);
    ck_assert_int_eq(take(&lease), HC_OK);
    atomic_store(&stop, false);
    for (int i = 0; i < 2; i++) { /* the impatient one is first, and then in the middle */
        pthread_t late;

        if (i == 1)
            let_wait(&threads[0], &statuses[0]);
        ck_assert_int_eq(pthread_create(&late, NULL, wait_in_vain, NULL), 0);
        while (hc__store_pool(store).waiting != i + 1)
            usleep(500);
        if (i == 1)
            let_wait(&threads[1], &statuses[1]);
        pthread_join(late, NULL);
        ck_assert_int_eq(waited, HC_ERR_BUSY);
    }
    ck_assert_int_eq(hc__store_pool(store).waiting, 2);
    hc__store_release(store, &lease, true);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(statuses[i], HC_OK);
    }
    ck_assert_int_eq(hc__store_pool(store).waiting, 0);
    close_it();
}
END_TEST

static void *wait_and_give_back(void *data)
{
    hc__lease lease;

    (void)data;
    ck_assert_int_eq(hc__store_acquire(&lease, store, HC_CONNECT_WRITE, in(60 * HC__SECOND), NULL, NULL), HC_OK);
    hc__store_release(store, &lease, true);
    return NULL;
}

static void two_wait_at_once(void)
{
    pthread_t threads[2];
    hc__lease lease;

    ck_assert_int_eq(take(&lease), HC_OK);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, wait_and_give_back, NULL), 0);
    while (hc__store_pool(store).waiting != 2)
        usleep(500);
    hc__store_release(store, &lease, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(hc__store_pool(store).waiting, 0);
    ck_assert_int_eq(hc__store_pool(store).in_use, 0);
}

/* A slot that was given to a waiter whose time ends before it is there is still taken. */
START_TEST(a_slot_on_its_way_is_waited_for)
{
    pthread_t late;
    hc__lease lease;

    open_with(&(hc__store_options){.pool_size = 1}, HC_OK);
    ck_assert_int_eq(take(&lease), HC_OK);
    ck_assert_int_eq(pthread_create(&late, NULL, wait_in_vain, NULL), 0);
    while (hc__store_pool(store).waiting != 1)
        usleep(500);
    dawdle = 2; /* between taking the waiter out of the queue and handing over */
    hc__store_release(store, &lease, true);
    pthread_join(late, NULL);
    ck_assert_int_eq(waited, HC_OK);
    ck_assert_int_eq(hc__store_pool(store).in_use, 1);
    lease = (hc__lease){.slot = 0};
    hc__store_release(store, &lease, false);
    two_wait_at_once();
    close_it();
}
END_TEST

/* However often connections are handed over, there are no more places to wait than those who waited at once. */
START_TEST(a_place_to_wait_is_used_again)
{
    long live = 0;

    open_with(&(hc__store_options){.pool_size = 1}, HC_OK);
    for (int i = 0; i < 20; i++) {
        two_wait_at_once();
        live = i == 0 ? memory.live : live;
        ck_assert_int_eq(memory.live, live);
    }
    close_it();
}
END_TEST

/* ---- what a driver can bear ---- */

START_TEST(connections_are_as_many_as_a_driver_bears)
{
    static const struct {
        uint32_t capabilities;
        int32_t asked, bears, size;
    } cases[] = {{0, 4, 0, 4},
                 {0, 4, 2, 2},
                 {0, 2, 4, 2},
                 {0, 4, 1, 1},
                 {HC_CAP_ONE_WRITER, 1, 0, 2},
                 {HC_CAP_ONE_WRITER, 4, 0, 4},
                 {HC_CAP_ONE_WRITER, 4, 1, 1}};
    uint32_t two;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        table.capabilities = HC_CAP_TRANSACTIONS | cases[i].capabilities;
        server.connections = cases[i].bears;
        open_with(&(hc__store_options){.pool_size = cases[i].asked}, HC_OK);
        ck_assert_int_eq(hc__store_pool(store).size, cases[i].size);
        ck_assert_int_eq(store->one_connection, cases[i].bears == 1);
        ck_assert_int_eq(store->remote, cases[i].bears != 1 && cases[i].capabilities == 0);
        two = cases[i].bears != 1 && cases[i].capabilities != 0;
        ck_assert_uint_eq(store->lane_count, two ? 2 : 1);
        ck_assert_uint_eq(store->lanes[HC__READERS].first, two);
        ck_assert_uint_eq(store->lanes[HC__READERS].count, (uint32_t)cases[i].size - two);
        if (two) {
            ck_assert_uint_eq(store->lanes[HC__WRITERS].first, 0);
            ck_assert_uint_eq(store->lanes[HC__WRITERS].count, 1);
        }
        close_it();
    }
    table.capabilities = HC_CAP_TRANSACTIONS;
}
END_TEST

/* It is the store: without it everything would be gone. */
START_TEST(the_only_connection_is_never_thrown_away)
{
    server.connections = 1;
    open_with(&plain, HC_OK);
    use(false);
    ck_assert_int_eq(atomic_load(&server.open), 1);
    ck_assert_int_eq(atomic_load(&server.tries), 1);
    close_it();
}
END_TEST

START_TEST(who_only_reads_connects_as_a_reader)
{
    open_with(&(hc__store_options){.reads_only = true}, HC_OK);
    use(true);
    ck_assert_int_eq(server.role, HC_CONNECT_READ);
    close_it();
    open_with(&plain, HC_OK);
    use(true);
    ck_assert_int_eq(server.role, HC_CONNECT_WRITE);
    close_it();
}
END_TEST

START_TEST(a_connection_in_doubt_is_not_used_again)
{
    static const hc_status doubtful[] = {HC_ERR_IO,      HC_ERR_CORRUPT, HC_ERR_UNAVAILABLE,
                                         HC_ERR_TIMEOUT, HC_ERR_FORKED,  HC_ERR_INTERNAL};

    for (hc_status status = HC_ERR_INTERNAL; status <= HC_NOTE_INCOMPLETE; status++) {
        bool doubt = false;

        for (size_t i = 0; i < sizeof doubtful / sizeof doubtful[0]; i++)
            doubt = doubt || doubtful[i] == status;
        ck_assert_int_eq(hc__store_usable_after(status), !doubt);
    }
}
END_TEST

/* S10: the child touches no connection of its parent. */
START_TEST(a_child_forgets_the_connections)
{
    hc__lease lease;
    int status;
    pid_t child;

    open_with(&(hc__store_options){.pool_size = 1}, HC_OK);
    ck_assert_int_eq(take(&lease), HC_OK);
    ck_assert_int_eq(another_waits(), HC_ERR_BUSY);
    child = fork();
    if (child == 0) {
        int before = atomic_load(&made);

        hc__store_abandon(store);
        exit(atomic_load(&server.abandoned) == 1 && atomic_load(&server.open) == 1 && memory.live == 0 &&
                     atomic_load(&made) == before
                 ? 0
                 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    hc__store_release(store, &lease, true);
    close_it();
}
END_TEST

/* ---- what a driver is lent ---- */

static char logged[64];
static int32_t logged_level;

static void take_line(int32_t level, const char *request_id, const char *line, void *data)
{
    ck_assert_str_eq(request_id, "");
    ck_assert_ptr_eq(data, logged);
    logged_level = level;
    snprintf(logged, sizeof logged, "%s", line);
}

static int64_t tell_time(void *data)
{
    return *(int64_t *)data;
}

START_TEST(a_driver_is_lent_the_log_and_the_clock)
{
    int64_t now = 77;
    hc__store_options options = {
        .log = take_line, .log_data = logged, .log_level = HC_LOG_WARN, .now = tell_time, .now_data = &now};

    open_with(&options, HC_OK);
    server.host->log(HC_LOG_WARN, "a warning", server.host->data);
    ck_assert_str_eq(logged, "a warning");
    ck_assert_int_eq(logged_level, HC_LOG_WARN);
    server.host->log(HC_LOG_INFO, "more than was asked for", server.host->data);
    ck_assert_str_eq(logged, "a warning");
    ck_assert_int_eq(server.host->now(server.host->data), 77);
    ck_assert_uint_eq(server.host->struct_size, sizeof(hc_host));
    ck_assert_int_eq(server.host->abi, HC_DRIVER_ABI);
    ck_assert_int_eq(server.host->reserved, 0);
    ck_assert_ptr_eq(server.host->allocator, &mem.fn);
    store->module = logged; /* that its driver came from */
    close_it();
    ck_assert_ptr_eq(unloaded, logged);
    open_with(&plain, HC_OK);
    server.host->log(HC_LOG_ERROR, "nobody hears it", server.host->data);
    ck_assert_str_eq(logged, "a warning");
    close_it();
}
END_TEST

/* ---- its schema ---- */

START_TEST(a_schema_is_asked_for_and_made)
{
    int32_t version = -1;

    open_with(&plain, HC_OK);
    ck_assert_int_eq(hc__store_migrate(store, in(HC__SECOND), &err), HC_NOTE_SAME);
    ck_assert(!hc__store_is_out(store));
    ck_assert_int_eq(server.migrations, 0);
    server.version = 0;
    ck_assert_int_eq(hc__store_check_schema(store, &version, in(HC__SECOND), &err), HC_ERR_SCHEMA);
    ck_assert_int_eq(version, 0);
    ck_assert_ptr_nonnull(strstr(err.message, "older"));
    ck_assert_int_eq(hc__store_migrate(store, in(HC__SECOND), &err), HC_OK);
    ck_assert_int_eq(server.version, hc_schema_version());
    ck_assert_int_eq(server.migrations, (int)hc__migration_count);
    ck_assert_int_eq(hc__store_check_schema(store, &version, in(HC__SECOND), &err), HC_OK);
    ck_assert_int_eq(version, hc_schema_version());
    close_it();
}
END_TEST

START_TEST(a_newer_schema_is_left_alone)
{
    open_with(&plain, HC_OK);
    server.version = hc_schema_version() + 1;
    ck_assert_int_eq(hc__store_migrate(store, in(HC__SECOND), &err), HC_ERR_SCHEMA);
    ck_assert_ptr_nonnull(strstr(err.message, "newer"));
    ck_assert_int_eq(hc__store_migrate(store, in(HC__SECOND), NULL), HC_ERR_SCHEMA);
    ck_assert_int_eq(server.migrations, 0);
    close_it();
}
END_TEST

static const hc_status about_it[] = {HC_ERR_INVALID, HC_ERR_IO, HC_ERR_UNAVAILABLE},
                       others[] = {HC_ERR_BUSY, HC_ERR_CORRUPT};

static void refused_to_connect(bool documents, hc_status status, const char *own, const char *field)
{
    hc__lease lease;

    open_with(&plain, HC_OK);
    store->options.documents = documents;
    atomic_store(&server.refuse, status);
    server.field = own;
    ck_assert_int_eq(hc__store_acquire(&lease, store, HC_CONNECT_WRITE, in(HC__SECOND), NULL, &err), status);
    ck_assert_str_eq(err.field, field);
    server.field = NULL;
    close_it();
}

/* Whoever refuses before a row was asked for, it is about where the store is; what names its own field keeps it. */
START_TEST(who_cannot_connect_is_told_of_the_uri)
{
    for (size_t i = 0; i < 3; i++) {
        refused_to_connect(false, about_it[i], NULL, "storage_uri");
        refused_to_connect(false, about_it[i], "sslmode", "sslmode");
    }
    for (size_t i = 0; i < 2; i++)
        refused_to_connect(false, others[i], NULL, "");
    refused_to_connect(true, HC_ERR_INVALID, NULL, "document_uri");
    open_with(&plain, HC_OK);
    atomic_store(&server.refuse, HC_ERR_IO);
    ck_assert_int_eq(hc__store_acquire(&(hc__lease){0}, store, HC_CONNECT_WRITE, in(HC__SECOND), NULL, NULL),
                     HC_ERR_IO);
    close_it();
}
END_TEST

START_TEST(what_a_server_refuses_at_once_is_about_its_uri)
{
    int32_t version;

    open_with(&plain, HC_OK);
    for (size_t i = 0; i < 3; i++) {
        server.no_schema = about_it[i];
        server.field = NULL;
        ck_assert_int_eq(hc__store_check_schema(store, &version, in(HC__SECOND), &err), about_it[i]);
        ck_assert_str_eq(err.field, "storage_uri");
        ck_assert_int_eq(hc__store_check_schema(store, &version, in(HC__SECOND), NULL), about_it[i]);
        server.field = "sslmode";
        ck_assert_int_eq(hc__store_check_schema(store, &version, in(HC__SECOND), &err), about_it[i]);
        ck_assert_str_eq(err.field, "sslmode");
    }
    server.field = NULL;
    for (size_t i = 0; i < 2; i++) {
        server.no_schema = others[i];
        ck_assert_int_eq(hc__store_check_schema(store, &version, in(HC__SECOND), &err), others[i]);
        ck_assert_str_eq(err.field, "");
    }
    server.no_schema = HC_OK;
    close_it();
}
END_TEST

START_TEST(what_fails_while_a_schema_is_made_is_told)
{
    int32_t version = -1;

    open_with(&(hc__store_options){.pool_size = 1}, HC_OK);
    server.no_schema = HC_ERR_IO;
    ck_assert_int_eq(hc__store_check_schema(store, &version, in(HC__SECOND), &err), HC_ERR_IO);
    ck_assert_int_eq(hc__store_migrate(store, in(HC__SECOND), &err), HC_ERR_IO);
    ck_assert_str_eq(err.message, "no schema");
    ck_assert_int_eq(atomic_load(&server.open), 0); /* thrown away: in doubt */
    server.no_schema = HC_OK;
    server.version = 0;
    server.no_migration = HC_ERR_NO_SPACE;
    ck_assert_int_eq(hc__store_migrate(store, in(HC__SECOND), &err), HC_ERR_NO_SPACE);
    ck_assert_str_eq(err.message, "no migration");
    ck_assert_int_eq(server.version, 0);
    close_it();
    open_with(&plain, HC_OK);
    atomic_store(&server.refuse, HC_ERR_UNAVAILABLE);
    ck_assert_int_eq(hc__store_check_schema(store, &version, in(HC__SECOND), &err), HC_ERR_UNAVAILABLE);
    ck_assert_int_eq(version, 0);
    close_it();
}
END_TEST

START_TEST(another_who_migrates_is_waited_for)
{
    open_with(&plain, HC_OK);
    server.version = 0;
    server.busy = 1;
    ck_assert_int_eq(hc__store_migrate_within(store, in(-1), in(HC__SECOND), &err), HC_ERR_BUSY);
    ck_assert_int_eq(server.asked, 1);
    server.busy = 2;
    ck_assert_int_eq(hc__store_migrate_within(store, in(HC__SECOND), in(HC__SECOND), &err), HC_OK);
    ck_assert_int_eq(server.asked, 4);
    ck_assert_int_eq(server.version, hc_schema_version());
    server.version = 0;
    server.busy = 1000;
    ck_assert_int_eq(hc__store_migrate_within(store, in(HC__SECOND / 20), in(HC__SECOND), &err), HC_ERR_BUSY);
    ck_assert_int_lt(server.asked, 10); /* with a pause between two tries */
    server.busy = 0;
    server.no_migration = HC_ERR_NO_SPACE;
    server.asked = 0;
    ck_assert_int_eq(hc__store_migrate_within(store, in(HC__SECOND), in(HC__SECOND), &err), HC_ERR_NO_SPACE);
    ck_assert_int_eq(server.asked, 1);
    close_it();
}
END_TEST

/* What a call may end with, and whether its connection can be used again. */
START_TEST(a_connection_outlives_what_is_no_fault_of_it)
{
    static const hc_status lost[] = {HC_ERR_IO,      HC_ERR_CORRUPT, HC_ERR_UNAVAILABLE,
                                     HC_ERR_TIMEOUT, HC_ERR_FORKED,  HC_ERR_INTERNAL};
    static const hc_status kept[] = {HC_OK,       HC_NOTE_SAME,     HC_ERR_INVALID,   HC_ERR_CONFLICT, HC_ERR_NOT_FOUND,
                                     HC_ERR_BUSY, HC_ERR_NO_MEMORY, HC_ERR_CANCELLED, HC_ERR_SCHEMA,   HC_ERR_NO_SPACE};

    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
        ck_assert_msg(!hc__store_usable_after(lost[i]), "%d", (int)lost[i]);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        ck_assert_msg(hc__store_usable_after(kept[i]), "%d", (int)kept[i]);
}
END_TEST

/* ---- one writer ---- */

static hc_status take_as(hc__lease *lease, int32_t role)
{
    memset(lease, 0xff, sizeof *lease); /* whatever was there */
    return hc__store_acquire(lease, store, role, in(20000), NULL, &err);
}

/* S21: who holds all that there are of a kind would wait for itself, and not for the other kind. */
START_TEST(readers_and_the_writer_wait_apart)
{
    hc__lease readers[3], writer, more;

    table.capabilities = HC_CAP_TRANSACTIONS | HC_CAP_ONE_WRITER;
    open_with(&plain, HC_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(take_as(&readers[i], HC_CONNECT_READ), HC_OK);
        ck_assert_int_eq(server.role, HC_CONNECT_READ);
        ck_assert_uint_eq(readers[i].slot, (uint32_t)i + 1);
        ck_assert(readers[i].rides == NULL && !readers[i].in_transaction && !readers[i].doubtful);
    }
    ck_assert_int_eq(take_as(&more, HC_CONNECT_READ), HC_ERR_MISUSE);
    ck_assert_int_eq(take_as(&writer, HC_CONNECT_WRITE), HC_OK);
    ck_assert_int_eq(server.role, HC_CONNECT_WRITE);
    ck_assert_uint_eq(writer.slot, 0);
    ck_assert_int_eq(take_as(&more, HC_CONNECT_WRITE), HC_ERR_MISUSE);
    ck_assert_int_eq(hc__store_pool(store).in_use, 4);
    hc__store_release(store, &readers[1], true);
    ck_assert_int_eq(hc__store_pool(store).in_use, 3);
    ck_assert_int_eq(take_as(&more, HC_CONNECT_WRITE), HC_ERR_MISUSE);
    ck_assert_int_eq(take_as(&more, HC_CONNECT_READ), HC_OK);
    ck_assert_uint_eq(more.slot, 2);
    hc__store_release(store, &writer, true);
    ck_assert_ptr_null(writer.conn);
    ck_assert_int_eq(take_as(&writer, HC_CONNECT_WRITE), HC_OK);
    ck_assert_uint_eq(writer.slot, 0);
    ck_assert_int_eq(atomic_load(&server.tries), 4);
    hc__store_release(store, &writer, true);
    hc__store_release(store, &more, true);
    hc__store_release(store, &readers[0], true);
    hc__store_release(store, &readers[2], true);
    close_it();
    table.capabilities = HC_CAP_TRANSACTIONS;
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_store_that_cannot_be_made_leaves_nothing);
    tcase_add_test(tcase, who_finds_no_room_to_wait_is_told);
    tcase_add_test(tcase, no_connection_is_given_to_two);
    tcase_add_test(tcase, who_waits_can_be_stopped);
    tcase_add_test(tcase, who_gives_up_leaves_the_queue_whole);
    tcase_add_test(tcase, a_slot_on_its_way_is_waited_for);
    tcase_add_test(tcase, a_place_to_wait_is_used_again);
    tcase_add_test(tcase, connections_are_as_many_as_a_driver_bears);
    tcase_add_test(tcase, the_only_connection_is_never_thrown_away);
    tcase_add_test(tcase, who_only_reads_connects_as_a_reader);
    tcase_add_test(tcase, a_connection_in_doubt_is_not_used_again);
    tcase_add_test(tcase, a_child_forgets_the_connections);
    tcase_add_test(tcase, a_driver_is_lent_the_log_and_the_clock);
    tcase_add_test(tcase, a_schema_is_asked_for_and_made);
    tcase_add_test(tcase, a_newer_schema_is_left_alone);
    tcase_add_test(tcase, who_cannot_connect_is_told_of_the_uri);
    tcase_add_test(tcase, what_a_server_refuses_at_once_is_about_its_uri);
    tcase_add_test(tcase, what_fails_while_a_schema_is_made_is_told);
    tcase_add_test(tcase, another_who_migrates_is_waited_for);
    tcase_add_test(tcase, a_connection_outlives_what_is_no_fault_of_it);
    tcase_add_test(tcase, readers_and_the_writer_wait_apart);
}

int main(void)
{
    return suite_main("unit.storage.store", fill, begin, NULL);
}
