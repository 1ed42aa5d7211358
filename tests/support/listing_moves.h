/* The moves of a listing's standard_status (domain.md D8), in its words. */
#ifndef SUPPORT_LISTING_MOVES_H
#define SUPPORT_LISTING_MOVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define STATUSES 11
static const char *const status_words[] = {"",           "Active",  "Active Under Contract",
                                           "Canceled",   "Closed",  "Coming Soon",
                                           "Delete",     "Expired", "Hold",
                                           "Incomplete", "Pending", "Withdrawn"};
static const struct {
    const char *from, *to; /* comma-separated */
    const char *by_admin;
} status_moves[] = {
    {"Incomplete", "Coming Soon,Active,Delete", ""},
    {"Coming Soon", "Active,Withdrawn,Canceled,Delete", ""},
    {"Active", "Active Under Contract,Pending,Hold,Withdrawn,Canceled,Expired,Delete", ""},
    {"Active Under Contract", "Active,Pending,Closed,Delete", ""},
    {"Pending", "Active,Closed,Canceled,Delete", ""},
    {"Hold", "Active,Canceled,Expired,Delete", ""},
    {"Withdrawn", "Active,Canceled,Expired,Delete", ""},
    {"Expired", "Delete", "Active"},
    {"Canceled", "Delete", "Active"},
    {"Closed", "Delete", "Active,Active Under Contract,Canceled,Coming Soon,Expired,Hold,Incomplete,Pending,Withdrawn"},
    {"Delete", "", ""},
};

static inline bool status_in_list(const char *list, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = list; *at != '\0'; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
        if (strcspn(at, ",") == size && memcmp(at, word, size) == 0)
            return true;
    }
    return false;
}

/* To another status. */
static inline bool status_may_become(int32_t from, int32_t to, bool admin)
{
    for (size_t i = 0; i < sizeof status_moves / sizeof status_moves[0]; i++)
        if (strcmp(status_moves[i].from, status_words[from]) == 0)
            return status_in_list(status_moves[i].to, status_words[to]) ||
                   (admin && status_in_list(status_moves[i].by_admin, status_words[to]));
    return false;
}

#endif
