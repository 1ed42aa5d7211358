/* What the files of this room share. */
#ifndef HC__OUTBOX_OUTBOX_H
#define HC__OUTBOX_OUTBOX_H

#include "client/unit.h"
#include "homeconnect/outbox.h"

/* A call of the host's, as the system: not inside a unit of work. hc__outbox_end() follows an OK. */
hc_status hc__outbox_begin(hc_session **as, hc_client *client, hc_error *err);
void hc__outbox_end(hc_session *as);

const hc_predicate *hc__outbox_in_state(hc__arena *arena, int32_t state);

/* What makes effects wait again as if they were new. */
hc_op hc__outbox_again(const hc_predicate *where);

/* A document as the store of documents has it. */
typedef struct hc__stored {
    hc__record row;
    uint16_t fields[HC__FIELD_LIMIT];
    bool found;
} hc__stored;
/* The one of `entity` for which `where` holds; NULL: no memory for that. */
hc_status hc__outbox_stored(hc__stored *out, hc_session *as, hc__arena *arena, const hc__entity *entity,
                            const hc_predicate *where, hc_error *err);

/* One document that differs. */
typedef struct hc__difference {
    const hc__entity *entity;
    hc_id id;
    int32_t what;    /* HC_DIFFERENCE_ */
    int64_t version; /* of its head; 0: none */
    int64_t stored;  /* 0: none */
} hc__difference;

/* *mended: it is put right, or will be by the relay. */
hc_status hc__outbox_mend(hc_session *as, const hc__difference *difference, bool *mended, hc_error *err);

#endif
