#include <string.h>

#include "model/effect.h"
#include "suite.h"

#define C(name) hc__chat_f_##name
#define D(name) hc__document_f_##name

static hc__mem mem;
static hc__arena arena;
static hc__buf payload;
static hc_error err;

static const hc_id key = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    hc__arena_init(&arena, &mem, NULL, 0);
    hc__buf_init(&payload, &mem);
}

static void teardown(void)
{
    hc__buf_free(&payload);
    hc__arena_free(&arena);
}

static hc__record fresh(const hc__entity *entity)
{
    hc__record record;

    ck_assert_int_eq(hc__record_init(&record, entity, &arena, &err), HC_OK);
    return record;
}

static void put_json(hc__record *row, uint16_t field, const char *json)
{
    const hc_value value = {HC_TYPE_JSON, (uint32_t)strlen(json), {.bytes = json}};

    ck_assert(hc__record_put(row, field, &value));
    row->set[field / 64] |= UINT64_C(1) << field % 64;
}

static hc__record chat(int64_t version, const char *messages, int64_t count)
{
    hc__record row = fresh(&hc__chat_entity);

    hc__record_set_id(&row, C(id), key);
    hc__record_set_text(&row, C(session_id), "s", 1);
    hc__record_set_text(&row, C(summary), "buys", 4);
    hc__record_set_int(&row, C(version), version);
    hc__record_set_int(&row, C(message_count), count);
    put_json(&row, C(messages), messages);
    ck_assert_int_eq(row.fault, HC_OK);
    return row;
}

static hc__effect effect_of(const hc__record *row, int32_t verb, int32_t version, bool set_only)
{
    hc__buf_clear(&payload);
    hc__effect_put(&payload, row, set_only ? row->set : NULL);
    ck_assert(!payload.failed);
    return (hc__effect){row->entity, key, verb, version, payload.data, payload.size};
}

static hc__effect push_of(int32_t version, const char *messages, int64_t count)
{
    hc__record row = fresh(&hc__chat_entity);

    put_json(&row, C(messages), messages);
    hc__record_set_int(&row, C(message_count), count);
    return effect_of(&row, HC__EFFECT_PUSH, version, true);
}

static void expect_messages(const hc__record *row, int64_t version, const char *messages, int64_t count)
{
    ck_assert_str_eq(hc__record_text(row, C(messages)), messages);
    ck_assert_uint_eq(row->values[C(messages)].size, strlen(messages));
    ck_assert_int_eq(hc__record_int(row, C(version)), version);
    ck_assert_int_eq(hc__record_int(row, C(message_count)), count);
}

/* A row with something in every field, at the ends of what it may hold. */
static hc__record full_row(const hc__entity *entity, bool low)
{
    static const uint8_t bytes[16] = {0, 0xff, '\n', 0x80};
    hc__record row = fresh(entity);

    for (uint16_t i = 0; i < entity->kind.field_count; i++) {
        const hc_field *field = &entity->kind.fields[i];
        hc_value value = {field->type, 0, {.integer = low ? field->min : field->max}};

        if (field->type == HC_TYPE_ENUM || field->type == HC_TYPE_BOOL)
            value.as.integer = 1;
        else if (field->type == HC_TYPE_TIME || field->type == HC_TYPE_INT64)
            value.as.integer = low ? INT64_MIN : INT64_MAX;
        else if (field->type == HC_TYPE_ID || field->type == HC_TYPE_BYTES)
            value = (hc_value){field->type, sizeof bytes, {.bytes = bytes}};
        else if ((1u << field->type & HC__TYPES_OF_BYTES) != 0)
            value = (hc_value){field->type, low ? 0 : 4, {.bytes = "[]\xC3\xA4"}};
        ck_assert(hc__record_put(&row, i, &value));
    }
    return row;
}

static bool same_value(const hc_value *a, const hc_value *b)
{
    if (a->type != b->type || a->size != b->size)
        return false;
    return (1u << a->type & HC__TYPES_OF_BYTES) != 0 ? memcmp(a->as.bytes, b->as.bytes, a->size) == 0
                                                     : a->as.integer == b->as.integer;
}

START_TEST(a_payload_gives_back_every_value_of_every_kind)
{
    for (size_t i = 0; i < hc__entity_count; i++)
        for (int low = 0; low < 2; low++) {
            hc__record row = full_row(hc__entities[i], low != 0), back = fresh(hc__entities[i]);

            hc__buf_clear(&payload);
            hc__effect_put(&payload, &row, NULL);
            ck_assert_int_eq(hc__effect_get(&back, payload.data, payload.size, &err), HC_OK);
            for (uint16_t f = 0; f < row.entity->kind.field_count; f++)
                ck_assert_msg(same_value(&row.values[f], &back.values[f]) && hc__record_is_set(&back, f), "%s.%s",
                              row.entity->kind.name, row.entity->kind.fields[f].name);
        }
}
END_TEST

START_TEST(a_payload_of_some_fields_has_no_others_and_tells_null_from_absent)
{
    hc__record row = chat(3, "[]", 0), back = fresh(&hc__chat_entity);
    uint64_t set[2] = {UINT64_C(1) << C(summary) | UINT64_C(1) << C(user_id), 0};

    hc__effect_put(&payload, &row, set);
    ck_assert_int_eq(hc__effect_get(&back, payload.data, payload.size, &err), HC_OK);
    ck_assert(hc__record_is_set(&back, C(summary)) && !hc__record_is_null(&back, C(summary)));
    ck_assert(hc__record_is_set(&back, C(user_id)) && hc__record_is_null(&back, C(user_id)));
    ck_assert(!hc__record_is_set(&back, C(messages)) && !hc__record_is_set(&back, C(id)));
}
END_TEST

static void expect_corrupt(const hc__entity *entity, const char *bytes, size_t size)
{
    char *copy = size == 0 ? NULL : malloc(size); /* its own block: a read past it is seen */
    hc__record out = fresh(entity);

    if (size > 0)
        memcpy(copy, bytes, size);
    memset(&err, 0, sizeof err);
    ck_assert_int_eq(hc__effect_get(&out, copy, size, &err), HC_ERR_CORRUPT);
    ck_assert_str_ne(err.field, "");
    free(copy);
}

#define BAD(entity, bytes) expect_corrupt(&hc__##entity##_entity, bytes, sizeof(bytes) - 1)

START_TEST(what_is_no_payload_of_the_kind_is_told_as_corrupt)
{
    hc__record row = chat(3, "[{\"content\":\"a\"}]", 1);

    BAD(chat, "");
    BAD(chat, "\x02");             /* a form of later libraries */
    BAD(chat, "\x01\x80");         /* a number that ends early */
    BAD(chat, "\x01\x0a\x09");     /* no such position */
    BAD(chat, "\x01\x03\x04\x02"); /* INT64 where an INT32 belongs */
    BAD(chat, "\x01\x05\x09\x05"
              "abc");                      /* text that ends early */
    BAD(chat, "\x01\x05\x09\x02\xC3\x28"); /* no UTF-8 */
    BAD(chat, "\x01\x05\x09\x01\x00");     /* NUL */
    BAD(chat, "\x01\x00\x01\x02"
              "ab");                                                   /* an id of two bytes */
    BAD(chat, "\x01\x04\x03\x02\x03\x03\x02");                         /* positions that go back */
    BAD(chat, "\x01\x04\x03\x02\x04\x03\x02");                         /* or stand still */
    BAD(chat, "\x01\x03\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"); /* 65 bits */
    BAD(chat, "\x01\x03\x03\xff\xff\xff\xff\xff\x01");                 /* beyond an INT32 */
    BAD(activity, "\x01\x08\x08\x00");                                 /* a word before the first */
    BAD(activity, "\x01\x08\x08\x0a");                                 /* and after the last */
    hc__effect_put(&payload, &row, NULL);
    for (size_t size = 0; size < payload.size; size++) { /* cut between two fields it is a payload of fewer */
        hc__record out = fresh(&hc__chat_entity);
        char *copy = malloc(size + 1);
        hc_status status;

        memcpy(copy, payload.data, size);
        status = hc__effect_get(&out, copy, size, &err);
        ck_assert(status == HC_OK || status == HC_ERR_CORRUPT);
        ck_assert(status == HC_ERR_CORRUPT || !hc__record_is_set(&out, C(messages)));
        free(copy);
    }
}
END_TEST

START_TEST(a_put_makes_the_row_and_takes_fields_away)
{
    hc__record row = fresh(&hc__document_entity), stored = fresh(&hc__document_entity);
    bool exists = false;
    hc__effect effect;

    put_json(&row, D(images), "[{\"url\":\"https://x.test/1\"}]");
    effect = effect_of(&row, HC__EFFECT_PUT, 1, false);
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_OK);
    ck_assert(exists);
    ck_assert_mem_eq(hc__record_id(&stored, D(id)).bytes, key.bytes, 16);
    ck_assert_int_eq(hc__record_int(&stored, D(version)), 1);
    ck_assert_str_eq(hc__record_text(&stored, D(images)), "[{\"url\":\"https://x.test/1\"}]");
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC__EFFECT_ABSORBED);
    hc__record_set_null(&row, D(images));
    hc__record_set_text(&row, D(virtual_tour_url), "https://x.test/", 15);
    effect = effect_of(&row, HC__EFFECT_PUT, 3, false);
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_OK); /* a gap is the order's business */
    ck_assert(hc__record_is_null(&stored, D(images)));
    effect.version = 2;
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC__EFFECT_ABSORBED);
    ck_assert_int_eq(hc__record_int(&stored, D(version)), 3);
}
END_TEST

START_TEST(a_set_changes_only_its_fields_of_a_row_that_is_there)
{
    hc__record row = fresh(&hc__chat_entity), stored = chat(4, "[]", 0);
    bool exists = false;
    hc__effect effect;

    memset(stored.set, 0, sizeof stored.set);
    hc__record_set_null(&row, C(summary));
    effect = effect_of(&row, HC__EFFECT_SET, 5, true);
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_ERR_NOT_FOUND);
    exists = true;
    effect.version = 6; /* what 5 brought would be missed by nobody */
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_ERR_CONFLICT);
    ck_assert_int_eq(err.detail, 4);
    effect.version = 5;
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_OK);
    ck_assert(hc__record_is_null(&stored, C(summary)));
    ck_assert_str_eq(hc__record_text(&stored, C(session_id)), "s");
    expect_messages(&stored, 5, "[]", 0);
    ck_assert_uint_eq(stored.set[0], UINT64_C(1) << C(id) | UINT64_C(1) << C(summary) | UINT64_C(1) << C(version));
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC__EFFECT_ABSORBED);
}
END_TEST

START_TEST(a_push_goes_to_the_end_and_only_onto_the_version_before)
{
    hc__record stored = chat(1, "[]", 0);
    bool exists = true;
    hc__effect effect = push_of(2, "[{\"content\":\"a\"}]", 1);

    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_OK);
    expect_messages(&stored, 2, "[{\"content\":\"a\"}]", 1);
    effect = push_of(3, "[{\"content\":\"b\"},{\"content\":\"c\"}]", 3);
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_OK);
    expect_messages(&stored, 3, "[{\"content\":\"a\"},{\"content\":\"b\"},{\"content\":\"c\"}]", 3);
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC__EFFECT_ABSORBED);
    effect.version = 5;
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_ERR_CONFLICT);
    ck_assert_int_eq(err.detail, 3);
    expect_messages(&stored, 3, "[{\"content\":\"a\"},{\"content\":\"b\"},{\"content\":\"c\"}]", 3);
    effect = push_of(4, "[]", 3);
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_OK);
    expect_messages(&stored, 4, "[{\"content\":\"a\"},{\"content\":\"b\"},{\"content\":\"c\"}]", 3);
}
END_TEST

START_TEST(a_push_counts_a_row_without_version_as_the_first)
{
    hc__record stored = chat(1, "[]", 0);
    bool exists = true;
    hc__effect effect = push_of(2, "[{\"content\":\"a\"}]", 1);

    memset(&stored.values[C(version)], 0, sizeof(hc_value));
    memset(&stored.values[C(messages)], 0, sizeof(hc_value));
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_OK);
    expect_messages(&stored, 2, "[{\"content\":\"a\"}]", 1);
}
END_TEST

START_TEST(a_stored_array_that_is_none_stays_as_it_is)
{
    hc__record stored = chat(1, "{\"content\":\"a\"}", 0);
    bool exists = true;
    hc__effect effect = push_of(2, "[{\"content\":\"b\"}]", 1);

    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_ERR_CORRUPT);
    ck_assert_str_eq(err.field, "messages");
    expect_messages(&stored, 1, "{\"content\":\"a\"}", 0);
}
END_TEST

START_TEST(an_append_is_absorbed_by_the_row_that_is_there)
{
    hc__record row = fresh(&hc__activity_entity), stored = fresh(&hc__activity_entity);
    bool exists = false;
    hc__effect effect;

    hc__record_set_text(&row, hc__activity_f_action, "view", 4);
    effect = effect_of(&row, HC__EFFECT_APPEND, 1, false);
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_OK);
    ck_assert(exists);
    ck_assert_str_eq(hc__record_text(&stored, hc__activity_f_action), "view");
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC__EFFECT_ABSORBED);
}
END_TEST

START_TEST(a_remove_needs_no_payload_and_takes_all)
{
    hc__record stored = chat(7, "[]", 0);
    bool exists = true;
    hc__effect effect = {&hc__chat_entity, key, HC__EFFECT_REMOVE, 8, NULL, 0};

    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_OK);
    ck_assert(!exists);
    ck_assert(hc__record_is_null(&stored, C(id)) && hc__record_is_null(&stored, C(messages)));
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC__EFFECT_ABSORBED);
}
END_TEST

START_TEST(a_bad_payload_leaves_the_row_as_it_was)
{
    hc__record stored = chat(1, "[]", 0);
    bool exists = true;
    hc__effect effect = {&hc__chat_entity, key, HC__EFFECT_PUT, 2, "\x01\x05\x00\x06\x07", 5};

    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_ERR_CORRUPT);
    ck_assert_str_eq(hc__record_text(&stored, C(session_id)), "s");
    expect_messages(&stored, 1, "[]", 0);
    effect.verb = 6;
    ck_assert_int_eq(hc__effect_apply(&stored, &exists, &effect, &err), HC_ERR_CORRUPT);
    ck_assert_str_eq(err.field, "verb");
}
END_TEST

START_TEST(only_document_kinds_have_effects)
{
    ck_assert_ptr_eq(hc__effect_entity_named("activity_logs", 13), &hc__activity_entity);
    ck_assert_ptr_eq(hc__effect_entity_named("property_documents", 18), &hc__document_entity);
    ck_assert_ptr_eq(hc__effect_entity_named("ai_chat_history", 15), &hc__chat_entity);
    ck_assert_ptr_null(hc__effect_entity_named("users", 5));
    ck_assert_ptr_null(hc__effect_entity_named("activity_log", 12));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_payload_gives_back_every_value_of_every_kind);
    tcase_add_test(tcase, a_payload_of_some_fields_has_no_others_and_tells_null_from_absent);
    tcase_add_test(tcase, what_is_no_payload_of_the_kind_is_told_as_corrupt);
    tcase_add_test(tcase, a_put_makes_the_row_and_takes_fields_away);
    tcase_add_test(tcase, a_set_changes_only_its_fields_of_a_row_that_is_there);
    tcase_add_test(tcase, a_push_goes_to_the_end_and_only_onto_the_version_before);
    tcase_add_test(tcase, a_push_counts_a_row_without_version_as_the_first);
    tcase_add_test(tcase, a_stored_array_that_is_none_stays_as_it_is);
    tcase_add_test(tcase, an_append_is_absorbed_by_the_row_that_is_there);
    tcase_add_test(tcase, a_remove_needs_no_payload_and_takes_all);
    tcase_add_test(tcase, a_bad_payload_leaves_the_row_as_it_was);
    tcase_add_test(tcase, only_document_kinds_have_effects);
}

int main(void)
{
    return suite_main("model.effect", fill, setup, teardown);
}
