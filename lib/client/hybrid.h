/* Documents that live in a store of their own (storage.md, The second store): how they are read, and what a unit of
 * work writes for them. Where there is none, one look at core->documents is all that is paid. */
#ifndef HC__CLIENT_HYBRID_H
#define HC__CLIENT_HYBRID_H

#include "client/unit.h"
#include "model/effect.h"

bool hc__hybrid_any(const hc_op *ops, size_t count);
/* Whether any of them is about documents that live elsewhere. */
static inline bool hc__hybrid_concerns(const hc__core *core, const hc_op *ops, size_t count)
{
    return core->documents != NULL && hc__hybrid_any(ops, count);
}
/* Reads of which some are about documents. First the others, with whether the sign-in is alive, and the heads of
 * documents that one key names; then the store of documents; then what waits in the outbox for those of one key. `unit`
 * NULL: outside a unit of work. Without it, who has effects of their own waiting sees them delivered before a list is
 * read; in one, they are merged into what the store of documents gives (client/hybrid_own.h). */
hc_status hc__hybrid_execute(hc_session *as, hc__unit *unit, hc_batch *batch, hc_error *err);

const hc__entity *hc__hybrid_entity(const hc_kind *kind);
/* Heads of the documents of one key. NULL without memory. */
const hc_predicate *hc__head_where(hc__arena *arena, const hc__entity *entity, const char *key);

/* The effects of these documents behind a version, in the order of versions. `where` is NULL without memory. */
hc_op hc__hybrid_effects(hc__arena *arena, const hc_value *ids, size_t count, int64_t version);
hc__effect hc__hybrid_effect(const hc__entity *entity, const hc_row *row); /* of such a row, which it borrows from */

/* An insert of a document that never changes. A unit of one call keeps it until its end, the host's queues it. */
void hc__hybrid_append(hc__unit *unit, const hc_op *op);
/* Queues what was kept: the unit wrote something else too. */
hc_status hc__hybrid_queue(hc__unit *unit, hc_error *err);
/* Sends it to the store of documents, or to the outbox when that cannot be reached. The unit has let its connection go.
 */
hc_status hc__hybrid_send(hc__unit *unit, hc_error *err);
/* Whether it added effects. */
bool hc__hybrid_queued(const hc__unit *unit);
/* The unit was committed. */
void hc__hybrid_committed(hc__unit *unit);

#endif
