/* Users and agents: who may read, make, change and remove whom. Opens first: other nouns' rows are about these people.
 */
#ifndef POLICY_CELLS_PEOPLE_H
#define POLICY_CELLS_PEOPLE_H

#include "cells.h"

enum { BEA, BO, ANA, BEN, CY, ADA, DI, PEOPLE };
static struct {
    hc_id id;
    int32_t version;
} people[PEOPLE];

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

static void open_people_cells(void)
{
    people[BEA].id = house.bea_id;
    people[BO].id = house_user("bo@example.com", "Bo Buyer", HC_USER_ROLE_BUYER);
    people[ANA].id = house.ana_id;
    people[BEN].id = house.ben_id;
    people[CY].id = unverified_agent("cy@example.com");
    people[ADA].id = house.admin_id;
    people[DI].id = house_user("di@example.com", "Di Newcomer", HC_USER_ROLE_AGENT);
    house_user("abe@example.com", "Abe Admin", HC_USER_ROLE_ADMIN); /* so that none is the last */
    who[GUEST] = house.guest;
    who[BUYER] = house.bea;
    who[AGENT] = house.ana;
    who[UNLICENSED] = house_login("cy@example.com", HOUSE_PASSWORD);
    who[ADMIN] = house.admin;
    who[SYSTEM] = house.system;
    for (int i = BEA; i < PEOPLE; i++) { /* a sign-in may have changed the row */
        hc_user *user = NULL;
        HOUSE_OK(hc_user_get(&user, house.system, people[i].id, err));
        people[i].version = hc_user_version(user);
        hc_user_free(user);
    }
}

static void close_people_cells(void)
{
    hc_session_free(who[UNLICENSED]);
}

static hc_status read_user(hc_session *as, int row, hc_error *err)
{
    hc_user *user = NULL;
    hc_status status = hc_user_get(&user, as, people[row].id, err);

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
    hc_user *edit = hc_user_for(house.client, people[row].id, people[row].version);

    hc_user_set_full_name(edit, "Another Name");
    return change_user(as, edit, err);
}

static hc_status change_role(hc_session *as, int row, hc_error *err)
{
    hc_user *edit = hc_user_for(house.client, people[row].id, people[row].version);

    hc_user_set_role(edit, row == BO ? HC_USER_ROLE_AGENT : HC_USER_ROLE_BUYER);
    return change_user(as, edit, err);
}

static hc_status delete_user(hc_session *as, int row, hc_error *err)
{
    return hc_user_delete(as, people[row].id, people[row].version, err);
}

static hc_status read_agent(hc_session *as, int row, hc_error *err)
{
    hc_agent *agent = NULL;
    hc_status status = hc_agent_get(&agent, as, people[row].id, err);

    hc_agent_free(agent);
    return status;
}

static hc_status create_agent(hc_session *as, int row, hc_error *err)
{
    hc_agent *agent = hc_agent_new(house.client);
    hc_id id;
    hc_status status;

    hc_agent_set_user_id(agent, people[row].id);
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
    hc_agent *edit = hc_agent_for(house.client, people[row].id, 1);

    hc_agent_set_bio(edit, "Knows every street.");
    return change_agent(as, edit, err);
}

static hc_status change_license(hc_session *as, int row, hc_error *err)
{
    hc_agent *edit = hc_agent_for(house.client, people[row].id, 1);

    hc_agent_set_license_state(edit, "NM");
    return change_agent(as, edit, err);
}

static hc_status delete_agent(hc_session *as, int row, hc_error *err)
{
    return hc_agent_delete(as, people[row].id, 1, err);
}

static const struct cell people_cells[] = {
    {"read a profile", "bea's", read_user, BEA, "NYNNYY", false},
    {"read a profile", "another buyer's", read_user, BO, "NNNNYY", false},
    {"read a profile", "ana's", read_user, ANA, "YYYYYY", false},
    {"read a profile", "ben's", read_user, BEN, "YYYYYY", false},
    {"read a profile", "an admin's", read_user, ADA, "NNNNYY", false},
    {"create a user", "a buyer", create_user, BEA, "UFFFYY", false},
    {"update a profile", "bea's", update_user, BEA, "UYNNYY", false},
    {"update a profile", "another buyer's", update_user, BO, "UNNNYY", false},
    {"update a profile", "ana's", update_user, ANA, "UFYFYY", false},
    {"update a profile", "cy's", update_user, CY, "UFFYYY", false},
    {"update a profile", "an admin's", update_user, ADA, "UNNNYY", false},
    {"change a user's role", "bea's", change_role, BO, "UFFFYY", false},
    {"change a user's role", "ana's", change_role, ANA, "UFFFYY", false},
    {"change a user's role", "cy's", change_role, CY, "UFFFYY", false},
    {"change a user's role", "an admin's", change_role, ADA, "UFFFYY", false},
    {"deactivate a user", "bea", delete_user, BEA, "UYNNYY", false},
    {"deactivate a user", "another buyer", delete_user, BO, "UNNNYY", false},
    {"deactivate a user", "ana", delete_user, ANA, "UFSFSS", false},
    {"deactivate a user", "an admin", delete_user, ADA, "UNNNYY", false},
    {"deactivate a user", "an agent without listings", delete_user, DI, "UFFFYY", false},
    {"read an agent", "ana", read_agent, ANA, "YYYYYY", false},
    {"read an agent", "cy", read_agent, CY, "YYYYYY", false},
    {"create an agent profile", "for an agent without one", create_agent, DI, "UFFFYY", false},
    {"update an agent profile", "ana", update_agent, ANA, "UFYFYY", false},
    {"update an agent profile", "cy", update_agent, CY, "UFFYYY", false},
    {"change a licence", "verified", change_license, ANA, "UFFFYY", false},
    {"change a licence", "not verified", change_license, CY, "UFFYYY", false},
    {"delete an agent profile", "ana's", delete_agent, ANA, "UFFFSS", false},
};

COUNT_OF(user)
COUNT_OF(agent)

static const struct list_cell people_lists[] = {
    {"list agents' cards", HC_KIND_USER, HC_SCOPE_PUBLIC, {4, 4, 4, 4, 4, 4}, count_user},
    {"list oneself", HC_KIND_USER, HC_SCOPE_OWN, {U, 1, 1, 1, 1, F}, count_user},
    {"list all users", HC_KIND_USER, HC_SCOPE_ALL, {U, F, F, F, 8, 8}, count_user},
    {"list agents", HC_KIND_AGENT, HC_SCOPE_PUBLIC, {3, 3, 3, 3, 3, 3}, count_agent},
    {"list own agent profile", HC_KIND_AGENT, HC_SCOPE_OWN, {U, F, 1, 1, 0, F}, count_agent},
    {"list all agents", HC_KIND_AGENT, HC_SCOPE_ALL, {U, F, F, F, 3, 3}, count_agent},
};

#endif
