/* What a client is: options, keys, store, and who still refers to them. */
#ifndef HC__CLIENT_CORE_H
#define HC__CLIENT_CORE_H

#include <stdatomic.h>

#include "base/fail.h"
#include "base/mem.h"
#include "base/thread.h"
#include "base/time.h"
#include "client/handle.h"
#include "crypto/crypto.h"
#include "homeconnect/client.h"
#include "storage/store.h"

#define HC__ZONEINFO_LIMIT 1023

/* Bounds how many password hashes run at once: each takes memory. */
typedef struct hc__hash_slots {
    hc__mutex lock;
    hc__cond freed;
    int32_t free;
} hc__hash_slots;

typedef struct hc__core {
    atomic_int refs;  /* the client, each session, record, page, query and text */
    atomic_int calls; /* in flight */
    atomic_bool closed;
    atomic_bool ready; /* the store's schema is ours */
    int32_t pid;
    hc__mem mem;
    hc_clock clock;
    hc_log_fn log;
    void *log_data;
    int32_t log_level;
    hc_metric_fn metric;
    void *metric_data;
    hc_password_fn breached;
    void *breached_data;
    char issuer[64];
    char currency[4];
    char zoneinfo[HC__ZONEINFO_LIMIT + 1]; /* folder of time zones */
    int64_t appointment_cutoff;
    int64_t acquire_timeout;
    int64_t token_lifetime;
    int64_t login_lifetime;
    int64_t response_target; /* of a new lead */
    int64_t soon_pause;      /* see hc__upkeep_soon() */
    atomic_int_fast64_t soon;
    hc__argon argon;
    hc__hash_slots hashes;
    hc__secret *cursor_key;
    hc__secret *request_key; /* of idempotency bodies and import rows */
    hc__secret *audit_key;
    hc__signing_key *signing_key;
    hc__store *store;                    /* NULL once closed */
    struct hc__replica *replica;         /* NULL: there is none */
    hc__store *documents;                /* of kinds of documents; NULL: they live in `store` */
    atomic_bool documents_ready;         /* its schema is ours */
    atomic_int_fast64_t documents_retry; /* monotonic: until then appends wait for no connection to it; 0: it answers */
    int32_t documents_migrate;           /* HC_MIGRATE_ */
    int64_t outbox_rows, outbox_bytes;   /* undelivered effects at most */
    struct hc__relay *relay;             /* NULL: there is no other store */
    hc__mutex idle_lock;
    hc__cond idle; /* calls reached 0 while closed */
} hc__core;

#define HC__CLIENT_MAGIC 0x48434c31u

struct hc_client {
    atomic_uint magic; /* calls of other threads may look at it while it is closed */
    hc__core *core;
};

/* The client's core for calls that need no session. HC_ERR_MISUSE for NULL or not a client. No reference is taken. */
hc_status hc__client_core(hc__core **out, const hc_client *client, hc_error *err);
void hc__core_retain(hc__core *core);
void hc__core_release(hc__core *core); /* frees it with the last reference */

/* Counts a call in: CLOSED, FORKED, or MISUSE in a hook that may not call. Every OK is followed by hc__core_leave(), by
 * somebody who holds a reference: a core that is closed may be freed once the last call has left. */
hc_status hc__core_enter(hc__core *core, hc_error *err);
void hc__core_leave(hc__core *core);

/* HC_ERR_SCHEMA until the store was migrated (HC_MIGRATE_NEVER). */
hc_status hc__core_ready(hc__core *core, int64_t deadline, hc_error *err);
/* Whether a log, metric or clock hook of the host runs on this thread: it may not call the library. */
bool hc__in_hook(void);
/* Whether a call of this client is in flight on this thread. */
bool hc__call_on_this_thread(const hc__core *core);

int64_t hc__core_now(const hc__core *core);
/* Microseconds since then, at least 1, though a clock was put back; 0 for 0, which is never. */
int64_t hc__core_age(const hc__core *core, int64_t since);
void hc__core_line(const hc__core *core, int32_t level, const char *request_id, const char *text); /* made one line */
void hc__core_log(const hc__core *core, int32_t level, const char *request_id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool hc__core_breached(const hc__core *core, const char *password, size_t size);
void hc__core_count(const hc__core *core, const char *name, int64_t value);

hc_status hc__hash_begin(hc__core *core, hc_error *err); /* HC_ERR_BUSY after two seconds */
void hc__hash_end(hc__core *core);

/* The keys of one client, derived from one secret of 32 bytes. */
typedef struct hc__keys {
    uint8_t secret[HC_SECRET_KEY_SIZE];
    hc__buf path;  /* of the key file; empty: none */
    bool found;    /* else the secret is made by hc__keys_open() */
    bool makeable; /* a store on a server is shared: its secret must be given */
    bool shared;   /* by machines that may lack the file: only for a store that is new is it made */
} hc__keys;

/* Takes the secret from the options or from a file that is there; makes none. hc__keys_forget() follows, also on
 * failure. */
hc_status hc__keys_find(hc__keys *keys, hc__core *core, const hc_client_options *options, hc_error *err);
/* For who only looks: the driver would make the file. */
hc_status hc__check_file(const hc_client_options *options, hc__core *core, hc_error *err);
hc_status hc__keys_open(hc__core *core, hc__keys *keys, hc_error *err);
void hc__keys_forget(hc__keys *keys);
void hc__keys_close(hc__core *core);

/* A handle and the zeroed public object of `size` bytes that it owns, in one block with the first `room` bytes of its
 * arena. NULL without memory. */
void *hc__handle_new(hc__core *core, size_t size, size_t room, hc__handle **handle);
void hc__handle_free(hc__handle *handle);

/* Copies the sized struct a host gave over `defaults` in `out`: HC_ERR_INVALID for a tail that is not zero and not
 * known. `in` NULL: all defaults. */
hc_status hc__sized_copy(void *out, size_t known, const void *in, const char *name, hc_error *err);

hc_status hc__text_new(hc_text **out, hc__core *core, hc__buf *buf, hc_error *err); /* takes the buffer's bytes */

#endif
