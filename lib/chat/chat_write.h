/* Writing conversations: what is the same wherever their documents live, and what it is where they have a store of
 * their own. */
#ifndef HC__CHAT_CHAT_WRITE_H
#define HC__CHAT_CHAT_WRITE_H

#include "chat/chat.h"

/* The newest document that the caller may write; NOT_FOUND. */
hc_status hc__chat_newest_row(hc__unit *unit, hc__record *row, const char *session_id, hc_error *err);
/* Writes what was added, and runs the unit again when another session was faster. */
hc_status hc__chat_or_again(hc__unit *unit, const hc_op_result *result, hc_error *err);
/* The value as it is: canonical by how it was made. It lies in `messages` until it was written. */
void hc__chat_put_messages(hc__record *row, const hc__buf *messages, size_t count);
/* The document behind number `bucket`, with what is in `row` and the summary. */
hc_status hc__chat_open_bucket(hc__unit *unit, hc__record *row, int64_t bucket, const char *summary,
                               const char *session_id, hc_error *err);

/* ---- elsewhere ---- */
hc_status hc__chat_put_elsewhere(hc__unit *unit, const hc__record *row, hc_error *err);
hc_status hc__chat_append_elsewhere(hc__unit *unit, const char *session_id, const hc__buf *message, hc_error *err);
hc_status hc__chat_summary_elsewhere(hc__unit *unit, const char *session_id, const char *text, hc_error *err);

#endif
