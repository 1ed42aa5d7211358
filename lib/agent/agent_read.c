#include "homeconnect/agent.h"

#include "agent/agent_noun.h"
#include "base/fail.h"

const hc__noun hc__agent_noun = {.entity = &hc__agent_entity, .read = HC__AGENT_READ};

#define NOUN(suffix) hc_agent##suffix
#define RECORD       hc_agent
#define PAGE         hc_agent_page
#define ENTITY       hc__agent_entity
#define OPERATIONS   hc__agent_noun
#include "client/noun.inc"
