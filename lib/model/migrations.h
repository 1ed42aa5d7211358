/* The schema's history as data. Append only: lib/storage/migrations.lock holds the hash of each. */
#ifndef HC__MODEL_MIGRATIONS_H
#define HC__MODEL_MIGRATIONS_H

#include "base/buf.h"
#include "homeconnect/driver/storage.h"

extern const hc_migration hc__migrations[];
extern const size_t hc__migration_count;
/* The migration as canonical text (kinds, fields with types and limits, indexes), for its hash. */
void hc__migration_text(hc__buf *out, const hc_migration *migration);

#endif
