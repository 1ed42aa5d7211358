/** @file copy.h  Moving a store: every row of one into another, from any storage driver to any. */
#ifndef HOMECONNECT_COPY_H
#define HOMECONNECT_COPY_H

#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How far a copy is, in rows. */
typedef struct hc_copy_counts {
    int64_t total;  /**< Of the source. */
    int64_t same;   /**< Found in the target as they are in the source. */
    int64_t copied; /**< Written to the target. */
    int64_t
        removed; /**< Taken out of the target: the source has them no more, or otherwise; those were copied again. */
    int64_t verified; /**< Of those copied: read back, and at the end their hash was that of the source. */
} hc_copy_counts;

/**
 * Called now and then, on the thread of the copy. May not use the client.
 *
 * @param kind     The table at hand, such as "properties". Its last call has everything of it.
 * @param of_kind  Of that table.
 * @param all      Of all tables so far; `total` is known from the start.
 * @return HC_OK to go on; anything else cancels.
 */
typedef hc_status (*hc_copy_progress_fn)(const char *kind, const hc_copy_counts *of_kind, const hc_copy_counts *all,
                                         void *data);

/** Where to copy to. */
typedef struct hc_copy_options {
    size_t struct_size;
    const char *storage_uri; /**< The target, as in hc_client_options. */
    const char *driver_path; /**< Folder of loadable drivers, as in hc_client_options. */
    int32_t batch;           /**< Rows a transaction, at most 10,000; default 2,000, and fewer when they are large. */
    int32_t reserved;        /**< 0. */
    hc_copy_progress_fn progress; /**< NULL: not told. */
    void *data;                   /**< Goes to `progress`. */
    const char *document_uri; /**< Where the target's documents go, as in hc_client_options; NULL: into its store. */
} hc_copy_options;

#define HC_COPY_OPTIONS_INIT                                                                                           \
    {                                                                                                                  \
        sizeof(hc_copy_options), NULL, NULL, 0, 0, NULL, NULL, NULL                                                    \
    }

/**
 * Copy all of a store into another, which gets its schema first: users and sign-ins, listings, leads, viewings,
 * documents, history, events, the audit log, down to keys of idempotency. With the same secret
 * (hc_client_options.key_file or secret_key) tokens, cursors and the seals of the audit log hold in the target as they
 * did.
 *
 * What is copied is one moment of the source, which may be in use; the target may not. The target is empty, or a copy
 * of the same store that nobody wrote to since. So a copy that was cancelled, failed or was killed is run again: rows
 * that are there already are compared and kept. Run once more after the last write to the source it changes nothing but
 * what is new. Every row that was written is read back, and counts and hashes are compared table by table. Until a copy
 * is whole, hc_client_open() of the target gives HC_ERR_INVALID_STATE.
 *
 * Property documents, activity logs and chat history are copied from where they live, the store or the store of
 * document_uri of the client, to where the target is to have them: so they move from SQL into MongoDB, back, or along.
 * Of a document only the fields that the library knows are copied. What waits in the outbox is delivered first; a store
 * of documents has no moment that is the other store's too, so only a copy after the last write holds all of both.
 * Delivered effects are not copied.
 *
 * It is the host's own call, which counts as the system's; the audit log of the source tells of each new copy. Search
 * words are made anew. Rows come in the order of their ids, which rise with time: a ranking by relevance, which looks
 * at the newest matches, finds those of the source unless rows came from another program.
 *
 * @param[out] out_counts  Also filled when it fails or is cancelled; may be NULL.
 * @return HC_OK; HC_NOTE_SAME when the target was equal before; HC_ERR_CONFLICT, field "storage_uri", when the target
 * holds another store, or was written to since it was copied, or another copy into it is under way; HC_ERR_INVALID,
 *         field "storage_uri", when it is the source itself; HC_ERR_INVALID naming `table.column` for a value of the
 * source that the target cannot keep; HC_ERR_SCHEMA when the target is of another version than the library;
 *         HC_ERR_INVALID_STATE, field "document_uri", while effects wait for the source's store of documents and cannot
 * be delivered, or when its documents live in one that the client was opened without; HC_ERR_CONFLICT, field
 *         "document_uri", when the target's store of documents holds others;
 *         HC_ERR_CORRUPT naming the table when what was read back is not what was written; HC_ERR_CANCELLED by the
 *         progress callback; HC_ERR_MISUSE inside a unit of work; what hc_client_open() gives for the target.
 * @note Thread-safe. Blocks, for as long as the copy takes, and holds one connection of the client. Since 0.1.
 */
HC_API hc_status hc_copy(hc_copy_counts *out_counts, hc_client *from, const hc_copy_options *options, hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
