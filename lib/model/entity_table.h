/* What the tokens of a table line mean, and how kinds, indexes and entities are put together. For entity*.c alone; each
 * of them defines the words of its enums, static const char *const words_NAME[], first. */
#ifndef HC__MODEL_ENTITY_TABLE_H
#define HC__MODEL_ENTITY_TABLE_H

#include "model/entity.h"

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

/* ---- indexes: storage.md counts them. The key of an ordered one ends with the row's id ---- */

#define AT_(noun, name) hc__##noun##_f_##name
#define AT(noun, name)  AT_(noun, name)
/* clang-format off */
#define POSITIONS(...) (const uint16_t[]){__VA_ARGS__}
/* clang-format on */
#define COUNT(...) (sizeof(POSITIONS(__VA_ARGS__)) / sizeof(uint16_t))
#define INDEX(name_, flags_, since_, ...)                                                                              \
    {                                                                                                                  \
        .name = name_, .flags = flags_, .field_count = COUNT(__VA_ARGS__), .fields = POSITIONS(__VA_ARGS__),           \
        .since = since_                                                                                                \
    }
#define ORDERED(name_, ...)   INDEX(name_, 0, 1, __VA_ARGS__)
#define UNIQUE(name_, ...)    INDEX(name_, HC_INDEX_UNIQUE, 1, __VA_ARGS__)
#define ORDERED_2(name_, ...) INDEX(name_, 0, 2, __VA_ARGS__)
#define UNIQUE_2(name_, ...)  INDEX(name_, HC_INDEX_UNIQUE, 2, __VA_ARGS__)
#define ORDERED_3(name_, ...) INDEX(name_, 0, 3, __VA_ARGS__)
#define ORDERED_4(name_, ...) INDEX(name_, 0, 4, __VA_ARGS__)
#define UNIQUE_4(name_, ...)  INDEX(name_, HC_INDEX_UNIQUE, 4, __VA_ARGS__)
#define ORDERED_6(name_, ...) INDEX(name_, 0, 6, __VA_ARGS__)

/* ---- entities ---- */

#define LENGTH_OF(array) (sizeof(array) / sizeof(array)[0])
#define INDEXES(noun)    .index_count = LENGTH_OF(noun##_indexes), .indexes = noun##_indexes
#define NO_INDEXES       .index_count = 0
#define VIEW_SHOWN(noun)                                                                                               \
    .shown = noun##_shown, .bytes = noun##_bytes, .guarded = noun##_guarded,                                           \
    .shown_count = LENGTH_OF(noun##_shown) - 1, .bytes_count = LENGTH_OF(noun##_bytes) - 1,                            \
    .guarded_count = LENGTH_OF(noun##_guarded) - 1
#define VIEW_HIDDEN(noun)  .shown = NULL
#define VIEW_PLANNED(noun) VIEW_SHOWN(noun), .planned = noun##_planned, .planned_count = LENGTH_OF(noun##_planned)
#define KIND(storage_, since_, personal_, order_, noun_, name_, resource_, version_, created_, updated_, deleted_,     \
             view_, ...)                                                                                               \
    const hc__entity hc__##noun_##_entity = {.kind = {.name = name_,                                                   \
                                                      .storage = HC_KIND_##storage_,                                   \
                                                      .fields = noun_##_fields,                                        \
                                                      .field_count = hc__##noun_##_field_count,                        \
                                                      .since = since_,                                                 \
                                                      __VA_ARGS__},                                                    \
                                             .info = noun_##_info,                                                     \
                                             .noun = #noun_,                                                           \
                                             .personal = personal_,                                                    \
                                             .order = order_,                                                          \
                                             .resource = resource_,                                                    \
                                             .version = version_,                                                      \
                                             .created_at = created_,                                                   \
                                             .updated_at = updated_,                                                   \
                                             .deleted_at = deleted_,                                                   \
                                             VIEW_##view_(noun_)};                                                     \
    _Static_assert(LENGTH_OF(noun_##_fields) == hc__##noun_##_field_count, "positions of " #noun_);                    \
    _Static_assert(hc__##noun_##_field_count <= HC__FIELD_LIMIT, "fields of " #noun_)
#define ENTITY(...)     KIND(TRANSACTIONAL, 1, false, HC_NO_FIELD, __VA_ARGS__)
#define ENTITY_2(...)   KIND(TRANSACTIONAL, 2, true, HC_NO_FIELD, __VA_ARGS__)
#define ENTITY_4(...)   KIND(TRANSACTIONAL, 4, true, HC_NO_FIELD, __VA_ARGS__)
#define DOCUMENT_2(...) KIND(DOCUMENT, 2, true, HC_NO_FIELD, __VA_ARGS__)
#define NONE            HC_NO_FIELD

#endif
