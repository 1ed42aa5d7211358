/* Log entries: who may append what, what is kept of it, and that it stays. */
#include <dlfcn.h>
#include <stdio.h>

#include "entries.h"

static hc_activity_page *newest(const hc_session *as, const char *filter)
{
    hc_activity_page *page = NULL;
    hc_query *query = all_of_it();

    (void)as;
    HOUSE_OK(hc_query_set_filter(query, filter, err));
    HOUSE_OK(hc_activity_list(&page, house.admin, query, err));
    ck_assert_uint_gt(hc_activity_page_count(page), 0);
    hc_query_free(query);
    return page;
}

START_TEST(an_entry_is_of_its_caller)
{
    hc_activity_page *page;
    const hc_activity *row;
    hc_id id, none = {{0}};
    hc_activity *entry =
        entry_of("view_property", &house.anas_ids[0], "{\"duration_seconds\":45, \"device\":\"mobile\"}");

    house_set_time(HOUSE_START + 1234567);
    hc_activity_set_session_id(entry, "mobile_17-b");
    HOUSE_OK(log_as(&id, house.bea, entry, err));
    page = newest(house.admin, NULL);
    row = hc_activity_page_at(page, 0);
    ck_assert_mem_eq(hc_activity_id(row).bytes, id.bytes, 16);
    ck_assert_int_eq(id.bytes[6] >> 4, 8); /* an ObjectId in a UUIDv8 */
    ck_assert_mem_eq(hc_activity_user_id(row).bytes, house.bea_id.bytes, 16);
    ck_assert_str_eq(hc_activity_action(row), "view_property");
    ck_assert_mem_eq(hc_activity_target_id(row).bytes, house.anas_ids[0].bytes, 16);
    ck_assert_str_eq(hc_activity_metadata(row), "{\"device\":\"mobile\",\"duration_seconds\":45}");
    ck_assert_str_eq(hc_activity_session_id(row), "mobile_17-b");
    ck_assert_int_eq(hc_activity_timestamp(row), HOUSE_START + 1234000);
    ck_assert_int_eq(hc_activity_event_class(row), HC_ACTIVITY_CLASS_ANALYTICS);
    ck_assert_str_eq(hc_activity_ip(row), "203.0.113.0"); /* of 203.0.113.7, where bea signed in */
    hc_activity_page_free(page);

    logged(house.guest, "Search", NULL);
    page = newest(house.admin, "user_id eq null");
    row = hc_activity_page_at(page, 0);
    ck_assert_mem_eq(hc_activity_user_id(row).bytes, none.bytes, 16);
    ck_assert_str_eq(hc_activity_session_id(row), VISIT);
    ck_assert_str_eq(hc_activity_ip(row), "203.0.113.0");
    hc_activity_page_free(page);

    house_pass(HOUSE_SECOND);
    logged(house.ana, "called the buyer", NULL);
    page = newest(house.admin, "event_class eq 'activity'");
    ck_assert_mem_eq(hc_activity_user_id(hc_activity_page_at(page, 0)).bytes, house.ana_id.bytes, 16);
    hc_activity_page_free(page);
}
END_TEST

START_TEST(guests_log_a_fixed_list_of_actions_with_their_own_session)
{
    static const char *const known[] = {"view_property", "Detailed View",
                                        "Photo Gallery", "Virtual Tour",
                                        "Favorited",     "Discard",
                                        "Maybe",         "Share",
                                        "Printed",       "Search",
                                        "Sign In",       "Submission of Lead Form",
                                        "Sign Out",      "Driving Directions"};
    hc_activity *entry;
    snapshot before;
    hc_id id;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        logged(house.guest, known[i], &house.anas_ids[0]);
    before = house_snapshot();
    HOUSE_FAILS(log_as(&id, house.guest, entry_of("detailed view", NULL, NULL), err), HC_ERR_UNAUTHENTICATED, "action");
    house_assert_audited("authz_fail", NULL);
    entry = entry_of("Search", NULL, NULL);
    HOUSE_FAILS(hc_activity_append(&id, house.guest, entry, err), HC_ERR_INVALID, "session_id");
    hc_activity_set_user_id(entry, house.bea_id);
    hc_activity_set_session_id(entry, VISIT);
    HOUSE_FAILS(hc_activity_append(&id, house.guest, entry, err), HC_ERR_FORBIDDEN, "user_id");
    hc_activity_free(entry);
    house_assert_unchanged_since(before);
}
END_TEST

/* Z09: an entry is of who acted; only an admin may log what another did. */
START_TEST(nobody_logs_in_anothers_name)
{
    hc_activity *entry = entry_of("view_property", &house.anas_ids[0], NULL);
    hc_activity_page *page;
    snapshot before = house_snapshot();
    hc_id id;

    hc_activity_set_user_id(entry, house.ben_id);
    HOUSE_FAILS(hc_activity_append(&id, house.bea, entry, err), HC_ERR_FORBIDDEN, "user_id");
    HOUSE_FAILS(hc_activity_append(&id, house.ana, entry, err), HC_ERR_FORBIDDEN, "user_id");
    house_assert_unchanged_since(before);
    house_assert_audited("input_validation_fail", house.ana);
    HOUSE_OK(hc_activity_append(&id, house.admin, entry, err));
    page = newest(house.admin, NULL);
    ck_assert_mem_eq(hc_activity_user_id(hc_activity_page_at(page, 0)).bytes, house.ben_id.bytes, 16);
    hc_activity_page_free(page);
    hc_activity_free(entry);
}
END_TEST

START_TEST(a_target_is_something_that_the_caller_may_see)
{
    hc_id id, nothing = {{7}};
    snapshot before;

    logged(house.bea, "view_property", &house.anas_ids[0]);
    logged(house.ana, "view_property", &house.anas_ids[2]); /* withdrawn, but hers */
    logged(house.bea, "looked at the agent", &house.ana_id);
    logged(house.admin, "looked for it", &nothing);
    before = house_snapshot();
    HOUSE_FAILS(log_as(&id, house.bea, entry_of("view_property", &nothing, NULL), err), HC_ERR_NOT_FOUND, "target_id");
    HOUSE_FAILS(log_as(&id, house.bea, entry_of("view_property", &house.anas_ids[2], NULL), err), HC_ERR_NOT_FOUND,
                "target_id");
    house_assert_audited("authz_fail", house.bea);
    HOUSE_FAILS(log_as(&id, house.guest, entry_of("view_property", &house.anas_ids[2], NULL), err), HC_ERR_NOT_FOUND,
                "target_id");
    HOUSE_FAILS(log_as(&id, house.ana, entry_of("looked at a buyer", &house.bea_id, NULL), err), HC_ERR_NOT_FOUND,
                "target_id");
    house_assert_unchanged_since(before);
}
END_TEST

/* ---- metadata ---- */

static const char *nested(int depth)
{
    static char text[600];
    size_t at = 0;

    for (int i = 1; i < depth; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "{\"a\":");
    at += (size_t)snprintf(text + at, sizeof text - at, "{");
    for (int i = 0; i < depth; i++)
        text[at++] = '}';
    text[at] = '\0';
    return text;
}

static char *with_keys(int count)
{
    static char text[200000];
    size_t at = 1;

    text[0] = '{';
    for (int i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s\"k%d\":1", i == 0 ? "" : ",", i);
    text[at++] = '}';
    text[at] = '\0';
    return text;
}

static char *with_bytes(size_t size)
{
    static char text[20000];

    memset(text, 'x', size);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + size - 2, "\"}", 3);
    return text;
}

/* M01: names that a document store reads as operators, paths or its own; what is too deep, too many, too much. */
START_TEST(metadata_that_a_store_would_misread_is_refused_by_name)
{
    static const struct {
        const char *metadata, *named;
    } bad[] = {
        {"{\"$where\":\"sleep(1)\"}", "$where"},
        {"{\"$set\":{\"role\":\"admin\"}}", "$set"},
        {"{\"ok\":{\"deep\":[{\"$gt\":\"\"}]}}", "$gt"},
        {"{\"a.b\":1}", "a.b"},
        {"{\".\":1}", "."},
        {"{\"\":1}", "empty"},
        {"{\"__proto__\":{\"x\":1}}", "__proto__"},
        {"{\"a\":{\"_id\":1}}", "_id"},
        {"{\"a\\u0000b\":1}", "metadata"},
        {"{\"a\":\"\\u0000\"}", "metadata"},
        {"{\"a\":1,\"a\":2}", "metadata"},
        {"[1,2]", "object"},
        {"\"text\"", "metadata"},
        {"7", "metadata"},
        {"", "metadata"},
        {"{\"a\":1e999}", "metadata"},
        {"{\"a\":\"\xff\"}", "metadata"},
    };
    snapshot before = house_snapshot();
    hc_error why;
    hc_id id;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        HOUSE_FAILS(log_as(&id, house.bea, entry_of("view_property", NULL, bad[i].metadata), err), HC_ERR_INVALID,
                    "metadata");
        ck_assert_int_lt(log_as(&id, house.bea, entry_of("view_property", NULL, bad[i].metadata), &why), 0);
        ck_assert_msg(strstr(why.message, bad[i].named) != NULL, "%s: %s", bad[i].metadata, why.message);
    }
    HOUSE_FAILS(log_as(&id, house.bea, entry_of("x", NULL, nested(9)), err), HC_ERR_INVALID, "metadata");
    HOUSE_FAILS(log_as(&id, house.bea, entry_of("x", NULL, nested(100)), err), HC_ERR_INVALID, "metadata");
    HOUSE_FAILS(log_as(&id, house.bea, entry_of("x", NULL, with_keys(65)), err), HC_ERR_INVALID, "metadata");
    HOUSE_FAILS(log_as(&id, house.bea, entry_of("x", NULL, with_keys(10000)), err), HC_ERR_INVALID, "metadata");
    HOUSE_FAILS(log_as(&id, house.bea, entry_of("x", NULL, with_bytes(16385)), err), HC_ERR_INVALID, "metadata");
    house_assert_unchanged_since(before);
    HOUSE_OK(log_as(&id, house.bea, entry_of("x", NULL, nested(8)), err));
    HOUSE_OK(log_as(&id, house.bea, entry_of("x", NULL, with_keys(64)), err));
    HOUSE_OK(log_as(&id, house.bea, entry_of("x", NULL, with_bytes(16384)), err));
    HOUSE_OK(log_as(&id, house.bea, entry_of("x", NULL, "{\"a$\":1,\"id\":2,\"proto\":{}}"), err));
}
END_TEST

START_TEST(metadata_is_kept_in_canonical_form)
{
    hc_activity_page *page;
    hc_id id;

    HOUSE_OK(log_as(
        &id, house.bea,
        entry_of("x", NULL, " { \"b\" : 1e3, \"a\" : [ 1.50, -0.0, 9223372036854775807 ], \"\\u0041\":null } "), err));
    page = newest(house.admin, NULL);
    ck_assert_str_eq(hc_activity_metadata(hc_activity_page_at(page, 0)),
                     "{\"A\":null,\"a\":[1.5,0,9223372036854775807],\"b\":1000}");
    hc_activity_page_free(page);
}
END_TEST

/* M06: by the name of a member and by how a value looks; no byte of it comes to the file. */
START_TEST(secrets_are_redacted_before_anything_is_written)
{
    static const struct {
        const char *given, *kept;
    } cases[] = {
        {"{\"password\":\"canary1\"}", "{\"password\":\"***\"}"},
        {"{\"Authorization\":\"Basic canary2\"}", "{\"Authorization\":\"***\"}"},
        {"{\"X-Api-Key\":31415,\"apiKey\":[\"canary3\"]}", "{\"X-Api-Key\":\"***\",\"apiKey\":\"***\"}"},
        {"{\"a\":{\"set-cookie\":{\"sid\":\"canary4\"}}}", "{\"a\":{\"set-cookie\":\"***\"}}"},
        {"{\"refreshToken\":\"canary5\",\"client_secret\":null}",
         "{\"client_secret\":\"***\",\"refreshToken\":\"***\"}"},
        {"{\"note\":\"got eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjYW5hcnkifQ.canary6 back\"}", "{\"note\":\"got *** back\"}"},
        {"{\"note\":\"sent bearer  canary7~+/= on\"}", "{\"note\":\"sent bearer  *** on\"}"},
        {"{\"url\":\"https://b.example/k?X-Amz-Signature=canary8&X-Amz-Expires=300\"}",
         "{\"url\":\"https://b.example/k?X-Amz-Signature=***&X-Amz-Expires=300\"}"},
        {"{\"url\":\"/reset?token=canary9#top\"}", "{\"url\":\"/reset?token=***\"}"},
        {"{\"head\":\"Cookie: sid=canary10; b=canary11\\nHost: x\"}", "{\"head\":\"Cookie: ***\\nHost: x\"}"},
        {"{\"body\":\"{\\\"password\\\": \\\"canary 12\\\", \\\"a\\\":1}\"}",
         "{\"body\":\"{\\\"password\\\": \\\"***\\\", \\\"a\\\":1}\"}"},
        {"{\"form\":\"user[password]=canary13&b=1, pwd = 'canary 14'\"}",
         "{\"form\":\"user[password]=***&b=1, pwd = '***'\"}"},
        {"{\"url\":\"https://ann:canary15@b.example/k?SIG=canary16&sv=1\"}",
         "{\"url\":\"https://***@b.example/k?SIG=***&sv=1\"}"},
        {"{\"url\":\"(redis://:canary19@b.example)\"}", "{\"url\":\"(redis://***@b.example)\"}"},
        {"{\"q\":\"%22token%22%3A%22canary17%22&design=1\"}", "{\"q\":\"%22token%22%3A***&design=1\"}"},
        {"{\"head\":[\"Authorization: Digest username=\\\"a\\\", response=\\\"canary18\\\"\",\"b\"]}",
         "{\"head\":[\"Authorization: ***\",\"b\"]}"},
        {"{\"note\":\"see https://b.example:443/a@b, mail bea@b.example\"}",
         "{\"note\":\"see https://b.example:443/a@b, mail bea@b.example\"}"},
        {"{\"note\":\"the secretary basically signs tokens\"}", "{\"note\":\"the secretary basically signs tokens\"}"},
    };
    hc_activity_page *page;
    hc_id id;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        house_pass(HOUSE_SECOND);
        HOUSE_OK(log_as(&id, house.bea, entry_of("x", NULL, cases[i].given), err));
        page = newest(house.admin, NULL);
        ck_assert_str_eq(hc_activity_metadata(hc_activity_page_at(page, 0)), cases[i].kept);
        hc_activity_page_free(page);
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs WHERE metadata LIKE '%canary%'"), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs"), sizeof cases / sizeof cases[0]);
}
END_TEST

/* M06: a name cannot be redacted without a clash, and the error does not tell it. */
START_TEST(a_secret_in_a_members_name_is_refused_untold)
{
    static const char *const given[] = {"{\"token=canary\":1}", "{\"a\":[{\"Bearer canary\":1}]}",
                                        "{\"a\":{\"$password: canary\":\"x\"}}"};
    snapshot before = house_snapshot();
    hc_id id;

    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        hc_error why = {0};

        ck_assert_int_eq(log_as(&id, house.bea, entry_of("x", NULL, given[i]), &why), HC_ERR_INVALID);
        ck_assert_str_eq(why.field, "metadata");
        ck_assert_ptr_null(strstr(why.message, "canary"));
    }
    house_assert_unchanged_since(before);
}
END_TEST

/* M02: what is no text is no text of ours either. */
START_TEST(a_session_id_is_typed_text)
{
    static const char *const bad[] = {"{\"$gt\":\"\"}",
                                      "a b",
                                      "x.y.z",
                                      "",
                                      "a\n",
                                      "\xc3\xa9",
                                      "';--",
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    static const char *const forms[] = {"{\"session_id\":{\"$gt\":\"\"}}", "{\"session_id\":[\"a\"]}",
                                        "{\"session_id\":7}", "{\"action\":{\"$ne\":null}}", "{\"target_id\":{}}"};
    static const char *const fields[] = {"session_id", "session_id", "session_id", "action", "target_id"};
    snapshot before = house_snapshot();
    hc_id id;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_activity *entry = entry_of("Search", NULL, NULL);
        hc_activity_set_session_id(entry, bad[i]);
        HOUSE_FAILS(hc_activity_append(&id, house.guest, entry, err), HC_ERR_INVALID, "session_id");
        hc_activity_free(entry);
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        hc_activity *entry = hc_activity_new(house.client);
        HOUSE_FAILS(hc_activity_from_json(entry, forms[i], strlen(forms[i]), err), HC_ERR_INVALID, fields[i]);
        ck_assert_int_lt(hc_activity_append(&id, house.bea, entry, NULL), 0);
        hc_activity_free(entry);
    }
    house_assert_unchanged_since(before);
}
END_TEST

/* M05: whatever is in an entry, it is one line; and no action breaks one. */
START_TEST(one_entry_is_one_line)
{
    static const char *const bad[] = {"a\r\nb", "\x1b[31mred", "tab\there", "nel\xc2\x85", "del\x7f"};
    hc_activity_page *page;
    hc_text *json = NULL;
    hc_id id;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        HOUSE_FAILS(log_as(&id, house.bea, entry_of(bad[i], NULL, NULL), err), HC_ERR_INVALID, "action");
    HOUSE_OK(log_as(&id, house.bea,
                    entry_of("say \"hi\"", NULL, "{\"note\":\"a\\r\\n{\\\"level\\\":\\\"fake\\\"}\\u001b[31m\"}"),
                    err));
    page = newest(house.admin, NULL);
    HOUSE_OK(hc_activity_to_json(&json, hc_activity_page_at(page, 0), err));
    for (const char *c = hc_text_data(json); *c != '\0'; c++)
        ck_assert_int_ge((unsigned char)*c, ' ');
    ck_assert_ptr_nonnull(strstr(hc_text_data(json), "{\"note\":\"a\\r\\n{\\\"level\\\":\\\"fake\\\"}\\u001b[31m\"}"));
    hc_text_free(json);
    hc_activity_page_free(page);
    /* an error tells of a member in one line, too */
    {
        hc_error why;
        ck_assert_int_eq(log_as(&id, house.bea, entry_of("x", NULL, "{\"$\\r\\nfake\":1}"), &why), HC_ERR_INVALID);
        ck_assert_ptr_null(strpbrk(why.message, "\r\n\x1b"));
    }
}
END_TEST

/* ---- units ---- */

struct ride {
    hc_id listing, entry;
    hc_status end;
};

static hc_status list_and_log(hc_session *as, void *data, hc_error *err)
{
    struct ride *ride = data;
    hc_property *home = house_sketch("A home with a log entry", 25000000);
    hc_status status = hc_property_create(&ride->listing, as, home, err);

    hc_property_free(home);
    if (status >= 0)
        status = log_as(&ride->entry, as, entry_of("listed", &ride->listing, "{\"from\":\"form\"}"), err);
    return status < 0 ? status : ride->end;
}

START_TEST(an_entry_rides_along_or_not_at_all)
{
    struct ride ride = {.end = HC_ERR_CANCELLED};
    snapshot before = house_snapshot();
    hc_error err;

    ck_assert_int_eq(hc_session_transact(house.ana, list_and_log, &ride, &err), HC_ERR_CANCELLED);
    house_assert_unchanged_since(before);
    ride.end = HC_OK;
    HOUSE_OK(hc_session_transact(house.ana, list_and_log, &ride, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs a JOIN properties p ON p.id=a.target_id WHERE "
                               "a.action='listed' AND p.title LIKE 'A home with%'"),
                     1);
}
END_TEST

static hc_status list_and_fail(hc_session *as, void *data, hc_error *err)
{
    hc_id id;
    hc_property *home = house_sketch("A home that stays out", 25000000);
    hc_status status = hc_property_create(&id, as, home, err);

    hc_property_free(home);
    ck_assert_int_eq(status, HC_OK);
    ck_assert_int_eq(log_as(&id, as, entry_of("x", NULL, "{\"$where\":1}"), err), HC_ERR_INVALID);
    status = log_as(&id, as, entry_of("x", NULL, NULL), err);
    ck_assert_int_eq(status, HC_ERR_ABORTED);
    *(hc_status *)data = status;
    return HC_OK;
}

START_TEST(a_refused_entry_dooms_the_hosts_unit)
{
    snapshot before = house_snapshot();
    hc_status seen = HC_OK;
    hc_error err;

    ck_assert_int_eq(hc_session_transact(house.ana, list_and_fail, &seen, &err), HC_ERR_INVALID);
    ck_assert_int_eq(seen, HC_ERR_ABORTED);
    house_assert_unchanged_since(before);
}
END_TEST

START_TEST(a_repeated_key_appends_once)
{
    hc_id first, again;

    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "beacon-1", err));
    HOUSE_OK(log_as(&first, house.bea, entry_of("Search", NULL, NULL), err));
    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "beacon-1", err));
    ck_assert_int_eq(log_as(&again, house.bea, entry_of("Search", NULL, NULL), NULL), HC_NOTE_REPLAYED);
    ck_assert_mem_eq(first.bytes, again.bytes, 16);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs"), 1);
}
END_TEST

/* ---- many ---- */

#define MANY 10001

START_TEST(many_are_appended_together_or_not_at_all)
{
    static hc_activity *entries[MANY];
    const hc_activity *const *given = (const hc_activity *const *)entries;
    hc_error why;
    snapshot before;

    for (int i = 0; i < MANY; i++) {
        entries[i] = entry_of(i % 3 == 0 ? "view_property" : "Photo Gallery",
                              i % 2 == 0 ? &house.anas_ids[i / 2 % 2] : NULL, "{\"n\":1}");
        hc_activity_set_session_id(entries[i], VISIT);
    }
    before = house_snapshot();
    HOUSE_FAILS(hc_activity_append_many(house.guest, given, MANY, err), HC_ERR_TOO_LARGE, "entries");
    HOUSE_FAILS(hc_activity_append_many(house.guest, NULL, 1, err), HC_ERR_MISUSE, "entries");
    HOUSE_OK(hc_activity_append_many(house.guest, NULL, 0, err));
    hc_activity_set_target_id(entries[9998], house.anas_ids[2]);
    HOUSE_FAILS(hc_activity_append_many(house.guest, given, MANY - 1, err), HC_ERR_NOT_FOUND, "target_id");
    hc_activity_set_null(entries[9998], HC_ACTIVITY_TARGET_ID);
    hc_activity_set_metadata(entries[7], "{\"$inc\":1}");
    ck_assert_int_eq(hc_activity_append_many(house.guest, given, MANY - 1, &why), HC_ERR_INVALID);
    ck_assert_str_eq(why.field, "metadata");
    ck_assert_ptr_nonnull(strstr(why.message, "entry 7"));
    ck_assert_ptr_nonnull(strstr(why.message, "$inc"));
    house_assert_unchanged_since(before);
    hc_activity_set_metadata(entries[7], "{}");
    HOUSE_OK(hc_activity_append_many(house.guest, given, MANY - 1, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs"), MANY - 1);
    ck_assert_int_eq(house_sql("SELECT count(DISTINCT id) FROM activity_logs WHERE ip='203.0.113.0'"), MANY - 1);
    for (int i = 0; i < MANY; i++)
        hc_activity_free(entries[i]);
}
END_TEST

/* Z09: there is no call that changes or removes an entry, and no other call of the noun does. */
START_TEST(nobody_changes_or_removes_an_entry)
{
    static const char *const calls[] = {"hc_activity_update", "hc_activity_delete", "hc_activity_remove",
                                        "hc_activity_edit",   "hc_activity_for",    "hc_activity_purge"};
    hc_activity *entry = entry_of("x", NULL, NULL);
    hc_id id;

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        ck_assert_msg(dlsym(RTLD_DEFAULT, calls[i]) == NULL, "%s", calls[i]);
    ck_assert_ptr_nonnull(dlsym(RTLD_DEFAULT, "hc_activity_append"));
    /* an id of its own choosing would replace another's entry on some stores */
    ck_assert_int_eq(hc_activity_from_json(entry, "{\"id\":\"00000000-0000-8000-8000-000000000001\"}", 45, NULL),
                     HC_ERR_FORBIDDEN);
    ck_assert_int_lt(hc_activity_append(&id, house.admin, entry, NULL), 0);
    hc_activity_free(entry);
}
END_TEST

START_TEST(what_is_no_entry_is_told)
{
    hc_id id = {{1}};

    HOUSE_FAILS(hc_activity_append(NULL, house.bea, NULL, err), HC_ERR_MISUSE, "out");
    ck_assert_int_eq(hc_activity_append(&id, house.bea, NULL, NULL), HC_ERR_NO_MEMORY);
    HOUSE_FAILS(log_as(&id, house.bea, hc_activity_new(house.client), err), HC_ERR_INVALID, "action");
    HOUSE_FAILS(log_as(&id, house.bea, entry_of("", NULL, NULL), err), HC_ERR_INVALID, "action");
    ck_assert_int_eq(id.bytes[0], 0);
    HOUSE_FAILS(hc_activity_append(&id, NULL, NULL, err), HC_ERR_MISUSE, "session");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_entry_is_of_its_caller);
    tcase_add_test(tcase, guests_log_a_fixed_list_of_actions_with_their_own_session);
    tcase_add_test(tcase, nobody_logs_in_anothers_name);
    tcase_add_test(tcase, a_target_is_something_that_the_caller_may_see);
    tcase_add_test(tcase, metadata_that_a_store_would_misread_is_refused_by_name);
    tcase_add_test(tcase, metadata_is_kept_in_canonical_form);
    tcase_add_test(tcase, secrets_are_redacted_before_anything_is_written);
    tcase_add_test(tcase, a_secret_in_a_members_name_is_refused_untold);
    tcase_add_test(tcase, a_session_id_is_typed_text);
    tcase_add_test(tcase, one_entry_is_one_line);
    tcase_add_test(tcase, an_entry_rides_along_or_not_at_all);
    tcase_add_test(tcase, a_refused_entry_dooms_the_hosts_unit);
    tcase_add_test(tcase, a_repeated_key_appends_once);
    tcase_add_test(tcase, many_are_appended_together_or_not_at_all);
    tcase_add_test(tcase, nobody_changes_or_removes_an_entry);
    tcase_add_test(tcase, what_is_no_entry_is_told);
}

int main(void)
{
    return suite_main("api.activity.append", fill, house_open, house_close);
}
