#include "client/audit.h"

#include <string.h>

#include "base/bug.h"
#include "base/id.h"
#include "client/audit_chain.h"

#define TRIES 2

/* A refusal that waits for its own transaction. */
struct hc__late {
    struct hc__late *next;
    hc__audit event;
    char reason[256];
    int64_t at;
    hc_id id; /* the same in each try */
};

static void fill(hc__record *row, const hc_session *as, const hc__audit *event, const char *result, int64_t at)
{
    hc_id actor = hc__id_zero(event->actor) ? as->user : event->actor;

    hc__record_set_text(row, hc__audit_f_event, event->event, strlen(event->event));
    if (!hc__id_zero(actor))
        hc__record_set_id(row, hc__audit_f_actor_id, actor);
    if (!hc__id_zero(as->login))
        hc__record_set_id(row, hc__audit_f_session_id, as->login);
    if (as->request_id[0] != '\0')
        hc__record_set_text(row, hc__audit_f_request_id, as->request_id, strlen(as->request_id));
    if (as->address[0] != '\0')
        hc__record_set_text(row, hc__audit_f_ip, as->address, strlen(as->address));
    if (event->target_kind != NULL)
        hc__record_set_text(row, hc__audit_f_target_kind, event->target_kind, strlen(event->target_kind));
    if (!hc__id_zero(event->target))
        hc__record_set_id(row, hc__audit_f_target_id, event->target);
    if (event->reason != NULL && event->reason[0] != '\0')
        hc__record_set_text(row, hc__audit_f_reason, event->reason, strlen(event->reason));
    hc__record_set_text(row, hc__audit_f_result, result, strlen(result));
    hc__record_set_int(row, hc__audit_f_created_at, at);
}

/* The pseudonym of its actor, and the mark over all of it. */
static void sign(hc__record *row, const hc__core *core)
{
    uint8_t seal[HC__SEAL_SIZE] = {0}, pseudonym[32];
    hc__buf scratch;

    if (!hc__record_is_null(row, hc__audit_f_actor_id)) {
        hc__audit_pseudonym(pseudonym, core, hc__record_id(row, hc__audit_f_actor_id));
        hc__record_set_text(row, hc__audit_f_pseudonym, (const char *)pseudonym, sizeof pseudonym);
    }
    hc__buf_init(&scratch, &core->mem);
    if (hc__audit_mark(seal, &scratch, core, row->values))
        hc__record_set_text(row, hc__audit_f_seal, (const char *)seal, sizeof seal);
    else if (!hc__bug("unsealed-without-memory"))
        row->fault = HC_ERR_NO_MEMORY;
    hc__buf_free(&scratch);
}

/* `id` zero: a new one. One that is given may be there already. */
static void add(hc__unit *unit, const hc__audit *event, const char *result, int64_t at, hc_id id)
{
    bool again = !hc__id_zero(id);
    hc__record row;
    hc_status status = hc__record_init(&row, &hc__audit_entity, hc__unit_arena(unit), NULL);

    if (status >= 0 && !again)
        status = hc__unit_id(unit, &id);
    if (status < 0) {
        hc__unit_doom(unit, status);
        return;
    }
    hc__record_set_id(&row, hc__audit_f_id, id);
    fill(&row, hc__unit_session(unit), event, result, at);
    sign(&row, hc__unit_session(unit)->core);
    if (again)
        hc__unit_insert_if_absent(unit, &row, NULL);
    else
        hc__unit_insert(unit, &row);
    hc__unit_note_audit(unit);
}

void hc__audit_add(hc__unit *unit, const hc__audit *event)
{
    add(unit, event, "ok", hc__unit_now(unit), (hc_id){{0}});
}

void hc__audit_late(hc_session *as, const hc__audit *event)
{
    struct hc__late *late = hc__alloc_zero(&as->core->mem, 1, sizeof *late);
    struct hc__late **end = &as->late;
    hc_error why;

    if ((late == NULL ? hc__no_memory(&why) : hc__id_make(&late->id, hc__core_now(as->core), &why)) < 0) {
        hc__free(&as->core->mem, late);
        hc__core_log(as->core, HC_LOG_ERROR, as->request_id, "audit row %s was not written: %s", event->event,
                     why.message);
        return;
    }
    late->event = *event;
    late->at = hc__core_now(as->core);
    if (event->reason != NULL) {
        strncpy(late->reason, event->reason, sizeof late->reason - 1);
        late->event.reason = late->reason;
    }
    while (*end != NULL)
        end = &(*end)->next;
    *end = late;
}

static hc_status write_all(hc__unit *unit, void *data, hc_error *err)
{
    (void)err;
    hc__unit_repeatable(unit);
    for (const struct hc__late *late = data; late != NULL; late = late->next)
        add(unit, &late->event, late->event.result == NULL ? "refused" : late->event.result, late->at, late->id);
    return HC_OK;
}

size_t hc__late_count(const hc_session *as)
{
    size_t count = 0;

    for (const struct hc__late *late = as->late; late != NULL; late = late->next)
        count++;
    return count;
}

void hc__late_keep(hc_session *as, size_t count)
{
    struct hc__late **end = &as->late;

    for (; *end != NULL && count > 0; count--)
        end = &(*end)->next;
    while (*end != NULL) {
        struct hc__late *dropped = *end;
        *end = dropped->next;
        hc__free(&as->core->mem, dropped);
    }
}

void hc__late_drop(hc_session *as)
{
    hc__late_keep(as, 0);
}

/* Twice: a lock or a broken connection may be gone by then. */
static hc_status write_now(hc_session *as, hc_error *err)
{
    hc_status status = HC_OK;

    for (int i = 0; i < TRIES; i++) {
        as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT; /* the call's own may be spent */
        status = hc__unit_run_unchecked(as, write_all, as->late, err);
        if (status >= 0)
            break;
    }
    return status;
}

void hc__late_write(hc_session *as)
{
    hc_error err = {0};
    hc_status status;

    as->unstoppable = true; /* nobody gets out of the log by hanging up */
    status = write_now(as, &err);
    as->unstoppable = false;
    for (const struct hc__late *late = as->late; status < 0 && late != NULL; late = late->next)
        hc__core_log(as->core, HC_LOG_ERROR, as->request_id, "audit row %s was not written: %s", late->event.event,
                     err.message);
    hc__late_drop(as);
}
