/* A session: who acts, on which deadline, in which unit of work. */
#ifndef HC__CLIENT_SESSION_H
#define HC__CLIENT_SESSION_H

#include "client/core.h"
#include "client/predicate.h"
#include "homeconnect/session.h"

#define HC__DEFAULT_TIMEOUT (30 * HC__SECOND)
#define HC__TIMEOUT_LIMIT   (3600 * HC__SECOND)
#define HC__KEY_LIMIT       255
#define HC__STEP_UP         (300 * HC__SECOND) /* security.md: how old a sign-in may be for what asks for a fresh one */

struct hc__unit;
struct hc__late;
struct hc__rate_late;

struct hc_session {
    uint32_t magic;
    int32_t role;
    hc__handle *handle; /* owns the session's memory */
    hc__core *core;
    hc_id user;
    hc_id login;   /* row of `sessions` */
    hc_id inquiry; /* of a guest with a lead token: its row of `lead_touches` */
    int64_t epoch;
    int64_t since;   /* when the user signed in, µs */
    int64_t expires; /* of the sign-in, or of the lead token, µs */
    int64_t timeout;
    int64_t deadline; /* of the call in flight, monotonic */
    char address[48];
    uint8_t peer[32]; /* who is behind the address, as limits count: a keyed hash */
    char request_id[65];
    char key[HC__KEY_LIMIT + 1]; /* idempotency key of the next create; "" none */
    char *token;
    atomic_bool busy;
    atomic_bool interrupted;
    bool unstoppable;                 /* an interrupt waits for what comes after */
    bool role_known;                  /* the store told it */
    bool committed;                   /* the call under way wrote something, where others commit too */
    int64_t lag;                      /* see hc_session_document_lag() */
    hc_error spoiled;                 /* why the last list leaves a document out; status 0: it does not */
    hc__mutex lock;                   /* of `running` and `waiting` */
    void *running;                    /* connection that a call of this session uses */
    const hc_storage_driver *driver;  /* whose it is */
    bool waiting;                     /* a call of this session waits for a connection */
    struct hc__unit *unit;            /* the host's open unit; read on its thread only */
    atomic_uint_fast64_t unit_thread; /* which thread that is; 0: none */
    const hc__core *outer;            /* whose call was in flight on this thread before */
    struct hc__late *late;            /* rows to write after the call, oldest first */
    struct hc__rate_late *late_rates; /* and what is to be counted */
    uint64_t verdict[HC__POOL_LIMIT]; /* by slot: the stamp under which this sign-in was last seen alive; 0 never */
    uint32_t verdict_generation[HC__POOL_LIMIT];
};

/* One call: checks the handle, the client and that no other call of the session is in flight, and sets the deadline.
 * Inside the host's unit on its thread it may nest. Each OK is followed by hc__leave(). */
hc_status hc__enter(hc_session *as, hc_error *err);
void hc__leave(hc_session *as);

/* Reads in one snapshot, and gives nothing out unless the session is alive (storage.md, Revocation). Inside the host's
 * unit: in its transaction. On failure rows that `on_row` took are to be dropped. */
hc_status hc__session_read(hc_session *as, hc_op *ops, size_t count, hc_row_fn on_row, void *data, hc_error *err);
/* The same as a batch, for query/'s lists. `data` is the session. */
hc_status hc__session_execute(hc_batch *batch, void *data, hc_error *err);
void hc__session_one_snapshot(hc_batch *batch); /* sets the flags of reads by themselves, but for HC_BATCH_ROUGH */

/* A connection, within the session's patience; hc_session_interrupt() reaches the wait. */
hc_status hc__session_acquire(hc_session *as, hc__lease *lease, int32_t role, hc_error *err);
hc_status hc__session_acquire_of(hc_session *as, hc__store *store, hc__lease *lease, int32_t role, hc_error *err);
/* Runs a batch on a leased connection so that hc_session_interrupt() reaches it. A rollback always goes through; what
 * fails is rolled back. */
hc_status hc__session_run(hc_session *as, hc__lease *lease, hc_batch *batch, hc_error *err);
/* The same on a connection of another store. */
hc_status hc__session_run_on(hc_session *as, const hc_storage_driver *driver, hc__lease *lease, hc_batch *batch,
                             hc_error *err);
/* Whether the sign-in is alive as of this connection's snapshot; in_transaction: a transaction is open on it. */
hc_status hc__session_check(hc_session *as, hc__lease *lease, uint32_t flags, hc_error *err);
/* Sets up a session for `role` with nothing signed in. */
hc_status hc__session_new(hc_session **out, hc__core *core, int32_t role, const char *address, hc_error *err);
/* A session of whoever a token stands for: `verify` makes a guest's session theirs, or refuses. */
typedef hc_status (*hc__verify_fn)(hc_session *as, const char *token, size_t size, hc_error *err);
hc_status hc__session_by_token(hc_session **out, hc_client *client, const char *token, size_t size, const char *address,
                               hc__verify_fn verify, hc_error *err);
/* Whether it is somebody whose sign-in can end. */
bool hc__session_signed_in(const hc_session *as);

#endif
