/* hc_agent_*: the accessors of the public header, from the field table. */
#include "homeconnect/agent.h"
#include "client/core.h"

#define NOUN(suffix) hc_agent##suffix
#define RECORD       hc_agent
#define FIELD(name)  hc__agent_f_##name
#define FIELDS       "model/agent_fields.def"
#include "model/accessors.inc"
