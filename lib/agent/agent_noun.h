/* Agents as a noun of client/crud. */
#ifndef HC__AGENT_NOUN_H
#define HC__AGENT_NOUN_H

#include "client/crud.h"

extern const hc__noun hc__agent_noun;

#endif
