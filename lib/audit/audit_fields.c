/* hc_audit_*: the accessors of the public header, from the field table. */
#include "client/core.h"
#include "homeconnect/audit.h"

#define NOUN(suffix) hc_audit##suffix
#define RECORD       hc_audit
#define FIELD(name)  hc__audit_f_##name
#define FIELDS       "model/audit_fields.def"
#define READ_ONLY
#include "model/accessors.inc"
