/* The permission table as a page for people. */
#include "homeconnect/policy.h"

#include "client/policy.h"

static const char *const roles[] = {"guest", "buyer", "agent", "admin", "host"}; /* by HC_ROLE_ */

/* What the page calls a rule, and which rows that are. */
static const struct {
    const char *word, *meaning;
} rules[] = {
    [HC__NONE] = {"-", "refused: as not found where the row itself is private, else as forbidden, or with a request to "
                       "sign in"},
    [HC__ALL] = {"yes", "every row there is, or can be made"},
    [HC__PUBLIC_LISTING] = {"public", "listings that are shown, on the market and not deleted"},
    [HC__OWN_LISTING] = {"own", "listings of the caller that are not deleted"},
    [HC__OWN_LISTING_LICENSED] = {"own, licensed", "the same, while the caller's licence is verified and has not "
                                                   "expired"},
    [HC__OWN_LISTING_EVER] = {"own ever", "listings of the caller, deleted ones too"},
    [HC__OWN_LISTING_EVER_LICENSED] = {"own ever, licensed", "the same, while the caller's licence is valid"},
    [HC__PUBLIC_OR_OWN_LISTING] = {"public or own", "public listings, and the caller's own in any status"},
    [HC__LIVE_LISTING] = {"not deleted", "every listing that is not deleted"},
    [HC__SELF] = {"self", "the caller's own row"},
    [HC__AGENT_CARD] = {"cards", "active agents: what of them is public"},
    [HC__SELF_OR_AGENT_CARD] = {"self or cards", "the caller's own row, and active agents"},
    [HC__SELF_OR_CARD_OR_ASKER] = {"self, cards or askers", "the same, and buyers with a lead assigned to the caller"},
    [HC__UNVERIFIED_SELF] = {"self until verified", "the caller's own row, before somebody verified its licence"},
    [HC__BUYERS] = {"as buyer", "rows whose buyer is the caller"},
    [HC__ASSIGNED] = {"assigned", "rows assigned to the caller; appointments while their lead still is"},
    [HC__OF_INQUIRY] = {"by token", "what was booked with the lead token that the caller holds"},
    [HC__OWN] = {"own rows", "rows that belong to the caller"},
};

#define RULES (sizeof rules / sizeof rules[0])
_Static_assert(sizeof roles / sizeof roles[0] == sizeof hc__policy_table[0].rules / sizeof(hc__rule), "roles");
_Static_assert(RULES == HC__OWN + 1, "every rule has a word");

static void put_page(hc__buf *out)
{
    hc__buf_text(out, "# Who may do what\n\n"
                      "Written by `hc_policy_text()` from the table by which the library decides.\n\n| operation |");
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        hc__buf_format(out, " %s |", roles[i]);
    hc__buf_text(out, "\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < HC__OPERATIONS; i++) {
        hc__buf_format(out, "| %s |", hc__policy_table[i].name);
        for (size_t role = 0; role < sizeof roles / sizeof roles[0]; role++)
            hc__buf_format(out, " %s |", rules[hc__policy_table[i].rules[role]].word);
        hc__buf_char(out, '\n');
    }
    hc__buf_text(out, "\n| word | rows |\n|---|---|\n");
    for (size_t i = 0; i < RULES; i++)
        hc__buf_format(out, "| %s | %s |\n", rules[i].word, rules[i].meaning);
}

hc_status hc_policy_text(hc_text **out, hc_client *client, hc_error *err)
{
    hc__core *core;
    hc__buf page;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__client_core(&core, client, err);
    if (status < 0)
        return status;
    hc__buf_init(&page, &core->mem);
    put_page(&page);
    status = hc__text_new(out, core, &page, err);
    hc__buf_free(&page);
    return status;
}
