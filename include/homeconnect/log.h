/** @file log.h  What the library tells its host: log lines and counters. It never writes to a file or stream itself. */
#ifndef HOMECONNECT_LOG_H
#define HOMECONNECT_LOG_H

#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How much a line matters; hc_client_options.log_level leaves out what is above it. */
#define HC_LOG_ERROR 1
#define HC_LOG_WARN  2
#define HC_LOG_INFO  3
#define HC_LOG_DEBUG 4

/**
 * One log line: no secrets, no control characters, one event is one line.
 *
 * Called on the thread of the call that caused it; may not call back into the library.
 *
 * @param level       HC_LOG_ERROR to HC_LOG_DEBUG.
 * @param request_id  The session's request id, or "".
 * @param line        NUL-terminated UTF-8, valid during the call.
 */
typedef void (*hc_log_fn)(int32_t level, const char *request_id, const char *line, void *data);

/**
 * One observation of a counter or a duration.
 *
 * Called on the thread of the call that caused it; may not call back into the library.
 *
 * - "list.examined": once a list, rows that its scans looked at, also when it is then refused; at most 50,000. What an
 *   index leaves out is not looked at.
 * - "list.counted": the same for the total of a list that asked for one; at most 50,000.
 * - "read.replica" and "read.first": a read that a replica answered (hc_client_options.read_uri), and one that it might
 *   have but that the store itself answered.
 * - "unit.rerun": a unit of work that met another one and is run again.
 * - "unit.unknown": a commit whose answer was lost: the store is then asked what became of it.
 * - "documents.spoiled": a document that another program spoiled and a list leaves out (HC_NOTE_INCOMPLETE).
 * - "upkeep.removed": rows that one transaction of hc_client_run() removed.
 * - "outbox.delivered", "outbox.absorbed", "outbox.dead": changes of documents that a relay brought to their store; those
 *   of them that had come there before; those that were given up (hc_outbox_dead()). "outbox.dropped": log entries that
 *   rode on another change while the outbox was full.
 * - "outbox.pending_rows", "outbox.pending_bytes", "outbox.oldest_us": what waits for the documents' store, now and then.
 *
 * @param name   One of the above; static text. More may come.
 * @param value  The amount to add, or the observed value for names that end in "_us", "_bytes" or "_rows".
 */
typedef void (*hc_metric_fn)(const char *name, int64_t value, void *data);

#ifdef __cplusplus
}
#endif

#endif
