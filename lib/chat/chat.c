#include "chat/chat.h"

#include <string.h>

#include "base/id.h"
#include "base/json.h"

/* A message is four nodes when it is ours. */
const hc__json_limits hc__chat_limits = {.bytes = 4 * HC__CHAT_BYTES, .depth = 8, .nodes = 100000};
const char *const hc__chat_roles[] = {"user", "assistant", "tool", "system", NULL};
const hc_order hc__chat_newest[2] = {{hc__chat_f_bucket, HC_ORDER_DESCENDING | HC_ORDER_NOT_NULL},
                                     {hc__chat_f_id, HC_ORDER_DESCENDING | HC_ORDER_NOT_NULL}};

bool hc__chat_is_id(const char *session_id)
{
    return session_id != NULL && strlen(session_id) == HC_CHAT_SESSION_SIZE - 1 &&
           strspn(session_id, "0123456789abcdef") == HC_CHAT_SESSION_SIZE - 1;
}

const hc_predicate *hc__chat_where(hc__arena *arena, const hc_session *as, hc__operation operation,
                                   const char *session_id, int64_t now)
{
    return hc__all_of(
        arena,
        hc__is_bytes(arena, &hc__chat_entity.kind, hc__chat_f_session_id, HC_TEST_EQ, session_id, strlen(session_id)),
        hc__policy_where(arena, as, operation, now));
}

hc_status hc__chat_missing(hc_session *as, hc_id taken, hc_error *err)
{
    if (!hc__id_zero(taken))
        hc__audit_late(as, &(hc__audit){.event = "authz_fail",
                                        .target_kind = hc__chat_entity.noun,
                                        .target = taken,
                                        .reason = "conversation of another"});
    return hc__fail(err, HC_ERR_NOT_FOUND, "session_id", "no such conversation");
}
