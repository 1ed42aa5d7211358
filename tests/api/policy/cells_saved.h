/* What is kept beside listings: their documents and history, who saved them, and searches. */
#ifndef POLICY_CELLS_SAVED_H
#define POLICY_CELLS_SAVED_H

#include "cells_listing.h"
#include "homeconnect/document.h"
#include "homeconnect/favorite.h"
#include "homeconnect/search.h"

enum { BEAS_SEARCH, ANAS_SEARCH, SEARCHES };
static hc_id searches[SEARCHES];

static hc_status make_search(hc_id *out, hc_session *as, hc_error *err)
{
    hc_search *search = hc_search_new(house.client);
    hc_status status;

    hc_search_set_name(search, "By the creek");
    status = hc_search_create(out, as, search, NULL, err);
    hc_search_free(search);
    return status;
}

static void open_saved_cells(void)
{
    HOUSE_OK(make_search(&searches[BEAS_SEARCH], house.bea, err));
    HOUSE_OK(make_search(&searches[ANAS_SEARCH], house.ana, err));
    HOUSE_OK(hc_favorite_add(house.bea, listings[CY_ACTIVE].id, err));
    HOUSE_OK(hc_favorite_add(house.bea, listings[BEN_ACTIVE].id, err));
    HOUSE_OK(hc_favorite_add(house.ana, listings[BEN_ACTIVE].id, err));
}

static void close_saved_cells(void)
{
}

/* ---- documents and history ---- */

static hc_status read_documents(hc_session *as, int row, hc_error *err)
{
    hc_document *document = NULL;
    hc_status status = hc_document_get(&document, as, listings[row].id, err);

    ck_assert_int_eq(document != NULL, status >= 0);
    hc_document_free(document);
    return status;
}

static hc_status change_documents(hc_session *as, int row, hc_error *err)
{
    return hc_document_set_virtual_tour(NULL, as, listings[row].id, 0, "https://tours.example.com/1", err);
}

/* Nothing was shared; who may not is told so all the same. */
static hc_status take_share_back(hc_session *as, int row, hc_error *err)
{
    return hc_document_unshare(as, listings[row].id, searches[0], searches[1], err);
}

static hc_status read_listing_history(hc_session *as, int row, hc_error *err)
{
    hc_history *history = NULL;
    hc_status status = hc_property_history(&history, as, listings[row].id, 0, NULL, err);

    ck_assert_int_eq(history != NULL, status >= 0);
    hc_history_free(history);
    return status;
}

/* ---- favorites and searches ---- */

static hc_status save_listing(hc_session *as, int row, hc_error *err)
{
    return hc_favorite_add(as, listings[row].id, err);
}

static hc_status forget_listing(hc_session *as, int row, hc_error *err)
{
    return hc_favorite_remove(as, listings[row].id, err);
}

static hc_status read_search(hc_session *as, int row, hc_error *err)
{
    hc_search *search = NULL;
    hc_status status = hc_search_get(&search, as, searches[row], err);

    hc_search_free(search);
    return status;
}

static hc_status create_search(hc_session *as, int row, hc_error *err)
{
    hc_id id;

    (void)row;
    return make_search(&id, as, err);
}

static hc_status rename_search(hc_session *as, int row, hc_error *err)
{
    hc_search *edit = hc_search_for(house.client, searches[row], 1);
    hc_status status;

    hc_search_set_name(edit, "By the lake");
    status = hc_search_update(NULL, as, edit, err);
    hc_search_free(edit);
    return status;
}

static hc_status delete_search(hc_session *as, int row, hc_error *err)
{
    return hc_search_delete(as, searches[row], 1, err);
}

static const struct cell saved_cells[] = {
    {"read a listing's documents", "ana's active", read_documents, ANA_ACTIVE, "YYYYYY", false},
    {"read a listing's documents", "ana's off market", read_documents, ANA_OFF, "NNYNYY", false},
    {"read a listing's documents", "ana's deleted", read_documents, ANA_GONE, "NNNNNN", false},
    {"read a listing's documents", "cy's off market", read_documents, CY_OFF, "NNNYYY", false},
    {"change a listing's documents", "ana's active", change_documents, ANA_ACTIVE, "UFYFYY", false},
    {"change a listing's documents", "ana's off market", change_documents, ANA_OFF, "UFYNYY", false},
    {"change a listing's documents", "ana's deleted", change_documents, ANA_GONE, "UFNNNN", false},
    {"change a listing's documents", "ben's active", change_documents, BEN_ACTIVE, "UFFFYY", false},
    {"change a listing's documents", "cy's active", change_documents, CY_ACTIVE, "UFFYYY", false},
    {"change a listing's documents", "cy's off market", change_documents, CY_OFF, "UFNYYY", false},
    {"share a document", "ana's active", take_share_back, ANA_ACTIVE, "UFYFYY", false},
    {"share a document", "ana's off market", take_share_back, ANA_OFF, "UFYNYY", false},
    {"share a document", "ana's deleted", take_share_back, ANA_GONE, "UFNNNN", false},
    {"share a document", "ben's active", take_share_back, BEN_ACTIVE, "UFFFYY", false},
    {"share a document", "cy's active", take_share_back, CY_ACTIVE, "UFFYYY", false},
    {"read a listing's history", "ana's active", read_listing_history, ANA_ACTIVE, "YYYYYY", false},
    {"read a listing's history", "ana's off market", read_listing_history, ANA_OFF, "NNYNYY", false},
    {"read a listing's history", "ana's deleted", read_listing_history, ANA_GONE, "NNNNNN", false},
    {"read a listing's history", "cy's off market", read_listing_history, CY_OFF, "NNNYYY", false},
    {"save a listing", "ana's active", save_listing, ANA_ACTIVE, "UYYYYF", false},
    {"save a listing", "ana's off market", save_listing, ANA_OFF, "UNYNYF", false},
    {"save a listing", "ana's deleted", save_listing, ANA_GONE, "UNNNNF", false},
    {"save a listing", "and forget it", forget_listing, BEN_ACTIVE, "UYYYYF", false},
    {"read a saved search", "bea's", read_search, BEAS_SEARCH, "NYNNYY", false},
    {"read a saved search", "ana's", read_search, ANAS_SEARCH, "NNYNYY", false},
    {"write a saved search", "one's own", create_search, 0, "UYYYYF", false},
    {"write a saved search", "bea's", rename_search, BEAS_SEARCH, "UYNNYF", false},
    {"write a saved search", "ana's", delete_search, ANAS_SEARCH, "UNYNYF", false},
};

COUNT_OF(favorite)
COUNT_OF(search)

static const struct list_cell saved_lists[] = {
    {"list favorites in public scope", HC_KIND_FAVORITE, HC_SCOPE_PUBLIC, {U, F, F, F, F, F}, count_favorite},
    {"list own favorites", HC_KIND_FAVORITE, HC_SCOPE_OWN, {U, 2, 1, 0, 0, F}, count_favorite},
    {"list all favorites", HC_KIND_FAVORITE, HC_SCOPE_ALL, {U, F, F, F, 3, 3}, count_favorite},
    {"list saved searches in public scope", HC_KIND_SEARCH, HC_SCOPE_PUBLIC, {U, F, F, F, F, F}, count_search},
    {"list own saved searches", HC_KIND_SEARCH, HC_SCOPE_OWN, {U, 1, 1, 0, 0, F}, count_search},
    {"list all saved searches", HC_KIND_SEARCH, HC_SCOPE_ALL, {U, F, F, F, 2, 2}, count_search},
};

#endif
