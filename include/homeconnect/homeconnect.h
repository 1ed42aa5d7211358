/** @file homeconnect.h  Everything of the public interface. */
#ifndef HOMECONNECT_HOMECONNECT_H
#define HOMECONNECT_HOMECONNECT_H

#include "homeconnect/activity.h"
#include "homeconnect/agent.h"
#include "homeconnect/allocator.h"
#include "homeconnect/appointment.h"
#include "homeconnect/audit.h"
#include "homeconnect/auth.h"
#include "homeconnect/chat.h"
#include "homeconnect/client.h"
#include "homeconnect/clock.h"
#include "homeconnect/copy.h"
#include "homeconnect/document.h"
#include "homeconnect/error.h"
#include "homeconnect/export.h"
#include "homeconnect/favorite.h"
#include "homeconnect/import.h"
#include "homeconnect/lead.h"
#include "homeconnect/lead_history.h"
#include "homeconnect/log.h"
#include "homeconnect/policy.h"
#include "homeconnect/property.h"
#include "homeconnect/query.h"
#include "homeconnect/repair.h"
#include "homeconnect/search.h"
#include "homeconnect/session.h"
#include "homeconnect/types.h"
#include "homeconnect/user.h"
#include "homeconnect/version.h"
#include "homeconnect/zone.h"

#endif
