/* Every cell of the permission table: who (guest, buyer, agents with and without a valid licence, admin, system) may do
 * what to whose row; and that no operation of the table is without one. */
#include "cells_activity.h"
#include "cells_appointment.h"
#include "cells_audit.h"
#include "cells_chat.h"
#include "cells_event.h"
#include "cells_lead.h"
#include "cells_listing.h"
#include "cells_people.h"
#include "cells_saved.h"
#include "homeconnect/policy.h"

/* In the order in which they open. */
static const struct cell_group groups[] = {
    GROUP(people),
    GROUP(listing),
    GROUP(saved),
    GROUP(lead),
    GROUP(appointment),
    GROUP(activity),
    GROUP(chat),
    GROUP(audit),
    GROUP_WITHOUT_LISTS(event),
};
#define GROUPS (sizeof groups / sizeof groups[0])

/* Operations of the table that no call by somebody reaches alone, each with the reason. */
static const struct {
    const char *operation, *reason;
} without_call[] = {
    {"find a deleted listing", "asked by restore and purge, whose cells have deleted listings"},
    {"back up the store", "a call of the client, which the host makes for itself: tests/api/client/test_backup.c"},
};
#define WITHOUT (sizeof without_call / sizeof without_call[0])

static void open_cells(void)
{
    house_open();
    for (size_t i = 0; i < GROUPS; i++)
        groups[i].open();
    house_deliver(); /* what another wrote may come late */
}

static void close_cells(void)
{
    for (size_t i = GROUPS; i-- > 0;)
        groups[i].close();
    house_close();
}

static hc_status status_of(char letter)
{
    switch (letter) {
    case 'U':
        return HC_ERR_UNAUTHENTICATED;
    case 'F':
        return HC_ERR_FORBIDDEN;
    case 'N':
        return HC_ERR_NOT_FOUND;
    case 'S':
        return HC_ERR_INVALID_STATE;
    default:
        return HC_OK;
    }
}

static const char refused[] = "SELECT count(*) FROM audit_log WHERE event IN ('authz_fail','input_validation_fail')";

struct attempt {
    const struct cell *cell;
    hc_status status;
};

/* What is permitted is tried in a unit that is taken back, so that the next cell finds the same rows. */
static hc_status try_and_undo(hc_session *as, void *data, hc_error *err)
{
    struct attempt *attempt = data;

    attempt->status = attempt->cell->run(as, attempt->cell->row, err);
    return HC_ERR_CANCELLED;
}

/* Looks at the store again only after a cell that changed it. */
static snapshot before;
static bool looked;

static void walk(int actor, const struct cell *cell)
{
    hc_status want = status_of(cell->expected[actor]);
    struct attempt attempt = {cell, HC_OK};
    int64_t refusals = house_sql(refused);
    hc_error err = {0};

    if (!looked)
        before = house_snapshot();
    looked = want < 0 || !cell->own_transaction;
    house_count(1);
    if (want < 0 || cell->own_transaction)
        attempt.status = cell->run(who[actor], cell->row, &err);
    else
        ck_assert_int_eq(hc_session_transact(who[actor], try_and_undo, &attempt, &err), HC_ERR_CANCELLED);
    ck_assert_msg(want == HC_OK ? attempt.status >= 0 : attempt.status == want, "%s may %s, %s: %s, not %s (%s: %s)",
                  actors[actor], cell->operation, cell->what, hc_status_name(attempt.status), hc_status_name(want),
                  err.field, err.message);
    if (looked)
        house_assert_unchanged_since(before);
    if (want == HC_ERR_FORBIDDEN || want == HC_ERR_UNAUTHENTICATED || want == HC_ERR_NOT_FOUND)
        ck_assert_msg(house_sql(refused) > refusals, "%s, %s by %s: the refusal is not audited", cell->operation,
                      cell->what, actors[actor]);
}

/* Z02 Z03 Z11 A19 A20 */
START_TEST(every_cell_answers_as_the_domain_says)
{
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t i = 0; i < groups[g].cell_count; i++)
            walk(_i, &groups[g].cells[i]);
}
END_TEST

/* Z10 */
START_TEST(every_scope_of_every_list_shows_what_the_domain_says)
{
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t i = 0; i < groups[g].list_count; i++) {
            const struct list_cell *list = &groups[g].lists[i];
            hc_query *query = NULL;
            hc_error why = {0};
            int got;

            HOUSE_OK(hc_query_new(&query, house.client, list->kind, err));
            HOUSE_OK(hc_query_set_scope(query, list->scope, err));
            got = list->count(who[_i], query, &why);
            ck_assert_msg(got == list->rows[_i], "%s may %s: %d, not %d (%s)", actors[_i], list->operation, got,
                          list->rows[_i], why.message);
            if (got < 0)
                ck_assert_str_eq(why.field, "scope");
            hc_query_free(query);
        }
}
END_TEST

static bool has_cell(const char *name)
{
    for (size_t g = 0; g < GROUPS; g++) {
        for (size_t i = 0; i < groups[g].cell_count; i++)
            if (strcmp(groups[g].cells[i].operation, name) == 0)
                return true;
        for (size_t i = 0; i < groups[g].list_count; i++)
            if (strcmp(groups[g].lists[i].operation, name) == 0)
                return true;
    }
    return false;
}

static bool is_excused(const char *name)
{
    for (size_t i = 0; i < WITHOUT; i++)
        if (strcmp(without_call[i].operation, name) == 0)
            return true;
    return false;
}

/* The first cells of the page's lines up to the blank one after the table, in order. */
static size_t operations_of_the_page(char names[][64], size_t room)
{
    hc_text *page = NULL;
    const char *line;
    size_t count = 0;

    HOUSE_OK(hc_policy_text(&page, house.client, err));
    line = strstr(hc_text_data(page), "|---|");
    ck_assert_ptr_nonnull(line);
    for (line = strchr(line, '\n') + 1; *line == '|'; line = strchr(line, '\n') + 1, count++) {
        ck_assert_uint_lt(count, room);
        ck_assert_int_eq(sscanf(line, "| %63[^|]", names[count]), 1);
        names[count][strlen(names[count]) - 1] = '\0'; /* the blank before the bar */
    }
    hc_text_free(page);
    return count;
}

static bool is_among(const char *name, char names[][64], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

START_TEST(every_operation_of_the_table_has_a_cell_or_a_reason)
{
    static char names[256][64];
    size_t count = operations_of_the_page(names, 256);

    ck_assert_uint_gt(count, 28);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(has_cell(names[i]) != is_excused(names[i]), "'%s' has %s", names[i],
                      has_cell(names[i]) ? "a cell and an excuse" : "neither a cell nor an excuse");
    for (size_t i = 0; i < WITHOUT; i++)
        ck_assert_msg(is_among(without_call[i].operation, names, count), "the table has no '%s'",
                      without_call[i].operation);
    for (size_t g = 0; g < GROUPS; g++) {
        for (size_t i = 0; i < groups[g].cell_count; i++)
            ck_assert_msg(is_among(groups[g].cells[i].operation, names, count), "the table has no '%s'",
                          groups[g].cells[i].operation);
        for (size_t i = 0; i < groups[g].list_count; i++)
            ck_assert_msg(is_among(groups[g].lists[i].operation, names, count), "the table has no '%s'",
                          groups[g].lists[i].operation);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_cell_answers_as_the_domain_says, 0, ACTORS);
    tcase_add_loop_test(tcase, every_scope_of_every_list_shows_what_the_domain_says, 0, ACTORS);
    tcase_add_test(tcase, every_operation_of_the_table_has_a_cell_or_a_reason);
}

int main(void)
{
    return suite_main("api.policy.cells", fill, open_cells, close_cells);
}
