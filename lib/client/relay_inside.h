/* What the relay is made of. For relay*.c alone. */
#ifndef HC__CLIENT_RELAY_INSIDE_H
#define HC__CLIENT_RELAY_INSIDE_H

#include "client/relay.h"
#include "client/unit.h"
#include "model/effect.h"

#define HC__RELAY_BATCH 64
#define HC__RELAY_BYTES (4 << 20) /* of payloads in one batch, but for a single one */
#define HC__RELAY_WHO   1024      /* slots of who wrote effects */

typedef struct hc__relay {
    hc_id holder;                              /* this client */
    int64_t lease;                             /* µs */
    atomic_bool busy;                          /* a thread of this client relays */
    atomic_bool away;                          /* the documents' store could not be reached last */
    atomic_int_fast64_t pending, bytes;        /* as sampled, and what this process did since */
    atomic_int_fast64_t sampled;               /* when, monotonic */
    atomic_int_fast64_t dropped;               /* not yet in the totals */
    atomic_int_fast64_t retry_at;              /* of the pass behind calls, monotonic */
    atomic_int warned;                         /* 0, 1 above 80 %, 2 full */
    atomic_uint_fast64_t wrote[HC__RELAY_WHO]; /* who may have effects that wait, see relay.c; 0: none */
} hc__relay;

typedef enum hc__outcome {
    HC__READY,    /* not tried yet */
    HC__LEFT,     /* an earlier one has to come first */
    HC__APPLIED,  /* the store of documents has it now */
    HC__ABSORBED, /* it had it already */
    HC__REFUSED,  /* for its own sake */
    HC__WAITS     /* behind one that is dead or rests */
} hc__outcome;

typedef struct hc__delivery {
    hc__effect effect;
    hc_id id; /* row of the outbox */
    int64_t bytes;
    int32_t attempts;
    hc__outcome outcome;
    int64_t wait;       /* of HC__WAITS: µs from now */
    const char *reason; /* of HC__REFUSED */
} hc__delivery;

typedef struct hc__batch {
    hc__arena *arena; /* of what the rows point to */
    hc__delivery rows[HC__RELAY_BATCH];
    size_t count;
    int64_t bytes;
    hc_id last;         /* the highest id that was looked at */
    bool more;          /* there may be others behind it */
    int64_t connect_by; /* until when to wait for a connection to the documents' store */
} hc__batch;

/* Applies what may be applied and fills the outcomes. Fails when the store of documents does; what was applied until
 * then keeps its outcome. */
hc_status hc__relay_apply(hc__core *core, hc__batch *batch, int64_t deadline, hc_error *err);
/* Removes again what somebody else's removal was faster with than a delivery of these. */
hc_status hc__relay_remove_again(hc_session *as, hc__batch *batch, int64_t deadline, hc_error *err);

/* ---- the outbox and the lease (relay_lease.c) ---- */

/* The next effects behind `after` (zero: from the first) that are due; `actor`: only of this one. */
hc_status hc__relay_load(hc__batch *out, hc_session *as, hc_id after, const hc_predicate *actor, hc_error *err);
/* Whether anything is due. */
hc_status hc__relay_any(bool *out, hc_session *as, hc_error *err);
/* *fence is 0 when another holds it. */
hc_status hc__relay_claim(hc_session *as, int64_t *fence, hc_error *err);
/* Writes outcomes down, in one transaction. fence 0: without a lease, and only what was delivered. *held: the lease was
 * still ours; if not, nothing was written. *raced: somebody else had settled some of it. `release`: gives the lease
 * back. */
typedef struct hc__settling {
    hc__batch *batch;
    int64_t fence;
    bool release;
    bool held, raced;
    int64_t delivered, absorbed, dead;
} hc__settling;
hc_status hc__relay_settle(hc_session *as, hc__settling *settling, hc_error *err);

#endif
