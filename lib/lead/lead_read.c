#include "base/fail.h"
#include "lead/lead_noun.h"

const hc__noun hc__lead_noun = {.entity = &hc__lead_entity, .read = HC__LEAD_READ};

#define NOUN(suffix) hc_lead##suffix
#define RECORD       hc_lead
#define PAGE         hc_lead_page
#define ENTITY       hc__lead_entity
#define OPERATIONS   hc__lead_noun
#include "client/noun.inc"
