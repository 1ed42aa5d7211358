#include "nouns_people.h"

#include <stdio.h>
#include <string.h>

#include "house.h"

int nouns_serial;

static hc_id somebody;
static char address[64]; /* theirs */
static hc_session *theirs;
static int32_t version;
static hc_query *users, *agents;

/* ---- what calls need ---- */

void make_somebody(void)
{
    snprintf(address, sizeof address, "somebody%d@example.com", ++nouns_serial);
    somebody = house_user(address, "Sam Body", HC_USER_ROLE_AGENT);
}

void make_agent(void)
{
    make_somebody();
    house_license(somebody);
}

void sign_somebody_in(void)
{
    hc_session_free(theirs);
    make_somebody();
    theirs = house_login(address, HOUSE_PASSWORD);
}

void read_user(void)
{
    hc_user *user = NULL;

    HOUSE_OK(hc_user_get(&user, house.admin, house.bea_id, err));
    version = hc_user_version(user);
    hc_user_free(user);
}

void read_agent(void)
{
    hc_agent *agent = NULL;

    HOUSE_OK(hc_agent_get(&agent, house.ana, house.ana_id, err));
    version = hc_agent_version(agent);
    hc_agent_free(agent);
}

void people_open(void)
{
    HOUSE_OK(hc_query_new(&users, house.client, HC_KIND_USER, err));
    HOUSE_OK(hc_query_new(&agents, house.client, HC_KIND_AGENT, err));
}

void people_close(void)
{
    hc_query_free(users);
    hc_query_free(agents);
    hc_session_free(theirs);
    users = agents = NULL;
    theirs = NULL;
}

/* ---- sessions ---- */

hc_status session_guest(hc_error *err)
{
    hc_session *out = NULL;
    hc_status status = hc_session_guest(&out, house.client, "198.51.100.4", err);

    hc_session_free(out);
    return status;
}

hc_status session_system(hc_error *err)
{
    hc_session *out = NULL;
    hc_status status = hc_session_system(&out, house.client, err);

    hc_session_free(out);
    return status;
}

hc_status session_open(hc_error *err)
{
    const char *token = hc_session_token(house.bea);
    hc_session *out = NULL;
    hc_status status = hc_session_open(&out, house.client, token, strlen(token), "198.51.100.4", err);

    hc_session_free(out);
    return status;
}

/* ---- signing in ---- */

hc_status auth_login(hc_error *err)
{
    hc_login who = HC_LOGIN_INIT;
    hc_session *out = NULL;
    hc_status status;

    who.email = "ben@example.com";
    who.password = HOUSE_PASSWORD;
    who.password_size = strlen(HOUSE_PASSWORD);
    status = hc_auth_login(&out, house.guest, &who, err);
    hc_session_free(out);
    return status;
}

hc_status auth_logout(hc_error *err)
{
    return hc_auth_logout(theirs, err);
}

hc_status auth_register(hc_error *err)
{
    hc_registration who = HC_REGISTRATION_INIT;
    char email[64];

    snprintf(email, sizeof email, "guest%d@example.com", ++nouns_serial);
    who.email = email;
    who.password = HOUSE_PASSWORD;
    who.password_size = strlen(HOUSE_PASSWORD);
    who.full_name = "Gus Guest";
    return hc_auth_register(house.guest, &who, err);
}

hc_status auth_change_password(hc_error *err)
{
    static const char other[] = "four otters under the pier";
    hc_password_change change = HC_PASSWORD_CHANGE_INIT;

    change.current = HOUSE_PASSWORD;
    change.current_size = strlen(HOUSE_PASSWORD);
    change.password = other;
    change.password_size = sizeof other - 1;
    return hc_auth_change_password(theirs, &change, err);
}

/* The reads of a noun whose ids are a person's: one, two and a list. */
#define READS(noun, reader, person, lister, query)                                                                     \
    hc_status noun##_get(hc_error *err)                                                                                \
    {                                                                                                                  \
        hc_##noun *one = NULL;                                                                                         \
        hc_status status = hc_##noun##_get(&one, reader, person, err);                                                 \
                                                                                                                       \
        hc_##noun##_free(one);                                                                                         \
        return status;                                                                                                 \
    }                                                                                                                  \
                                                                                                                       \
    hc_status noun##_get_many(hc_error *err)                                                                           \
    {                                                                                                                  \
        const hc_id ids[] = {house.ben_id, house.ana_id};                                                              \
        hc_##noun##_page *page = NULL;                                                                                 \
        hc_status status = hc_##noun##_get_many(&page, reader, ids, 2, err);                                           \
                                                                                                                       \
        hc_##noun##_page_free(page);                                                                                   \
        return status;                                                                                                 \
    }                                                                                                                  \
                                                                                                                       \
    hc_status noun##_list(hc_error *err)                                                                               \
    {                                                                                                                  \
        hc_##noun##_page *page = NULL;                                                                                 \
        hc_status status = hc_##noun##_list(&page, lister, query, err);                                                \
                                                                                                                       \
        hc_##noun##_page_free(page);                                                                                   \
        return status;                                                                                                 \
    }

/* ---- users ---- */

READS(user, house.admin, house.ana_id, house.admin, users)

hc_status user_create(hc_error *err)
{
    hc_user *user = hc_user_new(house.client);
    char email[64];
    hc_status status;
    hc_id id;

    snprintf(email, sizeof email, "new%d@example.com", ++nouns_serial);
    hc_user_set_email(user, email);
    hc_user_set_full_name(user, "New Comer");
    hc_user_set_role(user, HC_USER_ROLE_BUYER);
    status = hc_user_create(&id, house.system, user, HOUSE_PASSWORD, strlen(HOUSE_PASSWORD), err);
    hc_user_free(user);
    return status;
}

hc_status user_update(hc_error *err)
{
    hc_user *edit = hc_user_for(house.client, house.bea_id, version);
    char phone[32];
    hc_status status;

    snprintf(phone, sizeof phone, "+1 512 555 %04d", ++nouns_serial % 10000);
    hc_user_set_phone(edit, phone);
    status = hc_user_update(NULL, house.admin, edit, err);
    hc_user_free(edit);
    return status;
}

hc_status user_delete(hc_error *err)
{
    return hc_user_delete(house.admin, somebody, 1, err);
}

/* ---- agents ---- */

READS(agent, house.guest, house.ben_id, house.bea, agents)

hc_status agent_create(hc_error *err)
{
    hc_agent *agent = hc_agent_new(house.client);
    hc_status status;
    hc_id id;

    hc_agent_set_user_id(agent, somebody);
    hc_agent_set_bio(agent, "Knows every street.");
    status = hc_agent_create(&id, house.system, agent, err);
    hc_agent_free(agent);
    return status;
}

hc_status agent_update(hc_error *err)
{
    hc_agent *edit = hc_agent_for(house.client, house.ana_id, version);
    char bio[64];
    hc_status status;

    snprintf(bio, sizeof bio, "Knows %d streets.", ++nouns_serial);
    hc_agent_set_bio(edit, bio);
    status = hc_agent_update(NULL, house.ana, edit, err);
    hc_agent_free(edit);
    return status;
}

hc_status agent_delete(hc_error *err)
{
    return hc_agent_delete(house.admin, somebody, 1, err);
}
