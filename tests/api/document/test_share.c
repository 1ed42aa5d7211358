/* Showing a private item to the buyer of a lead. */
#include "documents.h"
#include "homeconnect/lead.h"
#include "meanwhile.h"

#define HOME house.anas_ids[0]

static const hc_id nobody;

/* Z07: the owner's agent, admins, and the buyer whom it was shared with, on their own lead */
START_TEST(a_deed_is_hidden_from_the_buyer_until_it_is_shared)
{
    hc_id deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0), plan = add_file(house.ana, HOME, "plan", 3);
    hc_id lead = lead_row(1, HOME, house.ana_id, house.bea_id);
    hc_id bo = house_user("bo@example.com", "Bo Buyer", HC_USER_ROLE_BUYER);
    hc_session *bos = house_login("bo@example.com", HOUSE_PASSWORD);

    lead_row(2, HOME, house.ana_id, bo);
    ck_assert(!sees(house.bea, HOME, deed));
    (void)house_snapshot();
    HOUSE_OK(hc_document_share(house.ana, HOME, deed, lead, err));
    house_assert_audited("authz_change", house.ana);
    ck_assert(sees(house.bea, HOME, deed));
    ck_assert(!sees(house.bea, HOME, plan));
    ck_assert(!sees(bos, HOME, deed));
    ck_assert(!sees(house.guest, HOME, deed));
    ck_assert(!sees(house.ben, HOME, deed));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='share' AND change='created'"), 1);
    HOUSE_OK(hc_document_unshare(house.ana, HOME, deed, lead, err));
    ck_assert(!sees(house.bea, HOME, deed));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='share' AND change='deleted'"), 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM document_shares"), 0);
    hc_session_free(bos);
}
END_TEST

START_TEST(a_share_is_as_long_as_the_listing_and_the_lead_are_the_buyers)
{
    hc_id deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0);
    hc_id lead = lead_row(1, HOME, house.ana_id, house.bea_id);
    hc_property *edit = hc_property_for(house.client, HOME, 1);
    hc_document *document = NULL;
    char sql[160];

    HOUSE_OK(hc_document_share(house.ana, HOME, deed, lead, err));
    hc_property_set_standard_status(edit, HC_PROPERTY_STANDARD_HOLD);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    HOUSE_FAILS(hc_document_get(&document, house.bea, HOME, err), HC_ERR_NOT_FOUND, "id");
    edit = hc_property_for(house.client, HOME, 2);
    hc_property_set_standard_status(edit, HC_PROPERTY_STANDARD_ACTIVE);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    ck_assert(sees(house.bea, HOME, deed));
    snprintf(sql, sizeof sql, "UPDATE leads SET buyer_id=X'%s'", hex_of(house.ben_id));
    house_change(sql);
    ck_assert(!sees(house.bea, HOME, deed));
}
END_TEST

static hc_id ask(hc_id property_id)
{
    hc_lead *lead = hc_lead_new(house.client);
    hc_id id;

    hc_lead_set_property_id(lead, property_id);
    hc_lead_set_message(lead, "May I see the deed?");
    HOUSE_OK(hc_lead_create(&id, NULL, house.bea, lead, err));
    hc_lead_free(lead);
    return id;
}

/* Z06 */
START_TEST(a_lead_that_is_handed_over_keeps_what_was_shared_and_takes_nothing_more)
{
    hc_id deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0), plan = add_file(house.ana, HOME, "plan", 3);
    hc_id lead = ask(HOME);

    HOUSE_OK(hc_document_share(house.ana, HOME, deed, lead, err));
    HOUSE_OK(hc_lead_assign(NULL, house.admin, lead, 1, house.ben_id, NULL, err));
    ck_assert(sees(house.bea, HOME, deed));
    HOUSE_FAILS(hc_document_share(house.ana, HOME, plan, lead, err), HC_ERR_NOT_FOUND, "lead_id");
    HOUSE_FAILS(hc_document_share(house.ben, HOME, plan, lead, err), HC_ERR_FORBIDDEN, "");
    ck_assert(!sees(house.ben, HOME, deed));
    HOUSE_OK(hc_document_unshare(house.ana, HOME, deed, lead, err)); /* the listing still is hers */
    ck_assert(!sees(house.bea, HOME, deed));
}
END_TEST

START_TEST(what_was_shared_goes_along_when_leads_are_merged)
{
    hc_id deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0);
    hc_id gone = ask(HOME), keep = ask(house.anas_ids[1]);

    HOUSE_OK(hc_document_share(house.ana, HOME, deed, gone, err));
    HOUSE_OK(hc_lead_merge(NULL, house.ana, keep, 1, gone, 1, err));
    ck_assert(sees(house.bea, HOME, deed));
    HOUSE_OK(hc_document_unshare(house.ana, HOME, deed, keep, err));
    ck_assert(!sees(house.bea, HOME, deed));
}
END_TEST

struct merging {
    hc_session *as;
    hc_id deed, gone, keep;
};

static hc_status merge_meanwhile(void *data)
{
    struct merging *merging = data;

    return hc_lead_merge(NULL, merging->as, merging->keep, 1, merging->gone, 1, NULL);
}

static hc_status share_first(hc_session *as, void *data, hc_error *err)
{
    struct merging *merging = data;
    hc_status status = hc_document_share(as, HOME, merging->deed, merging->gone, err);

    if (status >= 0)
        ck_assert_int_lt(meanwhile(merge_meanwhile, data), 0);
    return status;
}

/* What is shared while its lead goes into another is not left behind: the merge waits. */
START_TEST(what_is_shared_while_leads_are_merged_goes_along)
{
    struct merging merging = {.deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0)};

    merging.gone = ask(HOME);
    merging.keep = ask(house.anas_ids[1]);
    merging.as = house_login("ana@example.com", HOUSE_PASSWORD);
    hc_session_set_timeout(merging.as, HOUSE_SECOND / 2);
    HOUSE_OK(hc_session_transact(house.ana, share_first, &merging, err));
    HOUSE_OK(hc_lead_merge(NULL, merging.as, merging.keep, 1, merging.gone, 1, err));
    HOUSE_OK(hc_document_unshare(house.ana, HOME, merging.deed, merging.keep, err));
    ck_assert(!sees(house.bea, HOME, merging.deed));
    hc_session_free(merging.as);
}
END_TEST

START_TEST(a_second_share_and_a_second_unshare_change_nothing)
{
    hc_id deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0);
    hc_id lead = lead_row(1, HOME, house.ana_id, house.bea_id);
    snapshot before;

    HOUSE_OK(hc_document_share(house.ana, HOME, deed, lead, err));
    before = house_snapshot();
    ck_assert_int_eq(hc_document_share(house.ana, HOME, deed, lead, NULL), HC_NOTE_SAME);
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_document_unshare(house.admin, HOME, deed, lead, err));
    before = house_snapshot();
    ck_assert_int_eq(hc_document_unshare(house.ana, HOME, deed, lead, NULL), HC_NOTE_SAME);
    house_assert_unchanged_since(before);
}
END_TEST

/* Z01 Z07 */
START_TEST(only_a_buyers_lead_on_the_listing_and_of_the_caller_is_taken)
{
    static const hc_id none = {{3}};
    hc_id deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0);
    hc_id own = lead_row(1, HOME, house.ana_id, house.bea_id), guests = lead_row(2, HOME, house.ana_id, nobody);
    hc_id elsewhere = lead_row(3, house.anas_ids[1], house.ana_id, house.bea_id);
    hc_id bens = lead_row(4, HOME, house.ben_id, house.bea_id), merged = lead_row(5, HOME, house.ana_id, house.bea_id);
    char sql[160];
    snapshot before;

    snprintf(sql, sizeof sql, "UPDATE leads SET merged_into=X'%s' WHERE id=X'%s'", hex_of(own), hex_of(merged));
    house_change(sql);
    before = house_snapshot();
    HOUSE_FAILS(hc_document_share(house.ana, HOME, deed, guests, err), HC_ERR_INVALID, "lead_id");
    HOUSE_FAILS(hc_document_share(house.ana, HOME, deed, elsewhere, err), HC_ERR_INVALID, "lead_id");
    HOUSE_FAILS(hc_document_share(house.ana, HOME, deed, merged, err), HC_ERR_INVALID, "lead_id");
    HOUSE_FAILS(hc_document_share(house.ana, HOME, deed, none, err), HC_ERR_NOT_FOUND, "lead_id");
    HOUSE_FAILS(hc_document_share(house.ana, HOME, deed, bens, err), HC_ERR_NOT_FOUND, "lead_id");
    house_assert_audited("authz_fail", house.ana);
    HOUSE_FAILS(hc_document_share(house.ana, HOME, none, own, err), HC_ERR_NOT_FOUND, "item_id");
    HOUSE_FAILS(hc_document_share(house.ana, none, deed, own, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_document_share(house.ben, HOME, deed, bens, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_document_share(house.bea, HOME, deed, own, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_document_share(house.guest, HOME, deed, own, err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(hc_document_unshare(house.ben, HOME, deed, own, err), HC_ERR_FORBIDDEN, "");
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_document_share(house.admin, HOME, deed, bens, err));
    ck_assert(sees(house.bea, HOME, deed));
}
END_TEST

START_TEST(shares_are_listed_and_go_with_their_item)
{
    hc_id deed = add_file(house.ana, HOME, HC_DOCUMENT_LEGAL, 0), plan = add_file(house.ana, HOME, "plan", 3), id;
    hc_id lead = lead_row(1, HOME, house.ana_id, house.bea_id);
    hc_document_shares *shares = NULL;

    HOUSE_OK(hc_document_share(house.ana, HOME, deed, lead, err));
    house_pass(HOUSE_MINUTE);
    HOUSE_OK(hc_document_share(house.admin, HOME, plan, lead, err));
    HOUSE_OK(hc_document_list_shares(&shares, house.ana, HOME, err));
    ck_assert_uint_eq(hc_document_shares_count(shares), 2);
    id = hc_document_shares_item_id(shares, 0);
    ck_assert_mem_eq(&id, &deed, sizeof id);
    id = hc_document_shares_lead_id(shares, 1);
    ck_assert_mem_eq(&id, &lead, sizeof id);
    id = hc_document_shares_actor_id(shares, 1);
    ck_assert_mem_eq(&id, &house.admin_id, sizeof id);
    ck_assert_int_eq(hc_document_shares_created_at(shares, 1), HOUSE_START + HOUSE_MINUTE);
    ck_assert_int_eq(hc_document_shares_created_at(shares, 2), 0);
    hc_document_shares_free(shares);
    HOUSE_FAILS(hc_document_list_shares(&shares, house.bea, HOME, err), HC_ERR_FORBIDDEN, "");
    ck_assert_ptr_null(shares);
    HOUSE_FAILS(hc_document_list_shares(&shares, house.ben, HOME, err), HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.ben);
    HOUSE_FAILS(hc_document_list_shares(&shares, house.ben, house.anas_ids[2], err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_document_list_shares(&shares, house.guest, HOME, err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_OK(hc_document_remove(NULL, house.ana, HOME, 2, deed, err));
    HOUSE_OK(hc_document_list_shares(&shares, house.admin, HOME, err));
    ck_assert_uint_eq(hc_document_shares_count(shares), 1);
    hc_document_shares_free(shares);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_deed_is_hidden_from_the_buyer_until_it_is_shared);
    tcase_add_test(tcase, a_share_is_as_long_as_the_listing_and_the_lead_are_the_buyers);
    tcase_add_test(tcase, a_lead_that_is_handed_over_keeps_what_was_shared_and_takes_nothing_more);
    tcase_add_test(tcase, what_was_shared_goes_along_when_leads_are_merged);
    tcase_add_test(tcase, what_is_shared_while_leads_are_merged_goes_along);
    tcase_add_test(tcase, a_second_share_and_a_second_unshare_change_nothing);
    tcase_add_test(tcase, only_a_buyers_lead_on_the_listing_and_of_the_caller_is_taken);
    tcase_add_test(tcase, shares_are_listed_and_go_with_their_item);
}

int main(void)
{
    return suite_main("api.document.share", fill, house_open, house_close);
}
