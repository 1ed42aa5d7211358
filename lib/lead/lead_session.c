/* A guest's session with the token of an inquiry. */
#include <string.h>

#include "base/id.h"
#include "crypto/crypto.h"
#include "homeconnect/session.h"
#include "lead/lead_noun.h"

#define TOKEN_TEXT 43 /* base64url of 32 bytes */

static hc_status take_inquiry(const hc_row *row, void *data, hc_error *err)
{
    hc_session *as = data;

    (void)err;
    memcpy(as->inquiry.bytes, row->values[0].as.bytes, sizeof as->inquiry.bytes);
    as->expires = row->values[1].as.integer;
    return HC_OK;
}

/* By the hash alone, in one look-up of a unique index. */
static hc_status find_inquiry(hc_session *as, const uint8_t hash[32], hc_error *err)
{
    static const uint16_t fields[] = {hc__touch_f_id, hc__touch_f_token_expires_at};
    uint8_t room[512];
    hc__arena arena;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__touch_entity.kind,
                .fields = fields,
                .field_count = 2,
                .index = HC_INDEX_ANY};
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where =
        hc__all_of(&arena, hc__is_bytes(&arena, op.kind, hc__touch_f_token_hash, HC_TEST_EQ, hash, 32),
                   hc__is_int(&arena, op.kind, hc__touch_f_token_expires_at, HC_TEST_GT, hc__core_now(as->core)));
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, take_inquiry, as, err);
    hc__arena_free(&arena);
    return status;
}

static hc_status verify(hc_session *as, const char *token, size_t size, hc_error *err)
{
    uint8_t hash[32];
    hc__buf bytes;
    hc_status status = HC_OK;

    hc__buf_init(&bytes, &as->core->mem);
    if (size == TOKEN_TEXT && hc__base64url_read(&bytes, token, size)) {
        hc__sha256(hash, bytes.data, bytes.size);
        status = find_inquiry(as, hash, err);
    }
    if (bytes.failed)
        status = hc__no_memory(err);
    if (bytes.data != NULL)
        hc__wipe(bytes.data, bytes.size);
    hc__buf_free(&bytes);
    if (status < 0 || !hc__id_zero(as->inquiry))
        return status;
    hc__audit_late(as, &(hc__audit){.event = "authn_token_refused", .reason = "token of an inquiry"});
    return hc__fail(err, HC_ERR_UNAUTHENTICATED, "token", "the token of the inquiry is wrong or has expired");
}

hc_status hc_session_lead(hc_session **out, hc_client *client, const char *token, size_t size, const char *address,
                          hc_error *err)
{
    return hc__session_by_token(out, client, token, size, address, verify, err);
}
