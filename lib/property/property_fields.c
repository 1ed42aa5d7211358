/* hc_property_*: the accessors of the public header, from the field table. */
#include "homeconnect/property.h"
#include "client/core.h"

#define NOUN(suffix) hc_property##suffix
#define RECORD       hc_property
#define FIELD(name)  hc__property_f_##name
#define FIELDS       "model/property_fields.def"
#include "model/accessors.inc"
