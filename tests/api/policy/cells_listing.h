/* Listings that are active, off the market and deleted, of ana, of ben and of cy, whose licence is not verified. */
#ifndef POLICY_CELLS_LISTING_H
#define POLICY_CELLS_LISTING_H

#include <unistd.h>

#include "cells_people.h"
#include "homeconnect/import.h"

enum { ANA_ACTIVE, ANA_OFF, ANA_GONE, BEN_ACTIVE, BEN_OFF, BEN_GONE, CY_ACTIVE, CY_OFF, CY_GONE, LISTINGS };
static struct {
    hc_id id;
    int32_t version;
} listings[LISTINGS];

static void keep(int row, hc_id id, int32_t version)
{
    listings[row].id = id;
    listings[row].version = version;
}

static hc_id list_for(hc_id agent, int32_t standard)
{
    hc_property *home = house_sketch("Home of a cell", 20000000);
    hc_id id;

    hc_property_set_agent_id(home, agent);
    hc_property_set_standard_status(home, standard);
    HOUSE_OK(hc_property_create(&id, house.system, home, err));
    hc_property_free(home);
    return id;
}

static void three(int first, hc_id agent)
{
    keep(first, list_for(agent, HC_PROPERTY_STANDARD_ACTIVE), 1);
    keep(first + 1, list_for(agent, HC_PROPERTY_STANDARD_WITHDRAWN), 1);
    keep(first + 2, list_for(agent, HC_PROPERTY_STANDARD_ACTIVE), 2);
    HOUSE_OK(hc_property_delete(house.system, listings[first + 2].id, 1, err));
}

static void open_listing_cells(void)
{
    three(ANA_ACTIVE, house.ana_id);
    three(BEN_ACTIVE, house.ben_id);
    three(CY_ACTIVE, people[CY].id);
}

static void close_listing_cells(void)
{
}

static hc_status read_listing(hc_session *as, int row, hc_error *err)
{
    hc_property *home = NULL;
    hc_status status = hc_property_get(&home, as, listings[row].id, err);

    ck_assert_int_eq(home != NULL, status >= 0);
    hc_property_free(home);
    return status;
}

static hc_status change(hc_session *as, hc_property *edit, hc_error *err)
{
    hc_status status = hc_property_update(NULL, as, edit, err);

    hc_property_free(edit);
    return status;
}

static hc_property *edit_of(int row)
{
    return hc_property_for(house.client, listings[row].id, listings[row].version);
}

static hc_status update_listing(hc_session *as, int row, hc_error *err)
{
    hc_property *edit = edit_of(row);

    hc_property_set_title(edit, "Another title");
    return change(as, edit, err);
}

static hc_status change_status(hc_session *as, int row, hc_error *err)
{
    hc_property *edit = edit_of(row);

    if (row == ANA_OFF || row == BEN_OFF || row == CY_OFF)
        hc_property_set_standard_status(edit, HC_PROPERTY_STANDARD_ACTIVE);
    else
        hc_property_set_status(edit, HC_PROPERTY_STATUS_PENDING);
    return change(as, edit, err);
}

static hc_status change_price(hc_session *as, int row, hc_error *err)
{
    hc_property *edit = edit_of(row);

    hc_property_set_price(edit, 19900000);
    return change(as, edit, err);
}

static hc_status delete_listing(hc_session *as, int row, hc_error *err)
{
    return hc_property_delete(as, listings[row].id, listings[row].version, err);
}

static hc_status restore_listing(hc_session *as, int row, hc_error *err)
{
    return hc_property_restore(NULL, as, listings[row].id, err);
}

static hc_status purge_listing(hc_session *as, int row, hc_error *err)
{
    return hc_property_purge(as, listings[row].id, err);
}

/* As the agent ANA or BEN; the caller's own names nobody. */
static hc_status create_listing(hc_session *as, int row, hc_error *err)
{
    hc_property *home = house_sketch("New", 100);
    hc_status status;
    hc_id id;

    if (row == BEN)
        hc_property_set_agent_id(home, people[row].id);
    status = hc_property_create(&id, as, home, err);
    hc_property_free(home);
    return status;
}

static hc_status import_listing(hc_session *as, int row, hc_error *err)
{
    static const char mapping[] =
        "{\"source_system\":\"cells\",\"key\":\"id\",\"fields\":{\"title\":{\"template\":"
        "\"Parcel {id}\"},\"price\":\"price\",\"address\":{\"const\":\"1 A St\"},\"city\":{"
        "\"const\":\"Austin\"},\"state\":{\"const\":\"TX\"},\"zip_code\":{\"const\":\"78701\"},"
        "\"property_type\":{\"const\":\"house\"}}}";
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    hc_import_counts counts = {0};
    char path[400];
    FILE *file;
    hc_status status;

    snprintf(path, sizeof path, "%s/cell.csv", house.folder);
    file = fopen(path, "w");
    fputs("id,price\n1,100000\n", file);
    fclose(file);
    options.format = HC_FORMAT_CSV;
    options.path = path;
    options.mapping = mapping;
    options.agent_id = people[row].id;
    status = hc_import_run(&counts, as, &options, err);
    ck_assert_msg(status < 0 || counts.refused == 0, "the import refused a row");
    unlink(path);
    return status;
}

static const struct cell listing_cells[] = {
    {"read a listing", "ana's active", read_listing, ANA_ACTIVE, "YYYYYY", false},
    {"read a listing", "ana's off market", read_listing, ANA_OFF, "NNYNYY", false},
    {"read a listing", "ana's deleted", read_listing, ANA_GONE, "NNNNNN", false},
    {"read a listing", "ben's active", read_listing, BEN_ACTIVE, "YYYYYY", false},
    {"read a listing", "ben's off market", read_listing, BEN_OFF, "NNNNYY", false},
    {"read a listing", "ben's deleted", read_listing, BEN_GONE, "NNNNNN", false},
    {"read a listing", "cy's active", read_listing, CY_ACTIVE, "YYYYYY", false},
    {"read a listing", "cy's off market", read_listing, CY_OFF, "NNNYYY", false},
    {"read a listing", "cy's deleted", read_listing, CY_GONE, "NNNNNN", false},
    {"create a listing", "own", create_listing, ANA, "UFYFYY", false},
    {"create a listing", "ben's", create_listing, BEN, "UFFFYY", false},
    {"update a listing", "ana's active", update_listing, ANA_ACTIVE, "UFYFYY", false},
    {"update a listing", "ana's off market", update_listing, ANA_OFF, "UFYNYY", false},
    {"update a listing", "ana's deleted", update_listing, ANA_GONE, "UFNNNN", false},
    {"update a listing", "ben's active", update_listing, BEN_ACTIVE, "UFFFYY", false},
    {"update a listing", "ben's off market", update_listing, BEN_OFF, "UFNNYY", false},
    {"update a listing", "ben's deleted", update_listing, BEN_GONE, "UFNNNN", false},
    {"update a listing", "cy's active", update_listing, CY_ACTIVE, "UFFFYY", false},
    {"update a listing", "cy's off market", update_listing, CY_OFF, "UFNFYY", false},
    {"change a listing's status", "ana's active", change_status, ANA_ACTIVE, "UFYFYY", false},
    {"change a listing's status", "ana's off market", change_status, ANA_OFF, "UFYNYY", false},
    {"change a listing's status", "ana's deleted", change_status, ANA_GONE, "UFNNNN", false},
    {"change a listing's status", "ben's active", change_status, BEN_ACTIVE, "UFFFYY", false},
    {"change a listing's status", "ben's off market", change_status, BEN_OFF, "UFNNYY", false},
    {"change a listing's status", "cy's active", change_status, CY_ACTIVE, "UFFYYY", false},
    {"change a listing's status", "cy's off market", change_status, CY_OFF, "UFNYYY", false},
    {"change a listing's price", "ana's active", change_price, ANA_ACTIVE, "UFYFYY", false},
    {"change a listing's price", "ana's off market", change_price, ANA_OFF, "UFYNYY", false},
    {"change a listing's price", "ben's active", change_price, BEN_ACTIVE, "UFFFYY", false},
    {"change a listing's price", "ben's deleted", change_price, BEN_GONE, "UFNNNN", false},
    {"change a listing's price", "cy's active", change_price, CY_ACTIVE, "UFFYYY", false},
    {"change a listing's price", "cy's off market", change_price, CY_OFF, "UFNYYY", false},
    {"delete a listing", "ana's active", delete_listing, ANA_ACTIVE, "UFYFYY", false},
    {"delete a listing", "ana's off market", delete_listing, ANA_OFF, "UFYNYY", false},
    {"delete a listing", "ana's deleted", delete_listing, ANA_GONE, "UFNNNN", false},
    {"delete a listing", "ben's active", delete_listing, BEN_ACTIVE, "UFFFYY", false},
    {"delete a listing", "ben's off market", delete_listing, BEN_OFF, "UFNNYY", false},
    {"delete a listing", "cy's active", delete_listing, CY_ACTIVE, "UFFFYY", false},
    {"restore a listing", "ana's active", restore_listing, ANA_ACTIVE, "UFYFYY", false},
    {"restore a listing", "ana's off market", restore_listing, ANA_OFF, "UFYNYY", false},
    {"restore a listing", "ana's deleted", restore_listing, ANA_GONE, "UFYNYY", false},
    {"restore a listing", "ben's active", restore_listing, BEN_ACTIVE, "UFFFYY", false},
    {"restore a listing", "ben's deleted", restore_listing, BEN_GONE, "UFNNYY", false},
    {"restore a listing", "cy's deleted", restore_listing, CY_GONE, "UFNFYY", false},
    {"purge a deleted listing", "ana's active", purge_listing, ANA_ACTIVE, "UFFFSS", false},
    {"purge a deleted listing", "ana's deleted", purge_listing, ANA_GONE, "UFFFYY", false},
    {"purge a deleted listing", "ben's deleted", purge_listing, BEN_GONE, "UFFFYY", false},
    {"import listings", "as ana", import_listing, ANA, "UFYFYY", true},
    {"import listings", "as ben", import_listing, BEN, "UFFFYY", true},
};

COUNT_OF(property)

static const struct list_cell listing_lists[] = {
    {"list public listings", HC_KIND_PROPERTY, HC_SCOPE_PUBLIC, {6, 6, 6, 6, 6, 6}, count_property},
    {"list own listings", HC_KIND_PROPERTY, HC_SCOPE_OWN, {U, F, 5, 2, 0, F}, count_property},
    {"list all listings", HC_KIND_PROPERTY, HC_SCOPE_ALL, {U, F, F, F, 10, 10}, count_property},
};

#endif
