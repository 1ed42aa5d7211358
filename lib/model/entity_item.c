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
