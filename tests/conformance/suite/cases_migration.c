/* Schemas: version by version, once, all or nothing. */
#include "harness.h"

static const hc_value nine = {HC_TYPE_INT32, 0, {9}};
static const hc_field note_fields[] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 2, 0},
    {"body", HC_TYPE_TEXT, 100, 0, 0, 0, 0, NULL, NULL, 2, 0},
    {"level", HC_TYPE_INT32, 0, 0, 0, 0, 0, NULL, &nine, 3, 0},
    {"words", HC_TYPE_TOKENS, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 3, 0},
    {"words_open", HC_TYPE_TOKENS, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 4, 0},
};
static const uint16_t on_body[] = {1};
static const uint16_t on_level[] = {2};
static const hc_index note_indexes[] = {{"by_body", HC_INDEX_UNIQUE, 1, on_body, 2, 0},
                                        {"by_level", 0, 1, on_level, 3, 0}};
static const hc_kind notes = {
    "conf_notes", HC_KIND_TRANSACTIONAL, 0, note_fields, 5, 2, note_indexes, 2, 0, NULL, 0, 0};
static const hc_kind young_notes = {
    "conf_notes", HC_KIND_TRANSACTIONAL, 0, note_fields, 2, 1, note_indexes, 2, 0, NULL, 0, 0};
static const hc_step second_steps[] = {{HC_STEP_CREATE_KIND, 0, &notes}};
static const hc_step third_steps[] = {
    {HC_STEP_ADD_FIELD, 2, &notes}, {HC_STEP_CREATE_INDEX, 1, &notes}, {HC_STEP_ADD_FIELD, 3, &notes}};
static const hc_step fourth_steps[] = {{HC_STEP_ADD_FIELD, 4, &notes}, {HC_STEP_DROP_INDEX, 0, &notes}};
static const hc_step broken_steps[] = {{HC_STEP_ADD_FIELD, 2, &notes}, {HC_STEP_CREATE_KIND, 0, &owners}};

static hc_op insert_note(test *t, uint32_t n, const char *body)
{
    hc_op op = insert_owner(t, n, body, 0, false);

    op.kind = &notes;
    op.set_count = 2;
    return op;
}

/* As a library of version 2 would. */
static hc_op insert_young(test *t, uint32_t n, const char *body)
{
    hc_op op = insert_note(t, n, body);

    op.kind = &young_notes;
    return op;
}

static const hc_kind grown_notes = {
    "conf_notes", HC_KIND_TRANSACTIONAL, 0, note_fields, 4, 2, note_indexes, 2, 0, NULL, 0, 0};

static hc_status migrate_to(test *t, int i, size_t count)
{
    hc_migration list[4] = {first_migration, {2, 1, second_steps}, {3, 3, third_steps}, {4, 2, fourth_steps}};

    return t->driver->migrate(t->connections[i], list, count, 0, &t->err);
}

static int64_t notes_where(test *t, const hc_predicate *where)
{
    return run_one(t, count_of(&notes, where)) < 0 ? -1 : t->batch.ops[0].result->count;
}

static void migrations_change_the_schema_step_by_step(test *t)
{
    const hc_predicate *found;
    int32_t version = 0;
    hc_op op;

    CHECK_OK(migrate_to(t, 0, 2));
    CHECK_OK(run_one(t, insert_young(t, 1, "one")));
    CHECK(run_one(t, insert_young(t, 2, "one")) == HC_ERR_CONFLICT);
    CHECK_OK(migrate_to(t, 0, 3));
    CHECK_OK(t->driver->schema(t->connections[0], &version, &t->err));
    CHECK(version == 3);
    CHECK(notes_where(t, leaf(t, HC_TEST_EQ, 2, number(HC_TYPE_INT32, 9))) == 1);
    op = update(&grown_notes, NULL, 1);
    set(t, &op, 3, text(HC_TYPE_TOKENS, "zqkept zqalone"));
    CHECK_OK(run_one(t, op));
    found = leaf(t, HC_TEST_MATCH, 3, text(HC_TYPE_TOKENS, "zqkept"));
    op = update(&grown_notes, both(t, found, leaf(t, HC_TEST_MATCH, 3, text(HC_TYPE_TOKENS, "zqal*"))), 1);
    set(t, &op, 2, number(HC_TYPE_INT32, 10));
    CHECK_OK(run_one(t, op)); /* the only words of the kind */
    CHECK_OK(migrate_to(t, 0, 4));
    CHECK_OK(run_one(t, insert_note(t, 2, "one"))); /* its unique index was dropped */
    CHECK(notes_where(t, found) == 1);
    op = update(&notes, found, 1);
    set(t, &op, 4, text(HC_TYPE_TOKENS, "zqmore"));
    CHECK_OK(run_one(t, op));
    CHECK(notes_where(t, leaf(t, HC_TEST_MATCH, 4, text(HC_TYPE_TOKENS, "zqmore"))) == 1);
    CHECK(notes_where(t, leaf(t, HC_TEST_EQ, 2, number(HC_TYPE_INT32, 10))) == 1);
}

static void migrating_again_changes_nothing(test *t)
{
    int32_t version = 0;

    CHECK_OK(run_one(t, insert_item(t, 1)));
    CHECK_OK(migrate_to(t, 0, 1));
    CHECK_OK(migrate_to(t, 0, 4));
    CHECK_OK(migrate_to(t, 0, 4));
    CHECK(count_items(t, NULL) == 1);
    CHECK(migrate_to(t, 0, 3) == HC_ERR_SCHEMA); /* the store is newer */
    CHECK_OK(t->driver->schema(t->connections[0], &version, &t->err));
    CHECK(version == 4);
}

static void two_connections_migrate_one_store(test *t)
{
    CHECK_OK(reconnect(t, 1));
    CHECK_OK(migrate_to(t, 0, 2));
    CHECK_OK(migrate_to(t, 1, 4));
    CHECK_OK(migrate_to(t, 0, 4));
    CHECK_OK(run_one(t, insert_note(t, 1, "one")));
    CHECK(notes_where(t, leaf(t, HC_TEST_EQ, 2, number(HC_TYPE_INT32, 9))) == 1);
}

static void a_migration_is_all_or_nothing(test *t)
{
    hc_migration list[3] = {
        first_migration, {2, 1, second_steps}, {3, 2, broken_steps}}; /* the kind is there already */
    int32_t version = 0;

    CHECK(t->driver->migrate(t->connections[0], list, 3, 0, &t->err) < 0);
    CHECK_OK(t->driver->schema(t->connections[0], &version, &t->err));
    CHECK(version == 2);
    CHECK_OK(run_one(t, insert_young(t, 1, "one")));
    CHECK_OK(migrate_to(t, 0, 4));
    CHECK(notes_where(t, leaf(t, HC_TEST_EQ, 2, number(HC_TYPE_INT32, 9))) == 1);
}

static void another_history_is_refused(test *t)
{
    hc_migration list[1] = {{1, 1, second_steps}};

    CHECK(t->driver->migrate(t->connections[0], list, 1, 0, &t->err) == HC_ERR_SCHEMA);
    CHECK(count_items(t, NULL) == 0);
}

const test_case migration_cases[] = {
    {"migrations_change_the_schema_step_by_step", migrations_change_the_schema_step_by_step, PLAIN},
    {"migrating_again_changes_nothing", migrating_again_changes_nothing, PLAIN},
    {"two_connections_migrate_one_store", two_connections_migrate_one_store, ON_SEVERAL},
    {"a_migration_is_all_or_nothing", a_migration_is_all_or_nothing, PLAIN},
    {"another_history_is_refused", another_history_is_refused, PLAIN},
    {NULL, NULL, PLAIN},
};
