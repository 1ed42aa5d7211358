#include "harness.h"

static const char *const states[] = {"draft", "open", "closed", NULL};
static const hc_value first_state = {HC_TYPE_ENUM, 0, {DRAFT}};
static const hc_value zero = {HC_TYPE_INT32, 0, {0}};

#define NULLABLE HC_FIELD_NULLABLE

static const hc_field item_fields[ITEM_FIELDS] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"flag", HC_TYPE_BOOL, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"small", HC_TYPE_INT32, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"big", HC_TYPE_INT64, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"amount", HC_TYPE_DECIMAL, 14, 2, NULLABLE, -99999999999999, 99999999999999, NULL, NULL, 1, 0},
    {"at", HC_TYPE_TIME, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"day", HC_TYPE_DATE, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"state", HC_TYPE_ENUM, 0, 0, 0, 0, 0, states, &first_state, 1, 0},
    {"title", HC_TYPE_TEXT, 20000, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"code", HC_TYPE_KEY, 200, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"hash", HC_TYPE_BYTES, 32, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"extra", HC_TYPE_JSON, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"words", HC_TYPE_TOKENS, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"words_open", HC_TYPE_TOKENS, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"owner_id", HC_TYPE_ID, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"order", HC_TYPE_INT32, 0, 0, 0, -1000000, 1000000, NULL, &zero, 1, 0}, /* a word of SQL */
    {"source", HC_TYPE_KEY, 40, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"source_no", HC_TYPE_INT32, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"words_far", HC_TYPE_TOKENS, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
};

static const hc_field paper_fields[ITEM_FIELDS] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"flag", HC_TYPE_BOOL, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"small", HC_TYPE_INT32, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"big", HC_TYPE_INT64, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"amount", HC_TYPE_DECIMAL, 14, 2, NULLABLE, -99999999999999, 99999999999999, NULL, NULL, 1, 0},
    {"at", HC_TYPE_TIME, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"day", HC_TYPE_DATE, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"state", HC_TYPE_ENUM, 0, 0, 0, 0, 0, states, &first_state, 1, 0},
    {"title", HC_TYPE_TEXT, 20000, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"code", HC_TYPE_KEY, 200, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"hash", HC_TYPE_BYTES, 32, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"extra", HC_TYPE_JSON, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"words", HC_TYPE_TEXT, 200, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"words_open", HC_TYPE_TEXT, 200, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"owner_id", HC_TYPE_ID, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"order", HC_TYPE_INT32, 0, 0, 0, -1000000, 1000000, NULL, &zero, 1, 0}, /* a word of SQL */
    {"source", HC_TYPE_KEY, 40, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"source_no", HC_TYPE_INT32, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"words_far", HC_TYPE_TEXT, 200, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
};

static const uint16_t state_amount[] = {ITEM_STATE, ITEM_AMOUNT};
static const uint16_t rank_only[] = {ITEM_RANK};
static const uint16_t source_key[] = {ITEM_SOURCE, ITEM_SOURCE_NO};
static const uint16_t source_only[] = {ITEM_SOURCE}; /* of documents a key that may be null is unique by itself alone */
static const uint16_t at_only[] = {ITEM_AT};

static const hc_index item_indexes[] = {
    {"by_state_amount", 0, 2, state_amount, 1, 0},        {"by_rank", 0, 1, rank_only, 1, 0},
    {"by_source", HC_INDEX_UNIQUE, 2, source_key, 1, 0},  {"by_at", 0, 1, at_only, 1, 0},
    {"by_arrival", HC_INDEX_ARRIVAL, 1, rank_only, 1, 0},
};

static const hc_index paper_indexes[] = {
    {"by_state_amount", 0, 2, state_amount, 1, 0},
    {"by_rank", 0, 1, rank_only, 1, 0},
    {"by_source", HC_INDEX_UNIQUE, 1, source_only, 1, 0},
    {"by_at", 0, 1, at_only, 1, 0},
};

static const hc_field owner_fields[OWNER_FIELDS] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"name", HC_TYPE_TEXT, 50, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"level", HC_TYPE_INT32, 0, 0, NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"active", HC_TYPE_BOOL, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
};

const hc_kind items = {
    "conf_items", HC_KIND_TRANSACTIONAL, 0, item_fields, ITEM_FIELDS, 5, item_indexes, 1, 0, NULL, 0, 0};
const hc_kind papers = {
    "conf_papers", HC_KIND_DOCUMENT, 0, paper_fields, ITEM_FIELDS, 4, paper_indexes, 1, 0, NULL, 0, 0};
const hc_kind owners = {"conf_owners", HC_KIND_TRANSACTIONAL, 0, owner_fields, OWNER_FIELDS, 0, NULL, 1, 0, NULL, 0, 0};

static const hc_step first_steps[] = {
    {HC_STEP_CREATE_KIND, 0, &items}, {HC_STEP_CREATE_KIND, 0, &owners}, {HC_STEP_CREATE_KIND, 0, &papers}};
static const hc_step document_steps[] = {{HC_STEP_CREATE_KIND, 0, &papers}};
const hc_migration first_migration = {1, 3, first_steps};
const hc_migration document_migration = {1, 1, document_steps};
