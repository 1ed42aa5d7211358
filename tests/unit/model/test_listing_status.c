#include <string.h>

#include "homeconnect/property.h"
#include "model/entity.h"
#include "model/listing_status.h"
#include "suite.h"

#define END (HC_PROPERTY_STANDARD_WITHDRAWN + 1)

/* domain.md D8, written down once more: A admin, Y yes. Columns in the order of the codes. */
static const char *const expected[END] = {
    [HC_PROPERTY_STANDARD_ACTIVE] = "YYY--YYY-YY",      [HC_PROPERTY_STANDARD_ACTIVE_UNDER_CONTRACT] = "YY-Y-Y---Y-",
    [HC_PROPERTY_STANDARD_CANCELED] = "A-Y--Y-----",    [HC_PROPERTY_STANDARD_CLOSED] = "AAAYAYAAAAA",
    [HC_PROPERTY_STANDARD_COMING_SOON] = "Y-Y-YY----Y", [HC_PROPERTY_STANDARD_DELETE] = "-----Y-----",
    [HC_PROPERTY_STANDARD_EXPIRED] = "A----YY----",     [HC_PROPERTY_STANDARD_HOLD] = "Y-Y--YYY---",
    [HC_PROPERTY_STANDARD_INCOMPLETE] = "Y---YY--Y--",  [HC_PROPERTY_STANDARD_PENDING] = "Y-YY-Y---Y-",
    [HC_PROPERTY_STANDARD_WITHDRAWN] = "Y-Y--YY---Y",
};

START_TEST(moves_are_those_of_the_domain)
{
    for (int32_t from = 1; from < END; from++)
        for (int32_t to = 1; to < END; to++) {
            char c = expected[from][to - 1];
            hc__move move = c == 'Y' ? HC__MOVE_YES : c == 'A' ? HC__MOVE_ADMIN : HC__MOVE_NO;

            ck_assert_msg(hc__listing_move(from, to) == move, "%d to %d", from, to);
        }
}
END_TEST

START_TEST(the_message_lists_exactly_the_moves_that_an_agent_has)
{
    const char *const *words = hc__property_entity.kind.fields[hc__property_f_standard_status].words;

    for (int32_t from = 1; from < END; from++) {
        char list[256] = "";

        for (int32_t to = 1; to < END; to++)
            if (to != from && hc__listing_move(from, to) == HC__MOVE_YES) {
                strcat(list, list[0] == '\0' ? "" : ", ");
                strcat(list, words[to - 1]);
            }
        ck_assert_str_eq(hc__listing_moves(from), list[0] == '\0' ? "none" : list);
    }
}
END_TEST

/* P07 */
START_TEST(codes_that_are_none_go_nowhere)
{
    ck_assert_int_eq(hc__listing_move(0, 1), HC__MOVE_NO);
    ck_assert_int_eq(hc__listing_move(1, 0), HC__MOVE_NO);
    ck_assert_int_eq(hc__listing_move(END, END), HC__MOVE_NO);
    ck_assert_int_eq(hc__listing_move(-1, -1), HC__MOVE_NO);
    ck_assert_str_eq(hc__listing_moves(99), "none");
    ck_assert_int_eq(hc__standard_of_status(-1), 0);
    ck_assert_int_eq(hc__standard_of_status(4), 0);
}
END_TEST

START_TEST(the_status_of_the_origin_follows)
{
    static const int32_t status[END] = {0, 1, 2, 0, 3, 0, 0, 0, 0, 0, 2, 0};

    for (int32_t s = 0; s < END; s++) {
        ck_assert_int_eq(hc__status_of_standard(s), status[s]);
        ck_assert_int_eq(hc__status_is_closed(s), s == HC_PROPERTY_STANDARD_CLOSED);
    }
    for (int32_t s = 1; s <= 3; s++)
        ck_assert_int_eq(hc__status_of_standard(hc__standard_of_status(s)), s);
    ck_assert_int_eq(hc__standard_of_status(HC_PROPERTY_STATUS_PENDING), HC_PROPERTY_STANDARD_PENDING);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, moves_are_those_of_the_domain);
    tcase_add_test(tcase, the_message_lists_exactly_the_moves_that_an_agent_has);
    tcase_add_test(tcase, codes_that_are_none_go_nowhere);
    tcase_add_test(tcase, the_status_of_the_origin_follows);
}

int main(void)
{
    return suite_main("model.listing_status", fill, NULL, NULL);
}
