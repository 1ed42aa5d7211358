/* The key file: made once and private, shared by clients of one store, and never in the way of another. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "house.h"

static char keys[400];
static const char *place; /* of the store; NULL: the house */

static void setup(void)
{
    house_open();
    snprintf(keys, sizeof keys, "%s", house.keys);
}

static hc_status opens(hc_client **out, const char *key_file, const uint8_t *secret, hc_error *err)
{
    hc_client_options options;

    house_options(&options);
    if (key_file != NULL || secret != NULL) /* else as it is for this store: a file's are beside it */
        options.key_file = key_file;
    if (place != NULL)
        options.storage_uri = place;
    options.secret_key = secret;
    return hc_client_open(out, &options, err);
}

static hc_status takes(hc_client *client, const char *token)
{
    hc_session *as = NULL;
    hc_status status = hc_session_open(&as, client, token, strlen(token), NULL, NULL);

    hc_session_free(as);
    house_count(1);
    return status;
}

static void refused(const char *key_file, hc_status status)
{
    snapshot before = house_snapshot();
    hc_client *client = NULL;

    HOUSE_FAILS(opens(&client, key_file, NULL, err), status, "key_file");
    ck_assert_ptr_null(client);
    house_assert_unchanged_since(before);
}

START_TEST(the_file_is_made_once_and_private)
{
    file first = file_read(keys);
    hc_client *client = NULL;

    ck_assert_uint_eq(first.size, HC_SECRET_KEY_SIZE);
    ck_assert_int_eq(first.mode, 0600);
    HOUSE_OK(opens(&client, NULL, NULL, err));
    hc_client_close(client);
    file_assert_same(&first);
}
END_TEST

START_TEST(clients_of_one_file_read_each_others_tokens)
{
    const char *token = hc_session_token(house.bea);
    hc_client *client = NULL;
    file key = file_read(keys);
    static const uint8_t other[HC_SECRET_KEY_SIZE] = {7};

    HOUSE_OK(opens(&client, NULL, NULL, err));
    ck_assert_int_eq(takes(client, token), HC_OK);
    hc_client_close(client);
    HOUSE_OK(opens(&client, keys, NULL, err));
    ck_assert_int_eq(takes(client, token), HC_OK);
    hc_client_close(client);
    HOUSE_OK(opens(&client, NULL, key.bytes, err)); /* the bytes themselves are the same key */
    ck_assert_int_eq(takes(client, token), HC_OK);
    hc_client_close(client);
    HOUSE_OK(opens(&client, NULL, other, err));
    ck_assert_int_eq(takes(client, token), HC_ERR_UNAUTHENTICATED);
    hc_client_close(client);
    free(key.bytes);
}
END_TEST

/* A cursor is sealed by the same secret, and for its caller. */
START_TEST(clients_of_one_file_read_each_others_cursors)
{
    hc_client *client = NULL, *stranger = NULL;
    hc_session *guest = NULL;
    hc_property_page *page = NULL, *next = NULL;
    hc_query *query = NULL;
    static const uint8_t other[HC_SECRET_KEY_SIZE] = {7};

    HOUSE_OK(hc_query_parse(&query, house.client, "city eq 'Austin'", "price", err));
    HOUSE_OK(hc_query_set_limit(query, 1, err));
    HOUSE_OK(hc_property_list(&page, house.guest, query, err));
    ck_assert_ptr_nonnull(hc_property_page_cursor(page));
    HOUSE_OK(hc_query_set_cursor(query, hc_property_page_cursor(page), err));
    HOUSE_OK(opens(&client, NULL, NULL, err));
    HOUSE_OK(hc_session_guest(&guest, client, NULL, err));
    HOUSE_OK(hc_property_list(&next, guest, query, err));
    ck_assert_uint_eq(hc_property_page_count(next), 1);
    hc_property_page_free(next);
    hc_session_free(guest);
    HOUSE_OK(opens(&stranger, NULL, other, err));
    HOUSE_OK(hc_session_guest(&guest, stranger, NULL, err));
    HOUSE_FAILS(hc_property_list(&next, guest, query, err), HC_ERR_INVALID, "cursor");
    hc_session_free(guest);
    hc_property_page_free(page);
    hc_query_free(query);
    hc_client_close(client);
    hc_client_close(stranger);
}
END_TEST

START_TEST(a_file_that_others_may_read_is_refused)
{
    static const mode_t modes[] = {0644, 0640, 0604, 0660, 0777, 0601};

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        ck_assert_int_eq(chmod(keys, modes[i]), 0);
        refused(NULL, HC_ERR_INVALID);
        refused(keys, HC_ERR_INVALID);
    }
    ck_assert_int_eq(chmod(keys, 0400), 0);
    hc_client_close(house.client);
    HOUSE_OK(opens(&house.client, NULL, NULL, err));
}
END_TEST

START_TEST(a_file_of_another_size_is_refused)
{
    unsigned char bytes[64];

    memset(bytes, 'k', sizeof bytes);
    file_put(keys, bytes, 33);
    refused(NULL, HC_ERR_INVALID);
    file_put(keys, bytes, 31);
    refused(NULL, HC_ERR_INVALID);
    file_put(keys, bytes, 0);
    refused(NULL, HC_ERR_INVALID);
}
END_TEST

START_TEST(a_path_to_no_file_is_refused)
{
    file there = file_at("no/such/folder/keys");
    hc_client *client = NULL;

    HOUSE_FAILS(opens(&client, there.path, NULL, err), HC_ERR_NOT_FOUND, "key_file");
    HOUSE_FAILS(opens(&client, house.folder, NULL, err), HC_ERR_IO, "key_file");
    HOUSE_FAILS(opens(&client, "", NULL, err), HC_ERR_INVALID, "key_file");
    ck_assert_ptr_null(client);
}
END_TEST

/* A second opener may see the file before the first has written it: it waits. */
static void *write_slowly(void *data)
{
    unsigned char bytes[HC_SECRET_KEY_SIZE];

    usleep(100 * 1000);
    memset(bytes, 'k', sizeof bytes);
    file_put(data, bytes, sizeof bytes);
    return NULL;
}

START_TEST(a_file_that_is_being_made_is_waited_for)
{
    file made = file_at("slow.keys");
    hc_client *client = NULL;
    pthread_t thread;

    file_put(made.path, "", 0);
    ck_assert_int_eq(chmod(made.path, 0600), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, write_slowly, made.path), 0);
    HOUSE_OK(opens(&client, made.path, NULL, err));
    pthread_join(thread, NULL);
    hc_client_close(client);
}
END_TEST

struct opener {
    pthread_t thread;
    hc_client *client;
    hc_status status;
    const char *key_file;
};

static void *open_one(void *data)
{
    struct opener *opener = data;

    opener->status = opens(&opener->client, opener->key_file, NULL, NULL);
    return NULL;
}

/* Eight at once on no file and a new store: all have the one key. */
START_TEST(whoever_makes_the_file_first_wins)
{
    struct opener openers[8];
    file made = file_at("shared.keys");
    hc_session *guest = NULL, *as = NULL;
    hc_login login = HC_LOGIN_INIT;
    char beside[640];

    house_leave();
    house_beside(beside, sizeof beside);
    place = beside;

    login.email = "bea@example.com";
    login.password = HOUSE_PASSWORD;
    login.password_size = strlen(HOUSE_PASSWORD);
    for (size_t i = 0; i < 8; i++) {
        openers[i].key_file = made.path;
        ck_assert_int_eq(pthread_create(&openers[i].thread, NULL, open_one, &openers[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        pthread_join(openers[i].thread, NULL);
        ck_assert_int_eq(openers[i].status, HC_OK);
    }
    house.client = openers[0].client;
    HOUSE_OK(hc_session_system(&house.system, house.client, err));
    house_user(login.email, "Bea", HC_ROLE_BUYER);
    HOUSE_OK(hc_session_guest(&guest, house.client, NULL, err));
    HOUSE_OK(hc_auth_login(&as, guest, &login, err));
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(takes(openers[i].client, hc_session_token(as)), HC_OK);
    hc_session_free(as);
    hc_session_free(guest);
    for (size_t i = 1; i < 8; i++) /* the first is the house's now */
        hc_client_close(openers[i].client);
}
END_TEST

static void count_complaints(int32_t level, const char *request_id, const char *line, void *data)
{
    (void)request_id;
    (void)line;
    *(int *)data += level <= HC_LOG_WARN;
}

/* Who migrates a server's first store opens it with HC_MIGRATE_NEVER and a file that is still to be made. */
START_TEST(a_store_before_its_first_migration_is_no_fault)
{
    hc_client_options options;
    hc_client *client = NULL;
    file made = file_at("first.keys");
    char beside[640];
    int complaints = 0;

    house_beside(beside, sizeof beside);
    house_options(&options);
    options.storage_uri = beside;
    options.key_file = made.path;
    options.migrate = HC_MIGRATE_NEVER;
    options.log = count_complaints;
    options.log_data = &complaints;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_client_migrate(client, err));
    hc_client_close(client);
    ck_assert_int_eq(complaints, 0);
}
END_TEST

/* A machine without the file of a store that others use: other keys would break the seals of its log. */
START_TEST(a_store_in_use_gets_no_other_keys_by_mistake)
{
    file missing = file_at("never.made");
    hc_client *client = NULL;

    if (house_is_a_file()) { /* whose keys lie beside it: whoever lost them goes on */
        HOUSE_OK(opens(&client, missing.path, NULL, err));
        hc_client_close(client);
        return;
    }
    refused(missing.path, HC_ERR_NOT_FOUND);
    ck_assert_int_ne(access(missing.path, F_OK), 0);
}
END_TEST

/* The secret is in no other file: not in the store, its log or its journal. */
START_TEST(the_store_holds_no_key)
{
    file key, store;

    if (!house_only_in_a_file("the_store_holds_no_key reads the file of a store"))
        return;
    key = file_read(keys);
    store = file_read(house.path);
    ck_assert_ptr_null(memmem(store.bytes, store.size, key.bytes, key.size));
    free(store.bytes);
    free(key.bytes);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_file_is_made_once_and_private);
    tcase_add_test(tcase, clients_of_one_file_read_each_others_tokens);
    tcase_add_test(tcase, clients_of_one_file_read_each_others_cursors);
    tcase_add_test(tcase, a_file_that_others_may_read_is_refused);
    tcase_add_test(tcase, a_file_of_another_size_is_refused);
    tcase_add_test(tcase, a_path_to_no_file_is_refused);
    tcase_add_test(tcase, a_file_that_is_being_made_is_waited_for);
    tcase_add_test(tcase, whoever_makes_the_file_first_wins);
    tcase_add_test(tcase, a_store_before_its_first_migration_is_no_fault);
    tcase_add_test(tcase, a_store_in_use_gets_no_other_keys_by_mistake);
    tcase_add_test(tcase, the_store_holds_no_key);
}

int main(void)
{
    return suite_main("api.client.keys", fill, setup, house_close);
}
