#include "homeconnect/audit.h"

#include "audit/audit_noun.h"
#include "base/fail.h"

const hc__noun hc__audit_noun = {.entity = &hc__audit_entity, .read = HC__AUDIT_LIST_ALL};

#define NOUN(suffix) hc_audit##suffix
#define RECORD       hc_audit
#define PAGE         hc_audit_page
#define OPERATIONS   hc__audit_noun
#define READ_ONLY
#include "client/noun.inc"
