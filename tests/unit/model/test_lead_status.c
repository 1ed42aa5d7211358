#include <string.h>

#include "homeconnect/lead.h"
#include "model/entity.h"
#include "model/lead_status.h"
#include "suite.h"

#define END (HC_LEAD_STATUS_LOST + 1)

/* domain.md D3, written down once more, by letters: r a reason, i interest, s a sale, l why it was lost, a by an admin,
 * + an answer; - forbidden. */
static const char *const expected[END][END] = {
    [HC_LEAD_STATUS_NEW] = {"", "-", "+", "i+", "-", "l"},
    [HC_LEAD_STATUS_CONTACTED] = {"", "-", "-", "i+", "-", "l"},
    [HC_LEAD_STATUS_QUALIFIED] = {"", "-", "r+", "-", "s", "l"},
    [HC_LEAD_STATUS_CLOSED] = {"", "-", "-", "ra", "-", "-"},
    [HC_LEAD_STATUS_LOST] = {"", "-", "r+", "-", "-", "-"},
};

static uint8_t flags_of(const char *letters)
{
    static const struct {
        char letter;
        uint8_t flag;
    } meaning[] = {{'r', HC__LEAD_NEEDS_REASON}, {'i', HC__LEAD_NEEDS_INTEREST}, {'s', HC__LEAD_NEEDS_SALE},
                   {'l', HC__LEAD_NEEDS_LOSS},   {'a', HC__LEAD_BY_ADMIN},       {'+', HC__LEAD_RESPONDS}};
    uint8_t flags = 0;

    for (size_t i = 0; i < sizeof meaning / sizeof meaning[0]; i++)
        if (strchr(letters, meaning[i].letter) != NULL)
            flags = (uint8_t)(flags | meaning[i].flag);
    return flags;
}

/* L01: only the moves of the domain; closed never becomes new */
START_TEST(moves_are_those_of_the_domain)
{
    for (int32_t from = 1; from < END; from++)
        for (int32_t to = 1; to < END; to++) {
            const char *want = expected[from][to];
            hc__lead_rule rule = hc__lead_move_rule(from, to, 0);
            ck_assert_msg(rule.allowed == (want[0] != '-'), "%d to %d", from, to);
            ck_assert_msg(!rule.allowed || rule.flags == flags_of(want), "%d to %d", from, to);
        }
}
END_TEST

START_TEST(the_message_lists_exactly_the_moves)
{
    const char *const *words = hc__lead_entity.kind.fields[hc__lead_f_status].words;

    for (int admin = 0; admin <= 1; admin++)
        for (int32_t from = 1; from < END; from++) {
            char list[128] = "";
            for (int32_t to = 1; to < END; to++) {
                hc__lead_rule rule = hc__lead_move_rule(from, to, 0);
                if (!rule.allowed || ((rule.flags & HC__LEAD_BY_ADMIN) != 0 && admin == 0))
                    continue;
                strcat(list, list[0] == '\0' ? "" : ", ");
                strcat(list, words[to - 1]);
            }
            ck_assert_str_eq(hc__lead_moves(from, 0, admin == 1), list[0] == '\0' ? "none" : list);
        }
}
END_TEST

START_TEST(who_opted_out_and_spam_stay_lost)
{
    for (int32_t why = HC_LEAD_LOST_NO_RESPONSE; why <= HC_LEAD_LOST_OTHER; why++) {
        bool stays = why == HC_LEAD_LOST_OPTED_OUT || why == HC_LEAD_LOST_SPAM;
        ck_assert_int_eq(hc__lead_stays_lost(why), stays);
        ck_assert_int_eq(hc__lead_move_rule(HC_LEAD_STATUS_LOST, HC_LEAD_STATUS_CONTACTED, why).allowed, !stays);
        ck_assert_str_eq(hc__lead_moves(HC_LEAD_STATUS_LOST, why, true), stays ? "none" : "contacted");
        ck_assert_int_eq(hc__lead_opted_out(why), why == HC_LEAD_LOST_OPTED_OUT);
        ck_assert_int_eq(hc__lead_withdraws(why), why == HC_LEAD_LOST_OPTED_OUT || why == HC_LEAD_LOST_WITHDRAWN);
    }
}
END_TEST

START_TEST(codes_that_are_none_go_nowhere)
{
    static const int32_t none[] = {-1, 0, END, 99};

    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        ck_assert(!hc__lead_move_rule(none[i], HC_LEAD_STATUS_NEW, 0).allowed);
        ck_assert(!hc__lead_move_rule(HC_LEAD_STATUS_NEW, none[i], 0).allowed);
        ck_assert_str_eq(hc__lead_moves(none[i], 0, true), "none");
        ck_assert(!hc__lead_is_open(none[i]));
    }
    for (int32_t status = 1; status < END; status++)
        ck_assert_int_eq(hc__lead_is_open(status), status <= HC_LEAD_STATUS_QUALIFIED);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, moves_are_those_of_the_domain);
    tcase_add_test(tcase, the_message_lists_exactly_the_moves);
    tcase_add_test(tcase, who_opted_out_and_spam_stay_lost);
    tcase_add_test(tcase, codes_that_are_none_go_nowhere);
}

int main(void)
{
    return suite_main("model.lead_status", fill, NULL, NULL);
}
