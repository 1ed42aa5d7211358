/* ENTITY "$filter\n$orderby": what parses prints and parses again to the same text, and lowers for every reader. */
#include "fuzz_query.h"

static void lower(fuzz *run, hc__query *query)
{
    const hc__expr *plain;
    const hc_predicate *predicate = NULL;
    bool exact;

    if (query->where == NULL)
        return;
    plain = hc__resolve(&query->arena, query->entity, query->where, FUZZ_NOW);
    FUZZ_ASSERT(plain != NULL || run->state.failed > 0);
    if (plain != NULL)
        predicate = hc__lower(&exact, &query->arena, query->entity, hc__address_guard(query->entity), plain);
    FUZZ_ASSERT((predicate == NULL) == (run->state.failed > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__query query;
    hc_status status;
    size_t filter_size;
    const char *filter;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    hc__query_init(&query, &run.mem, fuzz_entity(&run));
    filter = fuzz_cut(&run, "\n", &filter_size);
    status = hc__query_parse(&query, filter, run.size == 0 ? NULL : run.text, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK) {
        fuzz_print_again(&run, &query);
        lower(&run, &query);
    }
    hc__query_free(&query);
    return fuzz_end(&run);
}
