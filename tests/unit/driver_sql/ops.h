/* One operation for each construct that the compiler knows. */
#ifndef DRIVER_SQL_OPS_H
#define DRIVER_SQL_OPS_H

#include "homeconnect/driver/storage.h"

typedef struct named_op {
    const char *name;
    hc_op op;
} named_op;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ID, STATUS, CITY, PRICE, BEDS, TITLE, LISTED_AT, OWNER, WORDS, WORDS_OPEN };

static const char *const statuses[] = {"active", "sold", NULL};
static const hc_value active_status = {HC_TYPE_ENUM, 0, {1}};

static const hc_field home_fields[] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"status", HC_TYPE_ENUM, 0, 0, 0, 0, 0, statuses, &active_status, 1, 0},
    {"city", HC_TYPE_KEY, 100, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"price", HC_TYPE_DECIMAL, 14, 2, 0, 1, 99999999999999, NULL, NULL, 1, 0},
    {"beds", HC_TYPE_INT32, 0, 0, HC_FIELD_NULLABLE, 0, 999, NULL, NULL, 1, 0},
    {"title", HC_TYPE_TEXT, 255, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"listed_at", HC_TYPE_TIME, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"owner_id", HC_TYPE_ID, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"words", HC_TYPE_TOKENS, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
    {"words_open", HC_TYPE_TOKENS, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 2, 0},
};
static const uint16_t list_fields[] = {STATUS, CITY, PRICE};
static const uint16_t title_field[] = {TITLE};
static const uint16_t covering_fields[] = {STATUS, CITY, PRICE, ID, BEDS};
static const hc_index home_indexes[] = {
    {"list", 0, 3, list_fields, 1, 0},
    {"title", HC_INDEX_UNIQUE, 1, title_field, 2, 0},
    {"seen", HC_INDEX_ARRIVAL, 1, list_fields, 3, 0},
    {"covering", 0, 5, covering_fields, 3, 0},
};
static const hc_kind homes = {"homes",
                              HC_KIND_TRANSACTIONAL,
                              0,
                              home_fields,
                              COUNT(home_fields),
                              COUNT(home_indexes),
                              home_indexes,
                              1,
                              0,
                              NULL,
                              0,
                              0};

static const hc_field owner_fields[] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"order", HC_TYPE_INT32, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
};
static const hc_kind owners = {
    "owners", HC_KIND_TRANSACTIONAL, 0, owner_fields, COUNT(owner_fields), 0, NULL, 1, 0, NULL, 0, 0};

/* ---- values ---- */

#define TEXT_OF(kind, s)                                                                                               \
    {                                                                                                                  \
        kind, sizeof(s) - 1,                                                                                           \
        {                                                                                                              \
            .bytes = (s)                                                                                               \
        }                                                                                                              \
    }
static const hc_value id_a = TEXT_OF(HC_TYPE_ID, "0123456789abcdef");
static const hc_value active = {HC_TYPE_ENUM, 0, {1}};
static const hc_value austin = TEXT_OF(HC_TYPE_KEY, "austin");
static const hc_value nothing = TEXT_OF(HC_TYPE_TEXT, "");
static const hc_value creek = TEXT_OF(HC_TYPE_TEXT, "'; DROP TABLE homes; --");
static const hc_value low = {HC_TYPE_DECIMAL, 0, {10000000}};
static const hc_value high = {HC_TYPE_DECIMAL, 0, {50000000}};
static const hc_value three = {HC_TYPE_INT32, 0, {3}};
static const hc_value lease = {HC_TYPE_NOW, 0, {30000000}};
static const hc_value five[] = {{HC_TYPE_INT32, 0, {1}},
                                {HC_TYPE_INT32, 0, {2}},
                                {HC_TYPE_INT32, 0, {3}},
                                {HC_TYPE_INT32, 0, {4}},
                                {HC_TYPE_INT32, 0, {5}}};
static const hc_value two_words[] = {TEXT_OF(HC_TYPE_TOKENS, "zqcreek"), TEXT_OF(HC_TYPE_TOKENS, "zqho*")};
static const hc_value price_bounds[] = {{HC_TYPE_DECIMAL, 0, {100}}, {HC_TYPE_DECIMAL, 0, {200}}};

/* ---- predicates ---- */

#define LEAF(what, at, value)                                                                                          \
    {                                                                                                                  \
        .test = (what), .field = (at), .values = &(value), .value_count = 1                                            \
    }
#define JOIN(what, list)                                                                                               \
    {                                                                                                                  \
        .test = (what), .children = (list), .child_count = COUNT(list)                                                 \
    }

static const hc_predicate is_id = LEAF(HC_TEST_EQ, ID, id_a);
static const hc_predicate is_active = LEAF(HC_TEST_EQ, STATUS, active);
static const hc_predicate in_austin = LEAF(HC_TEST_EQ, CITY, austin);
static const hc_predicate above = LEAF(HC_TEST_GE, PRICE, low);
static const hc_predicate below = LEAF(HC_TEST_LE, PRICE, high);
static const hc_predicate roomy = LEAF(HC_TEST_GE, BEDS, three);
static const hc_predicate beds_unknown = {.test = HC_TEST_IS_NULL, .field = BEDS};
static const hc_predicate beds_known = {.test = HC_TEST_NOT_NULL, .field = BEDS};
static const hc_predicate not_three = LEAF(HC_TEST_NE, BEDS, three);
static const hc_predicate starts = LEAF(HC_TEST_STARTS_WITH, TITLE, creek);
static const hc_predicate starts_any = LEAF(HC_TEST_STARTS_WITH, TITLE, nothing);
static const hc_predicate holds = LEAF(HC_TEST_CONTAINS, TITLE, creek);
static const hc_predicate beds_in = {.test = HC_TEST_IN, .field = BEDS, .values = five, .value_count = 5};
static const hc_predicate matches = {.test = HC_TEST_MATCH, .field = WORDS, .values = two_words, .value_count = 2};
static const hc_predicate spans = {
    .test = HC_TEST_MATCH, .field = WORDS, .inner = WORDS_OPEN, .values = two_words, .value_count = 2};
static const hc_predicate expired = LEAF(HC_TEST_LT, LISTED_AT, lease);
static const hc_predicate always = {.test = HC_TEST_TRUE};
static const hc_predicate never = {.test = HC_TEST_FALSE};

static const hc_predicate *const list_parts[] = {&is_active, &in_austin, &above, &below};
static const hc_predicate in_list = JOIN(HC_TEST_AND, list_parts);
static const hc_predicate city_unknown = {.test = HC_TEST_IS_NULL, .field = CITY};
static const hc_predicate *const unplaced_parts[] = {&is_active, &city_unknown};
static const hc_predicate unplaced = JOIN(HC_TEST_AND, unplaced_parts);
static const hc_predicate *const unknown_parts[] = {&is_active, &city_unknown, &beds_unknown};
static const hc_predicate unknown = JOIN(HC_TEST_AND, unknown_parts);
static const hc_predicate *const null_parts[] = {&not_three, &beds_unknown};
static const hc_predicate not_three_or_null = JOIN(HC_TEST_OR, null_parts);
static const hc_predicate *const mixed_parts[] = {&in_austin, &not_three_or_null, &always};
static const hc_predicate mixed = JOIN(HC_TEST_AND, mixed_parts);
static const hc_predicate none_of = {.test = HC_TEST_OR};

static const hc_predicate first_owner = LEAF(HC_TEST_EQ, 1, three);
static const hc_predicate *const first_owner_part[] = {&first_owner};
static const hc_predicate owned = {.test = HC_TEST_EXISTS,
                                   .field = OWNER,
                                   .inner = 0,
                                   .children = first_owner_part,
                                   .child_count = 1,
                                   .kind = &owners};
static const hc_predicate any_owner = {
    .test = HC_TEST_EXISTS, .inner = HC_NO_FIELD, .children = first_owner_part, .child_count = 1, .kind = &owners};
static const hc_predicate *const named_parts[] = {&first_owner, &is_id};
static const hc_predicate named = JOIN(HC_TEST_AND, named_parts);
static const hc_predicate *const named_part[] = {&named}, *const id_part[] = {&is_id};
static const hc_predicate an_owner = {
    .test = HC_TEST_EXISTS, .inner = HC_NO_FIELD, .children = named_part, .child_count = 1, .kind = &owners};
static const hc_predicate a_home = {
    .test = HC_TEST_EXISTS, .inner = HC_NO_FIELD, .children = id_part, .child_count = 1, .kind = &homes};
static const hc_predicate *const gated_parts[] = {&an_owner, &is_active, &any_owner, &a_home};
static const hc_predicate gated = JOIN(HC_TEST_AND, gated_parts);
static const hc_predicate *const owned_part[] = {&owned};
static const hc_predicate same_owner = {
    .test = HC_TEST_EXISTS, .field = OWNER, .inner = OWNER, .children = owned_part, .child_count = 1, .kind = &homes};
static const hc_predicate *const owned_list_parts[] = {&is_active, &owned, &roomy};
static const hc_predicate owned_list = JOIN(HC_TEST_AND, owned_list_parts);
static const hc_predicate *const found_parts[] = {&matches, &is_active};
static const hc_predicate found = JOIN(HC_TEST_AND, found_parts);
static const hc_predicate *const either_parts[] = {&spans, &in_austin};
static const hc_predicate spans_or_austin = JOIN(HC_TEST_OR, either_parts);

/* ---- the rest ---- */

static const uint16_t id_only[] = {ID};
static const uint16_t found_words[] = {ID, WORDS, WORDS_OPEN};
static const uint16_t few[] = {ID, TITLE, PRICE};
static const hc_order by_price[] = {{PRICE, HC_ORDER_NOT_NULL}, {ID, 0}};
static const hc_order by_price_down[] = {{PRICE, HC_ORDER_DESCENDING}, {ID, HC_ORDER_DESCENDING}};
static const hc_order by_beds[] = {{BEDS, 0}, {ID, 0}};
static const hc_order by_beds_down[] = {{BEDS, HC_ORDER_DESCENDING}, {ID, HC_ORDER_DESCENDING}};
static const hc_order by_beds_price[] = {{BEDS, 0}, {PRICE, HC_ORDER_DESCENDING}, {ID, HC_ORDER_DESCENDING}};
static const hc_order by_mixed[] = {{PRICE, 0}, {TITLE, HC_ORDER_DESCENDING}, {ID, 0}};
static const hc_order newest[] = {{HC_ORDER_ARRIVAL, HC_ORDER_DESCENDING}};
static const hc_value at_price[] = {{HC_TYPE_DECIMAL, 0, {20000000}}, TEXT_OF(HC_TYPE_ID, "0123456789abcdef")};
static const hc_value at_beds[] = {{HC_TYPE_INT32, 0, {3}}, TEXT_OF(HC_TYPE_ID, "0123456789abcdef")};
static const hc_value at_null[] = {{HC_TYPE_NULL, 0, {0}}, TEXT_OF(HC_TYPE_ID, "0123456789abcdef")};
static const hc_value at_null_price[] = {
    {HC_TYPE_NULL, 0, {0}}, {HC_TYPE_DECIMAL, 0, {20000000}}, TEXT_OF(HC_TYPE_ID, "0123456789abcdef")};
static const hc_value at_mixed[] = {
    {HC_TYPE_DECIMAL, 0, {20000000}}, TEXT_OF(HC_TYPE_TEXT, "x"), TEXT_OF(HC_TYPE_ID, "0123456789abcdef")};

static const hc_set insert_sets[] = {{ID, HC_SET_TO, 0, TEXT_OF(HC_TYPE_ID, "0123456789abcdef")},
                                     {TITLE, HC_SET_TO, 0, TEXT_OF(HC_TYPE_TEXT, "'); DROP TABLE homes; --")},
                                     {WORDS, HC_SET_TO, 0, TEXT_OF(HC_TYPE_TOKENS, "zqa")},
                                     {BEDS, HC_SET_TO, 0, {HC_TYPE_NULL, 0, {0}}},
                                     {OWNER, HC_SET_TO, 0, TEXT_OF(HC_TYPE_ID, "fedcba9876543210")},
                                     {LISTED_AT, HC_SET_TO, 0, {HC_TYPE_NOW, 0, {0}}}};
static const hc_set update_sets[] = {{PRICE, HC_SET_TO, 0, {HC_TYPE_DECIMAL, 0, {5}}},
                                     {BEDS, HC_SET_ADD, 0, {HC_TYPE_INT32, 0, {1}}}};
static const hc_set hold_sets[] = {{BEDS, HC_SET_ADD, 0, {HC_TYPE_INT32, 0, {0}}}};
static const hc_set words_sets[] = {{WORDS, HC_SET_TO, 0, TEXT_OF(HC_TYPE_TOKENS, "zqa")}};

static const hc_group by_status = {STATUS, HC_GROUP_VALUE, 0, NULL};
static const hc_group by_day = {LISTED_AT, HC_GROUP_DAY, 0, NULL};
static const hc_group by_bounds = {PRICE, HC_GROUP_BOUNDS, 2, price_bounds};

#define BY(hint, list, ...)                                                                                            \
    {                                                                                                                  \
        .verb = HC_VERB_QUERY, .expect = HC_EXPECT_ANY, .kind = &homes, .fields = (list), .field_count = COUNT(list),  \
        .index = (hint), __VA_ARGS__                                                                                   \
    }
#define QUERY(...)  BY(HC_INDEX_ANY, id_only, __VA_ARGS__)
#define LISTED(...) BY(0, id_only, __VA_ARGS__)
#define WHERE(p)    QUERY(.where = &(p))
#define ORDER(o)    .order = (o), .order_count = COUNT(o)
#define OTHER(v, ...)                                                                                                  \
    {                                                                                                                  \
        .verb = (v), .expect = -1, .kind = &homes, .index = HC_INDEX_ANY, __VA_ARGS__                                  \
    }
#define SETS(s) .sets = (s), .set_count = COUNT(s)

static const named_op named_ops[] = {
    {"get", BY(HC_INDEX_ANY, few, .where = &is_id, .limit = 1)},
    {"get by the key's index", BY(HC_INDEX_ID, id_only, .where = &is_id)},
    {"no conditions", QUERY(.limit = 0)},
    {"not equal", WHERE(not_three)},
    {"not equal, or null", WHERE(not_three_or_null)},
    {"not null", WHERE(beds_known)},
    {"and, or, true", WHERE(mixed)},
    {"false", WHERE(never)},
    {"none of nothing", WHERE(none_of)},
    {"starts with", WHERE(starts)},
    {"starts with nothing", WHERE(starts_any)},
    {"contains", WHERE(holds)},
    {"in five, padded", WHERE(beds_in)},
    {"match", WHERE(matches)},
    {"match in several fields", WHERE(spans)},
    {"match in several fields, or not", WHERE(spans_or_austin)},
    {"before the store's clock", WHERE(expired)},
    {"exists by a field", WHERE(owned)},
    {"exists at all", WHERE(any_owner)},
    {"exists in the same kind, twice", WHERE(same_owner)},
    {"rows named by their ids exist", LISTED(.where = &gated, .filter = &an_owner, ORDER(by_price), .limit = 20)},
    {"rows named by their ids exist, newest first", QUERY(.where = &gated, ORDER(newest), .limit = 5)},
    {"rows named by their ids exist, bounded",
     LISTED(.where = &gated, .filter = &roomy, ORDER(by_price), .limit = 20, .scan_limit = 50)},
    {"list", LISTED(.where = &in_list, .filter = &roomy, ORDER(by_price), .limit = 20)},
    {"list, next page", LISTED(.where = &in_list, ORDER(by_price), .seek = at_price, .limit = 20)},
    {"list down, next page", QUERY(.where = &in_list, ORDER(by_price_down), .seek = at_price, .limit = 20)},
    {"nulls last", QUERY(ORDER(by_beds))},
    {"nulls last, down", QUERY(ORDER(by_beds_down))},
    {"after a value that may be followed by null", QUERY(ORDER(by_beds), .seek = at_beds)},
    {"after null", QUERY(ORDER(by_beds), .seek = at_null)},
    {"after null and a price", QUERY(ORDER(by_beds_price), .seek = at_null_price)},
    {"mixed directions", QUERY(ORDER(by_mixed), .seek = at_mixed)},
    {"newest first", QUERY(ORDER(newest), .limit = 5)},
    {"newest matches", QUERY(.where = &found, ORDER(newest), .limit = 5)},
    {"newest matches, bounded", QUERY(.where = &found, .filter = &roomy, ORDER(newest), .limit = 5, .scan_limit = 9)},
    {"newest matches, where their words stand",
     BY(2, found_words, .where = &spans, .filter = &is_active, ORDER(newest), .limit = 5, .scan_limit = 9)},
    {"bounded scan", LISTED(.where = &in_list, .filter = &roomy, ORDER(by_price), .limit = 20, .scan_limit = 50)},
    {"bounded scan, next page",
     LISTED(.where = &in_list, .filter = &roomy, ORDER(by_price), .seek = at_price, .scan_limit = 50)},
    {"bounded scan of the owned", LISTED(.where = &owned_list, ORDER(by_price), .scan_limit = 50)},
    {"bounded scan without an index", QUERY(.where = &in_list, .filter = &roomy, ORDER(by_price), .scan_limit = 50)},
    {"bounded scan of nulls, by the index", LISTED(.where = &unplaced, ORDER(by_price_down), .scan_limit = 50)},
    {"bounded scan of nulls before and behind the id, by the index",
     BY(3, id_only, .where = &unknown, ORDER(by_price_down), .scan_limit = 50)},
    {"count", OTHER(HC_VERB_COUNT, .where = &in_list, .filter = &roomy)},
    {"count, capped", OTHER(HC_VERB_COUNT, .where = &in_list, .limit = 10001)},
    {"group by value", OTHER(HC_VERB_GROUP, .where = &in_austin, .filter = &roomy, .group = &by_status)},
    {"group by day", OTHER(HC_VERB_GROUP, .group = &by_day)},
    {"group by bounds", OTHER(HC_VERB_GROUP, .group = &by_bounds)},
    {"group, bounded",
     OTHER(HC_VERB_GROUP, .where = &in_austin, .filter = &roomy, .group = &by_status, .scan_limit = 9)},
    {"insert", OTHER(HC_VERB_INSERT, SETS(insert_sets))},
    {"insert when", OTHER(HC_VERB_INSERT, SETS(insert_sets), .where = &any_owner)},
    {"insert when its owner is there", OTHER(HC_VERB_INSERT, SETS(insert_sets), .where = &owned)},
    {"insert if absent", OTHER(HC_VERB_INSERT_IF_ABSENT, SETS(insert_sets))},
    {"update", OTHER(HC_VERB_UPDATE_WHERE, SETS(update_sets), .where = &is_id)},
    {"hold", OTHER(HC_VERB_UPDATE_WHERE, SETS(hold_sets), .where = &is_id)},
    {"update of words", OTHER(HC_VERB_UPDATE_WHERE, SETS(words_sets), .where = &owned)},
    {"remove", OTHER(HC_VERB_REMOVE_WHERE, .where = &expired)},
};
static const size_t named_op_count = COUNT(named_ops);

#endif
