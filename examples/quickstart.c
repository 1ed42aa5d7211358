/* The first twenty minutes with libhomeconnect: a store, an agent, a listing, a search.
 * cc quickstart.c $(pkg-config --cflags --libs homeconnect) -o quickstart && ./quickstart */
#include <stdio.h>
#include <string.h>

#include <homeconnect/homeconnect.h>

static const char passphrase[] = "only for this demo, never in production";

static int failed(const hc_error *err)
{
    return fprintf(stderr, "%s (%s) %s\n", hc_status_name(err->status), err->field, err->message), 1;
}

/* The trusted host makes agents; buyers register themselves with hc_auth_register(). */
static hc_status make_agent(hc_client *client, hc_session *host, hc_error *err)
{
    hc_user *ana = hc_user_new(client);
    hc_agent *profile = hc_agent_new(client);
    hc_id id;

    hc_user_set_email(ana, "ana@example.com");
    hc_user_set_full_name(ana, "Ana Ortiz");
    hc_user_set_role(ana, HC_USER_ROLE_AGENT);
    hc_status status = hc_user_create(&id, host, ana, passphrase, strlen(passphrase), err);
    if (status >= 0) {
        hc_agent_set_user_id(profile, id);
        hc_agent_set_license_number(profile, "TX-0042");
        hc_agent_set_license_expires_on(profile, 47481); /* 2099-12-31, in days since 1970 */
        hc_agent_set_license_verified_at(profile, 1);    /* µs since 1970: you looked it up */
        status = hc_agent_create(&id, host, profile, err);
    }
    hc_user_free(ana);
    hc_agent_free(profile);
    return status;
}

int main(void)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc_client *client;
    hc_session *host, *guest, *agent;
    hc_query *query;
    hc_property_page *page;
    hc_error err;
    hc_id id;

    options.storage_uri = "sqlite::memory:"; /* a file: "sqlite:homes.db" */
    if (hc_client_open(&client, &options, &err) < 0 || hc_session_system(&host, client, &err) < 0 ||
        hc_session_guest(&guest, client, "203.0.113.7", &err) < 0 || make_agent(client, host, &err) < 0)
        return failed(&err);

    hc_login login = {sizeof login, "ana@example.com", passphrase, strlen(passphrase)};
    if (hc_auth_login(&agent, guest, &login, &err) < 0)
        return failed(&err);

    hc_property *home = hc_property_new(client);
    hc_property_set_title(home, "Bungalow by the creek");
    hc_property_set_price(home, 48900000); /* cents: money never passes through a double */
    hc_property_set_address(home, "12 Creek Rd");
    hc_property_set_city(home, "Austin");
    hc_property_set_state(home, "TX");
    hc_property_set_zip_code(home, "78704");
    hc_property_set_property_type(home, HC_PROPERTY_HOUSE);
    hc_property_set_beds(home, 3);
    if (hc_property_create(&id, agent, home, &err) < 0) /* a bad value above would be named here */
        return failed(&err);

    if (hc_query_parse(&query, client, "city eq 'Austin' and price le 500000 and beds ge 3", "price", &err) < 0 ||
        hc_property_list(&page, guest, query, &err) < 0)
        return failed(&err);
    for (size_t i = 0; i < hc_property_page_count(page); i++)
        puts(hc_property_title(hc_property_page_at(page, i)));

    hc_property_page_free(page), hc_query_free(query), hc_property_free(home);
    hc_session_free(agent), hc_session_free(guest), hc_session_free(host), hc_client_close(client);
    return 0;
}
