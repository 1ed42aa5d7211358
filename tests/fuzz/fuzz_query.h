/* What the targets over queries share: entities by a digit, and the round trip of a printed query. */
#ifndef FUZZ_QUERY_H
#define FUZZ_QUERY_H

#include "fuzz.h"
#include "query/expr.h"
#include "query/listing.h"
#include "query/lower.h"
#include "query/query.h"

#define FUZZ_NOW INT64_C(1763892000000000)

static inline const hc__entity *fuzz_entity(fuzz *run)
{
    static const hc__entity *const entities[] = {&hc__property_entity, &hc__user_entity, &hc__agent_entity};

    return entities[(uint8_t)(fuzz_byte(run) - '0') % 3];
}

static inline bool fuzz_same(const hc__buf *a, const hc__buf *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* Whatever was parsed prints, parses again, and prints the same. */
static inline void fuzz_print_again(fuzz *run, const hc__query *query)
{
    hc__buf text, again;
    hc__query second;
    hc_status status;

    hc__buf_init(&text, &run->plain);
    hc__buf_init(&again, &run->plain);
    hc__query_init(&second, &run->plain, query->entity);
    hc__query_print(&text, query);
    FUZZ_ASSERT(!text.failed && hc__utf8_check(text.data == NULL ? "" : text.data, text.size, NULL));
    status = hc__query_parse(&second, text.data == NULL ? "" : text.data, NULL, &run->err);
    /* The canonical text can be longer than a filter may be, or have more comparisons than one spelling may. */
    if (status != HC_ERR_TOO_LARGE) {
        FUZZ_ASSERT(status == HC_OK);
        hc__query_print(&again, &second);
        FUZZ_ASSERT(fuzz_same(&text, &again));
    }
    hc__query_free(&second);
    hc__buf_free(&text);
    hc__buf_free(&again);
}

/* A store without rows. */
static inline hc_status fuzz_execute(hc_batch *batch, void *data, hc_error *err)
{
    (void)batch;
    (void)data;
    (void)err;
    return HC_OK;
}

static inline hc__list_context fuzz_context(const hc__secret *key, bool entitled)
{
    return (hc__list_context){.entitled = entitled,
                              .cursor_key = key,
                              .principal = {{0x0f}},
                              .role = 1,
                              .now = FUZZ_NOW,
                              .currency = "USD",
                              .execute = fuzz_execute};
}

#endif
