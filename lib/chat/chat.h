/* Conversations in documents: what both writing and reading know of them. */
#ifndef HC__CHAT_CHAT_H
#define HC__CHAT_CHAT_H

#include "base/json.h"
#include "client/crud.h"
#include "homeconnect/chat.h"

#define HC__CHAT_MESSAGES 100           /* of one document */
#define HC__CHAT_BYTES    (1024 * 1024) /* of their JSON */
#define HC__CHAT_BUCKETS  100           /* documents of a conversation */
#define HC__CHAT_CONTENT  32768         /* bytes of one message */

/* Bounds for reading messages, which other programs may have written. */
extern const hc__json_limits hc__chat_limits;
extern const char *const hc__chat_roles[]; /* by HC_CHAT_ROLE_ - 1, NULL-terminated */

/* Whether it can be a session id at all: 32 lower-case hexadecimal digits. */
bool hc__chat_is_id(const char *session_id);
/* Documents of the conversation that `operation` lets the caller touch. NULL without memory. */
const hc_predicate *hc__chat_where(hc__arena *arena, const hc_session *as, hc__operation operation,
                                   const char *session_id, int64_t now);
/* The newest documents first. */
extern const hc_order hc__chat_newest[2];
/* NOT_FOUND; `taken` (zero: none) is the id of another's document of this conversation, which is audited. */
hc_status hc__chat_missing(hc_session *as, hc_id taken, hc_error *err);

#endif
