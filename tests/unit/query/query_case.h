/* A query under test and the texts that come out of it. */
#ifndef QUERY_CASE_H
#define QUERY_CASE_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "query/expr.h"
#include "query/listing.h"
#include "query/lower.h"
#include "query/query.h"
#include "suite.h"

static hc__mem mem;
static hc__query query;
static hc__buf text;
static hc_error err;

static inline void case_open(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    hc__query_init(&query, &mem, &hc__property_entity);
    hc__buf_init(&text, &mem);
    memset(&err, 0, sizeof(err));
}

static inline void case_close(void)
{
    hc__query_free(&query);
    hc__buf_free(&text);
}

static inline void again(void)
{
    const hc__entity *entity = query.entity;

    hc__query_free(&query);
    hc__query_init(&query, &mem, entity);
    hc__buf_clear(&text);
    memset(&err, 0, sizeof(err));
}

/* The canonical text of a filter. */
static inline const char *canonical(const char *filter)
{
    again();
    ck_assert_msg(hc__query_parse(&query, filter, NULL, &err) == HC_OK, "%s: %s", filter, err.message);
    hc__query_print(&text, &query);
    return text.data == NULL ? "" : text.data;
}

/* The predicate of a filter, for a reader who sees addresses or does not. */
static inline const char *lowered(const char *filter, bool entitled, bool *exact)
{
    const hc__expr *plain;
    const hc_predicate *predicate;

    again();
    ck_assert_msg(hc__query_parse(&query, filter, NULL, &err) == HC_OK, "%s: %s", filter, err.message);
    plain = hc__resolve(&query.arena, query.entity, query.where, INT64_C(1763892000000000));
    predicate =
        hc__lower(exact, &query.arena, query.entity, entitled ? HC_NO_FIELD : hc__address_guard(query.entity), plain);
    hc__predicate_print(&text, &query.entity->kind, predicate);
    return text.data;
}

static inline void refused(const char *filter, hc_status status, const char *field)
{
    again();
    ck_assert_msg(hc__query_parse(&query, filter, NULL, &err) == status, "%s: %d %s", filter, err.status, err.message);
    ck_assert_msg(strcmp(err.field, field) == 0, "%s: field %s: %s", filter, err.field, err.message);
}

#endif
