/* What a client remembers of who wrote, and shows them of what waits. */
#include "homeconnect/chat.h"
#include "homeconnect/query.h"
#include "outbox.h"

START_TEST(what_rests_is_tried_again_before_a_list_of_who_wrote_it)
{
    outbox_put_images(1, 1, "[]");
    outbox_sql("UPDATE outbox SET next_at=9000000000000000");
    hc__relay_wrote(sys, 1, 100);
    ck_assert_int_eq(outbox_relay(), 0);
    OK(hc__relay_deliver_own(sys, &err));
    ck_assert_int_eq(STATE("delivered"), 1);
    ck_assert(!hc__relay_own_waits(sys));
}
END_TEST

static size_t chats_listed(void)
{
    hc_query *query = NULL;
    hc_chat_page *page = NULL;
    size_t count;

    OK(hc_query_new(&query, client, HC_KIND_CHAT, &err));
    OK(hc_query_set_scope(query, HC_SCOPE_ALL, &err));
    OK(hc_chat_list(&page, sys, query, &err));
    count = hc_chat_page_count(page);
    hc_chat_page_free(page);
    hc_query_free(query);
    return count;
}

/* storage.md: who wrote it sees what waits. */
START_TEST(what_the_store_refuses_is_listed_for_who_wrote_it)
{
    outbox_start_chat(1);
    outbox_start_chat(2);
    hc__relay_wrote(sys, 2, 200);
    ck_assert_int_eq(outbox_relay(), 2);
    outbox_start_chat(3);
    hc__relay_wrote(sys, 1, 100);
    other.fail_in[1] = 2; /* the write, behind the look at it; a list looks for more once it has its page */
    other.fail_with = HC_ERR_TOO_LARGE;
    ck_assert_uint_eq(chats_listed(), 3);
    ck_assert_int_eq(other.fail_in[1], 0);
    ck_assert_int_eq(STATE("delivered"), 3);
    ck_assert_uint_eq(chats_listed(), 3);
    ck_assert(!hc__relay_own_waits(sys));
}
END_TEST

/* There are fewer slots than people. */
START_TEST(a_look_of_one_forgets_nothing_that_another_wrote)
{
    hc_id ana = outbox_id(501), ben = ana;

    ben.bytes[15] ^= 2; /* the same slot */
    sys->user = ana;
    hc__relay_wrote(sys, 1, 100);
    sys->user = ben;
    OK(hc__relay_deliver_own(sys, &err)); /* who wrote nothing */
    ck_assert(hc__relay_own_waits(sys));
    hc__relay_wrote(sys, 1, 100);
    OK(hc__relay_deliver_own(sys, &err));
    sys->user = ana;
    ck_assert(hc__relay_own_waits(sys));
    sys->user = (hc_id){{0}};
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_rests_is_tried_again_before_a_list_of_who_wrote_it);
    tcase_add_test(tcase, what_the_store_refuses_is_listed_for_who_wrote_it);
    tcase_add_test(tcase, a_look_of_one_forgets_nothing_that_another_wrote);
}

int main(void)
{
    return suite_main("client.relay_own", fill, outbox_open, outbox_close);
}
