/* A value that another row has: told by the names that a host knows, whatever the engine says of its columns. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "client/account.h"
#include "suite.h"

static hc_client *client;
static hc_session *as;

static void open_store(void)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;

    options.storage_uri = "sqlite::memory:";
    ck_assert_int_eq(hc_client_open(&client, &options, NULL), HC_OK);
    ck_assert_int_eq(hc_session_system(&as, client, NULL), HC_OK);
}

static void close_store(void)
{
    hc_session_free(as);
    hc_client_close(client);
}

static void put_text(hc__record *row, uint16_t field, const char *text)
{
    hc__record_set_text(row, field, text, strlen(text));
}

static hc_status same_address(hc__unit *unit, void *data, hc_error *err)
{
    (void)data;
    for (int i = 0; i < 2; i++) {
        hc__record row;
        hc_id id;

        ck_assert_int_eq(hc__record_init(&row, &hc__user_entity, hc__unit_arena(unit), err), HC_OK);
        ck_assert_int_eq(hc__id_make(&id, hc__unit_now(unit), err), HC_OK);
        put_text(&row, hc__user_f_email, i == 0 ? "ana@example.com" : "Ana@Example.com");
        put_text(&row, hc__user_f_full_name, "Ana Agent");
        hc__record_set_int(&row, hc__user_f_role, 1);
        ck_assert_int_eq(hc__account_insert(unit, &row, id, "no hash", err), HC_OK);
    }
    return HC_OK;
}

struct source {
    hc_id ids[2];
    const char *keys[2];
};

static hc_status same_source(hc__unit *unit, void *data, hc_error *err)
{
    const struct source *source = data;

    for (int i = 0; i < 2; i++) {
        static const char hash[32] = "a hash of a row of thirty-two by";
        hc__record row;

        ck_assert_int_eq(hc__record_init(&row, &hc__import_row_entity, hc__unit_arena(unit), err), HC_OK);
        hc__record_set_id(&row, hc__import_row_f_id, source->ids[i]);
        put_text(&row, hc__import_row_f_source_system, "king-county");
        put_text(&row, hc__import_row_f_source_key, source->keys[i]);
        hc__record_set_id(&row, hc__import_row_f_property_id, source->ids[i]);
        hc__record_set_text(&row, hc__import_row_f_row_hash, hash, sizeof hash);
        hc__record_set_int(&row, hc__import_row_f_updated_at, hc__unit_now(unit));
        hc__unit_insert(unit, &row);
    }
    return HC_OK;
}

static void refused(hc__unit_fn fn, void *data, const char *field, const char *message)
{
    hc_error err = {0};

    ck_assert_int_eq(hc__enter(as, NULL), HC_OK);
    ck_assert_int_eq(hc__unit_run(as, fn, data, &err), HC_ERR_CONFLICT);
    hc__leave(as);
    ck_assert_str_eq(err.field, field);
    ck_assert_str_eq(err.message, message);
    ck_assert_int_ne(err.native, 0); /* the engine's code is for who looks for it */
}

START_TEST(a_value_that_is_taken_is_told_by_its_name)
{
    struct source source = {{{{1}}, {{2}}}, {"7129300520", "7129300520"}};

    refused(same_address, NULL, "email", "another user has this email");
    refused(same_source, &source, "source_system", "another import_row has this source_system and source_key");
    source.keys[1] = "another";
    source.ids[1] = source.ids[0];
    refused(same_source, &source, "id", "another import_row has this id");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_value_that_is_taken_is_told_by_its_name);
}

int main(void)
{
    return suite_main("unit.client.unique", fill, open_store, close_store);
}
