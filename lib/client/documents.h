/* A store of documents alone, beside the one that has transactions (storage.md, The second store): connected to when it
 * is first needed, its schema seen to then. */
#ifndef HC__CLIENT_DOCUMENTS_H
#define HC__CLIENT_DOCUMENTS_H

#include "client/session.h"

/* `migrate`: HC_MIGRATE_. Opens no connection. */
hc_status hc__documents_open(hc__core *core, const hc__store_options *options, const char *uri, int32_t migrate,
                             hc_error *err);
void hc__documents_close(hc__core *core);
void hc__documents_abandon(hc__core *core); /* see hc__store_abandon() */
/* HC_NOTE_SAME when its schema was up to date. */
hc_status hc__documents_migrate(hc__core *core, int64_t deadline, hc_error *err);

/* Sees to its schema as `migrate` says, the first time. Without a connection of the caller's own. */
hc_status hc__documents_ready(hc__core *core, int64_t deadline, hc_error *err);
/* Runs a batch on a connection of it, under the session's deadline; hc_session_interrupt() reaches it. A connection
 * that turned out dead is no reason to fail, once, unless a row was given: every batch that comes here may be run
 * twice. HC_ERR_UNAVAILABLE at once while nobody can connect. */
hc_status hc__documents_run(hc_session *as, hc_batch *batch, hc_error *err);
/* Whether it may answer: the last try to connect did not fail a moment ago. */
bool hc__documents_may_answer(const hc__core *core);
/* Whether somebody lately waited for it in vain: nobody who need not should try. */
bool hc__documents_away(const hc__core *core);

#endif
