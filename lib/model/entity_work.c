/* The entities of an agency's working day: leads, appointments, documents, activity, chat, what buyers save; and what
 * the store keeps of documents that live in another. */
#include "model/entity_table.h"

/* ---- words of enums: the code is 1 + the position; append only ---- */

/* clang-format off */
static const char *const words_lead_status[] = {"new", "contacted", "qualified", "closed", "lost", NULL};
static const char *const words_lost_reason[] = {
    "no_response", "bought_elsewhere", "not_qualified", "price", "duplicate", "withdrawn", "opted_out", "spam", "other",
    NULL};
static const char *const words_assign_reason[] = {
    "listing_agent", "area_pool", "unassigned", "creator", "hand_over", "admin", "merge", NULL};
static const char *const words_financing[] = {"cash", "pre_approved", "applying", "not_started", NULL};
static const char *const words_score_band[] = {"hot", "warm", "cool", "cold", NULL};
static const char *const words_touch_kind[] = {"inquiry", "call", "message", "email", "note", NULL};
static const char *const words_appointment_status[] = {
    "scheduled", "completed", "cancelled", "pending", "declined", "no_show", NULL};
static const char *const words_appointment_method[] = {"in_person", "virtual", NULL};
static const char *const words_party[] = {"buyer", "agent", "library", NULL};
static const char *const words_slot_resource[] = {"agent", "property", NULL};
static const char *const words_event_class[] = {"analytics", "activity", NULL};
static const char *const words_effect_verb[] = {"append", "put", "set", "push", "remove", NULL};
static const char *const words_effect_state[] = {"pending", "delivered", "dead", NULL};
/* clang-format on */

/* ---- fields ---- */

#define SHOW
#define NOUN   lead
#define FIELDS "model/lead_fields.def"
#include "model/entity.inc"

#define NOUN   contact
#define FIELDS "model/contact_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   touch
#define FIELDS "model/touch_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   lead_change
#define FIELDS "model/lead_change_fields.def"
#include "model/entity.inc"

#define NOUN   area
#define FIELDS "model/area_fields.def"
#include "model/entity.inc"

#define NOUN   load
#define FIELDS "model/load_fields.def"
#include "model/entity.inc"

#define NOUN   rate
#define FIELDS "model/rate_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   appointment
#define FIELDS "model/appointment_fields.def"
#include "model/entity.inc"

#define NOUN   slot
#define FIELDS "model/slot_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   document
#define FIELDS "model/document_fields.def"
#include "model/entity.inc"

#define NOUN   share
#define FIELDS "model/share_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   activity
#define FIELDS "model/activity_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   chat
#define FIELDS "model/chat_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   favorite
#define FIELDS "model/favorite_fields.def"
#include "model/entity.inc"

#define SHOW
#define NOUN   search
#define FIELDS "model/search_fields.def"
#include "model/entity.inc"

#define NOUN   audit_head
#define FIELDS "model/audit_head_fields.def"
#include "model/entity.inc"

#define NOUN   head
#define FIELDS "model/head_fields.def"
#include "model/entity.inc"

#define NOUN   effect
#define FIELDS "model/effect_fields.def"
#include "model/entity.inc"

#define NOUN   lease
#define FIELDS "model/lease_fields.def"
#include "model/entity.inc"

/* ---- indexes ---- */

static const hc_index lead_indexes[] = {
    ORDERED_2("agent_status", AT(lead, agent_id), AT(lead, status), AT(lead, created_at), AT(lead, id)),
    ORDERED_2("agent_created", AT(lead, agent_id), AT(lead, created_at), AT(lead, id)),
    ORDERED_2("agent_due", AT(lead, agent_id), AT(lead, response_due_at), AT(lead, id)),
    ORDERED_2("buyer_created", AT(lead, buyer_id), AT(lead, created_at), AT(lead, id)),
    ORDERED_2("property_status", AT(lead, property_id), AT(lead, status), AT(lead, created_at), AT(lead, id)),
    ORDERED_2("contact", AT(lead, contact_id), AT(lead, property_id), AT(lead, created_at), AT(lead, id)),
    ORDERED_2("status", AT(lead, status), AT(lead, created_at), AT(lead, id)),
    ORDERED_2("created", AT(lead, created_at), AT(lead, id)),
    ORDERED_2("due", AT(lead, response_due_at), AT(lead, id)),
};
static const hc_index contact_indexes[] = {
    UNIQUE_2("email_norm", AT(contact, email_norm)),
    UNIQUE_2("phone_norm", AT(contact, phone_norm)),
};
static const hc_index touch_indexes[] = {
    ORDERED_2("lead", AT(touch, lead_id), AT(touch, created_at), AT(touch, id)),
    UNIQUE_2("token", AT(touch, token_hash)),
};
static const hc_index lead_change_indexes[] = {
    ORDERED_2("lead", AT(lead_change, lead_id), AT(lead_change, created_at), AT(lead_change, id)),
};
static const hc_index area_indexes[] = {
    UNIQUE_2("area", AT(area, area), AT(area, user_id)),
    ORDERED_2("user", AT(area, user_id), AT(area, id)),
};
static const hc_index load_indexes[] = {
    ORDERED_2("last", AT(load, last_assigned_at), AT(load, user_id)),
};
static const hc_index rate_indexes[] = {
    UNIQUE_2("window", AT(rate, scope), AT(rate, subject), AT(rate, window_start)),
    ORDERED_2("start", AT(rate, window_start), AT(rate, id)),
};
static const hc_index appointment_indexes[] = {
    ORDERED_2("agent_time", AT(appointment, agent_id), AT(appointment, scheduled_time), AT(appointment, id)),
    ORDERED_2("agent_status", AT(appointment, agent_id), AT(appointment, status), AT(appointment, scheduled_time),
              AT(appointment, id)),
    ORDERED_2("buyer_time", AT(appointment, buyer_id), AT(appointment, scheduled_time), AT(appointment, id)),
    ORDERED_2("property_status", AT(appointment, property_id), AT(appointment, status), AT(appointment, scheduled_time),
              AT(appointment, id)),
    ORDERED_2("lead_time", AT(appointment, lead_id), AT(appointment, scheduled_time), AT(appointment, id)),
    ORDERED_2("status_time", AT(appointment, status), AT(appointment, scheduled_time), AT(appointment, id)),
    ORDERED_2("time", AT(appointment, scheduled_time), AT(appointment, id)),
    ORDERED_2("hold", AT(appointment, hold_expires_at), AT(appointment, id)),
};
static const hc_index slot_indexes[] = {
    UNIQUE_2("slot", AT(slot, resource_kind), AT(slot, resource_id), AT(slot, slot_no)),
    ORDERED_2("appointment", AT(slot, appointment_id), AT(slot, id)),
};
static const hc_index document_indexes[] = {
    UNIQUE_2("property", AT(document, property_id)),
};
static const hc_index share_indexes[] = {
    UNIQUE_2("item", AT(share, property_id), AT(share, item_id), AT(share, lead_id)),
    ORDERED_2("lead", AT(share, lead_id), AT(share, id)),
};
static const hc_index activity_indexes[] = {
    ORDERED_2("user", AT(activity, user_id), AT(activity, timestamp), AT(activity, id)),
    ORDERED_2("target", AT(activity, target_id), AT(activity, timestamp), AT(activity, id)),
    ORDERED_2("time", AT(activity, timestamp), AT(activity, id)),
};
static const hc_index chat_indexes[] = {
    UNIQUE_2("session", AT(chat, session_id), AT(chat, bucket)),
    ORDERED_2("user", AT(chat, user_id), AT(chat, created_at), AT(chat, id)),
};
static const hc_index favorite_indexes[] = {
    UNIQUE_2("user_property", AT(favorite, user_id), AT(favorite, property_id)),
    ORDERED_2("user", AT(favorite, user_id), AT(favorite, created_at), AT(favorite, id)),
    ORDERED_2("property", AT(favorite, property_id), AT(favorite, id)),
};
static const hc_index search_indexes[] = {
    ORDERED_2("user", AT(search, user_id), AT(search, created_at), AT(search, id)),
};
static const hc_index audit_head_indexes[] = {
    UNIQUE_2("stream", AT(audit_head, stream)),
};
static const hc_index head_indexes[] = {
    UNIQUE_4("key", AT(head, kind), AT(head, key), AT(head, bucket)),
};
static const hc_index effect_indexes[] = {
    ORDERED_4("state", AT(effect, state), AT(effect, id)),
    ORDERED_4("aggregate", AT(effect, aggregate_id), AT(effect, version), AT(effect, id)),
};
static const hc_index lease_indexes[] = {
    UNIQUE_4("name", AT(lease, name)),
};

/* ---- entities ---- */

ENTITY_2(lead, "leads", "Contacts", AT(lead, version), AT(lead, created_at), AT(lead, updated_at), NONE, SHOWN,
         INDEXES(lead));
ENTITY_2(contact, "contacts", "", NONE, AT(contact, created_at), AT(contact, updated_at), NONE, HIDDEN,
         INDEXES(contact));
ENTITY_2(touch, "lead_touches", "", NONE, AT(touch, created_at), NONE, NONE, SHOWN, INDEXES(touch));
ENTITY_2(lead_change, "lead_history", "", NONE, AT(lead_change, created_at), NONE, NONE, SHOWN, INDEXES(lead_change));
ENTITY_2(area, "agent_areas", "", NONE, NONE, NONE, NONE, HIDDEN, INDEXES(area));
ENTITY_2(load, "agent_load", "", AT(load, version), NONE, NONE, NONE, HIDDEN, INDEXES(load));
ENTITY_2(rate, "rate_limits", "", NONE, NONE, NONE, NONE, HIDDEN, INDEXES(rate));
KIND(TRANSACTIONAL, 2, true, AT(appointment, scheduled_time), appointment, "appointments", "ShowingAppointment",
     AT(appointment, version), AT(appointment, created_at), AT(appointment, updated_at), NONE, SHOWN,
     INDEXES(appointment));
ENTITY_2(slot, "appointment_slots", "", NONE, NONE, NONE, NONE, HIDDEN, INDEXES(slot));
DOCUMENT_2(document, "property_documents", "Media", AT(document, version), AT(document, created_at),
           AT(document, updated_at), NONE, SHOWN, INDEXES(document), .shapes = hc__document_shapes,
           .shape_count = HC__DOCUMENT_SHAPES);
ENTITY_2(share, "document_shares", "", NONE, AT(share, created_at), NONE, NONE, HIDDEN, INDEXES(share));
DOCUMENT_2(activity, "activity_logs", "InternetTracking", NONE, AT(activity, timestamp), NONE, NONE, SHOWN,
           INDEXES(activity));
DOCUMENT_2(chat, "ai_chat_history", "", AT(chat, version), AT(chat, created_at), AT(chat, updated_at), NONE, SHOWN,
           INDEXES(chat), .shapes = hc__chat_shapes, .shape_count = HC__CHAT_SHAPES);
ENTITY_2(favorite, "favorites", "", NONE, AT(favorite, created_at), NONE, NONE, SHOWN, INDEXES(favorite));
ENTITY_2(search, "saved_searches", "SavedSearch", AT(search, version), AT(search, created_at), AT(search, updated_at),
         NONE, SHOWN, INDEXES(search));
ENTITY_2(audit_head, "audit_heads", "", NONE, NONE, AT(audit_head, updated_at), NONE, HIDDEN, INDEXES(audit_head));
ENTITY_4(head, "document_heads", "", AT(head, version), AT(head, created_at), AT(head, updated_at), NONE, HIDDEN,
         INDEXES(head));
ENTITY_4(effect, "outbox", "", AT(effect, version), AT(effect, created_at), NONE, NONE, HIDDEN, INDEXES(effect));
ENTITY_4(lease, "leases", "", NONE, NONE, NONE, NONE, HIDDEN, INDEXES(lease));
