/* What the random queries covered, and whether that is what issue 3 asks for. */
#include <stdio.h>
#include <string.h>

#include "reference.h"

#define LEAST 50

struct tally tally;

bool op_fits(enum field field, enum op op)
{
    switch (field_table[field].kind) {
    case NUMBER:
        return op <= IN;
    case ENUM:
        return op == EQ || op == NE || op == IN || op == HAS;
    case TEXT:
        return op == EQ || op == NE || op == IN || op == STARTSWITH || op == CONTAINS;
    case LONG_TEXT:
        return op == CONTAINS;
    case TIME:
    case DATE:
        return op <= LE;
    case ID:
        return op == EQ || op == IN;
    default:
        return op == EQ;
    }
}

static void tally_node(const struct node *node)
{
    if (node->shape == TEST) {
        tally.test[node->field][node->op]++;
        tally.nulls += node->literals->null;
    } else if (node->shape >= NEAR) {
        tally.place[node->shape - NEAR]++;
    } else {
        tally.nots += node->shape == NOT;
        for (size_t i = 0; i < node->count; i++)
            tally_node(node->children[i]);
    }
}

void tally_query(const struct query *query)
{
    tally.queries++;
    tally.strings += query->as_string;
    tally.q += query->q != NULL;
    tally.reader[query->reader][query->scope]++;
    if (query->where != NULL)
        tally_node(query->where);
    for (size_t i = 0; i < query->sort_count; i++)
        tally.sort[query->sort[i].key][query->sort[i].descending]++;
    if (query->sort_count == 0)
        tally.sort[SORT_CREATED_AT][true]++;
}

static bool enough(const char *what, unsigned count, unsigned least)
{
    if (count < least)
        printf("reference: %s: %u, and %u are asked for\n", what, count, least);
    return count >= least;
}

static bool report_tests(void)
{
    static const char *const ops[OPS] = {"eq", "ne", "gt", "ge", "lt", "le", "in", "has", "startswith", "contains"};
    bool good = true;
    char what[80];

    for (int field = 0; field < FILTER_FIELDS; field++) {
        printf("  %-18s", field_table[field].name);
        for (int op = 0; op < OPS; op++) {
            if (!op_fits((enum field)field, (enum op)op))
                continue;
            printf(" %s %u", ops[op], tally.test[field][op]);
            snprintf(what, sizeof(what), "%s %s", field_table[field].name, ops[op]);
            good &= enough(what, tally.test[field][op], LEAST);
        }
        printf("\n");
    }
    return good;
}

static bool report_sorts(void)
{
    bool good = true;

    printf("  sort (up, down):");
    for (int key = 0; key < SORTS; key++) {
        printf(" %s %u %u", sort_names[key], tally.sort[key][0], tally.sort[key][1]);
        for (int down = 0; down < 2; down++)
            good &= enough(sort_names[key], tally.sort[key][down], LEAST);
    }
    printf("\n");
    return good;
}

void tally_sum(void)
{
    printf("reference: %u queries, %u as query strings, %u saved as searches, %u pages, %u too broad\n", tally.queries,
           tally.strings, tally.saved, tally.pages, tally.broad);
}

bool tally_report(void)
{
    static const char *const readers[READERS] = {"guest", "buyer", "agent", "admin", "system"};
    bool good = report_tests();

    printf("  near %u bbox %u polygon %u q %u not %u null %u\n", tally.place[0], tally.place[1], tally.place[2],
           tally.q, tally.nots, tally.nulls);
    for (int i = 0; i < 3; i++)
        good &= enough("places", tally.place[i], LEAST);
    good &= enough("q", tally.q, LEAST);
    good &= enough("saved", tally.saved, LEAST);
    good &= report_sorts();
    printf("  readers (public, own, all):");
    for (int i = 0; i < READERS; i++)
        printf(" %s %u %u %u", readers[i], tally.reader[i][0], tally.reader[i][1], tally.reader[i][2]);
    printf("\n  between one row and half of them: %.1f %%, paged to the end over two pages or more: %.1f %%, empty: "
           "%.1f %%\n",
           100.0 * tally.middling / tally.queries, 100.0 * tally.to_the_end / tally.queries,
           100.0 * tally.empty / tally.queries);
    good &= enough("queries between one row and half of them", tally.middling, (tally.queries * 2 + 4) / 5);
    good &= enough("queries paged to the end", tally.to_the_end, (tally.queries + 3) / 4);
    return good;
}
