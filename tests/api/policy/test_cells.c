/* Every cell of the permission table: who (guest, buyer, agents with and without a valid licence, admin, system) may do
 * what to whose row. Expected answers are those of domain.md D5, not of the library's table. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "homeconnect/import.h"
#include "house.h"

enum { GUEST, BUYER, AGENT, UNLICENSED, ADMIN, SYSTEM, ACTORS };
static const char *const actors[] = {"guest", "buyer", "agent", "agent without licence", "admin", "system"};

/* Rows: listings that are active, off the market and deleted; people. */
enum {
    ANA_ACTIVE,
    ANA_OFF,
    ANA_GONE,
    BEN_ACTIVE,
    BEN_OFF,
    BEN_GONE,
    CY_ACTIVE,
    CY_OFF,
    CY_GONE,
    LISTINGS,
    BEA = LISTINGS,
    BO,
    ANA,
    BEN,
    CY,
    ADA,
    DI,
    ROWS
};

static struct {
    hc_id id;
    int32_t version;
} rows[ROWS];
static hc_session *cy;
static hc_session *who[ACTORS];

static void keep(int row, hc_id id, int32_t version)
{
    rows[row].id = id;
    rows[row].version = version;
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
    HOUSE_OK(hc_property_delete(house.system, rows[first + 2].id, 1, err));
}

static hc_id unverified_agent(const char *email)
{
    hc_id user = house_user(email, "Cy Candidate", HC_USER_ROLE_AGENT), id;
    hc_agent *agent = hc_agent_new(house.client);

    hc_agent_set_user_id(agent, user);
    hc_agent_set_license_number(agent, "TX-1");
    hc_agent_set_license_expires_on(agent, (int32_t)(house_now() / HOUSE_DAY) + 30);
    HOUSE_OK(hc_agent_create(&id, house.system, agent, err));
    hc_agent_free(agent);
    return user;
}

static void open_cells(void)
{
    house_open();
    keep(BEA, house.bea_id, 1);
    keep(BO, house_user("bo@example.com", "Bo Buyer", HC_USER_ROLE_BUYER), 1);
    keep(ANA, house.ana_id, 1);
    keep(BEN, house.ben_id, 1);
    keep(CY, unverified_agent("cy@example.com"), 1);
    keep(ADA, house.admin_id, 1);
    keep(DI, house_user("di@example.com", "Di Newcomer", HC_USER_ROLE_AGENT), 1);
    house_user("abe@example.com", "Abe Admin", HC_USER_ROLE_ADMIN); /* so that none is the last */
    three(ANA_ACTIVE, house.ana_id);
    three(BEN_ACTIVE, house.ben_id);
    three(CY_ACTIVE, rows[CY].id);
    cy = house_login("cy@example.com", HOUSE_PASSWORD);
    for (int i = BEA; i < ROWS; i++) { /* a sign-in may have changed the row */
        hc_user *user = NULL;
        HOUSE_OK(hc_user_get(&user, house.system, rows[i].id, err));
        rows[i].version = hc_user_version(user);
        hc_user_free(user);
    }
    who[GUEST] = house.guest;
    who[BUYER] = house.bea;
    who[AGENT] = house.ana;
    who[UNLICENSED] = cy;
    who[ADMIN] = house.admin;
    who[SYSTEM] = house.system;
}

static void close_cells(void)
{
    hc_session_free(cy);
    house_close();
}

/* ---- operations: each answers with the call's status ---- */

typedef hc_status (*operation)(hc_session *as, int row, hc_error *err);

static hc_status read_listing(hc_session *as, int row, hc_error *err)
{
    hc_property *home = NULL;
    hc_status status = hc_property_get(&home, as, rows[row].id, err);

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
    return hc_property_for(house.client, rows[row].id, rows[row].version);
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
    return hc_property_delete(as, rows[row].id, rows[row].version, err);
}

static hc_status restore_listing(hc_session *as, int row, hc_error *err)
{
    return hc_property_restore(NULL, as, rows[row].id, err);
}

static hc_status purge_listing(hc_session *as, int row, hc_error *err)
{
    return hc_property_purge(as, rows[row].id, err);
}

/* As the agent ANA or BEN; the caller's own names nobody. */
static hc_status create_listing(hc_session *as, int row, hc_error *err)
{
    hc_property *home = house_sketch("New", 100);
    hc_status status;
    hc_id id;

    if (row == BEN)
        hc_property_set_agent_id(home, rows[row].id);
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
    options.agent_id = rows[row].id;
    status = hc_import_run(&counts, as, &options, err);
    ck_assert_msg(status < 0 || counts.refused == 0, "the import refused a row");
    unlink(path);
    return status;
}

static hc_status read_user(hc_session *as, int row, hc_error *err)
{
    hc_user *user = NULL;
    hc_status status = hc_user_get(&user, as, rows[row].id, err);

    hc_user_free(user);
    return status;
}

static hc_status create_user(hc_session *as, int row, hc_error *err)
{
    hc_user *user = hc_user_new(house.client);
    hc_id id;
    hc_status status;

    (void)row;
    hc_user_set_email(user, "new@example.com");
    hc_user_set_full_name(user, "New Person");
    hc_user_set_role(user, HC_USER_ROLE_BUYER);
    status = hc_user_create(&id, as, user, HOUSE_PASSWORD, strlen(HOUSE_PASSWORD), err);
    hc_user_free(user);
    return status;
}

static hc_status change_user(hc_session *as, hc_user *edit, hc_error *err)
{
    hc_status status = hc_user_update(NULL, as, edit, err);

    hc_user_free(edit);
    return status;
}

static hc_status update_user(hc_session *as, int row, hc_error *err)
{
    hc_user *edit = hc_user_for(house.client, rows[row].id, rows[row].version);

    hc_user_set_full_name(edit, "Another Name");
    return change_user(as, edit, err);
}

static hc_status change_role(hc_session *as, int row, hc_error *err)
{
    hc_user *edit = hc_user_for(house.client, rows[row].id, rows[row].version);

    hc_user_set_role(edit, row == BO ? HC_USER_ROLE_AGENT : HC_USER_ROLE_BUYER);
    return change_user(as, edit, err);
}

static hc_status delete_user(hc_session *as, int row, hc_error *err)
{
    return hc_user_delete(as, rows[row].id, rows[row].version, err);
}

static hc_status read_agent(hc_session *as, int row, hc_error *err)
{
    hc_agent *agent = NULL;
    hc_status status = hc_agent_get(&agent, as, rows[row].id, err);

    hc_agent_free(agent);
    return status;
}

static hc_status create_agent(hc_session *as, int row, hc_error *err)
{
    hc_agent *agent = hc_agent_new(house.client);
    hc_id id;
    hc_status status;

    hc_agent_set_user_id(agent, rows[row].id);
    status = hc_agent_create(&id, as, agent, err);
    hc_agent_free(agent);
    return status;
}

static hc_status change_agent(hc_session *as, hc_agent *edit, hc_error *err)
{
    hc_status status = hc_agent_update(NULL, as, edit, err);

    hc_agent_free(edit);
    return status;
}

static hc_status update_agent(hc_session *as, int row, hc_error *err)
{
    hc_agent *edit = hc_agent_for(house.client, rows[row].id, 1);

    hc_agent_set_bio(edit, "Knows every street.");
    return change_agent(as, edit, err);
}

static hc_status change_license(hc_session *as, int row, hc_error *err)
{
    hc_agent *edit = hc_agent_for(house.client, rows[row].id, 1);

    hc_agent_set_license_state(edit, "NM");
    return change_agent(as, edit, err);
}

static hc_status delete_agent(hc_session *as, int row, hc_error *err)
{
    return hc_agent_delete(as, rows[row].id, 1, err);
}

/* ---- the table ---- */

/* By actor: Y may; U must sign in; F forbidden; N not found; S may, but the row's state forbids it. */
static const struct cell {
    const char *name;
    operation run;
    int row;
    const char *expected; /* in the order of `actors` */
    bool own_transaction; /* cannot be part of a unit */
} cells[] = {
    {"read a listing, ana's active", read_listing, ANA_ACTIVE, "YYYYYY", false},
    {"read a listing, ana's off market", read_listing, ANA_OFF, "NNYNYY", false},
    {"read a listing, ana's deleted", read_listing, ANA_GONE, "NNNNNN", false},
    {"read a listing, ben's active", read_listing, BEN_ACTIVE, "YYYYYY", false},
    {"read a listing, ben's off market", read_listing, BEN_OFF, "NNNNYY", false},
    {"read a listing, ben's deleted", read_listing, BEN_GONE, "NNNNNN", false},
    {"read a listing, cy's active", read_listing, CY_ACTIVE, "YYYYYY", false},
    {"read a listing, cy's off market", read_listing, CY_OFF, "NNNYYY", false},
    {"read a listing, cy's deleted", read_listing, CY_GONE, "NNNNNN", false},
    {"create a listing, own", create_listing, ANA, "UFYFYY", false},
    {"create a listing, ben's", create_listing, BEN, "UFFFYY", false},
    {"update a listing, ana's active", update_listing, ANA_ACTIVE, "UFYFYY", false},
    {"update a listing, ana's off market", update_listing, ANA_OFF, "UFYNYY", false},
    {"update a listing, ana's deleted", update_listing, ANA_GONE, "UFNNNN", false},
    {"update a listing, ben's active", update_listing, BEN_ACTIVE, "UFFFYY", false},
    {"update a listing, ben's off market", update_listing, BEN_OFF, "UFNNYY", false},
    {"update a listing, ben's deleted", update_listing, BEN_GONE, "UFNNNN", false},
    {"update a listing, cy's active", update_listing, CY_ACTIVE, "UFFFYY", false},
    {"update a listing, cy's off market", update_listing, CY_OFF, "UFNFYY", false},
    {"change a status, ana's active", change_status, ANA_ACTIVE, "UFYFYY", false},
    {"change a status, ana's off market", change_status, ANA_OFF, "UFYNYY", false},
    {"change a status, ana's deleted", change_status, ANA_GONE, "UFNNNN", false},
    {"change a status, ben's active", change_status, BEN_ACTIVE, "UFFFYY", false},
    {"change a status, ben's off market", change_status, BEN_OFF, "UFNNYY", false},
    {"change a status, cy's active", change_status, CY_ACTIVE, "UFFYYY", false},
    {"change a status, cy's off market", change_status, CY_OFF, "UFNYYY", false},
    {"change a price, ana's active", change_price, ANA_ACTIVE, "UFYFYY", false},
    {"change a price, ana's off market", change_price, ANA_OFF, "UFYNYY", false},
    {"change a price, ben's active", change_price, BEN_ACTIVE, "UFFFYY", false},
    {"change a price, ben's deleted", change_price, BEN_GONE, "UFNNNN", false},
    {"change a price, cy's active", change_price, CY_ACTIVE, "UFFYYY", false},
    {"change a price, cy's off market", change_price, CY_OFF, "UFNYYY", false},
    {"delete a listing, ana's active", delete_listing, ANA_ACTIVE, "UFYFYY", false},
    {"delete a listing, ana's off market", delete_listing, ANA_OFF, "UFYNYY", false},
    {"delete a listing, ana's deleted", delete_listing, ANA_GONE, "UFNNNN", false},
    {"delete a listing, ben's active", delete_listing, BEN_ACTIVE, "UFFFYY", false},
    {"delete a listing, ben's off market", delete_listing, BEN_OFF, "UFNNYY", false},
    {"delete a listing, cy's active", delete_listing, CY_ACTIVE, "UFFFYY", false},
    {"restore a listing, ana's active", restore_listing, ANA_ACTIVE, "UFYFYY", false},
    {"restore a listing, ana's off market", restore_listing, ANA_OFF, "UFYNYY", false},
    {"restore a listing, ana's deleted", restore_listing, ANA_GONE, "UFYNYY", false},
    {"restore a listing, ben's active", restore_listing, BEN_ACTIVE, "UFFFYY", false},
    {"restore a listing, ben's deleted", restore_listing, BEN_GONE, "UFNNYY", false},
    {"restore a listing, cy's deleted", restore_listing, CY_GONE, "UFNFYY", false},
    {"purge a listing, ana's active", purge_listing, ANA_ACTIVE, "UFFFSS", false},
    {"purge a listing, ana's deleted", purge_listing, ANA_GONE, "UFFFYY", false},
    {"purge a listing, ben's deleted", purge_listing, BEN_GONE, "UFFFYY", false},
    {"import as ana", import_listing, ANA, "UFYFYY", true},
    {"import as ben", import_listing, BEN, "UFFFYY", true},
    {"read a profile, bea's", read_user, BEA, "NYNNYY", false},
    {"read a profile, another buyer's", read_user, BO, "NNNNYY", false},
    {"read a profile, ana's", read_user, ANA, "YYYYYY", false},
    {"read a profile, ben's", read_user, BEN, "YYYYYY", false},
    {"read a profile, an admin's", read_user, ADA, "NNNNYY", false},
    {"create a user", create_user, BEA, "UFFFYY", false},
    {"update a profile, bea's", update_user, BEA, "UYNNYY", false},
    {"update a profile, another buyer's", update_user, BO, "UNNNYY", false},
    {"update a profile, ana's", update_user, ANA, "UFYFYY", false},
    {"update a profile, cy's", update_user, CY, "UFFYYY", false},
    {"update a profile, an admin's", update_user, ADA, "UNNNYY", false},
    {"change a role, bea's", change_role, BO, "UFFFYY", false},
    {"change a role, ana's", change_role, ANA, "UFFFYY", false},
    {"change a role, cy's", change_role, CY, "UFFFYY", false},
    {"change a role, an admin's", change_role, ADA, "UFFFYY", false},
    {"deactivate a user, bea", delete_user, BEA, "UYNNYY", false},
    {"deactivate a user, another buyer", delete_user, BO, "UNNNYY", false},
    {"deactivate a user, ana", delete_user, ANA, "UFSFSS", false},
    {"deactivate a user, an admin", delete_user, ADA, "UNNNYY", false},
    {"deactivate a user, an agent without listings", delete_user, DI, "UFFFYY", false},
    {"read an agent, ana", read_agent, ANA, "YYYYYY", false},
    {"read an agent, cy", read_agent, CY, "YYYYYY", false},
    {"create an agent's profile", create_agent, DI, "UFFFYY", false},
    {"update an agent, ana", update_agent, ANA, "UFYFYY", false},
    {"update an agent, cy", update_agent, CY, "UFFYYY", false},
    {"change a licence that is verified", change_license, ANA, "UFFFYY", false},
    {"change a licence that is not verified", change_license, CY, "UFFYYY", false},
    {"delete an agent's profile, ana's", delete_agent, ANA, "UFFFSS", false},
};

static hc_status status_of(char letter)
{
    switch (letter) {
    case 'U':
        return HC_ERR_UNAUTHENTICATED;
    case 'F':
        return HC_ERR_FORBIDDEN;
    case 'N':
        return HC_ERR_NOT_FOUND;
    case 'S':
        return HC_ERR_INVALID_STATE;
    default:
        return HC_OK;
    }
}

static const char refused[] = "SELECT count(*) FROM audit_log WHERE event IN ('authz_fail','input_validation_fail')";

struct attempt {
    const struct cell *cell;
    hc_status status;
};

/* What is permitted is tried in a unit that is taken back, so that the next cell finds the same rows. */
static hc_status try_and_undo(hc_session *as, void *data, hc_error *err)
{
    struct attempt *attempt = data;

    attempt->status = attempt->cell->run(as, attempt->cell->row, err);
    return HC_ERR_CANCELLED;
}

static void walk(int actor, const struct cell *cell)
{
    hc_status want = status_of(cell->expected[actor]);
    struct attempt attempt = {cell, HC_OK};
    snapshot before = house_snapshot();
    int64_t refusals = house_sql(refused);
    hc_error err = {0};

    house_count(1);
    if (want < 0 || cell->own_transaction)
        attempt.status = cell->run(who[actor], cell->row, &err);
    else
        ck_assert_int_eq(hc_session_transact(who[actor], try_and_undo, &attempt, &err), HC_ERR_CANCELLED);
    ck_assert_msg(want == HC_OK ? attempt.status >= 0 : attempt.status == want, "%s may %s: %s, not %s (%s: %s)",
                  actors[actor], cell->name, hc_status_name(attempt.status), hc_status_name(want), err.field,
                  err.message);
    if (want < 0 || !cell->own_transaction)
        house_assert_unchanged_since(before);
    if (want == HC_ERR_FORBIDDEN || want == HC_ERR_UNAUTHENTICATED || want == HC_ERR_NOT_FOUND)
        ck_assert_msg(house_sql(refused) > refusals, "%s by %s: the refusal is not audited", cell->name, actors[actor]);
}

/* Z02 Z03 Z11 A19 A20 */
START_TEST(every_cell_answers_as_the_domain_says)
{
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        walk(_i, &cells[i]);
}
END_TEST

/* ---- lists: how many rows each scope shows ---- */

static const struct {
    const char *name;
    int32_t kind, scope;
    int rows[ACTORS]; /* or a status */
} lists[] = {
#define U HC_ERR_UNAUTHENTICATED
#define F HC_ERR_FORBIDDEN
    {"public listings", HC_KIND_PROPERTY, HC_SCOPE_PUBLIC, {6, 6, 6, 6, 6, 6}},
    {"own listings", HC_KIND_PROPERTY, HC_SCOPE_OWN, {U, F, 5, 2, 0, F}},
    {"all listings", HC_KIND_PROPERTY, HC_SCOPE_ALL, {U, F, F, F, 10, 10}},
    {"cards of users", HC_KIND_USER, HC_SCOPE_PUBLIC, {4, 4, 4, 4, 4, 4}},
    {"oneself", HC_KIND_USER, HC_SCOPE_OWN, {U, 1, 1, 1, 1, F}},
    {"all users", HC_KIND_USER, HC_SCOPE_ALL, {U, F, F, F, 8, 8}},
    {"cards of agents", HC_KIND_AGENT, HC_SCOPE_PUBLIC, {3, 3, 3, 3, 3, 3}},
    {"own agent's profile", HC_KIND_AGENT, HC_SCOPE_OWN, {U, F, 1, 1, 0, F}},
    {"all agents", HC_KIND_AGENT, HC_SCOPE_ALL, {U, F, F, F, 3, 3}},
#undef U
#undef F
};

static int rows_of(int32_t kind, hc_session *as, const hc_query *query, hc_error *err)
{
    hc_property_page *homes = NULL;
    hc_user_page *users = NULL;
    hc_agent_page *agents = NULL;
    hc_status status = kind == HC_KIND_PROPERTY ? hc_property_list(&homes, as, query, err)
                       : kind == HC_KIND_USER   ? hc_user_list(&users, as, query, err)
                                                : hc_agent_list(&agents, as, query, err);
    size_t count = hc_property_page_count(homes) + hc_user_page_count(users) + hc_agent_page_count(agents);

    hc_property_page_free(homes);
    hc_user_page_free(users);
    hc_agent_page_free(agents);
    return status < 0 ? status : (int)count;
}

/* Z10 */
START_TEST(every_scope_of_every_list_shows_what_the_domain_says)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        hc_query *query = NULL;
        hc_error why = {0};
        int got;

        HOUSE_OK(hc_query_new(&query, house.client, lists[i].kind, err));
        HOUSE_OK(hc_query_set_scope(query, lists[i].scope, err));
        got = rows_of(lists[i].kind, who[_i], query, &why);
        ck_assert_msg(got == lists[i].rows[_i], "%s lists %s: %d, not %d (%s)", actors[_i], lists[i].name, got,
                      lists[i].rows[_i], why.message);
        if (got < 0)
            ck_assert_str_eq(why.field, "scope");
        hc_query_free(query);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_cell_answers_as_the_domain_says, 0, ACTORS);
    tcase_add_loop_test(tcase, every_scope_of_every_list_shows_what_the_domain_says, 0, ACTORS);
}

int main(void)
{
    return suite_main("api.policy.cells", fill, open_cells, close_cells);
}
