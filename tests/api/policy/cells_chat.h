/* A conversation of bea's and one of ana's. */
#ifndef POLICY_CELLS_CHAT_H
#define POLICY_CELLS_CHAT_H

#include "cells.h"
#include "homeconnect/chat.h"

enum { BEAS_CHAT, ANAS_CHAT, CHATS };
static char chats[CHATS][HC_CHAT_SESSION_SIZE];

static void open_chat_cells(void)
{
    HOUSE_OK(hc_chat_start(chats[BEAS_CHAT], who[BUYER], err));
    HOUSE_OK(hc_chat_start(chats[ANAS_CHAT], who[AGENT], err));
}

static void close_chat_cells(void)
{
}

static hc_status read_chat(hc_session *as, int row, hc_error *err)
{
    hc_message_page *page = NULL;
    hc_status status = hc_chat_messages(&page, as, chats[row], 0, 10, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_message_page_free(page);
    return status;
}

static hc_status start_chat(hc_session *as, int row, hc_error *err)
{
    char id[HC_CHAT_SESSION_SIZE];

    (void)row;
    return hc_chat_start(id, as, err);
}

static hc_status write_chat(hc_session *as, int row, hc_error *err)
{
    return hc_chat_append(as, chats[row], HC_CHAT_ROLE_USER, "hello", 5, err);
}

static hc_status sum_up_chat(hc_session *as, int row, hc_error *err)
{
    return hc_chat_set_summary(as, chats[row], "said hello", err);
}

static const struct cell chat_cells[] = {
    {"read a chat", "bea's", read_chat, BEAS_CHAT, "UYNNYY", false},
    {"read a chat", "ana's", read_chat, ANAS_CHAT, "UNYNYY", false},
    {"write a chat", "a new one", start_chat, BEAS_CHAT, "UYYYYF", false},
    {"write a chat", "bea's", write_chat, BEAS_CHAT, "UYNNNF", false},
    {"write a chat", "ana's", write_chat, ANAS_CHAT, "UNYNNF", false},
    {"write a chat", "bea's summary", sum_up_chat, BEAS_CHAT, "UYNNNF", false},
};

COUNT_OF(chat)

static const struct list_cell chat_lists[] = {
    {"list chats in public scope", HC_KIND_CHAT, HC_SCOPE_PUBLIC, {U, F, F, F, F, F}, count_chat},
    {"list own chats", HC_KIND_CHAT, HC_SCOPE_OWN, {U, 1, 1, 0, 0, F}, count_chat},
    {"list all chats", HC_KIND_CHAT, HC_SCOPE_ALL, {U, F, F, F, 2, 2}, count_chat},
};

#endif
