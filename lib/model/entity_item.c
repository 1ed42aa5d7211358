/* Shapes that lie inside a JSON field of a kind: the same machinery as entities, no table of their own. */
#include "model/entity_table.h"

/* clang-format off */
static const char *const words_visibility[] = {"public", "agent", "private", NULL};
static const char *const words_item_status[] = {"ready", "pending", "failed", NULL};
/* clang-format on */

#define SHOW
#define NOUN   item
#define FIELDS "model/item_fields.def"
#include "model/entity.inc"

DOCUMENT_2(item, "items", "Media", NONE, AT(item, created_at), NONE, NONE, SHOWN, NO_INDEXES);

#define F(name, type, d, scale, lo, hi, null, ...) FIELD(name, type, d, scale, lo, hi, null, 2)
static const hc_field message_fields[] = {
#include "model/message_fields.def"
};
#undef F

const hc_shape hc__document_shapes[HC__DOCUMENT_SHAPES] = {
    {hc__document_f_images, 0, hc__item_field_count, item_fields},
    {hc__document_f_documents, 0, hc__item_field_count, item_fields},
};
const hc_shape hc__chat_shapes[HC__CHAT_SHAPES] = {
    {hc__chat_f_messages, 0, LENGTH_OF(message_fields), message_fields},
};
