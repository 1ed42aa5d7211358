/* A store: one driver, opened on one URI, and the pool of its connections. */
#ifndef HC__STORAGE_STORE_H
#define HC__STORAGE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/mem.h"
#include "homeconnect/driver/storage.h"
#include "homeconnect/log.h"

#define HC__POOL_LIMIT 64 /* connections of one store */

typedef struct hc__store hc__store;
typedef struct hc__ride hc__ride; /* see ride.h */

typedef struct hc__store_options {
    const char *uri;
    const char *driver_path; /* folder of modules; NULL: the installed one */
    int32_t pool_size;
    hc_log_fn log;
    void *log_data;
    int32_t log_level;
    int64_t (*now)(void *data);
    void *now_data;
    int64_t idle_limit; /* µs after which a connection to a server is asked before it serves again; 0: 30 s */
    int64_t lifetime;   /* of a connection to a server, µs, about; 0: 30 minutes */
    bool reads_only;    /* all its connections */
    bool documents;     /* a store of documents alone, which need not have transactions */
} hc__store_options;

/* `mem` outlives the store. Opens no connection. */
hc_status hc__store_open(hc__store **out, const hc__mem *mem, const hc__store_options *options, hc_error *err);
/* Every lease was released. */
void hc__store_close(hc__store *store);
/* In the child of a fork: frees memory and touches no file or socket of the parent. */
void hc__store_abandon(hc__store *store);

const hc_storage_driver *hc__store_driver(const hc__store *store);

/* One connection, for one caller at a time. */
typedef struct hc__lease {
    void *conn;
    uint32_t slot;       /* 0..HC__POOL_LIMIT-1 */
    uint32_t generation; /* rises when the slot gets another connection */
    bool in_transaction; /* kept by who runs batches on it */
    bool doubtful;       /* another's read broke the connection */
    bool ran;            /* the last batch on it, and well */
    hc__ride *rides;     /* the holder's and those brought along, or NULL */
} hc__lease;

/* A connection to a server is asked first when it was idle for long or another one turned out dead meanwhile, and
 * replaced when it is old. Once none can be made, the next try is a second later: until then, and while somebody tries,
 * all others fail at once with what the last try met.
 *
 * Waits in order of arrival until `deadline` (monotonic µs), then HC_ERR_BUSY. `role`: HC_CONNECT_READ or _WRITE. A
 * thread that holds the only writer and asks for it again gets HC_ERR_MISUSE instead of waiting for itself. `stop` (may
 * be NULL) ends the wait with HC_ERR_CANCELLED: whoever sets it calls hc__store_wake(). */
hc_status hc__store_acquire(hc__lease *lease, hc__store *store, int32_t role, int64_t deadline, const atomic_bool *stop,
                            hc_error *err);
void hc__store_wake(hc__store *store);
/* `usable` false, or a transaction is open: the connection is thrown away. */
void hc__store_release(hc__store *store, hc__lease *lease, bool usable);
/* Whether a connection may be used again after an operation ended with this status. */
bool hc__store_usable_after(hc_status status);
/* No connection could be made lately: who asks for one now fails at once, but for who tries again. */
bool hc__store_is_out(hc__store *store);

typedef struct hc__pool_state {
    int32_t size, in_use, waiting;
} hc__pool_state;
hc__pool_state hc__store_pool(hc__store *store);

/* HC_NOTE_SAME when the schema was up to date; HC_ERR_SCHEMA when it is newer. */
hc_status hc__store_migrate(hc__store *store, int64_t deadline, hc_error *err);
/* The same, and a store of documents that says HC_ERR_BUSY, because another migrates, is asked again until `patience`;
 * what has begun goes on until `deadline`. */
hc_status hc__store_migrate_within(hc__store *store, int64_t patience, int64_t deadline, hc_error *err);
/* HC_ERR_SCHEMA when the store's version is not the library's. *version is set on both. */
hc_status hc__store_check_schema(hc__store *store, int32_t *version, int64_t deadline, hc_error *err);

#endif
