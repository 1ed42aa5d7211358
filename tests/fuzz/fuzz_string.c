/* ENTITY query string: what parses prints as a $filter, is listed and explained. */
#include "fuzz_query.h"

static void list(fuzz *run, const hc__query *query)
{
    static const uint8_t bytes[32] = {7};
    hc__list_context context;
    hc__secret *key;
    hc__arena arena;
    hc__list page;
    hc__buf text;
    hc_status status;

    FUZZ_ASSERT(hc__secret_new(&key, bytes, sizeof(bytes), NULL) == HC_OK);
    hc__arena_init(&arena, &run->mem, NULL, 0);
    hc__buf_init(&text, &run->mem);
    context = fuzz_context(key, run->size % 2 == 0);
    status = hc__list_run(&page, &arena, query, &context, &run->err);
    fuzz_outcome(run, status);
    if (status >= 0)
        FUZZ_ASSERT(page.count == 0 && page.next == NULL);
    if (run->state.failed == 0 && status >= 0)
        fuzz_outcome(run, hc__list_explain(&text, query, &context, NULL, NULL, &run->err));
    hc__buf_free(&text);
    hc__arena_free(&arena);
    hc__secret_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__query query;
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    FUZZ_ASSERT(hc__crypto_start(NULL) == HC_OK);
    hc__query_init(&query, &run.mem, fuzz_entity(&run));
    status = hc__query_parse_string(&query, run.text, run.size, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK) {
        FUZZ_ASSERT(query.limit >= 1 && query.limit <= 200 && query.sort_count <= HC__SORT_LIMIT);
        fuzz_print_again(&run, &query);
        list(&run, &query);
    }
    hc__query_free(&query);
    return fuzz_end(&run);
}
