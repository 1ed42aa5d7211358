/** @file client.h  The client: one open set of stores, shared by all threads of the host. */
#ifndef HOMECONNECT_CLIENT_H
#define HOMECONNECT_CLIENT_H

#include "homeconnect/allocator.h"
#include "homeconnect/clock.h"
#include "homeconnect/error.h"
#include "homeconnect/log.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HC_MIGRATE_AUTO  0 /**< Bring the schema up to date at open. */
#define HC_MIGRATE_CHECK 1 /**< Fail with HC_ERR_SCHEMA unless it is up to date; makes no file. */
#define HC_MIGRATE_NEVER 2 /**< Open whatever is there, for hc_client_migrate() and hc_client_health(). */

/** Bytes of hc_client_options.secret_key. */
#define HC_SECRET_KEY_SIZE 32

/**
 * Whether a password is known from a breach (NIST SP 800-63B-4, section 3.1.1.2): a new one that is gets refused.
 *
 * Called on the thread of the call that sets the password; may not call back into the library, nor keep the bytes.
 *
 * @param password  `size` bytes of UTF-8, not NUL-terminated.
 * @return 1 when it is, else 0.
 */
typedef int32_t (*hc_password_fn)(const char *password, size_t size, void *data);

/**
 * How to open a client. Everything that is zero means its default.
 */
typedef struct hc_client_options {
    size_t struct_size;
    const char *storage_uri;  /**< "sqlite:PATH", "sqlite::memory:", "postgresql://USER@HOST/DATABASE" with libpq's
                                   parameters, or "mysql://USER:PASSWORD@HOST/DATABASE" for MariaDB; default
                                   "sqlite:homeconnect.db". What a server wants besides: README, "From a file to a
                                   server". */
    const char *driver_path;  /**< Folder of loadable drivers; default: "homeconnect" beside the library, or beside the
                                   program or module that links it statically. */
    const char *key_file;     /**< 32 bytes, mode 0600. Default for a SQLite file: "<path>.keys". Made when absent: a
                                   SQLite file in use then goes on with other keys, by which its tokens end and the seals
                                   of its audit log hold no longer; on a server only for a store that is new, since
                                   others have the file of one in use. */
    const uint8_t *secret_key; /**< HC_SECRET_KEY_SIZE bytes instead of a file: tokens, cursors and audit need it. */
    const hc_allocator *allocator; /**< NULL: the C library's. Copied. */
    const hc_clock *clock;         /**< NULL: the system's. Copied. */
    hc_log_fn log;                 /**< NULL: nothing is logged. */
    void *log_data; /**< Goes to `log`. */
    hc_metric_fn metric;           /**< NULL: nothing is counted. */
    void *metric_data; /**< Goes to `metric`. */
    const char *issuer;            /**< `iss` and `aud` of access tokens; default "homeconnect". */
    const char *currency;          /**< ISO 4217 code that a price has when none is named; default "USD". */
    int32_t migrate;               /**< HC_MIGRATE_. */
    int32_t log_level;             /**< Lines above it are not made; default HC_LOG_INFO. */
    int32_t pool_size;             /**< Connections at most, though two of a SQLite file; default 8. */
    int32_t password_profile;      /**< HC_PASSWORD_. */
    int64_t acquire_timeout;       /**< Microseconds to wait for a connection; default 5,000,000. */
    int64_t token_lifetime;        /**< Microseconds an access token lives; default 600,000,000, at most a day. */
    hc_password_fn breached;       /**< NULL: new passwords are compared with no set of breached ones. */
    void *breached_data; /**< Goes to `breached`. */
    int64_t response_target;       /**< Microseconds in which a new lead is to be answered; default 3,600,000,000. */
    const char *zoneinfo;          /**< Folder of TZif files (RFC 8536) by IANA name; default "/usr/share/zoneinfo". */
    int64_t appointment_cutoff;    /**< Microseconds before an appointment until which its buyer or guest may move or
                                        cancel it; default 7,200,000,000 (two hours), at most 30 days. */
    const char *read_uri; /**< A replica of the store on a server, of the same scheme; NULL: none. Gets and lists of
                               nouns go there when it has come as far as the last write that this user, or guest's
                               address, made with this client, and as the store was 200 ms ago; else to the store. That
                               a sign-in still lives is always asked of the store. */
    const char *document_uri; /**< Where property documents, activity logs and chat history live: "mongodb://HOST/DATABASE"
                                   or "mongodb+srv:"; NULL: in the store of storage_uri. It is connected to when it is
                                   first needed, and may be down: all that is not about documents goes on, what is
                                   appended waits in the outbox, and what must ask it is HC_ERR_UNAVAILABLE. The first
                                   open with one takes libmongoc's log handler away, whose lines may hold values: a host
                                   that uses libmongoc itself calls mongoc_log_set_handler() behind it. */
    int64_t outbox_rows;  /**< Effects that may wait for the store of document_uri; default 100,000. */
    int64_t outbox_bytes; /**< Bytes that they may have; default 268,435,456 (256 MiB). */
} hc_client_options;

/** Positional: only the size is set. */
#define HC_CLIENT_OPTIONS_INIT                                                                                         \
    {                                                                                                                  \
        sizeof(hc_client_options), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, \
            0, 0, NULL, NULL, 0, NULL, 0, NULL, NULL, 0, 0                                                             \
    }

#define HC_PASSWORD_STANDARD   0 /**< Argon2id, 64 MiB, 3 passes (RFC 9106). */
#define HC_PASSWORD_LOW_MEMORY 1 /**< Argon2id, 19 MiB, 2 passes (OWASP's floor). */

/**
 * Open a client: its store, its keys and its schema.
 *
 * Nothing is written to a file that is not a HomeConnect store. Two clients, and two processes, may open one store.
 *
 * @param[out] out      The client, or NULL on failure. Close with hc_client_close().
 * @param      options  NULL means all defaults.
 * @return HC_OK; HC_ERR_INVALID naming the option; HC_ERR_UNSUPPORTED when the URI's driver was not built or found;
 *         HC_ERR_SCHEMA when the store is newer than the library, or older with HC_MIGRATE_CHECK; HC_ERR_CORRUPT when the
 *         file is no database or is damaged; HC_ERR_FORKED in a child whose parent had a SQLite file open at the fork;
 *         HC_ERR_UNAVAILABLE, HC_ERR_BUSY, HC_ERR_IO or HC_ERR_NO_SPACE of the store.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_client_open(hc_client **out, const hc_client_options *options, hc_error *err);

/**
 * Close a client. Sessions, pages and records stay readable until they are freed; operations on them fail with
 * HC_ERR_CLOSED. Calls in flight on other threads end first; none may begin with the client itself any more. NULL is
 * fine. In the child of a fork it only frees memory. Inside a callback of one of its own calls it does nothing.
 *
 * @note Thread-safe against calls in flight, not against itself. Blocks. Since 0.1.
 */
HC_API void hc_client_close(hc_client *client);

/**
 * Bring the schema up to date, of the store of document_uri too. Two processes may call it at once: one does the work.
 *
 * @return HC_OK; HC_NOTE_SAME when it was up to date; HC_ERR_SCHEMA when the store is newer than the library.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_client_migrate(hc_client *client, hc_error *err);

/** What hc_client_health() tells. Set `struct_size` before the call; fields beyond it are not written. */
typedef struct hc_health {
    size_t struct_size;
    int32_t reachable;      /**< 1 when the store answered. */
    int32_t schema_version; /**< Of the store; compare with hc_schema_version(). */
    int32_t pool_size;      /**< Connections that may be open. */
    int32_t pool_in_use;    /**< Connections that calls are using. */
    int32_t pool_waiting;   /**< Calls that wait for a connection. */
    int32_t reserved;
    char engine[48];        /**< Such as "sqlite 3.40.1". */
    int32_t documents_reachable; /**< 1 when the store of document_uri answered; 0 when it did not, or there is none. */
    int32_t reserved_2;
    char documents_engine[48];   /**< Such as "mongodb 7.0.5"; "" when it did not answer. */
} hc_health;

#define HC_HEALTH_INIT {sizeof(hc_health), 0, 0, 0, 0, 0, 0, {0}, 0, 0, {0}}

/**
 * Ask the store whether it is well, within two seconds, and as long the store of document_uri.
 *
 * @param[in,out] health  Filled as far as known, also on failure.
 * @return HC_OK when the store answered, whatever the store of document_uri did; else its error, such as
 *         HC_ERR_UNAVAILABLE or HC_ERR_TIMEOUT.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_client_health(hc_client *client, hc_health *health, hc_error *err);

/**
 * Do background work that is due (expired sessions, idempotency keys, holds of viewings; on servers the numbers of events
 * and the seals of the audit log; with document_uri the effects that wait for that store, in batches of 64) in transactions of at most 512 rows; none is begun after `budget` microseconds. A host calls it now and then from a thread of its own; nothing in the
 * library needs it to be called at a certain time, and what one call leaves the next one does.
 *
 * @param[out] out_done  Rows dealt with; may be NULL.
 * @return HC_OK, also when nothing was due; HC_ERR_MISUSE inside a unit of work.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_client_run(hc_client *client, int64_t budget, int64_t *out_done, hc_error *err);

/**
 * Called now and then while a backup is made, on its thread. The last call has `done` equal to `total`. May not use the
 * client.
 *
 * @param done   Pieces of the store, in the engine's own measure.
 * @param total  The same.
 * @return HC_OK to go on; anything else cancels.
 */
typedef hc_status (*hc_backup_progress_fn)(int64_t done, int64_t total, void *data);

/**
 * Copy the store into one new file while others read and write: one moment of it, with everything that was acknowledged
 * before the call. The copy is opened like any store. The key file is not copied: keep it apart, and give it to who opens
 * the copy (hc_client_options.key_file), or tokens and cursors end and the audit log cannot be verified.
 *
 * It is the host's own call, which counts as the system's; the audit log tells of it. The file appears under its name,
 * mode 0600, only when it is whole and synced. What a killed process leaves is called PATH.new-*.
 *
 * @param path      Must not exist: nothing is ever overwritten.
 * @param progress  May be NULL.
 * @return HC_OK; HC_ERR_CONFLICT, field "path", when something has that name; HC_ERR_NOT_FOUND, field "path", without its
 *         folder; HC_ERR_CANCELLED by the progress callback; HC_ERR_NO_SPACE or HC_ERR_IO; HC_ERR_UNSUPPORTED when the
 *         driver makes no backups; HC_ERR_MISUSE inside a unit of work. After a failure there is no file.
 * @note Thread-safe. Blocks, for as long as the copy takes. Since 0.1.
 */
HC_API hc_status hc_client_backup(hc_client *client, const char *path, hc_backup_progress_fn progress, void *data,
                                  hc_error *err);

/** Text that the library made: JSON, an explanation. */
typedef struct hc_text hc_text;

/** The bytes, NUL-terminated UTF-8, borrowed until the text is freed. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_text_data(const hc_text *text);
/** The number of bytes, without the NUL. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_text_size(const hc_text *text);
/** Free a text; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_text_free(hc_text *text);

#ifdef __cplusplus
}
#endif

#endif
