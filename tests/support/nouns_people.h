/* Those of nouns.c that are about people: what a call is made ready by, and the call. */
#ifndef SUPPORT_NOUNS_PEOPLE_H
#define SUPPORT_NOUNS_PEOPLE_H

#include "homeconnect/error.h"

extern int nouns_serial; /* so that no name, address or key comes twice */

void people_open(void);
void people_close(void);

void make_somebody(void); /* a user whom nobody knows */
void make_agent(void);
void sign_somebody_in(void);
void read_user(void);
void read_agent(void);

hc_status session_guest(hc_error *err);
hc_status session_open(hc_error *err);
hc_status session_system(hc_error *err);
hc_status auth_login(hc_error *err);
hc_status auth_logout(hc_error *err);
hc_status auth_register(hc_error *err);
hc_status auth_change_password(hc_error *err);
hc_status user_create(hc_error *err);
hc_status user_get(hc_error *err);
hc_status user_get_many(hc_error *err);
hc_status user_list(hc_error *err);
hc_status user_update(hc_error *err);
hc_status user_delete(hc_error *err);
hc_status agent_create(hc_error *err);
hc_status agent_get(hc_error *err);
hc_status agent_get_many(hc_error *err);
hc_status agent_list(hc_error *err);
hc_status agent_update(hc_error *err);
hc_status agent_delete(hc_error *err);

#endif
