#include <string.h>

#include "model/appointment_status.h"
#include "model/entity.h"
#include "suite.h"

#define END HC__APPOINTMENT_STATES

/* domain.md D4, written down once more: B the buyer's side, A the agency, L the library. Columns in the order of the
 * codes: scheduled completed cancelled pending declined no_show. */
static const char *const expected[END] = {
    [HC__SCHEDULED] = "BA|A|BA|||A", [HC__COMPLETED] = "|||||", [HC__CANCELLED] = "|||||",
    [HC__PENDING] = "A||BAL||A|",    [HC__DECLINED] = "|||||",  [HC__NO_SHOW] = "A|||||",
};

static bool named(int32_t from, int32_t to, char side)
{
    const char *cell = expected[from];

    for (int32_t i = 1; i < to; i++)
        cell = strchr(cell, '|') + 1;
    return memchr(cell, side, strcspn(cell, "|")) != NULL;
}

START_TEST(moves_are_those_of_the_domain)
{
    for (int32_t from = 1; from < END; from++)
        for (int32_t to = 1; to < END; to++)
            for (int side = 0; side < 3; side++)
                ck_assert_msg(hc__appointment_move(from, to, (hc__appointment_side)side) ==
                                  named(from, to, "BAL"[side]),
                              "%d to %d by %c", from, to, "BAL"[side]);
}
END_TEST

START_TEST(the_message_lists_exactly_the_moves_that_a_side_has)
{
    const char *const *words = hc__appointment_entity.kind.fields[hc__appointment_f_status].words;

    for (int32_t from = 1; from < END; from++)
        for (int side = 0; side < 3; side++) {
            char list[256] = "";

            for (int32_t to = 1; to < END; to++)
                if (hc__appointment_move(from, to, (hc__appointment_side)side)) {
                    strcat(list, list[0] == '\0' ? "" : ", ");
                    strcat(list, words[to - 1]);
                }
            ck_assert_str_eq(hc__appointment_moves(from, (hc__appointment_side)side), list[0] == '\0' ? "none" : list);
        }
}
END_TEST

START_TEST(codes_are_those_of_the_field_table)
{
    const char *const *words = hc__appointment_entity.kind.fields[hc__appointment_f_status].words;

    for (int32_t status = 1; status < END; status++)
        ck_assert_str_eq(hc__appointment_word(status), words[status - 1]);
    ck_assert_ptr_null(words[END - 1]);
    ck_assert_str_eq(hc__appointment_reso(HC__PENDING), "Pending");
    ck_assert_str_eq(hc__appointment_reso(HC__DECLINED), "Denied");
    ck_assert_str_eq(hc__appointment_reso(HC__NO_SHOW), "Confirmed");
    for (int32_t status = -1; status <= END; status++)
        ck_assert_int_eq(hc__appointment_open(status), status == HC__SCHEDULED || status == HC__PENDING);
}
END_TEST

START_TEST(codes_that_are_none_go_nowhere)
{
    ck_assert(!hc__appointment_move(0, 1, HC__SIDE_AGENCY));
    ck_assert(!hc__appointment_move(1, 0, HC__SIDE_AGENCY));
    ck_assert(!hc__appointment_move(END, 1, HC__SIDE_AGENCY));
    ck_assert(!hc__appointment_move(1, END, HC__SIDE_AGENCY));
    ck_assert(!hc__appointment_move(-1, -1, HC__SIDE_AGENCY));
    ck_assert_str_eq(hc__appointment_moves(99, HC__SIDE_BUYER), "none");
    ck_assert_str_eq(hc__appointment_word(0), "unknown");
    ck_assert_str_eq(hc__appointment_reso(0), "");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, moves_are_those_of_the_domain);
    tcase_add_test(tcase, the_message_lists_exactly_the_moves_that_a_side_has);
    tcase_add_test(tcase, codes_are_those_of_the_field_table);
    tcase_add_test(tcase, codes_that_are_none_go_nowhere);
}

int main(void)
{
    return suite_main("model.appointment_status", fill, NULL, NULL);
}
