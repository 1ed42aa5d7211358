/* The field tables as kinds for the drivers and as rules for the core. */
#include "model/entity.h"
#include <string.h>

/* ---- words of enums: the code is 1 + the position; append only ---- */

/* clang-format off */
static const char *const words_role[] = {"buyer", "agent", "admin", NULL};
static const char *const words_user_status[] = {"active", "disabled", NULL};
static const char *const words_property_type[] = {"house", "apartment", "condo", "land", NULL};
static const char *const words_status[] = {"active", "pending", "sold", NULL};
static const char *const words_standard_status[] = {
    "Active", "Active Under Contract", "Canceled", "Closed", "Coming Soon", "Delete", "Expired", "Hold", "Incomplete",
    "Pending", "Withdrawn", NULL};
static const char *const words_property_subtype[] = {
    "Agriculture", "Apartment", "Boat Slip", "Business", "Cabin", "Condominium", "Deeded Parking",
    "Duplex", "Farm", "Hotel/Motel", "Industrial", "Manufactured Home", "Manufactured On Land", "Mixed Use",
    "Mobile Home", "Multi Family", "Office", "Own Your Own", "Quadruplex", "Ranch", "Retail", "Single Family Residence",
    "Stock Cooperative", "Timeshare", "Townhouse", "Triplex", "Unimproved Land", "Warehouse", NULL};
static const char *const words_change[] = {"created", "updated", "deleted", "restored", "purged", NULL};
/* clang-format on */

/* ---- columns of a table line, by token ---- */

/* Numbers have their range in the kind, so that drivers check it too; texts have theirs in the core. */
#define FIELD_ID(d, scale_, lo, hi)     .type = HC_TYPE_ID
#define FIELD_BOOL(d, scale_, lo, hi)   .type = HC_TYPE_BOOL
#define FIELD_INT(d, scale_, lo, hi)    .type = HC_TYPE_INT32, .min = (lo), .max = (hi)
#define FIELD_BIGINT(d, scale_, lo, hi) .type = HC_TYPE_INT64, .min = (lo), .max = (hi)
#define FIELD_DECIMAL(d, scale_, lo, hi)                                                                               \
    .type = HC_TYPE_DECIMAL, .length = (d), .scale = (scale_), .min = (lo), .max = (hi)
#define FIELD_TIME(d, scale_, lo, hi)   .type = HC_TYPE_TIME
#define FIELD_DATE(d, scale_, lo, hi)   .type = HC_TYPE_DATE
#define FIELD_ENUM(d, scale_, lo, hi)   .type = HC_TYPE_ENUM, .words = words_##d
#define FIELD_TEXT(d, scale_, lo, hi)   .type = HC_TYPE_TEXT, .length = (d)
#define FIELD_CODE(d, scale_, lo, hi)   .type = HC_TYPE_TEXT, .length = (d)
#define FIELD_KEY(d, scale_, lo, hi)    .type = HC_TYPE_KEY, .length = (d)
#define FIELD_BYTES(d, scale_, lo, hi)  .type = HC_TYPE_BYTES, .length = (d)
#define FIELD_JSON(d, scale_, lo, hi)   .type = HC_TYPE_JSON
#define FIELD_TOKENS(d, scale_, lo, hi) .type = HC_TYPE_TOKENS

#define SIZE_ID(lo, hi)      .code = false
#define SIZE_BOOL(lo, hi)    .code = false
#define SIZE_INT(lo, hi)     .code = false
#define SIZE_BIGINT(lo, hi)  .code = false
#define SIZE_DECIMAL(lo, hi) .code = false
#define SIZE_TIME(lo, hi)    .code = false
#define SIZE_DATE(lo, hi)    .code = false
#define SIZE_ENUM(lo, hi)    .code = false
#define SIZE_TEXT(lo, hi)    .code = false, .least = (lo), .most = (hi)
#define SIZE_CODE(lo, hi)    .code = true, .least = (lo), .most = (hi)
#define SIZE_KEY(lo, hi)     .code = false, .least = (lo), .most = (hi)
#define SIZE_BYTES(lo, hi)   .code = false, .least = (lo), .most = (hi)
#define SIZE_JSON(lo, hi)    .code = false, .least = (lo), .most = (hi)
#define SIZE_TOKENS(lo, hi)  .code = false

/* clang-format off */
#define NUMBER(type_, n) &(const hc_value){type_, 0, {.integer = (n)}}
#define STAMP            &(const hc_value){HC_TYPE_NOW, 0, {.integer = 0}}
#define USD              &(const hc_value){HC_TYPE_TEXT, 3, {.bytes = "USD"}}
/* clang-format on */
#define VALUE_TYPE_INT      HC_TYPE_INT32
#define VALUE_TYPE_BOOL     HC_TYPE_BOOL
#define VALUE_TYPE_DECIMAL  HC_TYPE_DECIMAL
#define VALUE_TYPE_ENUM     HC_TYPE_ENUM
#define NULL_REQUIRED(t)    .flags = 0
#define NULL_STAMPED(t)     .flags = 0
#define NULL_NULLABLE(t)    .flags = HC_FIELD_NULLABLE
#define NULL_NULLABLE_1(t)  .flags = HC_FIELD_NULLABLE, .initial = NUMBER(VALUE_TYPE_##t, 1)
#define NULL_DEFAULT_0(t)   .flags = 0, .initial = NUMBER(VALUE_TYPE_##t, 0)
#define NULL_DEFAULT_1(t)   .flags = 0, .initial = NUMBER(VALUE_TYPE_##t, 1)
#define NULL_DEFAULT_USD(t) .flags = 0, .initial = USD
#define NULL_DEFAULT_NOW(t) .flags = 0, .initial = STAMP

enum null_token {
    TOKEN_REQUIRED,
    TOKEN_STAMPED,
    TOKEN_NULLABLE,
    TOKEN_NULLABLE_1,
    TOKEN_DEFAULT_0,
    TOKEN_DEFAULT_1,
    TOKEN_DEFAULT_USD,
    TOKEN_DEFAULT_NOW
};

#define WRITER_OWNER   HC__BY_OWNER
#define WRITER_ADMIN   HC__BY_ADMIN
#define WRITER_LIBRARY HC__BY_LIBRARY
#define WRITER_DERIVED HC__DERIVED

/* `norm_` names a field only where the use compares in one; elsewhere it is dropped unread. */
#define USE_NO_USE(norm_)           .use = HC__NO_USE, .sort = false, .norm = HC_NO_FIELD
#define USE_SORT(norm_)             .use = HC__NO_USE, .sort = true, .norm = HC_NO_FIELD
#define USE_FILTER_NUMBER(norm_)    .use = HC__FILTER_NUMBER, .sort = false, .norm = HC_NO_FIELD
#define USE_FILTER_SORT(norm_)      .use = HC__FILTER_NUMBER, .sort = true, .norm = HC_NO_FIELD
#define USE_FILTER_ENUM(norm_)      .use = HC__FILTER_ENUM, .sort = false, .norm = HC_NO_FIELD
#define USE_FILTER_TEXT(norm_)      .use = HC__FILTER_TEXT, .sort = false, .norm = norm_
#define USE_FILTER_CODE(norm_)      .use = HC__FILTER_TEXT, .sort = false, .norm = HC_NO_FIELD
#define USE_FILTER_LONG(norm_)      .use = HC__FILTER_LONG, .sort = false, .norm = norm_
#define USE_FILTER_TIME(norm_)      .use = HC__FILTER_TIME, .sort = false, .norm = HC_NO_FIELD
#define USE_FILTER_TIME_SORT(norm_) .use = HC__FILTER_TIME, .sort = true, .norm = HC_NO_FIELD
#define USE_FILTER_ID(norm_)        .use = HC__FILTER_ID, .sort = false, .norm = HC_NO_FIELD
#define USE_FILTER_BOOL(norm_)      .use = HC__FILTER_BOOL, .sort = false, .norm = HC_NO_FIELD

#define FIELD(name_, type_, d, scale_, lo, hi, null_, since_)                                                          \
    {.name = #name_, FIELD_##type_(d, scale_, lo, hi), NULL_##null_(type_), .since = since_},
#define INFO(name_, type_, lo, hi, null_, who, privacy_, use_, norm_, reso_)                                           \
    {.writer = WRITER_##who,                                                                                           \
     .privacy = HC__##privacy_,                                                                                        \
     USE_##use_(norm_),                                                                                                \
     .required = TOKEN_##null_ == TOKEN_REQUIRED,                                                                      \
     SIZE_##type_(lo, hi),                                                                                             \
     .reso = reso_,                                                                                                    \
     .json = "\"" #name_ "\":",                                                                                        \
     .name_size = sizeof(#name_) - 1},

/* ---- fields ---- */

#define F(name, type, d, scale, lo, hi, null, ...) FIELD(name, type, d, scale, lo, hi, null, SINCE(__VA_ARGS__))
#define SINCE(who, privacy, use, reso, since)      since
static const hc_field user_fields[] = {
#include "model/user_fields.def"
};
static const hc_field agent_fields[] = {
#include "model/agent_fields.def"
};
static const hc_field property_fields[] = {
#include "model/property_fields.def"
};
static const hc_field login_fields[] = {
#include "model/login_fields.def"
};
static const hc_field event_fields[] = {
#include "model/event_fields.def"
};
static const hc_field price_fields[] = {
#include "model/price_fields.def"
};
static const hc_field status_fields[] = {
#include "model/status_fields.def"
};
static const hc_field idempotency_fields[] = {
#include "model/idempotency_fields.def"
};
static const hc_field audit_fields[] = {
#include "model/audit_fields.def"
};
static const hc_field import_row_fields[] = {
#include "model/import_row_fields.def"
};
#undef F

#define F(name, type, d, scale, lo, hi, null, who, privacy, use, reso, since)                                          \
    INFO(name, type, lo, hi, null, who, privacy, use, hc__user_f_##name##_norm, reso)
static const hc__field_info user_info[] = {
#include "model/user_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, use, reso, since)                                          \
    INFO(name, type, lo, hi, null, who, privacy, use, hc__agent_f_##name##_norm, reso)
static const hc__field_info agent_info[] = {
#include "model/agent_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, use, reso, since)                                          \
    INFO(name, type, lo, hi, null, who, privacy, use, hc__property_f_##name##_norm, reso)
static const hc__field_info property_info[] = {
#include "model/property_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, use, reso, since)                                          \
    INFO(name, type, lo, hi, null, who, privacy, use, hc__login_f_##name##_norm, reso)
static const hc__field_info login_info[] = {
#include "model/login_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, use, reso, since)                                          \
    INFO(name, type, lo, hi, null, who, privacy, use, hc__event_f_##name##_norm, reso)
static const hc__field_info event_info[] = {
#include "model/event_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, use, reso, since)                                          \
    INFO(name, type, lo, hi, null, who, privacy, use, hc__price_f_##name##_norm, reso)
static const hc__field_info price_info[] = {
#include "model/price_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, use, reso, since)                                          \
    INFO(name, type, lo, hi, null, who, privacy, use, hc__status_f_##name##_norm, reso)
static const hc__field_info status_info[] = {
#include "model/status_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, use, reso, since)                                          \
    INFO(name, type, lo, hi, null, who, privacy, use, hc__idempotency_f_##name##_norm, reso)
static const hc__field_info idempotency_info[] = {
#include "model/idempotency_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, use, reso, since)                                          \
    INFO(name, type, lo, hi, null, who, privacy, use, hc__audit_f_##name##_norm, reso)
static const hc__field_info audit_info[] = {
#include "model/audit_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, use, reso, since)                                          \
    INFO(name, type, lo, hi, null, who, privacy, use, hc__import_row_f_##name##_norm, reso)
static const hc__field_info import_row_info[] = {
#include "model/import_row_fields.def"
};
#undef F

/* ---- positions by privacy and type ---- */

#define SHOWN_PUBLIC(at)         at,
#define SHOWN_PUBLIC_ADDRESS(at) at,
#define SHOWN_CONTACT(at)        at,
#define SHOWN_OWNER_ONLY(at)     at,
#define SHOWN_SECRET(at)
#define GUARDED_PUBLIC(at)
#define GUARDED_PUBLIC_ADDRESS(at) at,
#define GUARDED_CONTACT(at)        at,
#define GUARDED_OWNER_ONLY(at)     at,
#define GUARDED_SECRET(at)

#define BYTES_ID(at)    at,
#define BYTES_TEXT(at)  at,
#define BYTES_CODE(at)  at,
#define BYTES_KEY(at)   at,
#define BYTES_BYTES(at) at,
#define BYTES_JSON(at)  at,
#define BYTES_BOOL(at)
#define BYTES_INT(at)
#define BYTES_BIGINT(at)
#define BYTES_DECIMAL(at)
#define BYTES_TIME(at)
#define BYTES_DATE(at)
#define BYTES_ENUM(at)
#define BYTES_TOKENS(at)

#define F(name, type, d, scale, lo, hi, null, who, privacy, ...) SHOWN_##privacy(hc__user_f_##name)
static const uint16_t user_shown[] = {
#include "model/user_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, ...) BYTES_##type(hc__user_f_##name)
static const uint16_t user_bytes[] = {
#include "model/user_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, ...) GUARDED_##privacy(hc__user_f_##name)
static const uint16_t user_guarded[] = {
#include "model/user_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, ...) SHOWN_##privacy(hc__agent_f_##name)
static const uint16_t agent_shown[] = {
#include "model/agent_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, ...) BYTES_##type(hc__agent_f_##name)
static const uint16_t agent_bytes[] = {
#include "model/agent_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, ...) GUARDED_##privacy(hc__agent_f_##name)
static const uint16_t agent_guarded[] = {
#include "model/agent_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, ...) SHOWN_##privacy(hc__property_f_##name)
static const uint16_t property_shown[] = {
#include "model/property_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, ...) BYTES_##type(hc__property_f_##name)
static const uint16_t property_bytes[] = {
#include "model/property_fields.def"
};
#undef F
#define F(name, type, d, scale, lo, hi, null, who, privacy, ...) GUARDED_##privacy(hc__property_f_##name)
static const uint16_t property_guarded[] = {
#include "model/property_fields.def"
};
#undef F

/* ---- indexes: storage.md counts them. An ordered one ends with the row's id ---- */

#define AT(noun, name) hc__##noun##_f_##name
/* clang-format off */
#define POSITIONS(...) (const uint16_t[]){__VA_ARGS__}
/* clang-format on */
#define COUNT(...) (sizeof(POSITIONS(__VA_ARGS__)) / sizeof(uint16_t))
#define ORDERED(name_, ...)                                                                                            \
    {                                                                                                                  \
        .name = name_, .field_count = COUNT(__VA_ARGS__), .fields = POSITIONS(__VA_ARGS__), .since = 1                 \
    }
#define UNIQUE(name_, ...)                                                                                             \
    {                                                                                                                  \
        .name = name_, .flags = HC_INDEX_UNIQUE, .field_count = COUNT(__VA_ARGS__), .fields = POSITIONS(__VA_ARGS__),  \
        .since = 1                                                                                                     \
    }

static const hc_index user_indexes[] = {
    UNIQUE("email_norm", AT(user, email_norm)),
    ORDERED("role", AT(user, role), AT(user, created_at), AT(user, id)),
};
static const hc_index property_indexes[] = {
    UNIQUE("source", AT(property, source_system), AT(property, source_key)),
    ORDERED("price", AT(property, status), AT(property, price), AT(property, id)),
    ORDERED("created", AT(property, status), AT(property, created_at), AT(property, id)),
    ORDERED("listed", AT(property, status), AT(property, list_date), AT(property, id)),
    ORDERED("city_price", AT(property, city_norm), AT(property, status), AT(property, price), AT(property, id)),
    ORDERED("city_created", AT(property, city_norm), AT(property, status), AT(property, created_at), AT(property, id)),
    ORDERED("zip_price", AT(property, zip_code), AT(property, status), AT(property, price), AT(property, id)),
    ORDERED("agent_created", AT(property, agent_id), AT(property, status), AT(property, created_at), AT(property, id)),
    ORDERED("place", AT(property, latitude), AT(property, longitude), AT(property, id)),
};
static const hc_index login_indexes[] = {
    ORDERED("user", AT(login, user_id), AT(login, created_at), AT(login, id)),
    ORDERED("expiry", AT(login, expires_at), AT(login, id)),
};
static const hc_index price_indexes[] = {
    ORDERED("property", AT(price, property_id), AT(price, created_at), AT(price, id)),
};
static const hc_index status_indexes[] = {
    ORDERED("property", AT(status, property_id), AT(status, created_at), AT(status, id)),
};
static const hc_index idempotency_indexes[] = {
    UNIQUE("key", AT(idempotency, actor_id), AT(idempotency, operation), AT(idempotency, key)),
    ORDERED("created", AT(idempotency, created_at), AT(idempotency, id)),
};
static const hc_index audit_indexes[] = {
    ORDERED("actor", AT(audit, actor_id), AT(audit, created_at), AT(audit, id)),
    ORDERED("created", AT(audit, created_at), AT(audit, id)),
};
static const hc_index import_row_indexes[] = {
    UNIQUE("source", AT(import_row, source_system), AT(import_row, source_key)),
};

/* ---- entities ---- */

#define LENGTH_OF(array) (sizeof(array) / sizeof(array)[0])
#define INDEXES(noun)    .index_count = LENGTH_OF(noun##_indexes), .indexes = noun##_indexes
#define NO_INDEXES       .index_count = 0
#define PRIVACY(noun)                                                                                                  \
    .shown = noun##_shown, .bytes = noun##_bytes, .guarded = noun##_guarded, .shown_count = LENGTH_OF(noun##_shown),   \
    .bytes_count = LENGTH_OF(noun##_bytes), .guarded_count = LENGTH_OF(noun##_guarded)
#define INTERNAL .shown = NULL
#define ENTITY(noun_, name_, resource_, version_, created_, updated_, deleted_, privacy_, ...)                         \
    const hc__entity hc__##noun_##_entity = {.kind = {.name = name_,                                                   \
                                                      .storage = HC_KIND_TRANSACTIONAL,                                \
                                                      .fields = noun_##_fields,                                        \
                                                      .field_count = hc__##noun_##_field_count,                        \
                                                      .since = 1,                                                      \
                                                      __VA_ARGS__},                                                    \
                                             .info = noun_##_info,                                                     \
                                             .noun = #noun_,                                                           \
                                             .resource = resource_,                                                    \
                                             .version = version_,                                                      \
                                             .created_at = created_,                                                   \
                                             .updated_at = updated_,                                                   \
                                             .deleted_at = deleted_,                                                   \
                                             privacy_};                                                                \
    _Static_assert(LENGTH_OF(noun_##_fields) == hc__##noun_##_field_count, "positions of " #noun_);                    \
    _Static_assert(hc__##noun_##_field_count <= HC__FIELD_LIMIT, "fields of " #noun_)
#define NONE HC_NO_FIELD

ENTITY(user, "users", "Member", AT(user, version), AT(user, created_at), AT(user, updated_at), NONE, PRIVACY(user),
       INDEXES(user));
ENTITY(agent, "agents", "Member", AT(agent, version), AT(agent, created_at), AT(agent, updated_at), NONE,
       PRIVACY(agent), NO_INDEXES);
ENTITY(property, "properties", "Property", AT(property, version), AT(property, created_at), AT(property, updated_at),
       AT(property, deleted_at), PRIVACY(property), INDEXES(property));
ENTITY(login, "sessions", "", NONE, AT(login, created_at), NONE, NONE, INTERNAL, INDEXES(login));
ENTITY(event, "events", "", NONE, AT(event, created_at), NONE, NONE, INTERNAL, NO_INDEXES);
ENTITY(price, "price_history", "", NONE, AT(price, created_at), NONE, NONE, INTERNAL, INDEXES(price));
ENTITY(status, "status_history", "", NONE, AT(status, created_at), NONE, NONE, INTERNAL, INDEXES(status));
ENTITY(idempotency, "idempotency_keys", "", NONE, AT(idempotency, created_at), NONE, NONE, INTERNAL,
       INDEXES(idempotency));
ENTITY(audit, "audit_log", "", NONE, AT(audit, created_at), NONE, NONE, INTERNAL, INDEXES(audit));
ENTITY(import_row, "import_rows", "", NONE, NONE, AT(import_row, updated_at), NONE, INTERNAL, INDEXES(import_row));

uint16_t hc__entity_find(const hc__entity *entity, const char *name, size_t size)
{
    for (uint32_t i = 0; i < entity->kind.field_count; i++) {
        const hc__field_info *info = &entity->info[i];

        if (info->name_size == size && memcmp(entity->kind.fields[i].name, name, size) == 0)
            return (uint16_t)i;
    }
    for (uint32_t i = 0; size > 0 && i < entity->kind.field_count; i++) {
        const char *reso = entity->info[i].reso;

        if (reso[0] == name[0] && strlen(reso) == size && memcmp(reso, name, size) == 0)
            return (uint16_t)i;
    }
    return HC_NO_FIELD;
}

int32_t hc__field_word(const hc_field *field, const char *text, size_t size)
{
    for (int32_t i = 0; field->words != NULL && field->words[i] != NULL; i++)
        if (strlen(field->words[i]) == size && memcmp(field->words[i], text, size) == 0)
            return i + 1;
    return 0;
}
