/* hc_event_*: the accessors of the public header, from the field table. */
#include "client/core.h"
#include "homeconnect/event.h"

#define NOUN(suffix) hc_event##suffix
#define RECORD       hc_event
#define FIELD(name)  hc__event_f_##name
#define FIELDS       "model/event_fields.def"
#define READ_ONLY
#include "model/accessors.inc"
