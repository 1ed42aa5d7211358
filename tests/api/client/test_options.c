/* Options of hc_client_open(): what is refused by name, and what older and newer hosts may pass. */
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "homeconnect/appointment.h"
#include "house.h"

static hc_client_options options;

static void setup(void)
{
    house_set_time(HOUSE_START);
    house_folder();
    house_options(&options);
}

static void opens(void)
{
    hc_client *client = NULL;

    HOUSE_OK(hc_client_open(&client, &options, err));
    ck_assert_ptr_nonnull(client);
    hc_client_close(client);
}

/* Refused, by name, before anything is on the disk. */
static void refused(hc_status status, const char *field)
{
    hc_client *client = (hc_client *)&options;

    HOUSE_FAILS(hc_client_open(&client, &options, err), status, field);
    ck_assert_ptr_null(client);
    ck_assert_int_eq(files_in_folder(), 0);
    house_options(&options);
}

static int64_t any_time(void *data)
{
    return *(const int64_t *)data;
}

static char lines[2000];

static void keep_line(int32_t level, const char *request_id, const char *line, void *data)
{
    (void)level;
    (void)request_id;
    (void)data;
    strncat(lines, line, sizeof lines - strlen(lines) - 1);
}

/* A host's clock that counts nanoseconds, or says anything: its client says so, no sum overflows, and others go on. */
START_TEST(a_clock_that_is_out_of_its_mind_is_told)
{
    static const int64_t times[] = {HOUSE_START * 1000, INT64_MAX, INT64_MIN};
    int64_t time = HOUSE_START;
    hc_clock clock = {sizeof clock, any_time, &time};
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots = NULL;
    hc_session *guest = NULL, *as = NULL;
    hc_login login = {sizeof login, "ana@example.com", "a wrong password", 16};
    hc_id id;

    options.clock = &clock;
    options.log = keep_line;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    HOUSE_OK(hc_session_system(&house.system, house.client, err));
    search.agent_id = house_user("ana@example.com", "Ana Agent", HC_USER_ROLE_AGENT);
    house_license(search.agent_id);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        hc_property *home = house_sketch("A house", 100);

        hc_property_set_agent_id(home, search.agent_id);
        time = times[i];
        if (time > 0) {
            HOUSE_FAILS(hc_property_create(&id, house.system, home, err), HC_ERR_INTERNAL, "");
            lines[0] = '\0';
            HOUSE_OK(hc_session_guest(&guest, house.client, NULL, err));
            HOUSE_FAILS(hc_auth_login(&as, guest, &login, err), HC_ERR_UNAUTHENTICATED, "");
            hc_session_free(guest);
            ck_assert_msg(strstr(lines, "authn_login_fail was not written: the clock") != NULL, "%s", lines);
        }
        HOUSE_OK(hc_appointment_slots(&slots, house.system, &search, err));
        hc_slots_free(slots);
        time = HOUSE_START;
        HOUSE_OK(hc_property_create(&id, house.system, home, err));
        hc_property_free(home);
    }
    house_leave();
}
END_TEST

/* H04 */
START_TEST(a_number_out_of_range_is_named)
{
    static const int32_t sizes[] = {-1, 65, INT32_MAX, INT32_MIN}, levels[] = {-1, 5, INT32_MAX},
                         modes[] = {-1, 3, INT32_MAX}, profiles[] = {-1, 2, INT32_MIN};
    static const int64_t waits[] = {-1, INT64_C(3600000001), INT64_MAX, INT64_MIN},
                         lives[] = {-1, 1, 999999, INT64_C(86400000001), INT64_MAX, INT64_MIN};

    for (size_t i = 0; i < 4; i++) {
        options.pool_size = sizes[i];
        refused(HC_ERR_INVALID, "pool_size");
        options.acquire_timeout = waits[i];
        refused(HC_ERR_INVALID, "acquire_timeout");
    }
    for (size_t i = 0; i < 3; i++) {
        options.log_level = levels[i];
        refused(HC_ERR_INVALID, "log_level");
        options.migrate = modes[i];
        refused(HC_ERR_INVALID, "migrate");
        options.password_profile = profiles[i];
        refused(HC_ERR_INVALID, "password_profile");
    }
    for (size_t i = 0; i < 6; i++) {
        options.token_lifetime = lives[i];
        refused(HC_ERR_INVALID, "token_lifetime");
    }
}
END_TEST

/* H04 */
START_TEST(a_text_that_is_none_is_named)
{
    static const char *const currencies[] = {"", "US", "usd", "USDX", "U$D", "\xE2\x82\xAC"};
    static char long_issuer[65];
    static const uint8_t secret[HC_SECRET_KEY_SIZE] = {1};

    for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
        options.currency = currencies[i];
        refused(HC_ERR_INVALID, "currency");
    }
    memset(long_issuer, 'i', 64);
    options.issuer = long_issuer;
    refused(HC_ERR_INVALID, "issuer");
    options.issuer = "";
    refused(HC_ERR_INVALID, "issuer");
    options.issuer = "h\xff";
    refused(HC_ERR_INVALID, "issuer");
    options.secret_key = secret;
    options.key_file = "somewhere.keys";
    refused(HC_ERR_INVALID, "secret_key");
}
END_TEST

static void *give(size_t size, void *data)
{
    (void)data;
    return malloc(size);
}

/* H04 */
START_TEST(half_an_allocator_is_none)
{
    hc_allocator allocator = HC_ALLOCATOR_INIT;

    options.allocator = &allocator;
    allocator.allocate = give;
    refused(HC_ERR_INVALID, "allocator");
    options.allocator = &allocator;
    allocator.struct_size = 0;
    refused(HC_ERR_INVALID, "allocator");
}
END_TEST

/* H04: a host that was compiled against a later header. */
START_TEST(an_unknown_option_is_refused_when_it_is_used)
{
    struct {
        hc_client_options known;
        int64_t later[4];
    } newer = {options, {0}};
    hc_client *client = NULL;

    newer.known.struct_size = sizeof newer;
    HOUSE_OK(hc_client_open(&client, &newer.known, err));
    hc_client_close(client);
    for (size_t i = 0; i < 4; i++) {
        memset(newer.later, 0, sizeof newer.later);
        newer.later[i] = 1;
        HOUSE_FAILS(hc_client_open(&client, &newer.known, err), HC_ERR_INVALID, "options");
        ck_assert_ptr_null(client);
    }
}
END_TEST

/* H04: a host that was compiled against an earlier header: what it does not know has its default. */
START_TEST(a_smaller_struct_is_taken)
{
    options.token_lifetime = -1;
    options.acquire_timeout = -1;
    options.struct_size = offsetof(hc_client_options, acquire_timeout);
    opens();
}
END_TEST

/* H04 */
START_TEST(a_struct_without_its_size_is_refused)
{
    static const size_t sizes[] = {0, 1, sizeof(size_t) - 1, 4097, (size_t)1 << 40, SIZE_MAX};
    hc_clock clock = HC_CLOCK_INIT;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        options.struct_size = sizes[i];
        refused(HC_ERR_INVALID, "options");
        clock.struct_size = sizes[i];
        options.clock = &clock;
        refused(HC_ERR_INVALID, "clock");
    }
}
END_TEST

/* H04 */
START_TEST(no_place_for_the_client_is_misuse)
{
    hc_health health = HC_HEALTH_INIT;
    hc_session *as = house.guest;

    HOUSE_FAILS(hc_client_open(NULL, &options, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_client_health(NULL, &health, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_client_migrate(NULL, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_client_run(NULL, 0, NULL, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_session_guest(&as, NULL, NULL, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_session_system(&as, NULL, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_session_open(&as, NULL, "a.b.c", 5, NULL, err), HC_ERR_MISUSE, "client");
    ck_assert_ptr_null(as);
    ck_assert_ptr_null(hc_property_new(NULL));
    ck_assert_ptr_null(hc_user_new(NULL));
    hc_client_close(NULL);
    ck_assert_int_eq(files_in_folder(), 0);
    ck_assert_int_eq(hc_client_open(&house.client, &options, NULL), HC_OK); /* an error nobody wants */
    ck_assert_int_eq(hc_client_run(house.client, -1, NULL, NULL), HC_ERR_INVALID);
}
END_TEST

/* A URI that no driver takes says why; it may hold a password, which nobody repeats. */
START_TEST(a_uri_says_where_its_fault_is)
{
    static const struct {
        const char *uri, *says;
        hc_status status;
    } tries[] = {
        {"", "scheme", HC_ERR_INVALID},
        {"homeconnect.db", "scheme", HC_ERR_INVALID},
        {"/var/lib/homeconnect.db", "scheme", HC_ERR_INVALID},
        {"SQLITE:x.db", "scheme", HC_ERR_INVALID},
        {"../evil:x", "scheme", HC_ERR_INVALID},
        {":memory:", "scheme", HC_ERR_INVALID},
        {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz:x", "scheme", HC_ERR_INVALID},
        {"sqlite:", "file", HC_ERR_INVALID},
        {"sqlite:?durability=full", "file", HC_ERR_INVALID},
        {"sqlite:x.db?durability=none", "durability", HC_ERR_INVALID},
        {"sqlite:x.db?speed=11", "speed", HC_ERR_INVALID},
        {"sqlite:x.db?cache_kib=1", "cache_kib", HC_ERR_INVALID},
        {"sqlite:x.db?cache_kib=", "cache_kib", HC_ERR_INVALID},
        {"mongodb://admin:s3cret@db.example/home", "transactions", HC_ERR_INVALID},
        {"mongodb+srv://admin:s3cret@db.example/home", "use sqlite:, postgresql: or mysql:", HC_ERR_INVALID},
        {"oracle://admin:s3cret@db.example/home", "oracle", HC_ERR_UNSUPPORTED},
    };

    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        hc_client *client = NULL;
        hc_error why = {0};

        options.storage_uri = tries[i].uri;
        ck_assert_msg(hc_client_open(&client, &options, &why) == tries[i].status, "%s: %s", tries[i].uri, why.message);
        ck_assert_str_eq(why.field, "storage_uri");
        ck_assert_msg(strstr(why.message, tries[i].says) != NULL, "%s: %s", tries[i].uri, why.message);
        ck_assert_ptr_null(strstr(why.message, "s3cret"));
        ck_assert_ptr_null(client);
        house_count(1);
    }
    ck_assert_int_eq(files_in_folder(), 0);
    ck_assert(!file_there("x.db"));
}
END_TEST

/* A store of documents is one of documents alone. */
START_TEST(a_document_uri_says_where_its_fault_is)
{
    static const struct {
        const char *uri, *says;
        hc_status status;
    } tries[] = {
        {"", "scheme", HC_ERR_INVALID},
        {"documents", "scheme", HC_ERR_INVALID},
        {"sqlite:documents.db", "use mongodb: or mongodb+srv: as document_uri", HC_ERR_INVALID},
        {"postgresql://admin:s3cret@db.example/home", "use mongodb:", HC_ERR_INVALID},
        {"postgres://admin:s3cret@db.example/home", "use mongodb:", HC_ERR_INVALID},
        {"mysql://admin:s3cret@db.example/home", "use mongodb:", HC_ERR_INVALID},
        {"mariadb://admin:s3cret@db.example/home", "use mongodb:", HC_ERR_INVALID},
        {"oracle://admin:s3cret@db.example/home", "oracle", HC_ERR_UNSUPPORTED},
#ifdef HOUSE_MONGODB
        {"mongodb://admin:s3cret@db.example", "database", HC_ERR_INVALID},
        {"mongodb://admin:s3cret@db.example/home?w=0", "w=0", HC_ERR_INVALID},
#endif
    };

    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        hc_client *client = NULL;
        hc_error why = {0};

        options.document_uri = tries[i].uri;
        ck_assert_msg(hc_client_open(&client, &options, &why) == tries[i].status, "%s: %s", tries[i].uri, why.message);
        ck_assert_str_eq(why.field, "document_uri");
        ck_assert_msg(strstr(why.message, tries[i].says) != NULL, "%s: %s", tries[i].uri, why.message);
        ck_assert_ptr_null(strstr(why.message, "s3cret"));
        ck_assert_ptr_null(client);
        house_count(1);
    }
    ck_assert_int_eq(files_in_folder(), 0);
    ck_assert(!file_there("documents.db"));
}
END_TEST

START_TEST(a_driver_of_documents_that_is_not_here_says_how_to_get_it)
{
    hc_client *client = NULL;
    hc_error why = {0};

    options.driver_path = house.folder;
    options.document_uri = "mongodb://admin:s3cret@db.example/home";
    ck_assert_int_eq(hc_client_open(&client, &options, &why), HC_ERR_UNSUPPORTED);
    ck_assert_str_eq(why.field, "document_uri");
    ck_assert_msg(strstr(why.message, "libmongoc-dev") != NULL, "%s", why.message);
    ck_assert_ptr_null(strstr(why.message, "s3cret"));
    ck_assert_ptr_null(client);
    ck_assert_int_eq(files_in_folder(), 0);
}
END_TEST

/* Which file is missing, and which package the driver is made with. */
START_TEST(a_driver_that_is_not_here_says_how_to_get_it)
{
    static const struct {
        const char *uri, *module, *says;
    } tries[] = {
        {"postgresql://admin:s3cret@db.example/home", "homeconnect-driver-postgres.so", "libpq-dev"},
        {"postgres://admin:s3cret@db.example/home", "homeconnect-driver-postgres.so", "libpq-dev"},
        {"mysql://admin:s3cret@db.example/home", "homeconnect-driver-mysql.so", "libmariadb-dev"},
        {"mariadb://admin:s3cret@db.example/home", "homeconnect-driver-mysql.so", "libmariadb-dev"},
        {"oracle://admin:s3cret@db.example/home", "homeconnect-driver-oracle.so", "set driver_path"},
    };

    options.driver_path = house.folder;
    for (size_t i = 0; i < 2 * (sizeof tries / sizeof tries[0]); i++) {
        bool there = i >= sizeof tries / sizeof tries[0];
        size_t k = i % (sizeof tries / sizeof tries[0]);
        hc_client *client = NULL;
        hc_error why = {0};
        char path[400];

        snprintf(path, sizeof path, "%s/%s", house.folder, tries[k].module);
        if (there)
            file_put(path, "no module", 9);
        options.storage_uri = tries[k].uri;
        ck_assert_int_eq(hc_client_open(&client, &options, &why), HC_ERR_UNSUPPORTED);
        ck_assert_str_eq(why.field, "storage_uri");
        ck_assert_msg(strstr(why.message, path) != NULL, "%s", why.message);
        ck_assert_msg(strstr(why.message, there ? "cannot be loaded" : tries[k].says) != NULL, "%s", why.message);
        ck_assert_ptr_null(strstr(why.message, "s3cret"));
        ck_assert_ptr_null(client);
    }
}
END_TEST

/* A store in memory is its client's alone. */
START_TEST(two_stores_in_memory_are_two)
{
    hc_client *one = NULL, *two = NULL;
    hc_session *as = NULL;
    hc_user *user;
    hc_id id;

    if (!house_only_in_a_file("two_stores_in_memory_are_two: stores in memory are no server"))
        return;
    options.storage_uri = "sqlite::memory:";
    HOUSE_OK(hc_client_open(&one, &options, err));
    HOUSE_OK(hc_client_open(&two, &options, err));
    HOUSE_OK(hc_session_system(&as, one, err));
    user = hc_user_new(one);
    hc_user_set_email(user, "cleo@example.com");
    hc_user_set_full_name(user, "Cleo");
    hc_user_set_role(user, HC_USER_ROLE_BUYER);
    HOUSE_OK(hc_user_create(&id, as, user, HOUSE_PASSWORD, strlen(HOUSE_PASSWORD), err));
    hc_user_free(user);
    hc_session_free(as);
    HOUSE_OK(hc_session_system(&as, two, err));
    HOUSE_FAILS(hc_user_get(&user, as, id, err), HC_ERR_NOT_FOUND, "id");
    hc_session_free(as);
    hc_client_close(one);
    hc_client_close(two);
    ck_assert_int_eq(files_in_folder(), 0);
}
END_TEST

/* A path is a path: no name is one of the engine's own, and a "?" begins parameters. */
START_TEST(a_path_is_taken_as_it_is)
{
    static const char *const names[] = {"file:x.db", "x y.db", "\xC3\xBC.db", "%2e%2e.db", "x.db?durability=relaxed"};
    char uri[512];

    if (!house_only_in_a_file("a_path_is_taken_as_it_is: a server has no path"))
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char name[64];
        file at;

        snprintf(uri, sizeof uri, "sqlite:%s/%s", house.folder, names[i]);
        options.storage_uri = uri;
        opens();
        snprintf(name, sizeof name, "%.*s", (int)strcspn(names[i], "?"), names[i]);
        at = file_at(name);
        ck_assert(file_there(at.path));
        strcat(name, ".keys");
        at = file_at(name);
        ck_assert_msg(file_there(at.path), "%s", at.path);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_number_out_of_range_is_named);
    tcase_add_test(tcase, a_clock_that_is_out_of_its_mind_is_told);
    tcase_add_test(tcase, a_text_that_is_none_is_named);
    tcase_add_test(tcase, half_an_allocator_is_none);
    tcase_add_test(tcase, an_unknown_option_is_refused_when_it_is_used);
    tcase_add_test(tcase, a_smaller_struct_is_taken);
    tcase_add_test(tcase, a_struct_without_its_size_is_refused);
    tcase_add_test(tcase, no_place_for_the_client_is_misuse);
    tcase_add_test(tcase, a_uri_says_where_its_fault_is);
    tcase_add_test(tcase, a_document_uri_says_where_its_fault_is);
    tcase_add_test(tcase, a_driver_of_documents_that_is_not_here_says_how_to_get_it);
    tcase_add_test(tcase, a_driver_that_is_not_here_says_how_to_get_it);
    tcase_add_test(tcase, two_stores_in_memory_are_two);
    tcase_add_test(tcase, a_path_is_taken_as_it_is);
}

int main(void)
{
    return suite_main("api.client.options", fill, setup, house_close);
}
