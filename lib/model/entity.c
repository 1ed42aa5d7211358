/* The field tables as kinds for the drivers and as rules for the core. */
#include "model/entity_table.h"

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

/* ---- fields ---- */

#define SHOW
#define NOUN   user
#define FIELDS "model/user_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   agent
#define FIELDS "model/agent_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   property
#define FIELDS "model/property_fields.def"
#include "model/entity.inc"

#define NOUN   login
#define FIELDS "model/login_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   event
#define FIELDS "model/event_fields.def"
#include "model/entity.inc"

#define NOUN   price
#define FIELDS "model/price_fields.def"
#include "model/entity.inc"

#define NOUN   status
#define FIELDS "model/status_fields.def"
#include "model/entity.inc"

#define NOUN   idempotency
#define FIELDS "model/idempotency_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   audit
#define FIELDS "model/audit_fields.def"
#include "model/entity.inc"

#define NOUN   import_row
#define FIELDS "model/import_row_fields.def"
#include "model/entity.inc"

/* ---- indexes ---- */

static const hc_index user_indexes[] = {
    UNIQUE("email_norm", AT(user, email_norm)),
    ORDERED("role", AT(user, role), AT(user, created_at), AT(user, id)),
};
/* What most lists of a city test beside the key, so that only rows that are given are read, and none to count them. */
#define BESIDE_KEY                                                                                                     \
    AT(property, property_type), AT(property, beds), AT(property, display_ok), AT(property, deleted_at),               \
        AT(property, currency)
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
    INDEX("ranked", HC_INDEX_ARRIVAL, 1, AT(property, status), AT(property, display_ok), AT(property, deleted_at),
          AT(property, id)),
    ORDERED_6("city_price_beds", AT(property, city_norm), AT(property, status), AT(property, price), AT(property, id),
              BESIDE_KEY),
    ORDERED_6("city_created_beds", AT(property, city_norm), AT(property, status), AT(property, created_at),
              AT(property, id), BESIDE_KEY),
};
/* Those of version 6 stand where those stood that they came for, city_price and city_created. */
static const uint8_t property_planned[] = {0, 1, 2, 3, 10, 11, 6, 7, 8, 9};
static const hc_index login_indexes[] = {
    ORDERED("user", AT(login, user_id), AT(login, created_at), AT(login, id)),
    ORDERED("expiry", AT(login, expires_at), AT(login, id)),
};
static const hc_index event_indexes[] = {
    ORDERED_3("seq", AT(event, seq), AT(event, id)),
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
    ORDERED_2("seq", AT(audit, seq), AT(audit, id)),
    ORDERED_2("event", AT(audit, event), AT(audit, created_at), AT(audit, id)),
    ORDERED_2("target", AT(audit, target_id), AT(audit, created_at), AT(audit, id)),
};
static const hc_index import_row_indexes[] = {
    UNIQUE("source", AT(import_row, source_system), AT(import_row, source_key)),
};

/* ---- entities ---- */

ENTITY(user, "users", "Member", AT(user, version), AT(user, created_at), AT(user, updated_at), NONE, SHOWN,
       INDEXES(user));
ENTITY(agent, "agents", "Member", AT(agent, version), AT(agent, created_at), AT(agent, updated_at), NONE, SHOWN,
       NO_INDEXES);
ENTITY(property, "properties", "Property", AT(property, version), AT(property, created_at), AT(property, updated_at),
       AT(property, deleted_at), PLANNED, INDEXES(property));
ENTITY(login, "sessions", "", NONE, AT(login, created_at), NONE, NONE, HIDDEN, INDEXES(login));
ENTITY(event, "events", "EntityEvent", NONE, AT(event, created_at), NONE, NONE, SHOWN, INDEXES(event));
ENTITY(price, "price_history", "", NONE, AT(price, created_at), NONE, NONE, HIDDEN, INDEXES(price));
ENTITY(status, "status_history", "", NONE, AT(status, created_at), NONE, NONE, HIDDEN, INDEXES(status));
ENTITY(idempotency, "idempotency_keys", "", NONE, AT(idempotency, created_at), NONE, NONE, HIDDEN,
       INDEXES(idempotency));
ENTITY(audit, "audit_log", "", NONE, AT(audit, created_at), NONE, NONE, SHOWN, INDEXES(audit));
ENTITY(import_row, "import_rows", "", NONE, NONE, AT(import_row, updated_at), NONE, HIDDEN, INDEXES(import_row));

#define E(noun) &hc__##noun##_entity,
const hc__entity *const hc__entities[] = {HC__ENTITIES(E)};
#undef E
const size_t hc__entity_count = LENGTH_OF(hc__entities);

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
