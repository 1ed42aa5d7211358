/* What the cells of the permission table are made of. A noun has a header cells_<noun>.h with its rows, its operations
 * and a `cell_group`, which test_cells.c walks for every actor. Expected answers are those of domain.md D5, not of the
 * library's table. */
#ifndef POLICY_CELLS_H
#define POLICY_CELLS_H

#include <stdio.h>
#include <string.h>

#include "house.h"

enum { GUEST, BUYER, AGENT, UNLICENSED, ADMIN, SYSTEM, ACTORS };
static const char *const actors[] = {"guest", "buyer", "agent", "agent without licence", "admin", "system"};
static hc_session *who[ACTORS]; /* bea, ana and cy among them */

/* Calls the operation about a row of the noun's own numbering. */
typedef hc_status (*operation)(hc_session *as, int row, hc_error *err);

/* By actor: Y may; U must sign in; F forbidden; N not found; S may, but the row's state forbids it. */
struct cell {
    const char *operation; /* as the permission page calls it */
    const char *what;      /* whose row, or which */
    operation run;
    int row;
    const char *expected; /* in the order of `actors` */
    bool own_transaction; /* cannot be part of a unit */
};

/* How many rows a scope of a list shows to each actor, or a status. */
struct list_cell {
    const char *operation;
    int32_t kind, scope;
    int rows[ACTORS];
    int (*count)(hc_session *as, const hc_query *query, hc_error *err); /* rows of the page, or a status */
};
#define U HC_ERR_UNAUTHENTICATED
#define F HC_ERR_FORBIDDEN

struct cell_group {
    void (*open)(void);  /* makes the rows; every group before it is open */
    void (*close)(void); /* NULL: nothing */
    const struct cell *cells;
    size_t cell_count;
    const struct list_cell *lists;
    size_t list_count;
};
#define GROUP(noun)                                                                                                    \
    {                                                                                                                  \
        open_##noun##_cells, close_##noun##_cells, noun##_cells, sizeof noun##_cells / sizeof noun##_cells[0],         \
            noun##_lists, sizeof noun##_lists / sizeof noun##_lists[0]                                                 \
    }
#define GROUP_WITHOUT_LISTS(noun)                                                                                      \
    {                                                                                                                  \
        open_##noun##_cells, close_##noun##_cells, noun##_cells, sizeof noun##_cells / sizeof noun##_cells[0], NULL, 0 \
    }

/* A function that lists a noun and tells how many rows came. */
#define COUNT_OF(noun)                                                                                                 \
    static int count_##noun(hc_session *as, const hc_query *query, hc_error *err)                                      \
    {                                                                                                                  \
        hc_##noun##_page *page = NULL;                                                                                 \
        hc_status status = hc_##noun##_list(&page, as, query, err);                                                    \
        int count = (int)hc_##noun##_page_count(page);                                                                 \
                                                                                                                       \
        hc_##noun##_page_free(page);                                                                                   \
        return status < 0 ? status : count;                                                                            \
    }

#endif
